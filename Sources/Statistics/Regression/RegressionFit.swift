internal import LinearAlgebra

/// A fitted regression whose coefficients any covariance estimator can judge.
public protocol RegressionFit: Sendable {
  /// The names of the design's columns.
  var names: [String] { get }
  /// A coefficient for each column; NaN for dropped ones.
  var coefficients: [Double] { get }
  /// The columns that take part, ascending.
  var keptColumns: [Int] { get }
  /// The names of columns that are combinations of earlier ones.
  var dropped: [String] { get }
  /// What covariance estimators need.
  var equations: EstimatingEquations { get }
  /// Things that the reader must know.
  var notes: [String] { get }
  /// The covariance of the kept coefficients, in the order of `keptColumns`.
  ///
  /// - Throws: what the estimator finds wrong, such as a single cluster.
  func covariance(_ estimator: CovarianceEstimator) throws(SiblingError) -> CovarianceEstimate
}

extension RegressionFit {
  /// The covariance of the kept coefficients, in the order of `keptColumns`.
  ///
  /// - Throws: what the estimator finds wrong, such as a single cluster.
  public func covariance(
    _ estimator: CovarianceEstimator
  ) throws(SiblingError) -> CovarianceEstimate {
    try estimator.estimate(equations)
  }

  /// The kept coefficients with standard errors, tests and intervals.
  ///
  /// - Throws: what the covariance estimator finds wrong, such as a single cluster.
  public func estimates(
    covariance estimator: CovarianceEstimator = .classical, level: Double = 0.95
  ) throws(SiblingError) -> EstimateTable {
    let estimate = try covariance(estimator)
    let errors = estimate.standardErrors
    let rows = keptColumns.enumerated().map { place, column -> Estimate in
      let own = estimate.coefficientDegreesOfFreedom.map { $0[place] }
      return Estimate(
        term: names[column], estimate: coefficients[column],
        standardError: errors[place].isFinite ? errors[place] : nil,
        degreesOfFreedom: errors[place].isFinite ? own ?? estimate.degreesOfFreedom : nil,
        level: level,
        convention: estimate.convention)
    }
    return EstimateTable(
      rows: rows, observations: equations.observations, clusters: estimate.clusters,
      notes: notes + estimate.notes)
  }
}
