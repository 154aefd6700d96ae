import Contracts
import Statistics
import TestSupport
import Testing

@Suite struct BlockPaymentTests {
  typealias Examples = ReplayExamples

  private func block(
    _ year: Money, _ from: String, _ to: String, through: String? = nil
  ) throws -> [(String, Int)] {
    let terms = ContractTerms(versions: [
      ContractVersion(
        contract: "A", from: try Examples.day(from), to: try Examples.day(to), blockPerYear: year,
        tariffs: [])
    ])
    return try BlockPayments(through: try through.map(Examples.day)).quarters(of: terms).map {
      ($0.quarter.description, $0.amount.pence)
    }
  }

  @Test func aYearIsPaidInQuartersThatSumToIt() throws {
    // £60,000 a year; and £100.01, whose quarters of 2500.25 pence are rounded as sums:
    // 2500, 5001 (from 5000.50), 7501 (7500.75), 10001.
    let even = try block(Examples.pounds(60_000), "2016-04-01", "2017-03-31")
    #expect(even.map(\.0) == ["2016-06", "2016-09", "2016-12", "2017-03"])
    #expect(even.map(\.1) == [1_500_000, 1_500_000, 1_500_000, 1_500_000])
    let uneven = try block(Money(pence: 10_001), "2016-04-01", "2017-03-31")
    #expect(uneven.map(\.1) == [2500, 2501, 2500, 2500])
  }

  @Test func partsOfMonthsCountByTheirDays() throws {
    // From 16 April to 14 June at £12,000, a thousand a month: 15/30 + 1 + 14/30 of a month.
    #expect(try block(Examples.pounds(12_000), "2016-04-16", "2016-06-14").map(\.1) == [196_667])
    // Within one month: 10 of February's 29 days.
    #expect(try block(Examples.pounds(12_000), "2016-02-05", "2016-02-14").map(\.1) == [34_483])
    // From 20 June to 10 July: 11/30 and 10/31, 36666.67 and 32258.06 pence.
    let across = try block(Examples.pounds(12_000), "2016-06-20", "2016-07-10")
    #expect(across.map(\.1) == [36_667, 32_258])
    // From the 15th to the 14th is a whole year also where the months' lengths differ.
    let year = try block(Money(pence: 1_234_567), "2016-04-16", "2017-04-15")
    #expect(year.count == 5)
    #expect(year.map(\.1).reduce(0, +) == 1_234_567)
  }

  @Test func everyYearOfARandomContractSumsToItsBlock() throws {
    var stream = RandomStream(seed: 9, name: "block")
    for _ in 0..<60 {
      let year = Money(pence: 1 + stream.integer(below: 10_000_000))
      let day = 1 + stream.integer(below: 28)
      let from = "2015-07-\(day < 10 ? "0" : "")\(day)"
      let quarters = try block(year, from, "2019-12-31").map(\.1)
      // From the fourth quarter of 2015 on every four quarters are twelve months.
      for start in 1...(quarters.count - 4) {
        #expect(quarters[start..<(start + 4)].reduce(0, +) == year.pence)
      }
    }
  }

  @Test func versionsFollowOneAnotherAndTheBlockStopsAtTheDayAsked() throws {
    func version(
      _ name: String, _ from: String, _ to: String?, _ pounds: Int
    ) throws -> ContractVersion {
      ContractVersion(
        contract: "A", version: name, from: try Examples.day(from), to: try to.map(Examples.day),
        blockPerYear: Examples.pounds(pounds), tariffs: [], row: 4)
    }
    // £60,000 a year to the end of October 2016, £82,500 from then on.
    let terms = ContractTerms(versions: [
      try version("1", "2016-07-01", "2016-10-31", 60_000),
      try version("2", "2016-11-01", nil, 82_500),
    ])
    let through = try Examples.day("2017-01-31")
    let quarters = try BlockPayments(through: through).quarters(of: terms)
    #expect(
      quarters.map { "\($0.version) \($0.quarter)" } == [
        "1 2016-09", "1 2016-12", "2 2016-12", "2 2017-03",
      ])
    #expect(quarters.map(\.amount.pence) == [1_500_000, 500_000, 1_375_000, 687_500])
    let error = #expect(throws: SiblingError.self) { try BlockPayments().quarters(of: terms) }
    #expect(error?.code == .missingValue && error?.row == 4 && error?.column == "effective_to")
    let early = try BlockPayments(through: try Examples.day("2016-06-30")).quarters(of: terms)
    #expect(early.isEmpty)
  }

  @Test func theScheduleAddsBlockAndOutcomesByPayer() throws {
    let begin = try Examples.day("2016-04-01")
    let terms = ContractTerms(
      versions: [
        ContractVersion(
          contract: "A", from: begin, to: try Examples.day("2016-09-30"),
          blockPerYear: Examples.pounds(60_000),
          tariffs: [Examples.engagement(1000)] + Examples.jobTariffs([700, 1350, 1400, 1650]),
          shares: Examples.waveShares)
      ], payerCaps: [PayerCap(payer: "sof", amount: Examples.pounds(2000))])
    let job = OutcomeClaim.JobFacts(start: begin, hours: 20)
    let claims = [
      OutcomeClaim(
        id: "1", client: "c", contract: "A", outcome: .engagement, event: begin, row: 0),
      OutcomeClaim(
        id: "2", client: "c", contract: "A", job: "j", outcome: .jobStart, event: begin, facts: job,
        row: 1),
      OutcomeClaim(
        id: "3", client: "c", contract: "A", job: "j", outcome: .sustained, event: begin + 91,
        facts: job, row: 2),
    ]
    let schedule = PaymentSchedule(
      try ClaimReplay().replay(claims, under: terms),
      blocks: try BlockPayments().quarters(of: terms), blockPayer: "commissioner")
    // SOF: 100 + 1350 leave 550 of its cap for the 1650 of 1 July, in the second quarter.
    let rows = schedule.rows.map { row in
      "\(row.quarter?.description ?? "") \(row.payer)"
        + " \([row.block, row.engagement, row.jobStart, row.sustained, row.unfunded].map(\.text))"
    }
    #expect(
      rows == [
        #"2016-06 mhep_bii ["£0", "£200", "£0", "£0", "£0"]"#,
        #"2016-06 commissioner ["£15,000", "£700", "£0", "£0", "£0"]"#,
        #"2016-06 sof ["£0", "£100", "£1,350", "£0", "£0"]"#,
        #"2016-09 commissioner ["£15,000", "£0", "£0", "£0", "£0"]"#,
        #"2016-09 sof ["£0", "£0", "£0", "£550", "£1,100"]"#,
      ])
    #expect(schedule.byPayer.map(\.payer) == ["mhep_bii", "commissioner", "sof"])
    #expect(schedule.byPayer.map(\.total.text) == ["£200", "£30,700", "£2,000"])
    #expect(schedule.byPayer.map(\.dueClaims) == [1, 1, 3])
  }
}
