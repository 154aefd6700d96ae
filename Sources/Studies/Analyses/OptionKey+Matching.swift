/// Options of `match`, `balance` and `effect`.
extension OptionKey {
  /// The designs that match, in the order of the help text.
  static let matchings = [
    "nearest", "optimal", "full", "quick", "subclass", "cem", "exact",
    "cardinality",
  ]
  /// All designs.
  static let designs = matchings + weightings
  static let matchMethod = OptionKey(
    "method", .choice(matchings), default: "nearest",
    "How matches are chosen: nearest neighbours, optimal (pairs of least total distance), full"
      + " (everybody in sets of least total distance), quick (everybody in close sets, for very large"
      + " data), subclasses of the score, coarsened exact (cem) or exact strata of the covariates, or"
      + " cardinality (the largest samples with every covariate's mean within --tolerance).")
  static let distance = OptionKey(
    "distance",
    .choiceOrColumn([
      "logit", "linear.logit", "probit", "linear.probit", "cloglog", "linear.cloglog",
      "mahalanobis", "robust-mahalanobis", "euclidean", "scaled-euclidean",
    ]), default: "logit",
    "Propensity score as a probability or (linear.) as its linear predictor, a distance between the"
      + " formula's covariates, or a column of the data that holds the distance measure. These"
      + " words win over columns of the same name.")
  static let mahalanobisOn = OptionKey(
    "mahalanobis-on", .text,
    "Pair by the Mahalanobis distance on these covariates, '~ age + educ'; the score still rules"
      + " caliper, order and discards.")
  static let prefer = OptionKey(
    "prefer", .text,
    "Column, such as the site, within whose level everyone is matched first; those with matches"
      + " left to find then look across all levels.")
  static let estimand = OptionKey(
    "estimand", .choice(["ATT", "ATC", "ATE", "ATO", "ATM"]), default: "ATT",
    "Whose effect: the treated (ATT), the comparisons (ATC), everybody (ATE; strata or weighting), the"
      + " overlap (ATO) or the evenly matchable (ATM) population.")
  static let ratio = OptionKey(
    "ratio", .number, default: "1",
    "Comparisons for each treated unit. With cardinality, ATT and ATC without it keep the whole"
      + " target group and as many others as balance.")
  static let minRatio = OptionKey(
    "min-ratio", .number,
    "Fewest comparisons a treated unit, for a variable ratio or full matching; for full matching"
      + " 0.5 lets a comparison have two treated.")
  static let maxRatio = OptionKey(
    "max-ratio", .number,
    "Most comparisons a treated unit, for a variable ratio or full matching; for full matching 0.5"
      + " asks for two treated with each comparison.")
  static let replace = OptionKey(
    "replace", .flag, "Let a comparison unit serve more than once.")
  static let reuseMax = OptionKey(
    "reuse-max", .integer, "How often one comparison unit may serve.")
  static let caliper = OptionKey(
    "caliper", .number,
    "Largest distance of a match, in standard deviations of the score. A negative one asks for at"
      + " least that distance. Distances between covariates need --caliper-raw.")
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
      + " order with replacement or without a score.")
  static let discard = OptionKey(
    "discard", .choice(["none", "treated", "comparison", "both"]), default: "none",
    "Which units outside the other group's range of scores are left out.")
  static let subclasses = OptionKey(
    "subclasses", .integer, default: "6", "Number of subclasses of the score.")
  static let cutpoints = OptionKey(
    "cutpoints", .pairs,
    "How coarsened exact matching cuts covariates: age=5 (bins of equal width), age=fd, age=scott,"
      + " age=sturges or age=q4 (quantiles). Without it: sturges.")
  static let pairs = OptionKey("pairs", .flag, "Print the matched pairs instead of the rows.")
  static let data = OptionKey("data", .flag, "Print all columns of the data beside the result.")
  static let rowKey = OptionKey(
    "row-key", .text,
    "With --engine: the column that identifies a row. Rows are numbered and ties settled in its order; without"
      + " it a database's rows are taken by their values.")
  static let by = OptionKey("by", .text, "Print the balance within each level of this column.")
  static let outcome = OptionKey("outcome", .text, "Column of the outcome.")
  static let effectMethod = OptionKey(
    "method", .texts,
    "Estimator: difference (of weighted means), gcomp (g-computation), aipw, tmle, dml (doubly"
      + " robust) or abadie-imbens (matching with replacement, ties averaged). A design, such as"
      + " nearest, subclass or ipw, may be given beside the first two: --method ipw --method gcomp."
  )
  static let effectScale = OptionKey(
    "effect", .choice(["difference", "ratio", "odds-ratio"]), default: "difference",
    "Scale of the effect. Ratios are printed exponentiated, their standard error on the log scale.")
  static let outcomeModel = OptionKey(
    "outcome-model", .text,
    "Right-hand side of the outcome model for gcomp, aipw, tmle, dml and --bias-adjust:"
      + " '~ age + educ'. Without it: the covariates of the matching formula.")
  static let balanceMethod = OptionKey(
    "method", .choice(designs), default: "nearest",
    "How the groups are made alike: by matching, or by weights: the inverse of the score (ipw),"
      + " entropy balancing (entropy) or a covariate balancing score (cbps).")

  static let matchDesign: [OptionKey] = [
    distance, estimand, ratio, minRatio, maxRatio, replace, reuseMax, caliper, caliperRaw,
    covariateCaliper, exact, antiExact, order, discard, subclasses, cutpoints, mahalanobisOn,
    prefer, pairsInStrata,
  ]
  static let match: [OptionKey] = [matchMethod] + matchDesign + [tolerance, pairs, data, rowKey]
  static let effect: [OptionKey] =
    [outcome, effectMethod, effectScale, outcomeModel] + effectAdditions + matchDesign + weighting
    + [rowKey]
}
