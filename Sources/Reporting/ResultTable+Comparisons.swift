// Tables behind the pictures of one covariate's distribution in both groups. Hidden counts say how
// many people stand behind each point; a point of too few is withheld.

extension ResultTable {
  /// Quantiles of covariates in both groups: `results/quantiles.csv`, for the QQ chart.
  public static var quantiles: ResultTable {
    let counts = ["beyond_treated", "beyond_comparison"]
    return ResultTable(
      unchecked: "quantiles", summary: "Quantiles of covariates in both groups.",
      columns: [
        .label("analysis", "The analysis of the study file"),
        .label("covariate", "The covariate; `distance` is the score"),
        .label("stage", "unadjusted or adjusted"),
        .label("probability", "The share of the group up to the quantile", type: .number),
        .derived("quantile_treated", from: counts, "The quantile among the treated"),
        .derived("quantile_comparison", from: counts, "The quantile among the comparisons"),
        .hiddenCount("beyond_treated"), .hiddenCount("beyond_comparison"),
      ])
  }

  /// Kernel densities of covariates in both groups: `results/densities.csv`, for the density chart.
  public static var densities: ResultTable {
    ResultTable(
      unchecked: "densities", summary: "Kernel densities of covariates in both groups.",
      columns: [
        .label("analysis", "The analysis of the study file"),
        .label("covariate", "The covariate; `distance` is the score"),
        .label("stage", "unadjusted or adjusted"),
        .label("arm", "treated or comparison"),
        .label("value", "The covariate's value", type: .number),
        .derived("density", from: ["near"], "The density at the value"),
        .hiddenCount("near", "People within two bandwidths of the value"),
      ])
  }
}
