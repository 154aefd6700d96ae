internal import LinearAlgebra

/// A regression's nuisance part, removed once, in a form that lets treatment be moved at small cost.
///
/// Effects nested in clusters (units, the clusters themselves) are absorbed: what is left of a column
/// in one cluster does not depend on the others. The remaining regressors become an orthonormal basis
/// Z of k columns, so that the residual of a treatment column x is x − Z(Z′Wx), and a cluster's part
/// of it needs only the k numbers Z_g′Wx_g.
struct PartialledClusters: Sendable {
  let sample: FewClusterSample
  /// Rows by cluster, in the order of the sample within each.
  let order: [Int]
  /// Where each cluster's rows stand in `order`, and past the last.
  let starts: [Int]
  /// Weights in that order.
  let weights: [Double]
  /// Z, column by column in that order.
  let basis: Matrix
  /// Z_g′WZ_g of each cluster, k × k one after the other.
  let grams: [Double]
  /// Regressors other than the term that CR1 counts: those of Z, and one for nested effects.
  let parameters: Int

  private let nested: Absorption?
  /// The most numbers that the clusters' Gram matrices may take.
  private static let largest = 40_000_000

  var clusterCount: Int { starts.count - 1 }
  var rank: Int { basis.columns }

  /// Removes the nuisance part.
  ///
  /// - Throws: `badDesign` when effects that cross clusters have too many levels, and what
  ///   `Absorption` throws.
  /// - Complexity: O(n k²).
  init(_ sample: FewClusterSample) throws(SiblingError) {
    self.sample = sample
    let codes = sample.clusters.codes
    let order = Sorting.order(codes: codes, levels: sample.clusterCount).map { Int($0) }
    self.order = order
    var starts = [Int](repeating: 0, count: sample.clusterCount + 1)
    for code in codes { starts[Int(code) + 1] += 1 }
    for g in 0..<sample.clusterCount { starts[g + 1] += starts[g] }
    self.starts = starts
    weights =
      sample.weights.map { all in order.map { all[$0] } }
      ?? [Double](repeating: 1, count: sample.rows)
    let inside = sample.absorbed.filter { LaunchPaths.isNested($0, in: sample.clusters) }
    let crossing = sample.absorbed.filter { !LaunchPaths.isNested($0, in: sample.clusters) }
    nested = inside.isEmpty ? nil : try Absorption(inside, weights: sample.weights)
    let levels = crossing.reduce(0) { $0 + $1.levels.count }
    let width = levels + sample.design.columns
    guard width * width <= Self.largest / sample.clusterCount,
      width * sample.rows <= 200_000_000
    else {
      throw SiblingError(
        .badDesign,
        "effects that cross clusters have \(levels) levels, too many to move treatment about",
        help: "Absorb coarser effects.")
    }
    var columns: [[Double]] = []
    for column in 0..<sample.design.columns where column != sample.term {
      columns.append(sample.design.matrix.column(column))
    }
    for factor in crossing {
      for level in factor.levels.indices {
        columns.append(factor.codes.map { Int($0) == level ? 1 : 0 })
      }
    }
    let isCentred = nested == nil && (sample.design.hasIntercept || !crossing.isEmpty)
    if isCentred {
      // Columns less their means span the same with the intercept, and round better.
      columns = columns.map { Self.centred($0, sample.weights) }
      columns.insert([Double](repeating: 1, count: sample.rows), at: 0)
    }
    let left = try Self.residuals(columns, nested, sample.weights)
    let placed = left.filter { $0.contains { $0 != 0 } }.map { column in order.map { column[$0] } }
    basis = Self.orthonormal(placed, weights)
    grams = Self.grams(basis, weights, starts)
    parameters = basis.columns + (nested == nil ? 0 : 1)
  }

  /// A column of the sample with nested effects removed, rows by cluster.
  ///
  /// - Throws: what `Absorption` throws.
  func withoutNested(_ columns: [[Double]]) throws(SiblingError) -> [[Double]] {
    try Self.residuals(columns, nested, sample.weights).map { column in order.map { column[$0] } }
  }

  /// Z′Wx over the rows of one cluster.
  func products(_ column: [Double], cluster: Int) -> [Double] {
    let n = basis.rows
    return (0..<rank).map { j in
      var sum = 0.0
      for row in starts[cluster]..<starts[cluster + 1] {
        sum += basis.storage[row + j * n] * weights[row] * column[row]
      }
      return sum
    }
  }

  /// A column with the whole nuisance part removed, from one without nested effects.
  func residual(_ column: [Double]) -> [Double] {
    var column = column
    // Twice, so that what is left is orthogonal to rounding.
    for _ in 0..<2 {
      var total = [Double](repeating: 0, count: rank)
      for g in 0..<clusterCount {
        for (j, value) in products(column, cluster: g).enumerated() { total[j] += value }
      }
      let fitted = basis.times(total)
      for row in column.indices { column[row] -= fitted[row] }
    }
    return column
  }

  /// Columns without nested effects; a column that they explain becomes exactly zero.
  private static func residuals(
    _ columns: [[Double]], _ nested: Absorption?, _ weights: [Double]?
  ) throws(SiblingError) -> [[Double]] {
    guard let nested else { return columns }
    let found = try nested.residuals(of: columns)
    return zip(found.columns, found.lengths).map { column, length in
      let left = nested.norm(column)
      return left > 1e-9 * length ? column : [Double](repeating: 0, count: column.count)
    }
  }

  private static func centred(_ column: [Double], _ weights: [Double]?) -> [Double] {
    var (sum, total) = (0.0, 0.0)
    for row in column.indices {
      let weight = weights?[row] ?? 1
      sum += weight * column[row]
      total += weight
    }
    let mean = sum / total
    let centred = column.map { $0 - mean }
    let scale = column.reduce(0) { max($0, $1.magnitude) }
    let spread = centred.reduce(0) { max($0, $1.magnitude) }
    return spread > 1e-13 * scale ? centred : [Double](repeating: 0, count: column.count)
  }

  /// An orthonormal basis (in the weights) of the columns' span, by two passes of Cholesky's QR.
  private static func orthonormal(_ columns: [[Double]], _ weights: [Double]) -> Matrix {
    guard let rows = columns.first?.count else { return Matrix(rows: weights.count, columns: 0) }
    var basis = Matrix(rows: rows, columns: columns.count, storage: columns.flatMap { $0 })
    for _ in 0..<2 {
      let gram = Gram.product(basis, weights: weights)
      // What rounding leaves of a dependent column, such as the last level of an effect, is up to some
      // 1e-13 of its square, more with some processor kernels than others: taken for a column of its
      // own it would be noise stretched to length one.
      let kept = ColumnRank(gram: gram, tolerance: 3e-6).kept
      guard let factor = try? Cholesky(gram.selecting(both: kept)) else { return basis }
      let inverse = factor.solveLower(Matrix.identity(kept.count))
      basis = Matrix.product(basis.selecting(columns: kept), inverse, transposeRight: true)
    }
    return basis
  }

  private static func grams(_ basis: Matrix, _ weights: [Double], _ starts: [Int]) -> [Double] {
    let k = basis.columns
    return Parallel.mapBlocks(starts.count - 1) { g in
      let rows = Array(starts[g]..<starts[g + 1])
      return Gram.product(basis.selecting(rows: rows), weights: rows.map { weights[$0] }).storage
    }.reduce(into: [Double]()) {
      $0.reserveCapacity(k * k * (starts.count - 1))
      $0 += $1
    }
  }
}
