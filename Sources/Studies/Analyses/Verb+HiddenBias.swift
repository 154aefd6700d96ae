/// The verbs that ask what something unrecorded could do to an estimate.
extension Verb {
  /// Rosenbaum's bounds.
  public static let rosenbaum = Verb(
    name: "rosenbaum",
    abstract: "Bound a matched comparison's p-value and effect under hidden bias.",
    discussion: """
      Matches as 'match' does, without replacement, and compares the outcomes within pairs \
      (--outcome); or takes pairs from the data: one row a pair with --treatment-outcome and \
      --comparison-outcome, or one row a person with 'treatment ~ 1' and --pair. One row a \
      statistic and gamma: with gamma 2 one of two matched people may be twice as likely (in odds) to be \
      treated because of something unrecorded. p.lower and p.upper bound the p-value; hl.low and hl.high the \
      Hodges–Lehmann estimate (exactly), conf.low and conf.high its two-sided interval. \
      sensitivity.value is the gamma at which p.upper reaches 1 − level. Signed ranks: pairs \
      without difference are dropped, ties share mid-ranks, no continuity correction. McNemar: \
      the exact binomial tail, the observed count included. M: Huber's scores in medians of the \
      differences within sets (Rosenbaum 2007, doi:10.1111/j.1541-0420.2006.00717.x), also for \
      sets with several comparisons or several treated. Weights play no part.
      """,
    formula: .optional, keys: OptionKey.rosenbaum,
    example: """
      sibling rosenbaum Data/lalonde/lalonde.csv 'treat ~ age + educ + race' --outcome re78 \
      --caliper 0.2 --gamma 1,1.5,2 --statistic wilcoxon,hodges-lehmann
      """)

  /// The robustness value.
  public static let robustness = Verb(
    name: "robustness",
    abstract: "How strong an omitted variable must be to overturn a regression's estimate.",
    discussion: """
      Fits the linear regression as 'regress' does, with classical standard errors, and judges \
      --term; or takes --estimate, --std-error and --df instead of data. robustness.value is the share of the \
      residual variance of both treatment and outcome that an omitted variable must explain to lower \
      the estimate by the share q; robustness.value.alpha the share at which the interval reaches that \
      value. The row 'none' is the estimate as it is; a row a benchmark and multiple gives the estimate with an \
      omitted variable that is so many times as strong as the covariate; 'hypothesised' rows take the shares of \
      --r2-treatment and --r2-outcome; 'grid' rows are for a contour plot (Cinelli and Hazlett 2020, \
      doi:10.1111/rssb.12348).
      """,
    formula: .optional, data: .optional, keys: OptionKey.robustness,
    example: """
      sibling robustness Data/lalonde/lalonde.csv 're78 ~ treat + age + educ + race + re74' \
      --term treat --benchmark educ,race
      """)

  /// The E-value.
  public static let evalue = Verb(
    name: "evalue",
    abstract: "The least association that could explain an estimate away: the E-value.",
    discussion: """
      Takes no data file. An unrecorded factor would have to be associated with both treatment and \
      outcome by a risk ratio of at least e.value, beyond the recorded covariates, to explain the estimate \
      away, and e.value.limit to move its interval to no effect (1 when it holds it already). Odds and \
      hazard ratios of outcomes that are not --rare, and standardised differences, are turned into risk ratios \
      first; a risk difference needs counts (VanderWeele and Ding 2017, doi:10.7326/M16-2607).
      """,
    formula: .none, data: .none, keys: OptionKey.evalue,
    example: "sibling evalue --scale rr --estimate 3.9 --low 1.8 --high 8.7")

  /// Manski's bounds.
  public static let manski = Verb(
    name: "manski",
    abstract: "What the data alone say of an effect: no-assumption bounds.",
    discussion: """
      For an outcome that lies between --lower and --upper. Unknown outcomes, and by default \
      missing ones, may be anything in that range. The first row assumes nothing; a second has the \
      monotonicity assumptions asked for. conf.low and conf.high cover the effect with the given probability \
      (Imbens and Manski 2004, doi:10.1111/j.1468-0262.2004.00555.x). The formula is 'treatment ~ 1'.
      """,
    formula: .required, keys: OptionKey.manski,
    example: """
      sibling manski Data/lalonde/lalonde.csv 'treat ~ 1' --derive 'worked = re78 > 0' \
      --outcome worked --lower 0 --upper 1
      """)

  /// Negative-control outcomes.
  public static let negativeControl = Verb(
    name: "negative-control",
    abstract: "Estimate 'effects' on outcomes that the treatment can't have affected.",
    discussion: """
      The same design and estimator as 'effect', on outcomes that should show nothing, such as earnings \
      before the programme that the design leaves out: an estimate away from nought is bias of the design. \
      p.holm adjusts the p-values for being several (Lipsitch, Tchetgen Tchetgen and Cohen 2010, \
      doi:10.1097/EDE.0b013e3181d61eeb).
      """,
    formula: .required, keys: OptionKey.negativeControl,
    example: """
      sibling negative-control Data/lalonde/lalonde.csv 'treat ~ age + educ + race' \
      --outcome re74,re75 --caliper 0.2
      """)
}
