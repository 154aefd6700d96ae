import Statistics
import Tables
import TestSupport
import Testing

@testable import Cohorts

/// Rules beside the six definitions, on the awkward spells and on cohorts made here; every answer is
/// worked out by hand (Tests/Reference/awkward_spells/WORKING.md, or in the test).
struct OutcomeRuleTests {
  private func day(_ text: String) throws -> Int32 { try #require(CivilDate(iso: text)).days }

  private func answer(
    _ client: String, _ rule: OutcomeDefinition
  ) throws -> (Int8, Int32, ScoredOutcome.Reason, Bool) {
    let cohort = try AwkwardSpellTests.cohort()
    let scored = try cohort.score(rule, rows: [try AwkwardSpellTests.row(client, cohort)])
    return (scored.value[0], scored.attained[0], scored.reasons[0], scored.atBoundary[0])
  }

  @Test func hoursAtSixteenBelongWhereTheBoundarySays() throws {
    let rule = AwkwardSpellTests.rule
    let above = try answer("k05", try rule("mhep-6-weeks-ge16") { _ in })
    #expect(above == (1, try day("2021-04-11"), .attained, true))
    let long = try answer("k05", try rule("lcf-13-weeks-ge16") { _ in })
    #expect(long == (0, missingDay, .otherHours, true))
    let below = try answer("k05", try rule("lcf-13-weeks-lt16") { _ in })
    #expect(below == (1, try day("2021-07-30"), .attained, true))
    // With 16 hours below the limit, all 153 days are.
    let moved = try answer("k05", try rule("lcf-13-weeks-lt16") { $0.hours?.boundary = .gt })
    #expect(moved == (1, try day("2021-05-30"), .attained, true))
    let start = try answer("k05", try rule("mhep-job-start-lt16") { _ in })
    #expect(start.0 == 0 && start.2 == .otherHours)
    let plain = try answer("k01", try rule("lcf-13-weeks-ge16") { _ in })
    #expect(plain == (1, try day("2021-05-30"), .attained, false))
  }

  @Test func furloughCountsOrNot() throws {
    let rule = try AwkwardSpellTests.rule("lcf-13-weeks") { $0.furloughCounts = false }
    #expect(try answer("k12", rule) == (0, missingDay, .endedEarly, false))
    let six = try AwkwardSpellTests.rule("mhep-6-weeks") { $0.furloughCounts = false }
    #expect(try answer("k12", six) == (1, try day("2021-06-10"), .attained, false))
  }

  @Test func permittedGapsBridgeAndDontCount() throws {
    func lcf(_ gap: Int, _ unit: OutcomeDefinition.Unit = .client) throws -> OutcomeDefinition {
      try AwkwardSpellTests.rule("lcf-13-weeks") {
        $0.permittedGapDays = gap
        $0.per = unit
      }
    }
    // k20: 47 days, two days off, then the 44th of the second job.
    #expect(try answer("k20", lcf(2)) == (1, try day("2021-06-01"), .attained, false))
    #expect(try answer("k20", lcf(1)) == (1, try day("2021-07-18"), .attained, false))
    #expect(try answer("k20", lcf(2, .job)) == (1, try day("2021-07-18"), .attained, false))
    // k02: 61 days, nine days off, then the 30th of the second job.
    #expect(try answer("k02", lcf(9)) == (1, try day("2021-06-08"), .attained, false))
    #expect(try answer("k02", lcf(8)) == (0, missingDay, .endedEarly, false))
  }

  @Test func jobsCountAloneOrUnited() throws {
    // k03: 76 and 92 days, which together are 153; the second alone has its 91st day on 30 July.
    let alone = try AwkwardSpellTests.rule("lcf-13-weeks") { $0.per = .job }
    #expect(try answer("k03", alone) == (1, try day("2021-07-30"), .attained, false))
    // k05: two rows of one job are one job.
    #expect(try answer("k05", alone) == (1, try day("2021-05-30"), .attained, false))
    // k04: four hours alone never reach seven.
    let window = try AwkwardSpellTests.rule("ipspc-13-in-16") { $0.per = .job }
    #expect(try answer("k04", window) == (0, missingDay, .otherHours, false))
  }

  @Test func evidenceThatIsMissingIsUnknownNotNo() throws {
    let rule = try AwkwardSpellTests.rule("lcf-13-weeks") {
      $0.verification = [.payslip, .employer, .rti]
    }
    #expect(try answer("k16", rule) == (-1, missingDay, .notVerified, false))
    #expect(try answer("k01", rule) == (1, try day("2021-05-30"), .attained, false))
    // k03's second job is self-declared: 76 days are verified.
    #expect(try answer("k03", rule) == (-1, missingDay, .notVerified, false))
    // k18's exit says a stable job, but nothing after the first day is verified.
    #expect(try answer("k18", rule) == (-1, missingDay, .endNotKnown, false))
    // k21's one verified day is too short, and nothing else is on record.
    #expect(try answer("k21", rule) == (0, missingDay, .endedEarly, false))
  }

  @Test func lastStartsAndHorizonsLimit() throws {
    // k01 starts on day 59 after acceptance; 91 days end on day 149.
    func lcf(_ change: (inout OutcomeDefinition) -> Void) throws -> (Int8, ScoredOutcome.Reason) {
      let found = try answer("k01", AwkwardSpellTests.rule("lcf-13-weeks", change))
      return (found.0, found.2)
    }
    #expect(try lcf { $0.startByDays = 59 } == (1, .attained))
    #expect(try lcf { $0.startByDays = 58 } == (0, .tooLate))
    #expect(try lcf { $0.horizonDays = 149 } == (1, .attained))
    #expect(try lcf { $0.horizonDays = 148 } == (0, .tooLate))
    // 1 January 2021 and 545 days is 30 June 2022, the data cut.
    #expect(try lcf { $0.horizonDays = 545 } == (1, .attained))
    #expect(try lcf { $0.horizonDays = 546 } == (-2, .immature))
  }

  @Test func earlierJobsCountFromTimeZero() throws {
    // k13's job began a month before: 91 days from 1 January end on 1 April.
    let rule = try AwkwardSpellTests.rule("lcf-13-weeks") { $0.earlierJobsCount = true }
    #expect(try answer("k13", rule) == (1, try day("2021-04-01"), .attained, false))
    // From the referral on 10 December the job is still an earlier one.
    let referred = try AwkwardSpellTests.rule("lcf-13-weeks") { $0.timeZero = .referral }
    #expect(try answer("k13", referred).0 == 0)
  }

  @Test func engagementsAreKnownToTheService() throws {
    let rule = try AwkwardSpellTests.rule("engagement")
    #expect(try answer("k01", rule) == (1, try day("2021-01-08"), .attained, false))
    #expect(try answer("k09", rule) == (-1, missingDay, .lostContact, false))
  }

  @Test func uncertainConcurrentHoursAreReadBothWays() throws {
    // Ten hours certain throughout, and ten more that ended some time in March or April: whether
    // 91 days below 16 hours follow by the end of June is open.
    let clients = try Table([
      Column(name: "client_id", values: .text(Factor(["a"]))),
      Column(name: "site_id", values: .text(Factor(["s"]))),
      Column(name: "accept_date", values: .dates([try day("2021-01-01")])),
      Column(name: "last_contact_date", values: .dates([try day("2022-06-01")])),
      Column(name: "data_cut_date", values: .dates([try day("2022-06-30")])),
    ])
    func jobs(_ early: String, _ late: String) throws -> Table {
      try Table([
        Column(name: "client_id", values: .text(Factor(["a", "a"]))),
        Column(
          name: "start_date", values: .dates([try day("2021-02-01"), try day("2021-02-01")])),
        Column(
          name: "end_earliest", values: .dates([try day("2021-06-30"), try day(early)])),
        Column(name: "end_latest", values: .dates([try day("2021-06-30"), try day(late)])),
        Column(name: "hours_per_week", values: .doubles([10, 10])),
      ])
    }
    let rule = try AwkwardSpellTests.rule("lcf-13-weeks-lt16")
    func value(_ early: String, _ late: String) throws -> Int8 {
      try Cohort(clients: clients, jobs: jobs(early, late)).score(rule, rows: [0]).value[0]
    }
    // 1 April to 30 June is 91 days, 2 April to 30 June 90.
    #expect(try value("2021-03-31", "2021-03-31") == 1)
    #expect(try value("2021-04-01", "2021-04-01") == 0)
    #expect(try value("2021-03-15", "2021-04-15") == -1)
  }

  @Test func definitionsThatCantBeScoredAreRefused() throws {
    let cohort = try AwkwardSpellTests.cohort()
    func code(_ change: (inout OutcomeDefinition) -> Void) throws -> SiblingError.Code? {
      let rule = try AwkwardSpellTests.rule("lcf-13-weeks", change)
      do throws(SiblingError) {
        _ = try cohort.score(rule, rows: [0])
        return nil
      } catch {
        return error.code
      }
    }
    #expect(try code { $0.duration = .weeks(0) } == .badValue)
    #expect(try code { $0.windowWeeks = 12 } == .badValue)
    #expect(try code { $0.permittedGapDays = -1 } == .badValue)
    #expect(try code { $0.hours = .init(low: 16, high: 16) } == .badValue)
    #expect(try code { $0.hours = .init(low: -1) } == .badValue)
    #expect(try code { $0.verification = [] } == .badValue)
    #expect(try code { $0.horizonDays = 90 } == .badValue)
    #expect(try code { $0.kind = .jobStart } == .badValue)
    #expect(try code { $0.startByDays = -1 } == .badValue)
    #expect(try code { $0.duration = .weeks(.max) } == .badValue)
    #expect(throws: SiblingError.self) {
      _ = try cohort.score(AwkwardSpellTests.rule("job_start"), rows: [24])
    }
    let empty = try cohort.score(AwkwardSpellTests.rule("job_start"), rows: [])
    #expect(empty.value.isEmpty)
    let noJobs = Cohort(clients: cohort.clients)
    #expect(throws: SiblingError.self) {
      _ = try noJobs.score(AwkwardSpellTests.rule("job_start"), rows: [0])
    }
    #expect(try noJobs.score(AwkwardSpellTests.rule("engagement"), rows: [0]).value == [1])
  }

  @Test func theLibraryIsSound() throws {
    var names: Set<String> = []
    for definition in OutcomeDefinition.library {
      try definition.check()
      #expect(names.insert(definition.column).inserted)
      #expect(!definition.source.isEmpty && !definition.label.isEmpty)
    }
    #expect(OutcomeDefinition.named("lcf-13-weeks")?.duration == .weeks(13))
    #expect(OutcomeDefinition.named("nothing") == nil)
  }

  @Test func calendarMonthsEndWhereTheMonthDoes() throws {
    func days(_ from: String, _ months: Int) throws -> Int32 {
      OutcomeDefinition.Span.months(months).days(from: try day(from))
    }
    #expect(try days("2021-08-31", 6) == day("2022-02-28") - day("2021-08-31"))
    #expect(try days("2023-08-31", 6) == day("2024-02-29") - day("2023-08-31"))
    #expect(try days("2021-12-15", 1) == 31)
    #expect(try days("2021-03-31", 12) == 365)
  }
}
