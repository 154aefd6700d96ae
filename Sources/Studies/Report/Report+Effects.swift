internal import Reporting
internal import Statistics

// Sections that hold results: effects, panels, sensitivity.

extension Report {
  /// The effects on the matched design, every estimator side by side.
  mutating func primaryResult() throws(SiblingError) {
    guard !context.gate.failed else {
      section("Result")
      document.paragraph(
        "Effects are withheld because a check of the design failed; see the diagnostics below.")
      return
    }
    let analyses = ["unadjusted", "few-sites", "matched", "bounds", "benchmark"]
    guard let all = context.table("estimates") else { return }
    let outcomes = context.outcomes.filter { outcome in
      context.rows("estimates", where: ["analysis": "matched", "outcome": .text(outcome.name)])
        != nil
    }
    guard !outcomes.isEmpty else { return }
    section("Results for every outcome")
    for outcome in outcomes {
      let rows = all.rows(
        at: all.value.rows.indices.filter { row in
          all.value[row, "outcome"] == .text(outcome.name)
            && analyses.contains(all.value[row, "analysis"].text ?? "")
        })
      try effect(outcome, rows)
    }
  }

  private mutating func effect(
    _ outcome: OutcomeWords, _ rows: Released<ResultTable>
  ) throws(SiblingError) {
    document.heading(3, "\(capitalised(outcome.label))")
    guard let lead = rows.value.firstRow(where: ["analysis": .text(context.leadingAnalysis)]) else {
      return
    }
    let sentence = EffectSentence(context: context, outcome: outcome)
    for paragraph in try sentence.headline(rows, row: lead) { document.paragraph(paragraph) }
    let style = outcome.difference.signed
    let chart = ForestPlot(
      title: try sentence.chartTitle(rows, row: lead),
      subtitle: Prose(
        plain: "Difference, \(context.treatedLabel) less \(context.comparisonLabel);"
          + " 95% intervals. " + context.placeAndPeriod),
      style: style, axisTitle: axisTitle(outcome), labels: ["analysis", "estimator", "term"],
      directions: outcome.higherIsBetter
        ? (below: "favours comparison", above: "favours treated")
        : (below: "favours treated", above: "favours comparison"),
      names: Self.estimateNames)
    try figure(
      chart.figure(rows, name: "forest_\(outcome.name)"),
      caption: context.gate.verdict == .causal
        ? "The effect by estimator. Chance decided who was treated, so the difference between the groups as randomised leads; the adjusted estimates check it."
        : "The effect by estimator. The unadjusted difference is for comparison only.")
    document.table(
      rows, caption: "Estimates for \(outcome.label).",
      columns: [
        .init("analysis", "Analysis"), .init("estimator", "Estimator"), .init("term", "Term"),
        .init("estimate", "Estimate\(unit(outcome))", style.withoutWords),
        .interval("95% interval", style.withoutWords),
        .init("p.value", "p", .pValue), .init("n_treated", "Treated", .integer),
        .init("n_comparison", "Comparison", .integer), .init("se_type", "Standard error"),
      ])
    ownComparisons(rows)
    if rows.value.firstRow(where: ["analysis": "bounds"]) != nil {
      document.paragraph(
        "The bounds read what could not be seen in the worst and in the best way for the treated; the truth lies between them, chance aside."
      )
    }
  }

  /// The unit of a difference, for a column's heading.
  func unit(_ outcome: OutcomeWords) -> String {
    switch outcome.kind {
    case "binary", "share": " (percentage points)"
    case "weeks": " (weeks)"
    default: ""
    }
  }

  static var estimateNames: [String: String] {
    [
      "unadjusted": "Unadjusted", "matched": "Adjusted", "few-sites": "Adjusted, by site",
      "bounds": "Bounds",
      "benchmark": "Benchmark", "gcomp": "g-computation", "difference": "difference",
      "aipw": "augmented weighting", "tmle": "targeted learning", "dml": "double machine learning",
      "abadie-imbens": "matching, ties averaged",
      "difference, by site": "the difference, judged by site",
      "experiment": "experiment", "difference-in-differences": "Differences",
      "dr": "doubly robust", "means": "means only", "twfe": "two-way fixed effects",
      "callaway-santanna": "group-time effects",
    ]
  }

  func axisTitle(_ outcome: OutcomeWords) -> String {
    switch outcome.kind {
    case "binary", "share": "Difference in percentage points"
    case "amount": "Difference in \(outcome.unit)"
    case "weeks": "Difference in weeks"
    default: "Difference"
    }
  }

  /// The primary effect under other designs.
  mutating func sensitivity() throws(SiblingError) {
    guard !context.gate.failed, let rows = context.table("sensitivity") else { return }
    section("Sensitivity to the design")
    let name = rows.value[0, "analysis"].text ?? ""
    let style = (context.outcome(name)?.difference ?? .decimals(3)).signed
    let label = context.outcome(name)?.label ?? name
    document.paragraph(
      "The primary estimate (\(label)) when one choice of the design is changed.")
    document.table(
      rows, caption: "The estimate under alternative designs.",
      columns: [
        .init("changed", "Design"),
        .init(
          "estimate", "Estimate\(context.outcome(name).map { unit($0) } ?? "")",
          style.withoutWords),
        .interval("95% interval", style.withoutWords),
        .init("verdict", "Against the primary analysis"),
      ])
  }
}
