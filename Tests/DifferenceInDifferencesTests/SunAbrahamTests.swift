import DifferenceInDifferences
import LinearAlgebra
import Statistics
import TestSupport
import Testing

@Suite struct SunAbrahamTests {
  private func counties() throws -> (panel: PanelDesign, data: Datasets.Long) {
    let data = try Datasets.mpdta()
    return (try PanelDesign(unit: data.unit, time: data.time, group: data.group), data)
  }

  @Test func agreesWithThePeer() throws {
    let (panel, data) = try counties()
    let golden = try Golden.json("fixest_mpdta.json")
    let simple = try SunAbraham(aggregation: .simple).fit(panel, outcome: data.outcome)
    #expect(simple.rows.map(\.estimate.term) == ["overall"])
    #expect(close(simple.rows[0].estimate.estimate, golden["sunab_att"]["coef"].double))
    #expect(close(simple.rows[0].estimate.standardError ?? 0, golden["sunab_att"]["se"].double))
    let dynamic = try SunAbraham(aggregation: .dynamic).fit(panel, outcome: data.outcome)
    let events = dynamic.rows.filter { $0.estimate.term != "overall" }.map(\.estimate)
    #expect(events.map(\.term) == ["e=-4", "e=-3", "e=-2", "e=0", "e=1", "e=2", "e=3"])
    #expect(close(events.map(\.estimate), golden["sunab_period"]["coef"].doubles))
    #expect(close(events.map { $0.standardError ?? 0 }, golden["sunab_period"]["se"].doubles))
    let group = try SunAbraham(aggregation: .group).fit(panel, outcome: data.outcome)
    let cohorts = group.rows.filter { $0.estimate.term != "overall" }.map(\.estimate)
    #expect(cohorts.map(\.term) == ["g=2004", "g=2006", "g=2007"])
    #expect(close(cohorts.map(\.estimate), golden["sunab_cohort"]["coef"].doubles))
    #expect(close(cohorts.map { $0.standardError ?? 0 }, golden["sunab_cohort"]["se"].doubles))
  }

  /// Against pyfixest 0.60.0, the aggregate of event_study(estimator="saturated") by relative time.
  @Test func castleDoctrineAgreesWithASecondPeer() throws {
    let file = try Golden.csv("castle_homicide.csv")
    let panel = try PanelDesign(
      unit: Factor((file["sid"] ?? []).map { $0 }), time: Golden.numbers(file["year"]),
      group: Golden.numbers(file["first_post"]).map { $0 })
    let found = try SunAbraham(aggregation: .dynamic).fit(
      panel, outcome: Golden.numbers(file["l_homicide"]))
    for (term, value) in [
      ("e=-8", -0.341398930021), ("e=-2", -0.097215365455), ("e=0", 0.014333750572),
      ("e=2", 0.033199100036), ("e=4", 0.232218945784),
    ] {
      #expect(abs((found[term]?.estimate.estimate ?? .nan) - value) < 6e-13)
      // Three cohorts have one or two states, and every event time rests on one of them.
      #expect(found[term]?.estimate.standardError == nil)
    }
    #expect(found.notes.contains { $0.contains("(2006, 2009, 2010)") })
  }

  private struct Uneven {
    var panel: PanelDesign
    var outcome: [Double]
    var weights: [Double]
    var covariates: DesignMatrix
    var clusters: Factor
  }

  /// Two of eleven rows lost, weights and a covariate that vary, 40 clusters of counties.
  private func uneven(_ order: [Int]? = nil) throws -> Uneven {
    let data = try Datasets.mpdta()
    let codes = data.unit.codes
    let kept = data.time.indices.filter { ![3, 7].contains($0 % 11) }
    let rows = order.map { $0.map { kept[$0] } } ?? kept
    let wave = rows.map { row in Double(row % 7) + 0.3 * (data.time[row] - 2003) }
    let trend = rows.map { row in data.covariate[row] * (data.time[row] - 2003) }
    return Uneven(
      panel: try PanelDesign(
        unit: data.unit.selecting(rows), time: rows.map { data.time[$0] },
        group: rows.map { data.group[$0] }),
      outcome: rows.map { data.outcome[$0] }, weights: rows.map { 0.5 + Double($0 % 5) / 4 },
      covariates: DesignMatrix(
        matrix: Matrix(columns: [wave, trend, rows.map { data.covariate[$0] }]),
        names: ["wave", "trend", "lpop"]),
      clusters: Factor(rows.map { "\(codes[$0] % 40)" }))
  }

  /// The same regression with a column for each cell.
  private func byColumns(
    _ data: Uneven, weights: [Double]?, covariates: Bool, clusters: Factor
  ) throws -> EstimateTable {
    var columns: [[Double]] = []
    var names: [String] = []
    let (events, times) = (data.panel.eventTimes, data.panel.times)
    for cohort in data.panel.cohorts {
      for time in data.panel.periods where time != cohort.start - 1 {
        names.append("ATT(\(Int(cohort.start)),\(Int(time)))")
        columns.append(
          zip(events, times).map { event, own in
            event == time - cohort.start && own == time ? 1 : 0
          })
      }
    }
    if covariates {
      names += data.covariates.names
      for place in data.covariates.names.indices {
        columns.append(data.covariates.matrix.column(place))
      }
    }
    return try AbsorbedLeastSquares().fit(
      DesignMatrix(matrix: Matrix(columns: columns), names: names), response: data.outcome,
      absorbing: [data.panel.unit, Factor(times.map { "\($0)" })], weights: weights
    ).estimates(covariance: .cluster(.cr1, [clusters]))
  }

  @Test(arguments: [false, true], [false, true])
  func unevenPanelsAreTheRegressionOnCells(weighted: Bool, clustered: Bool) throws {
    let data = try uneven()
    for covariates in [false, true] {
      let weights = weighted ? data.weights : nil
      let clusters = clustered ? data.clusters : data.panel.unit
      let expected = try byColumns(
        data, weights: weights, covariates: covariates, clusters: clusters)
      let found = try SunAbraham().fit(
        data.panel, outcome: data.outcome, covariates: covariates ? data.covariates : nil,
        weights: weights, clusters: clustered ? data.clusters : nil)
      #expect(found.rows.count == 12 && found.clusters == (clustered ? 40 : found.clusters))
      for row in found.rows {
        let own = try #require(expected[row.estimate.term])
        #expect(close(row.estimate.estimate, own.estimate))
        #expect(close(row.estimate.standardError ?? 0, own.standardError ?? 1))
        #expect(row.estimate.degreesOfFreedom == own.degreesOfFreedom)
      }
      #expect(
        found.notes.contains { $0.contains("`lpop`: explained by unit") } == covariates)
    }
  }

  @Test func rowsInAnyOrderAndScales() throws {
    let data = try uneven()
    var stream = RandomStream(seed: 3, name: "rows")
    let order = stream.permutation(data.outcome.count)
    let mixed = try uneven(order)
    let first = try SunAbraham(aggregation: .dynamic).fit(
      data.panel, outcome: data.outcome, covariates: data.covariates, weights: data.weights)
    let second = try SunAbraham(aggregation: .dynamic).fit(
      mixed.panel, outcome: mixed.outcome.map { 1000 * $0 + 5e5 }, covariates: mixed.covariates,
      weights: mixed.weights.map { 3 * $0 })
    #expect(first.rows.map(\.treatedRows) == second.rows.map(\.treatedRows))
    for (left, right) in zip(first.rows, second.rows) {
      #expect(close(1000 * left.estimate.estimate, right.estimate.estimate))
      #expect(
        close(1000 * (left.estimate.standardError ?? 0), right.estimate.standardError ?? 1))
    }
    let threads = Parallel.threads
    Parallel.setThreads(1)
    let alone = try SunAbraham(aggregation: .dynamic).fit(
      data.panel, outcome: data.outcome, covariates: data.covariates, weights: data.weights)
    Parallel.setThreads(threads)
    #expect(alone == first)
  }

  @Test func averagesAreOfCells() throws {
    let (panel, data) = try counties()
    let cells = try SunAbraham().fit(panel, outcome: data.outcome)
    let after = cells.rows.filter { ($0.time ?? 0) >= ($0.group ?? 0) }
    #expect(cells.rows.count == 12 && after.count == 7)
    #expect(close(cells["ATT(2004,2006)"]?.estimate.estimate ?? 0, -0.1372587389, .stopsEarly))
    let rows = after.reduce(0) { $0 + ($1.treatedRows ?? 0) }
    let mean = after.reduce(0) { $0 + $1.estimate.estimate * Double($1.treatedRows ?? 0) }
    let simple = try SunAbraham(aggregation: .simple).fit(panel, outcome: data.outcome)
    #expect(close(simple.rows[0].estimate.estimate, mean / Double(rows), .converged))
    #expect(simple.rows[0].treatedRows == rows)
    let calendar = try SunAbraham(aggregation: .calendar).fit(panel, outcome: data.outcome)
    #expect(
      calendar.rows.map(\.estimate.term).dropLast() == ["t=2004", "t=2005", "t=2006", "t=2007"])
    // As with group-time effects, overall is the plain mean over periods from 0 on.
    #expect(close(calendar["overall"]?.estimate.estimate ?? 0, -0.0417004321, .stopsEarly))
    let dynamic = try SunAbraham(aggregation: .dynamic).fit(panel, outcome: data.outcome)
    #expect(close(dynamic["overall"]?.estimate.estimate ?? 0, -0.0772398215, .stopsEarly))
    #expect(dynamic.preTest?.degreesOfFreedom == 3 && dynamic.preTest?.denominator == 499)
    let group = try SunAbraham(aggregation: .group).fit(panel, outcome: data.outcome)
    #expect(close(group["overall"]?.estimate.estimate ?? 0, -0.0310182822, .stopsEarly))
  }

  @Test func withoutNeverTreatedTheLastCohortIsTheReference() throws {
    let (_, data) = try counties()
    let rows = data.time.indices.filter { data.group[$0] != 0 }
    let panel = try PanelDesign(
      unit: data.unit.selecting(rows), time: rows.map { data.time[$0] },
      group: rows.map { data.group[$0] })
    let outcome = rows.map { data.outcome[$0] }
    let found = try SunAbraham().fit(panel, outcome: outcome)
    #expect(
      found.rows.map(\.estimate.term) == [
        "ATT(2004,2004)", "ATT(2004,2005)", "ATT(2004,2006)", "ATT(2006,2003)", "ATT(2006,2004)",
        "ATT(2006,2006)",
      ])
    func change(_ group: Double, _ from: Double, _ to: Double) -> Double {
      let own = rows.indices.filter { panel.groups[Int(panel.unit.codes[$0])] == group }
      let late = own.filter { panel.times[$0] == to }.map { outcome[$0] }
      let early = own.filter { panel.times[$0] == from }.map { outcome[$0] }
      return (late.reduce(0, +) - early.reduce(0, +)) / Double(late.count)
    }
    let byHand = change(2004, 2003, 2006) - change(2007, 2003, 2006)
    #expect(close(found["ATT(2004,2006)"]?.estimate.estimate ?? 0, byHand, .converged))
    #expect(found.observations == 4 * panel.units)
    #expect(found.notes.contains { $0.contains("cohort 2007 is the reference") })
  }

  @Test func anticipationMovesTheReferenceAndTakesLaterUnitsAway() throws {
    let (panel, data) = try counties()
    let early = try SunAbraham(anticipation: 1).fit(panel, outcome: data.outcome)
    #expect(early["ATT(2006,2005)"] != nil && early["ATT(2006,2004)"] == nil)
    // Cohort 2004 has no period before 2003, so it is left out.
    #expect(!early.rows.contains { $0.group == 2004 })
    // Without 2007 the last cohort is treated after the panel.
    let rows = data.time.indices.filter { data.time[$0] < 2007 }
    let short = try PanelDesign(
      unit: data.unit.selecting(rows), time: rows.map { data.time[$0] },
      group: rows.map { data.group[$0] })
    let outcome = rows.map { data.outcome[$0] }
    let plain = try SunAbraham().fit(short, outcome: outcome)
    let reacting = try SunAbraham(anticipation: 1).fit(short, outcome: outcome)
    let late = data.group.indices.filter { data.group[$0] == 2007 && data.time[$0] == 2003 }.count
    #expect(plain.observations == 4 * short.units)
    #expect(reacting.notes.contains { $0.hasPrefix("\(late) units treated after the last period") })
    // Cohort 2004 goes too: it would react in the first period.
    let first = data.group.indices.filter { data.group[$0] == 2004 && data.time[$0] == 2003 }.count
    #expect(reacting.observations == 4 * (short.units - late - first))
  }

  @Test func effectsThatDifferAreRecoveredWhereOneCoefficientFails() throws {
    // Growing effects in two cohorts; the last one's is large.
    let starts: [Double?] = (0..<60).map { $0 % 3 == 0 ? nil : $0 % 3 == 1 ? 3 : 6 }
    var (unit, time, group, outcome) = ([String](), [Double](), [Double?](), [Double]())
    for (person, start) in starts.enumerated() {
      for period in 1...8 {
        let event = Double(period) - (start ?? 99)
        let effect = event >= 0 ? (start == 3 ? 1 : 4) * (event + 1) : 0
        unit.append("\(person)")
        time.append(Double(period))
        group.append(start)
        outcome.append(Double(person % 7) + Double(period * period) + effect)
      }
    }
    let panel = try PanelDesign(unit: Factor(unit), time: time, group: group)
    let found = try SunAbraham(aggregation: .dynamic).fit(panel, outcome: outcome)
    // Shares of rows are equal: e = 0…2 are (1 + 4)/2 times e + 1; later ones cohort 3 alone.
    for (event, truth) in [0: 2.5, 1: 5, 2: 7.5, 3: 4, 5: 6, -2: 0] {
      #expect(abs((found["e=\(event)"]?.estimate.estimate ?? .nan) - truth) < 1e-9)
    }
    let simple = try SunAbraham(aggregation: .simple).fit(panel, outcome: outcome)
    #expect(close(simple.rows[0].estimate.estimate, (21.0 + 24) / 9))
    let two = try TwoWayFixedEffects().fit(panel, outcome: outcome)
    #expect(abs(two.estimate.estimate - 5) > 0.1)
  }

  @Test func smallCohortsAndLostCells() throws {
    let (_, data) = try counties()
    // One county of cohort 2004 stays, and nobody untreated is seen in 2003.
    let first = data.unit.codes[data.group.firstIndex { $0 == 2004 } ?? 0]
    let rows = data.time.indices.filter { row in
      (data.group[row] != 2004 || data.unit.codes[row] == first)
        && !(data.group[row] == 0 && data.time[row] == 2003)
    }
    let panel = try PanelDesign(
      unit: data.unit.selecting(rows), time: rows.map { data.time[$0] },
      group: rows.map { data.group[$0] })
    let found = try SunAbraham().fit(panel, outcome: rows.map { data.outcome[$0] })
    #expect(found["ATT(2004,2005)"] == nil)
    #expect(found["ATT(2006,2003)"] == nil)
    #expect(found["ATT(2006,2006)"]?.estimate.standardError != nil)
    #expect(found.notes.contains { $0.contains("ATT(2004,2004)") && $0.contains("not identified") })
    let keeps = data.time.indices.filter {
      data.group[$0] != 2004 || data.unit.codes[$0] == first
    }
    let small = try PanelDesign(
      unit: data.unit.selecting(keeps), time: keeps.map { data.time[$0] },
      group: keeps.map { data.group[$0] })
    let lonely = try SunAbraham().fit(small, outcome: keeps.map { data.outcome[$0] })
    #expect(lonely["ATT(2004,2005)"]?.estimate.standardError == nil)
    #expect(lonely["ATT(2004,2005)"]?.estimate.estimate.isFinite == true)
    #expect(lonely["ATT(2007,2007)"]?.estimate.standardError != nil)
    let average = try SunAbraham(aggregation: .simple).fit(
      small, outcome: keeps.map { data.outcome[$0] })
    #expect(average.rows[0].estimate.standardError == nil)
  }

  @Test func whatCannotBeComparedIsRefused() throws {
    let (panel, data) = try counties()
    func code(
      _ panel: PanelDesign, _ outcome: [Double], weights: [Double]? = nil, clusters: Factor? = nil,
      anticipation: Double = 0
    ) -> SiblingError.Code? {
      do {
        _ = try SunAbraham(anticipation: anticipation).fit(
          panel, outcome: outcome, weights: weights, clusters: clusters)
        return nil
      } catch { return error.code }
    }
    #expect(code(panel, [1, 2]) == .sizeMismatch)
    #expect(code(panel, data.outcome, weights: data.outcome.map { _ in -1 }) == .badWeight)
    #expect(code(panel, data.outcome, anticipation: -1) == .invalidOption)
    #expect(code(panel, data.outcome, anticipation: 9) == .badDesign)
    let moving = Factor(data.time.map { "\($0)" })
    #expect(code(panel, data.outcome, clusters: moving) == .badDesign)
    let one = Factor(data.time.map { _ in "all" })
    #expect(code(panel, data.outcome, clusters: one) == .tooFewClusters)
    #expect(code(panel, data.outcome, weights: data.outcome.map { _ in 0 }) != nil)
    let together = try PanelDesign(
      unit: Factor(["a", "a", "b", "b"]), time: [1, 2, 1, 2], group: [2, 2, 2, 2])
    #expect(code(together, [1, 2, 3, 5]) == .badDesign)
  }
}
