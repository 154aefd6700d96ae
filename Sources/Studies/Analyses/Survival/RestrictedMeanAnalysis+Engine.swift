internal import Engines
internal import Statistics
internal import Survival
internal import Tables

extension RestrictedMeanAnalysis: EngineAnalysis {
  var needsRows: String? {
    adjustment == nil ? timeZero.needsRows : "adjusted means are fitted to single rows"
  }

  /// The rows of the verb, from follow-up by arm and time.
  ///
  /// - Throws: what is wrong with the data; the engine's failures.
  func run(on data: EngineData) throws(SiblingError) -> AnalysisOutput {
    if let needsRows { throw NeedsRows.error("'rmst' with this setting (\(needsRows))") }
    let sums = try SurvivalSums(formula, data, settings, isStratified: false)
    return try SurvivalSums.withoutRows { () throws(SiblingError) in
      let (fit, before, notes) = try estimate(sums.sample)
      return output(fit, before, notes)
    }
  }
}
