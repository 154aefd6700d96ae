import Contracts
import LinearAlgebra
import Statistics
import TestSupport
import Testing

@Suite struct ReplayPropertyTests {
  typealias Examples = ReplayExamples

  private func contractOf(_ shares: [Int], amount: Money) -> ContractTerms {
    var tariff = Examples.engagement(0)
    tariff.amount = amount
    let payers = zip(["first", "second", "third"], shares).map { payer, share in
      PayerShare(outcome: .engagement, payer: payer, millionths: share)
    }
    return ContractTerms(versions: [
      ContractVersion(contract: "A", tariffs: [tariff], shares: payers)
    ])
  }

  private let one = OutcomeClaim(
    id: "m", client: "c", contract: "A", outcome: .engagement, event: 17_000, row: 0)

  @Test func sharesAddUpToThePennyAsByHand() throws {
    let table = try Golden.csv("contracts/shares.csv")
    let rows = try #require(table["pence"])
    #expect(rows.count == 8)
    for row in rows.indices {
      func number(_ column: String) throws -> Int {
        let text = try #require(table[column])[row]
        return try #require(Int(text))
      }
      let shares = try ["first", "second", "third"].map(number)
      let replayed = try ClaimReplay().replay(
        [one], under: contractOf(shares, amount: Money(pence: try number("pence"))))
      let parts = replayed.claims[0].parts.map(\.expected.pence)
      #expect(parts == (try ["a", "b", "c"].map(number)), "row \(row)")
    }
  }

  @Test func splittingConservesMoneyAndStaysWithinAPenny() throws {
    var stream = RandomStream(seed: 3, name: "split")
    for _ in 0..<300 {
      let first = stream.integer(below: 1_000_001)
      let second = stream.integer(below: 1_000_001 - first)
      let shares = [first, second, 1_000_000 - first - second]
      let amount = Money(pence: stream.integer(below: 100_000_000_000))
      let claim = try ClaimReplay().replay([one], under: contractOf(shares, amount: amount))
        .claims[0]
      #expect(claim.parts.map(\.expected).reduce(.zero, +) == amount)
      for (part, share) in zip(claim.parts, shares) {
        // Each has its exact share or that and less than a penny more or less.
        #expect((part.expected.pence * 1_000_000 - amount.pence * share).magnitude < 1_000_000)
      }
    }
  }

  private func capped(_ rule: ClaimReplay.CapRule, _ cap: Int) throws -> ReplayedClaims {
    try ClaimReplay(capRule: rule).replay(
      try Examples.randomClaims(500, seed: 11),
      under: try Examples.randomTerms([PayerCap(payer: "sof", amount: Examples.pounds(cap))]))
  }

  @Test func expectedAndUnfundedAreWhatIsDue() throws {
    for rule in ClaimReplay.CapRule.allCases {
      let replayed = try capped(rule, 20_000)
      for claim in replayed.claims {
        #expect(claim.expected + claim.unfunded == claim.due)
        #expect(claim.parts.map(\.due).reduce(.zero, +) == claim.due)
        #expect(claim.parts.map(\.expected).reduce(.zero, +) == claim.expected)
        #expect(claim.parts.allSatisfy { $0.expected >= .zero && $0.expected <= $0.due })
        #expect((claim.cap != nil) == (claim.unfunded > .zero))
        if rule == .whole { #expect(claim.expected == .zero || claim.unfunded == .zero) }
        let paid = try #require(claim.paid)
        #expect(claim.parts.compactMap(\.paid).reduce(.zero, +) == paid)
      }
      let cap = try #require(replayed.caps.first)
      let sof = try #require(replayed.byPayer.first { $0.name == "sof" })
      #expect(cap.used == sof.expected && cap.used <= cap.limit)
      #expect(replayed.caps.map(\.cut).reduce(.zero, +) == replayed.total.unfunded)
    }
  }

  @Test func raisingACapNeverLowersAPayment() throws {
    let steps = try [0, 5000, 20_000, 20_001, 60_000, 1_000_000].map { try capped(.partial, $0) }
    for (lower, higher) in zip(steps, steps.dropFirst()) {
      for (before, after) in zip(lower.claims, higher.claims) {
        #expect(before.expected <= after.expected)
        #expect(before.due == after.due)
      }
    }
    #expect(steps[0].total.expected < steps[2].total.expected)
    #expect(steps[5].total.unfunded == .zero)
    // The contract's own cap, over all payers.
    let own = try [0, 7000, 30_000, 900_000].map { cap in
      try ClaimReplay().replay(
        try Examples.randomClaims(500, seed: 11),
        under: try Examples.randomTerms(outcomeCap: Examples.pounds(cap)))
    }
    for (lower, higher) in zip(own, own.dropFirst()) {
      #expect(zip(lower.claims, higher.claims).allSatisfy { $0.expected <= $1.expected })
      #expect(lower.total.expected < higher.total.expected)
    }
    #expect(own[0].byContract.map { $0.expected == .zero } == [true, false])
  }

  @Test func theOrderOfRowsMovesNothing() throws {
    let claims = try Examples.randomClaims(400, seed: 23)
    let terms = try Examples.randomTerms(
      [PayerCap(payer: "sof", amount: Examples.pounds(20_000))], outcomeCap: Examples.pounds(9000))
    for order in ClaimReplay.Order.allCases {
      for rule in ClaimReplay.CapRule.allCases {
        let replay = ClaimReplay(capRule: rule, order: order)
        let there = try replay.replay(claims, under: terms)
        var back = try replay.replay(claims.reversed(), under: terms)
        #expect(back.lines == there.lines)
        #expect(back.verdicts == there.verdicts)
        #expect(back.order.map { 399 - $0 } == there.order)
        back.claims.reverse()
        for place in back.claims.indices { back.claims[place].index = place }
        #expect(back.claims == there.claims)
      }
    }
  }

  @Test func anyNumberOfThreadsGivesTheSame() throws {
    // More claims than a block holds, on fewer clients than claims.
    let claims = try Examples.randomClaims(9000, seed: 7)
    let terms = try Examples.randomTerms(outcomeCap: Examples.pounds(9000))
    let threads = Parallel.threads
    defer { Parallel.setThreads(threads) }
    Parallel.setThreads(1)
    let one = try ClaimReplay().replay(claims, under: terms)
    Parallel.setThreads(3)
    #expect(try ClaimReplay().replay(claims, under: terms) == one)
  }
}
