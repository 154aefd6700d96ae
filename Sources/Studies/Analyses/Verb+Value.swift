/// The verb of value for money.
extension Verb {
  /// The verbs, in the order of the help page.
  static let value: [Verb] = [contractValue]

  /// The analyses behind them.
  static let valueAnalyses: [String: any VerbAnalysis.Type] = [
    contractValue.name: ValueAnalysis.self
  ]

  /// Value for money.
  public static let contractValue = Verb(
    name: "contract value",
    abstract: "What an outcome cost, and what an additional one cost, from three perspectives.",
    discussion: """
      The data are costs by site and period (site_id, period, category, amount_gbp, price_base_year, \
      borne_by); categories may also be block_payment and outcome_payment, or payments come from \
      --contracts and --claims. Payments and what providers spend of them are the same money: the outcome \
      payer and the public sector count payments, all-in counts resources; --categories says what counts \
      and why. Costs and clients are discounted by mid-period. Rows: cost.per.* are averages by arm, a \
      ratio of sums with t over sites (CR2, Satterthwaite's degrees of freedom) and .resampled \
      percentiles of resampled sites; delta.cost and delta.effect are differences for an accepted \
      client; icer is pounds for an additional outcome, with Fieller's set (1954, \
      doi:10.1111/j.2517-6161.1954.tb00159.x), percentiles and BCa of resampled sites, and is left blank \
      where the effect's interval includes nought; net.benefit@ and acceptability@ (the probability \
      that net benefit is above nought) hold at what an outcome is worth; quadrant.* are shares of \
      draws. Without --effect the sites' unadjusted difference is taken. Without data, --delta-cost \
      and --effect with their standard errors.
      """,
    formula: .none, data: .optional, keys: OptionKey.value,
    example: """
      sibling contract value Data/ips-simulated/costs.csv --sites Data/ips-simulated/sites.csv \
      --site-periods Data/ips-simulated/site_periods.csv --effect 0.096 --effect-se 0.035 \
      --effect-df 7
      """)
}
