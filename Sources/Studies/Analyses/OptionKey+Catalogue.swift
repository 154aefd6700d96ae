// The catalogue: every option, written once. Keys of one concern stand together.

/// Options of every estimator verb.
extension OptionKey {
  static let format = OptionKey(
    "format", .choice(["csv", "table", "json", "md"]),
    "How rows are printed. A terminal gets a table and a file or pipe gets CSV unless this says"
      + " otherwise.")
  static let output = OptionKey(
    "output", .text, "Write the rows to this file instead of standard output.")
  static let filter = OptionKey(
    "where", .text, "Keep only rows for which this is true: 'age >= 18 & site != \"X\"'.")
  static let derive = OptionKey(
    "derive", .texts, "Add a column: 'name = expression'. May be given several times.")
  static let weights = OptionKey(
    "weights", .text, "Column of case or sampling weights; zero leaves a row out.")
  static let cluster = OptionKey(
    "cluster", .texts, "Column (or two, with a comma) of clusters for the standard errors.")
  static let level = OptionKey("level", .number, default: "0.95", "Confidence level.")
  static let seed = OptionKey(
    "seed", .integer, default: "1", "Seed of every random stream.")
  static let threads = OptionKey(
    "threads", .integer, "Threads to use. Results have the same bytes for any number.")
  static let missing = OptionKey(
    "missing", .choice(["drop", "error"]), default: "drop",
    "What to do with rows that lack a value in a used column; dropped rows are counted.")
  static let treated = OptionKey(
    "treated", .text,
    "The level of the treatment column that means treated. Without it: 1, true, or the second of"
      + " two levels.")
  static let disclosure = OptionKey(
    "disclosure", .choice(["none", "acro-default"]),
    "Disclosure profile to apply to the rows before they are printed.")
  static let types = OptionKey(
    "types", .pairs,
    "Declared column types: id=text,joined=date. Types: integer, number, text, boolean, date.")
  static let dateFormat = OptionKey(
    "date-format", .pairs, "Formats of date columns: joined=dd/mm/yyyy.")
  static let missingWords = OptionKey(
    "missing-words", .texts, "Words that mean missing, besides the empty field, NA and null.")
  static let separator = OptionKey(
    "separator", .choice(["auto", "comma", "semicolon", "tab"]), default: "auto",
    "What separates fields.")

  /// Options that every estimator verb takes, in the order of the help text.
  static let common: [OptionKey] = [
    format, output, filter, derive, weights, cluster, level, seed, threads, missing, treated,
    disclosure, types, dateFormat, missingWords, separator,
  ]
}

/// Options of `regress`.
extension OptionKey {
  static let family = OptionKey(
    "family", .choice(["gaussian", "binomial", "poisson"]), default: "gaussian",
    "Distribution of the response.")
  static let link = OptionKey(
    "link", .choice(["identity", "log", "logit", "probit", "cloglog"]),
    "Link function; the family's canonical one unless given.")
  static let absorb = OptionKey(
    "absorb", .texts, "Columns whose levels get fixed effects that are not printed: firm,year.")
  static let covariance = OptionKey(
    "vcov", .choice(["classical", "HC0", "HC1", "HC2", "HC3", "CR0", "CR1"]),
    "Covariance of the coefficients: classical, heteroskedastic, or by cluster. CR1 when --cluster"
      + " is given.")

  static let regress: [OptionKey] = [family, link, absorb, covariance]
}

/// Options of `match`, `balance` and `effect`.
extension OptionKey {
  /// The designs that match, in the order of the help text.
  static let matchings = ["nearest", "full", "subclass", "cem", "exact"]
  /// All designs.
  static let designs = matchings + ["ipw"]
  static let matchMethod = OptionKey(
    "method", .choice(matchings), default: "nearest",
    "How matches are chosen: nearest neighbours, full (everybody in sets of least total"
      + " distance), subclasses of the score, coarsened exact (cem) or"
      + " exact strata of the covariates.")
  static let distance = OptionKey(
    "distance",
    .choiceOrColumn([
      "logit", "linear.logit", "probit", "linear.probit", "cloglog", "linear.cloglog",
    ]), default: "logit",
    "Propensity score as a probability or (linear.) as its linear predictor, or a column of the"
      + " data that holds the distance measure.")
  static let estimand = OptionKey(
    "estimand", .choice(["ATT", "ATC", "ATE", "ATO", "ATM"]), default: "ATT",
    "Whose effect: the treated (ATT), the comparisons (ATC), everybody (ATE; strata or weighting), the"
      + " overlap (ATO) or the evenly matchable (ATM) population.")
  static let ratio = OptionKey(
    "ratio", .number, default: "1", "Comparisons for each treated unit.")
  static let minRatio = OptionKey(
    "min-ratio", .integer, "Fewest comparisons a treated unit, for a variable ratio.")
  static let maxRatio = OptionKey(
    "max-ratio", .integer, "Most comparisons a treated unit, for a variable ratio.")
  static let replace = OptionKey(
    "replace", .flag, "Let a comparison unit serve more than once.")
  static let reuseMax = OptionKey(
    "reuse-max", .integer, "How often one comparison unit may serve.")
  static let caliper = OptionKey(
    "caliper", .number,
    "Largest distance of a match, in standard deviations of the score. A negative one asks for at"
      + " least that distance.")
  static let caliperRaw = OptionKey(
    "caliper-raw", .flag, "Calipers are in raw units, not standard deviations.")
  static let covariateCaliper = OptionKey(
    "covariate-caliper", .pairs, "Calipers on covariates: age=2,prior=0.5.")
  static let exact = OptionKey(
    "exact", .texts, "Columns on which matches must agree exactly.")
  static let antiExact = OptionKey(
    "anti-exact", .texts, "Columns on which matches must differ.")
  static let order = OptionKey(
    "order", .choice(["largest", "smallest", "closest", "farthest", "random", "data"]),
    "Order in which units choose. Without it: descending score for ATT, ascending for ATC, data"
      + " order with replacement.")
  static let discard = OptionKey(
    "discard", .choice(["none", "treated", "comparison", "both"]), default: "none",
    "Which units outside the other group's range of scores are left out.")
  static let subclasses = OptionKey(
    "subclasses", .integer, default: "6", "Number of subclasses of the score.")
  static let cutpoints = OptionKey(
    "cutpoints", .pairs,
    "How coarsened exact matching cuts covariates: age=5 (bins of equal width), or sturges, fd,"
      + " scott or q4 (quantiles). Without it: sturges.")
  static let pairs = OptionKey("pairs", .flag, "Print the matched pairs instead of the rows.")
  static let data = OptionKey("data", .flag, "Print all columns of the data beside the result.")
  static let by = OptionKey("by", .text, "Print the balance within each level of this column.")
  static let outcome = OptionKey("outcome", .text, "Column of the outcome.")
  static let effectMethod = OptionKey(
    "method", .texts,
    "Estimator: difference (of weighted means) or gcomp (g-computation). A design, such"
      + " as nearest, subclass or ipw, may be given beside it: --method ipw --method difference.")
  static let effectScale = OptionKey(
    "effect", .choice(["difference", "ratio", "odds-ratio"]), default: "difference",
    "Scale of the effect. Ratios are printed exponentiated, their standard error on the log scale.")
  static let outcomeModel = OptionKey(
    "outcome-model", .text,
    "Right-hand side of the outcome model for g-computation: '~ age + educ'. Without it: the"
      + " covariates of the matching formula.")
  static let trim = OptionKey(
    "trim", .number, "Weights above this quantile are set to it: 0.99 (weighting only).")
  static let balanceMethod = OptionKey(
    "method", .choice(designs), default: "nearest",
    "How the groups are made alike: matching, or weighting by the inverse of the score.")

  static let matchDesign: [OptionKey] = [
    distance, estimand, ratio, minRatio, maxRatio, replace, reuseMax, caliper, caliperRaw,
    covariateCaliper, exact, antiExact, order, discard, subclasses, cutpoints,
  ]
  static let match: [OptionKey] = [matchMethod] + matchDesign + [pairs, data]
  static let balance: [OptionKey] = [balanceMethod] + matchDesign + [trim, by]
  static let effect: [OptionKey] =
    [outcome, effectMethod, effectScale, outcomeModel] + matchDesign + [trim]
}

/// Options of `did` and `event-study`.
extension OptionKey {
  static let unit = OptionKey(
    "unit", .text, "Column that identifies a unit (person, site, county).")
  static let time = OptionKey("time", .text, "Column of the period.")
  static let group = OptionKey(
    "group", .text, "Column of the first treated period; 0 or empty means never treated.")
  static let pre = OptionKey("pre", .text, "Column of the outcome before treatment (wide data).")
  static let post = OptionKey("post", .text, "Column of the outcome after treatment (wide data).")
  static let treatment = OptionKey("treatment", .text, "Column of treatment, 0 or 1 (wide data).")
  static let didMethod = OptionKey(
    "method", .choice(["callaway-santanna", "twfe", "two-period"]),
    "Estimator: group-time effects or two-way fixed effects on a panel, or two periods on wide data."
      + " callaway-santanna for a panel and two-period for wide data unless given.")
  static let didEstimator = OptionKey(
    "estimator", .choice(["dr", "ipw", "std-ipw", "reg", "improved-dr", "twfe", "means"]),
    default: "dr",
    "How covariates enter: doubly robust, weighting, standardised weighting, outcome regression;"
      + " twfe and means for two periods only.")
  static let control = OptionKey(
    "control", .choice(["never", "not-yet"]), default: "never",
    "Controls of group-time effects: units never treated, or not treated yet.")
  static let base = OptionKey(
    "base", .choice(["varying", "universal"]), default: "varying",
    "Period that group-time effects before treatment are measured from.")
  static let anticipation = OptionKey(
    "anticipation", .number, default: "0", "Periods by which units may react before treatment.")
  static let aggregate = OptionKey(
    "aggregate", .choice(["none", "simple", "dynamic", "group", "calendar"]), default: "none",
    "How group-time effects are averaged.")
  static let balanceEvent = OptionKey(
    "balance-e", .integer,
    "Keep cohorts seen at least this long after the start (dynamic averages).")
  static let covariates = OptionKey(
    "covariates", .text, "Covariates: '~ age + educ'.")
  static let leads = OptionKey("leads", .integer, "Periods before treatment shown; all if absent.")
  static let lags = OptionKey("lags", .integer, "Periods after treatment shown; all if absent.")
  static let reference = OptionKey(
    "reference", .integer, default: "-1", "Relative period that the others are compared with.")

  static let did: [OptionKey] = [
    outcome, unit, time, group, pre, post, treatment, didMethod, control, didEstimator, covariates,
    anticipation, base, aggregate, balanceEvent, covariance,
  ]
  static let eventStudy: [OptionKey] = [
    outcome, unit, time, group, covariates, leads, lags, reference, covariance,
  ]
}

/// Options of `km`, `logrank`, `cox`, `zph` and `rmst`.
extension OptionKey {
  static let confidence = OptionKey(
    "conf", .choice(["log", "log-log", "plain", "logit", "arcsine"]), default: "log",
    "Scale on which intervals of the survival curve are made.")
  static let times = OptionKey(
    "times", .numbers, "Print the curve at these times only; counts are since the previous one.")
  static let quantiles = OptionKey(
    "quantiles", .numbers, "Print these quantiles of the survival time, 0.5 for the median.")
  static let eventsOnly = OptionKey("events-only", .flag, "Print event times only.")
  static let robust = OptionKey(
    "robust", .flag,
    "Robust standard errors; on by itself with clusters or weights that are not whole.")
  static let rho = OptionKey("rho", .number, default: "0", "Power of S(t) in the test's weights.")
  static let gamma = OptionKey(
    "gamma", .number, default: "0", "Power of 1 − S(t) in the test's weights.")
  static let ties = OptionKey(
    "ties", .choice(["efron", "breslow"]), default: "efron", "How tied event times are treated.")
  static let id = OptionKey(
    "id", .text, "Column that identifies a person; several rows of one person are one cluster.")
  static let exponentiate = OptionKey(
    "exponentiate", .flag, "Print hazard ratios; standard errors stay on the log scale.")
  static let statistics = OptionKey(
    "statistics", .flag, "Print one row of model statistics instead of the coefficients.")
  static let transform = OptionKey(
    "transform", .choice(["km", "rank", "identity", "log"]), default: "km",
    "Transformation of time in the proportional-hazards test.")
  static let tau = OptionKey(
    "tau", .number, "Time up to which the mean is restricted; survRM2's rule if absent.")

  static let kaplanMeier: [OptionKey] = [confidence, times, quantiles, eventsOnly, robust]
  static let logRank: [OptionKey] = [rho, gamma]
  static let cox: [OptionKey] = [ties, robust, id, exponentiate, statistics]
  static let proportionalHazards: [OptionKey] = [ties, robust, id, transform]
  static let restrictedMean: [OptionKey] = [tau]
}
