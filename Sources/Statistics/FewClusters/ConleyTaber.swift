internal import LinearAlgebra

/// Inference for few treated clusters from the residuals of many untreated ones.
///
/// With many untreated clusters the estimate differs from the effect by Σ_j Σ_t d̈_jt η_jt / Σ d̈²
/// over the treated, d̈ being treatment less its cluster's mean (where cluster effects are absorbed).
/// The unknown errors of the treated are given those of untreated clusters: every way to give each
/// treated cluster the residuals of an untreated one is listed (N₀^N₁) up to 200,000 or `draws`,
/// else drawn. Rows are averaged by cluster and period first. It supposes that errors of treated and
/// untreated clusters have one distribution; see `FermanPinto` for clusters that differ in size.
///
/// Conley & Taber (2011), doi:10.1162/REST_a_00049.
public struct ConleyTaber: Sendable, Equatable {
  /// The effect under the null hypothesis.
  public var null: Double
  /// The confidence level.
  public var level: Double
  /// Draws where there are too many choices to list.
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

  /// The row `conley-taber`; a refusal is a row with a note.
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
      method: "conley-taber", convention: "residuals of untreated clusters", note: error.message)
  }

  func row(_ cells: ClusterPeriods) -> FewClusterRow {
    let (statistics, isListed) = distribution(cells)
    let tails = EqualTails(statistics)
    let how =
      isListed
      ? "all \(statistics.count) choices" : "\(statistics.count) draws"
    return FewClusterRow(
      method: "conley-taber",
      convention: "\(how) of the residuals of \(cells.untreated.count) untreated clusters for"
        + " \(cells.treated.count) treated, equal tails, observed one counted",
      estimate: cells.estimate, statistic: cells.estimate - null,
      pValue: tails.p(cells.estimate - null), interval: tails.interval(cells.estimate, level),
      note: cells.untreated.count < 10
        ? "made for many untreated clusters; there are \(cells.untreated.count)" : nil)
  }

  /// The errors of the estimate that the untreated clusters' residuals give.
  func distribution(_ cells: ClusterPeriods) -> (values: [Double], isListed: Bool) {
    let treated = cells.treated
    let other = cells.untreated
    let square = treated.reduce(0) { $0 + cells.nestedSquares[$1] }
    let terms = treated.map { j in
      other.map { cells.inner(cells.nestedTreatment, j, cells.residuals, $0) / square }
    }
    var choices = 1
    for _ in treated {
      choices =
        choices.multipliedReportingOverflow(by: other.count).overflow
        ? .max : choices * other.count
      if choices > max(200_000, draws) { break }
    }
    guard choices > max(200_000, draws) else {
      var sums = [0.0]
      for row in terms { sums = sums.flatMap { sum in row.map { sum + $0 } } }
      return (sums, true)
    }
    let blocks = Parallel.ranges(of: draws, size: 1024)
    let sums = Parallel.mapBlocks(blocks.count) { block in
      blocks[block].map { draw in
        var stream = RandomStream(seed: seed, name: "conley-taber", index: UInt64(draw))
        var sum = 0.0
        for row in terms { sum += row[stream.integer(below: row.count)] }
        return sum
      }
    }
    return (sums.flatMap { $0 }, false)
  }
}
