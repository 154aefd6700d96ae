/// Options of Cox models beyond those that every hazard model takes.
extension OptionKey {
  static let ridge = OptionKey(
    "ridge", .number,
    "Penalty θ: θ/2 times the sum of squared coefficients, on covariates as they stand.")
  static let frailty = OptionKey(
    "frailty", .text, "Column whose levels (sites, people) share an unseen factor of the hazard.")
  static let frailtyDistribution = OptionKey(
    "frailty-distribution", .choice(["gamma", "gaussian"]), default: "gamma",
    "What the frailty follows; gaussian is on the log scale.")
  static let recurrent = OptionKey(
    "recurrent", .choice(["andersen-gill", "pwp-total", "pwp-gap"]),
    "Several events a person (with --id and start–stop times): one clock for all, or strata by the"
      + " number of earlier events, since the origin or since the last event.")
  static let timeVarying = OptionKey(
    "time-varying", .pairs,
    "Effects that change with time, as x·g(t) beside x: 'sex=log,age=identity'; g is identity, log"
      + " or sqrt.")
  static let residuals = OptionKey(
    "residuals",
    .choice([
      "martingale", "deviance", "score", "schoenfeld", "scaled-schoenfeld", "dfbeta", "dfbetas",
    ]), "Print residuals instead: one row a row of the data, or an event for Schoenfeld's.")
  static let points = OptionKey(
    "points", .flag,
    "Print scaled Schoenfeld residuals with a smooth line of each coefficient over time instead.")
  static let at = OptionKey(
    "at", .text,
    "Whose curves: 'age=60, sex=1; age=40, sex=2'. A number not given has its mean, a factor its"
      + " first level.")
  static let baseline = OptionKey(
    "baseline", .flag, "Curves where every covariate of the design is zero.")

  static let coxCurve: [OptionKey] = [
    at, baseline, confidence, times, eventsOnly, ties, robust, id,
  ]
}
