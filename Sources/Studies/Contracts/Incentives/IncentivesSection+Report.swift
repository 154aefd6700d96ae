internal import Reporting
internal import Statistics

// The audit of incentives in the report.

extension IncentivesSection {
  static func compose(_ report: inout Report) throws(SiblingError) {
    let said = report.context.cohortNotes[notes]
    guard report.context.study.node["incentives"] != nil, let said else { return }
    report.section("What the rules of payment may have done to the records")
    let words = FlowWords(report.context.study)
    // What is not in the tests is told before what they find.
    let isMissing = { (note: String) in note.contains("left out") && note.contains(" jobs ") }
    report.document.list(FlowWords.items(said.filter(isMissing), report.context))
    if let rows = report.context.table("bunching") {
      try lengths(&report, rows, words)
    }
    if let rows = report.context.table("hours_heaping") { try hours(&report, rows, words) }
    if let rows = report.context.table("claim_timing") { try claims(&report, rows, words) }
    report.document.list(FlowWords.items(said.filter { !isMissing($0) }, report.context))
  }

  /// The lengths that are audited, in their order.
  private static func thresholds(_ rows: Released<ResultTable>) -> [Double] {
    Set(rows.value.cells("threshold").compactMap(\.number)).sorted()
  }

  /// A length in weeks, as the cell of a row that has it.
  private static func weeks(_ rows: Released<ResultTable>, _ threshold: Double) -> Prose {
    let cell = try? rows.cell("threshold", where: ["threshold": .number(threshold)])
    return cell.map { "\($0, .significant(3))" } ?? "the"
  }

  private static func lengths(
    _ report: inout Report, _ rows: Released<ResultTable>, _ words: FlowWords
  ) throws(SiblingError) {
    let all = thresholds(rows).map { weeks(rows, $0) }
    let list = all.dropFirst().reduce(all.first ?? "the") { "\($0), \($1)" }
    report.document.paragraph(
      "The contracts pay for jobs that last \(list) weeks. That gives a reason to hold a job until then, and none to hold it longer, so that jobs may end just after. Jobs also end at whole months, because people and records think in months: such heaps are allowed for and are not gaming. An excess that is found is no proof of intent; it says where to look."
    )
    if report.context.table("threshold_hazard") != nil {
      report.document.paragraph(
        "The section on jobs at the payment threshold tests the same rate of job ends on the first jobs that are followed there. The hazards here count every job whose days are known, so that the two differ somewhat; they are not two pieces of evidence."
      )
    }
    for threshold in thresholds(rows) {
      try found(&report, rows.rows(where: ["threshold": .number(threshold)]), threshold)
      if let bins = report.context.rows(
        "bunching_histogram", where: ["threshold": .number(threshold)])
      {
        try histogram(&report, bins, threshold, isFound(rows, threshold, report), words)
      }
    }
    report.document.table(
      rows,
      caption:
        "Tests of bunching at the threshold. Ratios are 1 and differences 0 without bunching. The smallest excess is what each test would have found four times out of five.",
      columns: [
        .init("method", "Test"), .init("term", "What is estimated"),
        .init("arm", "Jobs of", names: words.names),
        .init("threshold", "Weeks", .significant(3)),
        .init("estimate", "Estimate", .significant(3)), .interval("Interval", .significant(3)),
        .init("p.value", "p", .pValue), .init("p.holm", "p, adjusted", .pValue),
        .init("detectable", "Smallest excess found", .significant(3)),
        .init("detectable_measure", "Counted in"), .init("n", "Jobs", .integer),
      ])
  }

  /// What was found at one threshold, the interval first, then what would have been found.
  private static func found(
    _ report: inout Report, _ rows: Released<ResultTable>, _ threshold: Double
  ) throws(SiblingError) {
    let text = weeks(rows, threshold)
    guard let row = compared(rows.value).first else {
      report.document.paragraph(
        "**\(text) weeks.** The arms' lengths could not be compared; the table holds each arm's own tests."
      )
      return
    }
    let low = try rows.cell(row: row, "conf.low")
    let high = try rows.cell(row: row, "conf.high")
    guard let lower = low.number, let upper = high.number else {
      report.document.paragraph(
        "**\(text) weeks.** Too few jobs ended around this length to compare the arms.")
      return
    }
    let reading: Prose =
      lower > 0
      ? "This is more than chance explains; look at the jobs themselves before anything is concluded"
      : upper < 0
        ? "Fewer than expected ended there, which is not what paying for the length would do"
        : "This is inconclusive: it includes no difference, and should not be taken to mean that nothing was done"
    report.document.paragraph(
      "**\(text) weeks.** Of the jobs that ended within eight weeks of it, the share that ended in the two weeks right after, beyond what lengths on either side lead to expect, was between \(low, .perHundred(1)) and \(high, .percentagePoints(1)) higher in sites that are paid for it than in the others. \(reading)."
    )
    let share = try rows.cell(row: row, "detectable_share")
    let jobs = try rows.cell(row: row, "detectable")
    if share.number != nil {
      report.document.paragraph(
        "Had \(share, .percent()) of the jobs that ended just before been held until just after (\(jobs, .significant(3)) jobs), this comparison would have found it four times out of five. Less than that may well be missed."
      )
    } else if jobs.number != nil {
      report.document.paragraph(
        "An excess of \(jobs, .significant(3)) jobs would have been found four times out of five; less may well be missed."
      )
    } else {
      report.document.paragraph("No excess, however large, would have been found reliably.")
    }
    if let rank = rows.value.firstRow(where: ["method": "placebo-rank"]) {
      let place = try rows.cell(row: rank, "estimate")
      let p = try rows.cell(row: rank, "p.value")
      report.document.paragraph(
        "Among lengths that nobody pays for, the same comparison puts this one at place \(place, .integer) (one-sided p = \(p, .pValue)), where 1 is the largest excess."
      )
    }
  }

  /// The rows that compare the arms' lengths, sites as clusters.
  private static func compared(_ table: ResultTable) -> [Int] {
    table.rows.indices.filter {
      table[$0, "method"] == "difference-in-bunching"
        && !table[$0, "term"].plainText.hasSuffix("exchanged")
    }
  }

  /// Whether a test that can raise a warning found an excess at a threshold.
  private static func isFound(
    _ rows: Released<ResultTable>, _ threshold: Double, _ report: Report
  ) -> Bool {
    let table = rows.value
    return table.rows.indices.contains { row in
      guard table[row, "threshold"] == .number(threshold),
        let p = table[row, "p.holm"].number, p <= 1 - report.context.study.level
      else { return false }
      return table[row, "method"] == "placebo-rank" || (table[row, "estimate"].number ?? 0) > 0
    }
  }

  private static func histogram(
    _ report: inout Report, _ bins: Released<ResultTable>, _ threshold: Double, _ isFound: Bool,
    _ words: FlowWords
  ) throws(SiblingError) {
    let text = weeks(bins, threshold)
    try report.figure(
      BunchingChart(
        title: isFound
          ? "More jobs than expected end right after \(text) weeks"
          : "No clear excess of jobs right after \(text) weeks",
        subtitle: Prose(
          plain: "Jobs that ended, by length in weeks. " + report.context.placeAndPeriod),
        names: words.names
      ).figure(bins, name: "bunching_\(text.plainText.replacingPoint)"),
      caption:
        "Jobs by length; the line is what lengths outside the shaded weeks lead to expect, heaps at round lengths included."
    )
  }

  private static func hours(
    _ report: inout Report, _ rows: Released<ResultTable>, _ words: FlowWords
  ) throws(SiblingError) {
    report.document.heading(3, "Hours at the boundary of a price")
    var text: Prose =
      "Where a job of 16 hours a week is paid more than one of 15, hours may be written down as 16. Sixteen hours have long been a boundary of benefits too, so that a heap there is common anywhere."
    if let row = rows.value.rows.indices.first(where: {
      rows.value[$0, "term"].plainText.hasPrefix("heap at 16 in one arm")
    }) {
      let low = try rows.cell(row: row, "conf.low")
      let high = try rows.cell(row: row, "conf.high")
      if let lower = low.number, let upper = high.number {
        let reading: Prose =
          lower > 1
          ? "heaping is stronger where it is paid for, jobs taken as independent"
          : upper < 1 ? "heaping is weaker where it is paid for" : "a difference is inconclusive"
        text =
          "\(text) Against heaps at other round hours, the odds of exactly 16 in sites that are paid for it were between \(low, .significant(3)) and \(high, .significant(3)) times those of the comparison sites: \(reading)."
      }
    }
    report.document.paragraph(text)
    table(&report, rows, words, caption: "Weekly hours at 16 and around.", of: "Jobs")
  }

  private static func claims(
    _ report: inout Report, _ rows: Released<ResultTable>, _ words: FlowWords
  ) throws(SiblingError) {
    report.document.heading(3, "When outcomes are dated and claimed")
    report.document.paragraph(
      "Each stretch of days that payment gives a meaning to is set against the days beside it, or against its share of the calendar. A ratio of 1 means no crowding. Crowding can be the rhythm of paperwork as well; rows without a p-value are descriptive, and no adjustment is made for looking at several."
    )
    table(&report, rows, words, caption: "Dates of outcomes and claims.", of: "Claims")
  }

  private static func table(
    _ report: inout Report, _ rows: Released<ResultTable>, _ words: FlowWords, caption: Prose,
    of what: String
  ) {
    report.document.table(
      rows, caption: caption,
      columns: [
        .init("term", "What"), .init("arm", "Of", names: words.names),
        .init("n_inside", "There", .integer), .init("n_outside", "Set against", .integer),
        .init("estimate", "Estimate", .significant(3)), .interval("Interval", .significant(3)),
        .init("p.value", "p", .pValue),
        .init("detectable", "Smallest found", .significant(3)), .init("n", what, .integer),
      ])
  }

  static func warnings(_ report: Report) -> [Prose] {
    guard let rows = report.context.table("bunching") else { return [] }
    return thresholds(rows).filter { isFound(rows, $0, report) }.map { threshold in
      "**WARN**, payment threshold of \(weeks(rows, threshold)) weeks: more jobs than expected ended right after it where it is paid for, compared with other sites and with lengths that nobody pays for; this is no proof of intent."
    }
  }

  static func methods(_ report: Report) -> [Prose] {
    guard report.context.table("bunching") != nil else { return [] }
    return [
      "**Incentives.** Job lengths at payment thresholds: exact binomial tests; the local-polynomial density test (Cattaneo, Jansson and Ma 2020, doi:10.1080/01621459.2019.1635480); excess mass with round-number controls (Chetty, Friedman, Olsen and Pistaferri 2011, doi:10.1093/qje/qjr013; Kleven 2016, doi:10.1146/annurev-economics-080315-015234); the difference in bunching with sites as clusters (CR2; Pustejovsky and Tipton 2018, doi:10.1080/07350015.2016.1247004), by exchanging sites, and ranked among lengths that nobody pays for; the hazard right after against around. The difference and its rank can raise a warning, adjusted for several tests (Holm 1979). Hours and dates: exact binomial and Fisher's exact tests."
    ]
  }

  static func leftOut(_ report: Report) -> (section: Prose, input: Prose)? {
    report.context.study.node["incentives"] == nil
      ? (
        "What the rules of payment may have done to the records",
        "jobs with their days, contracts and tariffs, and an `incentives` section"
      ) : nil
  }
}

extension String {
  /// A number's text as part of a file's name.
  fileprivate var replacingPoint: String { String(map { $0 == "." ? "_" : $0 }) }
}
