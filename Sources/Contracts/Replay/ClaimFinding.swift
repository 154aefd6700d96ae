/// What a replay finds about a claim: why nothing is due, or what a reader must know.
public enum ClaimFinding: String, Sendable, CaseIterable {
  /// The version prices no such outcome for these hours.
  case noTariff = "no-tariff"
  /// The outcome is one of a job, and the claim names none.
  case jobNotNamed = "job-not-named"
  /// The job that the claim names is not in the records.
  case jobNotInRecords = "job-not-in-records"
  /// The job began after the day of the outcome.
  case jobNotBegun = "job-not-begun"
  /// The job had not lasted as long as the tariff asks.
  case jobTooShort = "job-too-short"
  /// The tariff asks for evidence, and the records say that there is none.
  case noEvidence = "no-evidence"
  /// Claimed later than the tariff allows.
  case claimedLate = "claimed-late"
  /// The same client, job, outcome and day as a claim counted before.
  case duplicate
  /// The job has been paid for this outcome before.
  case jobAlreadyCounted = "job-already-counted"
  /// The client has had as many payments for this outcome as the tariff allows.
  case beyondMaximum = "beyond-maximum"
  /// The records can't show how long the job lasted; due, because it may have.
  case lengthUncertain = "length-uncertain"
  /// The tariff asks for evidence, and the records don't say; due.
  case evidenceUnknown = "evidence-unknown"
  /// The tariff has a deadline, and the day of the claim is not known; due.
  case claimDateUnknown = "claim-date-unknown"
  /// Exactly 16 hours a week: the band is a matter of definition.
  case exactly16Hours = "exactly-16-hours"
  /// Hours are not known; priced in the band of the setting.
  case hoursUnknown = "hours-unknown"
  /// The outcome is dated after its claim.
  case eventAfterClaim = "event-after-claim"
  /// Paid before it was claimed.
  case paidBeforeClaimed = "paid-before-claimed"

  /// Whether nothing is due because of it.
  public var stopsPayment: Bool {
    switch self {
    case .noTariff, .jobNotNamed, .jobNotInRecords, .jobNotBegun, .jobTooShort, .noEvidence,
      .claimedLate, .duplicate, .jobAlreadyCounted, .beyondMaximum:
      true
    case .lengthUncertain, .evidenceUnknown, .claimDateUnknown, .exactly16Hours, .hoursUnknown,
      .eventAfterClaim, .paidBeforeClaimed:
      false
    }
  }

  /// The finding as a phrase that completes "… claims: ".
  public var phrase: String {
    switch self {
    case .noTariff: "the contract has no tariff for the outcome and hours"
    case .jobNotNamed: "the outcome is one of a job, but the claim names none"
    case .jobNotInRecords: "the job is not in the records"
    case .jobNotBegun: "the job began after the day of the outcome"
    case .jobTooShort: "the job had not lasted as long as the contract asks"
    case .noEvidence: "the contract asks for evidence and there is none"
    case .claimedLate: "claimed after the contract's deadline"
    case .duplicate: "the same outcome was claimed before"
    case .jobAlreadyCounted: "the job was counted for this outcome before"
    case .beyondMaximum: "the client has had as many payments as the contract allows"
    case .lengthUncertain:
      "the records can't show that the job lasted as long as the contract asks, nor that it did not"
    case .evidenceUnknown: "the contract asks for evidence and the records don't say"
    case .claimDateUnknown: "the contract has a deadline and the day of the claim is not known"
    case .exactly16Hours: "exactly 16 hours a week, so that the band is a matter of definition"
    case .hoursUnknown: "the hours are not known"
    case .eventAfterClaim: "the outcome is dated after its claim"
    case .paidBeforeClaimed: "paid before it was claimed"
    }
  }
}
