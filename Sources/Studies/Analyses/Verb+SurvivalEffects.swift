/// Verbs of effects on survival after matching or weighting.
extension Verb {
  /// The verbs, in the order of the help page.
  static let survivalEffects: [Verb] = []

  /// The analyses behind them.
  static let survivalEffectsAnalyses: [String: any VerbAnalysis.Type] = [:]
}
