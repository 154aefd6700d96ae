/// Verbs of curves beyond `km`: milestones, interval-censored times, power.
extension Verb {
  /// The verbs, in the order of the help page.
  static let curves: [Verb] = []

  /// The analyses behind them.
  static let curvesAnalyses: [String: any VerbAnalysis.Type] = [:]
}
