/// Weekly histories as spells in states: out of work, in work, gone, and in a job that has lasted.
///
/// Week k is the time from k − 1 to k. Weeks without a record are gaps, in which nobody looked. An
/// exit moves its person to a state of its own at the end of the last week; where that week has no
/// record the state before it is unknown, and the exit is left out and counted.
public struct WeeklySpells: Sendable, Equatable {
  /// The start of each spell.
  public private(set) var start: [Double] = []
  /// The end of each spell.
  public private(set) var stop: [Double] = []
  /// The state of each spell, an index into `states`.
  public private(set) var held: [Int32] = []
  /// The state that its end leads to, −1 where it leads to none.
  public private(set) var entered: [Int32] = []
  /// The person of each spell.
  public private(set) var person: [Int32] = []
  /// The names of the states.
  public let states: [String]
  /// Exits after weeks without a record, which are left out.
  public private(set) var exitsLeftOut = 0
  /// People without any recorded week.
  public private(set) var unrecorded = 0

  private static let (out, job) = (Int32(0), Int32(1))
  private let (exit, sustained): (Int32, Int32)

  /// The spells of a history's people.
  ///
  /// With `sustainedAfter` a run of weeks in work that reaches that many weeks goes on in a state of
  /// its own. `exitName` names the state of those who exited.
  public init(
    _ history: WeeklyHistory, people: [Int]? = nil, sustainedAfter: Int? = nil, exitName: String
  ) {
    let last: Int32 = sustainedAfter == nil ? 2 : 3
    (exit, sustained) = (last, 2)
    states = ["out of work", "in work"] + (sustainedAfter == nil ? [] : ["sustained"]) + [exitName]
    for individual in people ?? Array(0..<history.people) {
      add(individual, history, sustainedAfter)
    }
  }

  private mutating func add(_ individual: Int, _ history: WeeklyHistory, _ sustainedAfter: Int?) {
    let last = history.lastWeek[individual]
    var isRecorded = false
    var week = 1
    while week <= last {
      let status = history.status(person: individual, week: week)
      var end = week
      while end < last, history.status(person: individual, week: end + 1) == status { end += 1 }
      defer { week = end + 1 }
      guard status != .unknown else { continue }
      isRecorded = true
      let next: Int32
      if end == last {
        next = history.exited[individual] ? exit : -1
      } else {
        switch history.status(person: individual, week: end + 1) {
        case .unknown: next = -1
        case .yes: next = Self.job
        case .no: next = Self.out
        }
      }
      append(individual, status == .yes ? Self.job : Self.out, week - 1, end, next, sustainedAfter)
    }
    if !isRecorded { unrecorded += 1 }
    if history.exited[individual], history.status(person: individual, week: last) == .unknown {
      exitsLeftOut += 1
    }
  }

  private mutating func append(
    _ individual: Int, _ state: Int32, _ from: Int, _ to: Int, _ next: Int32,
    _ sustainedAfter: Int?
  ) {
    var (state, from) = (state, from)
    if state == Self.job, let sustainedAfter, to - from > sustainedAfter {
      row(individual, state, from, from + sustainedAfter, sustained)
      (state, from) = (sustained, from + sustainedAfter)
    }
    row(individual, state, from, to, next)
  }

  private mutating func row(
    _ individual: Int, _ state: Int32, _ from: Int, _ to: Int, _ next: Int32
  ) {
    start.append(Double(from))
    stop.append(Double(to))
    held.append(state)
    entered.append(next)
    person.append(Int32(individual))
  }
}
