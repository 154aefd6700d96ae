internal import Reporting

/// Every result table of a run, filled phase by phase and released together at the end.
struct StudyTables {
  /// What was asked of hidden bias and can't be given for this design, in words.
  var hiddenBiasRemarks: [String] = []
  var attrition = ResultTable.attrition
  var diagnostics = ResultTable.diagnostics
  var balance = ResultTable.balance
  var overlap = ResultTable.overlap
  var quantiles = ResultTable.quantiles
  var densities = ResultTable.densities
  var estimates = ResultTable.estimates
  var sensitivity = ResultTable.sensitivity
  var hiddenBias = ResultTable.hiddenBias
  var hiddenBiasContour = ResultTable.hiddenBiasContour
  var survival = ResultTable.survival
  var eventStudy = ResultTable.eventStudy
  var groupTime = ResultTable.groupTime
  var decomposition = ResultTable.decomposition
  var fewClusters = ResultTable.fewClusters
  var trendBounds = ResultTable.trendBounds
  var synthetic = ResultTable.synthetic
  var syntheticWeights = ResultTable.syntheticWeights
  var series = ResultTable.series
  /// What the reader must know of few clusters, by analysis and outcome.
  var fewClusterNotes: [String: [String]] = [:]
  var performance = ResultTable.performance
  var payments = ResultTable.payments
  var conversions: ResultTable?
  var paymentTotals: ResultTable?
  var incidence = ResultTable.cumulativeIncidence
  var states = ResultTable.stateOccupancy
  var models = ResultTable.survivalModels
  var modelComparison = ResultTable.modelComparison
  var schoenfeld = ResultTable.schoenfeldSmooth
  /// What speaks against reading a survival analysis at face value, by its name.
  var survivalNotes: [String: [String]] = [:]
  var cells: ResultTable?
  /// One table for each analysis that the study calls by its verb.
  var further: [ResultTable] = []
  /// What the reader must know of them, by the name of the analysis.
  var furtherNotes: [String: [String]] = [:]

  /// The tables of the sections about the cohort.
  var cohort: [ResultTable] = []
  /// What the reader must know of them, by the name of the table.
  var cohortNotes: [String: [String]] = [:]

  /// The tables that have rows, in the order of the report.
  var filled: [ResultTable] {
    let optional = [conversions, paymentTotals, cells].compactMap { $0 }
    let all =
      [
        attrition, diagnostics, balance, overlap, quantiles, densities, estimates, sensitivity,
        hiddenBias, hiddenBiasContour, survival, incidence, schoenfeld,
        models, modelComparison, states,
        eventStudy, groupTime, decomposition, fewClusters, trendBounds, synthetic,
        syntheticWeights, series, performance, payments,
      ] + optional + cohort + further
    return all.filter { !$0.rows.isEmpty }
  }
}

/// A column of a result table.
typealias Cell = ResultTable.Cell
