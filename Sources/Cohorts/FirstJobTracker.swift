/// Follows one person's first job week by week, through every way of filling unknown weeks.
struct FirstJobTracker {
  /// Where one way of filling the weeks stands.
  enum State: Equatable {
    case waiting
    case working(worked: Int, gap: Int, late: Bool)
    case lost(late: Bool)
    case lasted(late: Bool)
  }

  private let definition: SustainmentDefinition
  private var states: [State] = [.waiting]

  init(_ definition: SustainmentDefinition) { self.definition = definition }

  mutating func step(week: Int, status: WeekStatus) {
    var next: [State] = []
    for state in states {
      if status != .no { insert(after(state, works: true, week), into: &next) }
      if status != .yes { insert(after(state, works: false, week), into: &next) }
    }
    states = next
  }

  private func insert(_ state: State, into states: inout [State]) {
    if !states.contains(state) { states.append(state) }
  }

  private func after(_ state: State, works: Bool, _ week: Int) -> State {
    switch state {
    case .waiting:
      guard works else { return .waiting }
      let late = week > definition.startedBy
      return definition.weeks == 1
        ? .lasted(late: late) : .working(worked: 1, gap: 0, late: late)
    case .working(let worked, let gap, let late):
      if works {
        return worked + 1 >= definition.weeks
          ? .lasted(late: late) : .working(worked: worked + 1, gap: 0, late: late)
      }
      return gap + 1 > definition.permittedGap
        ? .lost(late: late) : .working(worked: worked, gap: gap + 1, late: late)
    case .lost, .lasted:
      return state
    }
  }

  /// The reasons that remain possible when observation has ended, each once.
  func verdicts(exited: Bool, lastWeek: Int, followUp: Int) -> [SustainmentOutcome.Reason] {
    var verdicts: [SustainmentOutcome.Reason] = []
    for state in states {
      let verdict = verdict(state, exited, complete: lastWeek == followUp, lastWeek)
      if !verdicts.contains(verdict) { verdicts.append(verdict) }
    }
    return verdicts
  }

  private func verdict(
    _ state: State, _ exited: Bool, complete: Bool, _ lastWeek: Int
  ) -> SustainmentOutcome.Reason {
    switch state {
    case .waiting:
      if exited { return .exitBeforeStart }
      if complete { return lastWeek < definition.startedBy ? .censored : .neverStarted }
      return lastWeek < definition.startedBy ? .censored : .lateCensored
    case .working(_, _, let late):
      if exited { return late ? .lateExit : .exitEarly }
      return late ? .lateOngoing : .censored
    case .lost(let late):
      guard late else { return .lostEarly }
      return exited ? .lateExit : .lateLost
    case .lasted(let late):
      return late ? .lateSustained : .sustained
    }
  }
}
