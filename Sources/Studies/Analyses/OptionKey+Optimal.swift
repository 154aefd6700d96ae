/// Options of optimal designs.
extension OptionKey {
  static let pairsInStrata = OptionKey(
    "k2k", .flag,
    "Prune the strata of coarsened exact matching to pairs: as many comparisons as treated, those of"
      + " least total Mahalanobis distance.")
}
