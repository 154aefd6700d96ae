/// The job starts of weekly histories, and how each person's follow-up ended.
///
/// A job starts in a week in work that follows a week without, or in the first week. After a week
/// without a record nobody knows, so that work seen then is no start; such weeks are counted.
public struct WeeklyStarts: Sendable, Equatable {
  /// What a row says.
  public enum Kind: Sendable {
    /// A job starts in the week.
    case start
    /// Follow-up ends with the week, without exit.
    case end
    /// Follow-up ends with the week by exit.
    case exit
  }

  /// The week of each row.
  public private(set) var week: [Double] = []
  /// What happens in it.
  public private(set) var kind: [Kind] = []
  /// The person of each row; its last row is its end.
  public private(set) var person: [Int32] = []
  /// Weeks under observation without a record.
  public private(set) var unknownWeeks = 0

  /// The starts of a history's people.
  public init(_ history: WeeklyHistory, people: [Int]) {
    for individual in people {
      var before = WeekStatus.no
      for week in 1...history.lastWeek[individual] {
        let status = history.status(person: individual, week: week)
        if status == .yes, before == .no { append(individual, week, .start) }
        if status == .unknown { unknownWeeks += 1 }
        before = status
      }
      append(individual, history.lastWeek[individual], history.exited[individual] ? .exit : .end)
    }
  }

  private mutating func append(_ individual: Int, _ week: Int, _ kind: Kind) {
    self.week.append(Double(week))
    self.kind.append(kind)
    person.append(Int32(individual))
  }
}
