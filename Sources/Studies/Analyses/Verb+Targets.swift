/// The verb of achievements against targets.
extension Verb {
  /// The verbs, in the order of the help page.
  static let targets: [Verb] = [contractPerformance]

  /// The analyses behind them.
  static let targetsAnalyses: [String: any VerbAnalysis.Type] = [
    contractPerformance.name: ContractPerformanceAnalysis.self
  ]

  /// Performance against targets and plans.
  public static let contractPerformance = Verb(
    name: "contract performance",
    abstract: "Set outcomes and payments of contracts against their targets and plans.",
    discussion: """
      The data have a row a project, outcome and hours band: project, site, outcome, hours_band, target, \
      achieved. ratio is achieved over target with Garwood's exact interval (1936, \
      doi:10.1093/biomet/28.3-4.437) and an exact Poisson p, the target taken as fixed; then totals. With \
      --achieved the data are targets by period in their versions, and the rows are quarters, then sums \
      to date: original is the first version, latest the last one that states the period; a target set \
      after its period had ended is refused. With --rates the rows compare projects of one cohort: \
      exact binomial or Poisson control limits (funnel plots, Spiegelhalter 2005, \
      doi:10.1002/sim.1970), and the row heterogeneity with Pearson's test, the random-effects mean \
      (DerSimonian and Laird; Hartung and Knapp) and the prediction interval for another project. Rates \
      of counts that are not nested are refused and named. A payment is not a cost.
      """,
    formula: .none, keys: OptionKey.contractPerformance,
    example: """
      sibling contract performance Data/mhep/targets.csv --projects Data/mhep/projects.csv
      """)
}
