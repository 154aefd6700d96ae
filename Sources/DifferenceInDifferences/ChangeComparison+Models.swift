internal import Glibc
internal import LinearAlgebra
internal import Statistics

extension ChangeComparison {
  /// The mean of weight · value · column, for each column.
  func columnMeans(_ weights: [Double], _ values: [Double]) -> [Double] {
    let n = Double(change.count)
    return design.transposedTimes(zip(weights, values).map { $0 * $1 }).map { $0 / n }
  }

  /// A fitted nuisance model: its fit, and how each row moves a linear function of its coefficients.
  struct Nuisance {
    var fitted: [Double]
    /// Each row's estimating function is `scores` times its row of the design.
    var scores: [Double]
    var factor: Cholesky
    var design: Matrix

    /// The fitted probabilities, when the model is one of treatment.
    var probability: [Double] { fitted }

    /// The influence of each row on slope′β.
    func contributions(_ slope: [Double]) -> [Double] {
      let n = Double(scores.count)
      let direction = factor.solve(slope).map { $0 * n }
      return zip(scores, design.times(direction)).map { $0 * $1 }
    }
  }

  /// The regression of the controls' changes on covariates, predicted for every row.
  func controlRegression(weights rowWeights: [Double]) throws(SiblingError) -> Nuisance {
    let control = zip(rowWeights, treated).map { $1 ? 0 : $0 }
    let gram = Gram.product(design, weights: control)
    let rank = ColumnRank(gram: gram)
    if let column = rank.dropped.first {
      throw SiblingError(
        .rankDeficient,
        "Among the controls `\(names[column])` is a combination of the other covariates.",
        help: "Leave it out, or use an estimator without outcome regression (ipw, std-ipw).",
        column: names[column])
    }
    guard let factor = try? Cholesky(gram) else {
      throw SiblingError(
        .rankDeficient, "The regression of the controls' changes has no single solution.",
        help: "Use fewer covariates.")
    }
    var coefficients = [Double](repeating: 0, count: design.columns)
    var residuals = change
    // The second pass refines the first by residuals computed from the data.
    for _ in 0..<2 {
      let step = factor.solve(
        design.transposedTimes(zip(control, residuals).map { $0 * $1 }))
      for j in coefficients.indices { coefficients[j] += step[j] }
      residuals = zip(change, design.times(coefficients)).map { $0 - $1 }
    }
    return Nuisance(
      fitted: zip(change, residuals).map { $0 - $1 },
      scores: zip(control, residuals).map { $0 * $1 }, factor: factor, design: design)
  }

  /// The logistic regression of treatment on covariates.
  func propensity() throws(SiblingError) -> Nuisance {
    let response = treated.map { $0 ? 1.0 : 0 }
    let model = GeneralizedLinearModel(family: .binomial)
    let fit = try model.fit(
      DesignMatrix(matrix: design, names: names), response: response, weights: weights)
    let information = zip(weights, fit.fitted).map { $0 * $1 * (1 - $1) }
    guard let factor = try? Cholesky(Gram.product(design, weights: information)) else {
      throw SiblingError(
        .noOverlap, "The covariates separate treated units from controls.",
        help: "Leave out the covariates that tell them apart.")
    }
    let scores = response.indices.map { weights[$0] * (response[$0] - fit.fitted[$0]) }
    return Nuisance(
      fitted: fit.fitted.map { min($0, 1 - 1e-6) }, scores: scores, factor: factor,
      design: design)
  }

  /// Controls' weights by the odds of treatment; those whose probability is 0.995 or more are left
  /// out.
  func controlWeights(
    _ probability: [Double]
  ) throws(SiblingError) -> (weights: [Double], trimmed: Int) {
    var result = [Double](repeating: 0, count: change.count)
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
