/// Verbs of inference with few clusters.
extension Verb {
  /// The verbs, in the order of the help page.
  static let fewSites: [Verb] = []

  /// The analyses behind them.
  static let fewSitesAnalyses: [String: any VerbAnalysis.Type] = [:]
}
