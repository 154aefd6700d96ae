/// Verbs that follow people through a service, and ask who gets in.
extension Verb {
  /// The verbs, in the order of the help page.
  static let flow: [Verb] = []

  /// The analyses behind them.
  static let flowAnalyses: [String: any VerbAnalysis.Type] = [:]
}
