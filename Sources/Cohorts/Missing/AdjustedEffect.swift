internal import Statistics

/// The effect of treatment by a linear outcome model with its covariates, and their products with
/// treatment, centred where the effect is wanted: linear g-computation (Lin 2013,
/// doi:10.1214/12-AOAS583).
///
/// The coefficient of treatment is then the difference of the arms' mean predictions over everybody
/// (ATE) or over the treated (ATT). Without covariates it is the difference of means. Standard errors
/// take the covariates as given.
struct AdjustedEffect: Sendable {
  let contrast: LinearContrast
  /// Whether the products with treatment had to go: without one of the clusters they can't be told.
  let isWithoutProducts: Bool

  /// The effect on some rows, weighted.
  ///
  /// - Throws: as `LinearContrast` does.
  init(
    _ evidence: OutcomeEvidence, estimand: EvidenceEstimand, rows: [Int], weights: [Double]?,
    centredOn population: [Int]
  ) throws(SiblingError) {
    let count = evidence.count
    let treated = evidence.treatment.map { $0 ? 1.0 : 0.0 }
    var columns = [[Double](repeating: 1, count: count), treated]
    var products: [[Double]] = []
    let target = population.filter {
      evidence.isUsed($0) && (estimand == .ate || evidence.treatment[$0])
    }
    let sampling = evidence.weights
    let total = target.reduce(0) { $0 + (sampling?[$1] ?? 1) }
    for column in evidence.covariates {
      let sum = target.reduce(0) { $0 + (sampling?[$1] ?? 1) * column[$1] }
      let mean = sum / total
      let centred = column.map { $0 - mean }
      columns.append(centred)
      products.append(zip(centred, treated).map { $0 * $1 })
    }
    let whole = try LinearContrast(
      columns: columns + products, target: 1, rows: rows, weights: weights,
      cluster: evidence.cluster)
    // A covariate that only one treated site has makes its product that site's own: then the arms share
    // the covariates' slopes, so that the effect has a standard error.
    guard whole.enlarged.isEmpty, !products.isEmpty,
      let plain = try? LinearContrast(
        columns: columns, target: 1, rows: rows, weights: weights, cluster: evidence.cluster),
      !plain.enlarged.isEmpty
    else {
      (contrast, isWithoutProducts) = (whole, false)
      return
    }
    (contrast, isWithoutProducts) = (plain, true)
  }

  /// The effect of an outcome as an estimate.
  func estimate(
    _ outcome: [Double], term: String, level: Double, adding influence: [Double]? = nil,
    variance given: Double? = nil, convention: String? = nil
  ) -> Estimate {
    let variance = given ?? contrast.variance(outcome, adding: influence)
    return Estimate(
      term: term, estimate: contrast.value(outcome),
      standardError: variance.map { $0.squareRoot() },
      degreesOfFreedom: contrast.degrees, level: level,
      convention: convention ?? contrast.convention)
  }
}

/// Whose effect is asked for.
public enum EvidenceEstimand: String, Sendable, CaseIterable {
  /// Everybody's.
  case ate = "ATE"
  /// The treated's.
  case att = "ATT"
}
