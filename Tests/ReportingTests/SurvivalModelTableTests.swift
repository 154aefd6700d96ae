import Statistics
import Testing

@testable import Reporting

/// Tables of running counts and of rows of people under disclosure control.
@Suite struct SurvivalModelTableTests {
  private func control(_ table: ResultTable) throws -> (ResultTable, Disclosure) {
    var disclosure = Disclosure(profile: .acroDefault)
    let released = try disclosure.release(table)
    return (released.value, disclosure)
  }

  @Test func schemasAreSound() throws {
    for table in [
      ResultTable.cumulativeIncidence, .stateOccupancy, .schoenfeldSmooth, .schoenfeldResiduals,
      .survivalModels, .modelComparison,
    ] {
      _ = try ResultTable(
        name: table.name, summary: table.summary, columns: table.columns, sums: table.sums,
        curve: table.curve, residual: table.residual, hold: table.hold,
        hasRowsOfPeople: table.hasRowsOfPeople)
    }
    #expect(
      ResultTable.cumulativeIncidence.columns.map(\.name)
        == [
          "analysis", "arm", "cause", "time", "estimate", "std.error", "conf.low", "conf.high",
          "n_event",
        ])
    #expect(throws: SiblingError.self) {
      try ResultTable(
        name: "x", summary: "", columns: [.label("time")],
        hold: .init(kind: .cumulative, curves: [], time: "time", count: "n"))
    }
  }

  /// Between two released rows of a cause at least ten more have ended by it, and what is released
  /// is as it was.
  @Test func incidencesAreHeld() throws {
    for seed in 1...40 {
      let table = try Gallery.incidences(
        [("a", 60 + 20 * seed), ("b", 90)], [("quit", 0.01), ("dismissed", 0.004)],
        seed: UInt64(seed))
      let (value, disclosure) = try control(table)
      #expect(value.rows.count < table.rows.count)
      #expect(disclosure.decisions.contains { $0.rule == "curve held" })
      // The log tells no time at which somebody left.
      #expect(disclosure.decisions.allSatisfy { $0.rule != "curve held" || $0.rowKey == "*" })
      for curve in value.rows(by: "arm").flatMap({ value.rows($0.rows, by: "cause") }) {
        var before = 0.0
        for row in curve.rows {
          let now = try #require(value[row, "n_event"].number)
          #expect(now - before >= 10)
          before = now
          let key = value.key(ofRow: row)
          let source = try #require(table.rows.indices.first { table.key(ofRow: $0) == key })
          #expect(table.rows[source] == value.rows[row])
        }
      }
      #expect(try released(table).value.rows == table.rows)
    }
  }

  @Test func chosenTimesAreHeldToo() throws {
    var table = ResultTable.cumulativeIncidence
    for (time, count) in [(0, 0), (6, 4), (13, 12), (26, 19), (39, 22), (52, 22)] {
      try table.append([
        "analysis": "a", "arm": "x", "cause": "quit", "time": .init(time),
        "estimate": .number(Double(count) / 100), "n_event": .init(count),
      ])
    }
    let (value, _) = try control(table)
    #expect(value.cells("time") == [0, 13, 39])
    #expect(value.cells("estimate") == [0, 0.12, 0.22])
  }

  /// At every released time at least ten people have moved, a small state is withheld, and no
  /// withheld state can be had from the others.
  @Test func statesAreHeld() throws {
    for people in stride(from: 40, through: 400, by: 30) {
      let table = try Gallery.occupancy([("a", people), ("b", 75)])
      let (value, _) = try control(table)
      var withheld = 0
      for arm in value.rows(by: "arm") {
        var before: [Double]?
        for moment in value.rows(arm.rows, by: "time") {
          let counts = try moment.rows.map { row in
            let key = value.key(ofRow: row)
            let source = try #require(table.rows.indices.first { table.key(ofRow: $0) == key })
            return try #require(table[source, "n_risk"].number)
          }
          let hidden = moment.rows.indices.filter {
            value[moment.rows[$0], "n_risk"] == .suppressed
          }
          withheld += hidden.count
          if let before {
            let moved = zip(counts, before).reduce(0) { $0 + max(0, $1.0 - $1.1) }
            let left = zip(counts, before).reduce(0) { $0 + max(0, $1.1 - $1.0) }
            #expect(max(moved, left) >= 10)
            for state in counts.indices where counts[state] < 10 { #expect(hidden.contains(state)) }
            #expect(
              hidden.isEmpty
                || hidden.count > 1 && hidden.reduce(0) { $0 + counts[$1] } >= 10)
          } else {
            // At time zero everybody is where everybody starts.
            #expect(moment.level == "0" && hidden.isEmpty)
          }
          for state in hidden { #expect(value[moment.rows[state], "estimate"] == .suppressed) }
          before = counts
        }
      }
      #expect(withheld > 0)
      #expect(try released(table).value.rows == table.rows)
    }
  }

  /// A state without a row at a time is one that has not changed.
  @Test func statesWithoutARowAreNotNew() throws {
    var table = ResultTable.stateOccupancy
    for (time, state, count) in [
      (0, "out", 100), (0, "job", 0), (1, "job", 3), (2, "job", 12), (2, "out", 88), (3, "out", 85),
    ] {
      try table.append([
        "analysis": "a", "arm": "x", "state": .text(state), "time": .init(time),
        "estimate": .number(Double(count) / 100), "n_risk": .init(count),
      ])
    }
    let (value, _) = try control(table)
    #expect(value.cells("time") == [0, 0, 2, 2])
    #expect(value.cells("estimate") == [1, 0, 0.12, 0.88])
  }

  @Test func rowsOfPeopleAreNotReleased() throws {
    let tables = try Gallery.schoenfeldTables([("age", -0.06, -0.05)], events: 60)
    let (value, disclosure) = try control(tables.residuals)
    #expect(value.rows.isEmpty)
    #expect(disclosure.decisions.map(\.rowKey) == ["*"])
    #expect(disclosure.decisions.map(\.rule) == ["rows of single people"])
    #expect(try released(tables.residuals).value.rows.count == 60)
    let (smooth, _) = try control(tables.smooth)
    #expect(smooth.position(of: "near") == nil)
    for row in smooth.rows.indices {
      let near = try #require(tables.smooth[row, "near"].number)
      #expect((smooth[row, "estimate"] == .suppressed) == (near < 10))
      #expect(smooth[row, "coefficient"] == -0.06)
    }
  }

  @Test func modelsOfFewEventsAreWithheld() throws {
    var models = ResultTable.survivalModels
    var comparison = ResultTable.modelComparison
    for (model, events) in [("few", 9), ("enough", 10)] {
      try models.append([
        "analysis": "a", "arm": "x", "model": .text(model), "time": 5, "survival": 0.5,
        "n_event": .init(events),
      ])
      try comparison.append([
        "analysis": "a", "model": .text(model), "df": 2, "aic": 31.5, "n_event": .init(events),
      ])
    }
    #expect(try control(models).0.cells("survival") == [.suppressed, 0.5])
    #expect(try control(comparison).0.cells("aic") == [.suppressed, 31.5])
    #expect(try control(comparison).0.cells("df") == [2, 2])
  }
}
