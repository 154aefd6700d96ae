/// Options of `weight`, and of `balance` and `effect` where they weight.
extension OptionKey {
  /// The designs that weight, in the order of the help text.
  static let weightings = ["ipw", "entropy", "cbps"]
  static let weightMethod = OptionKey(
    "method", .choice(weightings), default: "ipw",
    "How weights are found: by the inverse of the propensity score (ipw), by entropy balancing"
      + " (entropy), or by a covariate balancing propensity score (cbps).")
  static let weightEstimand = OptionKey(
    "estimand", .choice(["ATE", "ATT", "ATC", "ATO", "ATM"]), default: "ATE",
    "Whose effect: everybody (ATE), the treated (ATT), the comparisons (ATC), the overlap (ATO; ipw"
      + " and cbps) or the evenly matchable (ATM; ipw) population.")
  static let trim = OptionKey(
    "trim", .number, "Weights above this quantile are set to it: 0.99 (ipw only).")
  static let stabilise = OptionKey(
    "stabilise", .flag, "Multiply each weight by the share of the row's group (ipw only).")
  static let moments = OptionKey(
    "moments", .integer, default: "1",
    "Moments of numeric covariates that are balanced, 1 to 3 (entropy and cbps); a covariate of two"
      + " values has only its mean.")
  static let momentProducts = OptionKey(
    "moment-products", .flag,
    "Balance the products of the covariates too (entropy and cbps).")
  static let tolerance = OptionKey(
    "tolerance", .number,
    "Standardised mean difference that may remain (entropy and cardinality). Without it entropy"
      + " balances exactly and cardinality to 0.05.")
  static let siteWeights = OptionKey(
    "site-weights", .text,
    "Column of sites: one weight for each site and group, found from the sites' means (entropy"
      + " only). Effects are then clustered by site unless --cluster says otherwise.")

  static let weighting: [OptionKey] = [
    trim, stabilise, moments, momentProducts, tolerance, siteWeights,
  ]
  static let weight: [OptionKey] =
    [weightMethod, weightEstimand, distance] + weighting + [rowKey]
}
