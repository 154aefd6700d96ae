import LinearAlgebra
import Statistics

/// Made-up clusters with launches, for tests of inference with few clusters.
struct LaunchWorld {
  var outcome: [Double] = []
  var treatment: [Double] = []
  var covariate: [Double] = []
  var cluster: [Int] = []
  var period: [Int] = []
  var weights: [Double]?

  /// Clusters of `rows` people a period who start in the period of `launch` (from 0; nil never).
  init(
    launch: [Int?], periods: Int = 1, rows: Int = 1, effect: Double = 0, spread: Double = 0.5,
    seed: UInt64 = 1
  ) {
    for g in launch.indices {
      var stream = RandomStream(seed: seed, name: "launch-world", index: UInt64(g))
      let site = spread * stream.normal()
      for t in 0..<periods {
        for _ in 0..<rows {
          let d = launch[g].map { t >= $0 ? 1.0 : 0.0 } ?? 0
          let x = stream.normal() + 0.3 * site
          outcome.append(site + 0.2 * Double(t) + 0.5 * x + effect * d + stream.normal())
          treatment.append(d)
          covariate.append(x)
          cluster.append(g)
          period.append(t)
        }
      }
    }
  }

  var clusters: Factor { Self.factor(cluster) }
  var periods: Factor { Self.factor(period) }

  static func factor(_ codes: [Int]) -> Factor {
    Factor(
      codes: codes.map { Int32($0) }, levels: (0...(codes.max() ?? 0)).map { "level\($0)" })
  }

  /// The regression on treatment, with or without the covariate and cluster and period effects.
  func sample(
    covariate hasCovariate: Bool = true, effects: Bool = false
  ) throws -> FewClusterSample {
    let ones = [Double](repeating: 1, count: outcome.count)
    let columns = [ones, treatment] + (hasCovariate ? [covariate] : [])
    return try FewClusterSample(
      outcome: outcome,
      design: DesignMatrix(
        matrix: Matrix(columns: columns),
        names: ["(Intercept)", "d"] + (hasCovariate ? ["x"] : [])),
      term: 1, clusters: clusters, absorbed: effects ? [clusters, periods] : [],
      weights: weights)
  }

  /// The rows in another order.
  func reordered(_ rows: [Int]) -> LaunchWorld {
    var world = self
    world.outcome = rows.map { outcome[$0] }
    world.treatment = rows.map { treatment[$0] }
    world.covariate = rows.map { covariate[$0] }
    world.cluster = rows.map { cluster[$0] }
    world.period = rows.map { period[$0] }
    world.weights = weights.map { all in rows.map { all[$0] } }
    return world
  }

  /// The coefficient and its CR1 standard error by the general regression, treatment given anew.
  func regression(
    _ paths: [[Double]], effects: Bool, null: Double = 0
  ) throws -> (estimate: Double, error: Double) {
    var world = self
    for row in outcome.indices {
      world.outcome[row] -= null * treatment[row]
      world.treatment[row] = paths[cluster[row]][period[row]]
    }
    let sample = try world.sample(effects: effects)
    let covariance = CovarianceEstimator.cluster(.cr1, [clusters])
    let table =
      effects
      ? try AbsorbedLeastSquares().fit(
        sample.design, response: world.outcome, absorbing: sample.absorbed, weights: weights
      ).estimates(covariance: covariance, level: 0.95)
      : try LeastSquares().fit(sample.design, response: world.outcome, weights: weights)
        .estimates(covariance: covariance, level: 0.95)
    let row = table["d"]
    return (row?.estimate ?? .nan, row?.standardError ?? .nan)
  }

  /// The path of each cluster as it was.
  var observedPaths: [[Double]]? {
    var paths = [[Double]](
      repeating: [Double](repeating: 0, count: (period.max() ?? 0) + 1),
      count: (cluster.max() ?? 0) + 1)
    for row in outcome.indices { paths[cluster[row]][period[row]] = treatment[row] }
    return outcome.isEmpty ? nil : paths
  }

  /// Every distinct way to give the clusters' paths to the clusters, by brute force.
  func assignments() -> [[[Double]]] {
    var found: Set<[[Double]]> = []
    func extend(_ chosen: [[Double]], _ left: [[Double]]) {
      guard !left.isEmpty else {
        found.insert(chosen)
        return
      }
      var seen: Set<[Double]> = []
      for index in left.indices where seen.insert(left[index]).inserted {
        var rest = left
        rest.remove(at: index)
        extend(chosen + [left[index]], rest)
      }
    }
    extend([], observedPaths ?? [])
    return found.sorted { $0.flatMap { $0 }.lexicographicallyPrecedes($1.flatMap { $0 }) }
  }
}
