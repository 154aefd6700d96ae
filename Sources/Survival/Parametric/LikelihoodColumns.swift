import LinearAlgebra
import Statistics

/// The columns of a design as a likelihood sees them: independent, centred and scaled.
struct LikelihoodColumns: Sendable {
  let matrix: Matrix
  /// The kept columns.
  let basis: ColumnBasis
  let names: [String]
  let kept: [Int]
  let dropped: [Int]
  /// Whether the first column is the intercept, which then bears the centres.
  let hasIntercept: Bool

  /// `centring` centres columns though there is no intercept among them, for models whose baseline
  /// has one.
  ///
  /// - Throws: `rank-deficient` when no column is left of those that were given.
  init(_ design: DesignMatrix, centring: Bool = false) throws(SiblingError) {
    matrix = design.matrix
    names = design.names
    hasIntercept = design.hasIntercept
    let whole = Self.standardised(
      design.matrix, centred: centring || hasIntercept, intercept: hasIntercept)
    let p = design.columns
    let gram = Gram.pass(
      design.matrix, basis: whole, coefficients: [Double](repeating: 0, count: p)
    ) { range, score, root in
      for i in 0..<range.count { (score[i], root[i]) = (0, 1) }
      return 0
    }.product
    let rank = ColumnRank(gram: gram)
    guard !rank.kept.isEmpty || p == 0 else {
      throw SiblingError(
        .rankDeficient, "no covariate varies", help: "leave out terms that are constant",
        column: design.names.first)
    }
    kept = rank.kept
    dropped = rank.dropped
    basis = whole.selecting(rank.kept)
  }

  private static func standardised(
    _ matrix: Matrix, centred: Bool, intercept: Bool
  ) -> ColumnBasis {
    let (n, p) = (matrix.rows, matrix.columns)
    let moments: [(Double, Double)] = Parallel.mapBlocks(p) { j in
      guard !(intercept && j == 0) else { return (0, 1) }
      return matrix.storage.withUnsafeBufferPointer { x in
        let first = x[j * n]
        var sum = 0.0
        for i in (j * n)..<((j + 1) * n) { sum += x[i] - first }
        let mean = centred ? first + sum / Double(n) : 0
        var squares = 0.0
        for i in (j * n)..<((j + 1) * n) { squares += (x[i] - mean) * (x[i] - mean) }
        let spread = (squares / Double(n)).squareRoot()
        // What is left of a constant column is rounding.
        return (mean, spread > 1e-11 * mean.magnitude ? spread : 0)
      }
    }
    return ColumnBasis(
      columns: Array(0..<p), center: moments.map(\.0), scale: moments.map(\.1))
  }

  var count: Int { basis.count }

  /// The same basis over the named rows.
  func selecting(rows: [Int]) -> LikelihoodColumns {
    LikelihoodColumns(
      matrix: matrix.selecting(rows: rows), basis: basis, names: names, kept: kept,
      dropped: dropped, hasIntercept: hasIntercept)
  }

  private init(
    matrix: Matrix, basis: ColumnBasis, names: [String], kept: [Int], dropped: [Int],
    hasIntercept: Bool
  ) {
    self.matrix = matrix
    self.basis = basis
    self.names = names
    self.kept = kept
    self.dropped = dropped
    self.hasIntercept = hasIntercept
  }

  /// The matrix that takes coefficients in the basis to those of the kept columns as given.
  var back: Matrix {
    var result = Matrix.diagonal(basis.multipliers)
    if hasIntercept, kept.first == 0 {
      for j in 1..<Swift.max(1, count) { result[0, j] = -basis.center[j] / basis.scale[j] }
    }
    return result
  }

  /// What the columns' centres add to a baseline's intercept, by coefficient in the basis.
  var shift: [Double] { zip(basis.center, basis.multipliers).map { -$0 * $1 } }

  /// Notes on columns left out.
  var notes: [String] {
    dropped.map { "\(names[$0]) is left out: it is constant or a combination of earlier terms" }
  }

  /// Least squares of `response` on the kept columns: coefficients in the basis, residual spread.
  func leastSquares(_ response: [Double]) -> (coefficients: [Double], spread: Double) {
    let zero = [Double](repeating: 0, count: count)
    let sums = Gram.pass(matrix, basis: basis, coefficients: zero) { range, score, root in
      var squares = 0.0
      for i in 0..<range.count {
        let value = response[range.lowerBound + i]
        (score[i], root[i]) = (value, 1)
        squares += value * value
      }
      return squares
    }
    let solved = (try? Cholesky(sums.product))?.solve(sums.gradient) ?? zero
    let explained = zip(solved, sums.gradient).reduce(0) { $0 + $1.0 * $1.1 }
    let variance = (sums.value - explained) / Double(Swift.max(1, matrix.rows))
    return (solved, Swift.max(variance, 1e-4).squareRoot())
  }
}
