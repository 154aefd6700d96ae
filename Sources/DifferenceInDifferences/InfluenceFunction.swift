internal import Glibc
internal import Statistics

/// The standard error of an estimate known by its influence function.
enum InfluenceFunction {
  /// √(Σ ψ²)/n, or by clusters √(Σ S²)/n with S the cluster's sum; no small-sample factor.
  static func standardError(_ values: [Double], clusters: Factor?) -> Double {
    let n = Double(values.count)
    guard let clusters else { return values.reduce(0) { $0 + $1 * $1 }.squareRoot() / n }
    var sums = [Double](repeating: 0, count: clusters.levels.count)
    for (row, value) in values.enumerated() { sums[Int(clusters.codes[row])] += value }
    return sums.reduce(0) { $0 + $1 * $1 }.squareRoot() / n
  }

  /// The clusters of n rows, checked, with unused levels dropped.
  static func checked(_ clusters: Factor?, rows: Int) throws(SiblingError) -> Factor? {
    guard let clusters else { return nil }
    guard clusters.count == rows else {
      throw SiblingError(
        .sizeMismatch, "There are \(clusters.count) clusters for \(rows) units.",
        help: "Give each unit one cluster.")
    }
    if let row = clusters.codes.firstIndex(where: { $0 < 0 }) {
      throw SiblingError(
        .missingValue, "A row has no cluster.", help: "Drop rows whose cluster is missing.",
        row: row)
    }
    let used = clusters.droppingUnusedLevels()
    guard used.levels.count > 1 else { throw oneCluster }
    return used
  }

  /// The error for a single cluster.
  static var oneCluster: SiblingError {
    SiblingError(
      .tooFewClusters, "There is only one cluster, so its standard error cannot be estimated.",
      help: "Cluster by a finer unit.")
  }
}
