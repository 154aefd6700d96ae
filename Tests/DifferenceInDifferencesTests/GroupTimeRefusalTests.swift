import DifferenceInDifferences
import LinearAlgebra
import Statistics
import TestSupport
import Testing

/// What group-time effects refuse, leave out and say of it.
@Suite struct GroupTimeRefusalTests {
  private struct Rows {
    var unit: [String] = []
    var time: [Double] = []
    var group: [Double?] = []
    var outcome: [Double] = []
    var cluster: [String] = []

    func panel() throws -> PanelDesign {
      try PanelDesign(unit: Factor(unit), time: time, group: group)
    }
  }

  /// Units of some cohorts over periods 1 to 5; clusters of `size` units within a cohort.
  private func rows(
    _ cohorts: [(start: Double?, units: Int)], periods: [Double] = [1, 2, 3, 4, 5], size: Int = 1
  ) -> Rows {
    var rows = Rows()
    var stream = RandomStream(seed: 4, name: "refusals")
    for (place, cohort) in cohorts.enumerated() {
      for unit in 0..<cohort.units {
        for period in periods {
          rows.unit.append("\(place)-\(unit)")
          rows.cluster.append("\(place)-\(unit / size)")
          rows.time.append(period)
          rows.group.append(cohort.start)
          rows.outcome.append(stream.normal())
        }
      }
    }
    return rows
  }

  @Test func fewUnitsHaveNoStandardError() throws {
    let data = rows([(3, 2), (4, 8), (nil, 12)])
    let result = try GroupTimeEffects().fit(data.panel(), outcome: data.outcome)
    for cell in result.cells {
      #expect((cell.estimate.standardError == nil) == (cell.group == 3))
      #expect(cell.estimate.estimate.isFinite)
    }
    let note = try #require(result.notes.first { $0.contains("no honest standard error") })
    #expect(note.contains("(3)") && note.contains("few-clusters") && note.contains("pool cohorts"))
    var effects = GroupTimeEffects()
    effects.bootstrap = 200
    effects.bands = .uniform
    let drawn = try effects.fit(data.panel(), outcome: data.outcome)
    #expect(drawn.cells.allSatisfy { ($0.estimate.interval == nil) == ($0.group == 3) })
  }

  @Test func fewControlsHaveNoStandardError() throws {
    let data = rows([(3, 9), (nil, 2)])
    let result = try GroupTimeEffects().fit(data.panel(), outcome: data.outcome)
    #expect(result.cells.allSatisfy { $0.estimate.standardError == nil })
    #expect(result.notes.contains { $0.contains("stand on one side") })
    #expect(try result.aggregate(.simple).rows[0].standardError == nil)
  }

  @Test func fewClustersHaveNoStandardError() throws {
    // Ten units of the cohort lie in two clusters: by units there is an error, by clusters none.
    let data = rows([(3, 10), (4, 15), (nil, 15)], size: 5)
    let clustered = try GroupTimeEffects().fit(
      data.panel(), outcome: data.outcome, clusters: Factor(data.cluster))
    #expect(clustered.clusters == 8)
    for cell in clustered.cells {
      #expect((cell.estimate.standardError == nil) == (cell.group == 3), "\(cell.estimate.term)")
    }
    #expect(clustered.notes.contains { $0.contains("one or two clusters (3)") })
    let groups = try clustered.aggregate(.group).rows
    #expect(groups.map { $0.standardError == nil } == [true, false, true])
    let plain = try GroupTimeEffects().fit(data.panel(), outcome: data.outcome)
    #expect(plain.cells.allSatisfy { $0.estimate.standardError != nil })
  }

  @Test func aClusterThatVariesWithinAUnitIsRefused() throws {
    var data = rows([(3, 6), (nil, 6)])
    data.cluster[17] = "elsewhere"
    let panel = try data.panel()
    for sampling in GroupTimeEffects.Sampling.allCases {
      var effects = GroupTimeEffects()
      effects.sampling = sampling
      let error = #expect(throws: SiblingError.self) {
        try effects.fit(panel, outcome: data.outcome, clusters: Factor(data.cluster))
      }
      #expect(error?.code == .badDesign && error?.row == 17)
    }
  }

  @Test func repeatedRowsAndMovingGroupsAreRefused() throws {
    var twice = rows([(3, 6), (nil, 6)])
    twice.time[7] = twice.time[6]
    let duplicate = #expect(throws: SiblingError.self) { try twice.panel() }
    #expect(duplicate?.code == .duplicateKey && duplicate?.row == 7)
    // Treatment that ends, or starts again, shows as a group that differs between a unit's rows.
    var ends = rows([(3, 6), (nil, 6)])
    ends.group[4] = nil
    let moving = #expect(throws: SiblingError.self) { try ends.panel() }
    #expect(moving?.code == .badDesign && moving?.row == 4)
  }

  @Test func incompleteUnitsAreCountedOrKept() throws {
    let data = rows([(3, 8), (nil, 10)])
    let kept = data.time.indices.filter { $0 != 2 && $0 != 51 }
    let panel = try PanelDesign(
      unit: Factor(kept.map { data.unit[$0] }), time: kept.map { data.time[$0] },
      group: kept.map { data.group[$0] })
    let outcome = kept.map { data.outcome[$0] }
    let complete = try GroupTimeEffects().fit(panel, outcome: outcome)
    #expect(complete.observations == 16)
    #expect(
      complete.notes.contains { $0.contains("2 units without a row in some period were left out") })
    #expect(complete.notes.contains { $0.contains("2 of them with a gap in between") })
    var effects = GroupTimeEffects()
    effects.sampling = .crossSections
    let all = try effects.fit(panel, outcome: outcome)
    #expect(all.observations == kept.count && all.clusters == 18)
    #expect(all.cells[0].estimate.convention.contains("clustered by unit, G=18"))
    #expect(!all.notes.contains { $0.contains("left out") })
  }

  @Test func aGapInTimeTakesTheLastPeriodBefore() throws {
    // Nobody is seen in period 3: the base of cohort 4 is period 2.
    let data = rows([(4, 8), (nil, 10)], periods: [1, 2, 4, 5])
    let result = try GroupTimeEffects().fit(data.panel(), outcome: data.outcome)
    #expect(result.cells.map(\.base) == [1, 2, 2])
    #expect(result.cells.map(\.time) == [2, 4, 5])
  }

  @Test func weightsAreRepeatedUnits() throws {
    let data = rows([(3, 8), (4, 7), (nil, 10)])
    var twice = data
    for row in data.time.indices where data.unit[row].hasSuffix("-1") {
      twice.unit.append(data.unit[row] + "again")
      twice.time.append(data.time[row])
      twice.group.append(data.group[row])
      twice.outcome.append(data.outcome[row])
    }
    let weights = data.unit.map { $0.hasSuffix("-1") ? 2.0 : 1 }
    let effects = GroupTimeEffects(control: .notYetTreated)
    let weighed = try effects.fit(data.panel(), outcome: data.outcome, weights: weights)
    let repeated = try effects.fit(twice.panel(), outcome: twice.outcome)
    #expect(
      close(
        weighed.cells.map(\.estimate.estimate), repeated.cells.map(\.estimate.estimate),
        .closedForm))
    for kind in GroupTimeResult.Aggregation.allCases {
      #expect(
        close(
          try weighed.aggregate(kind).rows.map(\.estimate),
          try repeated.aggregate(kind).rows.map(\.estimate), .closedForm))
    }
  }

  @Test func balanceKeepsCohortsSeenLongEnough() throws {
    let data = rows([(2, 8), (4, 8), (5, 8), (nil, 10)])
    let result = try GroupTimeEffects().fit(data.panel(), outcome: data.outcome)
    let rows = try result.aggregate(.dynamic, balance: 1).rows
    // Cohort 5 is seen for one period only; the others' mean at 1 weighs both alike.
    let at = { (group: Double, time: Double) in
      result.cells.first { $0.group == group && $0.time == time }?.estimate.estimate ?? .nan
    }
    let one = try #require(rows.first { $0.term == "e=1" })
    #expect(close(one.estimate, (at(2, 3) + at(4, 5)) / 2, .closedForm))
    #expect(!rows.contains { $0.term == "e=2" })
    #expect(throws: SiblingError.self) { try result.aggregate(.dynamic, balance: 9) }
  }

  @Test func designsWithoutAnswersAreRefused() throws {
    let data = rows([(3, 6), (nil, 6)])
    var effects = GroupTimeEffects(anticipation: -1)
    #expect(throws: SiblingError.self) { try effects.fit(data.panel(), outcome: data.outcome) }
    effects = GroupTimeEffects()
    effects.bootstrap = 10
    #expect(throws: SiblingError.self) { try effects.fit(data.panel(), outcome: data.outcome) }
    let sections = try PanelDesign(crossSections: data.time, group: data.group)
    #expect(throws: SiblingError.self) {
      try GroupTimeEffects().fit(sections, outcome: data.outcome)
    }
    // Everyone starts together: no one to compare with.
    let together = rows([(3, 6)])
    let error = #expect(throws: SiblingError.self) {
      try GroupTimeEffects(control: .notYetTreated).fit(
        together.panel(), outcome: together.outcome)
    }
    #expect(error?.code == .badDesign)
    // Zero weights leave a cohort empty.
    let weights = data.group.map { $0 == nil ? 0.0 : 1 }
    #expect(throws: SiblingError.self) {
      try GroupTimeEffects().fit(data.panel(), outcome: data.outcome, weights: weights)
    }
  }

  @Test func crossSectionsNeedPeopleInBothPeriods() throws {
    let data = rows([(3, 9), (4, 9), (nil, 9)])
    let kept = data.time.indices.filter { !(data.group[$0] == 3 && data.time[$0] == 5) }
    let panel = try PanelDesign(
      crossSections: kept.map { data.time[$0] }, group: kept.map { data.group[$0] })
    var effects = GroupTimeEffects()
    effects.sampling = .crossSections
    let result = try effects.fit(panel, outcome: kept.map { data.outcome[$0] })
    let empty = try #require(result.cells.first { $0.group == 3 && $0.time == 5 })
    #expect(empty.estimate.estimate.isNaN && empty.estimate.standardError == nil)
    #expect(result.notes.contains { $0.contains("there are no treated rows in 5") })
    #expect(result.cells.first { $0.group == 3 && $0.time == 3 }?.treatedUnits == 18)
  }
}
