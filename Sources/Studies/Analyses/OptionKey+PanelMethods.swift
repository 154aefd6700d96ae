/// Options of the other panel estimators, of `bacon` and of `triple-difference`.
extension OptionKey {
  static let didLeads = OptionKey(
    "leads", .integer,
    "Event times before treatment: the window of stacked, at least 1; the leads that imputation tests"
      + " among untreated rows, all if absent.")
  static let didLags = OptionKey(
    "lags", .integer, "Event times after the start of treatment in the window of stacked.")
  static let stackWeights = OptionKey(
    "stack-weights", .choice(["corrective", "none"]), default: "corrective",
    "Weights of stacked: corrective counts cohorts by their treated units (Wing, Freedman and"
      + " Hollingsworth), none leaves them to the regression (Cengiz and others).")
  static let eligible = OptionKey(
    "eligible", .text,
    "Column that is 1 for units that treatment reaches where it is introduced, and 0 for others"
      + " there and elsewhere.")
  static let place = OptionKey(
    "place", .text,
    "Column of where treatment is introduced (state, site); its period effects take those of the"
      + " cohort's place, and standard errors cluster on it.")
  static let tripleAggregate = OptionKey(
    "aggregate", .choice(["none", "simple", "dynamic", "group", "calendar"]), default: "none",
    "How effects of cohorts and periods are averaged; none gives one coefficient for all.")

  /// Those that `did` takes besides.
  static let panelMethods: [OptionKey] = [didLeads, didLags, stackWeights]

  static let bacon: [OptionKey] = [outcome, unit, time, group, covariates]
  static let tripleDifference: [OptionKey] = [
    outcome, unit, time, group, eligible, place, covariates, tripleAggregate,
  ]
}
