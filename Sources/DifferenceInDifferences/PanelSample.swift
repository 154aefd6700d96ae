public import Statistics

/// A panel with the columns that go with it, so that rows can be left out of all of them at once.
public struct PanelSample: Sendable, Equatable {
  /// The checked panel.
  public let panel: PanelDesign
  /// The outcome, one entry a row.
  public let outcome: [Double]
  /// Covariates, one row a row of the panel; nil for none.
  public let covariates: DesignMatrix?
  /// Weights, one entry a row; nil for all one.
  public let weights: [Double]?
  /// Clusters of the standard errors, one factor or more; empty for the estimator's own.
  public let clusters: [Factor]

  /// A panel with its columns.
  ///
  /// - Throws: `sizeMismatch` where a column has another number of rows.
  public init(
    _ panel: PanelDesign, outcome: [Double], covariates: DesignMatrix? = nil,
    weights: [Double]? = nil, clusters: [Factor] = []
  ) throws(SiblingError) {
    for count in [outcome.count, covariates?.rows ?? panel.rows, weights?.count ?? panel.rows]
      + clusters.map(\.count) where count != panel.rows
    {
      throw SiblingError(
        .sizeMismatch, "The panel has \(panel.rows) rows, one of its columns \(count).",
        help: "Give the outcome, covariates, weights and clusters one entry a row.")
    }
    self.panel = panel
    self.outcome = outcome
    self.covariates = covariates
    self.weights = weights
    self.clusters = clusters
  }

  /// Some of the rows, in the order given, as a panel of their own.
  ///
  /// Periods in which none of these rows is are as if they had never been observed: the period
  /// before treatment, and the base of each comparison, is the last one left. `groups` gives units
  /// (by code) other first treated periods; without it they keep those declared.
  /// - Throws: what `PanelDesign` finds wrong with the panel that is left.
  public func selecting(
    rows chosen: [Int], groups: [Double?]? = nil
  ) throws(SiblingError) -> PanelSample {
    let groups = groups ?? panel.declaredGroups
    let times = panel.times
    let time = chosen.map { times[$0] }
    let group = chosen.map { groups[Int(panel.unit.codes[$0])] }
    let design =
      panel.isCrossSections
      ? try PanelDesign(crossSections: time, group: group)
      : try PanelDesign(unit: panel.unit.selecting(chosen), time: time, group: group)
    return try PanelSample(
      design, outcome: chosen.map { outcome[$0] },
      covariates: covariates?.selecting(rows: chosen),
      weights: weights.map { all in chosen.map { all[$0] } },
      clusters: clusters.map { $0.selecting(chosen).droppingUnusedLevels() })
  }
}
