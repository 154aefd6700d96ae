/// The verb of dose and response across sites.
extension Verb {
  /// The verbs, in the order of the help page.
  static let doseResponse: [Verb] = []

  /// The analyses behind them.
  static let doseResponseAnalyses: [String: any VerbAnalysis.Type] = [:]
}
