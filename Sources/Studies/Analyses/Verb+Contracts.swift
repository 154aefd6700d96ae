/// Verbs that replay claims under their contracts.
extension Verb {
  /// The verbs, in the order of the help page.
  static let contracts: [Verb] = []

  /// The analyses behind them.
  static let contractsAnalyses: [String: any VerbAnalysis.Type] = [:]
}
