public import Statistics

/// The smallest bunching that a test of the sample's own size would have found.
///
/// For the binomial test exactly. For the others by simulation: jobs are drawn from a smooth law fitted to
/// the durations, a share of those that ended just before the threshold is moved to just after it, and the
/// test is run; the share is that found with the power asked for.
public struct SmallestDetectableExcess: Sendable, Equatable {
  /// The power.
  public var power: Double
  /// The size of the test.
  public var size: Double
  /// Samples drawn for each share tried.
  public var draws: Int
  /// The seed of the draws.
  public var seed: UInt64

  /// A power and a size; 80% and 5% by default.
  public init(power: Double = 0.8, size: Double = 0.05, draws: Int = 200, seed: UInt64 = 1) {
    self.power = power
    self.size = size
    self.draws = draws
    self.seed = seed
  }

  /// The one-sided exact binomial test's, with so many jobs in the window; nil where none can be found.
  public func binomial(jobs: Int, expected share: Double) -> DetectableExcess? { nil }

  /// The density test's, jobs moved from one `width` before the threshold to one after.
  ///
  /// - Throws: what the test throws on the sample.
  public func density(
    _ test: LocalPolynomialDensityTest, _ durations: [Double], width: Double
  ) throws(SiblingError) -> DetectableExcess? { nil }

  /// The excess mass's, jobs moved from one bin before the threshold to one after.
  ///
  /// - Throws: what the estimator throws on the sample.
  public func excessMass(
    _ estimator: BunchingEstimator, _ durations: [Double], sites: Factor? = nil
  ) throws(SiblingError) -> DetectableExcess? { nil }
}
