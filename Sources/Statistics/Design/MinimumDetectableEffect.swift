internal import Glibc

/// The smallest true effect that a two-sided test would find with a given power.
///
/// It is (q₁₋α⸝₂ + q_power) × SE: 2.80 standard errors for a 5% test with 80% power when quantiles
/// are normal, more with few degrees of freedom. It depends on the design and on the spread of the
/// outcome, never on the effect found, so it can be shown before anybody has seen an outcome.
///
/// Bloom (1995), doi:10.1177/0193841X9501900504; clusters as in Donner and Klar (2000),
/// *Design and Analysis of Cluster Randomization Trials*.
public struct MinimumDetectableEffect: Sendable, Equatable {
  /// The two-sided level of the test.
  public var level: Double
  /// The probability that the test finds the effect.
  public var power: Double

  /// A test's level and power; 5% and 80% by default.
  public init(level: Double = 0.05, power: Double = 0.8) {
    self.level = level
    self.power = power
  }

  /// The multiple of the standard error that can be detected.
  ///
  /// With degrees of freedom the quantiles are Student's t, else normal.
  /// - Throws: `badValue` unless 0 < level < 1, level/2 ≤ power < 1 and the degrees of freedom are
  ///   positive.
  public func multiple(degreesOfFreedom: Double? = nil) throws(SiblingError) -> Double {
    guard level > 0, level < 1, power >= level / 2, power < 1 else {
      throw SiblingError(
        .badValue, "a test's level and power must lie between 0 and 1",
        help: "usual values are level 0.05 and power 0.8")
    }
    guard let degreesOfFreedom else {
      let normal = Normal.standard
      return normal.upperQuantile(level / 2) + normal.upperQuantile(1 - power)
    }
    guard degreesOfFreedom > 0, degreesOfFreedom.isFinite else {
      throw SiblingError(.badValue, "degrees of freedom must be positive")
    }
    let t = StudentT(degreesOfFreedom: degreesOfFreedom)
    return t.upperQuantile(level / 2) + t.upperQuantile(1 - power)
  }

  /// The detectable effect of an estimator with this standard error, on the estimator's scale.
  ///
  /// - Throws: `badValue` for a standard error that is not positive and finite, and as `multiple`.
  public func effect(
    standardError: Double, degreesOfFreedom: Double? = nil
  ) throws(SiblingError) -> Double {
    guard standardError > 0, standardError.isFinite else {
      throw SiblingError(.badValue, "a standard error must be positive")
    }
    return try multiple(degreesOfFreedom: degreesOfFreedom) * standardError
  }

  /// The detectable difference in means of two arms, in the outcome's unit.
  ///
  /// The standard deviation is within an arm; the design effect is 1 without clusters.
  /// - Throws: `badValue` unless the standard deviation is positive, the design effect positive and
  ///   both arms have somebody.
  public func means(
    standardDeviation: Double, treated: Double, comparison: Double, designEffect: Double = 1,
    degreesOfFreedom: Double? = nil
  ) throws(SiblingError) -> Double {
    guard treated > 0, comparison > 0, designEffect > 0, designEffect.isFinite else {
      throw SiblingError(
        .badValue, "each arm needs somebody in it, and the design effect must be positive")
    }
    let variance = standardDeviation * standardDeviation * (1 / treated + 1 / comparison)
    return try effect(
      standardError: (variance * designEffect).squareRoot(), degreesOfFreedom: degreesOfFreedom)
  }

  /// The detectable difference in proportions of two arms, as a difference of shares.
  ///
  /// Both arms are given the variance of the rate expected without the programme.
  /// - Throws: `badValue` unless 0 < rate < 1 and the arms are as in `means`.
  public func proportions(
    rate: Double, treated: Double, comparison: Double, designEffect: Double = 1,
    degreesOfFreedom: Double? = nil
  ) throws(SiblingError) -> Double {
    guard rate > 0, rate < 1 else {
      throw SiblingError(.badValue, "the expected rate must lie between 0 and 1")
    }
    return try means(
      standardDeviation: (rate * (1 - rate)).squareRoot(), treated: treated,
      comparison: comparison, designEffect: designEffect, degreesOfFreedom: degreesOfFreedom)
  }

  /// The design effect of clusters of one size: 1 + (size − 1) × intracluster correlation.
  ///
  /// - Throws: `badValue` unless the size is at least 1 and the correlation lies in 0–1.
  public static func designEffect(
    clusterSize: Double, intraclusterCorrelation: Double
  ) throws(SiblingError) -> Double {
    guard clusterSize >= 1, clusterSize.isFinite, (0...1).contains(intraclusterCorrelation) else {
      throw SiblingError(
        .badValue, "clusters need at least one member and a correlation between 0 and 1")
    }
    return 1 + (clusterSize - 1) * intraclusterCorrelation
  }
}
