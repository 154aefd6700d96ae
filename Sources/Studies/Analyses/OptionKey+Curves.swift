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

  static let milestoneOptions: [OptionKey] =
    [times, quantity, curveEstimator, confidence, differenceInterval, robust] + timeZero
}

/// Options of `turnbull`.
extension OptionKey {
  static let intervalTimes = OptionKey(
    "times", .numbers,
    "Print survival at these times only, as the range that the estimate allows.")
  static let bounds = OptionKey(
    "bounds", .flag,
    "Print, at --times, the readings with every event at its earliest and at its latest, the lowest"
      + " and highest survival that the intervals allow, and the same for the difference of arms.")

  static let turnbull: [OptionKey] = [intervalTimes, bounds, confidence]
}

/// Options of `power`.
extension OptionKey {
  static let powerDesign = OptionKey(
    "design", .choice(["survival", "clusters", "did", "proportions", "means"]),
    default: "survival",
    "What is planned: survival compares the hazards of two arms, clusters the means of whole sites,"
      + " did their changes from before launch to after; proportions and means two arms of people or"
      + " of whole sites by noncentral t, solved for what is left out.")
  static let testLevel = OptionKey(
    "test-level", .number, default: "0.05", "Two-sided level of the test.")
  static let powerWanted = OptionKey(
    "power", .number, default: "0.8", "The power asked for.")
  static let allocation = OptionKey(
    "allocation", .number, default: "0.5", "Share of people who are treated.")
  static let powerMethod = OptionKey(
    "method", .choice(["schoenfeld", "freedman"]), default: "schoenfeld",
    "Formula: from the log hazard ratio, or from the log-rank statistic.")
  static let hazardRatio = OptionKey(
    "hazard-ratio", .number,
    "The hazard ratio to find. Alone it gives the events needed; with --events or --people the power."
  )
  static let plannedEvents = OptionKey(
    "events", .number, "Events in both arms together. Alone they give the detectable hazard ratio.")
  static let plannedPeople = OptionKey(
    "people", .number,
    "People in both arms together, assigned one by one; for survival it needs --survival.")
  static let plannedSurvival = OptionKey(
    "survival", .number, "Share of comparisons without the event at --at.")
  static let survivalAt = OptionKey("at", .number, "The time of --survival.")
  static let followUp = OptionKey(
    "follow-up", .number, "How long the last to join is followed; the time --at if absent.")
  static let accrual = OptionKey(
    "accrual", .number, default: "0", "How long people join for, evenly.")
  static let treatedSites = OptionKey(
    "sites-treated", .integer, "Sites with the programme, when it was given to sites.")
  static let comparisonSites = OptionKey(
    "sites-comparison", .integer, "Sites without it.")
  static let intraclusterCorrelation = OptionKey(
    "icc", .number, default: "0",
    "Correlation between people of a site; for survival it needs --survival, or --events with"
      + " --people; for did --people-per-cell.")
  static let hazardVariation = OptionKey(
    "site-cv", .number, default: "0",
    "Coefficient of variation of hazards between the sites of an arm.")
  static let sizeVariation = OptionKey(
    "size-cv", .number, default: "0", "Coefficient of variation of the sites' sizes.")

  static let power: [OptionKey] =
    [
      powerDesign, hazardRatio, plannedEvents, plannedPeople, testLevel, powerWanted, allocation,
      powerMethod, plannedSurvival, survivalAt, followUp, accrual, treatedSites, comparisonSites,
      intraclusterCorrelation, hazardVariation, sizeVariation,
    ] + plannedClusters + PlannedDifference.keys + planning
}
