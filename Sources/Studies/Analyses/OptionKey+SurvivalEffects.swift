/// Options of the verbs for effects on survival after matching or weighting.
extension OptionKey {
  static let survivalResponse = OptionKey(
    "survival", .text,
    "Follow-up of each row: 'Surv(week, arrest)', or 'Surv(start, stop, event)' with late entry.")
  static let measures = OptionKey(
    "measures", .texts, default: "hazard-ratio,milestone,rmst",
    "What is compared: the hazard-ratio, the shares without the event at --times (milestone), the"
      + " restricted means to --tau (rmst).")
  static let milestones = OptionKey(
    "times", .numbers, "Times of the milestones, such as 13,26,52. Without it: the horizon tau.")
  static let survivalError = OptionKey(
    "se", .choice(["robust", "m-estimation", "bootstrap"]),
    "Standard error: robust (by matched set or --cluster; weights taken as known), m-estimation"
      + " (knows that the weights were estimated) or bootstrap. Without it: m-estimation for weights,"
      + " robust for matches.")

  static let survivalEffect: [OptionKey] =
    [
      survivalResponse, balanceMethod, measures, milestones, tau, ties, survivalError,
      bootstrapReplicates,
    ] + matchDesign + weighting

  static let adjust = OptionKey(
    "adjust", .text,
    "Adjust the means for these covariates, '~ age + prio', by a linear model of the restricted time."
  )
  static let adjustMethod = OptionKey(
    "adjust-method", .choice(["pseudo", "ipcw"]), default: "pseudo",
    "How --adjust deals with censoring: jackknife pseudo-observations within each arm, or inverse"
      + " probability of censoring weights (ipcw, as survRM2).")
}
