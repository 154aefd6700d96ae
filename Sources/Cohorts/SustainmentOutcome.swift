/// Whether each person sustained a job, where that is known, with bounds and reasons.
public struct SustainmentOutcome: Sendable, Equatable {
  /// The definition that decided it.
  public let definition: SustainmentDefinition
  /// The outcome of the main analysis: 1, 0, or NaN where it is unknown.
  public private(set) var primary: [Double] = []
  /// The outcome with everything unknown taken as no.
  public private(set) var low: [Double] = []
  /// The outcome with everything unknown taken as yes.
  public private(set) var high: [Double] = []
  /// Why.
  public private(set) var reasons: [Reason] = []

  init(definition: SustainmentDefinition) { self.definition = definition }

  /// What decided a person's outcome.
  public enum Reason: String, Sendable, CaseIterable {
    /// The first job started in time and lasted.
    case sustained
    /// No job in the whole of follow-up.
    case neverStarted = "never-started"
    /// The person left before any job.
    case exitBeforeStart = "exit-before-start"
    /// The first job started in time and was lost early.
    case lostEarly = "lost-early"
    /// The first job started in time and the person left before it had lasted.
    case exitEarly = "exit-early"
    /// The first job started late and the person left before it had lasted.
    case lateExit = "late-exit"
    /// The first job started late and was lost early.
    case lateLost = "late-lost"
    /// The first job started late and was held when follow-up ended.
    case lateOngoing = "late-ongoing"
    /// The first job started late and lasted.
    case lateSustained = "late-sustained"
    /// No job by the last permitted start, when follow-up ended early.
    case lateCensored = "late-censored"
    /// Follow-up ended before the outcome could be seen.
    case censored
    /// Weeks without a record leave more than one of these possible.
    case unrecordedWeeks = "unrecorded-weeks"
  }

  /// The number of people with each reason, in the order of the reasons, zeros included.
  public func counts() -> [(reason: Reason, people: Int)] {
    Reason.allCases.map { reason in (reason, reasons.count { $0 == reason }) }
  }

  /// Appends a person from the verdicts that unknown weeks leave possible.
  mutating func append(_ verdicts: [Reason]) {
    let answers = verdicts.map { answer($0) }
    let yes = answers.allSatisfy { $0 == .yes }
    let noOrLate = answers.allSatisfy { $0 == .no || $0 == .late }
    primary.append(yes ? 1 : noOrLate ? 0 : .nan)
    low.append(yes ? 1 : 0)
    high.append(answers.allSatisfy { $0 == .no } ? 0 : 1)
    reasons.append(verdicts.count == 1 ? verdicts[0] : .unrecordedWeeks)
  }

  private enum Answer { case yes, no, late, unknown }

  private func answer(_ reason: Reason) -> Answer {
    switch reason {
    case .sustained: .yes
    case .neverStarted, .exitBeforeStart, .lostEarly, .exitEarly, .lateExit: .no
    case .lateLost: definition.lateStarts == .unknown ? .late : .no
    case .lateOngoing, .lateSustained, .lateCensored: .late
    case .censored, .unrecordedWeeks: .unknown
    }
  }
}
