/// Verbs that fill in missing values.
extension Verb {
  /// The verbs, in the order of the help page.
  static let imputing: [Verb] = []

  /// The analyses behind them.
  static let imputingAnalyses: [String: any VerbAnalysis.Type] = [:]
}
