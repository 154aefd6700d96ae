/// Verbs of interrupted time series and of re-runs that leave something out.
extension Verb {
  /// Re-runs of a difference in differences.
  public static let didSensitivity = Verb(
    name: "did-sensitivity",
    abstract: "Estimate a difference in differences again without each site, period or date.",
    discussion: """
      Takes a panel and the options of 'did'; the estimate is the overall one (the simple average of \
      group-time effects unless --aggregate names another). The first row, full, leaves nothing \
      out. --leave-out unit gives a row without each site; --exclude-periods a row without each of \
      these periods and one without all of them; --placebo-dates and --placebo-starts pretend that \
      treatment began earlier, with only rows before the true start, where the effect should be \
      zero. Each row is a fit of its own: excluded periods are as if never observed, so that the base \
      is the last period left. change is the row's estimate less the full one, n the rows used. A row \
      without estimate is one where nothing identifies the effect; a note says why.
      """,
    formula: .none, keys: OptionKey.didSensitivity,
    example: """
      sibling did-sensitivity Data/castle/castle.csv --outcome l_homicide --unit sid --time year \
      --group first_post --method twfe --cluster sid --leave-out unit --exclude-periods 2008,2009 \
      --placebo-dates 1,2
      """)

  /// The verbs, in the order of the help page.
  static let timeSeries: [Verb] = [.didSensitivity]

  /// The analyses behind them.
  static let timeSeriesAnalyses: [String: any VerbAnalysis.Type] = [
    didSensitivity.name: SensitivityAnalysis.self
  ]
}
