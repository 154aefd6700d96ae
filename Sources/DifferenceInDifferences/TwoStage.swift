internal import LinearAlgebra
public import Statistics

/// Effects of a staggered treatment in two stages.
///
/// Unit and period effects, and slopes of covariates, are learned from untreated unit-periods; outcomes
/// less these effects are regressed on indicators of treatment: one, or one for each event time, cohort,
/// period or cell (Gardner 2021, arXiv 2207.05943). Estimates are those of imputation. Standard
/// errors stack both stages as moment conditions and are clustered; second-stage residuals are about
/// the indicator's own coefficient, so that differences of effects behind one coefficient count as
/// uncertainty. No small-sample factor.
public struct TwoStage: PanelEstimator {
  /// Which indicators the second stage has; nil for each cohort and period.
  public var aggregation: GroupTimeResult.Aggregation?
  /// Keeps, by event time, the cohorts seen at least this long after treatment began.
  public var balance: Double?
  /// Periods by which units may react before treatment.
  public var anticipation: Double
  /// The confidence level of intervals.
  public var level: Double

  /// A two-stage estimator; one coefficient of treatment unless said otherwise.
  public init(
    aggregation: GroupTimeResult.Aggregation? = .simple, balance: Double? = nil,
    anticipation: Double = 0, level: Double = 0.95
  ) {
    self.aggregation = aggregation
    self.balance = balance
    self.anticipation = anticipation
    self.level = level
  }

  /// Estimates the effects; overall is the mean over all treated unit-periods.
  ///
  /// - Throws: `sizeMismatch`, `missingValue`, `badWeight`, `tooFewClusters`, `tooFewObservations`,
  ///   and `badDesign` where no treated unit-period can be used or a unit moves between clusters.
  /// - Complexity: O(rows · periods) and one product of clusters × periods × groups.
  public func fit(
    _ panel: PanelDesign, outcome: [Double], covariates: DesignMatrix? = nil,
    weights: [Double]? = nil, clusters: Factor? = nil
  ) throws(SiblingError) -> PanelEffects {
    let model = try UntreatedModel(
      panel, outcome: outcome, covariates: covariates, weights: weights,
      anticipation: anticipation)
    let cluster = try panel.clustersOfUnits(clusters)
    let partition = try EffectPartition(
      panel, isTreated: model.isTreated, weights: weights, by: aggregation, balance: balance,
      clusters: cluster)
    let means = model.means(partition)
    let centre = partition.group.map { $0 < 0 ? 0 : means[Int($0)] }
    let influence = model.influence(partition, centre: centre, clusters: cluster)
    var effects = PanelEffects(
      means, influence, partition, level: level,
      convention: "two-stage, both stages' moments, \(cluster.levels.count) clusters, z")
    effects.observations = model.baseRows + model.treatedRows
    effects.clusters = cluster.levels.count
    effects.notes = panel.notes + model.notes + effects.notes
    return effects
  }
}
