/// Verbs of parametric and discrete-time models.
extension Verb {
  /// Parametric regression.
  public static let accelerated = Verb(
    name: "aft",
    abstract: "Parametric survival regression: time ratios of seven distributions.",
    discussion: """
      Maximum likelihood, log T = Xb + scale·W as R's survreg has it: b is a log time ratio, so 0.4 \
      means that jobs last exp(0.4) = 1.5 times as long. Terms of the formula come first, \
      Log(scale) last. exponential is weibull with scale 1; gamma has mean exp(Xb) and shape \
      1/scale²; gengamma is Prentice's (1974, doi:10.1093/biomet/61.3.539), its Q before \
      Log(scale): Q = 1 is weibull, 0 lognormal, Q = scale gamma. gompertz has hazard exp(Xb + \
      shape·t) instead: b is a log hazard ratio, positive for shorter jobs, and a negative shape \
      means that some jobs never end. Surv(start, stop, event) is left truncation: the row counts \
      given that it lasted to start. Times of zero or less are refused, and so are groups that \
      send an estimate to infinity. Standard errors are robust with --cluster, --robust or weights \
      that are not whole, without a small-sample factor. --times prints mean predicted survival of \
      the rows instead, with --by as if all of them were in each arm in turn.
      """,
    formula: .required, keys: OptionKey.accelerated,
    example: "sibling aft Data/lung/lung.csv 'Surv(time, status) ~ age + sex'")

  /// Splines of log time.
  public static let flexible = Verb(
    name: "flexible",
    abstract: "Royston–Parmar splines: a smooth hazard of any shape, effects that may change.",
    discussion: """
      The log cumulative hazard (or, with --scale, the log odds or the probit of the event) is a \
      restricted cubic spline of log time plus Xb (Royston and Parmar 2002, doi:10.1002/sim.1203). \
      Terms: gamma0, gamma1, … of the spline, then the formula's: log hazard ratios on the hazard \
      scale, log odds ratios on the odds scale; positive means shorter throughout. Knots stand at \
      quantiles of the uncensored log times, the outer ones at their ends; without inner knots the \
      scales are the Weibull, log-logistic and log-normal models. --time-varying arm=1 adds \
      gamma1(arm), the change of arm's effect per unit of log time. A fitted cumulative hazard \
      that falls is said in a note.
      """,
    formula: .required, keys: OptionKey.flexible,
    example: "sibling flexible Data/lung/lung.csv 'Surv(time, status) ~ age + sex' --knots 2")

  /// Discrete-time hazards.
  public static let discrete = Verb(
    name: "discrete",
    abstract: "Discrete-time hazards: the chance of the event in each week, given none before.",
    discussion: """
      The model of one row a person and period (Prentice and Gloeckler 1978, doi:10.2307/2529588; \
      Allison 1982, doi:10.2307/270718), whose rows are never made, so covariates are those of the \
      one row given. A time t belongs to period ceiling(t / interval); a censored row is taken to \
      have survived its last period. Terms: the baseline's (period1, … or (Intercept) and period), \
      then the formula's: log hazard ratios for cloglog, log odds ratios of the event in a period \
      for logit; positive means shorter. Standard errors are those of the generalised linear model \
      on the expanded rows; a person's periods need no cluster.
      """,
    formula: .required, keys: OptionKey.discrete,
    example: """
      sibling discrete Data/unempdur/unempdur.csv 'Surv(spell, censor1) ~ age + ui' --baseline log
      """)

  /// Hazards constant by pieces.
  public static let piecewise = Verb(
    name: "piecewise",
    abstract: "Piecewise exponential model: a hazard for each stretch of time, and hazard ratios.",
    discussion: """
      Terms (0,13], (13,26], … are log hazards per unit of time where all covariates are zero, \
      then the formula's log hazard ratios; --exponentiate prints hazards and ratios. With ~ 1 a \
      hazard is events over time at risk. The likelihood is that of a Poisson count (Holford 1980, \
      doi:10.2307/2529982); a stretch without events is refused.
      """,
    formula: .required, keys: OptionKey.piecewise,
    example: """
      sibling piecewise Data/rossi/rossi_weekly.csv 'Surv(week, arrest) ~ fin + age + prio' \
      --cuts 13,26 --exponentiate
      """)

  /// Mixture cure models.
  public static let cure = Verb(
    name: "cure",
    abstract: "Mixture cure models: who ever has the event, and when those have it who do.",
    discussion: """
      S(t) = 1 − p + p·S0(t) (Farewell 1982, doi:10.2307/2529885). Terms incidence:… are log odds \
      ratios of ever having the event, positive for more; terms latency:… are log time ratios of \
      those who have it, positive for later; then Log(scale), and cured, the average share that \
      never has the event. Standard errors come from the observed information, that of cured by the \
      delta method. Only a plateau tells a cured share from a long tail: data in which nobody is \
      followed beyond the last event are refused, and a note says when the test of sufficient \
      follow-up (Maller and Zhou 1992, doi:10.1093/biomet/79.4.731) has alpha of 0.05 or more.
      """,
    formula: .required, keys: OptionKey.cure,
    example: """
      sibling cure Data/unempdur/unempdur.csv 'Surv(spell, censor1) ~ ui' --incidence '~ age + ui' \\
      --dist lognormal
      """)

  /// Families and splines compared.
  public static let survivalModels = Verb(
    name: "survival-models",
    abstract: "Compare parametric families and splines by AIC, BIC and against Kaplan–Meier.",
    discussion: """
      Fits the seven families of aft and flexible on three scales to one formula; rows are sorted by \
      AIC (BIC takes the log of rows). km_distance is the largest distance between mean predicted \
      survival and the Kaplan–Meier curve up to the last event, over the levels of --by: the best \
      AIC can still fit badly. --curves prints both curves for a chart. A model that can't be fitted \
      is named in a note.
      """,
    formula: .required, keys: OptionKey.survivalModels,
    example: """
      sibling survival-models Data/lung/lung.csv 'Surv(time, status) ~ age + sex' --by sex
      """)

  /// The verbs, in the order of the help page.
  static let parametric: [Verb] = [
    .accelerated, .flexible, .discrete, .piecewise, .cure, .survivalModels,
  ]

  /// The analyses behind them.
  static let parametricAnalyses: [String: any VerbAnalysis.Type] = [
    accelerated.name: AcceleratedAnalysis.self,
    flexible.name: FlexibleAnalysis.self,
    discrete.name: DiscreteAnalysis.self,
    piecewise.name: PiecewiseAnalysis.self,
    cure.name: CureAnalysis.self,
    survivalModels.name: SurvivalModelsAnalysis.self,
  ]
}
