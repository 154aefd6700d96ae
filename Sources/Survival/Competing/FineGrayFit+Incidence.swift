internal import Glibc
internal import LinearAlgebra
public import Statistics

extension FineGrayFit {
  /// The cumulative incidence of the cause that the model predicts for given covariates.
  ///
  /// F(t) = 1 − exp(−Λ₀(t)·exp(x′β)), Λ₀ the baseline subdistribution hazard summed up to t. The
  /// standard error squares what each row adds to F through Λ₀, β and, without late entry, the
  /// estimated censoring distribution; with clusters or weights that are not whole numbers these are
  /// summed by cluster. Past the last time of the data F is NaN.
  ///
  /// `covariates` has the values of the model's columns, in the order of `names`; those of dropped
  /// columns play no part. `stratum` is needed for a model with strata.
  /// - Throws: `size-mismatch`, `bad-value` or `unknown-level` (the stratum).
  public func incidence(
    _ covariates: [Double], at times: [Double], stratum: String? = nil,
    interval: CurveInterval = .logLog, level: Double = 0.95
  ) throws(SiblingError) -> PredictedIncidence {
    try Checks.level(level)
    guard covariates.count == names.count else {
      throw SiblingError(
        .sizeMismatch, "\(covariates.count) covariates where the model has \(names.count)")
    }
    guard covariates.allSatisfy(\.isFinite) else {
      throw SiblingError(.badValue, "a covariate is missing or infinite")
    }
    let code = try prediction.stratum(stratum)
    let centre = prediction.centre(code)
    let x = prediction.kept.enumerated().map { covariates[$1] - centre[$0] }
    let eta = zip(x, prediction.coefficients).reduce(0) { $0 + $1.0 * $1.1 }
    let sorted = times.sorted()
    var (estimate, error) = ([Double](), [Double]())
    for time in sorted {
      guard let part = prediction.baseline(code, at: time) else {
        estimate.append(.nan)
        error.append(.nan)
        continue
      }
      let hazard = part.hazard * exp(eta)
      estimate.append(-expm1(-hazard))
      // dF = (1 − F)·exp(η)·(dΛ₀ + Λ₀ x′dβ).
      let slope = x.indices.map { part.hazard * x[$0] - part.means[$0] }
      let through = prediction.influence.times(slope)
      var sums = zip(part.influence, through).map { $0 + $1 }
      sums = prediction.collected(sums)
      let spread = sums.reduce(0) { $0 + $1 * $1 }.squareRoot()
      error.append(exp(eta - hazard) * spread)
    }
    let reach = Normal.standard.upperQuantile((1 - level) / 2)
    // An interval of 1 − F, turned round.
    let limits = interval.limits(estimate.map { 1 - $0 }, error, reach: reach)
    return PredictedIncidence(
      times: sorted, estimate: estimate, standardError: error, low: limits.high.map { 1 - $0 },
      high: limits.low.map { 1 - $0 })
  }
}

/// A predicted cumulative incidence; every array has an entry for each of `times`.
public struct PredictedIncidence: Sendable, Equatable {
  /// The times, ascending.
  public let times: [Double]
  /// The share that has left for the cause.
  public let estimate: [Double]
  /// Its standard error.
  public let standardError: [Double]
  /// The lower limits.
  public let low: [Double]
  /// The upper limits.
  public let high: [Double]
}
