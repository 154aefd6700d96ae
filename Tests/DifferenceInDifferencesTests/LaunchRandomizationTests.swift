import LinearAlgebra
import Statistics
import TestSupport
import Testing

@testable import DifferenceInDifferences

/// Exchanging launches between units, for any estimator.
@Suite struct LaunchRandomizationTests {
  /// Seven units over four periods; two launch in the third period, one in the second.
  struct Small {
    var unit: [Int32] = []
    var time: [Double] = []
    var group: [Double?] = []
    var outcome: [Double] = []

    init(seed: UInt64 = 3, effect: Double = 1) {
      let starts: [Double?] = [3, nil, 2, nil, nil, 3, nil]
      var stream = RandomStream(seed: seed, name: "launch-test")
      for unit in starts.indices {
        let level = stream.normal()
        for time in 1...4 {
          self.unit.append(Int32(unit))
          self.time.append(Double(time))
          group.append(starts[unit])
          let live = Double(time) >= (starts[unit] ?? .infinity)
          outcome.append(level + 0.2 * Double(time) + stream.normal() + (live ? effect : 0))
        }
      }
    }

    func panel(order: [Int]? = nil) throws -> PanelDesign {
      let order = order ?? Array(unit.indices)
      return try PanelDesign(
        unit: Factor(codes: order.map { unit[$0] }, levels: (0..<7).map { "u\($0)" }),
        time: order.map { time[$0] }, group: order.map { group[$0] })
    }
  }

  static let average: @Sendable (PanelDesign, [Double]) throws(SiblingError) -> Double = {
    (panel, outcome) throws(SiblingError) in
    let result = try GroupTimeEffects(control: .notYetTreated).fit(panel, outcome: outcome)
    return try result.aggregate(.simple)["overall"]?.estimate ?? .nan
  }

  static let twoWay: @Sendable (PanelDesign, [Double]) throws(SiblingError) -> Double = {
    (panel, outcome) throws(SiblingError) in
    try TwoWayFixedEffects().fit(panel, outcome: outcome).estimate.estimate
  }

  /// The regression's coefficient has an exchange test of its own, by cross-products; both list the
  /// 7!/(4! 2! 1!) = 105 exchanges.
  @Test func agreesWithTheExchangeTestOfTheRegression() throws {
    let data = Small()
    let panel = try data.panel()
    let found = try LaunchRandomization(draws: 999).test(
      panel, outcome: data.outcome, estimate: Self.twoWay)
    let period = Factor(codes: panel.period, levels: ["1", "2", "3", "4"])
    let sample = try FewClusterSample(
      outcome: data.outcome,
      design: DesignMatrix(matrix: Matrix(columns: [panel.treatment]), names: ["D"]), term: 0,
      clusters: panel.unit, absorbed: [panel.unit, period])
    let other = try RandomizationInference().test(sample, time: period)
    #expect(found.isExact && found.used == 105 && found.assignments == 105)
    #expect(close(found.estimate, other.estimate))
    #expect(close(found.pValue, other.coefficientPValue, .closedForm))
    #expect(close(found.interval.low, other.coefficientInterval.low))
    #expect(close(found.interval.high, other.coefficientInterval.high))
    #expect(close(found.attainable, 1 / 105, .closedForm))
  }

  /// The p-value of an average of group-time effects by listing exchanges one by one.
  @Test func theShareOfExchangesIsCountedRight() throws {
    let data = Small()
    let panel = try data.panel()
    let found = try LaunchRandomization(draws: 200).test(
      panel, outcome: data.outcome, estimate: Self.average)
    var (count, all) = (0, 0)
    for early in 0..<7 {
      for late in 0..<7 where late != early {
        for last in (late + 1)..<8 where last < 7 && last != early {
          var group = [Double?](repeating: nil, count: 28)
          for row in 0..<28 {
            let unit = Int(data.unit[row])
            group[row] = unit == early ? 2 : unit == late || unit == last ? 3 : nil
          }
          let other = try PanelDesign(unit: panel.unit, time: data.time, group: group)
          let value = try Self.average(other, data.outcome)
          if value.magnitude >= found.estimate.magnitude * (1 - 1e-9) { count += 1 }
          all += 1
        }
      }
    }
    #expect(all == 105)
    #expect(close(found.pValue, Double(count) / 105, .closedForm))
  }

  @Test func testingAnEffectIsTestingTheOutcomeWithoutIt() throws {
    let data = Small()
    let panel = try data.panel()
    let shifted = zip(data.outcome, panel.treatment).map { $0 - 0.7 * $1 }
    let one = try LaunchRandomization(draws: 200, null: 0.7).test(
      panel, outcome: data.outcome, estimate: Self.average)
    let other = try LaunchRandomization(draws: 200).test(
      panel, outcome: shifted, estimate: Self.average)
    #expect(close(one.pValue, other.pValue, .closedForm))
    #expect(close(one.interval.low, other.interval.low + 0.7))
    // Just inside the ends nothing is rejected, just outside it is.
    for (end, side) in [(one.interval.low, -1.0), (one.interval.high, 1.0)] where end.isFinite {
      for (shift, isRejected) in [(-1e-6, false), (1e-6, true)] {
        let test = LaunchRandomization(draws: 200, null: end + side * shift)
        let p = try test.test(panel, outcome: data.outcome, estimate: Self.average).pValue
        #expect((p <= 0.05) == isRejected)
      }
    }
  }

  @Test func rowOrderAndScaleChangeNothing() throws {
    let data = Small()
    let order = RandomStreamOrder.shuffled(28)
    let panel = try data.panel()
    let one = try LaunchRandomization(draws: 60, limit: 1).test(
      panel, outcome: data.outcome, estimate: Self.average)
    let other = try LaunchRandomization(draws: 60, limit: 1).test(
      data.panel(order: order), outcome: order.map { 4 * data.outcome[$0] + 10 },
      estimate: Self.average)
    #expect(!one.isExact && one.used == 60)
    #expect(close(one.pValue, other.pValue, .closedForm))
    #expect(close(4 * one.interval.low, other.interval.low))
  }

  @Test func wholeClustersAreExchangedOrRefused() throws {
    let data = Small()
    let panel = try data.panel()
    let together = Factor(
      codes: data.unit.map { [0, 1, 2, 3, 3, 0, 1][Int($0)] }, levels: ["a", "b", "c", "d"])
    let found = try LaunchRandomization(draws: 200).test(
      panel, outcome: data.outcome, clusters: together, estimate: Self.twoWay)
    // Four clusters, of which one launches in each of two periods: 4!/2!.
    #expect(found.assignments == 12)
    let mixed = Factor(codes: data.unit.map { $0 < 2 ? 0 : $0 }, levels: (0..<7).map { "\($0)" })
    let error = try #require(throws: SiblingError.self) {
      _ = try LaunchRandomization().test(
        panel, outcome: data.outcome, clusters: mixed, estimate: Self.twoWay)
    }
    #expect(error.code == .badDesign)
  }
}

enum RandomStreamOrder {
  static func shuffled(_ count: Int) -> [Int] {
    var stream = RandomStream(seed: 9, name: "order")
    return stream.permutation(count)
  }
}
