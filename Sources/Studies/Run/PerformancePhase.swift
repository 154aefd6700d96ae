internal import Contracts
internal import Reporting
internal import Statistics
internal import Tables

/// Achievements against contract targets, and payments against plans.
struct PerformancePhase {
  let study: StudyFile
  /// The inputs read, for the manifest.
  private(set) var inputs: [Manifest.Input] = []
  /// What in the figures can't be right, as published.
  private(set) var anomalies: [DataAnomaly] = []
  /// The names of projects by identifier.
  private(set) var names: [String: String] = [:]
  /// The kind of clients of each project by identifier.
  private var cohorts: [String: String] = [:]
  /// The month up to which payments are reported.
  private(set) var asOf: String?

  init(_ study: StudyFile) { self.study = study }

  /// Reads the files and fills the performance and payments tables.
  ///
  /// - Throws: what is wrong with a file, located.
  mutating func run(_ tables: inout StudyTables) throws(SiblingError) {
    guard let node = study.node["performance"] else { return }
    let maxima = try projects(node)
    try targets(node, &tables)
    if node["payments"] != nil { try payments(node, maxima, &tables) }
  }

  private mutating func read(_ node: StudyNode, _ key: String) throws(SiblingError) -> Table? {
    guard let name = node[key]?.text else { return nil }
    let path = study.resolve(name)
    let table = try TableFile.read(path: path)
    inputs.append(try StudyData.input(name, path: path))
    return table
  }

  private mutating func projects(_ node: StudyNode) throws(SiblingError) -> [ContractMaximum] {
    guard let table = try read(node, "projects") else { return [] }
    let ids = try Self.required(table, "project")
    let sites = try Self.required(table, "site")
    let maxima = try table.doubles("max_outcome_payment_gbp")
    let kinds = table["cohort"] == nil ? nil : try table.strings("cohort")
    var result: [ContractMaximum] = []
    for row in ids.indices {
      names[ids[row]] = sites[row]
      cohorts[ids[row]] = kinds?[row]
      result.append(
        ContractMaximum(
          project: ids[row], site: sites[row],
          maximum: maxima[row].isNaN ? nil : try Money(pounds: maxima[row])))
    }
    return result
  }

  private mutating func targets(
    _ node: StudyNode, _ tables: inout StudyTables
  ) throws(SiblingError) {
    guard let table = try read(node, "targets") else { return }
    let projects = try Self.required(table, "project")
    let sites = try Self.required(table, "site")
    let stages = try Self.required(table, "outcome")
    let bands = try Self.required(table, "hours_band")
    let target = try Self.counts(table, "target")
    let achieved = try Self.counts(table, "achieved")
    var counts: [OutcomeCount] = []
    for row in projects.indices {
      guard let stage = OutcomeStage(rawValue: stages[row]) else {
        throw Self.unknown(
          table, row, "outcome", stages[row], OutcomeStage.allCases.map(\.rawValue))
      }
      guard let band = HoursBand(rawValue: bands[row]) else {
        throw Self.unknown(table, row, "hours_band", bands[row], HoursBand.allCases.map(\.rawValue))
      }
      names[projects[row]] = names[projects[row]] ?? sites[row]
      counts.append(
        OutcomeCount(
          project: projects[row], site: sites[row], cohort: cohorts[projects[row]] ?? "",
          stage: stage, band: band, target: target[row], achieved: achieved[row]))
    }
    let performance: Performance
    do {
      performance = try PerformanceAgainstTargets(level: study.level).compare(counts)
    } catch {
      throw table.locating(error)
    }
    anomalies += performance.anomalies
    try fill(performance, &tables)
  }

  private func fill(
    _ performance: Performance, _ tables: inout StudyTables
  ) throws(SiblingError) {
    var result = try PerformanceTables.targets()
    for row in performance.rows + performance.totals {
      let note = performance.anomalies.first {
        $0.project == row.project && $0.subject.contains(row.stage.rawValue)
          && row.scope == .published
      }
      try result.append([
        "contract": .text(row.project), "cohort": .text(row.cohort),
        "site": .text(Self.siteName(row.site, cohort: row.cohort)),
        "outcome": .text(Self.label(row.stage, row.band)), "scope": .text(row.scope.rawValue),
        "target": Cell(row.target), "actual": Cell(row.achieved),
        "difference": Cell(row.difference), "ratio": Cell(row.ratio?.estimate),
        "conf.low": Cell(row.ratio?.interval?.low), "conf.high": Cell(row.ratio?.interval?.high),
        "p.value": Cell(row.ratio?.pValue), "note": Cell(note?.sentence),
      ])
    }
    tables.performance = result
    var rates = try PerformanceTables.conversions()
    for row in performance.conversions where row.basis == .achieved {
      try rates.append([
        "contract": .text(row.project), "cohort": .text(row.cohort),
        "site": .text(Self.siteName(row.site, cohort: row.cohort)),
        "from": .text(Self.label(row.from, .any)), "to": .text(Self.label(row.to, .any)),
        "denominator": Cell(row.denominator),
        "numerator": Cell(row.numerator), "rate": Cell(row.rate?.estimate),
        "conf.low": Cell(row.rate?.interval?.low), "conf.high": Cell(row.rate?.interval?.high),
        "refusal": Cell(row.refusal?.sentence),
      ])
    }
    tables.conversions = rates
  }

  private mutating func payments(
    _ node: StudyNode, _ maxima: [ContractMaximum], _ tables: inout StudyTables
  ) throws(SiblingError) {
    guard let table = try read(node, "payments") else { return }
    let projects = try Self.required(table, "project")
    let quarters = try Self.required(table, "quarter_end")
    let amounts = [
      try table.doubles("first_plan_gbp"), try table.doubles("latest_plan_gbp"),
      try table.doubles("actual_gbp"),
    ]
    var rows: [PaymentQuarter] = []
    for row in projects.indices {
      do {
        var money: [Money?] = []
        for column in amounts {
          money.append(column[row].isNaN ? nil : try Money(pounds: column[row]))
        }
        rows.append(
          PaymentQuarter(
            project: projects[row], quarter: try CalendarMonth(quarters[row]),
            firstPlan: money[0], latestPlan: money[1], actual: money[2]))
      } catch {
        throw error.located(table.location(row: row))
      }
    }
    let reconciliation: PaymentReconciliation
    do {
      reconciliation = try QuarterlyPayments().reconcile(rows, maxima: maxima)
    } catch {
      throw table.locating(error)
    }
    anomalies += reconciliation.anomalies
    asOf = reconciliation.asOf?.description
    try fill(reconciliation, &tables)
  }

  private func fill(
    _ reconciliation: PaymentReconciliation, _ tables: inout StudyTables
  ) throws(SiblingError) {
    for row in reconciliation.quarters {
      try tables.payments.append([
        "contract": .text(row.project), "quarter_end": .text(row.quarter.description),
        "first_plan": Cell(row.firstPlan?.pounds), "latest_plan": Cell(row.latestPlan?.pounds),
        "actual": Cell(row.actual?.pounds),
        "first_plan_total": Cell(row.cumulativeFirstPlan?.pounds),
        "latest_plan_total": Cell(row.cumulativeLatestPlan?.pounds),
        "actual_total": Cell(row.cumulativeActual?.pounds), "currency": "GBP",
      ])
    }
    var totals = try PerformanceTables.paymentTotals()
    for row in reconciliation.totals {
      try totals.append([
        "contract": .text(row.project), "site": .text(Self.siteName(row.site, cohort: "")),
        "first_plan": .number(row.firstPlan.pounds),
        "first_plan_to_date": Cell(row.firstPlanToDate?.pounds),
        "latest_plan_to_date": Cell(row.latestPlanToDate?.pounds),
        "actual": .number(row.actual.pounds), "maximum": Cell(row.maximum?.pounds),
        "share_of_maximum": Cell(row.shareOfMaximum),
        "share_of_first_plan_to_date": Cell(row.shareOfFirstPlanToDate),
        "quarters_reported": .number(Double(row.quartersReported)),
        "as_of": Cell(row.asOf?.description), "currency": "GBP",
      ])
    }
    tables.paymentTotals = totals
  }

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

  private static func required(_ table: Table, _ name: String) throws(SiblingError) -> [String] {
    var result: [String] = []
    for (row, text) in try table.strings(name).enumerated() {
      guard let text else {
        throw SiblingError(
          .missingValue, "'\(name)' is empty", location: table.location(row: row, column: name),
          column: name)
      }
      result.append(text)
    }
    return result
  }

  private static func counts(_ table: Table, _ name: String) throws(SiblingError) -> [Int] {
    var result: [Int] = []
    for (row, value) in try table.doubles(name).enumerated() {
      guard let count = Int(exactly: value) else {
        throw SiblingError(
          .badCell, "'\(name)' must be a whole number",
          location: table.location(row: row, column: name), column: name)
      }
      result.append(count)
    }
    return result
  }

  private static func unknown(
    _ table: Table, _ row: Int, _ name: String, _ text: String, _ known: [String]
  ) -> SiblingError {
    SiblingError(
      .unknownLevel, "'\(name)' holds a word that has no meaning here",
      help: "it takes: " + known.joined(separator: ", "),
      suggestion: nearestName(to: text, among: known),
      location: table.location(row: row, column: name), column: name, cell: text)
  }
}

/// The result tables of contract performance.
enum PerformanceTables {
  static func targets() throws(SiblingError) -> ResultTable {
    let counts = ["actual"]
    return try ResultTable(
      name: "performance", summary: "Achievements against contract targets.",
      columns: [
        .label("contract", "The contract or project; `all` is every project"),
        .label("cohort", "The kind of clients: smi, ld; `all` is everybody"),
        .label("site", "The project's name"), .label("outcome", "The paid outcome"),
        .label("scope", "published, or which rows are added up"),
        .number("target", "The target"), .count("actual", "What was achieved"),
        .derived("difference", from: counts, "Achieved less target"),
        .derived("ratio", from: counts, "Achieved divided by target"),
        .derived("conf.low", from: counts, "Lower limit of the ratio, target taken as fixed"),
        .derived("conf.high", from: counts, "Upper limit of the ratio, target taken as fixed"),
        .derived("p.value", from: counts, "Exact Poisson test of achieved against target"),
        .text("note", "A data-quality remark"),
      ])
  }

  static func conversions() throws(SiblingError) -> ResultTable {
    let counts = ["denominator", "numerator"]
    return try ResultTable(
      name: "conversions", summary: "Shares of one stage that reached the next.",
      columns: [
        .label("contract", "The contract or project; `all` is every project"),
        .label("cohort", "The kind of clients: smi, ld; `all` is everybody"),
        .label("site", "The project's name"), .label("from", "The earlier stage"),
        .label("to", "The later stage"), .count("denominator", "Count at the earlier stage"),
        .count("numerator", "Count at the later stage"),
        .derived("rate", from: counts, "Share that reached the later stage"),
        .derived("conf.low", from: counts, "Lower limit (Clopper–Pearson)"),
        .derived("conf.high", from: counts, "Upper limit (Clopper–Pearson)"),
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
