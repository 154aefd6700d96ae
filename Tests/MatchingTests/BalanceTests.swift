import LinearAlgebra
import Statistics
import TestSupport
import Testing

@testable import Matching

@Suite("Balance before and after")
struct BalanceTests {
  let lalonde: Lalonde

  init() throws { lalonde = try Lalonde() }

  @Test(
    "Means, SMD, variance ratio and eCDF as MatchIt's summary",
    arguments: [
      "nearest", "nearest_cal", "nearest_cal_ps", "nearest_replace", "nearest_ratio2",
      "nearest_exact_race", "subclass6", "full",
    ])
  func summaries(name: String) throws {
    let golden = try Golden.json("matchit_lalonde.json")[name]
    let score = name == "nearest_cal" ? lalonde.linear : lalonde.score
    let weights = Golden.numbers(lalonde.golden["w_" + name])
    let balance = try BalanceAssessment().assess(
      treatment: lalonde.treatment, weights: weights, covariates: lalonde.balanceCovariates,
      score: score)
    for (stage, key) in [(Balance.Stage.unadjusted, "sum_all"), (.adjusted, "sum_matched")] {
      let rows = balance.covariates(stage)
      #expect(rows.map { $0.covariate + ($0.level ?? "") } == golden["rows"].array.map(\.string))
      for (row, expected) in zip(rows, golden[key]["m"].array.map(\.doubles)) {
        #expect(close(row.meanTreated, expected[0]))
        #expect(close(row.meanComparison, expected[1]))
        #expect(close(row.standardizedMeanDifference ?? .nan, expected[2]))
        #expect(close(row.varianceRatio ?? .nan, expected[3]))
        #expect(close(row.meanDistributionDifference ?? .nan, expected[4]))
        #expect(close(row.kolmogorovSmirnov ?? .nan, expected[5]))
      }
    }
    let sizes = golden["nn"]["m"].array.map(\.doubles)
    let effective = try #require(balance.effectiveSampleSizes(.adjusted))
    #expect(close(effective.comparison, sizes[2][0]))
    #expect(close(effective.treated, sizes[2][1]))
    let plain = try #require(balance.effectiveSampleSizes(.unadjusted))
    #expect(plain == (185, 429))
  }

  @Test("Overlap, and everything else, as cobalt has it")
  func cobalt() throws {
    let golden = try Golden.json("balance_weights_effects.json")["cobalt_nearest_cal"]
    let balance = try BalanceAssessment().assess(
      treatment: lalonde.treatment, weights: Golden.numbers(lalonde.golden["w_nearest_cal"]),
      covariates: lalonde.balanceCovariates, score: lalonde.linear)
    for (offset, stage) in [(0, Balance.Stage.unadjusted), (4, .adjusted)] {
      for (row, expected) in zip(balance.covariates(stage), golden["m"].array.map(\.doubles)) {
        #expect(close(row.standardizedMeanDifference ?? .nan, expected[offset]))
        #expect(close(row.varianceRatio ?? .nan, expected[offset + 1]))
        #expect(close(row.kolmogorovSmirnov ?? .nan, expected[offset + 2]))
        // The peer prints the complement, and reads its densities off a coarse grid of its own: ours
        // is the integral within 2e-6, so this bound is the peer's error.
        #expect(
          close(
            1 - (row.overlap ?? .nan), expected[offset + 3], .init(relative: 0, absolute: 1.5e-3)),
          "\(row.covariate) \(stage): \(1 - (row.overlap ?? .nan)), \(expected[offset + 3])")
      }
    }
  }

  @Test("The same bytes on one thread and on four")
  func threads() throws {
    let before = Parallel.threads
    defer { Parallel.setThreads(before) }
    let results = try [1, 4].map { count in
      Parallel.setThreads(count)
      return try BalanceAssessment(estimand: .ate).assess(
        treatment: lalonde.treatment, weights: Golden.numbers(lalonde.golden["w_full"]),
        covariates: lalonde.balanceCovariates, score: lalonde.score)
    }
    #expect(results[0] == results[1])
  }

  @Test("Shifting and scaling a covariate leaves what is standardised")
  func scaling() throws {
    let weights = Golden.numbers(lalonde.golden["w_nearest_replace"])
    let moved = lalonde.column("re74").map { 40 - 0.25 * $0 }
    let rows = try BalanceAssessment(estimand: .atc).assess(
      treatment: lalonde.treatment, weights: weights,
      covariates: [
        BalanceCovariate(name: "re74", values: lalonde.column("re74")),
        BalanceCovariate(name: "moved", values: moved),
        BalanceCovariate(name: "two", values: lalonde.column("married").map { 3 + 2 * $0 }),
        BalanceCovariate(name: "married", values: lalonde.column("married")),
      ]
    ).covariates(.adjusted)
    let (one, two) = (rows[0], rows[1])
    #expect(
      close(
        one.standardizedMeanDifference ?? .nan, -(two.standardizedMeanDifference ?? .nan),
        .converged))
    #expect(close(one.varianceRatio ?? .nan, two.varianceRatio ?? .nan, .converged))
    #expect(close(one.kolmogorovSmirnov ?? .nan, two.kolmogorovSmirnov ?? .nan, .converged))
    #expect(close(one.overlap ?? .nan, two.overlap ?? .nan, .init(relative: 1e-6)))
    #expect(
      close(
        rows[2].standardizedMeanDifference ?? .nan, rows[3].standardizedMeanDifference ?? .nan,
        .converged))
    #expect(close(rows[2].overlap ?? .nan, rows[3].overlap ?? .nan, .converged))
  }

  @Test("Constant covariates and groups of one give no number rather than a wrong one")
  func degenerate() throws {
    let treatment = [true, false, false, false]
    let balance = try BalanceAssessment().assess(
      treatment: treatment, weights: [1, 1, 1, 0],
      covariates: [
        BalanceCovariate(name: "constant", values: [2, 2, 2, 2]),
        BalanceCovariate(name: "x", values: [1, 2, 3, 4]),
      ])
    let rows = balance.covariates(.adjusted)
    #expect(rows[0].standardizedMeanDifference == 0)
    #expect(rows[1].standardizedMeanDifference == nil)
    #expect(rows[1].varianceRatio == nil)
    #expect(rows[1].overlap == nil)
    #expect(rows[1].meanComparison == 2.5)
  }

  @Test("Values at the edge of what numbers hold neither crash nor make up a number")
  func extremes() throws {
    let treatment = [true, false, true, false, false]
    let rows = try BalanceAssessment().assess(
      treatment: treatment, weights: [1, 1, 1, 1, 0.5],
      covariates: [
        BalanceCovariate(name: "huge", values: [1e308, -1e308, 9e307, -8e307, 0]),
        BalanceCovariate(
          name: "close", values: [1e17, 1e17 + 16, 1e17 + 32, 1e17 + 16, 1e17 + 16]),
        BalanceCovariate(name: "tiny", values: [1e-300, 2e-300, 4e-300, 0, 3e-300]),
      ]
    ).covariates(.adjusted)
    #expect(rows[0].standardizedMeanDifference == nil)
    #expect(rows[0].overlap == nil)
    #expect(rows.allSatisfy { ($0.kolmogorovSmirnov ?? 2) <= 1 })
    #expect(rows.allSatisfy { ($0.overlap ?? 0) <= 1 })
    #expect(throws: SiblingError.self) {
      try NearestNeighborMatching(caliper: Caliper(0.2)).match(
        treatment: treatment, distance: .score([1e308, -1e308, 9e307, -8e307, 0]))
    }
  }

  @Test("Bad input is refused with its place")
  func refusals() {
    let treatment = [true, false, true, false]
    func code(
      _ treatment: [Bool], _ weights: [Double], _ values: [Double]
    ) -> SiblingError? {
      do throws(SiblingError) {
        _ = try BalanceAssessment().assess(
          treatment: treatment, weights: weights,
          covariates: [BalanceCovariate(name: "x", values: values)])
        return nil
      } catch {
        return error
      }
    }
    let ones = [1.0, 1, 1, 1]
    #expect(code([true, true, true, true], ones, ones)?.code == .constantTreatment)
    #expect(code([], [], [])?.code == .noRows)
    #expect(code(treatment, [1, 1], ones)?.code == .sizeMismatch)
    #expect(code(treatment, ones, [1, 2])?.column == "x")
    #expect(code(treatment, [1, -1, 1, 1], ones)?.code == .badWeight)
    #expect(code(treatment, [1, 0, 1, 0], ones)?.code == .noMatches)
    let missing = code(treatment, ones, [1, 2, .nan, 4])
    #expect(missing?.code == .missingValue)
    #expect(missing?.row == 2)
    #expect(missing?.column == "x")
  }
}
