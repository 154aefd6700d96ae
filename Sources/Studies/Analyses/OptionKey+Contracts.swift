/// Options of the verbs of `Verb+Contracts`.
extension OptionKey {
  static let replayCapRule = OptionKey(
    "cap-rule", .choice(["partial", "whole"]), default: "partial",
    "What a cap does to the claim that runs into it: the claim is paid up to the cap, or only claims"
      + " that fit whole are paid.")
  static let replayExactly16 = OptionKey(
    "exactly-16", .choice(["refuse", "lower", "upper"]), default: "refuse",
    "The band of exactly 16 hours a week where the contract does not say: under 16, 16 and more, or"
      + " such a claim is refused.")
  static let replayUnknownHours = OptionKey(
    "unknown-hours", .choice(["lower", "upper", "refuse"]), default: "lower",
    "The band of a job whose hours are not known: under 16, 16 and more, or such a claim is refused."
  )
  static let replayOrder = OptionKey(
    "count-by", .choice(["claimed", "event"]), default: "claimed",
    "The day by which claims are counted against maxima and caps: that of the claim or of the outcome."
  )
  static let replayBy = OptionKey(
    "by", .choice(["claim", "payer"]), default: "claim",
    "One row a claim, with a column for each payer, or one row a claim and payer.")
  static let reconcileShow = OptionKey(
    "show", .choice(["payments", "differences", "caps", "unclaimed"]), default: "payments",
    "Payments by contract, quarter, outcome and payer; how payments differ from what was due, by name;"
      + " the state of every cap; or outcomes in the records that nobody claimed.")

  /// How claims are replayed, on the command line and in a study.
  static let replaySettings: [OptionKey] = [
    .replayCapRule, .replayExactly16, .replayUnknownHours, .replayOrder,
  ]

  static let contractReplay: [OptionKey] =
    contractFiles + [.clientsFile, .jobsFile] + replaySettings + [.replayBy]
  static let contractReconcile: [OptionKey] =
    contractFiles + [.clientsFile, .jobsFile] + replaySettings + [.reconcileShow]
}
