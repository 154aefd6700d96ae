/// Options of time zero, which `km`, `logrank`, `cox`, `rmst` and `milestones` share.
extension OptionKey {
  static let treatedFrom = OptionKey(
    "treated-from", .text,
    "Column of the time since time zero at which treatment began; missing is never. Starts after"
      + " time zero are refused without --landmark or --time-varying-treatment.")
  static let landmark = OptionKey(
    "landmark", .number,
    "Analyse those still under observation at this time. With --treated-from the column"
      + " treated_by_landmark says who was treated by then; use it as the arm.")
  static let resetClock = OptionKey(
    "reset-clock", .flag, "Count time from the landmark instead of from time zero.")
  static let timeVaryingTreatment = OptionKey(
    "time-varying-treatment", .flag,
    "Split rows where treatment begins (--treated-from); the column treated_now is 0 before and 1"
      + " from then on.")

  static let timeZero: [OptionKey] = [treatedFrom, landmark, resetClock, timeVaryingTreatment]
}

/// Options of `km` and `milestones`.
extension OptionKey {
  static let curveEstimator = OptionKey(
    "estimator", .choice(["kaplan-meier", "nelson-aalen", "fleming-harrington"]),
    default: "kaplan-meier",
    "The product-limit estimate, or exp(−H) with H summed; fleming-harrington takes tied events one"
      + " after another.")
  static let cumulativeHazard = OptionKey(
    "cumulative-hazard", .flag,
    "Print the cumulative hazard (Nelson–Aalen unless --estimator fleming-harrington) instead of"
      + " survival; limits are those of exp(−H).")
  static let quantity = OptionKey(
    "quantity", .choice(["survival", "event"]), default: "survival",
    "What is read at each time: the share without the event, or with it.")
  static let differenceInterval = OptionKey(
    "difference-conf", .choice(["plain", "combined"]), default: "plain",
    "Interval of a difference: from its standard error, or combined from the arms' own intervals.")

  static let milestones: [OptionKey] =
    [times, quantity, curveEstimator, confidence, differenceInterval, robust] + timeZero
}
