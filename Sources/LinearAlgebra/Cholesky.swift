internal import CLAPACKE
internal import COpenBLAS

/// The Cholesky factorisation A = LLᵀ of a symmetric positive definite matrix.
public struct Cholesky: Sendable {
  /// The lower triangular factor L, with zeros above the diagonal.
  public let lower: Matrix

  /// Factors a symmetric positive definite matrix, reading its lower triangle.
  ///
  /// - Throws: `notPositiveDefinite` naming the pivot, `tooLarge` past 32-bit sizes.
  public init(_ symmetric: Matrix) throws(LinearAlgebraError) {
    precondition(symmetric.rows == symmetric.columns, "a Cholesky factor needs a square matrix")
    guard let n = Int32(exactly: symmetric.rows) else { throw .tooLarge(symmetric.rows) }
    var factor = symmetric
    BLAS.ready()
    if n > 0 {
      let info = LAPACKE_dpotrf(LAPACK_COL_MAJOR, Int8(UInt8(ascii: "L")), n, &factor.storage, n)
      guard info == 0 else { throw .notPositiveDefinite(pivot: max(0, Int(info) - 1)) }
    }
    for j in 0..<factor.columns { for i in 0..<j { factor[i, j] = 0 } }
    lower = factor
  }

  /// The solution of Ax = b.
  public func solve(_ right: [Double]) -> [Double] {
    solve(Matrix(rows: right.count, columns: 1, storage: right)).storage
  }

  /// The solution of AX = B, one column for each of B's.
  public func solve(_ right: Matrix) -> Matrix {
    precondition(right.rows == lower.rows, "sizes differ")
    var solution = right
    guard right.rows > 0, right.columns > 0 else { return solution }
    for transpose in [CblasNoTrans, CblasTrans] {
      cblas_dtrsm(
        CblasColMajor, CblasLeft, CblasLower, transpose, CblasNonUnit, Int32(right.rows),
        Int32(right.columns), 1, lower.storage, Int32(lower.rows), &solution.storage,
        Int32(right.rows))
    }
    return solution
  }

  /// L⁻¹B, the half solution, for whitening and quadratic forms.
  public func solveLower(_ right: Matrix) -> Matrix {
    var solution = right
    guard right.rows > 0, right.columns > 0 else { return solution }
    cblas_dtrsm(
      CblasColMajor, CblasLeft, CblasLower, CblasNoTrans, CblasNonUnit, Int32(right.rows),
      Int32(right.columns), 1, lower.storage, Int32(lower.rows), &solution.storage,
      Int32(right.rows))
    return solution
  }

  /// A⁻¹, exactly symmetric.
  public var inverse: Matrix {
    var result = solve(.identity(lower.rows))
    for j in 0..<result.columns {
      for i in 0..<j {
        let mean = (result[i, j] + result[j, i]) / 2
        result[i, j] = mean
        result[j, i] = mean
      }
    }
    return result
  }

  /// log det A.
  public var logDeterminant: Double {
    lower.diagonal.reduce(0) { $0 + 2 * _log($1) }
  }
}
