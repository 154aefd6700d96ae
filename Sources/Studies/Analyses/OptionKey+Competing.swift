/// Options of `cif`, `gray`, `finegray`, `states` and `mcc`.
extension OptionKey {
  static let incidenceVariance = OptionKey(
    "variance", .choice(["ij", "cuminc"]), default: "ij",
    "Standard errors: infinitesimal jackknife, or cmprsk's with corrections for ties.")
  static let grayRho = OptionKey(
    "rho", .number, default: "0", "Power of 1 − F(t) in the test's weights.")
  static let cause = OptionKey(
    "cause", .text, "The cause of exit that is modelled; the first after censored if absent.")
  static let censoringRule = OptionKey(
    "censoring", .choice(["cmprsk", "survival"]), default: "cmprsk",
    "Censoring at an event time: cmprsk's crr keeps those with events at risk and counts weights;"
      + " survival's finegray does neither.")
  static let ratios = OptionKey(
    "exponentiate", .flag,
    "Print subdistribution-hazard ratios; standard errors stay on the log scale.")

  static let incidence: [OptionKey] = [confidence, times, incidenceVariance, eventsOnly]
  static let gray: [OptionKey] = [grayRho]
  static let fineGray: [OptionKey] = [cause, censoringRule, robust, ratios]
}
