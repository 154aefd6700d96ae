internal import Contracts
internal import Statistics

/// Claims made of the clients' file, as `peers/contracts.py` makes them: three rows are one client's
/// engagement, job start and thirteen weeks; every tenth client claims a second job start instead.
struct ContractClaims {
  /// 1 April 2016.
  static let begin: Int32 = 16_892

  var age, imd, motivation, weeks: [Double]

  /// Two contracts, of which one was renegotiated after 18 months; caps of SOF over both and of each
  /// commissioner.
  static func terms() -> ContractTerms {
    func version(
      _ contract: String, _ name: String, _ from: Int32, _ to: Int32?, _ pence: [Int]
    ) -> ContractVersion {
      let cells: [(OutcomeStage, HoursBand, Double)] = [
        (.engagement, .any, 0), (.jobStart, .under16, 0), (.jobStart, .atLeast16, 0),
        (.sustained, .under16, 13), (.sustained, .atLeast16, 13),
      ]
      return ContractVersion(
        contract: contract, version: name, from: from, to: to,
        tariffs: zip(cells, pence).map { cell, pence in
          OutcomeTariff(
            outcome: cell.0, band: cell.1, boundary: .atLeast16, durationWeeks: cell.2,
            windowWeeks: cell.2, amount: Money(pence: pence),
            needsVerification: cell.0 != .engagement, claimDeadlineDays: 95)
        },
        shares: [
          PayerShare(outcome: .engagement, payer: "mhep_bii", millionths: 200_000),
          PayerShare(outcome: .engagement, payer: "commissioner", millionths: 700_000),
          PayerShare(outcome: .engagement, payer: "sof", millionths: 100_000),
          PayerShare(outcome: .jobStart, payer: "sof", millionths: 1_000_000),
          PayerShare(outcome: .sustained, payer: "sof", millionths: 1_000_000),
        ])
    }
    return ContractTerms(
      versions: [
        version("A", "1", begin, begin + 547, [100_003, 70_001, 135_000, 140_000, 165_000]),
        version("A", "2", begin + 548, nil, [79_001, 65_000, 125_000, 130_000, 155_000]),
        version("B", "1", begin, nil, [90_007, 70_000, 135_000, 140_000, 165_000]),
      ],
      payerCaps: [
        PayerCap(payer: "sof", amount: Money(pence: 30_000 * 1_000_000)),
        PayerCap(payer: "commissioner", contract: "A", amount: Money(pence: 7000 * 1_000_000)),
        PayerCap(payer: "commissioner", contract: "B", amount: Money(pence: 9000 * 1_000_000)),
      ])
  }

  func claims() -> [OutcomeClaim] {
    age.indices.map { row in
      let (client, step) = (row / 3, row % 3)
      let first = 3 * client
      let engaged = Self.begin + Int32((7 * client + Int(age[first])) % 900)
      let isSecond = step == 2 && client % 10 == 0
      let start = engaged + 30 + 5 * Int32(motivation[first]) + (isSecond ? 40 : 0)
      let event = step == 0 ? engaged : step == 1 || isSecond ? start : start + 90
      let last = start + 7 * Int32(weeks[first])
      let facts = OutcomeClaim.JobFacts(
        start: start, endEarliest: last, endLatest: last,
        hours: Double((7 * Int(age[first]) + client) % 40), isVerified: motivation[first] != 1)
      return OutcomeClaim(
        id: "m\(10_000_000 + row)", client: "c\(10_000_000 + client)",
        contract: imd[first] <= 5 ? "A" : "B",
        job: step == 0 ? nil : "j\(client)\(isSecond ? "b" : "")",
        outcome: step == 0 ? .engagement : step == 1 || isSecond ? .jobStart : .sustained,
        event: event, claimed: event + 10 * Int32(imd[row]), status: .paid,
        amount: Money(pence: 100_000), facts: step == 0 ? nil : facts, row: row)
    }
  }

  /// What both sides must agree on: claims by what stops them, and the sums of each payer.
  static func estimates(_ replayed: ReplayedClaims) -> [Double] {
    func count(_ reason: ClaimFinding) -> Double {
      Double(replayed.claims.count { $0.reason == reason })
    }
    let total = replayed.total
    return [
      Double(total.dueClaims), total.due.pounds, total.unfunded.pounds, count(.jobTooShort),
      count(.noEvidence), count(.claimedLate), count(.beyondMaximum),
    ] + replayed.byPayer.map(\.expected.pounds)
  }
}
