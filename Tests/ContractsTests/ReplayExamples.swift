import Contracts
import Statistics
import TestSupport
import Testing

/// Terms and claims that the tests of the replay share.
enum ReplayExamples {
  static func day(_ text: String) throws -> Int32 {
    try #require(CivilDate(iso: text), "\(text)").days
  }

  static func optionalDay(_ text: String) throws -> Int32? {
    text.isEmpty ? nil : try day(text)
  }

  static func pounds(_ pounds: Int) -> Money { Money(pence: 100 * pounds) }

  static func money(_ text: String) throws -> Money? {
    text.isEmpty ? nil : try Money(pounds: try #require(Double(text)))
  }

  /// Job starts and thirteen weeks, each at a price under and one from 16 hours.
  static func jobTariffs(
    _ amounts: [Int], boundary: HoursBoundary? = nil, evidence: Bool = false, deadline: Int? = nil
  ) -> [OutcomeTariff] {
    zip(
      [
        (OutcomeStage.jobStart, HoursBand.under16, 0.0), (.jobStart, .atLeast16, 0),
        (.sustained, .under16, 13), (.sustained, .atLeast16, 13),
      ], amounts
    ).map { tariff, amount in
      OutcomeTariff(
        outcome: tariff.0, band: tariff.1, boundary: boundary, durationWeeks: tariff.2,
        windowWeeks: tariff.2, amount: pounds(amount), needsVerification: evidence,
        claimDeadlineDays: deadline)
    }
  }

  static func engagement(_ amount: Int, deadline: Int? = nil) -> OutcomeTariff {
    OutcomeTariff(outcome: .engagement, amount: pounds(amount), claimDeadlineDays: deadline)
  }

  /// 20% MHEP, 70% commissioner and 10% SOF of an engagement, and SOF everything else.
  static let waveShares: [PayerShare] = [
    PayerShare(outcome: .engagement, payer: "mhep_bii", millionths: 200_000),
    PayerShare(outcome: .engagement, payer: "commissioner", millionths: 700_000),
    PayerShare(outcome: .engagement, payer: "sof", millionths: 100_000),
    PayerShare(outcome: .jobStart, payer: "sof", millionths: 1_000_000),
    PayerShare(outcome: .sustained, payer: "sof", millionths: 1_000_000),
  ]

  /// The contract of `cases.csv`.
  static func casesTerms() throws -> ContractTerms {
    let first = ContractVersion(
      contract: "A", version: "1", from: try day("2016-04-01"), to: try day("2017-03-31"),
      tariffs: [engagement(1000, deadline: 180)]
        + jobTariffs([700, 1350, 1400, 1650], evidence: true, deadline: 180))
    let second = ContractVersion(
      contract: "A", version: "2", from: try day("2017-04-01"), to: try day("2018-03-31"),
      tariffs: jobTariffs([650, 1250, 1300, 1550], evidence: true, deadline: 180))
    return ContractTerms(versions: [first, second])
  }

  /// A row of a table that was worked by hand.
  struct Case {
    var name: String
    var claim: OutcomeClaim
    var due: Money
    var findings: [String]
    var verdict: String
  }

  static func cases() throws -> [Case] {
    let table = try Golden.csv("contracts/cases.csv")
    let names = try #require(table["case"])
    return try names.indices.map { row in
      func cell(_ column: String) throws -> String { try #require(table[column])[row] }
      let hasFacts = try !cell("start").isEmpty
      let evidence = try cell("verified")
      let facts = OutcomeClaim.JobFacts(
        start: try optionalDay(cell("start")), endEarliest: try optionalDay(cell("end_earliest")),
        endLatest: try optionalDay(cell("end_latest")), hours: Double(try cell("hours")),
        isVerified: evidence.isEmpty ? nil : evidence == "y")
      let job = try cell("job")
      let claim = OutcomeClaim(
        id: "m\(row)", client: try cell("client"), contract: "A", job: job.isEmpty ? nil : job,
        outcome: OutcomeStage(rawValue: try cell("outcome")), event: try day(cell("event")),
        claimed: try optionalDay(cell("claimed")), paid: try optionalDay(cell("paid")),
        status: OutcomeClaim.Status(rawValue: try cell("status")),
        amount: try money(cell("amount")), facts: hasFacts ? facts : nil, row: row)
      return Case(
        name: names[row], claim: claim, due: try #require(try money(cell("due"))),
        findings: try cell("findings").split(separator: ";").map(String.init),
        verdict: try cell("verdict"))
    }
  }

  /// Random claims of sixty clients under two contracts, the same for a seed.
  static func randomClaims(_ count: Int, seed: UInt64) throws -> [OutcomeClaim] {
    var stream = RandomStream(seed: seed, name: "replay-claims")
    let start = try day("2016-04-01")
    return try (0..<count).map { number in
      let client = stream.integer(below: 60)
      let outcome = OutcomeStage.allCases[stream.integer(below: 3)]
      let event = start + Int32(stream.integer(below: 1000))
      let facts = OutcomeClaim.JobFacts(
        start: event - Int32(stream.integer(below: 120)),
        hours: 0.5 * Double(stream.integer(below: 80)), isVerified: stream.integer(below: 9) > 0)
      let status = [.paid, .rejected, nil, .paid][stream.integer(below: 4)] as OutcomeClaim.Status?
      return OutcomeClaim(
        id: "m\(number)", client: "c\(client)", contract: client < 30 ? "A" : "B",
        job: outcome == .engagement ? nil : "j\(client)-\(stream.integer(below: 3))",
        outcome: outcome, event: event, claimed: event + Int32(stream.integer(below: 200)),
        status: status, amount: pounds(try #require([700, 1000, 1350].randomElement(&stream))),
        facts: outcome == .engagement ? nil : facts, row: number)
    }
  }

  /// Two contracts, the first renegotiated, with uneven prices; several payments for a client.
  static func randomTerms(_ caps: [PayerCap] = [], outcomeCap: Money? = nil) throws -> ContractTerms
  {
    func version(_ contract: String, _ name: String, _ from: String, _ to: String, _ amount: Int)
      throws -> ContractVersion
    {
      var tariffs = jobTariffs([701, 1351, 1403, 1657], boundary: .above16)
      tariffs.append(engagement(amount))
      for place in tariffs.indices {
        tariffs[place].maximumPerClient = 4
        tariffs[place].amount.pence += 33
      }
      return ContractVersion(
        contract: contract, version: name, from: try day(from), to: try day(to),
        outcomeCap: contract == "A" ? outcomeCap : nil, tariffs: tariffs, shares: waveShares)
    }
    return ContractTerms(
      versions: [
        try version("A", "1", "2016-04-01", "2017-09-30", 790),
        try version("A", "2", "2017-10-01", "2019-12-31", 911),
        try version("B", "1", "2016-04-01", "2019-12-31", 1000),
      ], payerCaps: caps)
  }
}

extension Array {
  fileprivate func randomElement(_ stream: inout RandomStream) -> Element? {
    isEmpty ? nil : self[stream.integer(below: count)]
  }
}
