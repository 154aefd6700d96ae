internal import Statistics
internal import Tables

/// Linear regression with absorbed effects, as `regress --absorb` and `y ~ x | firm` ask for it.
enum AbsorbedRegression {
  /// The estimates of the terms that are not absorbed.
  ///
  /// - Throws: what is wrong with the model.
  static func estimates(
    _ bound: BoundFormula, response: [Double], effects: [Factor], covariance: CovarianceChoice,
    level: Double
  ) throws(SiblingError) -> EstimateTable {
    try AbsorbedLeastSquares().fit(
      bound.frame.design, response: response, absorbing: effects, weights: bound.weights
    ).estimates(covariance: covariance.estimator(bound.clusters), level: level)
  }
}
