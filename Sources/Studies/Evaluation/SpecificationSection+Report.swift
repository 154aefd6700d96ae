internal import Reporting
internal import Statistics

extension SpecificationSection {
  private static let summaryName = "specification_summary"

  static func compose(_ report: inout Report) throws(SiblingError) {
    guard let table = report.context.table(name), let summary = report.context.table(summaryName),
      let choices = try SpecificationChoices(report.context.study),
      let outcome = report.context.outcome(summary.value[0, "outcome"].plainText)
    else { return }
    report.section("Other choices of the analysis")
    report.document.paragraph(
      "The effect on \(outcome.label) again, over every combination of choices that the study file declares as defensible: \(Prose(plain: choices.choices.map(\.name).joined(separator: ", "))). Choices that were not declared are not covered."
    )
    for paragraph in try sentences(summary, outcome, report) {
      report.document.paragraph(paragraph)
    }
    let style = outcome.difference.signed
    if (summary.value[0, "estimated"].number ?? 0) > 0 {
      let chart = SpecificationChart(
        title: chartTitle(summary),
        subtitle: Prose(
          plain: "\(capitalised(outcome.label)), \(report.context.treatedLabel) less"
            + " \(report.context.comparisonLabel). " + report.context.placeAndPeriod),
        choices: zip(choices.columns, choices.choices).map {
          .init(column: $0.column, title: capitalised($1.name))
        }, style: style, measure: report.axisTitle(outcome))
      try report.figure(
        chart.figure(table, name: "specification_curve"),
        caption:
          "Each column is a combination: its estimate with the interval above, the options it took below."
      )
    }
    try skipped(&report, table, choices)
    report.document.paragraph(
      "Every number is in [results/specifications.csv](results/specifications.csv), what they come to in [results/specification_summary.csv](results/specification_summary.csv). The estimates share people and outcomes: their share on one side is a description and no p-value."
    )
  }

  static func firstPage(_ report: Report) throws(SiblingError) -> [Prose] {
    guard let summary = report.context.table(summaryName),
      let outcome = report.context.outcome(summary.value[0, "outcome"].plainText)
    else { return [] }
    func cell(_ name: String) throws(SiblingError) -> ReleasedCell {
      try summary.cell(row: 0, name)
    }
    let (low, high) = (try cell("estimate_low"), try cell("estimate_high"))
    guard low.number != nil, high.number != nil else { return [] }
    let style = outcome.difference.signed
    return [
      "**Other choices.** Over the declared choices of the analysis (\(try cell("estimated"), .integer) estimates) the difference runs from \(low, style.bare) to \(high, style). \(try sides(summary))"
    ]
  }

  /// What the combinations have in common, in one or two paragraphs.
  private static func sentences(
    _ summary: Released<ResultTable>, _ outcome: OutcomeWords, _ report: Report
  ) throws(SiblingError) -> [Prose] {
    func cell(_ name: String) throws(SiblingError) -> ReleasedCell {
      try summary.cell(row: 0, name)
    }
    let style = outcome.difference.signed
    let estimated = try cell("estimated")
    guard (estimated.number ?? 0) > 0 else {
      return ["None of the \(try cell("declared"), .integer) combinations gave an estimate."]
    }
    let (low, high) = (try cell("estimate_low"), try cell("estimate_high"))
    guard low.number != nil, high.number != nil else {
      return [
        "\(estimated, .integer) combinations gave an estimate; what they have in common is withheld or there is none that asks the study's question."
      ]
    }
    let other = try cell("other_question")
    let aside: Prose =
      (other.number ?? 0) > 0
      ? " Of these, \(other, .integer) ask another question (another outcome, or whose effect); they are drawn and left out of what follows."
      : ""
    var paragraphs: [Prose] = [
      "Of \(try cell("declared"), .integer) combinations \(estimated, .integer) gave an estimate.\(aside) Estimates run from \(low, style.bare) to \(high, style) (median \(try cell("estimate_median"), style)); \(share(try cell("same_sign"))) point the same way as the median. \(try sides(summary))"
    ]
    let exchanges = try cell("exchanges")
    if exchanges.number != nil {
      let (median, share) = (try cell("p.median"), try cell("p.share"))
      paragraphs.append(
        "Exchanging treatment between the sites, the same way for all combinations (\(exchanges, .integer) exchanges), gives a median estimate as far from nothing with p \(median, .pValue), and as many intervals clear of it on one side with p \(share, .pValue)."
      )
    } else if report.context.study.node[name]?["draws"] != nil {
      paragraphs.append(
        "A test of all combinations together was asked for and can't be made: it needs few sites in each of them, judged by exchanging treatment."
      )
    }
    return paragraphs
  }

  /// Where the intervals lie, in a sentence.
  private static func sides(_ summary: Released<ResultTable>) throws(SiblingError) -> Prose {
    let (good, bad) = (
      try summary.cell(row: 0, "favourable"), try summary.cell(row: 0, "unfavourable")
    )
    if good.number == 0, bad.number == 0 { return "All intervals are inconclusive." }
    let conclusive = (good.number ?? 1) + (bad.number ?? 1)
    let rest: Prose = conclusive < 1 - 1e-9 ? "; the others are inconclusive" : ""
    return
      "Of the intervals, \(share(good)) lie wholly on the better side of no difference and \(share(bad)) on the worse side\(rest)."
  }

  /// A share in a sentence: nobody reads 0% or 100% as "none" and "all".
  private static func share(_ cell: ReleasedCell) -> Prose {
    switch cell.number {
    case 0: "none"
    case 1: "all"
    default: "\(cell, .percent())"
    }
  }

  private static func chartTitle(_ summary: Released<ResultTable>) -> Prose {
    guard let same = summary.value[0, "same_sign"].number,
      let good = summary.value[0, "favourable"].number,
      let bad = summary.value[0, "unfavourable"].number
    else { return "Estimates over the declared choices" }
    if good == 1 { return "Every declared combination is favourable" }
    if bad == 1 { return "Every declared combination is unfavourable" }
    if good > 0, bad > 0 { return "Favourable or unfavourable: it depends on the choices" }
    if same == 1 {
      return good > 0 || bad > 0
        ? "All point one way, not all are conclusive"
        : "All point one way, none is conclusive"
    }
    return good > 0 || bad > 0
      ? "The direction depends on the choices"
      : "Estimates on both sides of no difference, none conclusive"
  }

  /// The reasons why combinations were skipped, each with its number.
  private static func skipped(
    _ report: inout Report, _ table: Released<ResultTable>, _ choices: SpecificationChoices
  ) throws(SiblingError) {
    let rows = table.value.rows.indices.filter { table.value[$0, "status"] == "skipped" }
    guard !rows.isEmpty, let summary = report.context.table(summaryName) else { return }
    report.document.paragraph(
      "\(try summary.cell(row: 0, "skipped"), .integer) combinations can't be made or gave no estimate:"
    )
    let reasons = rows.map { table.value[$0, "reason"].plainText }.distinct
    report.document.list(reasons.map { Prose(plain: sentence($0)) })
  }

  static func methods(_ report: Report) -> [Prose] {
    guard let summary = report.context.table(summaryName) else { return [] }
    let isTested = summary.value[0, "exchanges"].number != nil
    return [
      "**Other choices.** Specification curve: Simonsohn, U., Simmons, J. P. and Nelson, L. D. (2020), doi:10.1038/s41562-020-0912-z; \(isTested ? "with their joint test by exchanging treatment, matches and weights held as they are" : "described, without a joint test")."
    ]
  }

  static func leftOut(_ report: Report) -> (section: Prose, input: Prose)? {
    let study = report.context.study.node
    guard study[name] == nil, study["matching"] != nil, !report.context.gate.failed else {
      return nil
    }
    return (
      "Other choices of the analysis",
      "the choices that would have been as defensible, `specifications`"
    )
  }
}
