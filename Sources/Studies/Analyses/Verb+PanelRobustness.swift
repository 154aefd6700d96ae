/// Verbs of sensitivity to parallel trends.
extension Verb {
  /// The verbs, in the order of the help page.
  static let panelRobustness: [Verb] = []

  /// The analyses behind them.
  static let panelRobustnessAnalyses: [String: any VerbAnalysis.Type] = [:]
}
