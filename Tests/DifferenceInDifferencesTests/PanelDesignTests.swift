import DifferenceInDifferences
import Statistics
import TestSupport
import Testing

@Suite struct PanelDesignTests {
  private func panel(
    _ unit: [String?], _ time: [Double], _ group: [Double?]
  ) throws(SiblingError) -> PanelDesign {
    try PanelDesign(unit: Factor(unit), time: time, group: group)
  }

  private func problem(
    _ unit: [String?], _ time: [Double], _ group: [Double?]
  ) -> SiblingError? {
    do throws(SiblingError) {
      _ = try panel(unit, time, group)
      return nil
    } catch {
      return error
    }
  }

  @Test func factsOfAPanel() throws {
    let design = try panel(
      ["b", "a", "a", "b", "c", "c", "d", "d", "e", "e", "e"],
      [2, 1, 2, 1, 1, 3, 1, 2, 3, 2, 1],
      [2, 0, 0, 2, nil, nil, 3, 3, 1, 1, 1])
    #expect(design.units == 5 && design.periods == [1, 2, 3])
    #expect(design.cohorts.map(\.start) == [1, 2, 3] && design.cohorts.map(\.units) == [1, 1, 1])
    #expect(design.neverTreated == 2 && design.alwaysTreated == 1 && design.treatedUnits == 3)
    #expect(design.treatment == [1, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1])
    #expect(
      design.eventTimes == [0, nil, nil, -1, nil, nil, -2, -1, 2, 1, 0])
    #expect(!design.isBalanced && design.incompleteUnits == 4 && design.unitsWithGaps == 1)
    #expect(design.notes.count == 2)
    // 5!/(1! 1! 1! 2!) = 60 ways to place the cohorts
    #expect(close(design.attainablePValue, 1.0 / 60, .closedForm))
    #expect(close(design.attainableSignFlipPValue, 0.25, .closedForm))
  }

  @Test func treatedAfterThePanelIsNeverTreated() throws {
    let design = try panel(
      ["a", "a", "b", "b", "c", "c"], [1, 2, 1, 2, 1, 2], [2, 2, 9, 9, .infinity, .infinity])
    #expect(design.neverTreated == 2 && design.treatedLater == 1)
    #expect(design.groups == [2, nil, nil] && design.declaredGroups == [2, 9, nil])
    #expect(design.notes.contains { $0.contains("only after the last period") })
  }

  @Test func mistakesAreNamedWithTheirRows() {
    let twice = problem(["a", "a", "b", "b", "a"], [1, 2, 1, 2, 2], [2, 2, 0, 0, 2])
    #expect(twice?.code == .duplicateKey && twice?.row == 4)
    let moved = problem(["a", "a", "b", "b"], [1, 2, 1, 2], [2, 0, 0, 0])
    #expect(moved?.code == .badDesign && moved?.row == 1)
    let unnamed = problem(["a", nil], [1, 2], [2, 2])
    #expect(unnamed?.code == .missingValue && unnamed?.row == 1)
    let undated = problem(["a", "a"], [1, .nan], [2, 2])
    #expect(undated?.code == .missingValue && undated?.row == 1)
    let notANumber = problem(["a", "a"], [1, 2], [2, .nan])
    #expect(notANumber?.code == .badValue && notANumber?.row == 1)
    #expect(problem(["a", "b"], [1, 1], [0, 1])?.code == .badDesign)
    #expect(problem([], [], [])?.code == .noRows)
    #expect(problem(["a"], [1, 2], [0])?.code == .sizeMismatch)
    #expect(problem(["a", "a", "b", "b"], [1, 2, 1, 2], [0, 0, nil, 7])?.code == .badDesign)
    #expect(
      problem(["a", "a", "b", "b"], [1, 2, 1, 2], [0, 0, 7, 7])?.code == .constantTreatment)
    #expect(
      problem(["a", "a", "b", "b"], [1, 2, 1, 2], [1, 1, 1, 1])?.code == .constantTreatment)
    #expect(problem(["a", "a", "b", "b"], [1, 2, 1, 2], [1, 1, 0, 0])?.code == .badDesign)
  }

  @Test func badInputOfRegressionsIsRefused() throws {
    let design = try panel(["a", "a", "b", "b"], [1, 2, 1, 2], [2, 2, 0, 0])
    func code(_ body: () throws -> Void) -> SiblingError.Code? {
      do {
        try body()
        return nil
      } catch {
        return (error as? SiblingError)?.code
      }
    }
    #expect(code { _ = try TwoWayFixedEffects().fit(design, outcome: [1, 2]) } == .sizeMismatch)
    #expect(
      code { _ = try TwoWayFixedEffects().fit(design, outcome: [1, .nan, 2, 3]) } == .missingValue)
    #expect(
      code {
        _ = try TwoWayFixedEffects().fit(design, outcome: [1, 4, 2, 3], weights: [1, -1, 1, 1])
      }
        == .badWeight)
    #expect(
      code { _ = try EventStudy(leads: 0).fit(design, outcome: [1, 4, 2, 3]) } == .invalidOption)
    #expect(
      code { _ = try EventStudy(leads: 1, reference: -4).fit(design, outcome: [1, 4, 2, 3]) }
        == .invalidOption)
    #expect(
      code { _ = try EventStudy(reference: -3).fit(design, outcome: [1, 4, 2, 3]) } == .badDesign)
  }
}
