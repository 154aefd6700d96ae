internal import Glibc
internal import LinearAlgebra
public import Statistics

extension PropensityWeights {
  /// How the weights, times their sampling weights, depend on the score's coefficients.
  ///
  /// The estimating functions are the scores of the binomial likelihood and the Jacobian their exact
  /// derivative, which for probit and complementary log-log is not Fisher's information. A weight at
  /// the trimming cap, and one at the corner of ATM, is taken as fixed, and so are the shares of the
  /// groups in stabilised weights: they cancel in weighted means.
  /// - Throws: as `weights`, and `sizeMismatch`.
  public func equations(
    treatment: [Bool], score: PropensityScoreFit, samplingWeights: [Double]? = nil
  ) throws(SiblingError) -> WeightEquations {
    let model = score.model
    let plain = try uncapped(treatment: treatment, probability: model.fitted, samplingWeights)
    let final = try weights(
      treatment: treatment, probability: model.fitted, samplingWeights: samplingWeights)
    var index = ScoreIndex(model, treatment: treatment, weights: samplingWeights)
    let shares = (
      treated: share(treatment, samplingWeights, of: true),
      comparison: share(treatment, samplingWeights, of: false)
    )
    for row in treatment.indices {
      let sampling = samplingWeights?[row] ?? 1
      guard sampling > 0, final[row] == plain[row] else { continue }
      let factor = stabilizes ? treatment[row] ? shares.treated : shares.comparison : 1
      index.slopes[row] = slope(model, treatment: treatment, row: row) * factor
    }
    return index.equations()
  }

  /// The derivative in the linear predictor of a row's weight times the sampling weight that the
  /// model was fitted with; without trimming and stabilising.
  func slope(_ model: GeneralizedLinearFit, treatment: [Bool], row: Int) -> Double {
    let (p, isTreated) = (model.fitted[row], treatment[row])
    // (dp/dη)/p for the treated, (dp/dη)/(1−p) for comparisons, times the sampling weight.
    let rate = model.equations.scores[row].magnitude
    return switch (estimand, isTreated) {
    case (.ate, true), (.atc, true): -rate / p
    case (.ate, false), (.att, false): rate / (1 - p)
    case (.ato, true): -rate * p
    case (.ato, false): rate * (1 - p)
    case (.atm, true): p < 0.5 ? 0 : -rate / p
    case (.atm, false): p < 0.5 ? rate / (1 - p) : 0
    case (.att, true), (.atc, false): 0
    }
  }
}

extension ScoreIndex {
  /// The equations of a binomial regression of the treatment, on which no weight depends yet.
  ///
  /// The curvature is the exact one, which for links other than logit is not Fisher's information.
  init(_ model: GeneralizedLinearFit, treatment: [Bool], weights: [Double]?) {
    let zeros = [Double](repeating: 0, count: treatment.count)
    self.init(
      matrix: model.equations.design, basis: model.equations.basis,
      scores: model.equations.scores, curvature: zeros, slopes: zeros)
    for row in treatment.indices {
      let sampling = weights?[row] ?? 1
      guard sampling > 0 else { continue }
      let (p, eta, isTreated) = (model.fitted[row], model.linearPredictor[row], treatment[row])
      // (dp/dη)/p for the treated, (dp/dη)/(1−p) for comparisons.
      let rate = model.equations.scores[row].magnitude / sampling
      // The ratio of the second derivative of p to the first.
      let bend =
        switch model.link {
        case .probit: -eta
        case .complementaryLogLog: 1 - exp(eta)
        case .log: 1.0
        default: 1 - 2 * p
        }
      curvature[row] = sampling * rate * (rate + (isTreated ? -bend : bend))
    }
  }
}
