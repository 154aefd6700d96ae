/// Options of `honest-did` and `pretrends`.
extension OptionKey {
  static let estimatesFile = OptionKey(
    "estimates", .text,
    "CSV file of an event study's estimates instead of data: columns time (or term, as in e=-3) and"
      + " estimate. Needs --covariance.")
  static let covarianceFile = OptionKey(
    "covariance", .text,
    "CSV file of their covariance matrix: a first line of names, then a row an estimate, in the order"
      + " of the estimates; a first column of names is passed over.")
  static let sensitivityMethod = OptionKey(
    "method", .choice(["event-study", "callaway-santanna"]), default: "event-study",
    "Where the estimates come from: leads and lags with unit and period effects, or averages of"
      + " group-time effects by event time with a universal base.")
  static let sensitivityKind = OptionKey(
    "kind", .choice(["relative-magnitude", "smoothness"]), default: "relative-magnitude",
    "What m bounds: the bias's change from period to period, in multiples of the largest before"
      + " treatment; or the change of that change, in units of the outcome.")
  static let sensitivityBounds = OptionKey(
    "m", .numbers, default: "0.5,1,1.5,2", "Values of the bound m, zero or more.")
  static let biasSign = OptionKey(
    "sign", .choice(["none", "positive", "negative"]), default: "none",
    "Assume that the bias after treatment began is never below (positive) or above (negative) zero."
  )
  static let biasDirection = OptionKey(
    "monotone", .choice(["none", "increasing", "decreasing"]), default: "none",
    "Assume that the bias never falls (increasing) or never rises (decreasing).")
  static let sensitivityTarget = OptionKey(
    "target", .text, default: "0",
    "The event time whose effect is wanted, or average for the plain mean of all after the"
      + " reference.")
  static let preTrendPowers = OptionKey(
    "power", .numbers, default: "0.5,0.8",
    "Probabilities of being detected; for each the slope is given that has it.")

  static let sensitivitySource: [OptionKey] = [
    estimatesFile, covarianceFile, reference, sensitivityMethod, outcome, unit, time, group,
    covariates, leads, lags, covariance, control, didEstimator, anticipation,
  ]
  static let honestDifferences: [OptionKey] =
    [sensitivityKind, sensitivityBounds, biasSign, biasDirection, sensitivityTarget]
    + sensitivitySource
  static let preTrends: [OptionKey] = [preTrendPowers] + sensitivitySource
}
