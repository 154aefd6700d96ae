public import Statistics

/// The two-period estimators on a long panel of exactly two periods.
///
/// Units seen in both periods are made wide; covariates and weights are those of the first. The
/// standard errors are the wide estimators'.
public struct TwoPeriodPanelEstimator: PanelEstimator {
  /// How covariates enter; nil for the difference of means.
  public var kind: AdjustmentEstimator?
  /// Whether pooled least squares is used instead.
  public var isPooled: Bool
  /// The confidence level of intervals.
  public var level: Double

  /// An estimator for two periods; doubly robust unless said otherwise.
  public init(
    kind: AdjustmentEstimator? = .doublyRobust, isPooled: Bool = false, level: Double = 0.95
  ) {
    self.kind = kind
    self.isPooled = isPooled
    self.level = level
  }

  /// Estimates the effect on the treated, term `ATT`.
  ///
  /// - Throws: `badDesign` where the panel has more than two periods, and what the two-period
  ///   estimators throw.
  public func fit(
    _ panel: PanelDesign, outcome: [Double], covariates: DesignMatrix? = nil,
    weights: [Double]? = nil, clusters: Factor? = nil
  ) throws(SiblingError) -> PanelEffects {
    let usesCovariates = isPooled || kind != nil
    let result = try TwoPeriodDifferenceInDifferences(
      estimator: kind ?? .doublyRobust, level: level
    ).fit(
      panel, outcome: outcome, covariates: usesCovariates ? covariates : nil,
      weights: weights, clusters: clusters, pooled: isPooled)
    var notes = panel.notes + result.notes
    if panel.incompleteUnits > 0 {
      notes.append("\(panel.incompleteUnits) units without one of the periods were left out.")
    }
    let treated = result.cells.first { $0.treated && $0.after }?.units
    return PanelEffects(
      rows: [PanelEffects.Row(result.estimate, treatedRows: treated, treatedUnits: treated)],
      observations: result.units, clusters: result.clusters, notes: notes)
  }
}
