internal import Reporting
internal import Statistics

// Where the conclusion tips, and whose outcome is unknown.

extension EvidenceProse {
  private var match: [String: ResultTable.Cell] { ["outcome": .text(outcome.name)] }
  private var isBinary: Bool { outcome.kind == "binary" }
  private var meanStyle: NumberStyle {
    isBinary ? .perHundred(0) : outcome.kind == "share" ? .percent(1) : outcome.difference
  }

  /// What must be true of unknown outcomes for the conclusion to change.
  func tipping(_ report: inout Report) throws(SiblingError) {
    let context = report.context
    guard let rows = context.rows("tipping_point", where: match) else { return }
    let start = rows.rows(where: ["kind": "at-random"])
    report.document.heading(4, "What would change the conclusion")
    let side = start.value[0, "side"]
    let (low, high) = (try start.cell(row: 0, "conf.low"), try start.cell(row: 0, "conf.high"))
    let style = outcome.difference.signed
    switch side {
    case "above 0", "below 0", "includes 0":
      let verdict: Prose =
        side == "includes 0"
        ? "That is inconclusive: no difference lies within it."
        : "That is conclusive: no difference lies outside it."
      report.document.paragraph(
        "If outcomes are missing at random, so that people of unknown outcome are like known people of their group with the same characteristics, the difference is between \(low, style) and \(high, style). \(verdict)"
      )
    default:
      report.document.paragraph(
        "No interval can be shown for outcomes missing at random, so it can't be said what would change the conclusion."
      )
      return
    }
    var items: [Prose] = []
    for (line, label) in [
      ("treated", context.treatedLabel), ("comparison", context.comparisonLabel),
    ] {
      let found = rows.rows(where: ["kind": "tip", "line": .text(line)])
      for row in found.value.rows.indices
      where found.value[row, "event"].text?.hasPrefix("interval") == true {
        items.append(try one(found, row, start, line: line, label: label))
      }
    }
    let both = rows.rows(where: ["kind": "tip", "line": "both"])
    for row in both.value.rows.indices
    where both.value[row, "event"].text?.hasPrefix("interval") == true {
      items.append(try together(both, row, context))
    }
    report.document.list(items)
    try chart(rows, &report)
  }

  /// The sentence on moving one group's unknown outcomes.
  private func one(
    _ tip: Released<ResultTable>, _ row: Int, _ start: Released<ResultTable>, line: String,
    label: String
  ) throws(SiblingError) -> Prose {
    let other: Prose = "the other group's unknown outcomes as if missing at random"
    let settles = tip.value[row, "event"] == "interval excludes 0"
    let value = try tip.cell(row: row, "mean_\(line)")
    if tip.value[row, "estimate"] == .suppressed {
      return "For \(label) the point at which the conclusion changes can't be shown."
    }
    guard let number = value.number, let base = start.value[0, "mean_\(line)"].number else {
      return settles
        ? "Nothing that could be true of the unknown outcomes of \(label) alone would settle the question."
        : "Nothing that could be true of the unknown outcomes of \(label) alone changes the conclusion, with \(other)."
    }
    let known = try tip.cell(row: row, "known_\(line)")
    let change: Prose = settles ? "would be settled" : "changes"
    let direction: Prose = number < base ? "fewer" : "more"
    guard isBinary else {
      let less: Prose = number < base ? "less" : "more"
      return
        "The conclusion \(change) if \(label) of unknown outcome had on average \(less) than \(value, meanStyle), where those of known outcome had \(known, meanStyle), with \(other)."
    }
    return
      "The conclusion \(change) if \(direction) than \(value, meanStyle) of 100 people with unknown outcome among \(label) had \(outcome.label), where \(known, meanStyle) of 100 among those known had, with \(other)."
  }

  /// The sentence on moving both groups' unknown outcomes alike.
  private func together(
    _ tip: Released<ResultTable>, _ row: Int, _ context: ReportContext
  ) throws(SiblingError) -> Prose {
    let settles = tip.value[row, "event"] == "interval excludes 0"
    if tip.value[row, "estimate"] == .suppressed {
      return "The point at which both together change the conclusion can't be shown."
    }
    let treated = try tip.cell(row: row, "mean_treated")
    let comparison = try tip.cell(row: row, "mean_comparison")
    guard treated.number != nil, comparison.number != nil else {
      return settles
        ? "Moving both groups' unknown outcomes by the same shift does not settle the question."
        : "Moving both groups' unknown outcomes by the same shift does not change the conclusion."
    }
    let change: Prose = settles ? "is settled" : "changes"
    let of: Prose = isBinary ? " of 100" : ""
    return
      "Moving both groups by the same shift, the conclusion \(change) when it reaches \(treated, meanStyle)\(of) among \(context.treatedLabel) and \(comparison, meanStyle)\(of) among \(context.comparisonLabel) of unknown outcome."
  }

  private func chart(
    _ rows: Released<ResultTable>, _ report: inout Report
  ) throws(SiblingError) {
    let context = report.context
    let grid = rows.rows(where: ["kind": "grid"])
    let sides = Set(grid.value.cells("side").compactMap(\.text))
    guard !sides.isEmpty, !grid.value.cells("side").contains(.suppressed) else { return }
    let showsRates =
      isBinary && context.study.node["missing-evidence"]?[OptionKey.evidenceShifts.name] == nil
    func axis(_ label: String) -> String {
      showsRates
        ? "Of 100 with unknown outcome among \(label), with the outcome"
        : "Shift of unknown outcomes among \(label) from missing at random"
          + (isBinary ? ", log odds" : "")
    }
    let chart = TippingPointChart(
      title: sides.count == 1
        ? "No assumption shown changes the conclusion"
        : "The conclusion depends on what unknown outcomes are",
      subtitle: Prose(
        plain: "\(capitalised(outcome.label)), \(context.treatedLabel) less"
          + " \(context.comparisonLabel). " + context.placeAndPeriod),
      comparisonTitle: axis(context.comparisonLabel), treatedTitle: axis(context.treatedLabel),
      style: showsRates ? .perHundred(0) : isBinary ? .decimals(1).signed : .significant(3),
      showsRates: showsRates)
    try report.attempt(
      caption:
        "Each marker is an assumption about people of unknown outcome in both groups. The variance allows for imputing them."
    ) { () throws(SiblingError) in
      try chart.figure(rows, name: "tipping_point_\(outcome.name)")
    }
  }

  /// Whose outcome is unknown.
  func attrition(_ report: inout Report) throws(SiblingError) {
    let context = report.context
    guard let rows = context.rows("attrition_tests", where: match) else { return }
    report.document.heading(4, "Whose outcome is unknown")
    let difference = rows.rows(where: ["part": "rate", "term": "differential"])
    let treated = rows.rows(where: ["part": "rate", "term": "treated"])
    let comparison = rows.rows(where: ["part": "rate", "term": "comparison"])
    let points = NumberStyle.percentagePoints(1).signed
    let low = try difference.cell(row: 0, "conf.low")
    let high = try difference.cell(row: 0, "conf.high")
    let rates: Prose =
      "\(try treated.cell(row: 0, "estimate"), .percent(1)) of outcomes are unknown among \(context.treatedLabel) and \(try comparison.cell(row: 0, "estimate"), .percent(1)) among \(context.comparisonLabel)"
    report.document.paragraph(
      low.number == nil
        ? "\(rates)." : "\(rates): a difference of \(low, points.withoutWords) to \(high, points).")
    let boundary = rows.rows(where: ["part": "boundary"])
    if let verdict = boundary.value.cells("verdict").first?.text {
      report.document.paragraph(
        "By the What Works Clearinghouse's boundary, made for trials in schools and a yardstick here, such rates are \(verdict) (Standards Handbook 4.1, 2020, Table II.1)."
      )
    }
    let names = [
      "rate": "Share unknown", "reason": "Reason, difference in share", "test": "Joint test",
      "balance": "Standardised difference", "boundary": "Boundary",
    ]
    report.document.table(
      rows,
      caption:
        "Unknown outcomes by group and reason, joint tests that they go with group and characteristics, and how alike the groups are among everybody and among the known.",
      columns: [
        .init("part", "What", names: names),
        .init(
          "term", "Of",
          names: context.labels.merging([
            "overall": "everybody", "treated": context.treatedLabel,
            "comparison": context.comparisonLabel, "differential": "difference",
          ]) { first, _ in first }),
        .init("estimate", "Value", .decimals(3)),
        .interval("Interval", .decimals(3)), .init("statistic", "F or t", .decimals(2)),
        .init("p.value", "p", .pValue),
      ])
  }
}
