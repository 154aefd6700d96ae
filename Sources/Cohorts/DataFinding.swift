/// A place in the data where a pattern can't be right or needs care, with what was made of it.
///
/// The sentence never quotes a client's data; the row and column say where to look.
public struct DataFinding: Sendable, Equatable {
  /// The rule that found it.
  public var rule: Rule
  /// The row, from zero.
  public var row: Int
  /// The first column concerned.
  public var column: String
  /// The weeks concerned, from one.
  public var weeks: ClosedRange<Int>

  /// A finding from its parts.
  public init(_ rule: Rule, row: Int, column: String, weeks: ClosedRange<Int>) {
    self.rule = rule
    self.row = row
    self.column = column
    self.weeks = weeks
  }

  /// What was found and what was made of it, in one sentence.
  public var sentence: String { rule.sentence }

  /// The rules, each with the name that reports and files give it.
  public enum Rule: String, Sendable, CaseIterable {
    /// A status is recorded for a week after the person had left.
    case statusAfterExit = "status-after-exit"
    /// A week before the person left, or before follow-up ended, has no status.
    case gap = "gap"
    /// Follow-up ends before the last week without an exit that would explain it.
    case followUpEndsEarly = "follow-up-ends-early"
    /// A job's last week is the one before the week of exit.
    case jobLostInExitWeek = "job-lost-in-exit-week"

    /// What the rule found and what is made of it.
    public var sentence: String {
      switch self {
      case .statusAfterExit:
        "A status is recorded after the person had left; it is not used."
      case .gap:
        "A week under observation has no status; it is unknown, neither work nor no work."
      case .followUpEndsEarly:
        "Follow-up ends before the last week without an exit; later weeks are unknown."
      case .jobLostInExitWeek:
        "A job ends in the week before the exit; it counts as lost, as recorded, though the exit"
          + " may have ended it."
      }
    }
  }
}
