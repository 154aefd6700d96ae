internal import LinearAlgebra
public import Statistics

/// Measures the balance of covariates between treated and comparisons.
///
/// Denominators of standardised differences come from the unadjusted sample: the treated SD for
/// ATT, the comparisons' for ATC, the root of the mean variance for ATE, and the SD of both groups
/// together under the weights for ATO and ATM. A binary covariate's variance is p(1−p); others use
/// reliability weights, Σw(x−m)²/(1−Σw²) with w summing to one. Distribution differences run over
/// all distinct values of the unadjusted sample.
///
/// Austin, P. C. (2009), https://doi.org/10.1002/sim.3697.
public struct BalanceAssessment: Sendable, Equatable {
  /// The estimand, which chooses the denominators.
  public var estimand: Estimand
  /// Whether overlap coefficients are computed.
  public var includesOverlap: Bool

  /// An assessment for an estimand.
  public init(estimand: Estimand = .att, includesOverlap: Bool = true) {
    self.estimand = estimand
    self.includesOverlap = includesOverlap
  }

  /// Measures every covariate before and after weighting.
  ///
  /// `weights` has one entry a row, zero for unmatched rows. `score`, when given, stands first, as
  /// the covariate `distance`.
  /// - Throws: `constantTreatment`, `sizeMismatch`, `missingValue` with the row and column,
  ///   `badWeight`, `noMatches` when a group has no weight.
  /// - Complexity: O(n log n) a covariate, once; covariates are spread over the threads.
  public func assess(
    treatment: [Bool], weights: [Double], covariates: [BalanceCovariate], score: [Double]? = nil
  ) throws(SiblingError) -> Balance {
    let groups = try Inputs.groups(treatment)
    try Inputs.weights(weights, treatment: treatment)
    var columns = covariates
    if let score {
      columns.insert(BalanceCovariate(name: Balance.distanceName, values: score), at: 0)
    }
    for column in columns {
      try Inputs.finite(column.values, expected: treatment.count, column: column.name)
    }
    let chosen = columns
    let measured = Parallel.mapBlocks(chosen.count) { index in
      CovariateMeasurement(
        values: chosen[index].values, treatment: treatment, weights: weights, groups: groups,
        estimand: estimand, includesOverlap: includesOverlap)
    }
    var rows: [Balance.Row] = []
    for (column, one) in zip(chosen, measured) {
      rows.append(one.row(column, .unadjusted))
      rows.append(one.row(column, .adjusted))
    }
    rows.append(
      sizes(.unadjusted, treated: Double(groups.treated), comparison: Double(groups.comparison)))
    rows.append(
      sizes(
        .adjusted, treated: effectiveSampleSize(weights, where: treatment, is: true),
        comparison: effectiveSampleSize(weights, where: treatment, is: false)))
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
