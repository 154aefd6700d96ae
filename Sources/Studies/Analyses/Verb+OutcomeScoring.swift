/// Verbs that score jobs under definitions of an outcome.
extension Verb {
  /// The verbs, in the order of the help page.
  static let outcomeScoring: [Verb] = []

  /// The analyses behind them.
  static let outcomeScoringAnalyses: [String: any VerbAnalysis.Type] = [:]
}
