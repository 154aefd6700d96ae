import TestSupport
import Testing

@testable import Studies

/// The rules behind the sentences on agreement, choices and several outcomes.
@Suite struct DecisionRules {
  private let lead = Agreement.Item(estimate: 2, low: 1, high: 3)

  private func agreement(_ others: [Agreement.Item], error: Double? = 0.5) -> Agreement {
    Agreement(leading: lead, standardError: error, others: others)
  }

  @Test func oneMethodSaysNothingOfAgreement() {
    let found = agreement([])
    #expect(found.verdict == .single && found.furthest == nil)
  }

  @Test func closeAlikeApartOpposed() {
    let near = Agreement.Item(estimate: 2.4, low: 1.2, high: 3.6)
    let far = Agreement.Item(estimate: 3.5, low: 2.5, high: 4.5)
    let away = Agreement.Item(estimate: 9, low: 8, high: 10)
    let against = Agreement.Item(estimate: -0.1, low: -3, high: 3)
    #expect(agreement([near]).verdict == .close)
    #expect(agreement([near, far]).verdict == .alike)
    #expect(agreement([near, far, away]).verdict == .apart)
    #expect(agreement([near, far, away, against]).verdict == .opposed)
    let all = agreement([near, far, away, against])
    #expect(all.standings == [.same, .same, .apart, .opposite])
    #expect(close(all.distances.compactMap { $0 }, [0.8, 3, 14, -4.2], .closedForm))
    #expect(close(all.furthest ?? 0, 14, .closedForm))
    // Without an error nothing is called close.
    #expect(agreement([near], error: nil).verdict == .alike)
  }

  @Test func touchingIntervalsMeetAndNothingHasNoDirection() {
    #expect(agreement([.init(estimate: 4, low: 3, high: 5)]).verdict == .alike)
    #expect(agreement([.init(estimate: 0, low: -1, high: 1)]).verdict == .opposed)
    #expect(agreement([.init(estimate: 2.1, low: nil, high: nil)]).verdict == .close)
    // Rounding is no distance.
    #expect(agreement([.init(estimate: 2 + 1e-13, low: 1, high: 3)]).furthest == 0)
  }

  @Test func curve() throws {
    let points: [SpecificationCurve.Point] = [
      .init(estimate: 1, low: 0.5, high: 1.5), .init(estimate: 2, low: -1, high: 5),
      .init(estimate: -1, low: -2, high: -0.5), .init(estimate: 3, low: nil, high: nil),
    ]
    let found = try #require(SpecificationCurve(points))
    #expect(found.lowest == -1 && found.highest == 3 && found.median == 1.5)
    #expect(found.sameSign == 0.75 && found.above == 0.25 && found.below == 0.25)
    #expect(SpecificationCurve([]) == nil)
    let ratio = try #require(
      SpecificationCurve([.init(estimate: 0.8, low: 0.7, high: 0.9)], null: 1))
    #expect(ratio.below == 1 && ratio.sameSign == 1)
  }

  @Test func jointTestOfACurve() throws {
    // Four exchanges, the observed one first; two combinations.
    let estimates = [[2.0, 3], [-2, -3], [0.5, 1], [-0.5, -1]]
    let statistics = [[4.0, 5], [-4, -5], [1, 1], [-1, -1]]
    let found = try #require(
      SpecificationCurve.joint(
        estimates: estimates[0], statistics: statistics[0], exchangedEstimates: estimates,
        exchangedStatistics: statistics, isExact: true, alpha: 0.5))
    #expect(found.medianPValue == 0.5 && found.sharePValue == 0.5)
    // So few exchanges reach no 5%: no combination is conclusive and the share says nothing.
    let few = try #require(
      SpecificationCurve.joint(
        estimates: estimates[0], statistics: statistics[0], exchangedEstimates: estimates,
        exchangedStatistics: statistics, isExact: true, alpha: 0.05))
    #expect(few.sharePValue == 1)
    #expect(
      SpecificationCurve.joint(
        estimates: [], statistics: [], exchangedEstimates: [], exchangedStatistics: [],
        isExact: true, alpha: 0.05) == nil)
  }

  @Test func whatSeveralOutcomesDo() {
    typealias Section = SeveralOutcomesSection
    func finding(_ raw: [Double?], _ adjusted: [Double?]) -> Section.Finding? {
      Section.finding(raw: raw, adjusted: adjusted, alpha: 0.05)
    }
    #expect(finding([0.2, 0.3], [0.4, 0.4]) == .noneBefore)
    #expect(finding([0.01, 0.3], [0.02, 0.3]) == .allKept)
    #expect(finding([0.01, 0.04], [0.02, 0.06]) == .someKept)
    #expect(finding([0.03, 0.04], [0.06, 0.06]) == .noneKept)
    #expect(finding([0.03, nil], [0.06, 0.06]) == nil)
  }

  @Test func unitsAreJoinedOverOutcomes() {
    // Sets of the first outcome: 0-1 and 2-3; of the second: 1-2. Row 4 is alone, row 5 takes no part.
    let one = LeadingEffects.Influence(
      rows: [1, 1, 1, 1, 1, 0], units: [0, 0, 1, 1, -1, -1], name: "matched sets")
    let two = LeadingEffects.Influence(
      rows: [0, 1, 1, 0, 0, 0], units: [-1, 7, 7, -1, -1, -1], name: "matched sets")
    #expect(OutcomeFamily.units([one, two]) == [[0, 1, 2, 3], [4]])
    #expect(OutcomeFamily.units([two, one]) == [[0, 1, 2, 3], [4]])
    #expect(OutcomeFamily.units([one]) == [[0, 1], [2, 3], [4]])
  }
}
