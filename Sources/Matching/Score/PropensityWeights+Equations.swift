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
    var index = ScoreIndex(
      matrix: model.equations.design, basis: model.equations.basis,
      scores: model.equations.scores, curvature: model.equations.scores,
      slopes: [Double](repeating: 0, count: treatment.count))
    let shares = (
      treated: share(treatment, samplingWeights, of: true),
      comparison: share(treatment, samplingWeights, of: false)
    )
    for row in treatment.indices {
      let sampling = samplingWeights?[row] ?? 1
      guard sampling > 0 else {
        index.curvature[row] = 0
        continue
      }
      let (p, eta, isTreated) = (model.fitted[row], model.linearPredictor[row], treatment[row])
      // (dp/dη)/p for the treated, (dp/dη)/(1−p) for comparisons.
      let rate = model.equations.scores[row].magnitude / sampling
      // The ratio of the second derivative of p to the first.
      let bend =
        switch model.link {
        case .probit: -eta
        case .complementaryLogLog: 1 - exp(eta)
        default: 1 - 2 * p
        }
      index.curvature[row] = sampling * rate * (rate + (isTreated ? -bend : bend))
      guard final[row] == plain[row] else { continue }
      let slope: Double =
        switch (estimand, isTreated) {
        case (.ate, true), (.atc, true): -rate / p
        case (.ate, false), (.att, false): rate / (1 - p)
        case (.ato, true): -rate * p
        case (.ato, false): rate * (1 - p)
        case (.atm, true): p < 0.5 ? 0 : -rate / p
        case (.atm, false): p < 0.5 ? rate / (1 - p) : 0
        case (.att, true), (.atc, false): 0
        }
      let factor = stabilizes ? isTreated ? shares.treated : shares.comparison : 1
      index.slopes[row] = sampling * slope * factor
    }
    return index.equations()
  }
}
