internal import LinearAlgebra
public import Statistics

/// Kaplan–Meier estimates of survival, by arm.
///
/// S(t) is the product over event times u ≤ t of 1 − d(u)/n(u). Rows may carry weights and may be
/// left-truncated. The standard error is Greenwood's or, with a cluster or weights that are not
/// whole numbers (or on request), the infinitesimal jackknife, summed over clusters; the latter is
/// computed in linear time from running sums instead of one influence value a row and time.
///
/// Kaplan & Meier (1958), doi:10.1080/01621459.1958.10501452; Greenwood (1926); for the
/// infinitesimal jackknife Therneau & Grambsch (2000), doi:10.1007/978-1-4757-3294-8.
/// - Complexity: O(n) after the sort that `SurvivalTimes` has made.
public struct KaplanMeier: Sendable, Equatable {
  /// How confidence limits are made.
  public var interval: CurveInterval
  /// The confidence level.
  public var level: Double
  /// Whether the standard error is the infinitesimal jackknife; nil decides as the type says.
  public var robust: Bool?

  /// An estimator with log intervals at 95%.
  public init(interval: CurveInterval = .log, level: Double = 0.95, robust: Bool? = nil) {
    self.interval = interval
    self.level = level
    self.robust = robust
  }

  /// Estimates one curve for each level of `group` that has rows.
  ///
  /// Each curve has a row for every distinct time of an event or of censoring in its arm. With
  /// weights, the numbers at risk, events and censored are sums of weights.
  /// - Throws: `size-mismatch`, `missing-value` (a row without arm or cluster), `bad-weight`
  ///   (negative or not finite) or `invalid-option` (the level).
  public func fit(
    _ times: SurvivalTimes, by group: Factor? = nil, weights: [Double]? = nil,
    cluster: Factor? = nil
  ) throws(SiblingError) -> KaplanMeierFit {
    try Checks.level(level)
    try Checks.factor(group, rows: times.count, "arm")
    try Checks.factor(cluster, rows: times.count, "cluster")
    try Checks.weights(weights, rows: times.count, allowingZero: true)
    let robust = self.robust ?? (cluster != nil || Checks.fractional(weights))
    let levels = group?.levels ?? ["all"]
    let grouped = GroupedRows(times.order, codes: group?.codes, levels: levels.count)
    let jackknife = robust ? InfinitesimalJackknife(cluster: cluster, rows: times.count) : nil
    let arms = levels.indices.filter { grouped.begins[$0] < grouped.begins[$0 + 1] }
    let results = Parallel.mapBlocks(arms.count) { index in
      let range = grouped.begins[arms[index]]..<grouped.begins[arms[index] + 1]
      let steps = RiskSteps(times, rows: grouped.rows[range], weights: weights)
      return curve(levels[arms[index]], steps, jackknife)
    }
    var notes: [String] = []
    if results.allSatisfy({ $0.events.allSatisfy { $0 == 0 } }) {
      notes.append("no row ends with the event: survival stays at 1")
    }
    return KaplanMeierFit(
      curves: results, interval: interval, level: level, robust: robust,
      observations: times.count, clusters: robust ? cluster?.occupiedLevels : nil, notes: notes)
  }

  private func curve(
    _ arm: String, _ steps: RiskSteps, _ jackknife: InfinitesimalJackknife?
  ) -> Curve {
    let survival = steps.survival
    let error =
      jackknife.map { $0.standardErrors(steps, survival) } ?? steps.greenwood(survival)
    let reach = Normal.standard.upperQuantile((1 - level) / 2)
    let limits = interval.limits(survival, error, reach: reach)
    return Curve(
      arm: arm, times: steps.times, atRisk: steps.atRisk, events: steps.events,
      censored: steps.censored, estimate: survival, standardError: error, low: limits.low,
      high: limits.high, level: level,
      convention: "survival, \(interval.rawValue) interval, "
        + (jackknife == nil ? "Greenwood" : "infinitesimal jackknife"))
  }
}

/// Kaplan–Meier curves and how they were made.
public struct KaplanMeierFit: Sendable, Equatable {
  /// One curve an arm, in the order of the levels; arms without rows are left out.
  public let curves: [Curve]
  /// How the limits were made.
  public let interval: CurveInterval
  /// The confidence level.
  public let level: Double
  /// Whether the standard errors are the infinitesimal jackknife.
  public let robust: Bool
  /// The rows used.
  public let observations: Int
  /// The clusters that have rows, when the standard errors are clustered.
  public let clusters: Int?
  /// Things the reader must know.
  public let notes: [String]

  /// The curve of an arm, if there is one.
  public subscript(arm: String) -> Curve? { curves.first { $0.arm == arm } }
}

extension Factor {
  /// How many levels have rows.
  var occupiedLevels: Int {
    var seen = [Bool](repeating: false, count: levels.count)
    for code in codes where code >= 0 { seen[Int(code)] = true }
    return seen.reduce(0) { $0 + ($1 ? 1 : 0) }
  }
}
