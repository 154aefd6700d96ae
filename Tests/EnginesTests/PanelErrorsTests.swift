import DifferenceInDifferences
import Engines
import Statistics
import Tables
import Testing

/// What is wrong with a panel is told from sums as it is from rows.
struct PanelErrorsTests {
  private func code(_ body: () throws -> Void) -> SiblingError.Code? {
    do {
      try body()
      return nil
    } catch {
      return (error as? SiblingError)?.code
    }
  }

  private func refused(_ change: (inout PanelData) -> Void) -> SiblingError.Code? {
    var data = PanelData(units: 30, gaps: 0)
    change(&data)
    let changed = data
    return code { _ = try changed.sums() }
  }

  @Test func twoRowsOfAUnitAndPeriodAreRefused() {
    #expect(refused { $0.time[1] = $0.time[0] } == .duplicateKey)
  }

  @Test func aUnitInTwoGroupsIsRefused() {
    #expect(refused { $0.group[0] = 5 } == .badDesign)
    var data = PanelData(units: 30, gaps: 0)
    data.group[0] = 5
    let changed = data
    #expect(code { _ = try changed.sums(byCluster: true) } == .badDesign)
  }

  @Test func aPanelWithoutTreatedUnitsIsRefused() {
    #expect(refused { data in data.group = data.group.map { _ in nil } } == .constantTreatment)
  }

  @Test func aSinglePeriodIsRefused() {
    #expect(
      refused { data in
        data.time = data.time.map { _ in 1 }
        data.unit = data.unit.indices.map { "\($0)" }
      } == .badDesign)
  }

  @Test func anOutcomeThatIsTheSameEverywhereIsRefused() {
    #expect(
      refused { data in data.outcome = data.outcome.map { _ in 0.1 } } == .constantOutcome)
  }

  @Test func unitsThatMoveBetweenClustersAreCounted() throws {
    var data = PanelData(units: 30, gaps: 0)
    data.cluster[0] = "elsewhere"
    #expect(try data.sums(byCluster: true).movers == 1)
    #expect(try data.sums().movers == 0)
  }

  @Test func whatNeedsRowsIsRefusedBySums() throws {
    let sums = try PanelData(gaps: 0).sums().moments
    #expect(
      code { _ = try TwoWayFixedEffects().fit(sums, covariance: .heteroskedastic(.hc3)) }
        == .invalidOption)
    #expect(code { _ = try TwoWayFixedEffects(family: .poisson).fit(sums) } == .invalidOption)
    var effects = GroupTimeEffects()
    effects.bootstrap = 200
    let bootstrapped = effects
    #expect(code { _ = try bootstrapped.fit(sums) } == .invalidOption)
  }
}
