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
      said so. A hazard ratio averages over time: when curves cross, read the restricted means. \
      --censoring weights by the inverse probability of being uncensored, given covariates; --delta \
      asks what censoring for reasons that are not recorded could do.
      """,
    formula: .required, keys: OptionKey.survivalEffect,
    example: """
      sibling survival-effect Data/rossi/rossi_weekly.csv 'fin ~ age + race + prio' --method ipw \
      --estimand ATE --survival 'Surv(week, arrest)' --times 13,26,52
      """)

  /// Survival curves by treatment, adjusted for covariates.
  public static let adjustedCurve = Verb(
    name: "adjusted-curve",
    abstract: "Survival curves as if everybody were treated, and nobody, adjusted for covariates.",
    discussion: """
      The formula names treatment and covariates, --survival the follow-up. iptw: Kaplan–Meier \
      curves under inverse-probability weights, whose standard errors know that the score was estimated. \
      cox: a Cox model's predictions averaged over the sample (Breslow's ties), each treatment with a \
      baseline hazard of its own. doubly-robust: predictions of a Cox model in each arm, corrected by \
      residuals weighted by the probabilities of treatment and of being uncensored (Zhang and \
      Schaubel 2012, doi:10.1002/bimj.201100180; Bai, Tsiatis and O'Brien 2013, \
      doi:10.1111/biom.12009). n_risk, n_event and n_censor are the people of the arm. With --times \
      the rows 'difference' hold treated less comparison.
      """,
    formula: .required, keys: OptionKey.adjustedCurve,
    example: """
      sibling adjusted-curve Data/rossi/rossi_weekly.csv 'fin ~ age + race + prio' \
      --survival 'Surv(week, arrest)' --times 13,26,52
      """)

  /// The verbs, in the order of the help page.
  static let survivalEffects: [Verb] = [.survivalEffect, .adjustedCurve]

  /// The analyses behind them.
  static let survivalEffectsAnalyses: [String: any VerbAnalysis.Type] = [
    survivalEffect.name: SurvivalEffectAnalysis.self,
    adjustedCurve.name: AdjustedCurveAnalysis.self,
  ]
}
