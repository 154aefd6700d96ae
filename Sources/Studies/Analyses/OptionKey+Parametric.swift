/// Options of `aft`, `flexible`, `discrete`, `piecewise`, `cure` and `survival-models`.
extension OptionKey {
  static let distribution = OptionKey(
    "dist",
    .choice([
      "weibull", "exponential", "lognormal", "loglogistic", "gamma", "gengamma", "gompertz",
    ]), default: "weibull",
    "Distribution of times. All but gompertz print log time ratios (positive is longer); gompertz"
      + " prints log hazard ratios (positive is shorter).")
  static let exponentiateTerms = OptionKey(
    "exponentiate", .flag,
    "Print ratios for the terms of the formula; standard errors and the other parameters stay on"
      + " the log scale.")
  static let fitStatistics = OptionKey(
    "statistics", .flag,
    "Print one row instead of the coefficients: n, nevent, loglik, AIC, BIC (log of rows), df.")
  static let knots = OptionKey(
    "knots", .integer, default: "2", "Inner knots of the spline, at quantiles of the events' times."
  )
  static let splineScale = OptionKey(
    "scale", .choice(["hazard", "odds", "normal"]), default: "hazard",
    "What is a spline of log time: log cumulative hazard, log odds or probit of the event.")
  static let splineTimeVarying = OptionKey(
    "time-varying", .pairs,
    "Terms whose effect changes with time, with the number of spline functions of log time:"
      + " arm=1 is linear in log time.")
  static let discreteLink = OptionKey(
    "link", .choice(["cloglog", "logit"]), default: "cloglog",
    "Link of the probability in a period: cloglog for log hazard ratios, logit for log odds ratios."
  )
  static let periodBaseline = OptionKey(
    "baseline", .choice(["factor", "linear", "log", "spline"]), default: "factor",
    "How the baseline depends on the period: a parameter each, a line in it or in its logarithm, or"
      + " a spline with --knots.")
  static let interval = OptionKey(
    "interval", .number, default: "1", "Length of a period, in units of time.")
  static let cuts = OptionKey(
    "cuts", .numbers, "Times at which the hazard may change: 13,26.")

  fileprivate static let likelihoodKeys: [OptionKey] = [robust, exponentiateTerms, fitStatistics]

  static let predictedTimes = OptionKey(
    "times", .numbers,
    "Print mean predicted survival at these times, with delta-method errors, instead of the"
      + " coefficients.")
  static let standardizedBy = OptionKey(
    "by", .text,
    "With --times: a column of numbers, truth values or two words that is set to each of its levels"
      + " in every row, so that arms are compared on the same people.")

  static let accelerated: [OptionKey] =
    [distribution, predictedTimes, standardizedBy] + likelihoodKeys
  static let flexible: [OptionKey] =
    [
      knots, splineScale, splineTimeVarying, predictedTimes, standardizedBy,
    ] + likelihoodKeys
  static let discrete: [OptionKey] =
    [discreteLink, periodBaseline, interval, knots] + likelihoodKeys
  static let piecewise: [OptionKey] = [cuts] + likelihoodKeys
}

/// Options of `cure` and `survival-models`.
extension OptionKey {
  static let latency = OptionKey(
    "dist", .choice(["weibull", "lognormal", "loglogistic"]), default: "weibull",
    "Distribution of the times of those who have the event.")
  static let cureIncidence = OptionKey(
    "incidence", .text,
    "Formula of the chance of ever having the event, such as '~ arm'; the terms of the main formula"
      + " without it.")
  static let comparedArms = OptionKey(
    "by", .text,
    "Column whose levels are compared with Kaplan–Meier one by one; without it all rows together.")
  static let curves = OptionKey(
    "curves", .flag,
    "Print mean predicted survival by arm and time beside Kaplan–Meier (model km) instead of the"
      + " table.")
  static let modelTimes = OptionKey(
    "times", .numbers, "Times of the curves; the event times without it, 200 at most.")

  static let cure: [OptionKey] = [latency, cureIncidence] + likelihoodKeys
  static let survivalModels: [OptionKey] = [knots, comparedArms, curves, modelTimes]
}
