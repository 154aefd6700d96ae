// What services cost and what an additional outcome costs, as result files.

extension ResultTable {
  /// The people behind a statistic of value for money.
  private static let valueCounts = [
    "n_treated", "n_comparison", "reached_treated", "reached_comparison",
  ]

  private static func value(_ name: String, _ meaning: String) -> Column {
    // Sums of costs stand in another file, so that an exact average would tell of how many it is.
    .derived(name, from: valueCounts, meaning).remade(
      .each("reached_treated", unless: "reached_comparison"),
      .each("reached_comparison", unless: "reached_treated"), otherwise: .coarse(2))
  }

  private static let valueHidden: [Column] = valueCounts.map { .hiddenCount($0) }

  /// Categories of costs, and whether each counts: `results/value_costs.csv`.
  public static var valueCosts: ResultTable {
    var table = ResultTable(
      unchecked: "value_costs",
      summary: "Costs and payments by category, and from which perspective they count.",
      columns: [
        .label("arm", "sib or non_sib"), .label("category", "What it was for"),
        .label("perspective", "Whose costs count"),
        // Sums of money stand as they are: no count is made of them that is not rounded.
        .derived("amount", from: ["n"], "Pounds, in the prices given, to the penny").coarse(12),
        .derived("counted", from: ["n"], "Pounds that count, in the prices given, to the penny")
          .coarse(12),
        .derived(
          "present_value", from: ["n"], "Pounds that count, in prices of the base year, discounted"
        ).coarse(12),
        .text("counts", "yes, no or in part"), .text("reason", "Why it counts or does not"),
        .number("n_sites", "Sites with such a cost"),
        .count("n", "Clients accepted at the arm's sites"),
        .hiddenAmount("first_site", "The amount of the site that gave most, pounds"),
        .hiddenAmount("second_site", "The amount of the next, pounds"),
      ])
    table.dominance = [
      DominanceRule(
        total: "amount", first: "first_site", second: "second_site",
        together: ["counted", "present_value"])
    ]
    return table
  }

  /// Average costs, differences, ratios and net benefit: `results/value_for_money.csv`.
  public static var valueForMoney: ResultTable {
    ResultTable(
      unchecked: "value_for_money",
      summary: "What outcomes cost on average, and what additional ones cost, by perspective.",
      columns: [
        .label("term", "The statistic"), .label("arm", "sib, non_sib or their difference"),
        .label("perspective", "Whose costs count"),
        .label("outcome", "The stage or outcome"),
        .label(
          "willingness", "What an outcome is worth, in pounds, for net benefit", type: .number),
        value(
          "estimate", "Pounds, or a difference of shares for delta.effect; blank where refused"),
        value("std.error", "Its standard error over sites"),
        .derived("df", from: valueCounts, "Its degrees of freedom").coarse(2),
        value("conf.low", "The lower limit"), value("conf.high", "The upper limit"),
        value("resampled.low", "The lower percentile of resampled sites"),
        value("resampled.high", "The upper percentile"),
        .derived(
          "probability", from: valueCounts, "The probability that net benefit is above nought"
        ).coarse(2),
        .derived("note", from: valueCounts, "How it was made, or why it is refused", type: .text),
        .text("prices", "The prices: nominal, or those of a year"),
        .number("n_sites", "Sites"), .count("n_treated", "Clients of bond sites"),
        .count("n_comparison", "Clients of comparison sites"), .hiddenCount("reached_treated"),
        .hiddenCount("reached_comparison"),
      ])
  }

  /// What each outcome cost at each site: `results/value_sites.csv`.
  public static var valueSites: ResultTable {
    ResultTable(
      unchecked: "value_sites", summary: "What outcomes cost on average at each site.",
      columns: [
        .label("outcome", "The stage"), .label("perspective", "Whose costs count"),
        .label("arm", "sib or non_sib"), .label("site", "The site"),
        .derived("estimate", from: ["n"], "Pounds for each, discounted")
          .remade(.each("n", unless: nil)),
        .count("n", "Clients who reached the stage"),
      ], sums: [.partition(count: "n", within: ["outcome", "perspective", "arm"])])
  }

  /// Draws of the differences in cost and effect: `results/value_plane.csv`.
  public static var valuePlane: ResultTable {
    ResultTable(
      unchecked: "value_plane",
      summary: "The differences in cost and effect, and draws from their joint distribution.",
      columns: [
        .label("perspective", "Whose costs count"), .label("kind", "estimate or draw"),
        .label("draw", "The number of the draw; 0 for the estimate", type: .number),
        value("effect", "The difference in the share with the outcome").coarse(3),
        value("cost", "The difference in cost for an accepted client, pounds").coarse(3),
        value("share", "On the estimate's row: the share of all draws with more outcomes"),
      ] + valueHidden)
  }

  /// The acceptability curve: `results/value_acceptability.csv`.
  public static var valueAcceptability: ResultTable {
    ResultTable(
      unchecked: "value_acceptability",
      summary: "The probability that net benefit is above nought, by what an outcome is worth.",
      columns: [
        .label("perspective", "Whose costs count"),
        .label("willingness", "What an outcome is worth, in pounds", type: .number),
        value("probability", "The probability that net benefit is above nought, by Student's t"),
        value("probability_drawn", "The same among draws"),
        value("probability_resampled", "The same among resampled sites"),
      ] + valueHidden)
  }
}
