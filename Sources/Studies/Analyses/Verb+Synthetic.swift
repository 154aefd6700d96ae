/// Verbs of synthetic controls.
extension Verb {
  /// The verbs, in the order of the help page.
  static let synthetic: [Verb] = []

  /// The analyses behind them.
  static let syntheticAnalyses: [String: any VerbAnalysis.Type] = [:]
}
