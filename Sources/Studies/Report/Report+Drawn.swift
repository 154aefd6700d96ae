internal import Reporting
internal import Statistics

// Charts of analyses that the study calls by their verb.

extension Report {
  /// The chart of an analysis, where its verb has one.
  mutating func chart(
    of name: String, verb: String, label: String, _ rows: Released<ResultTable>
  ) throws(SiblingError) {
    switch verb {
    case "synth": try syntheticChart(name, label)
    case "its": try seriesChart(name, label)
    case "did-sensitivity": try rerunChart(name, label, rows)
    case "bacon": try decompositionChart(name, label, rows)
    case "honest-did": try boundsChart(name)
    default: break
    }
  }

  /// The style of the outcome that an analysis names.
  private func style(of name: String) -> (words: String, style: NumberStyle) {
    let node = (context.study.node["analyses"]?.elements ?? []).first {
      $0["name"]?.text == name
    }
    let outcome = node?["outcome"]?.text ?? ""
    guard let words = context.outcome(outcome) else { return (outcome, .significant(3)) }
    return (words.label, words.kind == "number" ? .decimals(3) : words.difference.bare)
  }

  private mutating func syntheticChart(_ name: String, _ label: String) throws(SiblingError) {
    guard let rows = context.rows("synthetic", where: ["analysis": .text(name)]) else { return }
    let (words, style) = style(of: name)
    let placebos: Prose =
      rows.value.firstRow(where: ["series": "placebo"]) == nil
      ? "" : " Thin lines show the gaps of comparison units taken as if treated."
    let chart = SyntheticChart(
      title: "The treated beside their synthetic control",
      subtitle: Prose(plain: "\(capitalised(words)). " + context.placeAndPeriod), style: style,
      measure: capitalised(words))
    try figure(
      chart.figure(rows, name: "synthetic_\(name)"),
      caption:
        "Before the start the two lines should lie on each other; after it their gap is the effect. Several treated units that start together are averaged.\(placebos)"
    )
  }

  private mutating func seriesChart(_ name: String, _ label: String) throws(SiblingError) {
    guard let rows = context.rows("series", where: ["analysis": .text(name)]) else { return }
    let (words, style) = style(of: name)
    let chart = SeriesChart(
      title: "The series before and after the change",
      subtitle: Prose(plain: "\(capitalised(words)). " + context.placeAndPeriod), style: style,
      measure: capitalised(words))
    try figure(
      chart.figure(rows, name: "series_\(name)"),
      caption:
        "Points are observed, lines are fitted; the dotted line is what the series would have been without the change, if nothing else had changed."
    )
  }

  private mutating func rerunChart(
    _ name: String, _ label: String, _ rows: Released<ResultTable>
  ) throws(SiblingError) {
    let drawn = rows.value.rows.indices.filter {
      rows.value[$0, "estimate"].number != nil && rows.value[$0, "conf.low"].number != nil
    }
    guard (2...40).contains(drawn.count) else { return }
    let (words, style) = style(of: name)
    let chart = ForestPlot(
      title: "The estimate with something left out",
      subtitle: Prose(plain: "\(capitalised(words)); 95% intervals. " + context.placeAndPeriod),
      style: style, axisTitle: "Difference", labels: ["kind", "left_out"])
    try figure(
      chart.figure(rows.rows(at: drawn), name: "reruns_\(name)"),
      caption: "Each row estimates again; placebo dates come before the true start.")
  }

  private mutating func decompositionChart(
    _ name: String, _ label: String, _ rows: Released<ResultTable>
  ) throws(SiblingError) {
    // Sums by type and the total have no treated cohort.
    let drawn = rows.value.rows.indices.filter {
      rows.value[$0, "treated_cohort"] != .missing && rows.value[$0, "weight"].number != nil
    }
    guard !drawn.isEmpty, !rows.value.isSuppressed(anywhereIn: "weight") else { return }
    let (words, style) = style(of: name)
    let chart = DecompositionChart(
      title: "What the two-way coefficient averages",
      subtitle: Prose(
        plain: "Two-by-two differences in differences of \(words), against their weights. "
          + context.placeAndPeriod), style: style)
    try figure(
      chart.figure(rows.rows(at: drawn), name: "decomposition_\(name)"),
      caption:
        "Comparisons of later with earlier starters use treated units as controls; their weight is what staggered timing puts at risk."
    )
  }

  /// How far trends may differ before the conclusion falls.
  private mutating func boundsChart(_ name: String) throws(SiblingError) {
    guard let rows = context.rows("trend_bounds", where: ["analysis": .text(name)]),
      rows.value.cells("conf.low").contains(where: { $0.number != nil })
    else { return }
    let isRelative = rows.value.firstRow(where: ["kind": "relative-magnitude"]) != nil
    let (words, style) = style(of: name)
    let node = (context.study.node["analyses"]?.elements ?? []).first { $0["name"]?.text == name }
    let target = node?["target"]?.text ?? "0"
    let whose = target == "average" ? "average effect" : "effect at event time \(target)"
    let chart = TrendBoundsChart(
      title: "The effect when trends need not be parallel",
      subtitle: Prose(
        plain: "\(capitalised(words)): \(whose), 95% intervals, normal quantiles. "
          + context.placeAndPeriod),
      style: style,
      axisTitle: isRelative
        ? "Difference in trends allowed, as a multiple of the largest seen before the start"
        : "Change of slope allowed from one period to the next")
    try figure(
      chart.figure(rows, name: "trend_bounds_\(name)"),
      caption: isRelative
        ? "At 1, the two groups may drift apart after the start by as much in a period as they ever did before it (Rambachan and Roth)."
        : "At 0, the difference in trends before the start goes on in a straight line (Rambachan and Roth)."
    )
  }
}
