internal import Reporting
internal import Statistics

// Achievements against contract targets and payments against plans.

extension Report {
  /// The performance section.
  mutating func performance() throws(SiblingError) {
    guard let all = context.table("performance") else { return }
    section("Performance against targets")
    let sums = ["across-bands", "across-projects"]
    func isSum(_ row: Int) -> Bool { sums.contains(all.value[row, "scope"].plainText) }
    let rows = all.rows(at: all.value.rows.indices.filter { !isSum($0) })
    let isCounted = rows.value.firstRow(where: ["scope": "counted"]) != nil
    // Contracts of the study's own tables are known by their sites.
    var names = context.projectNames
    for row in all.value.rows.indices where isCounted {
      names[all.value[row, "contract"].plainText] = all.value[row, "site"].plainText
    }
    let chart = TargetsChart(
      title: "What the contracts achieved of their targets",
      subtitle: Prose(plain: context.placeAndPeriod), names: names)
    try figure(
      chart.figure(rows, name: "targets"),
      caption: "Achieved as a share of target, by project and outcome; the line marks the target.")
    document.paragraph(
      "Intervals treat the target as fixed and the achieved number as a Poisson count (Garwood's exact interval): they say how far chance alone could have moved the achievement."
    )
    let columns: [Document.TableColumn] = [
      .init("site", "Project"), .init("outcome", "Outcome"), .init("target", "Target", .integer),
      .init("actual", "Achieved", .integer), .init("difference", "Difference", .integer.signed),
      .init("ratio", "Achieved / target", .percent(1)), .interval("95% interval", .percent(1)),
    ]
    document.table(
      rows,
      caption: isCounted
        ? "Targets of the latest plan to date, and what was reached."
        : "Targets and achievements as published.", columns: columns)
    let totals = all.rows(at: all.value.rows.indices.filter(isSum))
    document.table(
      totals,
      caption: isCounted ? "All contracts together." : "Totals over hours bands and projects.",
      columns: columns)
    if let rates = context.table("conversions") {
      document.table(
        rates, caption: "Conversion from stage to stage; refused where the counts are not nested.",
        columns: [
          .init("site", "Project"), .init("from", "From"), .init("to", "To"),
          .init("numerator", "Reached", .integer), .init("denominator", "Of", .integer),
          .init("rate", "Rate", .percent(1)), .interval("95% interval", .percent(1)),
          .init("refusal", "Why not"),
        ])
    }
    try payments()
    guard !context.anomalies.isEmpty else { return }
    document.heading(3, "Anomalies in the published figures")
    document.paragraph(
      "The figures are shown as published. These can't be right, or need a word of explanation; none was smoothed over."
    )
    document.list(context.anomalies.map { Prose(plain: $0) })
  }

  private mutating func payments() throws(SiblingError) {
    guard let payments = context.table("payments") else { return }
    document.heading(3, "Payments against plans")
    let chart = PaymentsChart(
      title: "Payments so far against first and latest plan",
      subtitle: Prose(plain: "Cumulative outcome payments by quarter. \(context.placeAndPeriod)"),
      names: context.projectNames)
    try figure(
      chart.figure(payments, name: "payments"),
      caption: "Cumulative payments by project: paid, latest plan and first plan.")
    guard let totals = context.table("payment_totals") else { return }
    document.table(
      totals,
      caption:
        "Payments by project, each up to its own latest quarter reported (column As of); to-date plans cover the same quarters.",
      columns: [
        .init("site", "Project"), .init("first_plan", "First plan", .pounds()),
        .init("first_plan_to_date", "First plan to date", .pounds()),
        .init("latest_plan_to_date", "Latest plan to date", .pounds()),
        .init("actual", "Paid", .pounds()), .init("maximum", "Maximum", .pounds()),
        .init("share_of_maximum", "Paid / maximum", .percent(1)),
        .init("as_of", "As of"),
      ])
    let reported = payments.value.rows.indices.filter {
      payments.value[$0, "actual"].number != nil
    }
    document.table(
      payments.rows(at: reported),
      caption:
        "Payments by quarter against both plans, quarters with a payment reported; the file holds the others.",
      columns: [
        .init("contract", "Project", names: context.projectNames),
        .init("quarter_end", "Quarter to"), .init("first_plan", "First plan", .pounds()),
        .init("latest_plan", "Latest plan", .pounds()), .init("actual", "Paid", .pounds()),
        .init("actual_less_first_plan", "Paid less first plan", .pounds().signed),
        .init("actual_less_latest_plan", "Paid less latest plan", .pounds().signed),
        .init("actual_total", "Paid, added up", .pounds()),
      ])
  }
}
