import LinearAlgebra
public import Statistics

/// Mean predicted survival at a time.
public struct MeanSurvival: Sendable, Equatable {
  /// The time.
  public let time: Double
  /// The weighted mean over rows of their predicted survival.
  public let survival: Double
  /// Its standard error by the delta method, covariates taken as they are.
  public let standardError: Double
  /// Limits on the scale of log(−log S), so within 0 and 1.
  public let interval: ConfidenceInterval
}

extension ParametricFit {
  /// The mean survival that the model predicts for the rows of a design, with delta-method errors.
  ///
  /// The design has the columns of the fitted one; set a treatment to one value in every row for
  /// standardised (g-formula) curves. Derivatives in the coefficients are central differences; the
  /// covariance is the robust one where there is one.
  /// - Throws: `invalid-option` for models other than `SurvivalRegression`'s and `RoystonParmar`'s or
  ///   times that are not above zero; `size-mismatch`; `bad-weight`.
  /// - Complexity: O(n · times · coefficients).
  public func meanSurvival(
    _ design: DesignMatrix, offset: [Double]? = nil, weights: [Double]? = nil, at times: [Double],
    level: Double = 0.95
  ) throws(SiblingError) -> [MeanSurvival] {
    guard let predictor else {
      throw SiblingError(.invalidOption, "this model predicts no survival")
    }
    guard times.allSatisfy({ $0 > 0 && $0.isFinite }) else {
      throw SiblingError(.invalidOption, "times must be above zero", column: "times")
    }
    try Checks.level(level)
    try Checks.weights(weights, rows: design.rows, allowingZero: true)
    if let offset { try Checks.count(offset.count, is: design.rows, "the offset") }
    let used: DesignMatrix
    let width: Int
    switch predictor {
    case .family(let family):
      used = design
      width = design.columns + family.ancillaryNames.count
    case .spline(_, let shape):
      used = design.removingIntercept()
      width = 1 + shape.columns + used.columns
    }
    try Checks.count(width, is: names.count, "the design with the other parameters")
    let groups = [Int32](repeating: 0, count: design.rows)
    func means(_ values: [Double]) -> [Double] {
      PredictedSurvival(predictor, values, used, offset: offset).means(
        at: times, groups: groups, count: 1, weights: weights)[0]
    }
    let center = means(coefficients)
    let errors = standardErrors
    let kept = names.indices.filter { errors[$0].isFinite && errors[$0] > 0 }
    let slopes: [[Double]] = kept.map { j in
      let step = 1e-3 * errors[j]
      var (up, down) = (coefficients, coefficients)
      up[j] += step
      down[j] -= step
      return zip(means(up), means(down)).map { ($0 - $1) / (2 * step) }
    }
    let variance = robustCovariance ?? covariance
    let reach = Normal.standard.upperQuantile((1 - level) / 2)
    return times.indices.map { k in
      var sum = 0.0
      for (a, j) in kept.enumerated() {
        for (b, i) in kept.enumerated() { sum += slopes[a][k] * variance[j, i] * slopes[b][k] }
      }
      let (mean, error) = (center[k], Swift.max(0, sum).squareRoot())
      // d log(−log S) = dS/(S log S).
      let width = reach * error / (mean * logarithm(mean)).magnitude
      func limit(_ shift: Double) -> Double {
        exponential(logarithm(mean) * exponential(shift))
      }
      return MeanSurvival(
        time: times[k], survival: mean, standardError: error,
        interval: ConfidenceInterval(low: limit(width), high: limit(-width), level: level))
    }
  }
}
