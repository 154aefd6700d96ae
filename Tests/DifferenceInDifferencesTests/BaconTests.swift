import DifferenceInDifferences
import LinearAlgebra
import Statistics
import TestSupport
import Testing

@Suite struct BaconTests {
  @Test func minimumWageAgainstAPeer() throws {
    let panel = try PanelFixtures.counties().plain
    let result = try BaconDecomposition().fit(panel.design(), outcome: panel.outcome)
    let golden = try Golden.json("did_extra_mpdta.json")["bacon"]
    let types = golden["type"].array.map { $0.string ?? "" }
    let names: [BaconDyad.Kind: String] = [
      .earlierVersusLater: "Earlier vs Later Treated",
      .laterVersusEarlier: "Later vs Earlier Treated",
      .treatedVersusUntreated: "Treated vs Untreated",
    ]
    #expect(result.dyads.count == types.count)
    for dyad in result.dyads {
      let place = try #require(
        types.indices.first { index in
          types[index] == names[dyad.kind] && golden["treated"][index].double == dyad.treatedCohort
            && (dyad.controlCohort == nil
              || golden["untreated"][index].double == dyad.controlCohort)
        })
      #expect(close(dyad.weight, golden["weight"][place].double, .converged))
      #expect(close(dyad.estimate, golden["estimate"][place].double, .converged))
    }
    #expect(close(result.coefficient, golden["sum"].double, .converged))
    #expect(result.residual.magnitude < 1e-14)
  }

  @Test func castleDoctrineAsPublished() throws {
    let states = try PanelFixtures.castle()
    let result = try BaconDecomposition().fit(states.design(), outcome: states.outcome)
    let published: [(BaconDyad.Kind, Double, Double)] = [
      (.earlierVersusLater, 0.0770787556378, -0.0285771587963),
      (.laterVersusEarlier, 0.0241124089280, 0.0456346756906),
      (.treatedVersusUntreated, 0.898808835434, 0.0784379907970),
    ]
    #expect(result.shares.map(\.kind) == published.map(\.0))
    for (share, expected) in zip(result.shares, published) {
      #expect(close(share.weight, expected.1, Tolerance(relative: 1e-11)))
      #expect(close(share.estimate, expected.2, Tolerance(relative: 1e-11)))
    }
    #expect(close(result.coefficient, 0.0693984292839, Tolerance(relative: 1e-11)))
  }

  /// Always treated cohorts, weights and holes; the sum is checked against the regression inside.
  @Test func alwaysTreatedWeightsAndHoles() throws {
    var stream = RandomStream(seed: 5, name: "bacon")
    let starts: [Double] = [0, 0, 1, 2, 3, 3, 5, 5, 6, 0, 2.5]
    var panel = PanelFixtures.Panel(
      unit: Factor([]), time: [], group: [], outcome: [], weights: [])
    var names: [String] = []
    for (unit, start) in starts.enumerated() {
      for time in 2...7 {
        names.append("u\(unit)")
        panel.time.append(Double(time))
        panel.group.append(start)
        panel.outcome.append(stream.normal())
        panel.weights?.append(Double(1 + unit % 3))
      }
    }
    panel.unit = Factor(names.map { $0 })
    let result = try BaconDecomposition().fit(
      panel.design(), outcome: panel.outcome, weights: panel.weights)
    let always = result.dyads.filter { $0.kind == .laterVersusAlwaysTreated }
    #expect(always.map(\.controlUnits) == [2, 2, 2, 2])
    #expect(close(result.dyads.reduce(0) { $0 + $1.weight }, 1, .closedForm))
    #expect(result.residual.magnitude < 1e-12)
    // A weight is a number of copies.
    let weights = panel.weights ?? []
    let rows = weights.indices.flatMap { [Int](repeating: $0, count: Int(weights[$0])) }
    var copy = [Int](repeating: 0, count: weights.count)
    var copies = panel.selecting(rows)
    copies.unit = Factor(
      rows.map { row in
        copy[row] += 1
        return "\(names[row])/\(copy[row])"
      })
    let repeated = try BaconDecomposition().fit(copies.design(), outcome: copies.outcome)
    for (a, b) in zip(result.dyads, repeated.dyads) {
      #expect(close(a.weight, b.weight, .closedForm))
      #expect(close(a.estimate, b.estimate, .converged))
    }
    // Any order, any scale.
    let order = stream.permutation(panel.time.count)
    let shuffled = panel.selecting(order)
    let other = try BaconDecomposition().fit(
      shuffled.design(), outcome: shuffled.outcome.map { 10 * $0 + 1 }, weights: shuffled.weights)
    for (a, b) in zip(result.dyads, other.dyads) {
      #expect(close(a.weight, b.weight, .closedForm))
      #expect(close(10 * a.estimate, b.estimate, .converged))
    }
    // A unit with a hole is left out and counted.
    let holed = panel.selecting(panel.time.indices.filter { $0 != 9 })
    let fewer = try BaconDecomposition().fit(
      holed.design(), outcome: holed.outcome, weights: holed.weights)
    #expect(fewer.droppedUnits == 1 && fewer.units == 10)
    #expect(fewer.notes.first?.hasPrefix("1 of 11 units lack a row") == true)
    var uneven = panel
    uneven.weights?[3] = 7
    do {
      _ = try BaconDecomposition().fit(
        uneven.design(), outcome: uneven.outcome, weights: uneven.weights)
      Issue.record("weights that differ within a unit were not refused")
    } catch let error as SiblingError { #expect(error.code == .badWeight && error.row == 3) }
    // The last row of every unit in turn: no unit is whole.
    let torn = panel.selecting(panel.time.indices.filter { $0 % 6 != ($0 / 6) % 6 })
    #expect(throws: SiblingError.self) {
      try BaconDecomposition().fit(torn.design(), outcome: torn.outcome)
    }
  }
}
