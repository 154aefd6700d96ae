// Effects with missing values imputed, as result files.

extension ResultTable {
  private static let imputedPeople = ["n_treated", "n_comparison"]
  private static let completePeople = ["n_treated_complete", "n_comparison_complete"]

  /// The primary effects pooled over imputed copies, with those of complete cases beside them:
  /// `results/imputed_effects.csv`.
  public static var imputedEffects: ResultTable {
    func imputed(_ name: String, _ meaning: String) -> Column {
      .derived(name, from: imputedPeople, meaning)
    }
    func complete(_ name: String, _ meaning: String) -> Column {
      .derived(name, from: completePeople, meaning)
    }
    return ResultTable(
      unchecked: "imputed_effects",
      summary: "Effects with missing values imputed several times over, pooled by Rubin's rules.",
      columns: [
        .label("analysis", "imputed"), .label("outcome", "The outcome"),
        .label("estimator", "The estimator"), .text("estimand", "Whom the effect is about"),
        imputed("estimate", "The pooled estimate"),
        imputed("std.error", "Its standard error, between imputations included"),
        imputed("df", "Degrees of freedom of the t distribution"),
        imputed("p.value", "The p-value against no effect"),
        imputed("conf.low", "The lower confidence limit"),
        imputed("conf.high", "The upper confidence limit"),
        .number("conf.level", "The confidence level"),
        imputed("fmi", "The fraction of missing information"),
        .number("imputations", "The number of completed copies"),
        .text("scale", "difference, ratio or odds-ratio"),
        complete("complete.estimate", "The estimate from people without gaps"),
        complete("complete.conf.low", "Its lower confidence limit"),
        complete("complete.conf.high", "Its upper confidence limit"),
        .derived(
          "verdict", from: imputedPeople + completePeople,
          "Whether imputing changes the conclusion", type: .text),
        .hiddenCount("n_treated"), .hiddenCount("n_comparison"),
        .hiddenCount("n_treated_complete"), .hiddenCount("n_comparison_complete"),
      ])
  }

  /// What was imputed: `results/imputed_columns.csv`.
  public static var imputedColumns: ResultTable {
    ResultTable(
      unchecked: "imputed_columns",
      summary: "Columns that were imputed, with the share of people who lacked a value.",
      columns: [
        .label("column", "The column"), .count("n_missing", "People without a value"),
        .count("n_observed", "People with one"),
        .derived("share", from: ["n_missing", "n_observed"], "The share without a value")
          .remade(
            .fraction(Fraction("n_missing", of: ["n_missing", "n_observed"])),
            otherwise: .coarse(2)),
        .number("r_hat", "R-hat of the imputed means; near one when they have settled"),
      ])
  }
}
