internal import Glibc
internal import LinearAlgebra
internal import Statistics

extension ChangeComparison {
  /// The mean of weight · column of the design, for each column.
  func columnMeans(_ weights: [Double]) -> [Double] {
    design.transposedTimes(weights).map { $0 / Double(rows) }
  }

  /// The means of weight · (value − shift) · column of the design: a column for each of the values.
  func crossMeans(_ weights: [Double], _ values: Matrix, less shift: [Double]) -> Matrix {
    let (n, m) = (values.rows, values.columns)
    let weighed = [Double](unsafeUninitializedCapacity: n * m) { buffer, count in
      for j in 0..<m {
        for i in 0..<n { buffer[i + j * n] = weights[i] * (values.storage[i + j * n] - shift[j]) }
      }
      count = n * m
    }
    return Matrix.product(
      design, Matrix(rows: n, columns: m, storage: weighed), transposeLeft: true
    ).scaled(by: 1 / Double(n))
  }

  /// A least-squares regression of every column of changes, predicted for every row.
  ///
  /// A row's estimating function is its weight times its residual times its row of the design.
  struct Regression {
    /// Changes less their predictions, for all rows.
    var residuals: Matrix
    var factor: Cholesky
    var design: Matrix

    /// What weight · residual is multiplied by in a row's influence on slope′β.
    func reach(_ slope: [Double]) -> [Double] {
      design.times(factor.solve(slope).map { $0 * Double(design.rows) })
    }
  }

  /// The logistic regression of treatment.
  struct Propensity {
    /// The fitted probabilities, at most 1 − 1e-6.
    var fitted: [Double]
    /// Each row's estimating function is its score times its row of the design.
    var scores: [Double]
    var factor: Cholesky
    var design: Matrix

    /// What the score is multiplied by in a row's influence on slope′γ, for each slope.
    func reach(_ slopes: Matrix) -> Matrix {
      design * factor.solve(slopes).scaled(by: Double(design.rows))
    }
  }

  /// The regression of changes on covariates with the weights of some rows, zero for the others.
  func regression(_ weights: [Double], among whom: String) throws(SiblingError) -> Regression {
    let gram = Gram.product(design, weights: weights)
    let rank = ColumnRank(gram: gram)
    if let column = rank.dropped.first {
      throw SiblingError(
        .rankDeficient,
        "Among the \(whom) `\(names[column])` is a combination of the other covariates.",
        help: "Leave it out, or use an estimator without outcome regression (ipw, std-ipw).",
        column: names[column])
    }
    guard let factor = try? Cholesky(gram) else {
      throw SiblingError(
        .rankDeficient, "The regression of the \(whom)' changes has no single solution.",
        help: "Use fewer covariates.")
    }
    let zeros = [Double](repeating: 0, count: changes.columns)
    var residuals = changes
    // The second pass refines the first by residuals computed from the data.
    for _ in 0..<2 {
      let step = factor.solve(
        crossMeans(weights, residuals, less: zeros).scaled(by: Double(rows)))
      residuals = residuals - design * step
    }
    return Regression(residuals: residuals, factor: factor, design: design)
  }

  /// The logistic regression of treatment on covariates.
  func propensity() throws(SiblingError) -> Propensity {
    let response = treated.map { $0 ? 1.0 : 0 }
    let model = GeneralizedLinearModel(family: .binomial)
    let fit = try model.fit(
      DesignMatrix(matrix: design, names: names), response: response,
      weights: isWeighted ? weights : nil)
    guard let factor = try? Cholesky(Gram.product(design, weights: fit.workingWeights)) else {
      throw SiblingError(
        .noOverlap, "The covariates separate treated units from controls.",
        help: "Leave out the covariates that tell them apart.")
    }
    let scores = response.indices.map { weights[$0] * (response[$0] - fit.fitted[$0]) }
    return Propensity(
      fitted: fit.fitted.map { min($0, 1 - 1e-6) }, scores: scores, factor: factor,
      design: design)
  }

  /// Controls' weights by the odds of treatment; those whose probability is 0.995 or more are left
  /// out.
  func controlWeights(
    _ probability: [Double]
  ) throws(SiblingError) -> (weights: [Double], trimmed: Int) {
    var result = [Double](repeating: 0, count: rows)
    var (trimmed, total) = (0, 0.0)
    for i in result.indices where !treated[i] {
      guard probability[i] < 0.995 else {
        trimmed += 1
        continue
      }
      result[i] = weights[i] * probability[i] / (1 - probability[i])
      total += result[i]
    }
    guard total > 0 else {
      throw SiblingError(
        .noOverlap, "No control is at all like the treated units, given the covariates.",
        help: "Leave out covariates, or use outcome regression and say that it extrapolates.")
    }
    return (result, trimmed)
  }
}

/// The propensity score whose odds weights balance the covariates exactly.
///
/// The inverse probability tilting of Graham, Pinto & Egel (2012, doi 10.1093/restud/rdr047), as
/// Sant'Anna & Zhao (2020) use it: the controls' weighted sums equal the treated units' sums.
enum CalibratedPropensity {
  static func fit(_ comparison: ChangeComparison) throws(SiblingError) -> [Double] {
    let objective = TiltingObjective(comparison: comparison)
    var start = [Double](repeating: 0, count: comparison.design.columns)
    // Without covariates the odds are the treated share of weight against the controls'.
    let treated = comparison.treatedWeights.reduce(0, +)
    start[0] = log(treated / (comparison.weights.reduce(0, +) - treated))
    let solution = try NewtonSolver(maximumIterations: 200).maximise(objective, from: start)
    guard solution.converged else {
      throw SiblingError(
        .nonConvergence, "No weights of the controls balance the covariates exactly.",
        help: "The treated lie outside the controls' range; use `dr`, or fewer covariates.")
    }
    return comparison.design.times(solution.coefficients).map { eta in
      min(1 / (1 + exp(-eta)), 1 - 1e-6)
    }
  }

  /// Σ w (D η − (1 − D) e^η), a concave function of the coefficients.
  private struct TiltingObjective: SmoothObjective {
    var comparison: ChangeComparison

    func evaluate(at coefficients: [Double]) -> ObjectiveValue {
      let eta = comparison.design.times(coefficients)
      var value = 0.0
      var residuals = [Double](repeating: 0, count: eta.count)
      var curvature = residuals
      for i in eta.indices {
        let w = comparison.weights[i]
        if comparison.treated[i] {
          value += w * eta[i]
          residuals[i] = w
        } else {
          let odds = exp(eta[i])
          value -= w * odds
          residuals[i] = -w * odds
          curvature[i] = w * odds
        }
      }
      guard value.isFinite else {
        return ObjectiveValue(
          value: -.infinity, gradient: coefficients, information: .identity(coefficients.count))
      }
      return ObjectiveValue(
        value: value, gradient: comparison.design.transposedTimes(residuals),
        information: Gram.product(comparison.design, weights: curvature))
    }
  }
}
