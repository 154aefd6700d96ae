internal import Glibc
internal import LinearAlgebra
internal import Statistics

/// Draws of the differences in cost and effect, from the sites or from their joint distribution.
///
/// Resamples draw whole sites with replacement within each arm (Efron 1979,
/// doi:10.1214/aos/1176344552), so that a site's clients, its cost and its outcomes stay together.
/// With few sites in an arm they vary too little, by the factor √((m − 1)/m) for m sites, which is why
/// the t distribution leads.
public struct CostEffectDraws: Sendable, Equatable {
  /// The number of draws.
  public var draws: Int
  /// The seed.
  public var seed: UInt64

  /// Draws.
  public init(draws: Int = 5000, seed: UInt64 = 1) {
    self.draws = draws
    self.seed = seed
  }

  /// A pair of differences.
  public struct Draw: Sendable, Equatable {
    /// The difference in cost, and in effect.
    public var cost, effect: Double

    /// A pair.
    public init(cost: Double, effect: Double) {
      self.cost = cost
      self.effect = effect
    }
  }

  /// Blocks of draws share nothing, so that threads do not matter.
  private static let block = 500

  private func blocks(_ body: @Sendable (Int) -> Draw?) -> [Draw] {
    let ranges = Parallel.ranges(of: draws, size: Self.block)
    return Parallel.mapBlocks(ranges.count) { ranges[$0].compactMap(body) }.flatMap { $0 }
  }

  /// Draws from the bivariate t distribution of a contrast; normal without degrees of freedom.
  ///
  /// A multivariate t: both differences share the divisor √(χ²/df), with the contrast's common degrees
  /// of freedom.
  public func parametric(_ contrast: CostEffectContrast) -> [Draw] {
    let costError = contrast.costVariance.squareRoot()
    let effectError = contrast.effectVariance.squareRoot()
    let rho = contrast.correlation
    let rest = max(0, 1 - rho * rho).squareRoot()
    let degrees = contrast.degreesOfFreedom
    return blocks { index in
      var stream = RandomStream(seed: seed, name: "cost-effect", index: UInt64(index))
      let (u, v) = (stream.normal(), stream.normal())
      let scale =
        degrees.map { df in
          (df / (2 * Self.gammaVariate(df / 2, &stream))).squareRoot()
        } ?? 1
      return Draw(
        cost: contrast.cost + costError * scale * u,
        effect: contrast.effect + effectError * scale * (rho * u + rest * v))
    }
  }

  /// Draws from resampled sites, their effects moved by `shift` (the effect of an adjusted analysis
  /// less that of the sites' own sums).
  public func resampled(_ sites: [SitePair], shift: Double = 0) -> [Draw] {
    let arms = [true, false].map { arm in sites.indices.filter { sites[$0].isTreated == arm } }
    guard arms.allSatisfy({ $0.count > 1 }) else { return [] }
    return blocks { index in
      var stream = RandomStream(seed: seed, name: "cost-effect-sites", index: UInt64(index))
      var counts = [Double](repeating: 0, count: sites.count)
      for arm in arms {
        for _ in arm { counts[arm[stream.integer(below: arm.count)]] += 1 }
      }
      return CostEffectContrast.differences(sites, counts: counts).map {
        Draw(cost: $0.cost, effect: $0.effect + shift)
      }
    }
  }

  /// A gamma variate of scale 1 by squeezing a normal (Marsaglia and Tsang 2000,
  /// doi:10.1145/358407.358414).
  static func gammaVariate(_ shape: Double, _ stream: inout RandomStream) -> Double {
    guard shape >= 1 else {
      let power = stream.exponential() / max(shape, 1e-6)
      return gammaVariate(shape + 1, &stream) * exp(-power)
    }
    let d = shape - 1.0 / 3
    let c = 1 / (9 * d).squareRoot()
    while true {
      let x = stream.normal()
      let root = 1 + c * x
      guard root > 0 else { continue }
      let v = root * root * root
      if stream.exponential() > -(x * x / 2 + d - d * v + d * log(v)) { return d * v }
    }
  }
}
