/// Why a factorisation or a solution could not be had.
public enum LinearAlgebraError: Error, Sendable, Equatable {
  /// The matrix is not positive definite; the index of the first pivot that failed, from zero.
  case notPositiveDefinite(pivot: Int)
  /// A size exceeds what BLAS's 32-bit indices can address.
  case tooLarge(Int)
  /// LAPACK reported that an iteration did not converge, with its code.
  case notConverged(code: Int)
}
