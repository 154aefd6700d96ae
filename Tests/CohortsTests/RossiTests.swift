import Cohorts
import Foundation
import Statistics
import Tables
import TestSupport
import Testing

/// The 432 men of Data/rossi against an independent script (Tests/Reference/rossi_jobs.py).
@Suite struct RossiTests {
  private func rossi() throws -> WeeklyHistory {
    let url = Golden.projectFolder.appendingPathComponent("Data/rossi/rossi_weekly.csv")
    let lines = try String(contentsOf: url, encoding: .utf8).split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    let columns = lines[0].enumerated().map { index, name in
      let cells = lines.dropFirst().map { $0[index] }
      let values: Column.Values =
        name == "week"
        ? .integers(cells.map { Int($0) ?? Int.min })
        : .text(Factor(cells.map { $0.isEmpty ? nil : $0 }))
      return Column(name: name, values: values)
    }
    return try WeeklyHistory(
      table: try Table(columns),
      columns: WeeklyColumns(prefix: "emp", count: 52, lastWeek: "week", exited: "arrest"))
  }

  @Test func everyManAgreesWithTheScript() throws {
    let history = try rossi()
    var sharp = SustainmentDefinition(weeks: 13, startedBy: 40, name: "s13_sharp")
    sharp.lateStarts = .unknownIfNotLost
    var sharp26 = SustainmentDefinition(weeks: 26, startedBy: 27, name: "s26_sharp")
    sharp26.lateStarts = .unknownIfNotLost
    let outcomes = try WeeklyOutcomes(
      history,
      definitions: [
        SustainmentDefinition(weeks: 13, startedBy: 40),
        SustainmentDefinition(weeks: 26, startedBy: 27), sharp, sharp26,
      ])
    let golden = try Golden.csv("rossi_jobs.csv")
    func numbers(_ name: String) -> [Double] { Golden.numbers(golden[name]) }
    #expect(numbers("id").count == 432)
    #expect(outcomes.anyJob == numbers("any_job"))
    #expect(outcomes.weeksWorked == numbers("weeks_worked"))
    #expect(outcomes.weeksToFirstJob == numbers("weeks_to_first_job"))
    #expect(outcomes.waitCause.map(Double.init) == numbers("wait_cause"))
    let starts = outcomes.firstJobs.map { $0.map { Double($0.start) } ?? .nan }
    let lengths = outcomes.firstJobs.map { $0.map { Double($0.weeks) } ?? .nan }
    #expect(close(starts, numbers("first_job_start"), .closedForm))
    #expect(close(lengths, numbers("first_job_weeks"), .closedForm))
    #expect(outcomes.firstJobs.map { $0?.ending.rawValue ?? "" } == golden["first_job_ending"])
    #expect(history.jobSpells().count == Int(numbers("jobs").reduce(0, +)))
    for (index, name) in ["s13", "s26"].enumerated() {
      #expect(outcomes.sustained[index].primary == numbers(name))
      #expect(outcomes.sustained[index].low == numbers(name + "_low"))
      #expect(outcomes.sustained[index].high == numbers(name + "_high"))
      #expect(outcomes.sustained[index + 2].primary == numbers(name))
      #expect(outcomes.sustained[index + 2].high == numbers(name + "_sharp"))
    }
  }

  @Test func theCountsThatTheReportQuotes() throws {
    let history = try rossi()
    let outcomes = try WeeklyOutcomes(
      history, definitions: [SustainmentDefinition(weeks: 26, startedBy: 27)])
    #expect(history.people == 432)
    #expect(outcomes.anyJob.reduce(0, +) == 360)
    let endings = outcomes.firstJobs.compactMap { $0?.ending }
    #expect(endings.count { $0 == .lost } == 277)
    #expect(endings.count { $0 == .exit } == 10)
    #expect(endings.count { $0 == .ongoing } == 73)
    #expect(outcomes.weeksWorked.reduce(0, +) == 9278)
    // 98 sustained; 22 started late, of whom 4 were arrested: 98 to 116.
    #expect(outcomes.sustained[0].primary.reduce(0, +) == 98)
    #expect(outcomes.sustained[0].high.reduce(0, +) == 116)
    let reasons = Dictionary(uniqueKeysWithValues: outcomes.sustained[0].counts())
    #expect(reasons[.lateLost] == 11)
    #expect(reasons[.lateExit] == 4)
    #expect(reasons[.lateOngoing] == 7)
    #expect(reasons.values.reduce(0, +) == 432)
    // No gaps, nothing after an arrest; twelve jobs, eight of them first ones, end in the week
    // before the arrest.
    #expect(history.findings.allSatisfy { $0.rule == .jobLostInExitWeek })
    #expect(history.findings.count == 12)
  }

  @Test func columnsCarryTheOutcomes() throws {
    let outcomes = try WeeklyOutcomes(
      try rossi(), definitions: [SustainmentDefinition(weeks: 13, startedBy: 40)])
    let table = try Table(outcomes.columns())
    #expect(table.rowCount == 432)
    #expect(table.names.count == Set(table.names).count)
    guard case .integers(let lost) = try table.column("first_job_lost").values,
      case .integers(let sustained) = try table.column("sustained_13").values,
      case .text(let reasons) = try table.column("sustained_13_reason").values
    else {
      Issue.record("the columns have other types")
      return
    }
    #expect(lost.count { $0 == Int.min } == 72)
    #expect(lost.count { $0 == 1 } == 277)
    #expect(sustained.reduce(0, +) == 155)
    #expect(reasons.levels.contains("sustained"))
  }
}
