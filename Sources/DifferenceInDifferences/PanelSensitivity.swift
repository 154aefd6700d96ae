public import Statistics

/// The same estimate with something left out: units, clusters, periods, or the treatment itself.
///
/// With few sites one of them can carry a result; a pandemic can, too. Each re-run is a full fit of
/// its own, so that weights, controls and bases follow from the rows that are left.
public struct PanelSensitivity: Sendable {
  /// An overall effect of a panel: the first row of a table, with the notes of the fit.
  public typealias Estimator = @Sendable (PanelSample) throws(SiblingError) -> EstimateTable

  /// What is run again.
  public var estimator: Estimator
  /// What placebo dates run instead, where `estimator` takes only units with every period; nil for
  /// the same.
  ///
  /// Without rows after the true start, early cohorts are seen for fewer periods than late ones, and
  /// an estimator that wants complete units would drop them. Units incomplete to begin with are
  /// left out of placebo dates too.
  public var incompleteEstimator: Estimator?
  /// By how much time units may react before treatment begins, on the scale of the periods; placebo
  /// dates leave those rows out too.
  public var anticipation: Double

  /// Re-runs of any estimator, as a closure.
  public init(anticipation: Double = 0, _ estimator: @escaping Estimator) {
    self.estimator = estimator
    self.anticipation = anticipation
  }

  /// Re-runs of a panel estimator, whose row `overall`, else `ATT`, else only row is the estimate.
  ///
  /// It takes at most one factor of clusters.
  public init(_ estimator: any PanelEstimator, anticipation: Double = 0) {
    self.init(anticipation: anticipation) { sample throws(SiblingError) in
      let effects = try estimator.fit(
        sample.panel, outcome: sample.outcome, covariates: sample.covariates,
        weights: sample.weights, clusters: sample.clusters.first)
      guard
        let row = effects["overall"] ?? effects["ATT"]
          ?? (effects.rows.count == 1 ? effects.rows[0] : nil)
      else {
        throw SiblingError(
          .badDesign, "The estimator gives several effects and no overall one.",
          help: "Ask for an average.")
      }
      return EstimateTable(
        rows: [row.estimate], observations: effects.observations, clusters: effects.clusters,
        notes: effects.notes)
    }
  }

  /// Re-runs of group-time effects, the average over all treated cells unless another is named.
  ///
  /// Placebo dates on a panel of complete units compare the rows of two periods, clustered by unit,
  /// so that every cohort takes part.
  public init(
    _ effects: GroupTimeEffects, average: GroupTimeResult.Aggregation = .simple,
    balance: Double? = nil
  ) {
    self.init(
      anticipation: effects.anticipation, Self.averaged(effects, average, balance))
    guard effects.sampling == .completeUnits else { return }
    var pairs = effects
    pairs.sampling = .crossSections
    incompleteEstimator = Self.averaged(pairs, average, balance)
  }

  private static func averaged(
    _ effects: GroupTimeEffects, _ average: GroupTimeResult.Aggregation, _ balance: Double?
  ) -> Estimator {
    { sample throws(SiblingError) in
      let result = try effects.fit(
        sample.panel, outcome: sample.outcome, covariates: sample.covariates,
        weights: sample.weights, clusters: sample.clusters.first)
      let table = try result.aggregate(average, balance: balance)
      guard let overall = table["overall"] else {
        throw SiblingError(.internalError, "the overall average is missing")
      }
      return EstimateTable(
        rows: [overall], observations: table.observations, clusters: table.clusters,
        notes: table.notes)
    }
  }

  /// Re-runs of the coefficient of two-way fixed effects.
  ///
  /// With clusters CR1; without them `covariance`.
  public init(
    _ effects: TwoWayFixedEffects, clusterType: ClusterType = .cr1,
    covariance: CovarianceEstimator = .classical
  ) {
    self.init { sample throws(SiblingError) in
      try effects.fit(
        sample.panel, outcome: sample.outcome, covariates: sample.covariates,
        weights: sample.weights,
        covariance: sample.clusters.isEmpty
          ? covariance : .cluster(clusterType, sample.clusters)
      ).table
    }
  }
}

/// One run of a sensitivity analysis.
public struct PanelRerun: Sendable, Equatable {
  /// What was changed.
  public enum Kind: String, Sendable {
    /// Nothing: the estimate that the others are compared with.
    case full = "full"
    /// A unit, cluster or another level was left out.
    case leaveOut = "leave-out"
    /// Periods were left out.
    case excludePeriods = "exclude-periods"
    /// Treatment was moved to before it began; there should be no effect.
    case placeboDate = "placebo-date"
  }

  /// What was changed.
  public let kind: Kind
  /// What was left out, or when the placebo began; empty for nothing.
  public let leftOut: String
  /// The estimate; nil where nothing identifies it any more, and `problem` says why.
  public let estimate: Estimate?
  /// Rows that the run was given.
  public let rows: Int
  /// Units that the run was given.
  public let units: Int
  /// Units treated at some time within the run's rows.
  public let treatedUnits: Int
  /// Units left out of the run altogether.
  public let unitsLeftOut: Int
  /// What the estimator said of the run.
  public let notes: [String]
  /// Why there is no estimate.
  public let problem: SiblingError?
}
