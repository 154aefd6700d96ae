import Statistics
import TestSupport
import Testing

@testable import Cohorts

@Suite struct OutcomeAttritionTests {
  @Test func ratesByHand() throws {
    let outcome: [Double] =
      [Double](repeating: 1, count: 30) + [Double](repeating: .nan, count: 10)
      + [Double](repeating: 0, count: 36) + [Double](repeating: .nan, count: 4)
    let treatment = (0..<80).map { $0 < 40 }
    let reasons = Factor(
      (0..<80).map { row in
        (30..<36).contains(row) || row == 76 ? "lost_contact" : row == 36 ? "refused" : nil
      })
    let result = try OutcomeAttrition().fit(
      OutcomeEvidence(outcome: outcome, treatment: treatment), reasons: reasons)
    func row(_ part: OutcomeAttrition.Part, _ term: String) throws -> OutcomeAttrition.Row {
      try #require(result[part, term])
    }
    #expect(close(try row(.rate, "overall").estimate.estimate, 0.175, .closedForm))
    #expect(close(try row(.rate, "treated").estimate.estimate, 0.25, .closedForm))
    #expect(close(try row(.rate, "comparison").estimate.estimate, 0.1, .closedForm))
    let difference = try row(.rate, "differential").estimate
    #expect(close(difference.estimate, 0.15, .closedForm))
    // p(1 − p)/(n − 1) in each arm.
    let error = (0.25 * 0.75 / 39 + 0.1 * 0.9 / 39).squareRoot()
    #expect(close(difference.standardError ?? .nan, error, .closedForm))
    // Reasons: 6 of 40 against 1 of 40, 1 against 0, nothing said of 3 and 3.
    #expect(close(try row(.reason, "lost_contact").estimate.estimate, 5.0 / 40, .closedForm))
    #expect(close(try row(.reason, "refused").estimate.estimate, 1.0 / 40, .closedForm))
    let none = try row(.reason, "(none given)")
    #expect(none.unknownTreated == 3 && none.unknownComparison == 3)
    #expect(close(none.estimate.estimate, 0, .closedForm))
    // 17.5% rounds to 18%: tolerable up to 5.7 and 10.3 points; here there are 15.
    let boundary = try #require(result.boundary)
    #expect(boundary.overall == 18 && boundary.cautious == 5.7 && boundary.optimistic == 10.3)
    #expect(boundary.verdict == "not tolerable")
  }

  @Test func theBoundary() {
    #expect(AttritionBoundary(overall: 0, differential: 0.057).verdict.contains("cautious"))
    #expect(AttritionBoundary(overall: 0.3, differential: 0.06).verdict.contains("optimistic"))
    #expect(AttritionBoundary(overall: 0.65, differential: 0.002).cautious == nil)
    #expect(AttritionBoundary(overall: 0.65, differential: 0.002).optimistic == 0.3)
    #expect(AttritionBoundary(overall: 0.8, differential: 0).verdict == "not tolerable")
  }

  /// The joint tests against the same regression fitted directly.
  @Test func jointTests() throws {
    let result = try OutcomeAttrition().fit(EvidenceWorld.evidence(clustered: false))
    let test = try #require(result[.test, "covariates"])
    #expect(test.restrictions == 2)
    #expect(test.estimate.pValue ?? 1 < 0.05)
    let arm = try #require(result[.test, "arm"])
    let rate = try #require(result[.rate, "differential"])
    // One coefficient: F is t² but for the leverage factor.
    let ratio =
      (arm.estimate.statistic ?? 0)
      / ((rate.estimate.statistic ?? 1) * (rate.estimate.statistic ?? 1))
    #expect((ratio - 1).magnitude < 0.01)
    #expect(result.rows.filter { $0.part == .balance }.count == 4)
    let clustered = try OutcomeAttrition().fit(EvidenceWorld.evidence())
    #expect(clustered[.test, "arm × covariates"]?.estimate.degreesOfFreedom == 7)
  }

  @Test func nothingUnknown() throws {
    let result = try OutcomeAttrition().fit(EvidenceWorld.evidence(EvidenceWorld.complete))
    #expect(result.rows.allSatisfy { $0.part == .rate && $0.estimate.estimate == 0 })
    #expect(result.boundary == nil)
  }
}
