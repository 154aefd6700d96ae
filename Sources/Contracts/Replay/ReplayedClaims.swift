internal import Statistics

/// Claims replayed under their contracts: claim by claim, by payer, and every cap.
public struct ReplayedClaims: Sendable, Equatable {
  /// A row a claim, in the order in which they were handed in.
  public var claims: [ReplayedClaim]
  /// The places of the claims in the order in which they were counted.
  public var order: [Int]
  /// Everyone who pays, in the order in which the terms name them.
  public var payers: [String]
  /// The contracts, in the order in which the terms name them.
  public var contracts: [String]
  /// The contract of each of the terms' versions, as a place in `contracts`.
  public var contractOf: [Int]
  /// The state of every cap after the last claim: contracts', then shares', then payers'.
  public var caps: [CapState]
  /// Sums by contract, version, quarter, outcome and payer, in this order.
  public var lines: [PaymentLine]
  /// Claims by contract, outcome and verdict.
  public var verdicts: [VerdictLine]

  /// The sums of each payer, in the order of `payers`, over the claims to which it has a part.
  public var byPayer: [PaymentTotal] {
    PaymentTotal.totals(lines, keys: payers) { $0.payer }
  }

  /// The sums of each contract, in the order of `contracts`; a claim is counted once.
  public var byContract: [PaymentTotal] {
    var totals = contracts.map { PaymentTotal(name: $0) }
    for place in claims.indices { totals[contractOf[claims[place].version]].add(claims[place]) }
    return totals
  }

  /// The sum over everything; a claim is counted once.
  public var total: PaymentTotal {
    var total = PaymentTotal(name: "all")
    for place in claims.indices { total.add(claims[place]) }
    return total
  }
}

/// A cap after the last claim.
public struct CapState: Sendable, Equatable {
  /// Whose cap it is.
  public var kind: Kind
  /// The contract; nil = all contracts together.
  public var contract: String?
  /// The payer; nil = all payers together.
  public var payer: String?
  /// The days of outcomes that count; nil = not bounded.
  public var from, to: Int32?
  /// The most that may be paid, what was, and what caps cut off because of this one.
  public var limit, used, cut: Money
  /// The claim that first ran into it, by its place; nil when none did.
  public var firstBound: Int?
  /// The row of the table that states it, for messages.
  public var row: Int?

  /// What is left; zero when later terms lowered the cap below what had been paid.
  public var left: Money { max(.zero, limit - used) }

  /// Whose cap it is.
  public enum Kind: String, Sendable, CaseIterable {
    /// The contract's own, over all its outcomes and payers.
    case contract
    /// That of a payer's shares in one contract.
    case share
    /// A payer's, under one contract or all.
    case payer
  }

  /// What the cap is called in sentences.
  public var name: String {
    var words = payer.map { "\($0)'s cap" } ?? "the outcome cap"
    words += contract.map { " on \($0)" } ?? " over all contracts"
    if let from = CivilDate.text(from) { words += " from \(from)" }
    if let to = CivilDate.text(to) { words += " to \(to)" }
    return words
  }
}
