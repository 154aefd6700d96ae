internal import LinearAlgebra

/// Several estimates under the same exchanges of treatment between clusters.
///
/// Every exchange is tried on all samples, so that what they have in common (people, sites, shocks) is kept.
/// It is the reference of step-down p-values for several outcomes, and of the curve of many analyses of one.
public struct JointExchange: Sendable, Equatable {
  /// Exchanges drawn where there are too many to list.
  public var draws: Int
  /// The most exchanges that are listed.
  public var limit: Int
  /// The seed of the draws.
  public var seed: UInt64

  /// Joint exchanges; the defaults are those of `RandomizationInference`.
  public init(draws: Int = 9999, limit: Int = 200_000, seed: UInt64 = 1) {
    self.draws = draws
    self.limit = limit
    self.seed = seed
  }

  /// Estimates and t statistics, observed and under every exchange.
  public struct Result: Sendable, Equatable {
    /// The estimates as observed.
    public var estimates: [Double]
    /// Their t statistics by CR1.
    public var statistics: [Double]
    /// The estimates under each exchange; NaN where there is none.
    public var exchangedEstimates: [[Double]]
    /// The t statistics under each exchange; NaN where there is none.
    public var exchangedStatistics: [[Double]]
    /// Whether the exchanges are all there are.
    public var isExact: Bool
  }

  /// Works through the exchanges; the samples must have the same clusters in the same order.
  ///
  /// - Throws: `badDesign` where clusters or launches differ between the samples or no estimate has an
  ///   error, `invalidOption` without draws, and what `RandomizationInference` throws.
  /// - Complexity: O(exchanges × clusters × samples), besides O(n) once a sample.
  public func test(_ samples: [FewClusterSample]) throws(SiblingError) -> Result {
    guard draws >= 1, limit >= 1 else {
      throw SiblingError(.invalidOption, "exchanging treatment needs a draw or more")
    }
    var products: [LaunchProducts] = []
    for sample in samples {
      guard sample.clusters.levels == samples[0].clusters.levels else {
        throw SiblingError(
          .badDesign,
          "not all estimates rest on the same sites, so that treatment can't be exchanged"
            + " alike for them")
      }
      let made = try LaunchProducts(PartialledClusters(sample), LaunchPaths(sample))
      guard
        made.launches.pathOfCluster == products.first?.launches.pathOfCluster
          ?? made.launches.pathOfCluster
      else {
        throw SiblingError(.badDesign, "not all estimates have the same sites treated")
      }
      let observed = made.observed
      guard observed.isDefined, observed.v0 > 0 else {
        throw SiblingError(.badDesign, "an estimate has no standard error to be divided by")
      }
      products.append(made)
    }
    guard let launches = products.first?.launches else {
      return Result(
        estimates: [], statistics: [], exchangedEstimates: [], exchangedStatistics: [],
        isExact: true)
    }
    let exchanges = LaunchExchanges(
      paths: launches.pathOfCluster, kinds: launches.paths.count, limit: max(limit, draws),
      draws: draws, seed: seed)
    let all = products
    let drawn = Parallel.mapBlocks(exchanges.blocks) { block in
      var part: [(estimates: [Double], statistics: [Double])] = []
      exchanges.forEach(inBlock: block) { assignment in
        let found = all.map { $0.draw(assignment) }
        part.append((found.map(\.outcome), found.map(Self.statistic)))
      }
      return part
    }.flatMap { $0 }
    let observed = products.map(\.observed)
    return Result(
      estimates: observed.map(\.outcome), statistics: observed.map(Self.statistic),
      exchangedEstimates: drawn.map(\.estimates), exchangedStatistics: drawn.map(\.statistics),
      isExact: exchanges.isExact)
  }

  /// The t statistic under no effect; infinite without a spread, NaN without an estimate.
  private static func statistic(_ draw: LaunchProducts.Draw) -> Double {
    guard draw.isDefined else { return .nan }
    guard draw.v0 > 0 else { return draw.outcome < 0 ? -.infinity : .infinity }
    return draw.outcome / draw.v0.squareRoot()
  }
}
