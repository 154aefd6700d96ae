internal import Reporting
internal import Statistics

// Difference-in-differences: the effect, its path, the cohorts and what the estimate is made of.

extension Report {
  /// Difference-in-differences and the event study.
  mutating func panel() throws(SiblingError) {
    guard !context.gate.failed else { return }
    let rows = context.rows("estimates", where: ["analysis": "difference-in-differences"])
    guard rows != nil || context.table("event_study") != nil else { return }
    section("Difference-in-differences")
    if let rows {
      let name = rows.value[0, "outcome"].text ?? ""
      let outcome = context.outcome(name)
      let style = (outcome?.difference ?? .decimals(3)).signed
      let measured = outcome.map { unit($0) } ?? ""
      let cells = try EffectCells(rows, row: 0)
      if rows.value[0, "conf.low"] != .missing {
        document.paragraph(
          "The change over time among \(context.treatedLabel) is compared with the change among \(context.comparisonLabel). The \(context.gate.verdict == .causal ? "effect" : "difference in change") lies between \(cells.low, style.withoutWords) and \(cells.high, style) (95% interval; best estimate \(cells.estimate, style); p \(cells.pValue, .pValue))."
        )
      } else {
        document.paragraph(
          "The change over time among \(context.treatedLabel) is compared with the change among \(context.comparisonLabel). The best estimate of the difference is \(cells.estimate, style); no interval for it could be stood behind."
        )
      }
      document.table(
        rows, caption: "Difference-in-differences estimates.",
        columns: [
          .init("estimator", "Estimator"),
          .init("estimate", "Estimate\(measured)", style.withoutWords),
          .interval("95% interval", style.withoutWords),
          .init("std.error", "Standard error\(measured)", outcome?.error ?? .significant(4)),
          .init("p.value", "p", .pValue), .init("se_type", "Convention"),
        ])
    }
    if let means = context.table("means") {
      let style = context.outcomes.first?.difference ?? .decimals(3)
      document.table(
        means, caption: "Mean outcomes before and after.",
        columns: [
          .init("arm", "Group"), .init("period", "Period"), .init("mean", "Mean", style),
          .init("n", "Units", .integer),
        ])
    }
    document.paragraph(
      "The comparison rests on parallel trends: without treatment the outcome would have changed by as much in both groups (for the covariate-adjusted estimators: among similar units). Where estimators differ much, so do the groups."
    )
    for note in context.panelNotes { document.paragraph(Prose(plain: note)) }
    try cohorts()
    try eventStudies()
    try decompositions()
  }

  /// A name of a table's analyses, in the order of the rows.
  func analyses(_ name: String) -> [(name: String, rows: Released<ResultTable>)] {
    guard let table = context.table(name) else { return [] }
    var seen: [String] = []
    for cell in table.value.cells("analysis") {
      if let text = cell.text, !seen.contains(text) { seen.append(text) }
    }
    return seen.compactMap { analysis in
      context.rows(name, where: ["analysis": .text(analysis)]).map { (analysis, $0) }
    }
  }

  /// The style of the panel's outcome, and its name.
  private var panelOutcome: (label: String, style: NumberStyle) {
    let outcome = context.outcomes.first
    guard let outcome, outcome.kind != "number" else {
      return (outcome?.label ?? "outcome", .decimals(3))
    }
    return (outcome.label, outcome.difference.bare)
  }

  /// What the axis of effects measures; money has its sign at the ticks.
  private var panelMeasure: String {
    switch context.outcomes.first?.kind {
    case "binary", "share": "Effect, percentage points"
    case "weeks": "Effect, weeks"
    default: "Effect"
    }
  }

  /// A chart of every cohort for each set of group-time effects.
  private mutating func cohorts() throws(SiblingError) {
    for (name, rows) in analyses("group_time") {
      let cohorts = Set(rows.value.cells("group").compactMap(\.number)).count
      // Beyond a dozen panels nobody reads them; the path since the start stands below.
      guard cohorts <= 12 else { continue }
      let (label, style) = panelOutcome
      var chart = GroupTimeChart(
        title: cohorts == 1
          ? "Effects by period" : "Effects by period, a panel for each cohort",
        subtitle: Prose(
          plain: "\(capitalised(label)), against \(context.comparisonLabel); 95% intervals. "
            + context.placeAndPeriod), style: style)
      chart.measure = panelMeasure
      try figure(
        chart.figure(rows, name: Self.fileName("group_time", name)),
        caption:
          "Group-time effects: each cohort against its controls. Hollow circles stand before the start, where there should be nothing to see."
      )
      if rows.value.cells("std.error").indices.contains(where: { row in
        rows.value[row, "std.error"] == .missing && rows.value[row, "reference"] != .flag(true)
      }) {
        document.paragraph(
          "Marks without an interval belong to cohorts of one or two units or clusters, for which this formula has no honest standard error."
        )
      }
    }
  }

  /// A file name of its own for each analysis after the first of its method.
  static func fileName(_ stem: String, _ analysis: String) -> String {
    let number = analysis.split(separator: " ").last.flatMap { Int($0) }
    return number.map { "\(stem)_\($0)" } ?? stem
  }

  private mutating func eventStudies() throws(SiblingError) {
    for (name, study) in analyses("event_study") {
      let isRegression = name == "event-study"
      let method = isRegression ? "two-way fixed effects" : "averages of group-time effects"
      let (label, style) = panelOutcome
      let section = context.study.node["event-study"]
      let binned: Prose =
        section?["leads"] == nil && section?["lags"] == nil
        ? "" : " The outermost periods gather all that lie beyond them."
      let hasBands = study.value.cells("band.low").contains { $0 != .missing }
      var chart = EventStudyChart(
        title: "Effects before and after the start",
        subtitle: Prose(
          plain: "\(capitalised(label)), "
            + (isRegression ? "difference to the reference period; " : "") + "\(method);"
            + " 95% intervals\(hasBands ? ", dashed: for all periods at once" : ""). "
            + context.placeAndPeriod),
        style: style, unit: "periods", start: "Treatment starts")
      chart.measure = panelMeasure
      try figure(
        chart.figure(
          study,
          name: isRegression ? "event_study" : Self.fileName("event_study_cohorts", name)),
        caption: isRegression
          ? "Estimates by period relative to the start, two-way fixed effects; the reference period is marked.\(binned)"
          : "Averages of group-time effects by period relative to the start. Before it each is the change from the period before, unless one base is declared for all."
      )
      document.table(
        study,
        caption: isRegression
          ? "Event-study estimates by two-way fixed effects; the reference period is zero by construction."
          : "Averages of group-time effects by time since the start.",
        columns: [
          .init("rel_time", "Period", .decimals(0)), .init("estimate", "Estimate", style),
          .interval("95% interval", style),
          .init("n", isRegression ? "Observations" : "Treated unit-periods", .integer),
        ])
      if isRegression, let test = context.rows("diagnostics", where: ["check": "pre-trends (p)"]) {
        let p = try test.cell(row: 0, "value")
        document.paragraph(
          p.number == nil
            ? "Too few units are seen before the start for a joint test that all periods before it are zero: it would find trends where there are none."
            : "The joint test that all periods before the start are zero has p \(p, .pValue), by a reference that allows for few units. A large p-value does not show that trends were parallel."
        )
      }
    }
  }

  /// What a two-way coefficient is made of.
  private mutating func decompositions() throws(SiblingError) {
    for (name, rows) in analyses("decomposition") {
      let (label, style) = panelOutcome
      guard !rows.value.isSuppressed(anywhereIn: "weight") else {
        document.paragraph(
          "What the two-way coefficient averages can't be drawn: disclosure control withheld part of it."
        )
        continue
      }
      let chart = DecompositionChart(
        title: "What the two-way coefficient averages",
        subtitle: Prose(
          plain: "Two-by-two differences in differences of \(label), against their weights. "
            + context.placeAndPeriod), style: style, names: [:])
      try figure(
        chart.figure(rows, name: Self.fileName("decomposition", name)),
        caption:
          "Goodman-Bacon decomposition of the two-way fixed-effects estimate. Comparisons of later with earlier starters use treated units as controls: their weight is what staggered timing puts at risk."
      )
    }
  }
}
