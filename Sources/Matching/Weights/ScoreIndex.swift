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
    let design = standardized
    return WeightEquations(
      scores: Self.scaledRows(design, by: scores),
      jacobian: Gram.product(design, weights: curvature).scaled(by: -1),
      weightGradient: Self.scaledRows(design, by: slopes))
  }

  /// The columns that take part, standardised.
  private var standardized: Matrix {
    let multipliers = basis.multipliers
    let (n, k) = (matrix.rows, basis.count)
    let columns = Parallel.mapBlocks(k) { place -> [Double] in
      let start = basis.columns[place] * n
      return (0..<n).map {
        (matrix.storage[start + $0] - basis.center[place]) * multipliers[place]
      }
    }
    return Matrix(columns: columns)
  }

  /// What each row does to sums Σsw, by moving the parameters that the weights w depend on.
  ///
  /// One result for each s; nil where the equations are singular.
  func carried(_ sums: [[Double]]) -> [[Double]]? {
    let design = standardized
    let jacobian = Gram.product(design, weights: curvature).scaled(by: -1)
    var results: [[Double]] = []
    for sum in sums {
      let slope = design.transposedTimes(zip(sum, slopes).map { $0 * $1 })
      guard let back = LinearSystem.solveTransposed(jacobian, slope) else { return nil }
      results.append(zip(design.times(back), scores).map { -$0 * $1 })
    }
    return results
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
