internal import Contracts
internal import Reporting
internal import Statistics

/// The result tables of contract performance.
enum PerformanceTables {
  /// A project's name, or what a total adds up.
  static func siteName(_ site: String, cohort: String) -> String {
    guard site == "all" else { return site }
    switch cohort {
    case "smi": return "All severe mental illness projects"
    case "ld": return "All learning disability projects"
    case "all", "": return "All projects"
    default: return "All \(cohort) projects"
    }
  }

  /// An outcome in words.
  static func label(_ stage: OutcomeStage, _ band: HoursBand) -> String {
    let name =
      switch stage {
      case .engagement: "Engagement"
      case .jobStart: "Job start"
      case .sustained: "Sustained job"
      }
    switch band {
    case .any: return name
    case .under16: return "\(name), under 16 h"
    case .atLeast16: return "\(name), 16 h or more"
    }
  }

  static func targets() throws(SiblingError) -> ResultTable {
    let counts = ["actual"]
    return try ResultTable(
      name: "performance", summary: "Achievements against contract targets.",
      columns: [
        .label("contract", "The contract or project; `all` is every project"),
        .label("cohort", "The kind of clients: smi, ld; `all` is everybody"),
        .label("site", "The project's name"), .label("outcome", "The paid outcome"),
        .label("scope", "published, counted (from tables by period), or which rows are added up"),
        .number("target", "The target"), .count("actual", "What was achieved"),
        .derived("difference", from: counts, "Achieved less target")
          .remade(.sum(["actual", "-target"]), otherwise: .coarse(2)),
        .derived("ratio", from: counts, "Achieved divided by target")
          .remade(.fraction(ResultTable.Fraction("actual", of: ["target"])), otherwise: .coarse(2)),
        .derived("conf.low", from: counts, "Lower limit of the ratio, target taken as fixed")
          .remade(.garwood(.low, "actual", over: "target"), otherwise: .coarse(2)),
        .derived("conf.high", from: counts, "Upper limit of the ratio, target taken as fixed")
          .remade(.garwood(.high, "actual", over: "target"), otherwise: .coarse(2)),
        .derived("p.value", from: counts, "Exact Poisson test of achieved against target")
          .coarse(1),
        .text("note", "A data-quality remark"),
      ])
  }

  static func conversions() throws(SiblingError) -> ResultTable {
    let counts = ["denominator", "numerator"]
    let share = ResultTable.Fraction("numerator", of: ["denominator"])
    return try ResultTable(
      name: "conversions", summary: "Shares of one stage that reached the next.",
      columns: [
        .label("contract", "The contract or project; `all` is every project"),
        .label("cohort", "The kind of clients: smi, ld; `all` is everybody"),
        .label("site", "The project's name"), .label("from", "The earlier stage"),
        .label("to", "The later stage"), .count("denominator", "Count at the earlier stage"),
        .count("numerator", "Count at the later stage"),
        .derived("rate", from: counts, "Share that reached the later stage")
          .remade(.fraction(share), otherwise: .coarse(2)),
        .derived("conf.low", from: counts, "Lower limit (Clopper–Pearson)")
          .remade(.clopperPearson(.low, share), otherwise: .coarse(2)),
        .derived("conf.high", from: counts, "Upper limit (Clopper–Pearson)")
          .remade(.clopperPearson(.high, share), otherwise: .coarse(2)),
        .text("refusal", "Why no rate is given"),
      ])
  }

  static func paymentTotals() throws(SiblingError) -> ResultTable {
    try ResultTable(
      name: "payment_totals", summary: "Payments by contract against plans and maximum.",
      columns: [
        .label("contract", "The contract or project; `all` is every project"),
        .label("site", "The project's name"), .number("first_plan", "First plan, all quarters"),
        .number("first_plan_to_date", "First plan over the quarters reported"),
        .number("latest_plan_to_date", "Latest plan over the quarters reported"),
        .number("actual", "Paid"), .number("maximum", "Most that may be paid"),
        .number("share_of_maximum", "Paid as a share of the maximum"),
        .number("share_of_first_plan_to_date", "Paid as a share of the first plan to date"),
        .number("quarters_reported", "Quarters with a payment reported"),
        .text("as_of", "Latest quarter reported"), .text("currency", "ISO code"),
      ])
  }
}
