import Statistics
import Tables
import TestSupport
import Testing

@testable import Cohorts

/// Columns and the harmoniser on the awkward spells; days are counted by hand.
struct OutcomeColumnTests {
  private func columns(_ names: [String] = [], weeks: Int = 52) throws -> ([String: Column], Cohort)
  {
    let cohort = try AwkwardSpellTests.cohort()
    let made = try OutcomeColumns.make(
      cohort, rows: Array(0..<cohort.clients.count),
      definitions: try names.map { try AwkwardSpellTests.rule($0) }, followUpWeeks: weeks)
    return (Dictionary(uniqueKeysWithValues: made.map { ($0.name, $0) }), cohort)
  }

  private func number(_ column: Column?, _ row: Int) throws -> Double? {
    let column = try #require(column)
    return column.isMissing(row) ? nil : column.asDoubles?[row]
  }

  @Test func definitionsBecomeFourColumns() throws {
    let (made, cohort) = try columns(["lcf-13-weeks"])
    for (client, value, low, high, reason) in [
      ("k01", 1, 1, 1, "attained"), ("k02", 0, 0, 0, "ended-early"),
      ("k09", nil, 0, 1, "lost-contact"), ("k14", nil, nil, nil, "immature"),
      ("k24", nil, nil, nil, "not-accepted"),
    ] as [(String, Double?, Double?, Double?, String)] {
      let row = try AwkwardSpellTests.row(client, cohort)
      #expect(try number(made["lcf_13_weeks"], row) == value)
      #expect(try number(made["lcf_13_weeks_low"], row) == low)
      #expect(try number(made["lcf_13_weeks_high"], row) == high)
      #expect(made["lcf_13_weeks_reason"]?.asStrings[row] == reason)
    }
  }

  @Test func workIsCountedInDays() throws {
    let (made, cohort) = try columns()
    func check(
      _ client: String, _ name: String, _ days: Double?,
      sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
      let row = try AwkwardSpellTests.row(client, cohort)
      #expect(
        try number(made[name], row) == days.map { $0 / 7 }, "\(client) \(name)",
        sourceLocation: sourceLocation)
    }
    // 1 March to 31 October is 245 days; the job begins on the 60th day, 1 March.
    for name in ["weeks_worked", "weeks_worked_low", "weeks_worked_high", "first_job_weeks"] {
      try check("k01", name, 245)
    }
    try check("k01", "weeks_to_first_job", 60)
    try check("k03", "weeks_worked", 153)
    // k03's first job: 1 March to 15 May.
    try check("k03", "first_job_weeks", 76)
    // Two rows of one job are one job.
    try check("k05", "first_job_weeks", 153)
    // Start known to March: 21 to 51 days worked, 36 in the middle; begins on the middle day, 16 March.
    try check("k06", "weeks_worked_low", 21)
    try check("k06", "weeks_worked_high", 51)
    try check("k06", "weeks_worked", 36)
    try check("k06", "weeks_to_first_job", 75)
    try check("k06", "first_job_weeks_low", 21)
    try check("k06", "first_job_weeks_high", 51)
    // k07: 71 days to the last contact, 50 more to the end of the follow-up on 30 December 2021.
    try check("k07", "weeks_worked_low", 71)
    try check("k07", "weeks_worked_high", 121)
    try check("k07", "weeks_worked", nil)
    try check("k07", "first_job_weeks", 71)
    try check("k07", "first_job_weeks_high", nil)
    // k08 died on 15 May, 76 days after the start.
    try check("k08", "weeks_worked_low", 71)
    try check("k08", "weeks_worked_high", 76)
    try check("k08", "first_job_weeks", 76)
    // k09: last seen on 30 June, the 181st day; after it 183 days of the 364.
    try check("k09", "weeks_to_first_job", 181)
    try check("k09", "weeks_worked_low", 0)
    try check("k09", "weeks_worked_high", 183)
    // k13 held a job from before: 1 January to 31 August count as worked, not as a new job.
    try check("k13", "weeks_worked", 243)
    try check("k13", "first_job_weeks", nil)
    try check("k13", "weeks_to_first_job", 364)
    // k14 can be followed from 1 September 2021 to 30 June 2022, though not to the horizon.
    try check("k14", "weeks_worked", nil)
    try check("k14", "weeks_to_first_job", 31)
    // k15 ended between 15 May (76 days) and 15 June (107).
    try check("k15", "first_job_weeks_low", 76)
    try check("k15", "first_job_weeks_high", 107)
    try check("k15", "first_job_weeks", 91.5)
    try check("k23", "weeks_worked", 0)
    try check("k24", "weeks_to_first_job", nil)
  }

  @Test func endsOfFirstJobsCompete() throws {
    let (made, cohort) = try columns()
    for (client, started, cause, lost, mature) in [
      ("k01", 1, 1, 1, 1), ("k07", 1, 0, 0, 1), ("k08", 1, 2, 0, 1), ("k09", 0, nil, nil, 1),
      ("k14", 1, 1, 1, 0), ("k17", 1, 1, 1, 1), ("k18", 1, 0, 0, 1), ("k23", 0, nil, nil, 1),
      ("k24", nil, nil, nil, nil),
    ] as [(String, Double?, Double?, Double?, Double?)] {
      let row = try AwkwardSpellTests.row(client, cohort)
      #expect(try number(made["job_started"], row) == started, "\(client)")
      #expect(try number(made["first_job_cause"], row) == cause, "\(client)")
      #expect(try number(made["first_job_lost"], row) == lost, "\(client)")
      #expect(try number(made["mature"], row) == mature, "\(client)")
    }
  }

  @Test func namesThatCollideAreRefused() throws {
    let cohort = try AwkwardSpellTests.cohort()
    func code(_ definitions: [OutcomeDefinition], _ weeks: Int = 52) -> SiblingError.Code? {
      do throws(SiblingError) {
        _ = try OutcomeColumns.make(
          cohort, rows: [0], definitions: definitions, followUpWeeks: weeks)
        return nil
      } catch {
        return error.code
      }
    }
    #expect(code([OutcomeDefinition("weeks_worked", .jobStart)]) == .badValue)
    let rule = try AwkwardSpellTests.rule("job_start")
    #expect(code([rule, rule]) == .badValue)
    #expect(code([rule], 0) == .badValue)
    #expect(code([try AwkwardSpellTests.rule("lcf-13-weeks")], 12) == .badValue)
    #expect(code([rule]) == nil)
  }

  @Test func harmoniserCountsTheSamePeopleUnderEveryDefinition() throws {
    let sites = try Table([
      Column(name: "site_id", values: .text(Factor(["s1", "s2"]))),
      Column(name: "arm", values: .text(Factor(["sib", "non_sib"]))),
    ])
    let cohort = try Cohort(
      clients: AwkwardSpellTests.table("clients"), sites: sites,
      jobs: AwkwardSpellTests.table("jobs"))
    let fit = try DefinitionHarmoniser().fit(cohort, rows: Array(0..<cohort.clients.count))
    // Read off the table of expected answers: s1 has k01 to k10, s2 k11 to k24 (k24 not accepted).
    func counts(_ name: String, _ arm: String) throws -> [Int] {
      let row = try #require(fit.counts.first { $0.definition == name && $0.arm == arm })
      return [row.accepted, row.eligible, row.mature, row.yes, row.no, row.unknown]
    }
    #expect(try counts("mhep-6-weeks", "sib") == [10, 10, 10, 7, 0, 3])
    #expect(try counts("mhep-6-weeks", "non_sib") == [13, 13, 12, 8, 4, 0])
    #expect(try counts("lcf-13-weeks", "sib") == [10, 10, 10, 4, 4, 2])
    #expect(try counts("lcf-13-weeks", "all") == [23, 23, 22, 9, 8, 5])
    #expect(try counts("ips-grow-from-2024", "non_sib") == [13, 11, 10, 6, 3, 1])
    let lcf = try #require(fit.differences.first { $0.definition == "lcf-13-weeks" })
    // 4 of 8 known against 5 of 9; bounds 4/10 to 6/10 against 5/12 to 8/12.
    #expect(close(try #require(lcf.estimate), 4.0 / 8 - 5.0 / 9, .closedForm))
    #expect(close(try #require(lcf.low), 4.0 / 10 - 8.0 / 12, .closedForm))
    #expect(close(try #require(lcf.high), 6.0 / 10 - 5.0 / 12, .closedForm))
    #expect(close(try #require(lcf.change), (4.0 / 8 - 5.0 / 9) - (1 - 8.0 / 12), .closedForm))
    // One site stands for each arm: no honest interval.
    #expect(lcf.interval == nil && lcf.note != nil)
    let pair = try #require(
      fit.agreement.first { $0.first == "mhep-6-weeks" && $0.second == "lcf-13-weeks" })
    // k02 alone in s1 is yes by six weeks and no by 13, besides k08; in s2 nobody.
    #expect([pair.bothYes, pair.onlyFirst, pair.onlySecond, pair.bothNo] == [9, 2, 0, 4])
  }

  /// R 4.2.2, clubSandwich: `coef_test(m, vcovCR(m, cluster = site, type = "CR2"), test =
  /// "Satterthwaite")` of `m <- lm(y ~ sib)`.
  @Test func intervalsAreBellMcCaffreys() throws {
    // 66 clients in six sites; client i of site s started a job where (i·7 + s·3) mod 10 < 3 + s.
    var (ids, sites, outcome): ([String], [String], [Bool]) = ([], [], [])
    for site in 0..<6 {
      for i in 0..<(6 + 2 * site) {
        ids.append("c\(site)_\(i)")
        sites.append("s\(site)")
        outcome.append((i * 7 + site * 3) % 10 < 3 + site)
      }
    }
    let zero: Int32 = 18_000
    let clients = try Table([
      Column(name: "client_id", values: .text(Factor(ids))),
      Column(name: "site_id", values: .text(Factor(sites))),
      Column(name: "accept_date", values: .dates(ids.map { _ in zero })),
      Column(name: "last_contact_date", values: .dates(ids.map { _ in zero + 400 })),
      Column(name: "data_cut_date", values: .dates(ids.map { _ in zero + 400 })),
    ])
    let places = try Table([
      Column(name: "site_id", values: .text(Factor((0..<6).map { "s\($0)" }))),
      Column(
        name: "arm", values: .text(Factor((0..<6).map { $0 < 3 ? "sib" : "non_sib" }))),
    ])
    let workers = ids.indices.filter { outcome[$0] }
    let jobs = try Table([
      Column(name: "client_id", values: .text(Factor(workers.map { ids[$0] }))),
      Column(name: "start_date", values: .dates(workers.map { _ in zero + 30 })),
      Column(name: "end_earliest", values: .dates(workers.map { _ in zero + 60 })),
      Column(name: "end_latest", values: .dates(workers.map { _ in zero + 60 })),
    ])
    let cohort = try Cohort(clients: clients, sites: places, jobs: jobs)
    let fit = try DefinitionHarmoniser([AwkwardSpellTests.rule("job_start")]).fit(
      cohort, rows: Array(0..<ids.count))
    let difference = fit.differences[0]
    #expect(close(try #require(difference.estimate), -0.232142857142857151))
    #expect(close(try #require(difference.standardError), 0.099195206944491562))
    #expect(close(try #require(difference.degreesOfFreedom), 3.580968280467444753))
    #expect(close(try #require(difference.pValue), 0.087016669906947078))
  }
}
