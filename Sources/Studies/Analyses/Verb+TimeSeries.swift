/// Verbs of interrupted time series and of re-runs that leave something out.
extension Verb {
  /// The verbs, in the order of the help page.
  static let timeSeries: [Verb] = []

  /// The analyses behind them.
  static let timeSeriesAnalyses: [String: any VerbAnalysis.Type] = [:]
}
