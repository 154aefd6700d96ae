internal import LinearAlgebra

/// A linear regression of which one coefficient is asked about, and the clusters it must be judged by.
///
/// Rows without weight are left out and categorical effects stay apart, so that each method can treat
/// them its own way (absorbed, or as the columns that its convention counts).
public struct FewClusterSample: Sendable, Equatable {
  /// The response, n numbers.
  public let outcome: [Double]
  /// The regressors, n rows, an intercept among them unless effects are absorbed.
  public let design: DesignMatrix
  /// The column of `design` that is asked about.
  public let term: Int
  /// Each row's cluster, unused levels dropped.
  public let clusters: Factor
  /// Categorical effects besides the design, such as units and periods.
  public let absorbed: [Factor]
  /// Analytic weights, all positive; nil for all one.
  public let weights: [Double]?

  /// Checks a regression: one outcome, design row, cluster and level of each effect a row.
  ///
  /// - Throws: `sizeMismatch`; `missingValue` for a row without cluster or level, or a value that is
  ///   not finite; `badWeight`; `tooFewClusters` for a single cluster; `noRows`.
  public init(
    outcome: [Double], design: DesignMatrix, term: Int, clusters: Factor,
    absorbed: [Factor] = [], weights: [Double]? = nil
  ) throws(SiblingError) {
    let n = outcome.count
    guard n > 0 else {
      throw SiblingError(
        .noRows, "there are no rows to analyse", help: "Check the filter and missing values.")
    }
    guard design.rows == n, clusters.count == n, absorbed.allSatisfy({ $0.count == n }),
      weights?.count ?? n == n, (0..<design.columns).contains(term)
    else {
      throw SiblingError(
        .sizeMismatch, "The outcome has \(n) rows, the design \(design.rows).",
        help: "Give every row an outcome, a design row, a cluster and a level of each effect.")
    }
    if let row = weights?.firstIndex(where: { !($0 >= 0 && $0.isFinite) }) {
      throw SiblingError(
        .badWeight, "A weight is negative, missing or not finite.",
        help: "Weights must be zero or positive numbers.", row: row)
    }
    let used = (0..<n).filter { weights?[$0] ?? 1 > 0 }
    for row in used where !outcome[row].isFinite {
      throw SiblingError(
        .missingValue, "The outcome is missing or not finite.",
        help: "Drop rows with missing values before fitting.", row: row)
    }
    for factor in [clusters] + absorbed {
      if let row = used.first(where: { factor.codes[$0] < 0 }) {
        throw SiblingError(
          .missingValue, "A row has no cluster or no level of an absorbed effect.",
          help: "Drop rows with missing values.", row: row)
      }
    }
    let isWhole = used.count == n
    self.outcome = isWhole ? outcome : used.map { outcome[$0] }
    self.design = isWhole ? design : design.selecting(rows: used)
    self.term = term
    self.clusters = (isWhole ? clusters : clusters.selecting(used)).droppingUnusedLevels()
    self.absorbed = absorbed.map {
      (isWhole ? $0 : $0.selecting(used)).droppingUnusedLevels()
    }
    self.weights = isWhole ? weights : weights.map { all in used.map { all[$0] } }
    if let cell = self.design.matrix.storage.firstIndex(where: { !$0.isFinite }) {
      throw SiblingError(
        .missingValue, "A regressor is missing or not finite.",
        help: "Drop rows with missing values before fitting.",
        column: design.names[cell / self.design.rows])
    }
    guard self.clusters.levels.count > 1 else {
      throw SiblingError(
        .tooFewClusters, "There is only one cluster, so its standard error cannot be estimated.",
        help: "Cluster by a finer unit.")
    }
  }

  /// The number of rows used.
  public var rows: Int { outcome.count }
  /// The number of clusters, G.
  public var clusterCount: Int { clusters.levels.count }
}
