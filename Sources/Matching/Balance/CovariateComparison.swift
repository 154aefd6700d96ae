internal import Glibc
public import Statistics

/// The distribution of one covariate in both groups, before and after weighting: quantiles and
/// kernel densities, and how many people stand behind them.
public struct CovariateComparison: Sendable {
  /// One of the two groups.
  public enum Group: String, Sendable, CaseIterable {
    /// The treated.
    case treated
    /// The comparisons.
    case comparison
  }

  /// A probability's quantile in both groups.
  public struct QuantilePair: Sendable, Equatable {
    /// Before or after weighting.
    public var stage: Balance.Stage
    /// The probability.
    public var probability: Double
    /// The treated's quantile.
    public var treated: Double
    /// The comparisons' quantile.
    public var comparison: Double
    /// Treated people at the quantile or beyond it, on the side that has fewer.
    public var treatedBeyond: Int
    /// Comparison people at the quantile or beyond it, on the side that has fewer.
    public var comparisonBeyond: Int
  }

  /// A kernel density at one value.
  public struct DensityPoint: Sendable, Equatable {
    /// Before or after weighting.
    public var stage: Balance.Stage
    /// The group.
    public var group: Group
    /// The covariate's value.
    public var value: Double
    /// The density there, by unit of the covariate.
    public var density: Double
    /// People of the group within two bandwidths of the value.
    public var people: Int
  }

  private let distribution: CovariateDistribution
  private let sample: BalanceSample
  /// The same with a weight of one for each row that has any: people rather than weight.
  private let people: CovariateDistribution
  /// The bandwidth of the densities; nil when the covariate has no spread in the smaller group.
  public let bandwidth: Double?

  /// Compares a covariate between the groups.
  ///
  /// - Throws: `constantTreatment`, `sizeMismatch`, `missingValue`, `badValue`, `badWeight`, or
  ///   `noMatches` when a group has no weight.
  /// - Complexity: O(n); the covariate is sorted at most twice.
  public init(
    treatment: [Bool], weights: [Double], covariate: BalanceCovariate, sampling: [Double]? = nil
  ) throws(SiblingError) {
    _ = try Inputs.groups(treatment)
    try Inputs.weights(weights, treatment: treatment)
    if let sampling { try Inputs.weights(sampling, treatment: treatment) }
    try Inputs.finite(covariate.values, expected: treatment.count, column: covariate.name)
    sample = BalanceSample(treatment: treatment, weights: weights, sampling: sampling)
    distribution = CovariateDistribution(covariate.values, sample)
    people = CovariateDistribution(
      covariate.values,
      BalanceSample(treatment: treatment, weights: weights.map { $0 > 0 ? 1 : 0 }))
    let moments = CovariateMeasurement(
      distribution, sample, estimand: .att, includesOverlap: false)
    bandwidth =
      DensityOverlap(distribution, sample, moments.before.variances)?.bandwidth
  }

  /// The least and the greatest value.
  public var range: ClosedRange<Double> {
    (distribution.values.first ?? 0)...(distribution.values.last ?? 0)
  }

  /// The quantiles of both groups at both stages.
  ///
  /// A quantile is the least value at which the (weighted) distribution function reaches the
  /// probability, so that weights are the same as repeated rows.
  /// - Throws: `badValue` for a probability outside (0, 1).
  public func quantiles(_ probabilities: [Double]) throws(SiblingError) -> [QuantilePair] {
    for probability in probabilities where !(probability > 0 && probability < 1) {
      throw SiblingError(
        .badValue, "a quantile's probability lies between 0 and 1, not at \(probability)")
    }
    return Balance.Stage.allCases.flatMap { stage in
      let treated = places(probabilities, masses(stage, .treated))
      let comparison = places(probabilities, masses(stage, .comparison))
      let beyondTreated = beyond(stage, .treated)
      let beyondComparison = beyond(stage, .comparison)
      return probabilities.indices.map { index in
        QuantilePair(
          stage: stage, probability: probabilities[index],
          treated: distribution.values[treated[index]],
          comparison: distribution.values[comparison[index]],
          treatedBeyond: Int(beyondTreated[treated[index]]),
          comparisonBeyond: Int(beyondComparison[comparison[index]]))
      }
    }
  }

  /// Gaussian kernel densities of both groups at both stages, all with the one bandwidth that the
  /// overlap coefficient has; empty when there is none.
  ///
  /// Silverman, B. W. (1986), Density Estimation for Statistics and Data Analysis.
  /// - Complexity: O(values near each point).
  public func densities(at points: [Double]) -> [DensityPoint] {
    guard let bandwidth else { return [] }
    let values = distribution.values
    var result: [DensityPoint] = []
    for stage in Balance.Stage.allCases {
      for group in Group.allCases {
        let masses = masses(stage, group)
        let counts = people(stage, group)
        let scale = 1 / (masses.reduce(0, +) * bandwidth * (2 * Double.pi).squareRoot())
        for point in points {
          var density = 0.0
          var near = 0.0
          var place = CovariateComparison.first(values, atLeast: point - 8 * bandwidth)
          while place < values.count, values[place] <= point + 8 * bandwidth {
            let z = (values[place] - point) / bandwidth
            density += masses[place] * exp(-z * z / 2)
            if z.magnitude <= 2 { near += counts[place] }
            place += 1
          }
          result.append(
            DensityPoint(
              stage: stage, group: group, value: point, density: density * scale,
              people: Int(near)))
        }
      }
    }
    return result
  }

  private func masses(_ stage: Balance.Stage, _ group: Group) -> [Double] {
    switch (stage, group) {
    case (.unadjusted, .treated): distribution.treated
    case (.unadjusted, .comparison): distribution.comparison
    case (.adjusted, .treated): distribution.treatedWeight
    case (.adjusted, .comparison): distribution.comparisonWeight
    }
  }

  private func people(_ stage: Balance.Stage, _ group: Group) -> [Double] {
    switch (stage, group) {
    case (.unadjusted, .treated): people.treated
    case (.unadjusted, .comparison): people.comparison
    case (.adjusted, .treated): people.treatedWeight
    case (.adjusted, .comparison): people.comparisonWeight
    }
  }

  /// Where in the distinct values each probability's quantile stands.
  private func places(_ probabilities: [Double], _ masses: [Double]) -> [Int] {
    var cumulative: [Double] = []
    var sum = 0.0
    for mass in masses {
      sum += mass
      cumulative.append(sum)
    }
    return probabilities.map { probability in
      // Weights add up with rounding: a share that is reached but for that is reached.
      let wanted = probability * sum * (1 - 1e-12)
      return min(
        CovariateComparison.first(cumulative, atLeast: wanted), masses.count - 1)
    }
  }

  /// For each distinct value the people at it or beyond, on the side that has fewer.
  private func beyond(_ stage: Balance.Stage, _ group: Group) -> [Double] {
    let counts = people(stage, group)
    let total = counts.reduce(0, +)
    var sum = 0.0
    return counts.map { count in
      sum += count
      return min(sum, total - sum + count)
    }
  }

  /// The first place of an ascending list whose element is at least a bound.
  private static func first(_ sorted: [Double], atLeast bound: Double) -> Int {
    var (low, high) = (0, sorted.count)
    while low < high {
      let middle = (low + high) / 2
      if sorted[middle] < bound { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
