/// What the contract says of one claim.
public struct ReplayedClaim: Sendable, Equatable {
  /// The place of the claim among those handed in.
  public var index: Int
  /// The place of its version in the terms' `versions`.
  public var version: Int
  /// The calendar quarter of the outcome, as its last month.
  public var quarter: CalendarMonth
  /// The outcome.
  public var outcome: OutcomeStage
  /// The place of the tariff among those of the version; nil without one.
  public var tariff: Int?
  /// The band by which the claim was priced (`any` where the tariff has none); nil when unpriced.
  public var band: HoursBand?
  /// What the rules give before any cap; zero when something stops payment.
  public var due: Money
  /// What is to be paid after caps: the sum over payers.
  public var expected: Money
  /// What caps cut off and nobody pays: `due` minus `expected`.
  public var unfunded: Money
  /// The cap that cut first, as a place in `caps`; nil when none did.
  public var cap: Int?
  /// What stands in the claim; nil when nothing does, or it was turned down at zero.
  public var claimed: Money?
  /// What was paid; nil when paid without a recorded amount.
  public var paid: Money?
  /// Each payer's part, in the order of the shares; empty for an outcome that nobody pays.
  public var parts: [Part]
  /// What was found, in the order of the checks.
  public var findings: [ClaimFinding]
  /// How what was paid compares with what should have been.
  public var verdict: ClaimVerdict

  /// The part of one payer.
  public struct Part: Sendable, Equatable {
    /// The payer, a place in `payers`.
    public var payer: Int
    /// Its part of what is due, and of that what it is to pay after caps.
    public var due, expected: Money
    /// Its part of what was paid: as expected where the sums agree, else by the shares.
    public var paid: Money?
  }

  /// Why nothing is due; nil when something is.
  public var reason: ClaimFinding? { findings.first { $0.stopsPayment } }

  /// Expected minus claimed; nil where the claim has no amount.
  public var expectedMinusClaimed: Money? { claimed.map { expected - $0 } }

  /// Expected minus paid; nil where the amount paid is not recorded.
  public var expectedMinusPaid: Money? { paid.map { expected - $0 } }
}
