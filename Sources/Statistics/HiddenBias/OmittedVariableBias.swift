internal import Glibc

/// How strong an omitted variable must be to overturn a linear regression's estimate.
///
/// A variable that was left out of the regression is described by two shares of variance: of the
/// treatment that it explains beyond the other covariates (R²_dz), and of the outcome that it explains beyond
/// treatment and covariates (R²_yz). Together they fix the bias and the standard error that the estimate
/// would have had with it (Cinelli, C. and Hazlett, C. (2020), https://doi.org/10.1111/rssb.12348).
public struct OmittedVariableBias: Sendable, Equatable {
  /// The coefficient.
  public let estimate: Double
  /// Its classical standard error.
  public let standardError: Double
  /// The residual degrees of freedom of the regression.
  public let degreesOfFreedom: Double

  /// A regression's coefficient with its classical standard error and residual degrees of freedom.
  ///
  /// - Throws: `badValue` for numbers that are not finite, a standard error that is not positive, or
  ///   fewer than 2 degrees of freedom.
  public init(
    estimate: Double, standardError: Double, degreesOfFreedom: Double
  ) throws(SiblingError) {
    guard estimate.isFinite, standardError.isFinite, standardError > 0 else {
      throw SiblingError(
        .badValue, "a robustness value needs an estimate with a positive standard error",
        column: "std-error")
    }
    guard degreesOfFreedom.isFinite, degreesOfFreedom >= 2 else {
      throw SiblingError(
        .badValue, "a robustness value needs at least 2 residual degrees of freedom", column: "df")
    }
    self.estimate = estimate
    self.standardError = standardError
    self.degreesOfFreedom = degreesOfFreedom
  }

  /// The t statistic.
  public var statistic: Double { estimate / standardError }

  /// The share of the outcome's residual variance that the treatment explains: t²/(t² + df).
  public var partialRSquared: Double {
    statistic * statistic / (statistic * statistic + degreesOfFreedom)
  }

  /// The size of Cohen's partial f, |t|/√df.
  private var partialF: Double { statistic.magnitude / degreesOfFreedom.squareRoot() }

  /// The share that an omitted variable must explain of both treatment and outcome to lower the
  /// estimate by `share` of itself (1: to nought).
  ///
  /// With `alpha` the share at which the lowered estimate's interval of level 1 − alpha reaches that
  /// value; nought when it does so already.
  /// - Throws: `invalidOption` for a share that is not positive or an alpha outside (0, 1).
  public func robustnessValue(
    share: Double = 1, alpha: Double? = nil
  ) throws(SiblingError) -> Double {
    guard share > 0, share.isFinite else {
      throw SiblingError(
        .invalidOption, "q, the share of the estimate to explain away, must be positive",
        column: "q")
    }
    let size = share * partialF
    guard let alpha else { return Self.balanced(size) }
    guard alpha > 0, alpha < 1 else {
      throw SiblingError(.invalidOption, "alpha must lie between 0 and 1", column: "alpha")
    }
    let degrees = degreesOfFreedom - 1
    let critical =
      StudentT(degreesOfFreedom: degrees).upperQuantile(alpha / 2) / degrees.squareRoot()
    guard size > critical else { return 0 }
    // The two shares are each at most the value. Where the critical value is large, a smaller share of the
    // outcome does more harm, as it lowers the standard error less.
    if size * critical > 1 {
      return (size * size - critical * critical) / (1 + size * size)
    }
    return Self.balanced(size - critical)
  }

  /// The r with r/√(1 − r) = f.
  private static func balanced(_ f: Double) -> Double {
    // (√(f⁴ + 4f²) − f²)/2 without cancellation.
    guard f > 0 else { return 0 }
    return 2 / (1 + (1 + 4 / (f * f)).squareRoot())
  }

  /// The estimate as it would be with an omitted variable of the given strength, pulled towards
  /// nought or, when `raises`, away from it.
  ///
  /// A variable that explains all that is left of the outcome leaves no error to estimate: the
  /// estimate then has none.
  /// - Throws: `badValue` for shares outside [0, 1), R²_yz up to and including 1.
  public func adjusted(
    treatmentShare: Double, outcomeShare: Double, raises: Bool = false, level: Double = 0.95
  ) throws(SiblingError) -> Estimate {
    guard treatmentShare >= 0, treatmentShare < 1, outcomeShare >= 0, outcomeShare <= 1 else {
      throw SiblingError(
        .badValue,
        "a share of variance lies between 0 and 1, and below 1 for the treatment's", column: "r2")
    }
    let bias =
      standardError * degreesOfFreedom.squareRoot()
      * (outcomeShare * treatmentShare / (1 - treatmentShare)).squareRoot()
    let size = estimate.magnitude + (raises ? bias : -bias)
    let error: Double? =
      outcomeShare == 1
      ? nil
      : standardError
        * ((1 - outcomeShare) / (1 - treatmentShare) * degreesOfFreedom / (degreesOfFreedom - 1))
        .squareRoot()
    return Estimate(
      term: "", estimate: estimate < 0 ? -size : size, standardError: error,
      degreesOfFreedom: degreesOfFreedom - 1, level: level,
      convention: "classical, adjusted for an omitted variable")
  }
}

extension OmittedVariableBias {
  /// The strength of an omitted variable.
  public struct Strength: Sendable, Equatable {
    /// The share of the treatment's residual variance that it explains.
    public var treatmentShare: Double
    /// The share of the outcome's residual variance that it explains.
    public var outcomeShare: Double

    /// A strength from its two shares.
    public init(treatmentShare: Double, outcomeShare: Double) {
      self.treatmentShare = treatmentShare
      self.outcomeShare = outcomeShare
    }
  }

  /// The most that a variable can be if it is `treatmentMultiple` times as strong as an observed
  /// covariate in explaining treatment, and `outcomeMultiple` times in explaining the outcome.
  ///
  /// `observed` holds the covariate's (or group's) own partial shares: of treatment given the other
  /// covariates, of the outcome given treatment and the other covariates. Nil when no variable can be
  /// that strong; a share of the outcome above 1 is 1.
  /// - Throws: `badValue` for shares outside [0, 1) or multiples that are not positive.
  public static func bound(
    observed: Strength, treatmentMultiple: Double, outcomeMultiple: Double
  ) throws(SiblingError) -> Strength? {
    let (d, y) = (observed.treatmentShare, observed.outcomeShare)
    guard d >= 0, d < 1, y >= 0, y < 1 else {
      throw SiblingError(
        .badValue, "a benchmark explains treatment or outcome completely",
        help: "leave it out of the benchmarks")
    }
    guard treatmentMultiple > 0, outcomeMultiple > 0, treatmentMultiple.isFinite,
      outcomeMultiple.isFinite
    else {
      throw SiblingError(.badValue, "multiples must be positive", column: "multiples")
    }
    let ofTreatment = treatmentMultiple * d / (1 - d)
    guard ofTreatment < 1 else { return nil }
    // How far the omitted variable and the benchmark come to depend on each other given treatment.
    let shared = treatmentMultiple * d * d / ((1 - treatmentMultiple * d) * (1 - d))
    guard shared < 1 else { return nil }
    let factor = (outcomeMultiple.squareRoot() + shared.squareRoot()) / (1 - shared).squareRoot()
    return Strength(
      treatmentShare: ofTreatment, outcomeShare: min(1, factor * factor * y / (1 - y)))
  }

  /// The share of a response's residual variance that the chosen columns explain beyond the others.
  ///
  /// - Throws: as least squares does.
  public static func partialShare(
    of columns: [Int], in design: DesignMatrix, response: [Double], weights: [Double]? = nil
  ) throws(SiblingError) -> Double {
    func residual(_ design: DesignMatrix) throws(SiblingError) -> Double {
      let fit = try LeastSquares().fit(design, response: response, weights: weights)
      return fit.sigma * fit.sigma * Double(fit.residualDegreesOfFreedom)
    }
    let left = Set(columns)
    let rest = design.selecting(columns: (0..<design.columns).filter { !left.contains($0) })
    let (with, without) = (try residual(design), try residual(rest))
    guard without > 0 else { return 0 }
    return min(max(0, 1 - with / without), 1)
  }
}
