internal import LinearAlgebra
public import Statistics

extension WeightEquations {
  /// Each row's influence on an estimate, through its own weight and through the fitted weights.
  ///
  /// `slope` has the estimate's derivative in the weight of each row, and `weights` the weights. A row's
  /// influence is weight times slope, less what its estimating function does to the parameters of
  /// the weights and they to the estimate. The squares of the influences sum to the variance of any
  /// estimate that is a smooth function of the weights: a mean, a curve, a hazard ratio.
  ///
  /// Stefanski & Boos (2002), doi:10.1198/000313002753631330.
  /// - Throws: `sizeMismatch`; `rankDeficient` when the equations can't be solved.
  public func influence(
    slope: [Double], weights: [Double]
  ) throws(SiblingError) -> [Double] {
    try check(rows: slope.count)
    try Inputs.length(weights.count, expected: slope.count, of: "weights")
    let carried = try carried(slope)
    return slope.indices.map { weights[$0] * slope[$0] - carried[$0] }
  }

  /// What each row's estimating function adds to an estimate with this derivative in the weights.
  ///
  /// - Throws: `rankDeficient` when the equations can't be solved.
  func carried(_ slope: [Double]) throws(SiblingError) -> [Double] {
    let gradient = weightGradient.transposedTimes(slope)
    guard let back = LinearSystem.solveTransposed(jacobian, gradient) else {
      throw SiblingError(
        .rankDeficient,
        "the equations of the weights are singular, so their uncertainty is unknown",
        help: "Use fewer terms in the formula, or --se robust, which takes the weights as known.")
    }
    return scores.times(back)
  }
}
