internal import Matching

/// Options of `effect` beside the design's.
extension OptionKey {
  /// The names of the estimators.
  static let estimators = EffectMethod.allCases.map(\.rawValue)
  static let standardError = OptionKey(
    "se", .choice(["robust", "m-estimation", "bootstrap"]),
    "Standard error: robust (by matched set or --cluster; weights and models taken as known),"
      + " m-estimation (knows that the weights, or aipw's models of treatment and outcome, were"
      + " estimated) or bootstrap. Without it: m-estimation for weights and aipw, robust for"
      + " matches; tmle and dml have the influence function's, abadie-imbens its own.")
  static let bootstrapReplicates = OptionKey(
    "bootstrap", .integer,
    "Bootstrap with this many resamples: of people or clusters, the weights and models fitted"
      + " again; after matching of matched sets as they are, since matching again in each resample"
      + " is not valid (Abadie and Imbens 2008). --se bootstrap alone takes 999.")
  static let folds = OptionKey(
    "folds", .integer, default: "5",
    "Folds of dml's cross-fitting, drawn by --seed; clusters stay together.")
  static let repetitions = OptionKey(
    "repetitions", .integer, default: "1",
    "Times that dml draws its folds; the median is reported, its spread in the standard error.")
  static let varianceNeighbours = OptionKey(
    "variance-neighbours", .integer, default: "0",
    "For abadie-imbens: neighbours in its own group that each row's outcome variance is estimated"
      + " from. 0 takes one variance for all rows, from the matched differences.")
  static let scoreKnown = OptionKey(
    "score-known", .flag,
    "For abadie-imbens: leave out the correction for a score that was estimated (Abadie and Imbens"
      + " 2016).")
  static let biasAdjust = OptionKey(
    "bias-adjust", .flag,
    "For abadie-imbens: adjust matched outcomes for what remains of covariate differences, by"
      + " regression in the matched group (Abadie and Imbens 2011).")
  static let subgroup = OptionKey(
    "subgroup", .text,
    "Column of subgroups: adds the effect within each level and a joint test (term interaction) that"
      + " they are all the same.")

  /// What an effect of a study file may say besides its outcome and estimators.
  static let effectSettings: [OptionKey] = [
    effectScale, outcomeModel, standardError, bootstrapReplicates, folds, repetitions,
    varianceNeighbours, scoreKnown, biasAdjust, subgroup,
  ]
  static let effectAdditions: [OptionKey] =
    effectSettings.filter { $0 != effectScale && $0 != outcomeModel }
}
