internal import Statistics
internal import Tables

/// Linear and Poisson regression with absorbed effects, as `regress --absorb` and `y ~ x | firm` ask
/// for it.
enum AbsorbedRegression {
  /// The estimates of the terms that are not absorbed.
  ///
  /// - Throws: what is wrong with the model.
  static func estimates(
    _ bound: BoundFormula, response: [Double], effects: [Factor], isPoisson: Bool,
    counting: EffectsCounting, covariance: CovarianceEstimator, level: Double
  ) throws(SiblingError) -> EstimateTable {
    let (design, offset) = (bound.frame.design, bound.frame.offset)
    if isPoisson {
      return try AbsorbedPoisson(counting: counting).fit(
        design, response: response, absorbing: effects, weights: bound.weights, offset: offset
      ).estimates(covariance: covariance, level: level)
    }
    // An offset is a term whose coefficient is one.
    let rest = offset.map { offset in zip(response, offset).map { $0 - $1 } } ?? response
    return try AbsorbedLeastSquares(counting: counting).fit(
      design, response: rest, absorbing: effects, weights: bound.weights
    ).estimates(covariance: covariance, level: level)
  }
}
