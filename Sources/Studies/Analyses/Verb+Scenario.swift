/// The verb of scenarios.
extension Verb {
  /// The verbs, in the order of the help page.
  static let scenario: [Verb] = []

  /// The analyses behind them.
  static let scenarioAnalyses: [String: any VerbAnalysis.Type] = [:]
}
