import DifferenceInDifferences
import Statistics
import TestSupport
import Testing

/// Re-runs that leave something out are the fits that one would make by hand.
@Suite struct PanelSensitivityTests {
  private static func mpdta() throws -> PanelSample {
    let data = try Datasets.mpdta()
    return try PanelSample(
      PanelDesign(unit: data.unit, time: data.time, group: data.group), outcome: data.outcome)
  }

  /// Six sites over six periods: two start in 4, one in 5; the effect is 2, and no noise but a
  /// site's own.
  private static func sites(effect: Double = 2, units: Int = 6) throws -> PanelSample {
    var (unit, time, group, outcome): ([String?], [Double], [Double?], [Double]) = ([], [], [], [])
    let starts: [Double?] = [4, 4, 5, nil, nil, nil]
    for site in 0..<units {
      for period in 1...6 {
        unit.append("s\(site)")
        time.append(Double(period))
        group.append(starts[site])
        let treated = starts[site].map { Double(period) >= $0 } ?? false
        outcome.append(
          Double(site) + 0.3 * Double(period) + (treated ? effect : 0)
            + 0.1 * Double((site * 7 + period * 3) % 5))
      }
    }
    return try PanelSample(
      PanelDesign(unit: Factor(unit), time: time, group: group), outcome: outcome)
  }

  private static let regression = PanelSensitivity(TwoWayFixedEffects())

  @Test func leavingOneOutIsAFitWithoutIt() throws {
    let sample = try Self.sites()
    let runs = try Self.regression.leavingOut(eachOf: sample.panel.unit, sample)
    #expect(runs.map(\.leftOut) == ["s0", "s1", "s2", "s3", "s4", "s5"])
    for (code, run) in runs.enumerated() {
      let rows = sample.panel.unit.codes.indices.filter { sample.panel.unit.codes[$0] != code }
      let times = sample.panel.times
      let panel = try PanelDesign(
        unit: sample.panel.unit.selecting(rows), time: rows.map { times[$0] },
        group: rows.map { sample.panel.groups[Int(sample.panel.unit.codes[$0])] })
      let fit = try TwoWayFixedEffects().fit(panel, outcome: rows.map { sample.outcome[$0] })
      let found = try #require(run.estimate)
      #expect(close(found.estimate, fit.estimate.estimate, .closedForm))
      #expect(run.rows == 30 && run.units == 5 && run.unitsLeftOut == 1)
    }
  }

  /// Levels above the unit go together.
  @Test func providersAreLeftOutWhole() throws {
    let sample = try Self.sites()
    let provider = Factor(sample.panel.unit.codes.map { $0 < 2 ? "north" : "south" })
    let runs = try Self.regression.leavingOut(eachOf: provider, sample)
    #expect(runs.map(\.leftOut) == ["north", "south"])
    #expect(runs[0].treatedUnits == 1 && runs[0].units == 4)
    // Without the south nobody is untreated while others start; all that is left start together.
    #expect(runs[1].estimate == nil && runs[1].problem != nil)
  }

  @Test func whatIdentifiesNothingIsARowWithoutEstimate() throws {
    let all = try Self.sites()
    // One treated site and two controls.
    let rows = all.panel.unit.codes.indices.filter { [2, 3, 4].contains(all.panel.unit.codes[$0]) }
    let sample = try all.selecting(rows: Array(rows))
    let runs = try Self.regression.leavingOut(eachOf: sample.panel.unit, sample)
    #expect(runs.count == 3)
    #expect(runs[0].estimate == nil && runs[0].problem?.code == .constantTreatment)
    #expect(runs[1].estimate != nil && runs[2].estimate != nil)
  }

  /// A placebo one period early is the average of the group-time effects just before treatment.
  @Test func placeboDateIsTheEffectBefore() throws {
    let sample = try Self.mpdta()
    let runs = try PanelSensitivity(GroupTimeEffects()).placeboDates(earlierBy: [1], sample)
    let found = try #require(runs[0].estimate)
    // The cohorts of 2006 (40 counties) and 2007 (131); that of 2004 has no period before 2003.
    let expected = (40 * -0.0027508188 + 131 * -0.0310871194) / 171
    #expect(close(found.estimate, expected, Tolerance(relative: 1e-7)))
    #expect(runs[0].unitsLeftOut == 20 && runs[0].treatedUnits == 171)
    // A unit that lacks a period takes no part in the full fit, and none here.
    let torn = try sample.selecting(rows: Array(1..<sample.panel.rows))
    let without = try PanelSensitivity(GroupTimeEffects()).placeboDates(earlierBy: [1], torn)[0]
    let code = sample.panel.unit.codes[0]
    let others = sample.panel.unit.codes.indices.filter { sample.panel.unit.codes[$0] != code }
    let whole = try PanelSensitivity(GroupTimeEffects()).placeboDates(
      earlierBy: [1], try sample.selecting(rows: others))[0]
    #expect(without.estimate == whole.estimate && without.estimate != nil)
    // The last cohort alone is seen in every period before the last start.
    var last = PanelSensitivity(GroupTimeEffects())
    last.incompleteEstimator = nil
    let alone = try #require(try last.placeboDates(earlierBy: [1], sample)[0].estimate)
    #expect(close(alone.estimate, -0.0310871194, Tolerance(relative: 1e-8)))
    #expect(close(alone.standardError ?? 0, 0.0178775, Tolerance(relative: 1e-4)))
  }

  /// With one pretended start the treated are one cohort, and none of them may leave it early.
  @Test func placeboStartsKeepTheCohortTogether() throws {
    let sample = try Self.mpdta()
    for sensitivity in [PanelSensitivity(GroupTimeEffects()), Self.regression] {
      let run = sensitivity.placeboDates(startingIn: [2005], sample)[0]
      let times = sample.panel.times
      let rows = times.indices.filter { row in
        let start = sample.panel.groups[Int(sample.panel.unit.codes[row])]
        return times[row] < 2006 && start != 2004
      }
      let groups = sample.panel.groups.map { $0.map { _ in 2005.0 } }
      let left = try sample.selecting(rows: rows, groups: groups)
      #expect(left.panel.isBalanced && run.rows == rows.count)
      let expected = try sensitivity.estimator(left).rows[0].estimate
      #expect(close(run.estimate?.estimate ?? .nan, expected, .closedForm))
    }
  }

  /// No effect, however large, can leak into a placebo.
  @Test func placebosNeverSeeTheEffect() throws {
    let small = try Self.sites(effect: 0)
    let large = try Self.sites(effect: 1e6)
    for (a, b) in zip(
      try Self.regression.placeboDates(earlierBy: [1, 2], small),
      try Self.regression.placeboDates(earlierBy: [1, 2], large))
    {
      #expect(a.estimate != nil && a.estimate == b.estimate)
    }
    let starts = Self.regression.placeboDates(startingIn: [3], large)
    let early = Self.regression.placeboDates(startingIn: [3], small)
    #expect(starts[0].estimate != nil && starts[0].estimate == early[0].estimate)
    // Nobody has a period before the first.
    #expect(try Self.regression.placeboDates(earlierBy: [5], small)[0].estimate == nil)
    #expect(Self.regression.placeboDates(startingIn: [9], small)[0].estimate == nil)
  }

  @Test func anticipationLeavesMoreOut() throws {
    let sample = try Self.sites()
    let plain = try Self.regression.placeboDates(earlierBy: [2], sample)[0]
    var careful = Self.regression
    careful.anticipation = 1
    let run = try careful.placeboDates(earlierBy: [2], sample)[0]
    #expect(run.rows < plain.rows)
  }

  /// Excluded periods are as if never observed; the start of treatment stays what it was.
  @Test func excludedPeriodsNeverHappened() throws {
    let sample = try Self.mpdta()
    let runs = try PanelSensitivity(GroupTimeEffects()).excluding(periods: [2006, 2005], sample)
    #expect(runs.map(\.leftOut) == ["2005", "2006", "2005,2006"])
    #expect(runs.map(\.rows) == [2000, 2000, 1500])
    let times = sample.panel.times
    let left = try sample.selecting(rows: times.indices.filter { times[$0] != 2006 })
    let cells = try GroupTimeEffects().fit(left.panel, outcome: left.outcome)
    // The cohort of 2006 is compared with 2005 still, that of 2007 now too.
    #expect(cells.cells.filter { $0.time == 2007 }.map(\.base) == [2003, 2005, 2005])
    let simple = try cells.aggregate(.simple)["overall"]
    #expect(close(runs[1].estimate?.estimate ?? 0, simple?.estimate ?? 1, .closedForm))
    #expect(throws: SiblingError.self) {
      try PanelSensitivity(GroupTimeEffects()).excluding(periods: [2009], sample)
    }
  }

  @Test func orderOfRowsAndScaleOfTheOutcome() throws {
    let sample = try Self.sites()
    let rows = Array(sample.outcome.indices)
    let turned = try sample.selecting(rows: rows.reversed())
    let scaled = try PanelSample(sample.panel, outcome: sample.outcome.map { 3 * $0 + 11 })
    for step in [1, 2] {
      let base = try #require(
        try Self.regression.placeboDates(earlierBy: [step], sample)[0].estimate)
      let other = try #require(
        try Self.regression.placeboDates(earlierBy: [step], turned)[0].estimate)
      let larger = try #require(
        try Self.regression.placeboDates(earlierBy: [step], scaled)[0].estimate)
      #expect(close(base.estimate, other.estimate, .converged))
      #expect(close(3 * base.estimate, larger.estimate, .converged))
    }
  }

  @Test func mistakes() throws {
    let sample = try Self.sites()
    #expect(throws: SiblingError.self) {
      try Self.regression.placeboDates(earlierBy: [0], sample)
    }
    #expect(throws: SiblingError.self) {
      try Self.regression.leavingOut(eachOf: Factor(["a"]), sample)
    }
    #expect(throws: SiblingError.self) {
      try Self.regression.leavingOut(
        eachOf: Factor([String?](repeating: "a", count: sample.panel.rows)), sample)
    }
    #expect(throws: SiblingError.self) { try PanelSample(sample.panel, outcome: [1]) }
  }
}

/// Groups from a treatment that is told row by row.
@Suite struct PanelTreatmentTests {
  @Test func groupsAreTheFirstTreatedPeriods() throws {
    let groups = try PanelDesign.groups(
      unit: Factor(["a", "b", "a", "b", "a", "c"]), time: [3, 1, 1, 3, 2, 2],
      treatment: [1, 0, 0, 1, 1, 0])
    #expect(groups == [2, 3, 2, 3, 2, nil])
  }

  @Test func treatmentThatEndsIsRefusedAtItsRow() {
    func problem(_ treatment: [Double]) -> SiblingError? {
      do throws(SiblingError) {
        _ = try PanelDesign.groups(
          unit: Factor(["a", "a", "a", "b"]), time: [3, 1, 2, 1], treatment: treatment)
        return nil
      } catch {
        return error
      }
    }
    #expect(problem([0, 0, 1, 0])?.code == .badDesign && problem([0, 0, 1, 0])?.row == 0)
    #expect(problem([1, 1, 0, 0])?.row == 2)
    #expect(problem([1, 0, 2, 0])?.code == .badValue && problem([1, 0, 2, 0])?.row == 2)
    #expect(problem([1, 0, 1, 0]) == nil)
    #expect(problem([1])?.code == .sizeMismatch)
  }
}
