/// Verbs of Cox models beyond `cox` itself.
extension Verb {
  /// The verbs, in the order of the help page.
  static let coxModels: [Verb] = []

  /// The analyses behind them.
  static let coxModelsAnalyses: [String: any VerbAnalysis.Type] = [:]
}
