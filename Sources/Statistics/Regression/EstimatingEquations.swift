public import LinearAlgebra

/// What a fitted regression leaves behind for its covariance: Σ uᵢxᵢ = 0 and its derivative.
///
/// Row i's estimating function is uᵢxᵢ; the information is X′WX. Both are kept in the standardised
/// basis, where sandwiches lose no digits, and are taken back at the end.
public struct EstimatingEquations: Sendable {
  /// The design, all columns as given.
  public var design: Matrix
  /// The independent columns, centred and scaled.
  public var basis: ColumnBasis
  /// Each row's score u: weight times working residual; zero where the weight is.
  public var scores: [Double]
  /// Each row's information weight W.
  public var workingWeights: [Double]
  /// The factor of X̃′WX̃.
  public var factor: Cholesky
  /// Rows with positive weight.
  public var observations: Int
  /// The parameters that small-sample factors count: columns kept and effects absorbed.
  public var parameters: Int
  /// The scale that multiplies (X′WX)⁻¹ in the classical covariance.
  public var dispersion: Double
  /// Whether statistics follow t (normal regression) or the normal distribution.
  public var usesStudentT: Bool
  /// The prior weights, nil for all one; rows without weight belong to no cluster.
  public var weights: [Double]?
  /// Leverage in addition to that of the columns, from effects absorbed; nil for none.
  public var extraLeverage: [Double]?
  /// Each row's dμ/dη, for CR2 of generalised linear models; nil where it is not asked for.
  public var meanSlopes: [Double]?

  /// Observations less parameters.
  public var residualDegreesOfFreedom: Int { observations - parameters }

  /// Each row's leverage W x′(X′WX)⁻¹x, in [0, 1].
  public var leverage: [Double] {
    var result = Gram.squaredLengths(design, basis: basis, factor: factor)
    for i in result.indices {
      result[i] = min(1, result[i] * workingWeights[i] + (extraLeverage?[i] ?? 0))
    }
    return result
  }

  /// (X′WX)⁻¹ in the columns as given.
  public var bread: Matrix { takeBack(factor.inverse) }

  /// A covariance of standardised coefficients as one of the columns as given.
  func takeBack(_ covariance: Matrix) -> Matrix {
    let back = basis.back
    return Matrix.product(back * covariance, back, transposeRight: true).symmetrized
  }
}

extension Matrix {
  /// The mean of the matrix and its transpose.
  var symmetrized: Matrix {
    var result = self
    for j in 0..<columns {
      for i in 0..<j {
        let mean = (self[i, j] + self[j, i]) / 2
        result[i, j] = mean
        result[j, i] = mean
      }
    }
    return result
  }
}
