/// Verbs of sensitivity to parallel trends.
extension Verb {
  /// Intervals under bounds on violations of parallel trends.
  public static let honestDifferences = Verb(
    name: "honest-did",
    abstract: "How far parallel trends may fail before an event study's conclusion changes.",
    discussion: """
      Takes an event study of the data, or --estimates and --covariance instead of data. The first \
      row, original, takes parallel trends for granted and has no m; then a row for each m. \
      relative-magnitude: from one period to the next the bias after treatment changes by at most m \
      times its largest change before; smoothness: that change itself changes by at most m, in units \
      of the outcome, so that 0 carries a straight line on. --sign and --monotone assume more. Event \
      times after the reference count as affected by treatment. An empty interval means that the \
      estimates reject what was assumed, whatever the effect. The smallest m at which the interval \
      covers zero is told on standard error. Smoothness by the shortest interval of fixed length, all \
      else by the conditional test with a least favourable first stage, whose intervals need not \
      be nested; nothing is simulated (Rambachan and Roth 2023, doi:10.1093/restud/rdad018; Andrews, \
      Roth and Pakes 2023, doi:10.1093/restud/rdac074). Normal quantiles throughout: with few \
      clusters intervals are too short.
      """,
    formula: .none, data: .optional, keys: OptionKey.honestDifferences,
    example: """
      sibling honest-did Data/mpdta/mpdta.csv --outcome lemp --unit countyreal --time year \
      --group first.treat --where 'first.treat == 2006 | first.treat == 0' --m 0.5,1,2
      """)

  /// The power of tests of pre-trends.
  public static let preTrends = Verb(
    name: "pretrends",
    abstract: "Which straight-line violations of parallel trends a pre-test would have missed.",
    discussion: """
      Takes an event study of the data, or --estimates and --covariance instead of data; only the \
      covariance matters. A row a test, power and event time after the reference: test (individual: no \
      single estimate before treatment differs from zero; joint: a Wald test of all of them), power, \
      slope (of the trend that the test detects with that probability, in units of the outcome a \
      period; its mirror image has the same power), time, bias (slope times the periods since the \
      reference) and bias.passing (the mean bias among studies whose test found nothing). A bias as \
      large as the estimate means that the pre-test says little (Roth 2022, \
      doi:10.1257/aeri.20210236). Nothing is simulated: up to six periods before treatment the \
      individual test's power is good to 1e-5 or better, beyond to about 3e-4.
      """,
    formula: .none, data: .optional, keys: OptionKey.preTrends,
    example: """
      sibling pretrends Data/mpdta/mpdta.csv --outcome lemp --unit countyreal --time year \
      --group first.treat --where 'first.treat == 2006 | first.treat == 0'
      """)

  /// The verbs, in the order of the help page.
  static let panelRobustness: [Verb] = [honestDifferences, preTrends]

  /// The analyses behind them.
  static let panelRobustnessAnalyses: [String: any VerbAnalysis.Type] = [
    honestDifferences.name: HonestDifferencesAnalysis.self,
    preTrends.name: PreTrendsAnalysis.self,
  ]
}
