import Contracts
import Statistics
import TestSupport
import Testing

@Suite struct ReplayTests {
  typealias Examples = ReplayExamples

  @Test func everyWorkedCaseComesOutAsByHand() throws {
    let cases = try Examples.cases()
    #expect(cases.count == 41)
    let replayed = try ClaimReplay(exactly16: .upper).replay(
      cases.map(\.claim), under: try Examples.casesTerms())
    for (worked, claim) in zip(cases, replayed.claims) {
      #expect(claim.due == worked.due, "\(worked.name)")
      #expect(claim.expected == worked.due, "\(worked.name)")
      #expect(claim.findings.map(\.rawValue) == worked.findings, "\(worked.name)")
      #expect(claim.verdict.rawValue == worked.verdict, "\(worked.name)")
      #expect((claim.due == .zero) == (claim.reason != nil), "\(worked.name)")
    }
    #expect(replayed.total.due == Examples.pounds(31_450))
    #expect(replayed.total.claims == 41)
    #expect(replayed.total.paidUnknown == 1)
  }

  @Test func fullPathsPayFourThousandAndThreeThousandOneHundred() throws {
    let cases = try Examples.cases().map(\.claim)
    let replayed = try ClaimReplay(exactly16: .upper).replay(
      cases, under: try Examples.casesTerms())
    func sum(_ client: String) -> Money {
      replayed.claims.filter { cases[$0.index].client == client }.map(\.expected)
        .reduce(.zero, +)
    }
    #expect(sum("c01") == Examples.pounds(4000))
    #expect(sum("c02") == Examples.pounds(3100))
    // A start under version 1 at £1,350 and its thirteen weeks under version 2 at £1,550.
    #expect(sum("c04") == Examples.pounds(2900))
    let versions = replayed.claims.filter { cases[$0.index].client == "c04" }.map(\.version)
    #expect(versions == [0, 1])
  }

  @Test func exactlySixteenHoursFollowTheContractThenTheSetting() throws {
    let claim = OutcomeClaim(
      id: "m", client: "c", contract: "A", job: "j", outcome: .jobStart,
      event: try Examples.day("2016-06-01"),
      facts: OutcomeClaim.JobFacts(start: try Examples.day("2016-06-01"), hours: 16), row: 7)
    func due(
      _ boundary: HoursBoundary?, _ setting: ClaimReplay.BandChoice?
    ) throws -> ReplayedClaim {
      let terms = ContractTerms(versions: [
        ContractVersion(
          contract: "A", tariffs: Examples.jobTariffs([700, 1350], boundary: boundary))
      ])
      return try #require(
        ClaimReplay(exactly16: setting).replay([claim], under: terms).claims.first)
    }
    #expect(try due(.atLeast16, .lower).due == Examples.pounds(1350))
    #expect(try due(.above16, .upper).due == Examples.pounds(700))
    #expect(try due(nil, .lower).due == Examples.pounds(700))
    #expect(try due(nil, .upper).due == Examples.pounds(1350))
    #expect(try due(.atLeast16, nil).findings == [.exactly16Hours])
    #expect(try due(nil, .lower).band == .under16)
    let error = #expect(throws: SiblingError.self) { try due(nil, nil) }
    #expect(error?.code == .badValue && error?.row == 7 && error?.column == "job_id")
  }

  @Test func ofSeveralDurationsTheLongestReachedIsPaid() throws {
    // Six weeks at £300 and 26 weeks at £900, as two payments: day 42 and day 182.
    let terms = ContractTerms(versions: [
      ContractVersion(
        contract: "A",
        tariffs: [
          OutcomeTariff(
            outcome: .sustained, durationWeeks: 6, windowWeeks: 8, amount: Examples.pounds(300)),
          OutcomeTariff(
            outcome: .sustained, durationWeeks: 26, windowWeeks: 0, amount: Examples.pounds(900)),
        ])
    ])
    let start = try Examples.day("2016-06-01")
    func claim(_ day: Int32, _ end: Int32? = nil, gap: Int = 0) -> OutcomeClaim {
      OutcomeClaim(
        id: "m\(day)", client: "c\(end ?? 0)", contract: "A", job: "j", outcome: .sustained,
        event: start + day - 1,
        facts: OutcomeClaim.JobFacts(
          start: start, endEarliest: end.map { start + $0 - 1 },
          endLatest: end.map { start + $0 - 1 }, daysWithoutWork: gap), row: 0)
    }
    func due(_ claims: [OutcomeClaim]) throws -> [Int] {
      try ClaimReplay().replay(claims, under: terms).claims.map { $0.due.pence / 100 }
    }
    #expect(try due([claim(41), claim(42), claim(181), claim(182)]) == [0, 300, 0, 900])
    // The job ended on day 60: what is claimed on day 182 is six weeks, and paid once.
    #expect(try due([claim(182, 60)]) == [300])
    // 20 days without work within six weeks of eight: 56 − 20 = 36 days are too few, 14 leave 42.
    #expect(try due([claim(56, 56, gap: 20)]) == [0])
    #expect(try due([claim(56, 56, gap: 14)]) == [300])
    // Beyond the window no day counts: by day 70 the job has 50 of the first 56 days, less 14.
    #expect(try due([claim(70, 70, gap: 15)]) == [0])
  }

  @Test func jobsArePaidOnceEachUpToTheMaximum() throws {
    func terms(_ unit: OutcomeTariff.Unit, _ most: Int?) -> ContractTerms {
      ContractTerms(versions: [
        ContractVersion(
          contract: "A",
          tariffs: [
            OutcomeTariff(
              outcome: .jobStart, unit: unit, maximumPerClient: most, amount: Examples.pounds(700))
          ])
      ])
    }
    let claims = ["j1", "j1", "j2", "j3"].enumerated().map { number, job in
      OutcomeClaim(
        id: "m\(number)", client: "c", contract: "A", job: job, outcome: .jobStart,
        event: Int32(17_000 + number),
        facts: OutcomeClaim.JobFacts(start: 17_000), row: number)
    }
    func findings(_ unit: OutcomeTariff.Unit, _ most: Int?) throws -> [ClaimFinding?] {
      try ClaimReplay().replay(claims, under: terms(unit, most)).claims.map(\.reason)
    }
    #expect(try findings(.job, nil) == [nil, .jobAlreadyCounted, nil, nil])
    #expect(try findings(.job, 2) == [nil, .jobAlreadyCounted, nil, .beyondMaximum])
    #expect(try findings(.client, 1) == [nil, .jobAlreadyCounted, .beyondMaximum, .beyondMaximum])
    #expect(
      try findings(.client, nil) == [nil, .jobAlreadyCounted, .beyondMaximum, .beyondMaximum])
  }

  @Test func linesAndTotalsAddUp() throws {
    let claims = try Examples.randomClaims(900, seed: 5)
    let terms = try Examples.randomTerms([
      PayerCap(payer: "sof", amount: Examples.pounds(60_000))
    ])
    let replayed = try ClaimReplay().replay(claims, under: terms)
    let total = replayed.total
    #expect(total.unfunded > .zero && total.expected > .zero)
    #expect(total.due == total.expected + total.unfunded)
    func sum(_ values: [Money]) -> Money { values.reduce(.zero, +) }
    for totals in [replayed.byPayer, replayed.byContract] {
      #expect(sum(totals.map(\.due)) == total.due)
      #expect(sum(totals.map(\.expected)) == total.expected)
      #expect(sum(totals.map(\.unfunded)) == total.unfunded)
      #expect(sum(totals.map(\.paid)) == total.paid)
    }
    #expect(replayed.byContract.map(\.claims).reduce(0, +) == 900)
    #expect(sum(replayed.lines.map(\.expected)) == total.expected)
    #expect(sum(replayed.verdicts.map(\.expected)) == total.expected)
    #expect(sum(replayed.verdicts.map(\.paid)) == total.paid)
    #expect(replayed.verdicts.map(\.claims).reduce(0, +) == 900)
    let engaged = replayed.lines.filter { $0.outcome == .engagement && $0.payer == "mhep_bii" }
    let byHand = replayed.claims.filter { $0.outcome == .engagement }.count
    #expect(engaged.map(\.claims).reduce(0, +) == byHand)
    let keys = replayed.lines.map { "\($0.contract) \($0.version) \($0.quarter)" }
    #expect(keys == keys.sorted())
  }
}
