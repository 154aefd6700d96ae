public import LinearAlgebra

/// Linear regression by (weighted) least squares.
///
/// The normal equations are solved in a standardised basis and refined by residuals computed from
/// the data, until the correction is rounding (Björck 1996, §6.6). That keeps full accuracy
/// where columns differ in scale by many powers of ten.
public struct LeastSquares: Sendable {
  /// Columns whose part beyond earlier ones is below this share of their length are dropped.
  public var rankTolerance: Double

  /// A least squares regression.
  public init(rankTolerance: Double = 1e-7) { self.rankTolerance = rankTolerance }

  /// Fits a design with n rows to a response of n numbers.
  ///
  /// Weights are analytic: a row's variance is σ²/w. Rows of weight zero have no influence and are
  /// not counted. Columns that are combinations of earlier ones are dropped by the order of columns
  /// and named in the notes.
  ///
  /// - Throws: `sizeMismatch`, `missingValue`, `badWeight`, `constantOutcome`,
  ///   `tooFewObservations`.
  /// - Complexity: O(n p²) once and O(n p) a refinement.
  public func fit(
    _ design: DesignMatrix, response: [Double], weights: [Double]? = nil
  ) throws(SiblingError) -> LeastSquaresFit {
    let input = try RegressionInput(design, response, weights, nil)
    let problem = LeastSquaresProblem(
      design: design.matrix, response: response, weights: weights)
    guard let solution = problem.solve(rankTolerance: rankTolerance) else {
      try RegressionInput.requireFinite(design)
      throw SiblingError(
        .nonConvergence, "The regression's normal equations could not be solved.",
        help: "Look for values of extreme size.")
    }
    let parameters = solution.basis.count
    guard input.observations > parameters else {
      throw SiblingError(
        .tooFewObservations,
        "The model has \(parameters) coefficients but only \(input.observations) rows.",
        help: "Use fewer terms or more rows.")
    }
    return LeastSquaresFit(design, response, weights, solution, input)
  }
}

/// A fitted linear regression.
public struct LeastSquaresFit: RegressionFit {
  /// The names of the design's columns.
  public let names: [String]
  /// A coefficient for each column; NaN for dropped ones.
  public let coefficients: [Double]
  /// The columns that take part, ascending.
  public let keptColumns: [Int]
  /// The names of columns that are combinations of earlier ones.
  public let dropped: [String]
  /// Response less fitted value.
  public let residuals: [Double]
  /// The fitted values.
  public let fitted: [Double]
  /// The weights, as given; nil means all one.
  public let weights: [Double]?
  /// Rows with positive weight.
  public let observations: Int
  /// The residual standard deviation √(Σwr²/(n − k)).
  public let sigma: Double
  /// The share of the weighted variance about the mean (about zero without an intercept) explained.
  public let rSquared: Double
  /// What covariance estimators need.
  public let equations: EstimatingEquations
  /// Things that the reader must know.
  public let notes: [String]

  init(
    _ design: DesignMatrix, _ response: [Double], _ weights: [Double]?,
    _ solution: LeastSquaresProblem.Solution, _ input: RegressionInput
  ) {
    names = design.names
    keptColumns = solution.basis.columns
    var all = [Double](repeating: .nan, count: design.columns)
    let back = solution.basis.back.times(solution.coefficients)
    for (place, column) in keptColumns.enumerated() { all[column] = back[place] }
    coefficients = all
    let kept = Set(keptColumns)
    dropped = design.names.indices.filter { !kept.contains($0) }.map { design.names[$0] }
    residuals = solution.residuals
    fitted = zip(response, solution.residuals).map { $0 - $1 }
    self.weights = weights
    observations = input.observations
    let degrees = Double(input.observations - keptColumns.count)
    let about = design.hasIntercept ? input.mean : 0
    var (left, total) = (0.0, 0.0)
    for (row, residual) in solution.residuals.enumerated() {
      let weight = weights?[row] ?? 1
      left += weight * residual * residual
      total += weight * (response[row] - about) * (response[row] - about)
    }
    sigma = (left / degrees).squareRoot()
    rSquared = 1 - left / total
    var scores = solution.residuals
    if let weights { for row in scores.indices { scores[row] *= weights[row] } }
    equations = EstimatingEquations(
      design: design.matrix, basis: solution.basis, scores: scores,
      workingWeights: weights ?? [Double](repeating: 1, count: design.rows),
      factor: solution.factor, observations: input.observations, parameters: keptColumns.count,
      dispersion: left / degrees, usesStudentT: true, weights: weights)
    notes = [droppedNote(dropped)].compactMap { $0 }
  }

  /// Observations less columns kept.
  public var residualDegreesOfFreedom: Int { observations - keptColumns.count }
  /// (X′WX)⁻¹ over the kept columns.
  public var unscaledCovariance: Matrix { equations.bread }
  /// Each row's leverage.
  public var leverage: [Double] { equations.leverage }
}

/// Weighted least squares as numbers only.
struct LeastSquaresProblem: Sendable {
  var design: Matrix
  var response: [Double]
  var weights: [Double]?

  struct Solution {
    var basis: ColumnBasis
    var coefficients: [Double]
    var residuals: [Double]
    var factor: Cholesky
  }

  /// The solution over independent columns; nil where numbers are not finite.
  func solve(rankTolerance: Double) -> Solution? {
    var basis = StandardizedBasis.make(design)
    let zeros = [Double](repeating: 0, count: basis.count)
    let sums = pass(basis, zeros, order: .product, residuals: nil)
    guard sums.product.storage.allSatisfy(\.isFinite), sums.gradient.allSatisfy(\.isFinite) else {
      return nil
    }
    let kept = ColumnRank(gram: sums.product, tolerance: rankTolerance).kept
    basis = basis.selecting(kept)
    guard let factor = try? Cholesky(sums.product.selecting(both: kept)) else { return nil }
    var coefficients = factor.solve(kept.map { sums.gradient[$0] })
    var residuals = [Double](repeating: 0, count: response.count)
    var last = Double.infinity
    var isCurrent = false
    for _ in 0..<8 {
      let gradient = residuals.withUnsafeMutableBufferPointer { buffer in
        pass(basis, coefficients, order: .gradient, residuals: buffer).gradient
      }
      let step = factor.solve(gradient)
      let size = coefficients.reduce(0) { max($0, $1.magnitude) }
      let change = step.reduce(0) { max($0, $1.magnitude) }
      // A correction that no longer shrinks is rounding.
      isCurrent = !(change > 4e-16 * size && change < last / 2)
      if isCurrent { break }
      for j in coefficients.indices { coefficients[j] += step[j] }
      last = change
    }
    if !isCurrent {
      _ = residuals.withUnsafeMutableBufferPointer { buffer in
        pass(basis, coefficients, order: .values, residuals: buffer)
      }
    }
    return Solution(
      basis: basis, coefficients: coefficients, residuals: residuals, factor: factor)
  }

  private func pass(
    _ basis: ColumnBasis, _ coefficients: [Double], order: Gram.Order,
    residuals: UnsafeMutableBufferPointer<Double>?
  ) -> Gram.Sums {
    nonisolated(unsafe) let out = residuals
    return Gram.pass(design, basis: basis, coefficients: coefficients, order: order) {
      range, eta, root in
      response.withUnsafeBufferPointer { y in
        for i in 0..<range.count { eta[i] = y[range.lowerBound + i] - eta[i] }
      }
      if let out { for i in 0..<range.count { out[range.lowerBound + i] = eta[i] } }
      guard let weights else {
        root.update(repeating: 1, count: range.count)
        return 0
      }
      weights.withUnsafeBufferPointer { w in
        for i in 0..<range.count {
          let weight = w[range.lowerBound + i]
          eta[i] *= weight
          root[i] = weight.squareRoot()
        }
      }
      return 0
    }
  }
}
