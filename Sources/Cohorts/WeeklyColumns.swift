/// The columns of a table that hold a weekly history.
public struct WeeklyColumns: Sendable, Equatable {
  /// The status columns, in the order of the weeks: yes/no, true/false or 1/0, empty = not recorded.
  public var weeks: [String]
  /// The last week under observation, a whole number from one.
  public var lastWeek: String
  /// Whether observation ended by exit: yes/no, true/false or 1/0.
  public var exited: String

  /// The columns by name.
  public init(weeks: [String], lastWeek: String, exited: String) {
    self.weeks = weeks
    self.lastWeek = lastWeek
    self.exited = exited
  }

  /// Status columns that are numbered from one, such as `emp1` … `emp52`.
  public init(prefix: String, count: Int, lastWeek: String, exited: String) {
    self.init(
      weeks: count < 1 ? [] : (1...count).map { "\(prefix)\($0)" }, lastWeek: lastWeek,
      exited: exited)
  }
}
