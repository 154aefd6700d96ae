internal import CLAPACKE

/// The non-negative vector u that brings Eu nearest to f, by Lawson and Hanson's active set.
///
/// Each passive set is solved by a complete orthogonal factorisation, never by normal equations, so
/// nearly collinear columns cost no more digits than they must. It ends after finitely many
/// exchanges (Lawson & Hanson 1974, *Solving Least Squares Problems*, doi 10.1137/1.9781611971217).
/// - Complexity: a factorisation of rows × passive columns for each exchange.
enum NonnegativeLeastSquares {
  /// The solution; the caller must check it where `exchanges` were exhausted.
  static func solve(
    _ design: Matrix, _ target: [Double], exchanges limit: Int
  ) throws(LinearAlgebraError) -> [Double] {
    let n = design.columns
    var solution = [Double](repeating: 0, count: n)
    var isPassive = [Bool](repeating: false, count: n)
    var refused = [Bool](repeating: false, count: n)
    let lengths = (0..<n).map { design.column($0).reduce(0) { $0 + $1 * $1 }.squareRoot() }
    var left = limit
    while left > 0 {
      let residual = zip(target, design.times(solution)).map { $0 - $1 }
      let size = residual.reduce(0) { $0 + $1 * $1 }.squareRoot()
      let slope = design.transposedTimes(residual)
      var entering = -1
      for j in 0..<n where !isPassive[j] && !refused[j] {
        let noise = 4e-15 * lengths[j] * max(size, 1e-30)
        if slope[j] > noise, entering < 0 || slope[j] > slope[entering] { entering = j }
      }
      guard entering >= 0 else { break }
      isPassive[entering] = true
      var first = true
      while left > 0 {
        left -= 1
        let passive = (0..<n).filter { isPassive[$0] }
        let trial = try MinimumNormSolution(
          design.selecting(columns: passive), target, tolerance: 1e-13
        ).solution
        if first, let place = passive.firstIndex(of: entering), trial[place] <= 0 {
          // The slope was rounding: the column can't enter.
          isPassive[entering] = false
          refused[entering] = true
          break
        }
        first = false
        var step = 1.0
        for (place, j) in passive.enumerated() where trial[place] <= 0 {
          step = min(step, solution[j] / (solution[j] - trial[place]))
        }
        for (place, j) in passive.enumerated() {
          solution[j] += step * (trial[place] - solution[j])
          if step < 1, trial[place] <= 0, solution[j] <= 1e-15 {
            solution[j] = 0
            isPassive[j] = false
          }
        }
        if step >= 1 {
          for j in refused.indices { refused[j] = false }
          break
        }
      }
    }
    return solution
  }
}

/// The shortest vector that brings Ax nearest to b.
struct MinimumNormSolution {
  /// The solution.
  let solution: [Double]
  /// The numerical rank of A.
  let rank: Int

  /// Solves by a complete orthogonal factorisation with column pivoting (`dgelsy`).
  ///
  /// Directions whose triangular factor is worse conditioned than 1/`tolerance` count as null.
  init(_ matrix: Matrix, _ right: [Double], tolerance: Double) throws(LinearAlgebraError) {
    let (m, n) = (matrix.rows, matrix.columns)
    guard m > 0, n > 0 else {
      solution = [Double](repeating: 0, count: n)
      rank = 0
      return
    }
    guard let rows = Int32(exactly: m), let columns = Int32(exactly: n) else {
      throw .tooLarge(max(m, n))
    }
    var factor = matrix.storage
    var result = right + [Double](repeating: 0, count: max(0, n - m))
    var pivots = [Int32](repeating: 0, count: n)
    var found: Int32 = 0
    BLAS.ready()
    let info = LAPACKE_dgelsy(
      LAPACK_COL_MAJOR, rows, columns, 1, &factor, rows, &result, max(rows, columns), &pivots,
      tolerance, &found)
    guard info == 0 else { throw .notConverged(code: Int(info)) }
    solution = Array(result.prefix(n))
    rank = Int(found)
  }
}

/// An orthonormal basis of the vectors that a matrix sends to zero.
enum NullSpace {
  /// The basis, one vector a column, from the singular value decomposition (`dgesdd`).
  static func basis(_ matrix: Matrix, tolerance: Double) throws(LinearAlgebraError) -> Matrix {
    let (m, n) = (matrix.rows, matrix.columns)
    guard m > 0, n > 0 else { return .identity(n) }
    guard let rows = Int32(exactly: m), let columns = Int32(exactly: n) else {
      throw .tooLarge(max(m, n))
    }
    var input = matrix.storage
    var values = [Double](repeating: 0, count: min(m, n))
    var left = [Double](repeating: 0, count: m * m)
    var right = [Double](repeating: 0, count: n * n)
    BLAS.ready()
    let info = LAPACKE_dgesdd(
      LAPACK_COL_MAJOR, Int8(UInt8(ascii: "A")), rows, columns, &input, rows, &values, &left, rows,
      &right, columns)
    guard info == 0 else { throw .notConverged(code: Int(info)) }
    let rank = values.count { $0 > tolerance * (values.first ?? 0) }
    var basis = Matrix(rows: n, columns: n - rank)
    for j in rank..<n { for i in 0..<n { basis[i, j - rank] = right[j + i * n] } }
    return basis
  }
}
