internal import LinearAlgebra
public import Statistics

/// Effects by cohort and period from a regression whose leads and lags differ between cohorts.
///
/// The outcome has unit and period effects and one coefficient for each cohort and period but the
/// last one before treatment; averages weigh cells by their rows, so that no event time is mixed
/// with another (Sun & Abraham 2021, doi 10.1016/j.jeconom.2020.09.006). Never treated
/// units are the reference; without them the last cohort is, over the periods before it is treated.
public struct SunAbraham: PanelEstimator {
  /// How cells are averaged; nil for the cells themselves.
  public var aggregation: GroupTimeResult.Aggregation?
  /// Periods by which units may react before treatment; the reference lies before them.
  public var anticipation: Double
  /// The confidence level of intervals.
  public var level: Double

  /// Interaction-weighted effects; cells unless an average is asked for.
  public init(
    aggregation: GroupTimeResult.Aggregation? = nil, anticipation: Double = 0, level: Double = 0.95
  ) {
    self.aggregation = aggregation
    self.anticipation = anticipation
    self.level = level
  }

  /// Estimates the effects; covariates, weights and clusters have one entry a row of the panel.
  ///
  /// Standard errors are clustered (CR1, by unit without clusters) with the factor
  /// (N − 1)/(N − K)·G/(G − 1), K leaving out the unit effects, and statistics follow t(G − 1).
  /// Shares are taken as fixed. Rows without weight, units treated from the first period on and
  /// units with a single row are left out; a cell that unit and period effects explain is left out
  /// and named, and so is a covariate. A row that rests on a cohort of one or two units has no
  /// standard error.
  ///
  /// - Throws: `sizeMismatch`, `missingValue`, `badWeight`; `badDesign` where no cohort can be
  ///   compared, no cell after treatment is identified or a unit moves between clusters;
  ///   `tooFewClusters`; `tooFewObservations`.
  /// - Complexity: O(nT + n·p²) for n rows, T periods and p covariates.
  public func fit(
    _ panel: PanelDesign, outcome: [Double], covariates: DesignMatrix? = nil,
    weights: [Double]? = nil, clusters: Factor? = nil
  ) throws(SiblingError) -> PanelEffects {
    try panel.check(outcome: outcome, covariates: covariates, weights: weights)
    let sample = try CohortSample(panel, weights, anticipation: anticipation)
    let cells = try CohortCells(sample, panel)
    let regression = try CohortRegression(cells, outcome, covariates)
    let variance = try regression.variance(
      clusters: try clusters.map { factor throws(SiblingError) in try panel.unitLevel(factor) })
    return try effects(panel, cells, regression, variance)
  }
}
