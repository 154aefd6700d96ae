/// Verbs of effects on survival after matching or weighting.
extension Verb {
  /// Effects on survival after matching or weighting.
  public static let survivalEffect = Verb(
    name: "survival-effect",
    abstract: "Estimate a treatment effect on survival after matching or weighting.",
    discussion: """
      Takes any design of 'match' or 'weight' and the follow-up in --survival. One row each for the \
      marginal hazard ratio (weighted Cox model of the treatment alone), the difference of survival \
      and of risk at every milestone, and the difference and ratio of restricted means. std.error \
      of ratios is that of the logarithm. Standard errors are by matched set or --cluster; for \
      estimated weights they are M-estimation's, in which the influence of each row on the curve, \
      the mean or the hazard ratio is carried through the equations of the score. e.value is the \
      E-value of the hazard ratio. A milestone or horizon past an arm's follow-up is left out and \
      said so. A hazard ratio averages over time: when curves cross, read the restricted means.
      """,
    formula: .required, keys: OptionKey.survivalEffect,
    example: """
      sibling survival-effect Data/rossi/rossi_weekly.csv 'fin ~ age + race + prio' --method ipw \
      --estimand ATE --survival 'Surv(week, arrest)' --times 13,26,52
      """)

  /// The verbs, in the order of the help page.
  static let survivalEffects: [Verb] = [.survivalEffect]

  /// The analyses behind them.
  static let survivalEffectsAnalyses: [String: any VerbAnalysis.Type] = [
    survivalEffect.name: SurvivalEffectAnalysis.self
  ]
}
