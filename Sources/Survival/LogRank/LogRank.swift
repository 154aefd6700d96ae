public import LinearAlgebra
public import Statistics

/// The log-rank test and its family G^{ρ,γ}, stratified, weighted and left-truncated.
///
/// At each event time the observed events of each group are compared with their share of the risk
/// set, weighted by S(t−)^ρ (1 − S(t−))^γ with S the Kaplan–Meier curve of all groups in the
/// stratum: ρ = γ = 0 is the log-rank test, ρ = 1 Peto & Peto's version of Wilcoxon's. The variance is
/// hypergeometric, whole weights being numbers of identical rows. With a cluster or weights that are
/// not whole numbers (or on request) it is the robust one: squared sums of the clusters' influences,
/// which is the robust score test of a Cox model with Breslow's ties.
///
/// Mantel (1966); Harrington & Fleming (1982), doi:10.1093/biomet/69.3.553.
/// - Complexity: O(n + m g²) after the sort, for m event times and g groups.
public struct LogRank: Sendable, Equatable {
  /// The power of S(t−).
  public var rho: Double
  /// The power of 1 − S(t−).
  public var gamma: Double

  /// Whether the variance is robust; nil decides as the type says.
  public var robust: Bool?

  /// A test of the family; by default the log-rank test.
  public init(rho: Double = 0, gamma: Double = 0, robust: Bool? = nil) {
    self.rho = rho
    self.gamma = gamma
    self.robust = robust
  }

  /// Tests whether the groups have one hazard.
  ///
  /// Groups that nothing is expected of (never at risk when an event happens) are left out of the
  /// statistic, and a note says so.
  /// - Throws: `size-mismatch`, `missing-value`, `bad-weight`, `no-events`, `constant-treatment`
  ///   (fewer than two groups with expected events) or `invalid-option` (ρ or γ negative or not
  ///   finite).
  public func test(
    _ times: SurvivalTimes, by group: Factor, strata: Factor? = nil, weights: [Double]? = nil,
    cluster: Factor? = nil
  ) throws(SiblingError) -> LogRankResult {
    guard rho >= 0, gamma >= 0, rho.isFinite, gamma.isFinite else {
      throw SiblingError(.invalidOption, "rho and gamma must be zero or more")
    }
    try Checks.factor(group, rows: times.count, "group")
    try Checks.factor(strata, rows: times.count, "stratum")
    try Checks.factor(cluster, rows: times.count, "cluster")
    try Checks.weights(weights, rows: times.count, allowingZero: true)
    guard times.event.contains(true) else {
      throw SiblingError(
        .noEvents, "no row ends with the event",
        help: "check the event column: 1 is the event, 0 censored")
    }
    let robust = self.robust ?? (cluster != nil || times.isFractional(weights))
    let sums: GroupSums
    if !robust, strata == nil,
      let table = EventTable(times, group.codes, arms: group.levels.count, weights: weights)
    {
      sums = GroupSums(self, table, levels: group.levels.count)
    } else {
      sums = GroupSums(
        self, times, RiskSets(times, strata: strata), group, weights, robust: robust,
        cluster: robust ? cluster : nil)
    }
    var result = try result(times, group, strata, weights, sums)
    result.robust = robust
    result.clusters = robust ? cluster?.occupiedLevels : nil
    return result
  }

  private func result(
    _ times: SurvivalTimes, _ group: Factor, _ strata: Factor?, _ weights: [Double]?,
    _ sums: GroupSums
  ) throws(SiblingError) -> LogRankResult {
    var counts = [Double](repeating: 0, count: group.levels.count)
    for (row, code) in group.codes.enumerated() { counts[Int(code)] += weights?[row] ?? 1 }
    let tested = counts.indices.filter { sums.expected[$0] > 0 }
    guard tested.count > 1 else {
      throw SiblingError(
        .constantTreatment, "fewer than two groups are at risk when an event happens",
        help: "a log-rank test compares at least two groups")
    }
    // One group's deviation follows from the others', so the last is left out of the quadratic form.
    let used = Array(tested.dropLast())
    let deviation = used.map { sums.observed[$0] - sums.expected[$0] }
    let statistic = try quadraticForm(deviation, sums.variance.selecting(both: used))
    let degrees = Double(used.count)
    let occupied = counts.indices.filter { counts[$0] > 0 }
    let idle = occupied.filter { !tested.contains($0) }.map { group.levels[$0] }
    return LogRankResult(
      groups: occupied.map {
        LogRankResult.Group(
          name: group.levels[$0], count: counts[$0], observed: sums.observed[$0],
          expected: sums.expected[$0])
      },
      statistic: statistic, degreesOfFreedom: degrees,
      pValue: ChiSquared(degreesOfFreedom: degrees).upperTail(statistic),
      variance: sums.variance.selecting(both: occupied), rho: rho, gamma: gamma,
      observations: times.peopleCount, strata: strata?.occupiedLevels,
      notes: idle.map { "group \($0) is never at risk at an event and is left out of the test" })
  }

  private func quadraticForm(
    _ deviation: [Double], _ variance: Matrix
  ) throws(SiblingError) -> Double {
    guard let factor = try? Cholesky(variance) else {
      throw SiblingError(
        .rankDeficient, "the groups' variance is singular: they are never compared",
        help: "merge groups, or strata in which only one group is at risk")
    }
    return zip(deviation, factor.solve(deviation)).reduce(0) { $0 + $1.0 * $1.1 }
  }
}

/// The result of a test of the log-rank family.
public struct LogRankResult: Sendable, Equatable {
  /// What was seen and expected in one group.
  public struct Group: Sendable, Equatable {
    /// The group's level.
    public let name: String
    /// Its rows, or the sum of their weights.
    public let count: Double
    /// Its events, weighted by the test's weight function.
    public let observed: Double
    /// The events expected under a common hazard, weighted likewise.
    public let expected: Double
  }

  /// The groups that have rows, in the order of the levels.
  public let groups: [Group]
  /// The test statistic.
  public let statistic: Double
  /// Its degrees of freedom: groups tested less one.
  public let degreesOfFreedom: Double
  /// The upper tail of χ².
  public let pValue: Double
  /// The covariance of observed − expected, in the order of `groups`.
  public let variance: Matrix
  /// The power of S(t−).
  public let rho: Double
  /// The power of 1 − S(t−).
  public let gamma: Double
  /// The rows used.
  public let observations: Int
  /// The number of strata with rows, when there are any.
  public let strata: Int?
  /// Whether the variance is robust.
  public internal(set) var robust = false
  /// The clusters that have rows, when the variance is clustered.
  public internal(set) var clusters: Int?
  /// Things the reader must know.
  public let notes: [String]
}
