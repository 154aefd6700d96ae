/// The verb of scenarios.
extension Verb {
  /// The verbs, in the order of the help page.
  static let scenario: [Verb] = [contractScenario]

  /// The analyses behind them.
  static let scenarioAnalyses: [String: any VerbAnalysis.Type] = [
    contractScenario.name: ScenarioAnalysis.self
  ]

  /// Scenarios.
  public static let contractScenario = Verb(
    name: "contract scenario",
    abstract: "Simulate what an outcome contract pays, costs and risks when things go otherwise.",
    discussion: """
      No data are read; every number is an input. Referrals are Poisson (gamma-Poisson with \
      --quarter-cv or --site-cv), conversions binomial, job starts and sustained jobs come with \
      delays by quarter, vacancies take places on caseloads. Each scenario (--shortfall by --vacancy by \
      --conversion) is simulated under each --split of block to outcomes; the plan is paid the same \
      under all, so that they differ in risk alone. Rows: income, cost, surplus, cash.need (the most \
      that cash falls below nothing), payer:NAME, chances (loss, cap.binds, capital.short, \
      investor.loses), and investors' internal rates of return a year and multiples of money: the loan \
      is paid first, equity gets what is left. mean with its Monte-Carlo standard error and interval \
      (exact for chances: Clopper and Pearson 1934, doi:10.1093/biomet/26.4.404), quantiles q05 to q95. \
      Defaults of rates stand near what five published projects achieved, tariffs are those of the \
      first contracts, 22.5 clients a worker; the rest is assumption. Staffordshire's contract as it \
      was first: --value 300000 --split 20:80, then 27.5:72.5.
      """,
    formula: .none, data: .none, keys: OptionKey.scenario,
    example: """
      sibling contract scenario --shortfall 0,0.4 --vacancy 0 --conversion 1 --split 0:100,50:50 \
      --equity 20000 --loan 20000 --simulations 500
      """)
}
