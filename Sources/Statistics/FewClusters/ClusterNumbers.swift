internal import LinearAlgebra

/// The number that a cluster stands for: its mean, or its change from before launch to after.
struct ClusterNumbers: Sendable {
  let values: [Double]
  let isTreated: [Bool]
  /// Covariates of whole clusters, a column each, made in the same way as `values`.
  let covariates: [[Double]]
  /// What the numbers are.
  let name: String

  /// Makes them from a sample whose treated clusters all launched at one time.
  ///
  /// - Throws: `badDesign` for launches at several times, treatment other than 0 and 1, cells
  ///   without rows or effects that cross clusters and periods; `tooFewClusters`.
  init(_ sample: FewClusterSample, _ launches: LaunchPaths) throws(SiblingError) {
    guard launches.isBinary else {
      throw SiblingError(.badDesign, "treatment takes values other than 0 and 1")
    }
    guard launches.paths.count == 2, !launches.untreatedClusters.isEmpty else {
      throw SiblingError(
        .badDesign,
        "clusters launch at \(launches.paths.count - 1) different times, so their changes are not"
          + " over one time")
    }
    guard launches.filledCells == 0 else {
      throw SiblingError(
        .badDesign, "\(launches.filledCells) pairs of cluster and period have no rows")
    }
    let treatedPath = launches.paths.first { $0.contains(1) } ?? []
    let isChange = treatedPath.contains(0)
    let after = treatedPath.reduce(0, +)
    let contrast = treatedPath.map { value in
      isChange
        ? (value == 1 ? 1 / after : -1 / (Double(treatedPath.count) - after))
        : 1 / Double(treatedPath.count)
    }
    let width = launches.periods.count
    let cell = zip(sample.clusters.codes, launches.rowPeriods).map {
      Int($0) * width + Int($1)
    }
    let cells = Cells(
      cell: cell, count: width * sample.clusterCount, weights: sample.weights)
    let columns = try Self.covariates(sample, launches, isChange: isChange)
    let whole = columns.filter { cells.isConstant($0) }
    let within = columns.filter { !cells.isConstant($0) }
    let adjusted = try Self.adjusted(sample.outcome, by: within, sample, cells)
    func numbers(_ column: [Double]) -> [Double] {
      let means = cells.means(column)
      return (0..<sample.clusterCount).map { g in
        (0..<width).reduce(0) { $0 + contrast[$1] * means[g * width + $1] }
      }
    }
    values = numbers(adjusted)
    isTreated = launches.pathOfCluster.map { launches.paths[$0].contains(1) }
    // What does not differ between clusters is in the intercept already.
    covariates = whole.map { numbers($0) }.filter { column in
      let scale = column.reduce(0) { max($0, $1.magnitude) }
      return column.contains { ($0 - column[0]).magnitude > 1e-12 * scale }
    }
    name =
      (isChange ? "change of period means before to after launch" : "cluster means")
      + (within.isEmpty ? "" : ", covariates removed by slopes within clusters")
  }

  /// The regressors besides the term, and the levels of effects that change within cells.
  private static func covariates(
    _ sample: FewClusterSample, _ launches: LaunchPaths, isChange: Bool
  ) throws(SiblingError) -> [[Double]] {
    var columns: [[Double]] = []
    for column in 0..<sample.design.columns
    where column != sample.term && sample.design.names[column] != "(Intercept)" {
      columns.append(sample.design.matrix.column(column))
    }
    let period = Factor(codes: launches.rowPeriods, levels: launches.periods)
    for factor in sample.absorbed {
      // Periods are the same for all clusters; units and clusters are taken out by the change.
      if LaunchPaths.isNested(factor, in: period) { continue }
      if LaunchPaths.isNested(factor, in: sample.clusters) {
        guard isChange else {
          throw SiblingError(
            .badDesign, "effects within clusters leave no mean of a cluster to compare")
        }
        continue
      }
      guard factor.levels.count <= 200 else {
        throw SiblingError(
          .badDesign, "an absorbed effect that crosses clusters has too many levels")
      }
      for level in factor.levels.indices.dropFirst() {
        columns.append(factor.codes.map { Int($0) == level ? 1 : 0 })
      }
    }
    return columns
  }

  /// The outcome less covariates times their slopes within cells.
  private static func adjusted(
    _ outcome: [Double], by columns: [[Double]], _ sample: FewClusterSample, _ cells: Cells
  ) throws(SiblingError) -> [Double] {
    guard !columns.isEmpty else { return outcome }
    let effect = Factor(
      codes: cells.cell.map { Int32($0) }, levels: (0..<cells.count).map { "\($0)" })
    let design = Matrix(
      rows: sample.rows, columns: columns.count, storage: columns.flatMap { $0 })
    let fit = try AbsorbedLeastSquares(keepsSingletons: true).fit(
      DesignMatrix(matrix: design, names: columns.indices.map { "x\($0)" }),
      response: outcome, absorbing: [effect], weights: sample.weights)
    var adjusted = outcome
    for (column, slope) in zip(columns, fit.coefficients) where slope.isFinite {
      for row in adjusted.indices { adjusted[row] -= slope * column[row] }
    }
    return adjusted
  }

  /// Rows by cluster and period.
  struct Cells {
    let cell: [Int]
    let count: Int
    let weights: [Double]?

    func means(_ column: [Double]) -> [Double] {
      var sums = [Double](repeating: 0, count: count)
      var totals = [Double](repeating: 0, count: count)
      for (row, cell) in cell.enumerated() {
        let weight = weights?[row] ?? 1
        sums[cell] += weight * column[row]
        totals[cell] += weight
      }
      return zip(sums, totals).map { $0 / $1 }
    }

    func isConstant(_ column: [Double]) -> Bool {
      var first = [Double](repeating: .nan, count: count)
      for (row, cell) in cell.enumerated() {
        if first[cell].isNaN {
          first[cell] = column[row]
        } else if first[cell] != column[row] {
          return false
        }
      }
      return true
    }
  }
}
