/// Options of `few-clusters`.
extension OptionKey {
  static let clusterNull = OptionKey(
    "null", .number, default: "0", "The effect under the null hypothesis.")
  static let clusterDraws = OptionKey(
    "draws", .integer, default: "9999",
    "Bootstrap samples, and draws of launches where all can't be listed.")
  static let wildWeights = OptionKey(
    "weights-type", .choice(["rademacher", "webb", "mammen"]),
    "What the wild bootstrap multiplies residuals by; webb below eight clusters and else rademacher"
      + " unless given.")
  static let subcluster = OptionKey(
    "subcluster", .text,
    "Column of units within clusters that the wild bootstrap draws weights for.")
  static let simulateSize = OptionKey(
    "simulate-size", .integer, default: "0",
    "Simulate so many samples of this shape with a true null and add how often each method rejects"
      + " (size) with its Monte-Carlo standard error (size.error).")

  /// Those that a study's own section takes; the rest follows from its design.
  static let fewClustersOfStudies: [OptionKey] = [clusterDraws, wildWeights, simulateSize]

  static let fewClusters: [OptionKey] = [
    biasTerm, clusterNull, absorb, time, clusterDraws, wildWeights, subcluster, simulateSize,
  ]
}

/// Options of `power` for whole sites.
extension OptionKey {
  static let peoplePerSite = OptionKey(
    "per-site", .number,
    "People of a site, on average; for --design clusters, proportions and means.")
  static let plannedRate = OptionKey(
    "rate", .number,
    "Share with the outcome expected without the programme: for --design proportions, or clusters"
      + " in place of --sd.")
  static let plannedClusters: [OptionKey] = [peoplePerSite, plannedRate]
}
