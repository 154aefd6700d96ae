internal import Reporting
internal import Statistics

extension Report {
  /// The effect within the levels of declared columns, with the joint test that they agree.
  mutating func subgroups() throws(SiblingError) {
    guard !context.gate.failed,
      let rows = context.rows("estimates", where: ["analysis": "subgroups"])
    else { return }
    section("Subgroups")
    for node in context.study.node["effects"]?.elements ?? [] {
      guard let outcome = context.outcome(node["outcome"]?.text ?? ""),
        let column = node["subgroup"]?.text,
        let own = context.rows(
          "estimates", where: ["analysis": "subgroups", "outcome": .text(outcome.name)])
      else { continue }
      document.heading(3, "\(capitalised(outcome.label)), by \(column)")
      let style = outcome.difference.signed
      document.table(
        own, caption: "Estimates for \(outcome.label) by \(column).",
        columns: [
          .init("estimator", "Estimator"), .init("subgroup", "Group"), .init("term", "Term"),
          .init("estimate", "Estimate", style.withoutWords),
          .interval("95% interval", style.withoutWords), .init("p.value", "p", .pValue),
          .init("n_treated", "Treated", .integer), .init("n_comparison", "Comparison", .integer),
        ])
    }
    if rows.value.firstRow(where: ["term": "interaction"]) != nil {
      document.paragraph(
        "The rows called interaction test whether the effect is the same in every group. Where that p-value is not small, the groups' estimates are no evidence that the effect differs between them; an effect that is conclusive in one group and not in another is none either."
      )
    }
  }

  /// Says of estimators that make their own comparison that the design has no part in them.
  mutating func ownComparisons(_ rows: Released<ResultTable>) {
    let names = ["aipw", "tmle", "dml", "abadie-imbens"].filter {
      rows.value.firstRow(where: ["analysis": "matched", "estimator": .text($0)]) != nil
    }
    guard !names.isEmpty else { return }
    document.paragraph(
      Prose(
        plain: "By \(names.joined(separator: ", ")), everybody is compared with everybody by the"
          + " estimator's own models or matches: the design above has no part in it, and the effect"
          + " is not confined to those whom the design kept."))
  }

  /// What the estimators of the effects are, for those that were asked for.
  var estimatorMethods: [Prose] {
    let used = Set(
      (context.study.node["effects"]?.elements ?? []).flatMap { $0.texts("estimators") })
    var items: [Prose] = []
    if used.contains("aipw") {
      items.append(
        "**Augmented weighting.** A model of the treatment and one of the outcome in each group, right when either is (Robins, Rotnitzky and Zhao 1994, doi:10.1080/01621459.1994.10476818). Standard errors are M-estimation's, which knows that the models were estimated (Stefanski and Boos 2002, doi:10.1198/000313002753631330; Lunceford and Davidian 2004, doi:10.1002/sim.1903), unless the table names another."
      )
    }
    if used.contains("tmle") {
      items.append(
        "**Targeted learning.** The outcome models' predictions are moved until they solve the efficient influence function's equation (van der Laan and Rubin 2006, doi:10.2202/1557-4679.1043). Standard errors are those of the influence function, which takes the models as known."
      )
    }
    if used.contains("dml") {
      items.append(
        "**Double machine learning.** The augmented estimator, both models fitted on other folds than they are used on (Chernozhukov et al. 2018, doi:10.1111/ectj.12097)."
      )
    }
    if used.contains("abadie-imbens") {
      items.append(
        "**Matching, ties averaged.** With replacement; standard errors of Abadie and Imbens (2006, doi:10.1111/j.1468-0262.2006.00655.x), corrected for an estimated score (2016, doi:10.3982/ECTA11293)."
      )
    }
    return items
  }
}
