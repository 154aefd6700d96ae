public import Statistics

/// Weights from propensity scores, which make the groups alike without pairing anybody.
///
/// With p the probability of treatment: ATE 1/p and 1/(1−p); ATT 1 and p/(1−p); ATC (1−p)/p and 1;
/// ATO 1−p and p (Li, F., Morgan, K. and Zaslavsky, A. (2018),
/// https://doi.org/10.1080/01621459.2016.1260466); ATM min(p, 1−p) over the probability of the
/// group that the row is in (Li, L. and Greene, T. (2013), https://doi.org/10.1515/ijb-2012-0030).
public struct PropensityWeights: Sendable, Equatable {
  /// The estimand.
  public var estimand: Estimand
  /// Weights above this quantile (type 3) are set to it; nil for none.
  ///
  /// Weights of a focal group, which are all one, stay.
  public var trimQuantile: Double?
  /// Whether weights are multiplied by the share of the row's group.
  public var stabilizes: Bool

  /// Weights for an estimand.
  public init(estimand: Estimand = .att, trimQuantile: Double? = nil, stabilizes: Bool = false) {
    self.estimand = estimand
    self.trimQuantile = trimQuantile
    self.stabilizes = stabilizes
  }

  /// The weight of each row from its probability of treatment.
  ///
  /// The weights are to be multiplied by `samplingWeights`, which here count only in the groups'
  /// shares (stabilising) and as rows left out where they are zero (trimming, shares).
  /// - Throws: `constantTreatment`, `sizeMismatch`, `badValue` with the row when a probability is
  ///   not between 0 and 1, `badWeight`, `invalidOption` for a trimming quantile outside (0.5, 1).
  public func weights(
    treatment: [Bool], probability: [Double], samplingWeights: [Double]? = nil
  ) throws(SiblingError) -> [Double] {
    var weights = try uncapped(treatment: treatment, probability: probability, samplingWeights)
    try trim(&weights, treatment, samplingWeights)
    return weights
  }

  /// The weights before trimming.
  func uncapped(
    treatment: [Bool], probability: [Double], _ samplingWeights: [Double]?
  ) throws(SiblingError) -> [Double] {
    _ = try Inputs.groups(treatment)
    try Inputs.finite(probability, expected: treatment.count, column: "propensity")
    if let samplingWeights { try Inputs.weights(samplingWeights, treatment: treatment) }
    if let row = probability.firstIndex(where: { $0 <= 0 || $0 >= 1 }) {
      throw SiblingError(
        .badValue, "a probability of treatment is not between 0 and 1",
        help: "Weights need every row to have some chance of either treatment.", row: row,
        column: "propensity")
    }
    var weights = zip(probability, treatment).map { p, treated -> Double in
      switch estimand {
      case .ate: treated ? 1 / p : 1 / (1 - p)
      case .att: treated ? 1 : p / (1 - p)
      case .atc: treated ? (1 - p) / p : 1
      case .ato: treated ? 1 - p : p
      case .atm: min(p, 1 - p) / (treated ? p : 1 - p)
      }
    }
    if stabilizes {
      let one = share(treatment, samplingWeights, of: true)
      let zero = share(treatment, samplingWeights, of: false)
      for row in weights.indices { weights[row] *= treatment[row] ? one : zero }
    }
    return weights
  }

  /// The share of a group, by sampling weights.
  func share(_ treatment: [Bool], _ samplingWeights: [Double]?, of group: Bool) -> Double {
    guard let samplingWeights else {
      return Double(treatment.count { $0 == group }) / Double(treatment.count)
    }
    let own = zip(samplingWeights, treatment).reduce(0) { $1.1 == group ? $0 + $1.0 : $0 }
    return own / samplingWeights.reduce(0, +)
  }

  private func trim(
    _ weights: inout [Double], _ treatment: [Bool], _ samplingWeights: [Double]?
  ) throws(SiblingError) {
    guard let trimQuantile else { return }
    guard trimQuantile > 0.5, trimQuantile < 1 else {
      throw SiblingError(
        .invalidOption, "the trimming quantile must lie between 0.5 and 1",
        help: "0.99 caps the largest hundredth of the weights.")
    }
    let rows = weights.indices.filter {
      estimand == .att ? !treatment[$0] : estimand == .atc ? treatment[$0] : true
    }
    let sorted = rows.filter { samplingWeights?[$0] ?? 1 > 0 }.map { weights[$0] }.sorted()
    // Type 3: the order statistic nearest to n·q, the even one when two are as near.
    let place = (Double(sorted.count) * trimQuantile).rounded(.toNearestOrEven)
    let cap = sorted[min(sorted.count, max(1, Int(place))) - 1]
    for row in rows { weights[row] = min(weights[row], cap) }
  }
}
