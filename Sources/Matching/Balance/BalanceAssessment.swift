internal import LinearAlgebra
public import Statistics

/// Measures the balance of covariates between treated and comparisons.
///
/// Denominators of standardised differences come from the unadjusted sample: the treated SD for
/// ATT, the comparisons' for ATC, the root of the mean variance for ATE, and the SD of both groups
/// together under the weights for ATO and ATM. A binary covariate's variance is p(1−p); others use
/// reliability weights, Σw(x−m)²/(1−Σw²) with w summing to one. Distribution differences run over
/// all distinct values of the unadjusted sample. With sampling weights the unadjusted sample is the
/// population that they stand for.
///
/// Austin, P. C. (2009), https://doi.org/10.1002/sim.3697.
public struct BalanceAssessment: Sendable, Equatable {
  /// The estimand, which chooses the denominators.
  public var estimand: Estimand
  /// Whether overlap coefficients are computed.
  public var includesOverlap: Bool
  /// Whether the products of all pairs of covariates are measured too, as `a:b`.
  public var includesInteractions: Bool
  /// The powers of covariates to measure too, from 2 to 10, as `a^2`; indicators and other
  /// covariates of two values have none.
  public var powers: [Int]

  /// An assessment for an estimand.
  public init(
    estimand: Estimand = .att, includesOverlap: Bool = true, includesInteractions: Bool = false,
    powers: [Int] = []
  ) {
    self.estimand = estimand
    self.includesOverlap = includesOverlap
    self.includesInteractions = includesInteractions
    self.powers = powers
  }

  /// Measures every covariate before and after weighting.
  ///
  /// `weights` has one entry a row, zero for unmatched rows; sampling weights are part of them, and
  /// are given apart as `sampling` for the sample before adjustment. `score`, when given, stands
  /// first, as the covariate `distance`.
  /// - Throws: `constantTreatment`, `sizeMismatch`, `missingValue` with the row and column,
  ///   `badWeight`, `noMatches` when a group has no weight, `badValue` for a power below 2 or above
  ///   10 and for a product that no number holds.
  /// - Complexity: O(n) a covariate, sorted at most once; covariates are spread over the threads.
  public func assess(
    treatment: [Bool], weights: [Double], covariates: [BalanceCovariate], score: [Double]? = nil,
    sampling: [Double]? = nil
  ) throws(SiblingError) -> Balance {
    _ = try Inputs.groups(treatment)
    try Inputs.weights(weights, treatment: treatment)
    if let sampling { try Inputs.weights(sampling, treatment: treatment) }
    let terms = try terms(covariates, hasScore: score != nil)
    let sample = BalanceSample(treatment: treatment, weights: weights, sampling: sampling)
    let (estimand, includesOverlap) = (estimand, includesOverlap)
    let measured = try BalanceAssessment.each(terms, covariates, score ?? [], treatment.count) {
      _, values in
      CovariateMeasurement(
        values, sample, estimand: estimand, includesOverlap: includesOverlap)
    }
    return balance(
      terms, measured,
      before: (
        sample.sizes.treated * sample.sizes.treated / sample.baseSquares.treated,
        sample.sizes.comparison * sample.sizes.comparison / sample.baseSquares.comparison
      ),
      after: (
        effectiveSampleSize(weights, where: treatment, is: true),
        effectiveSampleSize(weights, where: treatment, is: false)
      ))
  }

  /// The rows to measure.
  ///
  /// - Throws: `badValue` for a power that is none.
  func terms(
    _ covariates: [BalanceCovariate], hasScore: Bool
  ) throws(SiblingError) -> [BalanceTerm] {
    if let power = powers.first(where: { !(2...10).contains($0) }) {
      throw SiblingError(.badValue, "powers of covariates are from 2 to 10, not \(power)")
    }
    return BalanceTerm.all(
      covariates, hasScore: hasScore, powers: powers, interactions: includesInteractions)
  }

  /// Measures every term's values, made and checked on the thread that measures them.
  ///
  /// - Throws: what is wrong with the first term that has something wrong.
  static func each<Result: Sendable>(
    _ terms: [BalanceTerm], _ covariates: [BalanceCovariate], _ score: [Double], _ count: Int,
    _ measure: @Sendable (Int, [Double]) -> Result
  ) throws(SiblingError) -> [Result] {
    let outcomes = Parallel.mapBlocks(terms.count) { index -> Swift.Result<Result, SiblingError> in
      do throws(SiblingError) {
        let values = try terms[index].values(covariates, score: score, count: count)
        return .success(measure(index, values))
      } catch {
        return .failure(error)
      }
    }
    var results: [Result] = []
    for outcome in outcomes { results.append(try outcome.get()) }
    return results
  }

  /// The table of measured terms, with the effective sample sizes last.
  func balance(
    _ terms: [BalanceTerm], _ measured: [CovariateMeasurement],
    before: (treated: Double, comparison: Double), after: (treated: Double, comparison: Double)
  ) -> Balance {
    var rows: [Balance.Row] = []
    for (term, one) in zip(terms, measured) {
      rows.append(one.row(term, .unadjusted))
      rows.append(one.row(term, .adjusted))
    }
    rows.append(sizes(.unadjusted, treated: before.treated, comparison: before.comparison))
    rows.append(sizes(.adjusted, treated: after.treated, comparison: after.comparison))
    return Balance(denominator: denominatorName, rows: rows)
  }

  private var denominatorName: String {
    switch estimand {
    case .att: "SD of the treated"
    case .atc: "SD of the comparisons"
    case .ate: "root of the mean variance of both groups"
    case .ato, .atm: "SD of both groups together under the weights"
    }
  }

  private func sizes(
    _ stage: Balance.Stage, treated: Double, comparison: Double
  ) -> Balance.Row {
    Balance.Row(
      covariate: Balance.effectiveSampleSizeName, level: nil, stage: stage, meanTreated: treated,
      meanComparison: comparison, standardizedMeanDifference: nil, varianceRatio: nil,
      meanDistributionDifference: nil, kolmogorovSmirnov: nil, overlap: nil,
      standardDeviation: nil)
  }
}
