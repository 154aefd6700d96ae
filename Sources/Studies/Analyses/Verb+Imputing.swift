/// Verbs that fill in missing values.
extension Verb {
  /// Multiple imputation.
  public static let impute = Verb(
    name: "impute",
    abstract: "Fill in missing values several times over, by chained equations with site effects.",
    discussion: """
      Each column with gaps is regressed on all others in turn, and its missing values drawn from the \
      model with parameters drawn too (van Buuren 2018, doi:10.1201/9780429492259); categories are kept \
      from separating as by White, Daniel and Royston (2010, doi:10.1016/j.csda.2010.04.005). Prints the \
      completed copies stacked: .imp, .row (the row of the data analysed) and every column. Analyse them by \
      any verb with --imputation .imp, which pools by Rubin's rules. The columns must hold the outcomes, \
      the treatment and what the analysis interacts (--interaction), or effects are drawn towards \
      none; derived columns are made again from the copies with --derive. Missing values are taken to \
      be missing at random given these columns. Indicators of sites are right for few large sites, a random \
      intercept for many small ones (Andridge 2011, doi:10.1002/bimj.201000140); for two values and \
      categories it rests on a normal approximation. What was filled in is followed over iterations: \
      R-hat far above 1.1, or a drift, asks for more --iterations.
      """,
    formula: .none, keys: OptionKey.impute,
    example: """
      sibling impute Data/ips-simulated/clients.csv --columns sex,education,months_since_last_job,imd_decile \
      --site site_id --imputations 3 --iterations 5
      """)

  /// The verbs, in the order of the help page.
  static let imputing: [Verb] = [.impute]

  /// The analyses behind them.
  static let imputingAnalyses: [String: any VerbAnalysis.Type] = [
    impute.name: ImputeAnalysis.self
  ]
}
