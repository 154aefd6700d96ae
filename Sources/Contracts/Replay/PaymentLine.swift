/// Sums of one contract version, quarter, outcome and payer.
public struct PaymentLine: Sendable, Equatable {
  /// The contract and its version.
  public var contract, version: String
  /// The quarter of the outcomes, as its last month.
  public var quarter: CalendarMonth
  /// The outcome.
  public var outcome: OutcomeStage
  /// Who pays.
  public var payer: String
  /// The claims, and those of them for which something is due.
  public var claims, dueClaims: Int
  /// The payer's part of what is due, what it is to pay after caps, and what caps cut off.
  public var due, expected, unfunded: Money
  /// Its part of what was paid where that is recorded, and the claims whose payment is not.
  public var paid: Money, paidUnknown: Int
  /// The claims of which it paid another amount than expected or none that is recorded, and those
  /// of which caps cut its part.
  public var differing = 0, cut = 0

  /// Expected minus paid.
  public var difference: Money { expected - paid }
}

/// Sums over claims.
public struct PaymentTotal: Sendable, Equatable {
  /// Of whom.
  public var name: String
  /// The claims, and those of them for which something is due.
  public var claims = 0, dueClaims = 0
  /// What is due, what is to be paid after caps, and what caps cut off.
  public var due = Money.zero, expected = Money.zero, unfunded = Money.zero
  /// What was paid where that is recorded, and the claims whose payment is not.
  public var paid = Money.zero, paidUnknown = 0

  /// Expected minus paid.
  public var difference: Money { expected - paid }

  init(name: String) { self.name = name }

  mutating func add(_ line: PaymentLine) {
    claims += line.claims
    dueClaims += line.dueClaims
    due = due + line.due
    expected = expected + line.expected
    unfunded = unfunded + line.unfunded
    paid = paid + line.paid
    paidUnknown += line.paidUnknown
  }

  mutating func add(_ claim: ReplayedClaim) {
    claims += 1
    dueClaims += claim.due > .zero ? 1 : 0
    due = due + claim.due
    expected = expected + claim.expected
    unfunded = unfunded + claim.unfunded
    paid = paid + (claim.paid ?? .zero)
    paidUnknown += claim.paid == nil ? 1 : 0
  }

  static func totals(
    _ lines: [PaymentLine], keys: [String], by key: (PaymentLine) -> String
  ) -> [PaymentTotal] {
    var totals: [String: PaymentTotal] = [:]
    for line in lines {
      totals[key(line), default: PaymentTotal(name: key(line))].add(line)
    }
    return keys.map { totals[$0] ?? PaymentTotal(name: $0) }
  }
}

/// Claims of one contract, outcome and verdict.
public struct VerdictLine: Sendable, Equatable {
  /// The contract.
  public var contract: String
  /// The outcome.
  public var outcome: OutcomeStage
  /// How what was paid compares with what should have been.
  public var verdict: ClaimVerdict
  /// The claims.
  public var claims: Int
  /// What is to be paid for them and what was, where recorded.
  public var expected, paid: Money

  /// Expected minus paid.
  public var difference: Money { expected - paid }
}
