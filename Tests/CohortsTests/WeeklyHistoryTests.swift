import Cohorts
import Statistics
import Tables
import Testing

@Suite struct WeeklyHistoryTests {
  @Test func spellsOfAwkwardRows() throws {
    // Ten weeks of follow-up. Each row's working stands beside it.
    let history = try Weeks.history(
      [
        "nnnnnnnnnn",  // no job
        "yyyyyyyyyy",  // one job, in week 1 and still held: ongoing, 10 weeks
        "nyynnyyyyn",  // weeks 2–3 lost; weeks 6–9 lost
        "nnnnnnnnny",  // starts in the last week: ongoing, 1 week
        "nnyyy!",  // arrested in week 5 while in work: exit, 3 weeks
        "nnyyn!",  // arrested in week 5, out of work in that week: lost after 2 weeks
        "y!",  // arrested in week 1 in work: exit, 1 week
        "n!",  // arrested in week 1 without a job
        "nnnnnyyyyy!",  // arrested in week 10 in work: exit, not ongoing
        "nyy?yynnnn",  // week 4 unknown: weeks 2–3 end unobserved; weeks 5–6, start unobserved
        "?yynnnnnnn",  // week 1 unknown: weeks 2–3, start unobserved
        "nnyy",  // follow-up ends in week 4: ongoing, 2 weeks
      ], followUp: 10)
    let spells = history.jobSpells().map {
      "\($0.person): \($0.start)+\($0.weeks) \($0.ending.rawValue)"
        + ($0.startObserved ? "" : " start unknown")
    }
    #expect(
      spells == [
        "1: 1+10 ongoing", "2: 2+2 lost", "2: 6+4 lost", "3: 10+1 ongoing", "4: 3+3 exit",
        "5: 3+2 lost", "6: 1+1 exit", "8: 6+5 exit", "9: 2+2 unobserved",
        "9: 5+2 lost start unknown", "10: 2+2 lost start unknown", "11: 3+2 ongoing",
      ])
    let first = history.firstJobs()
    #expect(first.map { $0?.start } == [nil, 1, 2, 10, 3, 3, 1, nil, 6, 2, 2, 3])
    #expect(first.compactMap { $0?.ending.cause } == [0, 1, 0, 2, 1, 2, 2, 0, 1, 0])
  }

  @Test func oddPatternsAreLocated() throws {
    var columns = [[WeekStatus]](repeating: [.no, .no, .yes, .no], count: 6)
    columns[1][0] = .unknown
    columns[2][0] = .unknown
    columns[3][2] = .no
    let history = try WeeklyHistory(
      weeks: columns, lastWeek: [6, 3, 4, 5], exited: [false, true, true, false],
      weekNames: (1...6).map { "emp\($0)" })
    let found = history.findings.map {
      "\($0.row) \($0.rule.rawValue) \($0.column) \($0.weeks.lowerBound)–\($0.weeks.upperBound)"
    }
    #expect(
      found == [
        "0 gap emp2 2–3",
        "1 status-after-exit emp4 4–6",
        // In work in weeks 1–3, out of work in the week of the exit; statuses in weeks 5 and 6.
        "2 job-lost-in-exit-week emp4 4–4", "2 status-after-exit emp5 5–6",
        "3 follow-up-ends-early emp6 6–6", "3 status-after-exit emp6 6–6",
      ])
    // What stands after the exit is not used.
    #expect(history.status(person: 2, week: 5) == .unknown)
    #expect(history.jobSpells().map(\.weeks) == [3])
  }

  @Test func columnsOfEveryTypeAreRead() throws {
    let table = try Table([
      Column(name: "emp1", values: .text(Factor(["yes", nil, "No"]))),
      Column(name: "emp2", values: .booleans([1, -1, 0])),
      Column(name: "emp3", values: .integers([1, Int.min, 0])),
      Column(name: "emp4", values: .doubles([1, .nan, 0])),
      Column(name: "last", values: .doubles([4, 2, 4])),
      Column(name: "exit", values: .text(Factor(["no", "yes", "no"]))),
    ])
    let history = try WeeklyHistory(
      table: table,
      columns: WeeklyColumns(prefix: "emp", count: 4, lastWeek: "last", exited: "exit"))
    for week in 1...4 {
      #expect(history.status(person: 0, week: week) == .yes)
      #expect(history.status(person: 1, week: week) == .unknown)
      #expect(history.status(person: 2, week: week) == .no)
    }
    #expect(history.exited == [false, true, false])
    #expect(history.findings.map(\.column) == ["emp1"])
  }

  @Test func badColumnsAreLocatedErrors() throws {
    func error(
      week: Column.Values = .integers([1, 0]), last: Column.Values = .integers([1, 1]),
      exit: Column.Values = .booleans([0, 1]), weeks: Int = 1
    ) throws -> SiblingError? {
      let table = try Table(
        [
          Column(name: "emp1", values: week), Column(name: "last", values: last),
          Column(name: "exit", values: exit),
        ], source: Table.Source(file: "jobs.csv", lines: [2, 3]))
      do {
        _ = try WeeklyHistory(
          table: table,
          columns: WeeklyColumns(prefix: "emp", count: weeks, lastWeek: "last", exited: "exit"))
        return nil
      } catch { return error }
    }
    #expect(try error() == nil)
    let level = try #require(try error(week: .text(Factor(["yes", "perhaps"]))))
    #expect(level.code == .unknownLevel)
    #expect(level.location == SiblingError.Location(file: "jobs.csv", line: 3))
    #expect(level.column == "emp1")
    #expect(!level.message.contains("perhaps"))
    #expect(try error(week: .integers([1, 2]))?.code == .unknownLevel)
    #expect(try error(week: .dates([1, 2]))?.code == .wrongType)
    #expect(try error(last: .integers([1, Int.min]))?.code == .missingValue)
    #expect(try error(last: .doubles([1, 1.5]))?.code == .badCell)
    #expect(try error(last: .doubles([1, .nan]))?.code == .missingValue)
    let beyond = try #require(try error(last: .integers([1, 2])))
    #expect(beyond.code == .badValue)
    #expect(beyond.location?.line == 3)
    #expect(beyond.column == "last")
    #expect(try error(last: .text(Factor(["1", "1"])))?.code == .wrongType)
    #expect(try error(exit: .booleans([0, -1]))?.code == .missingValue)
    #expect(try error(weeks: 2)?.code == .unknownColumn)
    #expect(try error(weeks: 0)?.code == .noRows)
  }
}
