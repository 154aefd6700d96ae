internal import Glibc

/// What a comparison of few whole clusters can find: means after, or changes from before to after.
///
/// A mean of m people of a cluster varies by σ²(ρ + (1 − ρ)/m), ρ being the intracluster correlation.
/// A change between T₀ periods before and T₁ after, with other people in each, varies by
/// σ²(ρ(1 − r) + (1 − ρ)/m)(1/T₀ + 1/T₁), r being the correlation of a cluster's own means over
/// time: what does not change in a cluster leaves with the difference. The test is t with G − 2
/// degrees of freedom.
///
/// Donner & Klar (2000), *Design and Analysis of Cluster Randomization Trials*; Hooper & Bourke
/// (2015), doi:10.1136/bmj.h2925.
public struct PlannedClusters: Sendable, Equatable {
  /// Clusters with the programme.
  public var treated: Int
  /// Clusters without it.
  public var comparison: Int
  /// People of a cluster, in each period for changes.
  public var clusterSize: Double
  /// The outcome's standard deviation between all people of an arm.
  public var standardDeviation: Double
  /// The correlation ρ between two people of a cluster and period.
  public var intraclusterCorrelation: Double
  /// The periods of a difference of changes; nil for a difference of means.
  public var changes: Changes?

  /// A panel of clusters: periods before and after launch.
  public struct Changes: Sendable, Equatable {
    /// Periods before.
    public var before: Int
    /// Periods after.
    public var after: Int
    /// The correlation r of a cluster's means in two periods, beyond sampling.
    public var autocorrelation: Double

    /// Periods and the correlation over time.
    public init(before: Int = 1, after: Int = 1, autocorrelation: Double = 0) {
      self.before = before
      self.after = after
      self.autocorrelation = autocorrelation
    }
  }

  /// A planned comparison of clusters.
  ///
  /// - Throws: `tooFewClusters` for an arm without cluster or fewer than three clusters; `badValue`
  ///   for a size below one, a standard deviation that is not positive, correlations outside 0–1, no period.
  public init(
    treated: Int, comparison: Int, clusterSize: Double, standardDeviation: Double,
    intraclusterCorrelation: Double, changes: Changes? = nil
  ) throws(SiblingError) {
    guard treated > 0, comparison > 0, treated < 1_000_000, comparison < 1_000_000,
      treated + comparison > 2
    else {
      throw SiblingError(
        .tooFewClusters, "each arm needs a cluster, and both together at least three",
        help: "with two clusters no variation between clusters can be seen")
    }
    guard clusterSize >= 1, clusterSize.isFinite, standardDeviation > 0, standardDeviation.isFinite,
      (0...1).contains(intraclusterCorrelation)
    else {
      throw SiblingError(
        .badValue,
        "a cluster needs a member, the outcome a spread, and the correlation lies between 0 and 1")
    }
    if let changes {
      guard changes.before > 0, changes.after > 0, (0...1).contains(changes.autocorrelation) else {
        throw SiblingError(
          .badValue, "a change needs a period before and after and a correlation between 0 and 1")
      }
    }
    self.treated = treated
    self.comparison = comparison
    self.clusterSize = clusterSize
    self.standardDeviation = standardDeviation
    self.intraclusterCorrelation = intraclusterCorrelation
    self.changes = changes
  }

  /// Degrees of freedom, G − 2.
  public var degreesOfFreedom: Double { Double(treated + comparison - 2) }

  /// The standard error of the difference between arms.
  public var standardError: Double {
    let rho = intraclusterCorrelation
    let people = (1 - rho) / clusterSize
    var own = rho + people
    if let changes {
      own =
        (rho * (1 - changes.autocorrelation) + people)
        * (1 / Double(changes.before) + 1 / Double(changes.after))
    }
    return standardDeviation
      * (own * (1 / Double(treated) + 1 / Double(comparison))).squareRoot()
  }

  /// The smallest effect that a test finds, in the outcome's unit.
  ///
  /// - Throws: `badValue` for a level or power out of range, or where nothing varies.
  public func detectable(_ test: MinimumDetectableEffect) throws(SiblingError) -> Double {
    try test.effect(standardError: standardError, degreesOfFreedom: degreesOfFreedom)
  }

  /// The least p-value that exchanging clusters can reach.
  ///
  /// - Throws: as `AttainablePValue`.
  public func smallestPValue() throws(SiblingError) -> AttainablePValue {
    try AttainablePValue.completeRandomisation(
      treated: treated, clusters: treated + comparison)
  }
}
