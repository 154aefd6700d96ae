/// The verb of value for money.
extension Verb {
  /// The verbs, in the order of the help page.
  static let value: [Verb] = []

  /// The analyses behind them.
  static let valueAnalyses: [String: any VerbAnalysis.Type] = [:]
}
