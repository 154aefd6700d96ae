/// Options of `missing-evidence`, `tipping-point` and `attrition`.
extension OptionKey {
  static let evidenceLower = OptionKey(
    "lower", .text,
    "The least that an unknown outcome can be: a number, or a column with each row's own (which"
      + " holds for recorded outcomes too, where a convention settled them). Without it:"
      + " 0 for an outcome of 0 and 1, else the least known.")
  static let evidenceUpper = OptionKey(
    "upper", .text,
    "The most that an unknown outcome can be: a number, or a column. Without it: 1, or the greatest"
      + " known.")
  static let evidencePredictors = OptionKey(
    "predictors", .text,
    "Further columns that tell whose outcome is known, '~ distance + phone': they enter the weights and"
      + " not the outcome model.")
  static let evidenceEstimand = OptionKey(
    "estimand", .choice(["ATE", "ATT"]), default: "ATE",
    "Whose effect: everybody's (ATE) or the treated's (ATT).")
  static let evidenceTruncation = OptionKey(
    "truncate", .number, default: "0.99",
    "Weights of known outcomes above this quantile are set to it; 1 cuts none.")
  static let evidenceGrid = OptionKey(
    "grid", .numbers,
    "Probabilities of 'yes' tried for unknown outcomes, in each arm: 0,0.25,0.5,0.75,1. Without it and"
      + " --delta: 0 to 1 by tenths.")
  static let evidenceShifts = OptionKey(
    "delta", .numbers,
    "Shifts of unknown outcomes from missing at random, in each arm: log odds for an outcome of 0 and 1,"
      + " else the outcome's units.")
  static let evidenceReason = OptionKey(
    "reason", .text, "Column that says why an outcome is unknown.")

  static let missingEvidence: [OptionKey] = [
    outcome, evidenceLower, evidenceUpper, evidencePredictors, evidenceEstimand,
    evidenceTruncation,
  ]
  static let tippingPoint: [OptionKey] = [
    outcome, evidenceGrid, evidenceShifts, evidenceEstimand,
  ]
  static let outcomeAttrition: [OptionKey] = [outcome, evidenceReason]
  /// What a study file may say; outcomes, their bounds and the design are the study's.
  static let missingEvidenceStudy: [OptionKey] = [
    evidencePredictors, evidenceGrid, evidenceShifts, evidenceEstimand, evidenceTruncation,
  ]
}
