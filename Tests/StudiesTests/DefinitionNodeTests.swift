import Cohorts
import Statistics
import Testing

@testable import Studies

/// Outcome definitions as a study file writes them.
struct DefinitionNodeTests {
  private func definition(_ text: String) throws -> OutcomeDefinition {
    try DefinitionNodes.definition(StudyNode(parsing: text, file: "study.yaml"))
  }

  private func error(_ text: String) -> SiblingError? {
    do throws(SiblingError) {
      _ = try DefinitionNodes.definition(StudyNode(parsing: text, file: "study.yaml"))
      return nil
    } catch {
      return error
    }
  }

  @Test func namesAreTheLibrarys() throws {
    #expect(try definition("lcf-13-weeks") == OutcomeDefinition.named("lcf-13-weeks"))
    let wrong = try #require(error("lcf-13-week"))
    #expect(wrong.suggestion == "lcf-13-weeks" && wrong.location?.line == 1)
  }

  @Test func everyKeyIsRead() throws {
    let made = try definition(
      """
      name: own
      label: Our rule
      source: the contract
      months: 3
      window: 20
      permitted-gap: 14
      min-hours: 8
      below-hours: 30
      boundary: gt
      per: job
      start-by: 300
      horizon: 500
      time-zero: referral
      competitive-only: true
      verification: [payslip, rti]
      eligible: out-of-work-at-entry
      furlough-counts: false
      earlier-jobs-count: true
      """)
    var wanted = OutcomeDefinition(
      "own", .sustained, duration: .months(3), label: "Our rule", source: "the contract")
    wanted.windowWeeks = 20
    wanted.permittedGapDays = 14
    wanted.hours = .init(low: 8, high: 30, boundary: .gt)
    wanted.per = .job
    (wanted.startByDays, wanted.horizonDays) = (300, 500)
    wanted.timeZero = .referral
    wanted.competitiveOnly = true
    wanted.verification = [.payslip, .rti]
    wanted.eligible = .outOfWorkAtEntry
    wanted.furloughCounts = false
    wanted.earlierJobsCount = true
    #expect(made == wanted)
    #expect(try definition("{name: s, kind: job-start, paid-hours: 4}").paidHours == 4)
    #expect(try definition("{name: s, days: 45}").duration == .days(45))
  }

  @Test func aDefinitionOfTheLibraryCanBeChanged() throws {
    let made = try definition("{use: lcf-13-weeks, name: lcf-gap, permitted-gap: 7}")
    #expect(made.name == "lcf-gap" && made.column == "lcf_gap" && made.permittedGapDays == 7)
    #expect(made.duration == .weeks(13) && made.competitiveOnly)
  }

  @Test func mistakesAreToldWhereTheyStand() throws {
    for (text, code) in [
      ("{name: a}", .missingKey), ("{weeks: 13}", .missingKey),
      ("{name: a, weeks: 13, months: 3}", .badValue), ("{name: a, weeks: 60}", .badValue),
      ("{name: 'a b', weeks: 13}", .badValue), ("{name: 1a, weeks: 13}", .badValue),
      ("{name: a, weeks: 13, gap: 2}", .unknownKey), ("{name: a, weeks: x}", .badValue),
      ("{name: a, weeks: 0}", .badValue), ("{name: a, weeks: 13, window: 12}", .badValue),
      ("{name: a, kind: job-start, weeks: 13}", .badValue),
      ("{name: a, weeks: 13, verification: [none]}", .badValue),
      ("{use: nothing}", .badValue), ("[lcf-13-weeks]", .badValue),
    ] as [(String, SiblingError.Code)] {
      let found = error(text)
      #expect(found?.code == code, "\(text): \(found?.message ?? "no error")")
      #expect(found?.location?.line == 1, "\(text)")
    }
  }
}
