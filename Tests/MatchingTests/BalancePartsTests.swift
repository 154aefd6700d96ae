import Statistics
import TestSupport
import Testing

@testable import Matching

/// Balance within strata and of site means.
@Suite("Balance of parts")
struct BalancePartsTests {
  @Test("Within strata: means of their rows over the whole sample's standard deviation")
  func strata() throws {
    let lalonde = try Lalonde()
    let subclass = try #require(lalonde.golden["s_subclass6"]).map { Int32($0) ?? -1 }
    let strata = Factor(
      codes: subclass.map { $0 < 1 ? -1 : $0 - 1 }, levels: (1...6).map { "\($0)" })
    let ones = [Double](repeating: 1, count: subclass.count)
    let result = try BalanceAssessment().assess(
      treatment: lalonde.treatment, weights: ones, covariates: lalonde.balanceCovariates,
      score: lalonde.score, within: strata)
    #expect(result.strata.map(\.level) == ["1", "2", "3", "4", "5", "6"])
    let whole = try BalanceAssessment().assess(
      treatment: lalonde.treatment, weights: Golden.numbers(lalonde.golden["w_subclass6"]),
      covariates: lalonde.balanceCovariates, score: lalonde.score)
    var average = 0.0
    for (index, stratum) in result.strata.enumerated() {
      #expect(stratum.balance.rows.allSatisfy { $0.stage == .adjusted })
      let row = try #require(stratum.balance.rows.first { $0.covariate == "age" })
      let rows = subclass.indices.filter { subclass[$0] == Int32(index + 1) }
      func mean(_ group: Bool) -> Double {
        let members = rows.filter { lalonde.treatment[$0] == group }
        return members.reduce(0) { $0 + lalonde.column("age")[$1] } / Double(members.count)
      }
      #expect(close(row.meanTreated, mean(true), .closedForm))
      #expect(close(row.meanComparison, mean(false), .closedForm))
      let deviation = try #require(whole.rows.first { $0.covariate == "age" }?.standardDeviation)
      #expect(
        close(
          row.standardizedMeanDifference ?? .nan, (mean(true) - mean(false)) / deviation,
          .closedForm))
      average +=
        Double(rows.count { lalonde.treatment[$0] }) / 185
        * (row.standardizedMeanDifference ?? .nan)
    }
    // The average over the strata, weighted by the treated, is the balance under the weights.
    let adjusted = try #require(
      whole.covariates(.adjusted).first { $0.covariate == "age" }?.standardizedMeanDifference)
    #expect(close(average, adjusted, .converged))
  }

  @Test("A stratum without one of the groups is left out and named")
  func strataLeftOut() throws {
    let result = try BalanceAssessment().assess(
      treatment: [true, false, true, true, false], weights: [1, 1, 1, 1, 0],
      covariates: [BalanceCovariate(name: "x", values: [1, 2, 3, 4, 5])],
      within: Factor(codes: [0, 0, 1, 1, 1], levels: ["a", "b"]))
    #expect(result.strata.map(\.level) == ["a"])
    #expect(result.leftOut == ["b"])
  }

  @Test("Site means: every site counts once")
  func sites() throws {
    let site: [Int32] = [0, 0, 0, 1, 2, 2, 3, 3]
    let treatment = site.map { $0 < 2 }
    let x: [Double] = [1, 2, 6, 10, 4, 8, 0, 2]
    let weights: [Double] = [1, 0, 1, 2, 1, 3, 0, 0]
    let balance = try BalanceAssessment(includesInteractions: false, powers: [2]).assess(
      treatment: treatment, weights: weights,
      covariates: [BalanceCovariate(name: "x", values: x)],
      sites: Factor(codes: site, levels: ["a", "b", "c", "d"]))
    let before = try #require(balance.covariates(.unadjusted).first)
    #expect(before.meanTreated == 6.5 && before.meanComparison == 3.5)
    // The deviation of 3 and 10.
    let deviation = 24.5.squareRoot()
    #expect(close(before.standardDeviation ?? .nan, deviation, .closedForm))
    #expect(close(before.standardizedMeanDifference ?? .nan, 3 / deviation, .closedForm))
    let after = try #require(balance.covariates(.adjusted).first)
    #expect(after.meanTreated == 6.75 && after.meanComparison == 7)
    #expect(close(after.standardizedMeanDifference ?? .nan, -0.25 / deviation, .closedForm))
    let square = try #require(balance.covariates(.unadjusted).last)
    #expect(square.covariate == "x^2")
    #expect(close(square.meanTreated, (41.0 / 3 + 100) / 2, .closedForm))
    #expect(try #require(balance.effectiveSampleSizes(.unadjusted)) == (2, 2))
    #expect(try #require(balance.effectiveSampleSizes(.adjusted)) == (2, 1))
  }

  @Test("Site means that differ only by how their sums round do not differ")
  func equalSiteMeans() throws {
    let parts: [Double] = [0.1, 0.2, 0.3, 0.4, 0.7, 1.1]
    let values = (0..<5).flatMap { turn in parts.indices.map { parts[($0 + turn) % 6] } }
    let site = (0..<30).map { Int32($0 / 6) }
    let balance = try BalanceAssessment().assess(
      treatment: site.map { $0 < 2 }, weights: [Double](repeating: 0.7, count: 30),
      covariates: [BalanceCovariate(name: "x", values: values)],
      sites: Factor(codes: site, levels: ["a", "b", "c", "d", "e"]))
    for row in balance.rows where row.covariate == "x" {
      #expect(row.standardizedMeanDifference == 0 && row.kolmogorovSmirnov == 0)
      #expect(row.varianceRatio == nil)
    }
  }

  @Test("A site with both groups, and a row without a site, are refused")
  func siteRefusals() throws {
    let treatment = [true, false, true, false]
    for (codes, code, row) in [
      ([0, 1, 0, 0] as [Int32], SiblingError.Code.badDesign, 3),
      ([0, 1, -1, 1], .missingValue, 2),
    ] {
      let error = try #require(
        throws: SiblingError.self
      ) {
        try BalanceAssessment().assess(
          treatment: treatment, weights: [1, 1, 1, 1],
          covariates: [BalanceCovariate(name: "x", values: [1, 2, 3, 4])],
          sites: Factor(codes: codes, levels: ["a", "b"]))
      }
      #expect(error.code == code && error.row == row)
      #expect(!error.message.contains("'a'"))
    }
  }
}
