internal import LinearAlgebra

/// Which absorbed effects the small-sample factor (N − 1)/(N − K) of clustered covariance counts.
public enum EffectsCounting: String, Sendable, CaseIterable {
  /// Those of factors that are not nested in the clusters, and one for those that are.
  case notNested = "nested"
  /// None: K is the number of coefficients.
  case none = "none"
  /// All of them.
  case all = "full"
  /// There is no such factor; only G/(G − 1) is left.
  case off = "off"
}

/// The covariance of a regression with absorbed effects.
struct AbsorbedSandwich {
  /// The regression's equations; every absorbed parameter counts.
  var equations: EstimatingEquations
  var absorption: Absorption
  /// The number of coefficients.
  var kept: Int
  /// The rows of the data used; nil when all.
  var rows: [Int]?
  var dataRows: Int
  var counting: EffectsCounting

  /// The covariance of the kept coefficients; cluster factors have a row for each row of the data.
  ///
  /// - Throws: what the estimator finds wrong; `invalidOption` for HC2 and HC3 where leverage has
  ///   no closed form.
  func covariance(_ estimator: CovarianceEstimator) throws(SiblingError) -> CovarianceEstimate {
    switch estimator {
    case .heteroskedastic(.hc2), .heteroskedastic(.hc3):
      guard equations.extraLeverage != nil else {
        throw SiblingError(
          .invalidOption, "HC2 and HC3 need one absorbed factor or a balanced panel.",
          help: "Use HC1 or clusters.")
      }
      return try estimator.estimate(equations)
    case .classical, .heteroskedastic:
      return try estimator.estimate(equations)
    case .neweyWest(let series):
      guard series.unit?.count ?? dataRows == dataRows, series.time?.count ?? dataRows == dataRows
      else {
        throw SiblingError(
          .sizeMismatch, "The series' units or periods have not as many rows as the data.")
      }
      let used = rows.map { series.selecting($0) } ?? series
      return try CovarianceEstimator.neweyWest(used).estimate(equations)
    case .cluster(let type, let factors, let multiway):
      for factor in factors where factor.count != dataRows {
        throw SiblingError(
          .sizeMismatch, "The clusters have \(factor.count) rows, the data \(dataRows).")
      }
      let used = rows.map { rows in factors.map { $0.selecting(rows) } } ?? factors
      var counted = equations
      counted.parameters = parameters(used)
      var estimate = try CovarianceEstimator.cluster(type, used, multiway: multiway).estimate(
        counted)
      if type == .cr1, counting != .notNested {
        estimate.convention += ", effects counted: \(counting.rawValue)"
      }
      return estimate
    }
  }

  private func parameters(_ clusters: [Factor]) -> Int {
    switch counting {
    case .off: return 1
    case .none: return kept
    case .all: return equations.parameters
    case .notNested:
      var count = equations.parameters
      for place in absorption.levels.indices
      where clusters.contains(where: { absorption.isNested(place, in: $0) }) {
        count -= absorption.levels[place] - 1
      }
      return max(count, kept + 1)
    }
  }
}
