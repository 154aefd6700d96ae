internal import Statistics

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
  ///
  /// The test rejects at the smallest count whose upper tail is at most its size. Moving a share m of the jobs
  /// expected before the threshold makes the share after it π + m(1 − π).
  public func binomial(jobs: Int, expected share: Double) -> DetectableExcess? {
    guard jobs > 0, share > 0, share < 1, size > 0, size < 1, power > size, power < 1 else {
      return nil
    }
    let null = Binomial(trials: jobs, probability: share)
    // P(X > k) ≤ size: the test rejects above k.
    let critical = Int(null.upperQuantile(size))
    guard critical < jobs else { return nil }
    var (low, high) = (share, 1.0)
    for _ in 0..<80 {
      let middle = (low + high) / 2
      if Binomial(trials: jobs, probability: middle).upperTail(critical) < power {
        low = middle
      } else {
        high = middle
      }
    }
    return DetectableExcess(
      jobs: (high - share) * Double(jobs), shareMoved: (high - share) / (1 - share), power: power,
      size: size, method: "exact")
  }
}
