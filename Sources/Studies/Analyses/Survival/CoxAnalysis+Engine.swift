internal import Engines
internal import Statistics
internal import Survival
internal import Tables

extension CoxAnalysis: EngineAnalysis {
  var needsRows: String? {
    if frailty != nil { return "a frailty is estimated from single rows" }
    if recurrent != nil { return "recurrent events are arranged person by person" }
    if !varying.isEmpty { return "time-varying effects cut rows at event times" }
    if residuals != nil { return "residuals are those of single rows" }
    if regression.ties == .exact { return "the exact likelihood of ties looks at single rows" }
    if regression.ridge ?? 0 > 0 { return "a ridge penalty is for small data" }
    return timeZero.needsRows
  }

  /// The rows of the verb, from sums by time or by pattern of covariates.
  ///
  /// - Throws: what is wrong with the data or the model; the engine's failures.
  func run(on data: EngineData) throws(SiblingError) -> AnalysisOutput {
    let found = try fit(on: data)
    return output(found.fit, notes: found.notes)
  }

  /// The fit behind the rows, with its notes.
  ///
  /// - Throws: what is wrong with the data or the model; the engine's failures.
  func fit(on data: EngineData) throws(SiblingError) -> (fit: CoxSummary, notes: [String]) {
    if let needsRows { throw NeedsRows.error("'cox' with this setting (\(needsRows))") }
    let frame = try EngineFrame(
      formula, to: data, settings.engineOptions(arms: false, alsoComplete: id.map { [$0] } ?? []))
    var model = CoxFromSums(regression, id: id)
    model.wantsConcordance = wantsStatistics
    let (fit, timeNotes) = try model.fit(frame)
    return (fit, frame.notes + timeNotes + fit.notes)
  }
}
