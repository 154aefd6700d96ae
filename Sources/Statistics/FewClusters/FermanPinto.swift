internal import LinearAlgebra

/// Inference for few treated clusters that differ in size: residuals of all clusters, rescaled.
///
/// Each cluster's residuals under the null, averaged by period, make one number W_g, their sum with
/// the treated clusters' mean treatment weights. Its variance is taken to be a + b/m_g, m_g being
/// the cluster's mean number of rows a period: W² is regressed on 1 and 1/m (b < 0 gives one
/// variance for all, a < 0 gives b/m). In each draw every cluster is given the residuals of a
/// cluster drawn with replacement, times the ratio of their standard deviations, and the estimate is
/// computed from them. The interval inverts the test with the same draws.
///
/// Ferman & Pinto (2019), doi:10.1162/rest_a_00759.
public struct FermanPinto: Sendable, Equatable {
  /// The effect under the null hypothesis.
  public var null: Double
  /// The confidence level.
  public var level: Double
  /// The number of draws.
  public var draws: Int
  /// The seed of the draws.
  public var seed: UInt64

  /// A test.
  public init(null: Double = 0, level: Double = 0.95, draws: Int = 9999, seed: UInt64 = 1) {
    self.null = null
    self.level = level
    self.draws = draws
    self.seed = seed
  }

  /// The row `ferman-pinto`; a refusal is a row with a note.
  public func row(_ sample: FewClusterSample, time: Factor? = nil) -> FewClusterRow {
    do throws(SiblingError) {
      let launches = try LaunchPaths(sample, time: time)
      return row(
        try ClusterPeriods(LaunchProducts(try PartialledClusters(sample), launches)))
    } catch {
      return Self.refused(error)
    }
  }

  static func refused(_ error: SiblingError) -> FewClusterRow {
    FewClusterRow(
      method: "ferman-pinto", convention: "rescaled residuals of all clusters",
      note: error.message)
  }

  func row(_ cells: ClusterPeriods, hasInterval: Bool = true) -> FewClusterRow {
    let chosen = choices(cells.residuals.count / cells.width)
    let variance = VarianceFunction(cells, null: null)
    let scale = max(variance.spread, 1e-12 * cells.estimate.magnitude, .leastNormalMagnitude)
    func p(_ null: Double) -> Double {
      EqualTails(errors(cells, null: null, chosen)).p(cells.estimate - null)
    }
    let interval =
      hasInterval
      ? NullInversion(estimate: cells.estimate, scale: scale, level: level).interval(p) : nil
    return FewClusterRow(
      method: "ferman-pinto",
      convention: "\(draws) draws of residuals under the null, variance \(variance.name), equal"
        + " tails, observed one counted",
      estimate: cells.estimate, statistic: cells.estimate - null, pValue: p(null),
      interval: interval,
      note: cells.untreated.count < 10
        ? "made for many untreated clusters; there are \(cells.untreated.count)" : nil)
  }

  /// The cluster whose residuals each cluster is given, draw by draw.
  func choices(_ clusters: Int) -> [Int32] {
    let blocks = Parallel.ranges(of: draws, size: 1024)
    return Parallel.mapBlocks(blocks.count) { block in
      blocks[block].flatMap { draw in
        var stream = RandomStream(seed: seed, name: "ferman-pinto", index: UInt64(draw))
        return (0..<clusters).map { _ in Int32(stream.integer(below: clusters)) }
      }
    }.flatMap { $0 }
  }

  /// The errors of the estimate that rescaled residuals under a null give.
  func errors(_ cells: ClusterPeriods, null: Double, _ chosen: [Int32]) -> [Double] {
    let count = cells.residuals.count / cells.width
    let variance = VarianceFunction(cells, null: null)
    var terms = [Double](repeating: 0, count: count * count)
    for g in 0..<count {
      for l in 0..<count {
        let ratio = (variance.values[g] / variance.values[l]).squareRoot()
        terms[g * count + l] =
          cells.inner(cells.treatment, g, variance.residuals, l) / cells.square * ratio
      }
    }
    return (0..<(chosen.count / count)).map { draw in
      var sum = 0.0
      for g in 0..<count { sum += terms[g * count + Int(chosen[draw * count + g])] }
      return sum
    }
  }

  /// The variance of a cluster's number W by the cluster's size.
  struct VarianceFunction: Sendable {
    let residuals: [Double]
    /// The fitted variance of each cluster, up to a common factor where all residuals vanish.
    let values: [Double]
    /// The typical size of W.
    let spread: Double
    let name: String

    init(_ cells: ClusterPeriods, null: Double) {
      let count = cells.residuals.count / cells.width
      residuals = zip(cells.outcomes, cells.treatments).map { $0 - null * $1 }
      let square = cells.treated.reduce(0) { $0 + cells.nestedSquares[$1] }
      let weights = (0..<cells.width).map { t in
        cells.treated.reduce(0) { $0 + cells.nestedTreatment[$1 * cells.width + t] } / square
      }
      var squares: [Double] = []
      for g in 0..<count {
        let w = cells.inner(weights, 0, residuals, g)
        squares.append(w * w)
      }
      let inverse = cells.sizes.map { 1 / $0 }
      let (meanX, meanY) = (
        inverse.reduce(0, +) / Double(count), squares.reduce(0, +) / Double(count)
      )
      let xx = inverse.reduce(0) { $0 + ($1 - meanX) * ($1 - meanX) }
      let xy = zip(inverse, squares).reduce(0) { $0 + ($1.0 - meanX) * ($1.1 - meanY) }
      let slope = xx > 1e-12 * meanX * meanX ? xy / xx : 0
      let constant = meanY - slope * meanX
      spread = meanY.squareRoot()
      if slope <= 0 || meanY == 0 {
        values = [Double](repeating: meanY > 0 ? meanY : 1, count: count)
        name = "equal"
      } else if constant <= 0 {
        values = inverse
        name = "b/m"
      } else {
        values = inverse.map { constant + slope * $0 }
        name = "a + b/m"
      }
    }
  }
}
