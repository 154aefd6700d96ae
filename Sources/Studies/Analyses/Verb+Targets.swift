/// The verb of achievements against targets.
extension Verb {
  /// The verbs, in the order of the help page.
  static let targets: [Verb] = []

  /// The analyses behind them.
  static let targetsAnalyses: [String: any VerbAnalysis.Type] = [:]
}
