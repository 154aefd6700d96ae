internal import Reporting
internal import Statistics

extension ImputationSection {
  static func compose(_ report: inout Report) throws(SiblingError) {
    let context = report.context
    guard let node = context.study.node["imputation"], !context.gate.failed else { return }
    let effects = context.table("imputed_effects")
    let columns = context.table("imputed_columns")
    guard effects != nil || columns != nil || context.cohortNotes["imputed_effects"] != nil else {
      return
    }
    report.section("Missing values filled in")
    guard let effects else {
      report.document.paragraph(
        "Nothing that the effects use is missing, so there was nothing to impute.")
      return
    }
    report.document.paragraph(
      "The results above leave out everybody who lacks a value that they use. Here those values were filled in several times over, each time with a draw from what people with like values had, and the effects estimated on every completed copy of the data and pooled. The intervals grow with what is not known. This is right when, among people alike in what is recorded, those with a gap do not differ from those without; where gaps tell something themselves, such as clients who could not be reached because they had no job, only bounds can show how far that could go."
    )
    if context.cohortNotes["imputed_effects"]?.contains(unsettled) == true {
      report.document.callout(
        "Not to be relied upon yet", ["\(markdown: sentence(unsettled))"])
    }
    if let columns {
      report.document.table(
        columns, caption: "What was imputed.",
        columns: [
          .init("column", "Column"), .init("n_missing", "Without a value", .integer),
          .init("n_observed", "With a value", .integer),
          .init("share", "Share without", .percent(1)),
          .init("r_hat", "R-hat", .decimals(2)),
        ])
    }
    for outcome in context.outcomes {
      guard let rows = context.rows("imputed_effects", where: ["outcome": .text(outcome.name)])
      else { continue }
      try effect(outcome, rows, &report)
    }
    let scales = Set(effects.value.cells("scale").compactMap(\.text))
    if scales.count == 1, scales.first != "difference" {
      report.document.paragraph("Estimates are ratios; pooling was done on their logarithms.")
    }
    notes(node, &report)
  }

  private static func effect(
    _ outcome: OutcomeWords, _ rows: Released<ResultTable>, _ report: inout Report
  ) throws(SiblingError) {
    report.document.heading(3, "\(capitalised(outcome.label)), gaps filled in")
    let isDifference = rows.value[0, "scale"] == "difference"
    if isDifference {
      let sentence = EffectSentence(context: report.context, outcome: outcome)
      for paragraph in try sentence.headline(rows, row: 0) { report.document.paragraph(paragraph) }
    }
    if let verdict = rows.value[0, "verdict"].text {
      let lead = Report.estimateNames[rows.value[0, "estimator"].text ?? ""] ?? "the estimator"
      report.document.paragraph(Prose(plain: Self.change(verdict, lead)))
    }
    let style: NumberStyle = isDifference ? outcome.difference.signed : .decimals(2)
    report.document.table(
      rows,
      caption:
        "Effects on \(outcome.label), pooled over the completed copies, and among people without gaps.",
      columns: [
        .init("estimator", "Estimator"), .init("estimate", "Imputed", style.withoutWords),
        .interval("95% interval", style.withoutWords), .init("p.value", "p", .pValue),
        .init("fmi", "Information missing", .percent(0)),
        .init("complete.estimate", "Without gaps", style.withoutWords),
        .interval(
          "95% interval", low: "complete.conf.low", high: "complete.conf.high",
          style.withoutWords),
        .init("verdict", "Against people without gaps"),
      ])
  }

  private static func change(_ verdict: String, _ lead: String) -> String {
    switch verdict {
    case "same conclusion":
      "Filling in what is missing leaves the conclusion by \(lead) as it was among people without gaps."
    case "becomes inconclusive":
      "Filling in what is missing makes the result by \(lead) inconclusive: the interval now includes no difference, which should not be taken to mean that there is no effect."
    case "becomes conclusive":
      "Filling in what is missing makes the result by \(lead) conclusive, which it is not among people without gaps; it then rests on the imputation model as much as on the data."
    default:
      "Filling in what is missing turns the conclusion by \(lead) round: the two can't both be right, and neither should be relied upon before it is known why values are missing."
    }
  }

  private static func notes(_ node: StudyNode, _ report: inout Report) {
    let site =
      node[OptionKey.imputationSite.name]?.text
      ?? report.context.study.node["assignment"]?["site"]?.text
    let effects = node[OptionKey.siteEffects.name]?.text ?? "fixed"
    let sites =
      site == nil
      ? "without sites"
      : effects == "random"
        ? "with a random intercept of each site" : "with an indicator of each site"
    report.document.paragraph(
      "By chained equations \(sites) (van Buuren 2018, doi:10.1201/9780429492259), pooled by Rubin's rules with the degrees of freedom of Barnard and Rubin (1999, doi:10.1093/biomet/86.4.948) where the estimator has degrees of freedom of its own, else those of large samples. The models hold the treatment, the outcomes and all covariates."
    )
    report.document.list(
      (report.context.cohortNotes["imputed_effects"] ?? []).filter { $0 != unsettled }.map {
        Prose(plain: capitalised($0) + ".")
      })
  }
}
