public import Statistics

/// Whether somebody worked in a week.
public enum WeekStatus: Int8, Sendable {
  /// Not recorded.
  case unknown = -1
  /// Not in work.
  case no = 0
  /// In work.
  case yes = 1
}

/// Who worked in which week, and when each person's observation ended and why.
///
/// Weeks count from one. A person is under observation in weeks 1…`lastWeek`, the week of an exit
/// (an arrest, a death) among them: a status in that week is an observation. After it there is
/// none, and what that means differs: after an exit the person can't hold the job that is asked
/// for, after the end of follow-up nobody looked.
public struct WeeklyHistory: Sendable, Equatable {
  /// The number of weeks of follow-up.
  public let weeks: Int
  /// For each person the last week under observation, 1…`weeks`.
  public let lastWeek: [Int]
  /// For each person whether observation ended by exit rather than because follow-up did.
  public let exited: [Bool]
  /// The name of each week's column, for findings.
  public let weekNames: [String]
  /// Places where the record can't be right or needs care, by row and week.
  public let findings: [DataFinding]
  /// Person by person, `weeks` entries each.
  let statuses: [WeekStatus]

  /// The number of people.
  public var people: Int { lastWeek.count }

  /// The status of a person (from zero) in a week (from one).
  public func status(person: Int, week: Int) -> WeekStatus {
    statuses[person * weeks + week - 1]
  }

  /// A history from one array of statuses a week, each with an entry for every person.
  ///
  /// A status after a person's last week is reported as a finding and not used.
  /// - Throws: `noRows` without weeks or people, `sizeMismatch` when lengths differ, `badValue`
  ///   when a last week lies outside 1…`weeks`.
  public init(
    weeks columns: [[WeekStatus]], lastWeek: [Int], exited: [Bool], weekNames: [String]? = nil
  ) throws(SiblingError) {
    let (weeks, people) = (columns.count, lastWeek.count)
    guard weeks > 0, people > 0 else {
      throw SiblingError(.noRows, "a weekly history needs at least one week and one person")
    }
    let names = weekNames ?? (1...weeks).map { "week \($0)" }
    guard exited.count == people, names.count == weeks,
      columns.allSatisfy({ $0.count == people })
    else {
      throw SiblingError(.sizeMismatch, "the columns of a weekly history differ in length")
    }
    for (row, last) in lastWeek.enumerated() where !(1...weeks).contains(last) {
      throw SiblingError(
        .badValue, "the last week under observation lies outside the weeks recorded",
        help: "it must be a whole number from 1 to \(weeks)", row: row)
    }
    var statuses = [WeekStatus](repeating: .unknown, count: people * weeks)
    var late: [Int: ClosedRange<Int>] = [:]
    for (index, column) in columns.enumerated() {
      for (person, status) in column.enumerated() {
        if index < lastWeek[person] {
          statuses[person * weeks + index] = status
        } else if status != .unknown {
          let first = late[person]?.lowerBound ?? index + 1
          late[person] = first...index + 1
        }
      }
    }
    self.weeks = weeks
    self.lastWeek = lastWeek
    self.exited = exited
    self.weekNames = names
    self.statuses = statuses
    var findings: [DataFinding] = []
    for person in 0..<people {
      let own = statuses[person * weeks..<person * weeks + lastWeek[person]]
      findings += Self.findings(
        in: Array(own), person: person, exited: exited[person], weeks: weeks, names: names)
      if let range = late[person] {
        findings.append(
          DataFinding(
            .statusAfterExit, row: person, column: names[range.lowerBound - 1], weeks: range))
      }
    }
    self.findings = findings
  }

  /// The findings of one person's observed weeks.
  private static func findings(
    in own: [WeekStatus], person: Int, exited: Bool, weeks: Int, names: [String]
  ) -> [DataFinding] {
    var findings: [DataFinding] = []
    var start = 0
    while start < own.count {
      guard own[start] == .unknown else {
        start += 1
        continue
      }
      var end = start
      while end + 1 < own.count, own[end + 1] == .unknown { end += 1 }
      findings.append(
        DataFinding(.gap, row: person, column: names[start], weeks: start + 1...end + 1))
      start = end + 1
    }
    if exited, own.count > 1, own[own.count - 1] == .no, own[own.count - 2] == .yes {
      findings.append(
        DataFinding(
          .jobLostInExitWeek, row: person, column: names[own.count - 1],
          weeks: own.count...own.count))
    }
    if !exited, own.count < weeks {
      findings.append(
        DataFinding(
          .followUpEndsEarly, row: person, column: names[own.count], weeks: own.count + 1...weeks))
    }
    return findings
  }
}
