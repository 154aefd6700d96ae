public import Statistics

/// Replays claims under dated contracts: what each should have paid, to whom, and what differs.
///
/// Each claim is priced under the version of its contract that was in force on the day of its
/// outcome, so that a contract renegotiated between a job's start and its sustained outcome pays
/// each part under its own version. Whole pence throughout: what payers pay and what caps cut off
/// add up to what is due, exactly.
///
/// A client's claims are counted against maxima, and all claims against caps, in the order of
/// `order`, ties by client and then by the claim's name; the order of the rows moves nothing.
/// Descriptive: the contract's arithmetic, no estimate.
public struct ClaimReplay: Sendable, Equatable {
  /// What a cap does to the claim that runs into it.
  public var capRule: CapRule
  /// The band of exactly 16 hours where the tariff does not say; nil = refuse such a claim.
  public var exactly16: BandChoice?
  /// The band of a job whose hours are not known; nil = refuse such a claim.
  public var unknownHours: BandChoice?
  /// The day by which claims are counted.
  public var order: Order

  /// What a cap does to the claim that runs into it.
  public enum CapRule: String, Sendable, CaseIterable {
    /// The claim is paid up to the cap.
    case partial
    /// Only claims that fit whole are paid; a later, smaller one may still fit.
    case whole
  }

  /// One of the two bands of hours.
  public enum BandChoice: String, Sendable, CaseIterable {
    /// Under 16 hours a week.
    case lower
    /// 16 hours a week or more.
    case upper
  }

  /// The day by which claims are counted against maxima and caps.
  public enum Order: String, Sendable, CaseIterable {
    /// The day of the claim (of the outcome where that is not known).
    case claimed
    /// The day of the outcome.
    case event
  }

  /// A replay.
  public init(
    capRule: CapRule = .partial, exactly16: BandChoice? = nil, unknownHours: BandChoice? = .lower,
    order: Order = .claimed
  ) {
    self.capRule = capRule
    self.exactly16 = exactly16
    self.unknownHours = unknownHours
    self.order = order
  }

  /// The payer of a contract version that names none.
  public static let unnamedPayer = "not stated"

  /// Replays claims, in any order, under the terms.
  ///
  /// Errors carry the claim's own `row` and a column of the claims' table (`event_date`,
  /// `outcome`, `claim_id`, `amount_gbp`, `job_id`, `contract_id`).
  ///
  /// - Throws: what `ContractTerms.check` throws; `noRows` without claims; `missingValue` for a
  ///   claim without an outcome or its day; `duplicateKey` for two claims of one name;
  ///   `unknownLevel` for an unknown contract; `dataQuality` for an outcome on a day on which no
  ///   version of its contract is in force, or no payer's share; `badValue` for a negative or
  ///   impossible amount, hours outside 0–168, exactly 16 hours where neither contract nor setting
  ///   says what they are, or unknown hours where these are to be refused.
  public func replay(
    _ claims: [OutcomeClaim], under terms: ContractTerms
  ) throws(SiblingError) -> ReplayedClaims {
    let ready = try ReplayTerms(terms)
    try check(claims)
    var priced = try price(claims, ready)
    let order = order(claims, priced)
    for mark in ClaimCounts(claims: claims, priced: priced, terms: ready).marks(order) {
      priced[mark.place].findings.insert(mark.finding)
    }
    for place in priced.indices where priced[place].findings.stopsPayment {
      priced[place].due = .zero
    }
    return try pay(claims, priced, order, ready, terms.payerCaps)
  }

  /// The most claims that are replayed: their sum stays a whole number of pence.
  static let mostClaims = 50_000_000

  private func check(_ claims: [OutcomeClaim]) throws(SiblingError) {
    guard !claims.isEmpty else { throw SiblingError(.noRows, "there is no claim") }
    guard claims.count <= Self.mostClaims else {
      throw SiblingError(.badValue, "there are more than \(Self.mostClaims) claims")
    }
    var names = NameTable(capacity: claims.count)
    for claim in claims {
      if !claim.id.isEmpty, !names.number(of: claim.id).isNew {
        throw SiblingError(
          .duplicateKey, "two claims have one name", help: "give each claim a name of its own",
          row: claim.row, column: "claim_id", cell: claim.id)
      }
      if let amount = claim.amount {
        try ContractTerms.checkAmount(amount, claim.row, "amount_gbp")
      }
    }
  }
}
