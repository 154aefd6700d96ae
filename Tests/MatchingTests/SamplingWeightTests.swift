import Matching
import TestSupport
import Testing

/// Sampling weights make the sample before adjustment stand for its population.
@Suite struct SamplingWeights {
  private let treatment = [true, true, true, false, false, false, false, false]
  private let age = [31.0, 44, 52, 23, 31, 38, 44, 60]
  private let female = [1.0, 0, 1, 0, 0, 1, 1, 0]
  private let sampling = [2.0, 1, 1, 3, 1, 2, 1, 2]

  private func covariates(_ rows: [Int]) -> [BalanceCovariate] {
    [
      BalanceCovariate(name: "age", values: rows.map { age[$0] }),
      BalanceCovariate(name: "female", values: rows.map { female[$0] }),
    ]
  }

  /// Whole weights are repeated people: in means, distribution functions and binary variances.
  @Test(arguments: [Estimand.att, .atc, .ate]) func areRepeatedPeople(_ estimand: Estimand) throws {
    let assessment = BalanceAssessment(estimand: estimand)
    let weighted = try assessment.assess(
      treatment: treatment, weights: sampling, covariates: covariates(Array(age.indices)),
      sampling: sampling)
    let rows = sampling.indices.flatMap { row in Array(repeating: row, count: Int(sampling[row])) }
    let repeated = try assessment.assess(
      treatment: rows.map { treatment[$0] }, weights: rows.map { _ in 1 },
      covariates: covariates(rows))
    for (one, other) in zip(weighted.rows, repeated.rows) where one.covariate != "ess" {
      #expect(close(one.meanTreated, other.meanTreated, .closedForm))
      #expect(close(one.meanComparison, other.meanComparison, .closedForm))
      #expect(close(one.kolmogorovSmirnov ?? .nan, other.kolmogorovSmirnov ?? .nan, .closedForm))
      guard one.covariate == "female" else { continue }
      #expect(
        close(
          one.standardizedMeanDifference ?? .nan, other.standardizedMeanDifference ?? .nan,
          .closedForm))
    }
    // The design changed nothing, so both stages are the same, and so are their effective sizes.
    for stage in weighted.rows where stage.stage == .unadjusted {
      let after = weighted.rows.first {
        $0.covariate == stage.covariate && $0.stage == .adjusted
      }
      #expect(close(stage.meanTreated, after?.meanTreated ?? .nan, .closedForm))
      #expect(close(stage.meanComparison, after?.meanComparison ?? .nan, .closedForm))
    }
  }

  @Test func theirScaleDoesNotMatter() throws {
    let assessment = BalanceAssessment(includesInteractions: true, powers: [2])
    func rows(_ scale: Double) throws -> [Balance.Row] {
      try assessment.assess(
        treatment: treatment, weights: sampling.map { $0 * scale },
        covariates: covariates(Array(age.indices)), sampling: sampling.map { $0 * scale }
      ).rows
    }
    for (one, other) in zip(try rows(1), try rows(0.001)) {
      #expect(close(one.meanTreated, other.meanTreated, .closedForm))
      #expect(close(one.varianceRatio ?? 0, other.varianceRatio ?? 0, .closedForm))
      #expect(
        close(
          one.standardizedMeanDifference ?? 0, other.standardizedMeanDifference ?? 0, .closedForm))
      #expect(close(one.overlap ?? 0, other.overlap ?? 0, .closedForm))
    }
  }

  @Test func badWeightsAreRefused() {
    #expect(throws: (any Error).self) {
      try BalanceAssessment().assess(
        treatment: treatment, weights: sampling, covariates: covariates(Array(age.indices)),
        sampling: [-1] + sampling.dropFirst())
    }
  }
}
