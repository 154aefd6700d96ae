internal import Engines
internal import Statistics
internal import Survival
internal import Tables

extension KaplanMeierAnalysis: EngineAnalysis {
  var needsRows: String? { timeZero.needsRows }

  /// The rows of the verb, from follow-up by arm and time.
  ///
  /// - Throws: what is wrong with the data; the engine's failures.
  func run(on data: EngineData) throws(SiblingError) -> AnalysisOutput {
    if let needsRows { throw NeedsRows.error("'km' with this setting (\(needsRows))") }
    let sums = try SurvivalSums(formula, data, settings, isStratified: false)
    return try SurvivalSums.withoutRows { () throws(SiblingError) in
      let fit = try estimator.fit(
        sums.cells.times, by: sums.cells.groups, weights: sums.cells.weights,
        cluster: sums.cells.cluster)
      return try output(fit, notes: sums.notes + fit.notes)
    }
  }
}
