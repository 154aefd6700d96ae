internal import LinearAlgebra

/// Which clusters were treated, and when: treatment as a path over periods that each cluster follows.
///
/// A treatment given to whole clusters is known by the path of each cluster. Only then can one ask
/// what would have been found had the launches fallen on other clusters.
public struct LaunchPaths: Sendable, Equatable {
  /// The periods, in order; a single one where treatment does not vary within clusters and no
  /// period was named.
  public let periods: [String]
  /// Each row's period.
  public let rowPeriods: [Int32]
  /// The distinct paths, a value a period each, in ascending order of their values.
  public let paths: [[Double]]
  /// The path that each cluster follows.
  public let pathOfCluster: [Int]
  /// Pairs of cluster and period without rows, where the neighbouring period's value was taken.
  public let filledCells: Int

  /// Reads the paths of a sample's term.
  ///
  /// Without `time`, treatment may be constant in each cluster; else the first absorbed effect is
  /// taken as the period whose levels, with the cluster, determine the treatment. A launch changes
  /// treatment from one value to another; both may be any number.
  ///
  /// - Throws: `badDesign` when the term varies within a cluster and period, or takes more than two
  ///   values in a cluster over time; `constantTreatment` when all clusters follow one path; `sizeMismatch`, `missingValue` for a period that rows lack.
  public init(_ sample: FewClusterSample, time: Factor? = nil) throws(SiblingError) {
    let treatment = sample.design.matrix.column(sample.term)
    if let time {
      guard time.count == sample.rows else {
        throw SiblingError(.sizeMismatch, "The period has not as many rows as the sample.")
      }
      if let row = time.codes.firstIndex(where: { $0 < 0 }) {
        throw SiblingError(.missingValue, "A row has no period.", row: row)
      }
    }
    let single = Factor(codes: [Int32](repeating: 0, count: sample.rows), levels: ["all"])
    let candidates = time.map { [$0.droppingUnusedLevels()] } ?? [single] + sample.absorbed
    // A period comes back in several clusters; a unit nested in clusters is none.
    let found = candidates.lazy.compactMap { factor in
      Self.cells(treatment, sample, factor).map { (factor, $0) }
    }.first { factor, _ in
      time != nil || !Self.isNested(factor, in: sample.clusters) || factor.levels.count == 1
    }
    guard let (factor, cells) = found else {
      throw SiblingError(
        .badDesign,
        "the term takes several values within a cluster"
          + (time == nil && sample.absorbed.isEmpty ? "" : " and period")
          + ", so it is no launch that could have fallen on another cluster"
          + (time == nil ? "; if whole clusters launch over time, name the period" : ""))
    }
    let width = factor.levels.count
    guard
      (0..<sample.clusterCount).allSatisfy({ cluster in
        Set(cells[(cluster * width)..<((cluster + 1) * width)].filter { !$0.isNaN }).count <= 2
      })
    else {
      throw SiblingError(
        .badDesign,
        "the term takes more than two values over time within a cluster, so it is no launch that"
          + " could have fallen on another cluster")
    }
    var filled = 0
    var rows: [[Double]] = []
    for cluster in 0..<sample.clusterCount {
      let (path, gaps) = Self.filled(Array(cells[(cluster * width)..<((cluster + 1) * width)]))
      filled += gaps
      rows.append(path)
    }
    var distinct: [[Double]] = []
    for path in rows.sorted(by: { $0.lexicographicallyPrecedes($1) }) where distinct.last != path {
      distinct.append(path)
    }
    guard distinct.count > 1 else {
      throw SiblingError(
        .constantTreatment, "all clusters were treated alike, so no launch can be exchanged")
    }
    periods = factor.levels
    rowPeriods = factor.codes
    paths = distinct
    pathOfCluster = rows.map { row in distinct.firstIndex(of: row) ?? 0 }
    filledCells = filled
  }

  /// Paths as given, a value for each cluster and period.
  init(periods: [String], rowPeriods: [Int32], paths: [[Double]], pathOfCluster: [Int]) {
    self.periods = periods
    self.rowPeriods = rowPeriods
    self.paths = paths
    self.pathOfCluster = pathOfCluster
    filledCells = 0
  }

  /// The number of clusters on each path.
  public var multiplicities: [Int] {
    var counts = [Int](repeating: 0, count: paths.count)
    for path in pathOfCluster { counts[path] += 1 }
    return counts
  }

  /// Whether treatment is 0 or 1 everywhere.
  public var isBinary: Bool { paths.allSatisfy { $0.allSatisfy { $0 == 0 || $0 == 1 } } }

  /// Clusters that are treated in some period.
  public var treatedClusters: [Int] {
    pathOfCluster.indices.filter { paths[pathOfCluster[$0]].contains { $0 != 0 } }
  }

  /// Clusters that are never treated.
  public var untreatedClusters: [Int] {
    pathOfCluster.indices.filter { !paths[pathOfCluster[$0]].contains { $0 != 0 } }
  }

  /// The number of different ways to give the paths to the clusters: G!/∏m!, as a double.
  public var assignments: Double { LaunchExchanges.ways(multiplicities) }

  /// Whether exchanging treated for untreated everywhere is itself an assignment.
  ///
  /// It then turns the estimate into its negative, so that two assignments always tie.
  public var hasMirrorImage: Bool {
    let all = paths.flatMap { $0 }
    guard let low = all.min(), let high = all.max() else { return false }
    let counts = multiplicities
    return paths.indices.allSatisfy { index in
      let mirrored = paths[index].map { low + high - $0 }
      return paths.firstIndex(of: mirrored).map { counts[$0] == counts[index] } ?? false
    }
  }

  /// The smallest two-sided p-value that exchanging launches can reach.
  public var attainable: AttainablePValue {
    let counts = multiplicities
    let isPlain = counts.count == 2 && isBinary
    let what =
      isPlain
      ? "\(counts[1]) of \(pathOfCluster.count) clusters treated"
      : "\(paths.count) launch paths among \(pathOfCluster.count) clusters"
    return AttainablePValue(
      value: min(1, (hasMirrorImage ? 2 : 1) / assignments), assignments: assignments,
      convention: what)
  }

  /// The treatment of each cluster and period, NaN without rows; nil when it varies within one.
  private static func cells(
    _ treatment: [Double], _ sample: FewClusterSample, _ time: Factor
  ) -> [Double]? {
    let width = time.levels.count
    guard width * sample.clusterCount <= 50_000_000 else { return nil }
    var cells = [Double](repeating: .nan, count: width * sample.clusterCount)
    for row in treatment.indices {
      let cell = Int(sample.clusters.codes[row]) * width + Int(time.codes[row])
      if cells[cell].isNaN {
        cells[cell] = treatment[row]
      } else if cells[cell] != treatment[row] {
        return nil
      }
    }
    return cells
  }

  /// A path with gaps filled from the period before, or after where there is none.
  private static func filled(_ path: [Double]) -> (path: [Double], gaps: Int) {
    var path = path
    var gaps = 0
    for index in path.indices where path[index].isNaN {
      gaps += 1
      if index > 0, !path[index - 1].isNaN {
        path[index] = path[index - 1]
      } else if let next = path[index...].first(where: { !$0.isNaN }) {
        path[index] = next
      }
    }
    return (path, gaps)
  }

  /// Whether each level of a factor stands in one cluster only.
  static func isNested(_ factor: Factor, in clusters: Factor) -> Bool {
    var home = [Int32](repeating: -1, count: factor.levels.count)
    for (level, cluster) in zip(factor.codes, clusters.codes) {
      if home[Int(level)] < 0 {
        home[Int(level)] = cluster
      } else if home[Int(level)] != cluster {
        return false
      }
    }
    return true
  }
}
