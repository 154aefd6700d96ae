/// Verbs of other panel estimators: decomposition and triple difference.
extension Verb {
  /// The verbs, in the order of the help page.
  static let panelMethods: [Verb] = []

  /// The analyses behind them.
  static let panelMethodsAnalyses: [String: any VerbAnalysis.Type] = [:]
}
