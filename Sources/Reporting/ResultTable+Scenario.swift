// Simulated futures of a contract, as result files. No client is behind them.

extension ResultTable {
  private static let scenarioLabels: [Column] = [
    .label("shortfall", "The share of planned referrals that do not come", type: .number),
    .label("vacancy", "The share of posts that are vacant", type: .number),
    .label("conversion", "The factor on planned conversion", type: .number),
    .label("split", "Per cents of the contract's value paid as block and by outcomes"),
  ]

  private static let futures: [Column] = [
    .number("q05", "The 5% quantile over simulated futures"), .number("q25", "The 25% quantile"),
    .number("q50", "The median"), .number("q75", "The 75% quantile"),
    .number("q95", "The 95% quantile"),
  ]

  /// What was simulated, by scenario and split: `results/scenario.csv`.
  public static var scenario: ResultTable {
    ResultTable(
      unchecked: "scenario",
      summary:
        "What a contract pays, costs and risks in simulated futures under stated assumptions.",
      columns: scenarioLabels + [
        .label("measure", "What is measured: pounds, chances, rates a year or multiples"),
        .number("mean", "The mean over simulated futures; for a chance its share of them"),
        .number("std.error", "Its Monte-Carlo standard error"),
        .number("conf.low", "Lower limit of its Monte-Carlo interval"),
        .number("conf.high", "Upper limit of its Monte-Carlo interval"),
      ] + futures)
  }

  /// Cash by quarter, by scenario and split: `results/scenario_paths.csv`.
  public static var scenarioPaths: ResultTable {
    ResultTable(
      unchecked: "scenario_paths",
      summary: "Cash after each quarter in simulated futures, without investors' money, in pounds.",
      columns: scenarioLabels + [
        .label("quarter", "The quarter; 0 is before the first", type: .number),
        .number("mean", "The mean over simulated futures"),
      ] + futures)
  }

  /// Where a contract breaks even: `results/scenario_breakeven.csv`.
  public static var scenarioBreakEven: ResultTable {
    ResultTable(
      unchecked: "scenario_breakeven",
      summary: "The conversion that is just enough at each shortfall of referrals.",
      columns: [
        .label("vacancy", "The share of posts that are vacant", type: .number),
        .label("split", "Per cents of the contract's value paid as block and by outcomes"),
        .label("line", "What is held: an expected surplus of nothing, or a chance of loss"),
        .label("shortfall", "The share of planned referrals that do not come", type: .number),
        .number("conversion", "The factor on planned conversion; blank where the grid ends before"),
        .text("place", "inside, above or below the conversions that were simulated"),
      ])
  }
}
