/// Verbs that ask what missing outcomes could change.
extension Verb {
  /// The verbs, in the order of the help page.
  static let missingEvidence: [Verb] = []

  /// The analyses behind them.
  static let missingEvidenceAnalyses: [String: any VerbAnalysis.Type] = [:]
}
