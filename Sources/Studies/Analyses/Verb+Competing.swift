/// Verbs of competing exits, states and several jobs.
extension Verb {
  /// The verbs, in the order of the help page.
  static let competing: [Verb] = []

  /// The analyses behind them.
  static let competingAnalyses: [String: any VerbAnalysis.Type] = [:]
}
