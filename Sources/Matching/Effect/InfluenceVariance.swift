internal import LinearAlgebra
internal import Statistics

/// The covariance of estimates from the influence that each row has on them.
enum InfluenceVariance {
  /// What the rows' influences add up to.
  struct Result {
    var covariance: Matrix
    var clusters: Int?
    /// `by cluster, G=12, z` or `z`.
    var words: String
    var notes: [String]
  }

  /// Fewer clusters than this are said to be few.
  static let fewClusters = 40

  /// The covariance of two estimates whose influences sum to about zero over the rows.
  ///
  /// Rows of one cluster are added up first, and the sum is enlarged by G/(G − 1). Without clusters
  /// it is enlarged by n/(n − 1) when asked for.
  /// - Throws: `tooFewClusters` for a single cluster, `sizeMismatch`, `missingValue`.
  static func covariance(
    _ influence: (treated: [Double], comparison: [Double]), used: [Bool], cluster: Factor?,
    enlarges: Bool
  ) throws(SiblingError) -> Result {
    let rows = used.count
    guard let cluster else {
      let n = Double(used.count { $0 })
      let product = Gram.product(Matrix(columns: [influence.treated, influence.comparison]))
      return Result(
        covariance: enlarges ? product.scaled(by: n / max(1, n - 1)) : product, clusters: nil,
        words: "z", notes: [])
    }
    guard cluster.count == rows else {
      throw SiblingError(
        .sizeMismatch, "the clusters have \(cluster.count) rows where the treatment has \(rows)",
        column: "cluster")
    }
    if let row = used.indices.first(where: { used[$0] && cluster.codes[$0] < 0 }) {
      throw SiblingError(
        .missingValue, "a row has no cluster", help: "Drop rows whose cluster is missing.",
        row: row, column: "cluster")
    }
    var isUsed = [Bool](repeating: false, count: cluster.levels.count)
    var one = [Double](repeating: 0, count: cluster.levels.count)
    var zero = one
    for (row, code) in cluster.codes.enumerated() where code >= 0 {
      one[Int(code)] += influence.treated[row]
      zero[Int(code)] += influence.comparison[row]
      if used[row] { isUsed[Int(code)] = true }
    }
    let count = isUsed.count { $0 }
    guard count > 1 else {
      throw SiblingError(
        .tooFewClusters, "there is only one cluster, so its standard error cannot be estimated",
        help: "Cluster by a finer unit.", column: "cluster")
    }
    let g = Double(count)
    return Result(
      covariance: Gram.product(Matrix(columns: [one, zero])).scaled(by: g / (g - 1)),
      clusters: count, words: "by cluster, G=\(count), z", notes: [])
  }

  /// What is said of few clusters; nil when there are enough.
  static func note(clusters: Int?, of noun: String = "clusters") -> String? {
    guard let clusters, clusters < fewClusters else { return nil }
    return "there are only \(clusters) \(noun): standard errors and the normal reference"
      + " distribution are unreliable below about \(fewClusters) (Cameron and Miller 2015)"
  }
}
