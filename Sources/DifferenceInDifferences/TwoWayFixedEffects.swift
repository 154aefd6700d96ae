public import Statistics

/// The effect of treatment by least squares with unit and period effects.
///
/// With treatment at different times and effects that differ, the coefficient mixes comparisons of
/// which some use treated units as controls (Goodman-Bacon 2021,
/// doi 10.1016/j.jeconom.2021.03.014); with one cohort it is a plain difference in differences.
public struct TwoWayFixedEffects: Sendable {
  /// What is supposed of the outcome; Poisson estimates are logarithms of ratios of means.
  public var family: PanelFamily
  /// Which effects the factor (N − 1)/(N − K) of CR1 counts in K.
  public var counting: EffectsCounting
  /// The confidence level of intervals.
  public var level: Double

  /// A regression with unit and period effects.
  public init(
    family: PanelFamily = .gaussian, counting: EffectsCounting = .notNested, level: Double = 0.95
  ) {
    self.family = family
    self.counting = counting
    self.level = level
  }

  /// Regresses an outcome on the panel's treatment with unit and period effects.
  ///
  /// Covariates, weights and clusters have one entry a row. Small-sample factors are
  /// (N − 1)/(N − K)·G/(G − 1), where K leaves out effects nested in the clusters, and statistics
  /// follow t(G − 1); without clusters t(N − K). Poisson regressions use the normal distribution.
  /// - Throws: `sizeMismatch`, `missingValue`, `badWeight`, `rankDeficient` where treatment does not
  ///   vary within units and periods, `tooFewClusters`, and what the regression throws.
  public func fit(
    _ panel: PanelDesign, outcome: [Double], covariates: DesignMatrix? = nil,
    weights: [Double]? = nil, covariance: CovarianceEstimator = .classical
  ) throws(SiblingError) -> TwoWayFixedEffectsResult {
    var result = try regress(panel, outcome, covariates, weights, covariance)
    if let few = panel.treatedClusters(covariance), few <= SmallGroups.most {
      result.withhold(SmallGroups.note("The treated are"))
    }
    return result
  }

  private func regress(
    _ panel: PanelDesign, _ outcome: [Double], _ covariates: DesignMatrix?, _ weights: [Double]?,
    _ covariance: CovarianceEstimator
  ) throws(SiblingError) -> TwoWayFixedEffectsResult {
    try panel.check(outcome: outcome, covariates: covariates, weights: weights)
    if family == .gaussian, counting == .notNested, covariates == nil, weights == nil,
      let balanced = BalancedTwoWay(panel, outcome),
      let result = balanced.result(covariance, level: level)
    {
      return result
    }
    let regression = try PanelRegression(
      panel, [("ATT", panel.treatment)], outcome, covariates, weights, family, counting)
    let fit = regression.fit
    guard fit.keptColumns.contains(0) else {
      throw SiblingError(
        .rankDeficient, "Treatment does not vary within units and periods.",
        help: "Someone must be untreated while others are treated, before or at the same time.",
        column: "ATT")
    }
    let table = try fit.estimates(covariance: covariance, level: level)
    guard let estimate = table["ATT"] else {
      throw SiblingError(.internalError, "The treatment's row is missing from the regression.")
    }
    return TwoWayFixedEffectsResult(
      estimate: estimate,
      table: EstimateTable(
        rows: table.rows, observations: table.observations, clusters: table.clusters,
        notes: panel.notes + family.notes + table.notes),
      withinRSquared: regression.withinRSquared,
      normalEquationResidual: regression.normalEquationResidual)
  }
}

/// What a regression with unit and period effects found.
public struct TwoWayFixedEffectsResult: Sendable, Equatable {
  /// The coefficient of treatment, term `ATT`; without standard error where clusters of one or two
  /// treated units would give it.
  public private(set) var estimate: Estimate
  /// The coefficients of treatment and covariates.
  public private(set) var table: EstimateTable
  /// The share of the variance within units and periods that the regressors explain; nil for Poisson.
  public let withinRSquared: Double?
  /// The share of a column's length at which the normal equations were left.
  public let normalEquationResidual: Double

  /// Takes the standard error away, for a reason.
  mutating func withhold(_ note: String) {
    estimate = SmallGroups.withheld(estimate)
    for row in table.rows.indices where table.rows[row].term == estimate.term {
      table.rows[row] = estimate
    }
    table.notes.append(note)
  }
}
