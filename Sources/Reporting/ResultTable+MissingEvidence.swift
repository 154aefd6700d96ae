// What unknown outcomes could change, as result files.

extension ResultTable {
  /// The counts behind a statistic of missing evidence; the hidden ones have nothing for nobody.
  private static let counts = [
    "n_treated", "n_comparison", "hidden_unknown_treated", "hidden_unknown_comparison",
    "hidden_yes_treated", "hidden_yes_comparison",
  ]
  private static let hidden: [Column] = counts.dropFirst(2).map { .hiddenCount($0) }
  private static func statistic(_ name: String, _ meaning: String) -> Column {
    // Readings of few counts: two digits keep to what the rounded counts tell.
    .derived(name, from: counts, meaning).coarse(name.hasPrefix("p.") ? 1 : 2)
  }
  private static let people: [Column] = [
    .count("n_treated", "Treated people"), .count("n_comparison", "People in the comparison"),
    .derived(
      "unknown_treated", from: ["n_treated", "hidden_unknown_treated"],
      "Treated people whose outcome is unknown"
    ).remade(.sum(["hidden_unknown_treated"]), otherwise: .coarse(1)),
    .derived(
      "unknown_comparison", from: ["n_comparison", "hidden_unknown_comparison"],
      "People in the comparison whose outcome is unknown"
    ).remade(.sum(["hidden_unknown_comparison"]), otherwise: .coarse(1)),
  ]

  /// The effect under every reading of unknown outcomes: `results/missing_evidence.csv`.
  public static var missingEvidence: ResultTable {
    ResultTable(
      unchecked: "missing_evidence",
      summary: "The effect under different readings of the outcomes that nobody knows.",
      columns: [
        .label("outcome", "The outcome"),
        .label("reading", "How unknown outcomes are read"),
        .text("term", "Whose effect"),
        statistic("estimate", "The effect; blank for bounds"),
        statistic("std.error", "Its standard error"),
        statistic("df", "Degrees of freedom"),
        statistic("p.value", "The two-sided p-value"),
        statistic("conf.low", "The lower confidence limit"),
        statistic("conf.high", "The upper confidence limit"),
        .number("conf.level", "The confidence level"),
        statistic("low", "The least effect that the data allow"),
        statistic("high", "The greatest effect that the data allow"),
        statistic("known_treated", "Mean of the treated's known outcomes"),
        statistic("known_comparison", "Mean of the comparisons' known outcomes"),
      ] + people + [
        .text("se_type", "How the standard error is made"),
        .number("n_clusters", "Clusters"), .text("gate", "The verdict of the design gate"),
      ] + hidden)
  }

  /// The effect by what is assumed of unknown outcomes: `results/tipping_point.csv`.
  public static var tippingPoint: ResultTable {
    ResultTable(
      unchecked: "tipping_point",
      summary: "The effect by what is assumed of unknown outcomes, and where the conclusion tips.",
      columns: [
        .label("outcome", "The outcome"),
        .label("kind", "at-random, tip or grid"),
        .label("line", "Whose unknown outcomes are moved to the tipping point"),
        .label("event", "What changes there"),
        .label("treated", "The value tried in the treated arm", type: .number),
        .label("comparison", "The value tried in the comparison arm", type: .number),
        statistic("delta_treated", "Shift from missing at random in the treated arm"),
        statistic("delta_comparison", "Shift from missing at random in the comparison arm"),
        statistic("mean_treated", "Mean outcome given to the treated of unknown outcome"),
        statistic("mean_comparison", "Mean outcome given to the comparisons of unknown outcome"),
        statistic("known_treated", "Mean of the treated's known outcomes"),
        statistic("known_comparison", "Mean of the comparisons' known outcomes"),
        statistic("estimate", "The effect"),
        statistic("std.error", "Its standard error"),
        statistic("conf.low", "The lower confidence limit"),
        statistic("conf.high", "The upper confidence limit"),
        .derived("side", from: counts, "Where the interval lies", type: .text),
      ] + people + hidden)
  }

  /// Rates, reasons and tests of unknown outcomes: `results/attrition_tests.csv`.
  public static var attritionTests: ResultTable {
    ResultTable(
      unchecked: "attrition_tests",
      summary: "Whose outcome is unknown: rates, reasons, joint tests, balance among the known.",
      columns: [
        .label("outcome", "The outcome"),
        .label("part", "rate, reason, test, balance or boundary"),
        .label("term", "Of which arm, reason, test or covariate"),
        statistic("estimate", "The rate, difference or standardised difference"),
        statistic("std.error", "Its standard error"),
        statistic("statistic", "The test statistic"),
        statistic("df", "Degrees of freedom, of the denominator for joint tests"),
        .number("df_num", "Restrictions of a joint test"),
        statistic("p.value", "The p-value"),
        statistic("conf.low", "The lower confidence limit"),
        statistic("conf.high", "The upper confidence limit"),
        .derived("verdict", from: counts, "What the boundary says", type: .text),
      ] + people + hidden)
  }
}
