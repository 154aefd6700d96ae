/// The estimator verbs.
extension Verb {
  /// Regression: least squares or a generalised linear model.
  public static let regress = Verb(
    name: "regress",
    abstract: "Least squares, logistic, probit, complementary log-log or Poisson regression.",
    discussion: """
      Gaussian models use t with n − k degrees of freedom (clusters − 1 with --cluster); others use \
      the normal distribution. Weights are analytic. Collinear columns are dropped and named; \
      perfect separation is refused with the term that causes it.
      """,
    formula: .required, keys: OptionKey.regress,
    example:
      "sibling regress Data/lalonde/lalonde.csv 'treat ~ age + educ + race' --family binomial")

  /// Nearest-neighbour matching.
  public static let match = Verb(
    name: "match",
    abstract: "Match treated units with comparisons, by score or in strata.",
    discussion: """
      Prints every row of the data: row, treated, distance (the score), weight (0 when unmatched) \
      and subclass. Constraints are checked again after matching. Of candidates equally near by score the one fewest \
      ranks away is taken, then the one of lower score. Conventions are MatchIt's (Ho, \
      Imai, King, Stuart 2011, doi:10.18637/jss.v042.i08).
      """,
    formula: .required, keys: OptionKey.match,
    example: "sibling match Data/lalonde/lalonde.csv 'treat ~ age + educ + race' --caliper 0.2")

  /// Weights that make the groups alike.
  public static let weight = Verb(
    name: "weight",
    abstract: "Weight rows so that the groups are alike, by score or by balancing directly.",
    discussion: """
      Prints every row of the data: row, treated, propensity (none for entropy balancing) and weight, \
      sampling weights included; rows left out have no weight. Inverse-probability weights come from \
      a fitted score; entropy balancing (Hainmueller 2012, doi:10.1093/pan/mpr025) and the covariate \
      balancing score (Imai and Ratkovic 2014, doi:10.1111/rssb.12027) meet the moments exactly, or \
      within --tolerance. Effective sample sizes, the largest weights and the balance reached are told \
      on standard error.
      """,
    formula: .required, keys: OptionKey.weight,
    example: """
      sibling weight Data/lalonde/lalonde.csv 'treat ~ age + educ + race' --method entropy \
      --estimand ATT
      """)

  /// Balance before and after matching or weighting.
  public static let balance = Verb(
    name: "balance",
    abstract: "Compare covariates between groups, before and after matching or weighting.",
    discussion: """
      Standardised mean differences use the standard deviation of the unadjusted sample (treated \
      group for ATT). Variance ratios are given for continuous covariates; ecdf_mean and ks are the \
      mean and largest distance between distribution functions, overlap the area under both kernel \
      densities. Rows named ess hold effective sample sizes in the mean columns. Thresholds add the \
      columns smd_status, var_ratio_status and ks_status.
      """,
    formula: .required, keys: OptionKey.balance,
    example: "sibling balance Data/lalonde/lalonde.csv 'treat ~ age + educ + race' --caliper 0.2")

  /// The effect of a treatment after matching or weighting.
  public static let effect = Verb(
    name: "effect",
    abstract: "Estimate a treatment effect after matching or weighting.",
    discussion: """
      The difference of weighted means; g-computation with an outcome model that lets every \
      covariate's slope differ between the groups; the doubly robust aipw, tmle and dml; or \
      abadie-imbens, which matches with replacement and averages ties. Standard errors cluster on \
      matched pairs or on --cluster; for estimated weights and aipw they are M-estimation's. The \
      term names the estimand.
      """,
    formula: .required, keys: OptionKey.effect,
    example: """
      sibling effect Data/lalonde/lalonde.csv 'treat ~ age + educ + race' --outcome re78 \
      --method gcomp
      """)

  /// Difference-in-differences.
  public static let did = Verb(
    name: "did",
    abstract: "Difference-in-differences on a panel or on two periods.",
    discussion: """
      A panel (--outcome --unit --time --group) is analysed by group-time effects (Callaway and \
      Sant'Anna 2021, doi:10.1016/j.jeconom.2020.12.001), or with --method by imputation (Borusyak, \
      Jaravel and Spiess 2024, doi:10.1093/restud/rdae007), in two stages (Gardner), by the extended \
      two-way regression (Wooldridge), stacked sub-experiments, an event study interacted with cohorts \
      (Sun and Abraham 2021, doi:10.1016/j.jeconom.2020.09.006), or unit and period effects (twfe); \
      --aggregate simple, dynamic, group or calendar averages the effects. Wide data (--pre --post --treatment) by the two-period estimators of Sant'Anna and \
      Zhao (2020, doi:10.1016/j.jeconom.2020.06.003). Group-time effects take repeated \
      cross-sections and unbalanced panels too, a multiplier bootstrap and uniform bands. With few \
      sites --randomisation exchanges launches between them. Two-way \
      fixed effects are only right when effects do not differ between cohorts or over time; the output \
      says so when cohorts start at different times.
      """,
    formula: .none, keys: OptionKey.did,
    example: """
      sibling did Data/mpdta/mpdta.csv --outcome lemp --unit countyreal --time year \
      --group first.treat --method twfe --cluster countyreal
      """)

  /// The event study.
  public static let eventStudy = Verb(
    name: "event-study",
    abstract: "Effects by period relative to the start of treatment.",
    discussion: """
      Leads and lags with unit and period effects. The reference period has estimate 0 and no \
      standard error. The joint test that all leads are zero is told on standard error.
      """,
    formula: .none, keys: OptionKey.eventStudy,
    example: """
      sibling event-study Data/mpdta/mpdta.csv --outcome lemp --unit countyreal --time year \
      --group first.treat
      """)

  /// The Kaplan–Meier curve.
  public static let kaplanMeier = Verb(
    name: "km",
    abstract: "Kaplan–Meier survival curves by arm.",
    discussion: """
      std.error is the standard error of S(t): Greenwood's, or the infinitesimal jackknife with \
      weights or clusters. --times prints one row a time, --quantiles the survival time's quantiles.
      """,
    formula: .required, keys: OptionKey.kaplanMeier,
    example: "sibling km Data/lung/lung.csv 'Surv(time, status) ~ sex' --times 90,180,365")

  /// The log-rank family.
  public static let logRank = Verb(
    name: "logrank",
    abstract: "Compare survival between arms: the log-rank family, stratified if asked.",
    discussion: """
      Weights S(t−)^rho (1 − S(t−))^gamma (Fleming and Harrington 1991); strata() in the formula \
      compares within strata.
      """,
    formula: .required, keys: OptionKey.logRank,
    example: "sibling logrank Data/lung/lung.csv 'Surv(time, status) ~ sex'")

  /// Cox regression.
  public static let cox = Verb(
    name: "cox",
    abstract: "Cox regression: log hazard ratios with naive or robust standard errors.",
    discussion: """
      std.error is always the naive one; statistic and interval use robust.se where there is one \
      (clusters, repeated ids, weights that are not whole, or --robust). strata() in the formula \
      gives each stratum its own baseline hazard. --frailty adds a row with the frailty's variance \
      (Therneau, Grambsch and Pankratz 2003, doi:10.1198/1061860031365).
      """,
    formula: .required, keys: OptionKey.cox,
    example: "sibling cox Data/lung/lung.csv 'Surv(time, status) ~ age + sex + ph.ecog'")

  /// The proportional-hazards test.
  public static let proportionalHazards = Verb(
    name: "zph",
    abstract: "Test whether hazard ratios are constant over time.",
    discussion: """
      The score test of Grambsch and Therneau (1994, doi:10.1093/biomet/81.3.515) in its exact \
      form, for each term and all together (GLOBAL).
      """,
    formula: .required, keys: OptionKey.proportionalHazards,
    example: "sibling zph Data/lung/lung.csv 'Surv(time, status) ~ age + sex + ph.ecog'")

  /// The restricted mean.
  public static let restrictedMean = Verb(
    name: "rmst",
    abstract: "Restricted mean survival time by arm, with difference and ratios.",
    discussion: """
      The area under the Kaplan–Meier curve up to tau (Royston and Parmar 2013, \
      doi:10.1186/1471-2288-13-152). Contrasts compare the second arm with the first. With --adjust \
      the rows are the arms' means at the mean covariates, the differences from the first arm, and a \
      slope for each covariate.
      """,
    formula: .required, keys: OptionKey.restrictedMean,
    example: "sibling rmst Data/lung/lung.csv 'Surv(time, status) ~ sex' --tau 365")

  /// All estimator verbs, in the order of the help page.
  public static let all: [Verb] =
    [
      .regress, .match, .weight, .balance, .effect, .did, .eventStudy, .kaplanMeier, .logRank, .cox,
      .proportionalHazards, .restrictedMean, .rosenbaum, .robustness, .evalue, .manski,
      .negativeControl,
    ] + panelMethods + fewSites + panelRobustness + synthetic + timeSeries + curves + coxModels
    + competing + parametric + survivalEffects + outcomeScoring + flow + missingEvidence + imputing
    + contracts + targets + incentives + doseResponse + scenario + value + decisions
}
