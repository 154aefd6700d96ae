import LinearAlgebra
import Statistics
import Tables
import TestSupport
import Testing

@testable import Cohorts

/// What must not change an outcome, on cohorts drawn at random.
struct OutcomePropertyTests {
  /// A job as it is drawn, before it becomes a row.
  struct Job {
    var client: Int
    var id: Int
    var start: Int32
    var end: (early: Int32, late: Int32)?
    var isOngoing: Bool
    var hours: Double
    var verification: Int
  }

  static let origin: Int32 = 18_000

  static func draw(clients: Int, seed: UInt64) -> [Job] {
    var stream = RandomStream(seed: seed, name: "outcome-properties")
    func upTo(_ limit: Int) -> Int { Int(stream.uniform() * Double(limit)) }
    var jobs: [Job] = []
    for client in 0..<clients {
      for _ in 0..<upTo(4) {
        let start = origin + Int32(upTo(400)) - 30
        let early = start + Int32(upTo(250))
        let isOpen = upTo(4) == 0
        jobs.append(
          Job(
            client: client, id: jobs.count, start: start,
            end: isOpen ? nil : (early, early + Int32([0, 0, 20][upTo(3)])),
            isOngoing: isOpen && upTo(2) == 0,
            hours: [.nan, 4, 8, 16, 16, 25][upTo(6)], verification: upTo(5)))
      }
    }
    return jobs
  }

  static func cohort(clients: Int, jobs: [Job], shift: Int32 = 0, seed: UInt64) throws -> Cohort {
    var stream = RandomStream(seed: seed, name: "outcome-clients")
    func upTo(_ limit: Int) -> Int { Int(stream.uniform() * Double(limit)) }
    let names = (0..<clients).map { "c\($0)" }
    let exits = (0..<clients).map { _ in upTo(3) == 0 ? origin + Int32(upTo(400)) : missingDay }
    let reasons = exits.map { exit -> String? in
      exit == missingDay ? nil : ExitReason.allCases[upTo(7)].rawValue
    }
    let contacts = exits.map { exit in
      exit == missingDay ? origin + 300 + Int32(upTo(200)) : exit - Int32(upTo(20))
    }
    func moved(_ days: [Int32]) -> Column.Values {
      .dates(days.map { $0 == missingDay ? missingDay : $0 + shift })
    }
    let people = try Table([
      Column(name: "client_id", values: .text(Factor(names))),
      Column(name: "site_id", values: .text(Factor(names.map { _ in "s" }))),
      Column(
        name: "accept_date", values: moved((0..<clients).map { _ in origin + Int32(upTo(200)) })),
      Column(name: "exit_date", values: moved(exits)),
      Column(name: "exit_reason", values: .text(Factor(reasons))),
      Column(name: "last_contact_date", values: moved(contacts)),
      Column(
        name: "data_cut_date", values: moved([Int32](repeating: origin + 520, count: clients))),
    ])
    let work = try Table([
      Column(name: "job_id", values: .text(Factor(jobs.map { "j\($0.id)" }))),
      Column(name: "client_id", values: .text(Factor(jobs.map { names[$0.client] }))),
      Column(name: "start_date", values: moved(jobs.map(\.start))),
      Column(name: "end_earliest", values: moved(jobs.map { $0.end?.early ?? missingDay })),
      Column(name: "end_latest", values: moved(jobs.map { $0.end?.late ?? missingDay })),
      Column(
        name: "ongoing_at_last_contact", values: .booleans(jobs.map { $0.isOngoing ? 1 : 0 })),
      Column(name: "hours_per_week", values: .doubles(jobs.map(\.hours))),
      Column(
        name: "verification",
        values: .text(Factor(jobs.map { JobVerification.allCases[$0.verification].rawValue }))),
    ])
    return try Cohort(clients: people, jobs: work)
  }

  static let definitions: [OutcomeDefinition] =
    OutcomeDefinition.library.filter { $0.kind != .engagement && $0.eligible == .everybody }
    + ["lcf-13-weeks", "lcf-13-weeks-lt16"].compactMap { name in
      var rule = OutcomeDefinition.named(name)
      rule?.verification = [.payslip, .rti]
      rule?.permittedGapDays = 10
      return rule
    }

  static func scores(_ cohort: Cohort) throws -> [ScoredOutcome] {
    let scorer = try OutcomeScorer(cohort)
    return try definitions.map {
      try scorer.score($0, rows: Array(0..<cohort.clients.count))
    }
  }

  private let clients = 150
  private let seed: UInt64 = 7

  @Test func theOrderOfJobsDoesNotMatter() throws {
    let jobs = Self.draw(clients: clients, seed: seed)
    let forward = try Self.scores(Self.cohort(clients: clients, jobs: jobs, seed: seed))
    let backward = try Self.scores(
      Self.cohort(clients: clients, jobs: jobs.reversed(), seed: seed))
    #expect(forward == backward)
    // Every state occurs, so the comparison says something.
    for value: Int8 in [1, 0, -1, -2] { #expect(forward.contains { $0.value.contains(value) }) }
  }

  @Test func aJobCutInTwoRowsIsOneJob() throws {
    let jobs = Self.draw(clients: clients, seed: seed)
    var cut: [Job] = []
    for job in jobs {
      guard let end = job.end, end.early > job.start + 2 else {
        cut.append(job)
        continue
      }
      let middle = job.start + (end.early - job.start) / 2
      var (first, second) = (job, job)
      first.end = (middle, middle)
      second.start = middle + 1
      cut += [second, first]
    }
    let whole = try Self.scores(Self.cohort(clients: clients, jobs: jobs, seed: seed))
    let parts = try Self.scores(Self.cohort(clients: clients, jobs: cut, seed: seed))
    #expect(whole == parts)
  }

  @Test func timeMayBeShifted() throws {
    // 400 years are a whole number of calendar cycles, so that months keep their lengths.
    let jobs = Self.draw(clients: clients, seed: seed)
    let now = try Self.scores(Self.cohort(clients: clients, jobs: jobs, seed: seed))
    let later = try Self.scores(
      Self.cohort(clients: clients, jobs: jobs, shift: 146_097, seed: seed))
    for (one, other) in zip(now, later) {
      #expect(one.value == other.value && one.low == other.low && one.high == other.high)
      #expect(one.reasons == other.reasons)
      let moved = one.attained.map { $0 == missingDay ? missingDay : $0 + 146_097 }
      #expect(moved == other.attained)
    }
  }

  @Test func boundsHoldTheValueAndThreadsDoNotMatter() throws {
    let jobs = Self.draw(clients: clients, seed: 11)
    let cohort = try Self.cohort(clients: clients, jobs: jobs, seed: 11)
    let all = try Self.scores(cohort)
    for scored in all {
      for row in scored.value.indices {
        switch scored.value[row] {
        case 1: #expect(scored.low[row] == 1 && scored.high[row] == 1)
        case 0: #expect(scored.low[row] == 0 && scored.high[row] == 0)
        case -1: #expect(scored.low[row] == 0 && scored.high[row] == 1)
        default: #expect(scored.low[row] == scored.value[row])
        }
        #expect((scored.attained[row] != missingDay) == (scored.value[row] == 1))
      }
    }
    // A longer duration is never easier, and a band of hours never is.
    func values(_ name: String) throws -> ScoredOutcome {
      try #require(all.first { $0.definition.name == name })
    }
    for (hard, easy) in [
      ("sustained_13", "sustained_6"), ("sustained_26", "sustained_13"),
      ("sustained_6", "job_start"), ("lcf-13-weeks-ge16", "lcf-13-weeks"),
    ] {
      let (a, b) = (try values(hard), try values(easy))
      for row in a.value.indices where a.value[row] >= -1 {
        #expect(a.low[row] <= b.low[row] && a.high[row] <= b.high[row], "\(hard) \(easy)")
      }
    }
  }

  /// A day-by-day oracle: worst and best readings by walking through every day of the follow-up.
  @Test func sustainedWorkAgreesWithCountingDays() throws {
    let jobs = Self.draw(clients: clients, seed: 23)
    let cohort = try Self.cohort(clients: clients, jobs: jobs, seed: 23)
    let scorer = try OutcomeScorer(cohort)
    let rule = try #require(OutcomeDefinition.named("sustained_6"))
    let scored = try scorer.score(rule, rows: Array(0..<clients))
    var compared = 0
    for row in 0..<clients where scored.value[row] >= -1 {
      let zero = cohort.clients.accepted[row]
      let own = scorer.index.facts[scorer.index.rows(of: row)]
      func lasts(_ works: (Int32) -> Bool) -> Bool {
        var run = 0
        for day in zero...(zero + 364) {
          run = works(day) ? run + 1 : 0
          if run >= 42 { return true }
        }
        return false
      }
      let low = lasts { day in
        own.contains { $0.earliestStart >= zero && $0.latestStart <= day && day <= $0.certainEnd }
      }
      let unseen = scorer.unseenFrom(row, zero).day
      let high = lasts { day in
        day >= unseen
          || own.contains {
            $0.latestStart >= zero && $0.earliestStart <= day && day <= $0.possibleEnd
          }
      }
      #expect(scored.low[row] == (low ? 1 : 0) && scored.high[row] == (high ? 1 : 0))
      compared += 1
    }
    #expect(compared > 40)
  }
}
