internal import LinearAlgebra
internal import Statistics

/// Weights that are functions of one linear predictor, with what their estimating equations need.
///
/// Row i's estimating function is uᵢx̃ᵢ and its weight's gradient vᵢx̃ᵢ, x̃ in a standardised basis:
/// a sandwich does not depend on the basis, and loses fewer digits in this one.
struct ScoreIndex: Sendable {
  var matrix: Matrix
  var basis: ColumnBasis
  /// The multipliers u of the estimating functions.
  var scores: [Double]
  /// −∂u/∂η, which is not negative.
  var curvature: [Double]
  /// ∂w/∂η, sampling weight included.
  var slopes: [Double]

  /// The stacked equations.
  func equations() -> WeightEquations {
    let multipliers = basis.multipliers
    let (n, k) = (matrix.rows, basis.count)
    let columns = Parallel.mapBlocks(k) { place -> [Double] in
      let start = basis.columns[place] * n
      return (0..<n).map {
        (matrix.storage[start + $0] - basis.center[place]) * multipliers[place]
      }
    }
    let design = Matrix(columns: columns)
    return WeightEquations(
      scores: Self.scaledRows(design, by: scores),
      jacobian: Gram.product(design, weights: curvature).scaled(by: -1),
      weightGradient: Self.scaledRows(design, by: slopes))
  }

  private static func scaledRows(_ design: Matrix, by factors: [Double]) -> Matrix {
    var result = design
    let n = design.rows
    for column in 0..<design.columns {
      for row in 0..<n { result.storage[row + column * n] *= factors[row] }
    }
    return result
  }
}
