/// What `balance` measures beyond the covariates before and after, and how it is judged.
extension OptionKey {
  static let interactions = OptionKey(
    "interactions", .flag,
    "Measure the products of all pairs of covariates too, levels of factors included: age:educ.")
  static let squares = OptionKey(
    "squares", .flag, "Measure the squares of covariates too: age^2.")
  static let powers = OptionKey(
    "powers", .numbers, "Measure these powers of covariates too, from 2 to 10: 2,3.")
  static let threshold = OptionKey(
    "threshold", .number,
    "Greatest standardised mean difference, in either direction, that counts as balanced: 0.1.")
  static let thresholdKS = OptionKey(
    "threshold-ks", .number, "Greatest Kolmogorov–Smirnov distance that counts as balanced: 0.1.")
  static let thresholdRatio = OptionKey(
    "threshold-ratio", .number,
    "Greatest variance ratio that counts as balanced, its inverse being the least: 2.")
  static let quantilePairs = OptionKey(
    "qq", .texts,
    "Quantiles of these covariates in both groups, before and after: re74,re75; distance is the"
      + " score. The verb prints them instead of the balance.")
  static let densities = OptionKey(
    "density", .texts,
    "Kernel densities of these covariates in both groups, before and after: re74; distance is the"
      + " score. The verb prints them instead of the balance.")
  static let perSubclass = OptionKey(
    "per-subclass", .flag,
    "Print the balance within each subclass or stratum after the one over all of them (subclass,"
      + " cem and exact only).")
  static let site = OptionKey(
    "site", .text,
    "Print the balance of site means instead, one observation a site, for designs that assign whole"
      + " sites; the rows ess hold the number of sites.")

  /// What the study file's `matching` section takes too.
  static let balanceDetail: [OptionKey] = [
    interactions, squares, powers, threshold, quantilePairs, densities,
  ]
  static let balance: [OptionKey] =
    [balanceMethod] + matchDesign + weighting + [by] + balanceDetail
    + [thresholdKS, thresholdRatio, perSubclass, site]
}
