/// Options of `did` and `event-study`.
extension OptionKey {
  static let unit = OptionKey(
    "unit", .text, "Column that identifies a unit (person, site, county).")
  static let time = OptionKey("time", .text, "Column of the period.")
  static let group = OptionKey(
    "group", .text, "Column of the first treated period; 0 or empty means never treated.")
  static let pre = OptionKey("pre", .text, "Column of the outcome before treatment (wide data).")
  static let post = OptionKey("post", .text, "Column of the outcome after treatment (wide data).")
  static let treatment = OptionKey(
    "treatment", .text,
    "Column of treatment, 0 or 1: a unit's (wide data), or, with --unit and --time instead of --group,"
      + " a unit's in a period. Treatment that ends is refused.")
  static let didMethod = OptionKey(
    "method", .choice(["callaway-santanna", "twfe", "two-period"] + PanelMethod.names),
    "Estimator: group-time effects or two-way fixed effects on a panel, or two periods on wide data."
      + " callaway-santanna for a panel and two-period for wide data unless given.")
  static let didEstimator = OptionKey(
    "estimator", .choice(["dr", "ipw", "std-ipw", "reg", "improved-dr", "twfe", "means"]),
    default: "dr",
    "How covariates enter: doubly robust, weighting, standardised weighting, outcome regression;"
      + " twfe and means for two periods only.")
  static let control = OptionKey(
    "control", .choice(["never", "not-yet"]), default: "never",
    "Controls: units never treated, or not treated yet. etwfe and stacked take the latter unless told."
  )
  static let base = OptionKey(
    "base", .choice(["varying", "universal"]), default: "varying",
    "Period that group-time effects before treatment are measured from.")
  static let anticipation = OptionKey(
    "anticipation", .number, default: "0", "Periods by which units may react before treatment.")
  static let aggregate = OptionKey(
    "aggregate", .choice(["none", "simple", "dynamic", "group", "calendar"]), default: "none",
    "How group-time effects are averaged.")
  static let balanceEvent = OptionKey(
    "balance-e", .integer,
    "Keep cohorts seen at least this long after the start (dynamic averages).")
  static let exchangeDraws = OptionKey(
    "randomisation", .integer,
    "Judge the overall effect by exchanging launches between units or --cluster: so many exchanges"
      + " drawn, such as 1999, or all of them when there are no more. Exact however few launch.")
  static let covariates = OptionKey(
    "covariates", .text, "Covariates: '~ age + educ'.")
  static let leads = OptionKey("leads", .integer, "Periods before treatment shown; all if absent.")
  static let lags = OptionKey("lags", .integer, "Periods after treatment shown; all if absent.")
  static let reference = OptionKey(
    "reference", .integer, default: "-1", "Relative period that the others are compared with.")

  static let did: [OptionKey] =
    [
      outcome, unit, time, group, pre, post, treatment, didMethod, control, didEstimator,
      covariates,
      anticipation, base, aggregate, balanceEvent, covariance, excludePeriods, exchangeDraws,
    ] + groupTimeInference + panelMethods + fixedEffects
  static let eventStudy: [OptionKey] = [
    outcome, unit, time, group, treatment, covariates, leads, lags, reference, covariance,
    excludePeriods, eventBands, smallSample, panelFamily,
  ]
}
