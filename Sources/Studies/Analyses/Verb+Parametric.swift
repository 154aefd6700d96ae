/// Verbs of parametric and discrete-time models.
extension Verb {
  /// The verbs, in the order of the help page.
  static let parametric: [Verb] = []

  /// The analyses behind them.
  static let parametricAnalyses: [String: any VerbAnalysis.Type] = [:]
}
