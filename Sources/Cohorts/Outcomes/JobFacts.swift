internal import LinearAlgebra
internal import Statistics
internal import Tables

/// What the client had for work on entry.
public enum EntryEmployment: String, Sendable, CaseIterable {
  case no
  case sickLeave = "sick_leave"
  case jobAtRisk = "job_at_risk"
  case seekingChange = "seeking_change"
}

/// A day later than any.
let noDay = Int32.max / 4

/// What is known of one row of the jobs' table, before any definition.
struct JobFacts: Sendable {
  /// The row of the jobs' table.
  var row: Int32
  /// Which job of the client it belongs to: rows of one identifier are one job.
  var job: Int32
  /// The earliest and latest first day; both missing when no start is recorded.
  var earliestStart, latestStart: Int32
  /// The last day up to which the work is certain, and up to which it is possible.
  var certainEnd, possibleEnd: Int32
  /// The last day up to which it is certain by evidence, for definitions that ask for it.
  var verifiedEnd: Int32
  /// The earliest and latest first day of the whole job, over its rows.
  var jobEarliest, jobLatest: Int32
  var hours: Double
  var furlough: Int32
  /// The earliest last day on record; missing where there is none.
  var endEarliest: Int32
  var competitive, verification, endReason: Int8
  var isOpen, isOngoing: Bool
  /// Whether the latest day on which it may have ended is on record.
  var isEndRecorded: Bool

  var hasStart: Bool { earliestStart != missingDay }
}

/// What is known of one client, before any definition.
struct ClientFacts: Sendable {
  /// The last day on which the records say something about the client.
  var observed: Int32
  /// The day of the data cut; missing when no date says.
  var cut: Int32
  /// The day of death; missing otherwise.
  var died: Int32
  /// Whether the exit says a stable job.
  var leftInJob: Bool
  var exit: Int32
}

/// The jobs in the order of their clients, with what is known of each; made once for a cohort.
///
/// - Complexity: O(clients + jobs).
struct JobFactsIndex: Sendable {
  /// Where each client's jobs begin among `facts`; one more than there are clients.
  let offsets: [Int32]
  let facts: [JobFacts]
  let clients: [ClientFacts]
  /// Whether the clients had a job on entry: places in `EntryEmployment`, −1 missing.
  let entry: [Int8]
  let hasJobs: Bool
  let recordsCompetitive: Bool
  let recordsContact: Bool
  let recordsHours: Bool

  init(_ cohort: Cohort) throws(SiblingError) {
    let people = cohort.clients
    let count = people.count
    var latest = missingDay
    for row in 0..<count { latest = max(latest, people.dataCut[row]) }
    if latest == missingDay {
      for row in 0..<count {
        latest = max(latest, max(people.lastContact[row], people.exited[row]))
      }
    }
    let died = Int8(ExitReason.allCases.firstIndex(of: .died) ?? 0)
    let stable = Int8(ExitReason.allCases.firstIndex(of: .jobStable) ?? 0)
    clients = (0..<count).map { row in
      let cut = people.dataCut[row] == missingDay ? latest : people.dataCut[row]
      var observed = people.lastContact[row]
      if observed == missingDay { observed = people.exited[row] }
      if observed == missingDay { observed = cut }
      let reason = people.exitReason[row]
      return ClientFacts(
        observed: min(observed, cut), cut: cut,
        died: reason == died ? people.exited[row] : missingDay, leftInJob: reason == stable,
        exit: people.exited[row])
    }
    entry = try RecordColumns.category(
      people.table, "employed_at_entry", EntryEmployment.self)
    recordsContact = people.lastContact.contains { $0 != missingDay }
    guard let jobs = cohort.jobs else {
      (offsets, facts) = ([Int32](repeating: 0, count: count + 1), [])
      (hasJobs, recordsCompetitive, recordsHours) = (false, false, false)
      return
    }
    hasJobs = true
    recordsHours = jobs.hours.contains { !$0.isNaN }
    recordsCompetitive = jobs.isCompetitive.contains { $0 >= 0 }
    let ids = jobs.table["job_id"] == nil ? nil : try jobs.table.factor("job_id")
    let furlough = try RecordColumns.doubles(jobs.table, "furlough_days")
    // A counting sort by client, the order of the file within a client.
    var starts = [Int32](repeating: 0, count: count + 1)
    for owner in jobs.client where owner >= 0 { starts[Int(owner) + 1] += 1 }
    for row in 0..<count { starts[row + 1] += starts[row] }
    var next = starts
    var order = [Int32](repeating: 0, count: Int(starts[count]))
    for (row, owner) in jobs.client.enumerated() where owner >= 0 {
      order[Int(next[Int(owner)])] = Int32(row)
      next[Int(owner)] += 1
    }
    var made: [JobFacts] = []
    made.reserveCapacity(order.count)
    for client in 0..<count {
      let first = made.count
      for place in Int(starts[client])..<Int(starts[client + 1]) {
        let row = Int(order[place])
        var fact = Self.fact(jobs, row, clients[client])
        let code = ids?.codes[row] ?? -1
        fact.job = code >= 0 ? code : -2 - Int32(row)
        if !furlough[row].isNaN { fact.furlough = Int32(max(0, min(furlough[row], 100_000))) }
        made.append(fact)
      }
      Self.join(&made, from: first)
    }
    offsets = starts
    facts = made
  }

  /// The rows of a client.
  func rows(of client: Int) -> Range<Int> { Int(offsets[client])..<Int(offsets[client + 1]) }

  /// Reads the dates of a row: intervals for what is known to a week, a month or an interval.
  private static func fact(_ jobs: Jobs, _ row: Int, _ client: ClientFacts) -> JobFacts {
    let (early, late) = starts(jobs.start[row], jobs.precision[row])
    let seen = jobs.lastVerified[row]
    let isOngoing = jobs.isOngoing[row]
    let isOpen = jobs.endEarliest[row] == missingDay && jobs.endLatest[row] == missingDay
    var certain = max(late, seen)
    var possible = noDay
    if isOpen {
      if isOngoing == 1 { certain = max(certain, client.observed) }
      if client.leftInJob, client.exit != missingDay { certain = max(certain, client.exit) }
      if isOngoing == 0, client.observed != missingDay {
        possible = max(client.observed, certain)
      }
    } else {
      // A start known only to a week or month can't lie after the end, so the end bounds it.
      certain =
        jobs.endEarliest[row] == missingDay ? certain : max(seen, jobs.endEarliest[row])
      if jobs.endLatest[row] != missingDay {
        possible = jobs.endLatest[row]
        certain = min(certain, possible)
      } else if isOngoing == 0, client.observed >= jobs.endEarliest[row] {
        possible = max(client.observed, certain)
      }
    }
    let isImpossible = early != missingDay && possible < early
    if isImpossible {
      // Dates in an impossible order say that there was a job, not how long.
      (certain, possible) = (late, noDay)
    }
    // Nothing follows death: a row that begins after it has no days.
    if client.died != missingDay { possible = min(possible, client.died) }
    var (first, last) = (early, late)
    if early != missingDay, early <= possible {
      last = min(late, possible)
      if !isOpen, jobs.endEarliest[row] != missingDay { last = max(early, min(last, certain)) }
      certain = max(certain, last)
    }
    certain = min(certain, possible)
    if first == missingDay { (first, last) = (missingDay, missingDay) }
    // What a plan says of days after the data cut is not yet so.
    if client.cut != missingDay { certain = min(certain, client.cut) }
    return JobFacts(
      row: Int32(row), job: 0, earliestStart: first, latestStart: last, certainEnd: certain,
      possibleEnd: possible,
      verifiedEnd: isOpen ? min(certain, max(last, seen)) : certain, jobEarliest: first,
      jobLatest: last, hours: jobs.hours[row], furlough: 0,
      endEarliest: jobs.endEarliest[row], competitive: jobs.isCompetitive[row],
      verification: jobs.verification[row], endReason: jobs.endReason[row], isOpen: isOpen,
      isOngoing: isOngoing == 1,
      isEndRecorded: jobs.endLatest[row] != missingDay && !isImpossible)
  }

  /// The days between which a start lies.
  static func starts(_ day: Int32, _ precision: Int8) -> (early: Int32, late: Int32) {
    guard day != missingDay else { return (missingDay, missingDay) }
    switch DatePrecision.allCases[Int(max(precision, 0))] {
    case .day: return (day, day)
    case .week: return (day, day + 6)
    case .month:
      let (year, month, _) = CivilDate(days: day).components
      let first = CivilDate(year: year, month: month, day: 1)?.days ?? day
      let next = CivilDate(
        year: month == 12 ? year + 1 : year, month: month == 12 ? 1 : month + 1, day: 1)
      return (first, (next?.days ?? first + 31) - 1)
    }
  }

  /// Gives the rows of one job the first day of the whole job.
  private static func join(_ facts: inout [JobFacts], from first: Int) {
    guard facts.count - first > 1 else { return }
    for a in first..<facts.count {
      for b in first..<facts.count where b != a && facts[a].job == facts[b].job {
        guard facts[b].hasStart else { continue }
        if !facts[a].hasStart || facts[b].earliestStart < facts[a].jobEarliest {
          facts[a].jobEarliest = facts[b].earliestStart
        }
        if !facts[a].hasStart || facts[b].latestStart < facts[a].jobLatest {
          facts[a].jobLatest = facts[b].latestStart
        }
      }
    }
  }
}
