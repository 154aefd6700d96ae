import Contracts
import Statistics
import TestSupport
import Testing

@Suite struct ReplayCapTests {
  typealias Examples = ReplayExamples

  /// The claims of `caps.csv`: 700 job starts, 1,200 rounds of three engagements, 210 sustained jobs.
  private func waveClaims() throws -> [OutcomeClaim] {
    let contracts = ["Staffordshire", "Tower Hamlets", "Haringey"]
    let start = try Examples.day("2016-04-01")
    var claims: [OutcomeClaim] = []
    func add(_ name: String, _ contract: String, _ outcome: OutcomeStage, _ day: Int32) {
      let facts = OutcomeClaim.JobFacts(start: day - 90, hours: 20)
      claims.append(
        OutcomeClaim(
          id: name, client: name, contract: contract, job: outcome == .engagement ? nil : name,
          outcome: outcome, event: day, claimed: day, facts: outcome == .engagement ? nil : facts,
          row: claims.count))
    }
    func padded(_ number: Int) -> String { String(String(10_000 + number).dropFirst()) }
    for number in 1...700 {
      add("b\(padded(number))", contracts[number % 3], .jobStart, start + Int32(number / 2))
    }
    for round in 1...1200 {
      for (place, contract) in contracts.enumerated() {
        let day = start + 365 + Int32(round * 364 / 1200)
        add("e\(padded(round))-\(place + 1)", contract, .engagement, day)
      }
    }
    for number in 1...210 {
      add("s\(padded(number))", contracts[number % 3], .sustained, start + 735 + Int32(number))
    }
    return claims
  }

  private func waveTerms() throws -> ContractTerms {
    let (begin, end) = (try Examples.day("2016-04-01"), try Examples.day("2019-03-31"))
    let change = try Examples.day("2018-04-01")
    let versions = zip(["Staffordshire", "Tower Hamlets", "Haringey"], [1000, 900, 790]).map {
      contract, engagement in
      var shares = Examples.waveShares
      for place in shares.indices where shares[place].payer == "sof" {
        shares[place].to = change - 1
        var next = shares[place]
        (next.payer, next.from, next.to) = ("cbo", change, nil)
        shares.append(next)
      }
      return ContractVersion(
        contract: contract, from: begin, to: end,
        tariffs: [Examples.engagement(engagement)] + Examples.jobTariffs([700, 1350, 1400, 1650]),
        shares: shares)
    }
    let table = try Golden.csv("contracts/caps.csv")
    let names = try #require(table["cap"])
    let caps = try names.indices.map { row in
      func cell(_ column: String) throws -> String { try #require(table[column])[row] }
      let contract = try cell("contract")
      return PayerCap(
        payer: try cell("payer"), contract: contract.isEmpty ? nil : contract,
        from: try Examples.optionalDay(cell("from")), to: try Examples.optionalDay(cell("to")),
        amount: try #require(try Examples.money(cell("limit"))), row: row)
    }
    return ContractTerms(versions: versions, payerCaps: caps)
  }

  @Test func theFirstWavesCapsBindInOrderAndTotalToThePound() throws {
    let claims = try waveClaims()
    let terms = try waveTerms()
    let replayed = try ClaimReplay(order: .event).replay(claims, under: terms)
    let table = try Golden.csv("contracts/caps.csv")
    #expect(replayed.caps.count == 5)
    for (row, cap) in replayed.caps.enumerated() {
      func cell(_ column: String) throws -> String { try #require(table[column])[row] }
      #expect(cap.kind == .payer && cap.row == row)
      #expect(cap.used == (try Examples.money(cell("used"))))
      #expect(cap.cut == (try Examples.money(cell("cut"))))
      #expect(cap.left == .zero)
      let first = try #require(cap.firstBound)
      #expect(claims[first].id == (try cell("first_bound")))
    }
    let paid = Dictionary(
      uniqueKeysWithValues: replayed.byPayer.map { ($0.name, $0.expected.pence / 100) })
    #expect(paid["sof"] == 990_000)
    #expect(paid["cbo"] == 330_000)
    #expect(paid["commissioner"] == 674_240 + 736_960 + 180_000)
    #expect(paid["mhep_bii"] == 645_600)
    let capped = ["sof", "cbo", "commissioner"].compactMap { paid[$0] }.reduce(0, +)
    #expect(capped == 2_911_200)
    // e0964-1: 200 from MHEP, the commissioner's last 140, nothing from SOF; 860 of 1000 are cut.
    let partial = try #require(replayed.claims.first { claims[$0.index].id == "e0964-1" })
    #expect(partial.parts.map { $0.expected.pence / 100 } == [200, 140, 0])
    #expect(partial.unfunded == Examples.pounds(660))
    #expect(partial.verdict == .dueNotPaid)
    let last = try #require(replayed.claims.first { claims[$0.index].id == "s0201" })
    #expect(last.expected == .zero && last.verdict == .capped)
    #expect(
      last.cap.map { replayed.caps[$0].name }
        == "cbo's cap over all contracts from 2018-04-01 to 2019-03-31")
  }

  @Test func capsOfContractSharesAndPayersCutInThisOrder() throws {
    let begin = try Examples.day("2016-04-01")
    var shares = Examples.waveShares
    // One cap of £250 for MHEP, though two rows carry it: engagements and job starts.
    shares[0].cap = Examples.pounds(250)
    shares[3].millionths = 900_000
    shares.append(
      PayerShare(
        outcome: .jobStart, payer: "mhep_bii", millionths: 100_000, cap: Examples.pounds(250)))
    let terms = ContractTerms(
      versions: [
        ContractVersion(
          contract: "A", from: begin, outcomeCap: Examples.pounds(3000),
          tariffs: [
            Examples.engagement(1000),
            OutcomeTariff(
              outcome: .jobStart, amount: Examples.pounds(1000)),
          ], shares: shares)
      ], payerCaps: [PayerCap(payer: "sof", contract: "A", amount: Examples.pounds(1200))])
    func claim(_ client: String, _ outcome: OutcomeStage, _ day: Int32) -> OutcomeClaim {
      OutcomeClaim(
        id: "m\(day)", client: client, contract: "A", job: outcome == .engagement ? nil : client,
        outcome: outcome, event: begin + day,
        facts: OutcomeClaim.JobFacts(start: begin), row: Int(day))
    }
    let claims = [
      claim("a", .engagement, 0), claim("b", .jobStart, 1), claim("c", .jobStart, 2),
      claim("d", .engagement, 3), claim("e", .engagement, 4),
    ]
    func parts(_ rule: ClaimReplay.CapRule) throws -> [[Int]] {
      try ClaimReplay(capRule: rule).replay(claims, under: terms).claims.map {
        $0.parts.map { $0.expected.pence / 100 }
      }
    }
    // a: 200 + 700 + 100. b: sof 900, MHEP the last 50 of 250. c: sof the last 200 of 1200.
    // d: 2150 are paid, the contract has room for 850: 170 + 595 + 85, of which the commissioner's
    // 595 remain. e: 2745 are paid, room for 255: 51 + 178.50 + 25.50, of which 178.50 remain.
    #expect(
      try parts(.partial) == [[200, 700, 100], [900, 50], [200, 0], [0, 595, 0], [0, 178, 0]])
    let partial = try ClaimReplay().replay(claims, under: terms)
    #expect(partial.caps.map(\.kind) == [.contract, .share, .payer])
    #expect(partial.caps.map { $0.used.pence } == [292_350, 25_000, 120_000])
    #expect(partial.caps.map(\.firstBound) == [3, 1, 2])
    #expect(partial.claims.map(\.cap) == [nil, 1, 1, 0, 0])
    // Cut: 150 + 745 by the contract; 50 + 100 + 170 + 51 by MHEP's; 700 + 85 + 25.50 by SOF's.
    #expect(partial.caps.map { $0.cut.pence } == [89_500, 37_100, 81_050])
    // Whole: b would take MHEP to 300, so nothing of it is paid, nor of what follows: each wants MHEP
    // above 250 but c, for which the same holds.
    #expect(try parts(.whole) == [[200, 700, 100], [0, 0], [0, 0], [0, 0, 0], [0, 0, 0]])
    let whole = try ClaimReplay(capRule: .whole).replay(claims, under: terms)
    #expect(whole.caps.map { $0.cut.pence } == [0, 400_000, 0])
    #expect(whole.caps.map { $0.left.pence } == [200_000, 5_000, 110_000])
  }

  @Test func aSmallerClaimMayStillFitWhole() throws {
    let terms = ContractTerms(versions: [
      ContractVersion(
        contract: "A", outcomeCap: Examples.pounds(2000),
        tariffs: [Examples.engagement(400)] + Examples.jobTariffs([700, 1350]))
    ])
    func claim(_ client: String, _ hours: Double?, _ day: Int32) -> OutcomeClaim {
      OutcomeClaim(
        id: client, client: client, contract: "A", job: hours.map { _ in client },
        outcome: hours == nil ? .engagement : .jobStart, event: 17_000 + day, claimed: 17_100 - day,
        facts: hours.map { OutcomeClaim.JobFacts(start: 17_000, hours: $0) }, row: 0)
    }
    let claims = [claim("a", 20, 0), claim("b", 10, 1), claim("c", nil, 2), claim("d", nil, 3)]
    func expected(_ rule: ClaimReplay.CapRule, _ order: ClaimReplay.Order) throws -> [Int] {
      try ClaimReplay(capRule: rule, order: order).replay(claims, under: terms).claims.map {
        $0.expected.pence / 100
      }
    }
    // 1350 leave 650: 700 do not fit, 400 do, 400 more do not.
    #expect(try expected(.whole, .event) == [1350, 0, 400, 0])
    #expect(try expected(.partial, .event) == [1350, 650, 0, 0])
    // Claimed in the opposite order: 400 + 400 + 700 = 1500 leave 500.
    #expect(try expected(.whole, .claimed) == [0, 700, 400, 400])
    #expect(try expected(.partial, .claimed) == [500, 700, 400, 400])
  }

  @Test func aRenegotiatedCapCountsFromTheContractsBeginning() throws {
    func version(_ name: String, _ from: Int32, _ to: Int32?, _ cap: Int?) -> ContractVersion {
      ContractVersion(
        contract: "A", version: name, from: from, to: to, outcomeCap: cap.map(Examples.pounds),
        tariffs: [Examples.engagement(1000)])
    }
    let terms = ContractTerms(versions: [
      version("1", 17_000, 17_099, 1500), version("2", 17_100, 17_199, nil),
      version("3", 17_200, nil, 2600),
    ])
    let claims = [0, 1, 100, 200, 201].enumerated().map { number, day in
      OutcomeClaim(
        id: "m\(number)", client: "c\(number)", contract: "A", outcome: .engagement,
        event: Int32(17_000 + day), row: number)
    }
    // 1000, then 500 up to the first cap; version 2 has none; 2600 − 1500 = 1100 under the third.
    let replayed = try ClaimReplay().replay(claims, under: terms)
    #expect(replayed.claims.map { $0.expected.pence / 100 } == [1000, 500, 1000, 1000, 100])
    #expect(replayed.caps.map { $0.limit.pence / 100 } == [1500, 2600])
    #expect(replayed.caps.map { $0.used.pence / 100 } == [2600, 2600])
    #expect(replayed.caps.map(\.firstBound) == [1, 4])
    #expect(replayed.caps.map(\.left) == [.zero, .zero])
  }
}
