internal import Engines
internal import Statistics
internal import Survival
internal import Tables

extension MilestonesAnalysis: EngineAnalysis {
  var needsRows: String? { timeZero.needsRows }

  /// The rows of the verb, from follow-up by arm, stratum and time.
  ///
  /// - Throws: what is wrong with the data; the engine's failures.
  func run(on data: EngineData) throws(SiblingError) -> AnalysisOutput {
    if let needsRows { throw NeedsRows.error("'milestones' with this setting (\(needsRows))") }
    let sums = try SurvivalSums(formula, data, settings, isStratified: true)
    return try SurvivalSums.withoutRows { () throws(SiblingError) in
      let (fit, notes) = try estimate(sums.sample)
      return output(fit, notes)
    }
  }
}
