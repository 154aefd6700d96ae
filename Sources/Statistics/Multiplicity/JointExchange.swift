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

  /// Works through the exchanges of all clusters of the samples.
  ///
  /// A sample may lack clusters of others; it then takes the exchanges of those that it has, among which
  /// some may leave it without an estimate.
  /// - Throws: `badDesign` where launches differ between the samples or an estimate has no error,
  ///   `invalidOption` without draws, and what `RandomizationInference` throws.
  /// - Complexity: O(exchanges × clusters × samples), besides O(n) once a sample.
  public func test(_ samples: [FewClusterSample]) throws(SiblingError) -> Result {
    guard draws >= 1, limit >= 1 else {
      throw SiblingError(.invalidOption, "exchanging treatment needs a draw or more")
    }
    var products: [LaunchProducts] = []
    for sample in samples {
      let made = try LaunchProducts(PartialledClusters(sample), LaunchPaths(sample))
      guard made.launches.paths == (products.first ?? made).launches.paths else {
        throw SiblingError(.badDesign, "not all estimates have the same launches")
      }
      let observed = made.observed
      guard observed.isDefined, observed.v0 > 0 else {
        throw SiblingError(.badDesign, "an estimate has no standard error to be divided by")
      }
      products.append(made)
    }
    guard let kinds = products.first?.launches.paths.count else {
      return Result(
        estimates: [], statistics: [], exchangedEstimates: [], exchangedStatistics: [],
        isExact: true)
    }
    let (paths, places) = try Self.together(samples, products)
    let exchanges = LaunchExchanges(
      paths: paths, kinds: kinds, limit: max(limit, draws), draws: draws, seed: seed)
    let all = products
    let drawn = Parallel.mapBlocks(exchanges.blocks) { block in
      var part: [(estimates: [Double], statistics: [Double])] = []
      exchanges.forEach(inBlock: block) { assignment in
        let found = all.indices.map { index in
          all[index].draw(places[index].map { assignment[$0] })
        }
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

  /// The path of each cluster of any sample, and where each sample's clusters stand among them.
  ///
  /// - Throws: `badDesign` when a cluster is on one path in one sample and on another elsewhere.
  private static func together(
    _ samples: [FewClusterSample], _ products: [LaunchProducts]
  ) throws(SiblingError) -> (paths: [Int], places: [[Int]]) {
    var names: [String: Int] = [:]
    var paths: [Int] = []
    var places: [[Int]] = []
    for (sample, product) in zip(samples, products) {
      var own: [Int] = []
      for (cluster, name) in sample.clusters.levels.enumerated() {
        let path = product.launches.pathOfCluster[cluster]
        let place = names[name] ?? paths.count
        if place == paths.count {
          names[name] = place
          paths.append(path)
        }
        guard paths[place] == path else {
          throw SiblingError(.badDesign, "not all estimates have the same sites treated")
        }
        own.append(place)
      }
      places.append(own)
    }
    return (paths, places)
  }

  /// The t statistic under no effect; infinite without a spread, NaN without an estimate.
  private static func statistic(_ draw: LaunchProducts.Draw) -> Double {
    guard draw.isDefined else { return .nan }
    guard draw.v0 > 0 else { return draw.outcome < 0 ? -.infinity : .infinity }
    return draw.outcome / draw.v0.squareRoot()
  }
}
