/// Options of `km`, `logrank`, `cox`, `zph` and `rmst`.
extension OptionKey {
  static let confidence = OptionKey(
    "conf", .choice(["log", "log-log", "plain", "logit", "arcsine"]), default: "log",
    "Scale on which intervals of the survival curve are made.")
  static let times = OptionKey(
    "times", .numbers, "Print the curve at these times only; counts are since the previous one.")
  static let quantiles = OptionKey(
    "quantiles", .numbers, "Print these quantiles of the survival time, 0.5 for the median.")
  static let eventsOnly = OptionKey("events-only", .flag, "Print event times only.")
  static let robust = OptionKey(
    "robust", .flag,
    "Robust standard errors; on by itself with clusters or weights that are not whole.")
  static let rho = OptionKey("rho", .number, default: "0", "Power of S(t) in the test's weights.")
  static let gamma = OptionKey(
    "gamma", .number, default: "0", "Power of 1 − S(t) in the test's weights.")
  static let ties = OptionKey(
    "ties", .choice(["efron", "breslow", "exact"]), default: "efron",
    "How tied event times are treated; exact is the likelihood of discrete times.")
  static let id = OptionKey(
    "id", .text, "Column that identifies a person; several rows of one person are one cluster.")
  static let exponentiate = OptionKey(
    "exponentiate", .flag, "Print hazard ratios; standard errors stay on the log scale.")
  static let statistics = OptionKey(
    "statistics", .flag, "Print one row of model statistics instead of the coefficients.")
  static let transform = OptionKey(
    "transform", .choice(["km", "rank", "identity", "log"]), default: "km",
    "Transformation of time in the proportional-hazards test.")
  static let tau = OptionKey(
    "tau", .number, "Time up to which the mean is restricted; survRM2's rule if absent.")

  static let kaplanMeier: [OptionKey] =
    [
      curveEstimator, cumulativeHazard, confidence, times, quantiles, eventsOnly, robust,
    ] + timeZero
  static let logRank: [OptionKey] = [rho, gamma, robust] + timeZero
  static let cox: [OptionKey] =
    [
      ties, robust, id, ridge, frailty, frailtyDistribution, recurrent, timeVarying, exponentiate,
      statistics, residuals,
    ] + timeZero
  static let proportionalHazards: [OptionKey] = [ties, robust, id, recurrent, transform, points]
  static let restrictedMean: [OptionKey] = [tau, robust, adjust, adjustMethod] + timeZero
}
