internal import DifferenceInDifferences
internal import Engines
internal import Statistics

/// `event-study` from sums of an engine.
extension EventStudyAnalysis: EngineAnalysis {
  var needsRows: String? {
    if estimator.family != .gaussian { return "Poisson regression" }
    if columns.unit.isEmpty { return "an event study without units" }
    return columns.needsRows(settings, covariates: covariates) ?? covariance?.needsRows
  }

  func run(on data: EngineData) throws(SiblingError) -> AnalysisOutput {
    if let needsRows { throw NeedsRows.error(needsRows) }
    let panel = try columns.panel(in: data, settings)
    try EngineMovers.refuse(panel, isRegression: true)
    let result = try estimator.fit(panel.moments, covariance: covariance?.estimator([]))
    return Self.output(result, notes: panel.notes + result.notes)
  }
}
