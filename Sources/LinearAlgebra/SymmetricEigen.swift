internal import CLAPACKE

/// The spectral decomposition A = VΛVᵀ of a symmetric matrix.
public struct SymmetricEigen: Sendable {
  /// The eigenvalues, ascending.
  public let values: [Double]
  /// The eigenvectors, one a column, in the order of `values`.
  public let vectors: Matrix

  /// Decomposes a symmetric matrix by divide and conquer (`dsyevd`), reading its lower triangle.
  ///
  /// - Throws: `notConverged` when LAPACK gives up, `tooLarge` past 32-bit sizes.
  public init(_ symmetric: Matrix) throws(LinearAlgebraError) {
    precondition(symmetric.rows == symmetric.columns, "eigenvalues need a square matrix")
    guard let n = Int32(exactly: symmetric.rows) else { throw .tooLarge(symmetric.rows) }
    var basis = symmetric
    var spectrum = [Double](repeating: 0, count: symmetric.rows)
    BLAS.ready()
    if n > 0 {
      let info = LAPACKE_dsyevd(
        LAPACK_COL_MAJOR, Int8(UInt8(ascii: "V")), Int8(UInt8(ascii: "L")), n, &basis.storage, n,
        &spectrum)
      guard info == 0 else { throw .notConverged(code: Int(info)) }
    }
    values = spectrum
    vectors = basis
  }

  /// The matrix f(A) = V f(Λ) Vᵀ.
  public func map(_ function: (Double) -> Double) -> Matrix {
    var scaled = vectors
    for j in 0..<vectors.columns {
      let factor = function(values[j])
      for i in 0..<vectors.rows { scaled[i, j] *= factor }
    }
    return Matrix.product(scaled, vectors, transposeRight: true)
  }
}
