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
  static let profile = OptionKey(
    "at", .texts,
    "Print the predicted cumulative incidence for these values, 'ui=yes,age=40', which name every"
      + " column of the formula. May be given several times.")
  static let predictionTimes = OptionKey(
    "times", .numbers, "Times of the predicted cumulative incidence.")
  static let fineGray: [OptionKey] = [
    cause, censoringRule, robust, ratios, profile, predictionTimes,
  ]
}

/// Options of `states` and `mcc`.
extension OptionKey {
  static let spellPerson = OptionKey("id", .text, "Column that identifies a person.")
  static let initialState = OptionKey(
    "initial", .text,
    "Column of the state that a row is spent in; without it everybody starts in the state (s0).")
  static let horizon = OptionKey(
    "tau", .number, "Print the mean time in each state up to this time, and differences of arms.")
  static let stateTimes = OptionKey(
    "times", .numbers, "Print the shares at these times only; counts are since the previous one.")
  static let weekly = OptionKey(
    "weekly", .text,
    "First and last column of weekly statuses, emp1:emp52, instead of rows; the formula is then"
      + " ~ arm.")
  static let lastWeek = OptionKey(
    "last-week", .text, "Column of the last week under observation, for --weekly.")
  static let exit = OptionKey(
    "exit", .text, "Column that says whether observation ended by exit, for --weekly.")
  static let sustained = OptionKey(
    "sustained", .integer,
    "Weeks after which a run of weeks in work is a state of its own, for --weekly.")
  static let countedEvent = OptionKey(
    "cause", .text,
    "The event that is counted, the first after censored if absent; others end follow-up.")
  static let countInterval = OptionKey(
    "conf", .choice(["log", "plain"]), default: "log", "Scale on which intervals are made.")

  static let states: [OptionKey] = [
    spellPerson, initialState, horizon, stateTimes, confidence, weekly, lastWeek, exit, sustained,
  ]
  /// The keys of `states` in a study's section of that name, which reads whole curves.
  static let stateStudy: [OptionKey] = states.filter { $0.name != stateTimes.name }
  static let meanCount: [OptionKey] = [
    spellPerson, countedEvent, times, countInterval, weekly, lastWeek, exit,
  ]
}
