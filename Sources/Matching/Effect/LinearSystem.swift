internal import LinearAlgebra

/// Small systems of linear equations whose matrix need not be symmetric.
enum LinearSystem {
  /// The solution of Aᵀx = b by elimination with row exchanges; nil where A is singular.
  static func solveTransposed(_ matrix: Matrix, _ right: [Double]) -> [Double]? {
    let n = right.count
    guard matrix.rows == n, matrix.columns == n else { return nil }
    // Rows of Aᵀ are scaled to their largest entry, so that units don't decide what is singular.
    var rows: [[Double]] = []
    for j in 0..<n {
      let row = matrix.column(j)
      let size = row.reduce(0) { max($0, $1.magnitude) }
      guard size > 0, size.isFinite else { return nil }
      rows.append(row.map { $0 / size } + [right[j] / size])
    }
    // Columns too: parameters have units of their own.
    var scale = [Double](repeating: 0, count: n)
    for row in rows { for j in 0..<n { scale[j] = max(scale[j], row[j].magnitude) } }
    guard scale.allSatisfy({ $0 > 0 }) else { return nil }
    for i in 0..<n { for j in 0..<n { rows[i][j] /= scale[j] } }
    for pivot in 0..<n {
      var best = pivot
      for row in pivot..<n where rows[row][pivot].magnitude > rows[best][pivot].magnitude {
        best = row
      }
      guard rows[best][pivot].magnitude > 1e-13 else { return nil }
      rows.swapAt(pivot, best)
      for row in (pivot + 1)..<max(n, pivot + 1) {
        let factor = rows[row][pivot] / rows[pivot][pivot]
        guard factor != 0 else { continue }
        for column in pivot...n { rows[row][column] -= factor * rows[pivot][column] }
      }
    }
    var solution = [Double](repeating: 0, count: n)
    for row in stride(from: n - 1, through: 0, by: -1) {
      var value = rows[row][n]
      for column in (row + 1)..<max(n, row + 1) { value -= rows[row][column] * solution[column] }
      solution[row] = value / rows[row][row]
    }
    return zip(solution, scale).map { $0 / $1 }
  }
}
