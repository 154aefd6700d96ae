/// A job: a maximal run of weeks in work.
///
/// A weekly record names no employer, so a move from one job to the next without a week between
/// them is one spell.
public struct JobSpell: Sendable, Equatable {
  /// The person, from zero.
  public var person: Int
  /// The first week in work, from one.
  public var start: Int
  /// The number of weeks seen in work.
  public var weeks: Int
  /// How the spell ended.
  public var ending: Ending
  /// Whether the week before is known to be without work, or the spell starts in week 1.
  public var startObserved: Bool

  /// A spell from its parts.
  public init(person: Int, start: Int, weeks: Int, ending: Ending, startObserved: Bool = true) {
    self.person = person
    self.start = start
    self.weeks = weeks
    self.ending = ending
    self.startObserved = startObserved
  }

  /// The last week seen in work.
  public var lastWeek: Int { start + weeks - 1 }

  /// How a job ended.
  public enum Ending: String, Sendable, CaseIterable {
    /// The next week was without work.
    case lost
    /// The person left while in work: a competing exit.
    case exit
    /// The person was in work when follow-up ended: censored.
    case ongoing
    /// The next week is not recorded: censored.
    case unobserved

    /// The code of survival analysis: 0 censored, 1 the event, 2 the competing exit.
    public var cause: Int {
      switch self {
      case .ongoing, .unobserved: 0
      case .lost: 1
      case .exit: 2
      }
    }
  }
}

extension WeeklyHistory {
  /// Every job of everybody, person by person in the order of weeks.
  public func jobSpells() -> [JobSpell] {
    var spells: [JobSpell] = []
    for person in 0..<people {
      var week = 1
      while let spell = nextSpell(person: person, from: week) {
        spells.append(spell)
        week = spell.lastWeek + 1
      }
    }
    return spells
  }

  /// The first job of each person; nil for those who had none.
  public func firstJobs() -> [JobSpell?] {
    (0..<people).map { nextSpell(person: $0, from: 1) }
  }

  private func nextSpell(person: Int, from week: Int) -> JobSpell? {
    let last = lastWeek[person]
    var start = week
    while start <= last, status(person: person, week: start) != .yes { start += 1 }
    guard start <= last else { return nil }
    var end = start
    while end < last, status(person: person, week: end + 1) == .yes { end += 1 }
    let ending: JobSpell.Ending
    if end == last {
      ending = exited[person] ? .exit : .ongoing
    } else {
      ending = status(person: person, week: end + 1) == .no ? .lost : .unobserved
    }
    return JobSpell(
      person: person, start: start, weeks: end - start + 1, ending: ending,
      startObserved: start == 1 || status(person: person, week: start - 1) == .no)
  }
}
