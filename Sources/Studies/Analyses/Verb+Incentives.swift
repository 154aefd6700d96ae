/// The verb of incentive audits.
extension Verb {
  /// The verbs, in the order of the help page.
  static let incentives: [Verb] = []

  /// The analyses behind them.
  static let incentivesAnalyses: [String: any VerbAnalysis.Type] = [:]
}
