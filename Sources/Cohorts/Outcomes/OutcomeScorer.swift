internal import LinearAlgebra
public import Statistics

/// Scores outcomes of clients from dated spells, under any number of definitions.
///
/// **Missing is never no.** Each outcome is tried under the worst and the best reading of everything
/// that the records leave open: starts known to a week or month, ends known to an interval or not
/// at all, missing hours, missing evidence, work after the last contact. Yes is what holds under
/// the worst reading, no what fails under the best; all else is unknown, and its reason is the one
/// thing that, read in favour, would make it a yes.
///
/// What the records mean:
/// - The last contact says how far a client was followed; without one the exit, without both the
///   data cut. Work after it is possible, so somebody lost before the horizon has no "no" unless
///   too little time was left. Death alone ends that possibility: nothing follows it. Other exits
///   (moved, transferred, disengaged, health, other) only end what is seen.
/// - An exit into a stable job is evidence of the job up to the exit; without such a job on record
///   the outcome is unknown, not no.
/// - A job that is ongoing at the last contact is certain up to it, or up to the last day verified;
///   beyond it is possible. Where a definition asks for evidence, only the latter counts. A job with
///   neither an end nor that mark is certain up to the last day verified, else on its first day.
/// - An end known to an interval is certain to its earliest and possible to its latest day.
/// - Rows with one `job_id` are one job. Jobs that began before time zero don't count unless the
///   definition says so.
/// - A client is immature when time zero and the horizon go beyond the data cut, whatever has been
///   attained already: early successes would otherwise be counted without early failures. Without a
///   data cut of its own a row takes the latest of the file, else the latest contact or exit.
public struct OutcomeScorer: Sendable {
  let cohort: Cohort
  let index: JobFactsIndex

  /// Puts the jobs of a cohort in the order of its clients.
  ///
  /// - Throws: `wrongType` or `unknownLevel` for a column that the schema has otherwise.
  /// - Complexity: O(clients + jobs).
  public init(_ cohort: Cohort) throws(SiblingError) {
    self.cohort = cohort
    index = try JobFactsIndex(cohort)
  }

  /// The outcomes of clients' rows under a definition, in their order.
  ///
  /// - Throws: `badValue` for a definition that can't be scored; `missingValue` for one of jobs
  ///   without a table of jobs; `sizeMismatch` for a row that the clients don't have.
  public func score(
    _ definition: OutcomeDefinition, rows: [Int]
  ) throws(SiblingError) -> ScoredOutcome {
    try definition.check()
    try check(rows)
    guard index.hasJobs || definition.kind == .engagement else { throw Self.noJobs }
    let rule = OutcomeRule(definition, recordsCompetitive: index.recordsCompetitive)
    let ranges = Parallel.ranges(of: rows.count, size: 16_384)
    let parts = Parallel.mapBlocks(ranges.count) { block in
      var part = ScoredOutcome(definition, count: ranges[block].count)
      var scratch = SpellScratch()
      for (place, position) in ranges[block].enumerated() {
        score(rows[position], rule, &part, place, &scratch)
      }
      return part
    }
    var outcome = ScoredOutcome(definition, count: 0)
    for part in parts {
      outcome.value += part.value
      outcome.low += part.low
      outcome.high += part.high
      outcome.reasons += part.reasons
      outcome.attained += part.attained
      outcome.atBoundary += part.atBoundary
    }
    outcome.notes = notes(definition, outcome)
    return outcome
  }

  static let noJobs = SiblingError(
    .missingValue, "outcomes of jobs need the table of jobs",
    help: "name its file: '--jobs FILE', or 'jobs: {file: …}' in the study file")

  func check(_ rows: [Int]) throws(SiblingError) {
    let count = cohort.clients.count
    guard rows.allSatisfy({ $0 >= 0 && $0 < count }) else {
      throw SiblingError(.sizeMismatch, "a row is asked for that the clients don't have")
    }
  }

  /// The day from which time runs for a row; `missingDay` where it is not recorded.
  func timeZero(_ row: Int, _ kind: OutcomeDefinition.TimeZero) -> Int32 {
    let people = cohort.clients
    switch kind {
    case .acceptance: return people.accepted[row]
    case .referral: return people.referral[row]
    case .acceptanceElseReferral:
      return people.accepted[row] == missingDay ? people.referral[row] : people.accepted[row]
    }
  }

  /// The first day from which work that nobody recorded is possible.
  func unseenFrom(_ row: Int, _ timeZero: Int32) -> (day: Int32, isExitIntoJob: Bool) {
    let client = index.clients[row]
    guard client.died == missingDay else { return (noDay, false) }
    if client.leftInJob, client.exit != missingDay {
      let isOnRecord = index.facts[index.rows(of: row)].contains { $0.possibleEnd >= client.exit }
      if !isOnRecord { return (timeZero, true) }
    }
    return (client.observed == missingDay ? timeZero : client.observed + 1, false)
  }

  private func score(
    _ row: Int, _ rule: OutcomeRule, _ outcome: inout ScoredOutcome, _ place: Int,
    _ scratch: inout SpellScratch
  ) {
    func apart(_ value: Int8, _ reason: ScoredOutcome.Reason) {
      outcome.value[place] = value
      outcome.low[place] = value
      outcome.high[place] = value
      outcome.reasons[place] = reason
    }
    guard cohort.clients.isAccepted(row) else { return apart(-3, .notAccepted) }
    let entry = index.entry[row]
    let needsEntry = rule.definition.eligible == .outOfWorkAtEntry
    if needsEntry, entry > 0 { return apart(-3, .notEligible) }
    let timeZero = timeZero(row, rule.definition.timeZero)
    let client = index.clients[row]
    guard timeZero != missingDay else {
      outcome.reasons[place] = .timeZeroMissing
      return
    }
    guard client.cut != missingDay else {
      outcome.reasons[place] = .dataCutMissing
      return
    }
    guard timeZero + rule.horizon <= client.cut else { return apart(-2, .immature) }
    if rule.definition.kind == .engagement {
      engagement(row, rule, timeZero, &outcome, place)
    } else {
      work(row, rule, timeZero, &outcome, place, &scratch)
    }
    if needsEntry, entry < 0 {
      outcome.value[place] = -1
      outcome.low[place] = 0
      outcome.attained[place] = missingDay
      outcome.reasons[place] = .entryUnknown
    }
  }

  /// The service knows of its own engagements, so leaving without one is a no.
  private func engagement(
    _ row: Int, _ rule: OutcomeRule, _ timeZero: Int32, _ outcome: inout ScoredOutcome, _ place: Int
  ) {
    let people = cohort.clients
    let last = timeZero + rule.horizon
    if people.engaged[row] != missingDay {
      let isInTime = people.engaged[row] <= last
      return settle(&outcome, place, isInTime, isInTime ? .attained : .tooLate, people.engaged[row])
    }
    if people.exited[row] != missingDay || index.clients[row].observed >= last {
      return settle(&outcome, place, false, .notEngaged, missingDay)
    }
    outcome.reasons[place] = .lostContact
  }

  private func settle(
    _ outcome: inout ScoredOutcome, _ place: Int, _ isYes: Bool, _ reason: ScoredOutcome.Reason,
    _ day: Int32
  ) {
    let value: Int8 = isYes ? 1 : 0
    outcome.value[place] = value
    outcome.low[place] = value
    outcome.high[place] = value
    outcome.reasons[place] = reason
    if isYes { outcome.attained[place] = day }
  }

  private func work(
    _ row: Int, _ rule: OutcomeRule, _ timeZero: Int32, _ outcome: inout ScoredOutcome,
    _ place: Int, _ scratch: inout SpellScratch
  ) {
    let facts = index.facts[index.rows(of: row)]
    let (unseen, isExitIntoJob) = unseenFrom(row, timeZero)
    scratch.touchedBoundary = false
    func day(_ reading: SpellReading) -> Int32 {
      rule.attained(facts, timeZero: timeZero, unseen: unseen, reading: reading, &scratch)
    }
    let surely = facts.isEmpty ? missingDay : day(.worst)
    if surely != missingDay {
      settle(&outcome, place, true, .attained, surely)
    } else if day(.best) == missingDay {
      settle(&outcome, place, false, whyNot(facts, rule, row, timeZero, day), missingDay)
    } else {
      outcome.reasons[place] = whyUnknown(facts, isExitIntoJob, day)
    }
    outcome.atBoundary[place] = scratch.touchedBoundary
  }

  /// The one thing that, read in favour, makes the outcome a yes.
  private func whyUnknown(
    _ facts: ArraySlice<JobFacts>, _ isExitIntoJob: Bool, _ day: (SpellReading) -> Int32
  ) -> ScoredOutcome.Reason {
    let unseen: ScoredOutcome.Reason = isExitIntoJob ? .jobNotRecorded : .lostContact
    if facts.isEmpty { return unseen }
    if day(SpellReading(end: true)) != missingDay {
      return facts.contains { $0.isOpen && $0.isOngoing } ? .ongoingNotSeen : .endNotKnown
    }
    if day(SpellReading(evidence: true)) != missingDay { return .notVerified }
    if day(SpellReading(hours: true)) != missingDay { return .hoursMissing }
    if day(SpellReading(start: true)) != missingDay { return .startNotKnown }
    if day(SpellReading(competitive: true)) != missingDay { return .competitiveUnknown }
    if day(SpellReading(unseen: true)) != missingDay { return unseen }
    return .severalUnknown
  }

  /// What stands in the way of a yes under the best reading.
  private func whyNot(
    _ facts: ArraySlice<JobFacts>, _ rule: OutcomeRule, _ row: Int, _ timeZero: Int32,
    _ day: (SpellReading) -> Int32
  ) -> ScoredOutcome.Reason {
    let death = index.clients[row].died
    let hasDied = death != missingDay && death <= timeZero + rule.horizon
    if facts.isEmpty { return hasDied ? .died : .noJob }
    if !rule.definition.earlierJobsCount,
      facts.allSatisfy({ $0.jobLatest != missingDay && $0.jobLatest < timeZero })
    {
      return .jobBeforeTimeZero
    }
    if rule.competitiveOnly, facts.allSatisfy({ $0.competitive == 0 }) { return .notCompetitive }
    var reading = SpellReading.best
    reading.anyHours = true
    if rule.hours != nil, day(reading) != missingDay { return .otherHours }
    if hasDied, facts.contains(where: { $0.possibleEnd == death }) { return .died }
    reading = .best
    reading.unseen = false
    reading.anyTime = true
    return day(reading) == missingDay ? .endedEarly : .tooLate
  }

  private func notes(_ definition: OutcomeDefinition, _ outcome: ScoredOutcome) -> [String] {
    var notes: [String] = []
    if definition.competitiveOnly, !index.recordsCompetitive, definition.kind != .engagement {
      notes.append(
        "\(definition.name): no job says whether it is competitive, so all were taken to be")
    }
    if definition.hours != nil, !index.recordsHours {
      notes.append("\(definition.name): no job has hours, so whoever may have worked is unknown")
    }
    if !index.recordsContact {
      notes.append(
        "no last contact is recorded, so clients count as followed to their exit or the data cut")
    }
    if outcome.atBoundary.contains(true) {
      let side = definition.hours?.boundary == .gt ? "below" : "above"
      notes.append(
        "\(definition.name): hours exactly at the limit were met and belong to the band \(side)")
    }
    return notes
  }
}

extension Cohort {
  /// The outcomes of clients' rows under a definition, in their order.
  ///
  /// For several definitions make one `OutcomeScorer`: it puts the jobs in order once.
  /// - Throws: as `OutcomeScorer` and its `score` do.
  public func score(
    _ definition: OutcomeDefinition, rows: [Int]
  ) throws(SiblingError) -> ScoredOutcome {
    try OutcomeScorer(self).score(definition, rows: rows)
  }
}
