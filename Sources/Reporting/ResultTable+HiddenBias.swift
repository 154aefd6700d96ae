// What something unrecorded could do to the primary effect, as result files.

extension ResultTable {
  private static let people = ["n_treated", "n_comparison", "informative"]

  /// Bounds, E-values, robustness values and negative controls: `results/hidden_bias.csv`.
  public static var hiddenBias: ResultTable {
    // Exact tests and bounds are functions of few counts: two digits keep to what these tell.
    func statistic(_ name: String, _ meaning: String) -> Column {
      .derived(name, from: people, meaning).coarse(name.hasPrefix("p.") ? 1 : 2)
    }
    return ResultTable(
      unchecked: "hidden_bias",
      summary: "How strong something unrecorded must be to change the primary conclusion.",
      columns: [
        .label(
          "analysis",
          "rosenbaum, sensitivity-value, e-value, robustness, benchmark, manski, negative-control"),
        .label("outcome", "The outcome"),
        .label("item", "The statistic, scale, covariate or assumption"),
        .label(
          "setting", "The size of hidden bias, or how many times the covariate's strength",
          type: .number),
        statistic("estimate", "The estimate, adjusted for the omitted variable where there is one"),
        statistic("conf.low", "The lower confidence limit"),
        statistic("conf.high", "The upper confidence limit"),
        statistic("p.lower", "The smallest p-value under the hidden bias"),
        statistic("p.upper", "The largest p-value under the hidden bias, or the p-value"),
        statistic("p.holm", "The p-value adjusted for several negative controls"),
        statistic("low", "The smallest effect that is possible"),
        statistic("high", "The largest effect that is possible"),
        statistic("r2_treatment", "Share of the treatment's residual variance explained"),
        statistic("r2_outcome", "Share of the outcome's residual variance explained"),
        statistic("value", "The sensitivity value, E-value or robustness value"),
        statistic("value_limit", "The same for the limit of the interval nearest to no effect"),
        .hiddenCount("n_treated"), .hiddenCount("n_comparison"), .hiddenCount("informative"),
      ])
  }

  /// The estimate over a grid of strengths of an omitted variable:
  /// `results/hidden_bias_contour.csv`, for the contour chart.
  public static var hiddenBiasContour: ResultTable {
    ResultTable(
      unchecked: "hidden_bias_contour",
      summary: "The estimate as it would be with an omitted variable of a given strength.",
      columns: [
        .label("outcome", "The outcome"),
        .label(
          "r2_treatment", "Share of the treatment's residual variance explained", type: .number),
        .label("r2_outcome", "Share of the outcome's residual variance explained", type: .number),
        .derived("estimate", from: people, "The estimate with such a variable"),
        .hiddenCount("n_treated"), .hiddenCount("n_comparison"), .hiddenCount("informative"),
      ])
  }
}
