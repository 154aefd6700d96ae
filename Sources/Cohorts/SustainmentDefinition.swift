public import Statistics

/// What counts as a sustained job: how long, started by when, with what gaps.
///
/// The outcome belongs to everybody, not only to those who found work: somebody who never started,
/// lost the first job early, or left before it had lasted, has not sustained a job. It is decided
/// by the **first** job.
public struct SustainmentDefinition: Sendable, Equatable {
  /// The name of the outcome's columns.
  public var name: String
  /// The number of weeks that the job must last.
  public var weeks: Int
  /// The last week in which it may start, from one.
  public var startedBy: Int
  /// The longest run of weeks without work that does not end the job; these weeks don't count.
  public var permittedGap: Int
  /// What the bounds make of those who started later.
  public var lateStarts: LateStarts

  /// A definition; its name is `sustained_` and the number of weeks unless given.
  public init(
    weeks: Int, startedBy: Int, permittedGap: Int = 0, lateStarts: LateStarts = .unknown,
    name: String? = nil
  ) {
    self.name = name ?? "sustained_\(weeks)"
    self.weeks = weeks
    self.startedBy = startedBy
    self.permittedGap = permittedGap
    self.lateStarts = lateStarts
  }

  /// What the bounds make of people whose first job started after `startedBy`.
  ///
  /// In the primary outcome they all count as not sustained. One who left (by exit) before the job
  /// had lasted has failed in the bounds too.
  public enum LateStarts: String, Sendable, CaseIterable {
    /// Not sustained in the lower bound, sustained in the upper one.
    case unknown
    /// The same, but only where the job had lasted or was still held when follow-up ended: a job
    /// seen to end early is no success in the upper bound either.
    case unknownIfNotLost
  }

  /// Whether a job started in the last permitted week can be seen to last within follow-up.
  public func isObservable(within followUp: Int) -> Bool {
    startedBy + weeks - 1 <= followUp
  }

  /// Decides the outcome of each person.
  ///
  /// Unknown weeks are tried both ways: an outcome is unknown exactly when some way of filling them
  /// gives yes and another gives no.
  /// - Throws: `badValue` when the weeks or the last start are below one or the gap below zero.
  /// - Complexity: O(people × weeks) without unknown weeks.
  public func score(_ history: WeeklyHistory) throws(SiblingError) -> SustainmentOutcome {
    guard weeks >= 1, startedBy >= 1, permittedGap >= 0 else {
      throw SiblingError(
        .badValue, "a sustainment definition needs at least one week, and a gap of zero or more",
        column: name)
    }
    var outcome = SustainmentOutcome(definition: self)
    for person in 0..<history.people {
      var tracker = FirstJobTracker(self)
      for week in 1...history.lastWeek[person] {
        tracker.step(week: week, status: history.status(person: person, week: week))
      }
      outcome.append(
        tracker.verdicts(
          exited: history.exited[person], lastWeek: history.lastWeek[person],
          followUp: history.weeks))
    }
    return outcome
  }
}
