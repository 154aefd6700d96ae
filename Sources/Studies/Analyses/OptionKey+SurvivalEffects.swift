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

  static let censoringModel = OptionKey(
    "censoring", .text,
    "Covariates that censoring depends on, '~ age + prio': a Cox model of censoring in each arm gives"
      + " stabilised weights that undo it.")
  static let censoringTrim = OptionKey(
    "censoring-trim", .number, "Censoring weights above this quantile are set to it: 0.99.")
  static let delta = OptionKey(
    "delta", .numbers,
    "What if the hazard after censoring were this many times that before: 1,1.5,2. Adds the"
      + " milestones and means under each, and their tipping points.")
  static let deltaArm = OptionKey(
    "delta-arm", .choice(["both", "treated", "comparison"]), default: "both",
    "The arm in which --delta applies; 1 in the other.")

  static let survivalEffect: [OptionKey] =
    [
      survivalResponse, balanceMethod, measures, milestones, tau, ties, survivalError,
      bootstrapReplicates, censoringModel, censoringTrim, delta, deltaArm,
    ] + matchDesign + weighting

  static let adjust = OptionKey(
    "adjust", .text,
    "Adjust the means for these covariates, '~ age + prio', by a linear model of the restricted time."
  )
  static let adjustMethod = OptionKey(
    "adjust-method", .choice(["pseudo", "ipcw"]), default: "pseudo",
    "How --adjust deals with censoring: jackknife pseudo-observations within each arm, or inverse"
      + " probability of censoring weights (ipcw, as survRM2).")
  static let curveMethod = OptionKey(
    "method", .choice(["doubly-robust", "iptw", "cox"]), default: "doubly-robust",
    "How curves are adjusted: by inverse-probability weights (iptw), by a Cox model's predictions"
      + " averaged over the sample (cox, the g-formula), or by both together (doubly-robust).")
  static let curveTimes = OptionKey(
    "times", .numbers,
    "Print the curves at these times, with their difference; events are counted since the previous"
      + " one. Without it: the event times, at most 100.")
  static let curveModel = OptionKey(
    "outcome-model", .text,
    "Right-hand side of the Cox models of event and censoring, '~ age + prio'. Without it: the"
      + " covariates of the formula.")
  static let proportional = OptionKey(
    "proportional", .flag,
    "For cox: the treatment multiplies one baseline hazard instead of having its own.")

  static let adjustedCurve: [OptionKey] = [
    survivalResponse, curveMethod, curveTimes, curveModel, proportional, confidence, distance, trim,
  ]
}
