import Contracts
import Statistics
import TestSupport
import Testing

@Suite struct ReplayRefusalTests {
  typealias Examples = ReplayExamples

  /// What is refused: code, row and column.
  private func refusal(_ terms: ContractTerms) -> String {
    do throws(SiblingError) {
      try terms.check()
      return "nothing"
    } catch {
      return "\(error.code.rawValue) \(error.row.map(String.init) ?? "-") \(error.column ?? "-")"
    }
  }

  private func version(
    _ name: String = "1", _ from: Int32? = 17_000, _ to: Int32? = 17_099, row: Int = 3,
    _ change: (inout ContractVersion) -> Void = { _ in }
  ) -> ContractVersion {
    var version = ContractVersion(
      contract: "A", version: name, from: from, to: to, tariffs: [Examples.engagement(1000)],
      row: row)
    change(&version)
    return version
  }

  private func refusal(_ change: (inout ContractVersion) -> Void) -> String {
    refusal(ContractTerms(versions: [version("1", 17_000, 17_099, change)]))
  }

  @Test func versions() {
    #expect(refusal(ContractTerms(versions: [])) == "no-rows - -")
    #expect(refusal { _ in } == "nothing")
    #expect(refusal { $0.contract = "" } == "bad-value 3 contract_id")
    #expect(refusal { $0.to = 16_999 } == "bad-value 3 effective_to")
    #expect(refusal { $0.blockPerYear.pence = -1 } == "bad-value 3 block_gbp_pa")
    #expect(refusal { $0.outcomeCap = Money(pence: -1) } == "bad-value 3 outcome_cap_gbp")
    #expect(refusal { $0.equity.pence = -1 } == "bad-value 3 investor_equity_gbp")
    #expect(refusal { $0.loan.pence = 100_000_000_001 } == "bad-value 3 loan_gbp")
    #expect(refusal { $0.managementPerYear.pence = -1 } == "bad-value 3 management_cost_gbp_pa")
    for rate in [-0.01, 1.5, .nan] {
      #expect(refusal { $0.loanRate = rate } == "bad-value 3 loan_rate")
    }
    for years in [-1, 101, .infinity] {
      #expect(refusal { $0.loanYears = years } == "bad-value 3 loan_years")
    }
    func pair(_ later: ContractVersion) -> String {
      refusal(ContractTerms(versions: [version(), later]))
    }
    #expect(pair(version("2", 17_100, nil, row: 4)) == "nothing")
    #expect(pair(version("1", 17_100, nil, row: 4)) == "duplicate-key 4 version")
    #expect(pair(version("2", 17_099, nil, row: 4)) == "data-quality 4 effective_from")
    #expect(pair(version("2", 17_000, 17_001, row: 4)) == "data-quality 4 effective_from")
    // Without a first day it begins before everything, and so does not end before version 1.
    #expect(pair(version("2", nil, nil, row: 4)) == "data-quality 3 effective_from")
    #expect(pair(version("2", nil, 16_999, row: 4)) == "nothing")
  }

  @Test func gapsBetweenVersionsAreReported() {
    let terms = ContractTerms(versions: [
      version("2", 17_110, nil, row: 4), version("1", 17_000, 17_099),
    ])
    #expect(terms.gaps.map { [$0.from, $0.to] } == [[17_100, 17_109]])
    #expect(terms.gaps.first?.row == 4)
    #expect(refusal(terms) == "nothing")
    #expect(ContractTerms(versions: [version("1"), version("2", 17_100)]).gaps.isEmpty)
  }

  @Test func tariffs() {
    func priced(_ change: (inout OutcomeTariff) -> Void) -> String {
      refusal {
        var tariff = OutcomeTariff(
          outcome: .sustained, band: .under16, durationWeeks: 13, windowWeeks: 16,
          amount: Examples.pounds(1), row: 5)
        change(&tariff)
        $0.tariffs = [tariff]
      }
    }
    #expect(priced { _ in } == "nothing")
    #expect(priced { $0.amount.pence = -1 } == "bad-value 5 amount_gbp")
    #expect(priced { $0.amount.pence = .max } == "bad-value 5 amount_gbp")
    #expect(priced { $0.durationWeeks = .nan } == "bad-value 5 duration_weeks")
    #expect(priced { $0.windowWeeks = -1 } == "bad-value 5 window_weeks")
    #expect(priced { $0.windowWeeks = 12 } == "bad-value 5 window_weeks")
    #expect(priced { $0.permittedGapDays = -1 } == "bad-value 5 permitted_gap_days")
    #expect(priced { $0.maximumPerClient = 0 } == "bad-value 5 max_per_client")
    #expect(priced { $0.claimDeadlineDays = -1 } == "bad-value 5 claim_deadline_days")
    #expect(
      priced { ($0.outcome, $0.durationWeeks) = (.engagement, 0) } == "data-quality 5 hours_band")
    #expect(
      priced { ($0.outcome, $0.band) = (.engagement, .any) } == "data-quality 5 duration_weeks")
    func together(_ change: (inout OutcomeTariff) -> Void) -> String {
      refusal {
        let tariff = OutcomeTariff(
          outcome: .jobStart, band: .under16, boundary: .above16, amount: Examples.pounds(1),
          row: 5)
        var other = tariff
        other.row = 6
        change(&other)
        $0.tariffs = [tariff, other]
      }
    }
    #expect(together { _ in } == "duplicate-key 6 outcome")
    #expect(together { $0.band = .atLeast16 } == "nothing")
    #expect(together { $0.durationWeeks = 2 } == "nothing")
    #expect(together { ($0.band, $0.durationWeeks) = (.any, 2) } == "data-quality 6 hours_band")
    #expect(
      together { ($0.band, $0.boundary) = (.atLeast16, .atLeast16) }
        == "bad-value 6 hours_boundary")
    #expect(together { ($0.band, $0.boundary) = (.atLeast16, nil) } == "nothing")
  }

  @Test func shares() {
    func shared(_ change: (inout [PayerShare]) -> Void) -> String {
      refusal {
        $0.shares = [
          PayerShare(outcome: .engagement, payer: "a", millionths: 300_000, row: 7),
          PayerShare(outcome: .engagement, payer: "b", millionths: 700_000, row: 8),
        ]
        change(&$0.shares)
        $0.tariffs[0].row = 5
      }
    }
    #expect(shared { _ in } == "nothing")
    #expect(shared { $0[1].millionths = 699_999 } == "data-quality 7 share")
    #expect(shared { $0[1].millionths = 700_001 } == "data-quality 7 share")
    #expect(shared { $0[0].millionths = -1 } == "bad-value 7 share")
    #expect(shared { $0[0].millionths = .max } == "bad-value 7 share")
    #expect(shared { $0[1].payer = "" } == "bad-value 8 payer")
    #expect(shared { $0[1].payer = "a" } == "duplicate-key 8 payer")
    #expect(shared { $0[1].cap = Money(pence: -1) } == "bad-value 8 payer_cap_gbp")
    #expect(shared { ($0[1].from, $0[1].to) = (17_010, 17_009) } == "bad-value 8 valid_to")
    // b is there for the first ten days only: from then on the shares sum to 0.3.
    #expect(shared { $0[1].to = 17_009 } == "data-quality 7 share")
    #expect(shared { $0[1].from = 17_010 } == "data-quality 7 share")
    #expect(
      shared {
        $0[1].to = 17_009
        $0.append(
          PayerShare(outcome: .engagement, payer: "c", millionths: 700_000, from: 17_010, row: 9))
      } == "nothing")
    // A change after the version's end doesn't matter.
    #expect(shared { $0[1].to = 17_099 } == "nothing")
    #expect(
      shared { shares in
        for place in shares.indices { shares[place].outcome = .sustained }
      } == "data-quality 5 outcome")
  }

  @Test func caps() {
    func capped(_ caps: PayerCap...) -> String {
      var version = version()
      version.shares = [PayerShare(outcome: .engagement, payer: "sof", millionths: 1_000_000)]
      return refusal(ContractTerms(versions: [version], payerCaps: caps))
    }
    let cap = PayerCap(payer: "sof", amount: Examples.pounds(1), row: 2)
    #expect(capped(cap) == "nothing")
    #expect(capped(cap, cap) == "duplicate-key 2 payer")
    #expect(capped(PayerCap(payer: "cbo", amount: .zero, row: 2)) == "unknown-level 2 payer")
    #expect(
      capped(PayerCap(payer: "sof", contract: "B", amount: .zero, row: 2))
        == "unknown-level 2 contract_id")
    #expect(
      capped(PayerCap(payer: "sof", amount: Money(pence: -1), row: 2)) == "bad-value 2 cap_gbp")
    #expect(
      capped(PayerCap(payer: "sof", from: 2, to: 1, amount: .zero, row: 2))
        == "bad-value 2 valid_to")
  }

  private func claimRefusal(
    _ replay: ClaimReplay = ClaimReplay(), of change: (inout OutcomeClaim) -> Void
  ) -> String {
    var version = version()
    version.tariffs += Examples.jobTariffs([700, 1350])
    version.shares = OutcomeStage.allCases.map {
      PayerShare(
        outcome: $0, payer: "sof", millionths: 1_000_000, to: $0 == .jobStart ? 17_050 : nil)
    }
    var claim = OutcomeClaim(
      id: "m", client: "c", contract: "A", outcome: .engagement, event: 17_010, row: 9)
    let fine = claim
    change(&claim)
    if claim.id == fine.id, claim != fine { claim.id = "n" }
    do throws(SiblingError) {
      _ = try replay.replay([fine, claim], under: ContractTerms(versions: [version]))
      return "nothing"
    } catch {
      return "\(error.code.rawValue) \(error.row.map(String.init) ?? "-") \(error.column ?? "-")"
    }
  }

  @Test func claims() {
    #expect(claimRefusal { $0.claimed = 17_020 } == "nothing")
    #expect(claimRefusal { _ in } == "duplicate-key 9 claim_id")
    #expect(claimRefusal { $0.contract = "B" } == "unknown-level 9 contract_id")
    #expect(claimRefusal { $0.event = nil } == "missing-value 9 event_date")
    #expect(claimRefusal { $0.outcome = nil } == "missing-value 9 outcome")
    #expect(claimRefusal { $0.event = 16_999 } == "data-quality 9 event_date")
    #expect(claimRefusal { $0.event = 17_100 } == "data-quality 9 event_date")
    #expect(claimRefusal { $0.amount = Money(pence: -1) } == "bad-value 9 amount_gbp")
    #expect(claimRefusal { $0.amount = Money(pence: .max) } == "bad-value 9 amount_gbp")
    func started(
      _ replay: ClaimReplay = ClaimReplay(), hours: Double?, day: Int32 = 17_010
    ) -> String {
      claimRefusal(replay) {
        ($0.outcome, $0.job, $0.event) = (.jobStart, "j", day)
        $0.facts = OutcomeClaim.JobFacts(start: 17_000, hours: hours)
      }
    }
    #expect(started(hours: 20) == "nothing")
    #expect(started(hours: 169) == "bad-value 9 job_id")
    #expect(started(hours: .nan) == "bad-value 9 job_id")
    #expect(started(hours: -1) == "bad-value 9 job_id")
    #expect(started(hours: 16) == "bad-value 9 job_id")
    #expect(started(ClaimReplay(exactly16: .lower), hours: 16) == "nothing")
    #expect(started(hours: nil) == "nothing")
    #expect(started(ClaimReplay(unknownHours: nil), hours: nil) == "missing-value 9 job_id")
    // The only share in job starts has ended; where nothing is due, that is no matter.
    #expect(started(hours: 20, day: 17_051) == "data-quality 9 event_date")
    #expect(
      claimRefusal { ($0.outcome, $0.event) = (.jobStart, 17_051) } == "nothing")
    // A day that no version bounds must still be a day of a calendar.
    var open = version("1", nil, nil)
    open.tariffs = [Examples.engagement(1)]
    let far = OutcomeClaim(
      id: "m", client: "c", contract: "A", outcome: .engagement, event: .max, row: 9)
    let error = #expect(throws: SiblingError.self) {
      try ClaimReplay().replay([far], under: ContractTerms(versions: [open]))
    }
    #expect(error?.code == .badValue && error?.column == "event_date")
    #expect(throws: SiblingError.self) {
      try ClaimReplay().replay([], under: ContractTerms(versions: [open]))
    }
  }

  @Test func namesThatMayHaveBeenMeantAreSuggested() throws {
    var version = version()
    version.contract = "Staffordshire"
    let claim = OutcomeClaim(
      id: "m", client: "c", contract: "Stafordshire", outcome: .engagement, event: 17_010, row: 0)
    let error = #expect(throws: SiblingError.self) {
      try ClaimReplay().replay([claim], under: ContractTerms(versions: [version]))
    }
    #expect(error?.suggestion == "Staffordshire")
    #expect(error?.message.contains("Stafordshire") == false)
  }
}
