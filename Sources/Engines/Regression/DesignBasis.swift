internal import LinearAlgebra
internal import Tables

/// Centres and scales of a design's columns, and the way back from standardised coefficients.
public struct DesignBasis: Sendable {
  /// The names of the columns.
  public let names: [String]
  /// What is taken from each column; 0 for the intercept and without one.
  public var center: [Double]
  /// What each column is divided by; 0 for a column that does not vary.
  public var scale: [Double]

  /// Columns as they are.
  init(_ names: [String]) {
    self.names = names
    center = [Double](repeating: 0, count: names.count)
    scale = [Double](repeating: 1, count: names.count)
  }

  /// Whether the first column is an intercept, which then bears the centres.
  public var hasIntercept: Bool { names.first == "(Intercept)" }

  func isIntercept(_ column: Int) -> Bool { column == 0 && hasIntercept }

  /// A column in standard units; 0 where it does not vary.
  func standardised(_ column: RowExpression, _ j: Int) -> RowExpression {
    if isIntercept(j) { return .constant(1) }
    guard scale[j] > 0 else { return .constant(0) }
    let centred = center[j] == 0 ? column : column - .constant(center[j])
    return centred * .constant(1 / scale[j])
  }

  /// The matrix T with β = Tβ̃, over chosen columns.
  func back(_ kept: [Int]) -> Matrix {
    var result = Matrix.diagonal(kept.map { scale[$0] > 0 ? 1 / scale[$0] : 0 })
    for (place, j) in kept.enumerated() where hasIntercept && j > 0 && scale[j] > 0 {
      result[0, place] -= center[j] / scale[j]
    }
    return result
  }

  /// A covariance of standardised coefficients as one of the columns as given.
  func back(_ covariance: Matrix, _ kept: [Int]) -> Matrix {
    let back = back(kept)
    let moved = Matrix.product(back * covariance, back, transposeRight: true)
    return (moved + moved.transposed).scaled(by: 0.5)
  }
}
