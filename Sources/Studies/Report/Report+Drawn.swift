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
    let chart = SyntheticChart(
      title: "The treated beside their synthetic control",
      subtitle: Prose(plain: "\(capitalised(words)). " + context.placeAndPeriod), style: style,
      measure: capitalised(words))
    try figure(
      chart.figure(rows, name: "synthetic_\(name)"),
      caption:
        "Before the start the two lines should lie on each other; after it their gap is the effect. Thin lines show the gaps of comparison units taken as if treated."
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
    guard !drawn.isEmpty else { return }
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
}
