internal import Reporting
internal import Statistics
internal import Tables

// How strong something unrecorded would have to be, in plain words.

extension Report {
  /// The section on hidden bias; nothing where effects are withheld.
  mutating func hiddenBias() throws(SiblingError) {
    let rows = context.table("hidden_bias")
    guard !context.gate.failed, rows != nil || !context.hiddenBiasRemarks.isEmpty else { return }
    let name = context.study.node["effects"]?.elements.first?["outcome"]?.text ?? ""
    let label = context.outcome(name)?.label ?? name
    let style = (context.outcome(name)?.difference ?? .decimals(3)).signed
    section("What something unrecorded could do")
    document.paragraph(
      "The design makes the groups alike in what was recorded. This section asks how strong something that was not recorded would have to be to change the conclusion on \(label). It does not show whether there is such a thing."
    )
    try rosenbaum(style)
    try evalue()
    try robustness(style, label: label)
    try manski(style)
    try negativeControls()
    for remark in context.hiddenBiasRemarks { document.paragraph(Prose(plain: remark)) }
  }

  /// The methods behind the section; nil where it is absent.
  var hiddenBiasMethods: Prose? {
    guard context.table("hidden_bias") != nil else { return nil }
    let node = context.study.node["hidden-bias"]
    var parts: [Prose] = []
    if context.rows("hidden_bias", where: ["analysis": "rosenbaum"]) != nil {
      parts.append(
        "bounds for matched sets (Rosenbaum 2002, doi:10.1007/978-1-4757-3692-2; M-statistics 2007, doi:10.1111/j.1541-0420.2006.00717.x)"
      )
    }
    if node?["e-value"] != nil {
      parts.append("E-values (VanderWeele and Ding 2017, doi:10.7326/M16-2607)")
    }
    if context.rows("hidden_bias", where: ["analysis": "robustness"]) != nil {
      parts.append(
        "robustness values and benchmarks (Cinelli and Hazlett 2020, doi:10.1111/rssb.12348)")
    }
    if node?["manski"] != nil {
      parts.append(
        "bounds without assumptions, with intervals for the effect (Imbens and Manski 2004, doi:10.1111/j.1468-0262.2004.00555.x)"
      )
    }
    if node?["negative-control"] != nil {
      parts.append("negative-control outcomes with Holm's adjustment")
    }
    guard var text = parts.first else { return nil }
    for part in parts.dropFirst() { text = "\(text); \(part)" }
    return "**Hidden bias.** By \(text)."
  }

  /// 1 less the confidence level, as in `0.05`.
  private var alpha: String { NumberText.significant(1 - context.study.level, digits: 3) }

  private static var statisticNames: [String: String] {
    [
      "wilcoxon": "signed ranks", "mcnemar": "McNemar's test", "m": "M-statistic",
      "hodges-lehmann": "Hodges–Lehmann estimate",
    ]
  }

  private mutating func rosenbaum(_ style: NumberStyle) throws(SiblingError) {
    guard let bounds = context.rows("hidden_bias", where: ["analysis": "rosenbaum"]) else { return }
    document.heading(3, "Hidden bias within matched sets")
    let values =
      context.rows("hidden_bias", where: ["analysis": "sensitivity-value"]) ?? bounds.rows(at: [])
    for row in values.value.rows.indices {
      let value = try values.cell(row: row, "value")
      let item = values.value[row, "item"].text ?? ""
      let words = Self.statisticNames[item] ?? item
      guard let number = value.number else { continue }
      document.paragraph(
        number > 1
          ? "By \(words), an unrecorded factor would have to multiply the odds of treatment, between people who were matched, by at least Γ = \(value, .decimals(2)) before the p-value could exceed \(alpha)."
          : "By \(words), the p-value is above \(alpha) even without hidden bias (Γ = \(value, .decimals(0))): this test alone comes to no conclusion that hidden bias could overturn. It asks whether whole distributions differ, the headline whether means do."
      )
    }
    let hasP = bounds.value.cells("p.upper").contains { $0 != .missing }
    let hasEffect = bounds.value.cells("low").contains { $0 != .missing }
    var columns: [Document.TableColumn] = [
      .init("item", "Statistic"), .init("setting", "Γ", .decimals(2)),
    ]
    if hasP {
      columns += [
        .init("p.lower", "Smallest p", .pValue), .init("p.upper", "Largest p", .pValue),
      ]
    }
    if hasEffect {
      columns += [
        .interval("Effect (Hodges–Lehmann)", low: "low", high: "high", style.withoutWords),
        .interval("95% interval", style.withoutWords),
      ]
    }
    document.table(
      bounds,
      caption:
        "Bounds on the p-value and on the effect when the odds of treatment may differ by a factor Γ within matched sets.",
      columns: columns)
  }

  private mutating func evalue() throws(SiblingError) {
    guard let rows = context.rows("hidden_bias", where: ["analysis": "e-value"]) else { return }
    let point = try rows.cell(row: 0, "value")
    let limit = try rows.cell(row: 0, "value_limit")
    let scale = rows.value[0, "item"].text ?? ""
    document.heading(3, "E-value")
    let start: Prose =
      "An unrecorded factor would have to be associated with both treatment and outcome by risk ratios of at least \(point, .decimals(2)) each, beyond the recorded covariates, to explain the estimate away"
    if limit.number == 1 {
      document.paragraph(
        "\(start). The interval holds no effect already (E-value of its limit \(limit, .decimals(0)))."
      )
    } else {
      document.paragraph(
        "\(start), and of at least \(limit, .decimals(2)) to move the interval to no effect.")
    }
    document.paragraph(
      scale == "risk ratio"
        ? "The E-value is computed from the risk ratio."
        : "The E-value is computed from the difference in standard deviations of the outcome, which stands for a risk ratio approximately."
    )
  }

  private mutating func robustness(
    _ style: NumberStyle, label: String
  ) throws(SiblingError) {
    guard let rows = context.rows("hidden_bias", where: ["analysis": "robustness"]) else { return }
    let estimate = try rows.cell(row: 0, "estimate")
    let (low, high) = (try rows.cell(row: 0, "conf.low"), try rows.cell(row: 0, "conf.high"))
    let value = try rows.cell(row: 0, "value")
    let limit = try rows.cell(row: 0, "value_limit")
    document.heading(3, "An omitted variable in a regression")
    document.paragraph(
      "A linear regression on the adjusted sample, with the covariates of the design, puts the difference between \(low, style) and \(high, style) (best estimate \(estimate, style))."
    )
    let node = context.study.node["hidden-bias"]?["robustness"]
    let isWhole = (node?["q"]?.text.flatMap { Double($0) } ?? 1) == 1
    let target = isWhole ? "to nought" : "by the share \(node?["q"]?.text ?? "") of itself"
    let share: Prose = node?["alpha"]?.text.map { Prose(plain: $0) } ?? "0.05"
    let interval: Prose =
      limit.number == 0
      ? "its interval reaches that value without one"
      : "\(limit, .percent(1)) are enough for its interval to reach that value at the \(share) level"
    document.paragraph(
      "An omitted variable that explains \(value, .percent(1)) of what is left of the variance both of treatment and of the outcome would lower that estimate \(target); \(interval)."
    )
    let benchmarks = context.rows("hidden_bias", where: ["analysis": "benchmark"])
    if let benchmarks {
      document.table(
        benchmarks,
        caption:
          "The estimate if an omitted variable were so many times as strong as a recorded covariate was before adjustment, which balanced the covariate but nothing omitted. Blank: no variable can be that strong.",
        columns: [
          .init("item", "Covariate", names: context.labels),
          .init("setting", "Times as strong", .significant(3)),
          .init("r2_treatment", "Of treatment", .percent(1)),
          .init("r2_outcome", "Of outcome", .percent(1)),
          .init("estimate", "Estimate", style.withoutWords),
          .interval("95% interval", style.withoutWords),
        ])
    }
    try contour(style, label: label, benchmarks: benchmarks)
  }

  private mutating func contour(
    _ style: NumberStyle, label: String, benchmarks: Released<ResultTable>?
  ) throws(SiblingError) {
    guard let grid = context.table("hidden_bias_contour"),
      grid.value.cells("estimate").allSatisfy({ $0.number != nil })
    else { return }
    let chart = SensitivityContourChart(
      title: "What an omitted variable would leave of the estimate",
      subtitle: Prose(
        plain: "\(capitalised(label)), difference, \(context.treatedLabel) less"
          + " \(context.comparisonLabel); linear regression. " + context.placeAndPeriod),
      style: style.withoutWords, names: context.labels)
    try figure(
      chart.figure(grid, benchmarks: benchmarks),
      caption:
        "Lines join strengths of an omitted variable that leave the same estimate; diamonds are variables as strong as recorded covariates were before adjustment, or so many times as strong."
    )
  }

  private mutating func manski(_ style: NumberStyle) throws(SiblingError) {
    guard let rows = context.rows("hidden_bias", where: ["analysis": "manski"]) else { return }
    let (low, high) = (try rows.cell(row: 0, "low"), try rows.cell(row: 0, "high"))
    document.heading(3, "Bounds without assumptions")
    document.paragraph(
      "If nothing is assumed about who was treated, the data alone put the effect between \(low, style) and \(high, style), chance aside. Everything narrower rests on the design."
    )
    document.table(
      rows, caption: "No-assumption bounds of the effect.",
      columns: [
        .init("item", "Effect and assumption"),
        .interval("Bounds", low: "low", high: "high", style.withoutWords),
        .interval("95% interval", style.withoutWords),
      ])
  }

  private mutating func negativeControls() throws(SiblingError) {
    guard let rows = context.rows("hidden_bias", where: ["analysis": "negative-control"]) else {
      return
    }
    document.heading(3, "Outcomes that should show nothing")
    let adjusted = rows.value.cells("p.holm").map(\.number)
    if adjusted.contains(where: { ($0 ?? 1) < 1 - context.study.level }) {
      document.paragraph(
        "The same design and estimator find a difference in an outcome that the treatment can't have affected. The groups differ in something that the design does not balance, so the effects above may be biased too."
      )
    } else if adjusted.allSatisfy({ $0 != nil }) {
      document.paragraph(
        "The same design and estimator find no clear difference in outcomes that the treatment can't have affected. That is reassuring and no proof."
      )
    } else {
      document.paragraph(
        "The same design and estimator were applied to outcomes that the treatment can't have affected; not every result can be shown, so no conclusion is drawn from them."
      )
    }
    document.table(
      rows, caption: "Negative controls, with Holm's adjustment for being several.",
      columns: [
        .init("outcome", "Outcome"), .init("estimate", "Estimate", .significant(4)),
        .interval("95% interval", .significant(4)), .init("p.upper", "p", .pValue),
        .init("p.holm", "p, adjusted", .pValue),
      ])
  }
}
