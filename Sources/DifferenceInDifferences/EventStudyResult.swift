internal import Glibc
internal import LinearAlgebra
public import Statistics

/// The effect at one event time.
public struct EventStudyRow: Sendable, Equatable {
  /// The event time; for a bin of several the one nearest to zero.
  public let eventTime: Double
  /// Treated units' rows at it.
  public let rows: Int
  /// The estimate, 0 without standard error at the reference.
  public internal(set) var estimate: Estimate
  /// Whether others are compared with it.
  public let isReference: Bool

  init(bin: EventBins.Bin, estimate: Estimate) {
    eventTime = bin.eventTime
    rows = bin.rows
    self.estimate = estimate
    isReference = bin.isReference
  }
}

/// What an event study found.
public struct EventStudyResult: Sendable, Equatable {
  /// The effects by event time, ascending.
  public let rows: [EventStudyRow]
  /// The coefficients of the covariates.
  public let covariates: [Estimate]
  /// The joint test that all effects before treatment are zero; nil where none can be had.
  public let preTrend: WaldTest?
  /// The plain mean of the effects from treatment on, term `after`.
  public let meanAfter: Estimate?
  /// The number of observations used.
  public let observations: Int
  /// The number of clusters.
  public let clusters: Int?
  /// Things that the reader must know.
  public let notes: [String]
  /// The covariance of the effects that have a standard error, in the order of `rows`.
  let covariance: Matrix
  /// The degrees of freedom of the covariance; nil means normal.
  let degreesOfFreedom: Double?

  init(
    rows: [EventStudyRow], covariates: [Estimate], fit: any RegressionFit,
    estimator: CovarianceEstimator, observations: Int, clusters: Int?, notes: [String],
    bands: EventStudyBands, level: Double
  ) throws(SiblingError) {
    self.rows = try bands.applied(to: rows, fit, estimator, level)
    self.covariates = covariates
    self.observations = observations
    self.clusters = clusters
    var notes = notes
    // Against a period of treatment the effects before it test nothing about trends.
    let isBefore = rows.contains { $0.isReference && $0.eventTime < 0 }
    let before = rows.filter {
      isBefore && $0.eventTime < 0 && $0.estimate.standardError != nil
    }
    let after = rows.filter { $0.eventTime >= 0 && $0.estimate.standardError != nil }
    var test: WaldTest?
    if !before.isEmpty {
      do {
        test = try fit.wald(before.map(\.estimate.term), covariance: estimator)
      } catch {
        notes.append("No joint test of the effects before treatment: \(error.message)")
      }
    }
    preTrend = test
    let covariance = try fit.covariance(estimator)
    degreesOfFreedom = covariance.degreesOfFreedom
    let place = Dictionary(
      uniqueKeysWithValues: fit.keptColumns.enumerated().map { (fit.names[$1], $0) })
    self.covariance = covariance.matrix.selecting(
      both: rows.filter { $0.estimate.standardError != nil }
        .compactMap { place[$0.estimate.term] })
    meanAfter = Self.mean(after.map(\.estimate.term), fit, covariance, level)
    self.notes = notes
  }

  private static func mean(
    _ terms: [String], _ fit: any RegressionFit, _ covariance: CovarianceEstimate,
    _ level: Double
  ) -> Estimate? {
    guard !terms.isEmpty else { return nil }
    let wanted = Set(terms)
    let share = 1 / Double(terms.count)
    var value = 0.0
    var pick = [Double](repeating: 0, count: fit.keptColumns.count)
    for (place, column) in fit.keptColumns.enumerated() where wanted.contains(fit.names[column]) {
      pick[place] = share
      value += share * fit.coefficients[column]
    }
    let variance = covariance.matrix.quadraticForm(pick)
    return Estimate(
      term: "after", estimate: value, standardError: variance > 0 ? variance.squareRoot() : nil,
      degreesOfFreedom: covariance.degreesOfFreedom, level: level,
      convention: covariance.convention)
  }

  /// The rows as a table: event times, then covariates.
  public var table: EstimateTable {
    EstimateTable(
      rows: rows.map(\.estimate) + covariates, observations: observations, clusters: clusters,
      notes: notes)
  }
}
