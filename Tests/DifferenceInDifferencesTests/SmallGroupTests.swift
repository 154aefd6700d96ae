import LinearAlgebra
import Statistics
import TestSupport
import Testing

@testable import DifferenceInDifferences

/// No standard error comes of one or two independent units, whatever the formula prints.
@Suite struct SmallGroupTests {
  /// `treated` of `units` units are treated from the fourth of six periods on.
  static func made(treated: Int, units: Int = 14, always: Int = 0) throws -> (
    panel: PanelDesign, outcome: [Double]
  ) {
    var stream = RandomStream(seed: 5, name: "small-groups")
    var (unit, time, group, outcome): ([Int32], [Double], [Double?], [Double]) = ([], [], [], [])
    for place in 0..<units {
      let level = stream.normal()
      let start: Double? = place < treated ? 4 : place < treated + always ? 1 : nil
      for period in 1...6 {
        unit.append(Int32(place))
        time.append(Double(period))
        group.append(start)
        outcome.append(level + stream.normal() + (Double(period) >= start ?? .infinity ? 1 : 0))
      }
    }
    let factor = Factor(codes: unit, levels: (0..<units).map { "u\($0)" })
    return (try PanelDesign(unit: factor, time: time, group: group), outcome)
  }

  @Test(arguments: [1, 2, 3]) func twoWayFixedEffects(treated: Int) throws {
    let (panel, outcome) = try Self.made(treated: treated)
    let result = try TwoWayFixedEffects().fit(
      panel, outcome: outcome, covariance: .cluster(.cr1, [panel.unit]))
    #expect((result.estimate.standardError == nil) == (treated < 3))
    #expect(result.table.rows[0] == result.estimate)
    #expect(
      result.table.notes.contains { $0.contains("one or two independent units") } == (treated < 3))
    // Rows taken as independent are another claim, and clusters of many units are few all the same.
    let classical = try TwoWayFixedEffects().fit(panel, outcome: outcome)
    #expect(classical.estimate.standardError != nil)
    let pairs = Factor(codes: panel.unit.codes.map { $0 / 2 }, levels: (0..<7).map { "p\($0)" })
    let paired = try TwoWayFixedEffects().fit(
      panel, outcome: outcome, covariance: .cluster(.cr1, [pairs]))
    #expect(paired.estimate.standardError == nil)
  }

  @Test func eventStudy() throws {
    let (few, fewOutcome) = try Self.made(treated: 2)
    let none = try EventStudy().fit(few, outcome: fewOutcome)
    #expect(none.rows.allSatisfy { $0.estimate.standardError == nil })
    #expect(none.preTrend == nil)
    let (many, outcome) = try Self.made(treated: 5)
    let some = try EventStudy().fit(many, outcome: outcome)
    #expect(some.rows.allSatisfy { ($0.estimate.standardError == nil) == $0.isReference })
    // Against a treated period nothing before it is a test of trends.
    #expect(some.preTrend != nil)
    #expect(try EventStudy(reference: 1).fit(many, outcome: outcome).preTrend == nil)
  }

  /// Units treated from the first period on have no before: with them and without them is the same.
  @Test func alwaysTreatedTakeNoPart() throws {
    let (panel, outcome) = try Self.made(treated: 5, always: 3)
    let with = try EventStudy().fit(panel, outcome: outcome)
    let rows = (0..<panel.rows).filter { panel.groups[Int(panel.unit.codes[$0])] != 1 }
    let others = try PanelDesign(
      unit: panel.unit.selecting(rows), time: rows.map { panel.times[$0] },
      group: rows.map { panel.groups[Int(panel.unit.codes[$0])] })
    let without = try EventStudy().fit(others, outcome: rows.map { outcome[$0] })
    #expect(with.rows.map(\.eventTime) == without.rows.map(\.eventTime))
    for (one, other) in zip(with.rows, without.rows) {
      #expect(close(one.estimate.estimate, other.estimate.estimate, .converged))
      #expect(close(one.estimate.standardError ?? 0, other.estimate.standardError ?? 0))
    }
    #expect(with.notes.contains { $0.contains("3 units treated from the first period on were") })
  }

  @Test(arguments: [1, 2, 3]) func twoPeriods(treated: Int) throws {
    var stream = RandomStream(seed: 8, name: "two-periods")
    let before = stream.normals(12)
    let after = zip(before, stream.normals(12)).map { $0 + $1 }
    let arm = (0..<12).map { $0 < treated }
    let fit = try TwoPeriodDifferenceInDifferences().fit(
      before: before, after: after, treated: arm)
    #expect((fit.estimate.standardError == nil) == (treated < 3))
    let controls = try TwoPeriodDifferenceInDifferences().fit(
      before: before, after: after, treated: arm.map { !$0 })
    #expect((controls.estimate.standardError == nil) == (treated < 3))
    let pooled = try TwoPeriodDifferenceInDifferences().fitPooled(
      before: before, after: after, treated: arm)
    #expect((pooled.estimate.standardError == nil) == (treated < 3))
    let still = try TwoPeriodDifferenceInDifferences().fit(
      before: before, after: before.map { $0 + 1 }, treated: (0..<12).map { $0 < 6 })
    #expect(still.estimate.standardError == nil && still.estimate.pValue == nil)
  }
}
