internal import LinearAlgebra
public import Statistics

extension TwoPeriodDifferenceInDifferences {
  /// Estimates the effect on the treated from a long panel of two periods.
  ///
  /// Units seen in both periods are used; covariates and weights are those of the first. Units
  /// treated in both periods are left out. `pooled` takes pooled least squares instead of the
  /// configured estimator.
  /// - Throws: `badDesign` where the panel has more than two periods, and as for wide data.
  public func fit(
    _ panel: PanelDesign, outcome: [Double], covariates: DesignMatrix? = nil,
    weights: [Double]? = nil, clusters: Factor? = nil, pooled: Bool = false
  ) throws(SiblingError) -> TwoPeriodResult {
    try panel.check(outcome: outcome, covariates: covariates, weights: weights)
    guard panel.periods.count == 2 else {
      throw SiblingError(
        .badDesign, "The panel has \(panel.periods.count) periods; this method needs two.",
        help: "Filter to two periods, or use twfe, an event study or callaway-santanna.")
    }
    let table = panel.rowTable()
    var (first, second, treated): ([Int], [Int], [Bool]) = ([], [], [])
    for unit in 0..<panel.units {
      let (early, late) = (table[2 * unit], table[2 * unit + 1])
      guard early >= 0, late >= 0, panel.groups[unit] ?? .infinity > panel.periods[0] else {
        continue
      }
      first.append(Int(early))
      second.append(Int(late))
      treated.append(panel.groups[unit] != nil)
    }
    let before = first.map { outcome[$0] }
    let after = second.map { outcome[$0] }
    let design = covariates?.selecting(rows: first)
    let rowWeights = weights.map { weights in first.map { weights[$0] } }
    var unitClusters: Factor?
    if let clusters {
      _ = try panel.unitLevel(clusters)
      unitClusters = clusters.selecting(first)
    }
    return pooled
      ? try fitPooled(
        before: before, after: after, treated: treated, covariates: design, weights: rowWeights,
        clusters: unitClusters)
      : try fit(
        before: before, after: after, treated: treated, covariates: design, weights: rowWeights,
        clusters: unitClusters)
  }
}
