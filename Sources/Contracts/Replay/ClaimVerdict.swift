/// How what was paid for a claim compares with what the contract should have paid.
public enum ClaimVerdict: String, Sendable, CaseIterable {
  /// Paid what was due.
  case agrees
  /// Nothing was due and nothing was paid.
  case notDue = "not-due"
  /// Due, but the cap was used up, and nothing was paid.
  case capped
  /// Paid what a cap left of it.
  case cappedInPart = "capped-in-part"
  /// Paid although nothing was due; the claim's reason says why.
  case paidNotDue = "paid-not-due"
  /// Paid although a cap was used up, at most what was due.
  case paidAboveCap = "paid-above-cap"
  /// Paid at the price of the other band of hours.
  case paidOtherBand = "paid-other-band"
  /// Paid at a price of another version of the contract.
  case paidOtherVersion = "paid-other-version"
  /// Paid more than was due.
  case overpaid
  /// Paid less than was due.
  case underpaid
  /// Rejected although due by the rules.
  case rejectedThoughDue = "rejected-though-due"
  /// Turned down for want of evidence although due by the rules as the records have it.
  case noEvidenceThoughDue = "no-evidence-though-due"
  /// Said to be capped although a cap left room.
  case cappedThoughRoom = "capped-though-room"
  /// Due and claimed, but not paid, as far as the records say.
  case dueNotPaid = "due-not-paid"
  /// Not decided on yet, and claimed for more than is due.
  case overclaimed
  /// Not decided on yet, and claimed for less than is due.
  case underclaimed
  /// Not decided on yet, and nothing is due.
  case claimedNotDue = "claimed-not-due"
  /// Paid, but the amount is not recorded.
  case amountUnknown = "amount-unknown"

  /// Whether what was paid is what the contract should have paid.
  public var isInOrder: Bool {
    switch self {
    case .agrees, .notDue, .capped, .cappedInPart: true
    default: false
    }
  }

  /// The verdict as a phrase for tables and sentences.
  public var phrase: String {
    switch self {
    case .agrees: "paid what was due"
    case .notDue: "nothing due, nothing paid"
    case .capped: "due, but a cap was used up, and not paid"
    case .cappedInPart: "paid what a cap left"
    case .paidNotDue: "paid although nothing was due"
    case .paidAboveCap: "paid although a cap was used up"
    case .paidOtherBand: "paid at the price of the other hours band"
    case .paidOtherVersion: "paid at the price of another version of the contract"
    case .overpaid: "paid more than was due"
    case .underpaid: "paid less than was due"
    case .rejectedThoughDue: "due by the rules but rejected"
    case .noEvidenceThoughDue: "due by the records but turned down for want of evidence"
    case .cappedThoughRoom: "said to be capped although a cap left room"
    case .dueNotPaid: "due but not paid"
    case .overclaimed: "claimed for more than is due, not decided on"
    case .underclaimed: "claimed for less than is due, not decided on"
    case .claimedNotDue: "claimed although nothing is due, not decided on"
    case .amountUnknown: "paid, but the amount is not recorded"
    }
  }
}
