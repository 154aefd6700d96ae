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

  /// Interrupted time series.
  public static let interruptedSeries = Verb(
    name: "its",
    abstract: "Interrupted time series: the change of level and slope where something began.",
    discussion: """
      Segmented regression of one series (Wagner and others 2002, \
      doi:10.1046/j.1365-2710.2002.00430.x). Terms: (Intercept), the level in the first period; time, \
      the slope before, per unit of --time; level, the change in the interruption's first period; \
      slope, the change of slope; then season (season2 …, or sin1, cos1 …) and covariates. With \
      several interruptions level(29), slope(29), …, each against the segment before. effect(8) is the \
      difference from the old trend 8 units later. With --comparison the first four are the \
      comparison's, and treated, time:treated, level:treated and slope:treated what the treated \
      series has beyond them; effects are then of level:treated and slope:treated. Newey–West errors \
      hold within a series and are enlarged by n/(n − k); all statistics follow t(n − k). \
      Prais–Winsten and Cochrane–Orcutt regress residuals on those one period before until the \
      autocorrelation stands still; across gaps in time its power is used, where Newey–West \
      counts the periods that are there. A segment of fewer than three points is refused, one of \
      fewer than eight noted.
      """,
    formula: .none, keys: OptionKey.interruptedSeries,
    example: """
      sibling its Data/castle/castle.csv --outcome l_homicide --time year --interruption 2006 \
      --where 'sid == 10' --exclude-periods 2005 --at 0,3
      """)

  /// The verbs, in the order of the help page.
  static let timeSeries: [Verb] = [.didSensitivity, .interruptedSeries]

  /// The analyses behind them.
  static let timeSeriesAnalyses: [String: any VerbAnalysis.Type] = [
    didSensitivity.name: SensitivityAnalysis.self,
    interruptedSeries.name: InterruptedSeriesAnalysis.self,
  ]
}
