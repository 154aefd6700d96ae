@testable import Cohorts

/// Weekly histories written as text: y in work, n not, ? not recorded.
enum Weeks {
  /// One person a string; `!` at the end is an exit in the last week written, and a history that
  /// is shorter than `followUp` without one ends early.
  static func history(_ people: [String], followUp: Int) throws -> WeeklyHistory {
    let texts = people.map { Array($0.filter { $0 != "!" && $0 != " " }) }
    let columns = (0..<followUp).map { week in
      texts.map { text -> WeekStatus in
        guard week < text.count else { return .unknown }
        return text[week] == "y" ? .yes : text[week] == "n" ? .no : .unknown
      }
    }
    return try WeeklyHistory(
      weeks: columns, lastWeek: texts.map(\.count), exited: people.map { $0.hasSuffix("!") })
  }
}
