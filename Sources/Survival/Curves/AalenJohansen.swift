import LinearAlgebra
public import Statistics

/// Cumulative incidence of competing exits by the Aalen–Johansen estimator, by arm.
///
/// The incidence of a cause is F(t) = Σ S(u−) d(u)/n(u) over its event times u ≤ t, S the
/// Kaplan–Meier curve of all causes together: the share that has left for that cause, where 1 − KM
/// with the other causes censored would overstate it. Rows may be weighted, clustered and
/// left-truncated. The standard error is the infinitesimal jackknife, summed over clusters, in
/// linear time, or the one of independent hazard steps that R's `cmprsk` prints. Intervals
/// transform F as `CurveInterval` transforms S.
///
/// Aalen & Johansen (1978), doi:10.2307/4615704; Gray (1988), doi:10.1214/aos/1176350951.
/// - Complexity: O(n) a cause after the sort that `SurvivalTimes` has made.
public struct AalenJohansen: Sendable, Equatable {
  /// How standard errors are made.
  public enum Variance: String, Sendable, CaseIterable {
    /// The infinitesimal jackknife: squared influences of rows or clusters.
    case jackknife = "ij"
    /// Hazard steps taken as independent, each d(n − d)/(n²(n − 1)): that of `cuminc`.
    case independentSteps = "cuminc"
  }

  /// How confidence limits are made.
  public var interval: CurveInterval
  /// The confidence level.
  public var level: Double
  /// How standard errors are made.
  public var variance: Variance

  /// An estimator, by default with log intervals at 95% and the jackknife.
  public init(
    interval: CurveInterval = .log, level: Double = 0.95, variance: Variance = .jackknife
  ) {
    self.interval = interval
    self.level = level
    self.variance = variance
  }

  /// Estimates a curve for each arm that has rows and each cause.
  ///
  /// `causes` has a level for each kind of exit and code −1 for rows that are censored, which are
  /// those without an event in `times`.
  /// - Throws: `size-mismatch`, `missing-value` (a row without arm or cluster, an event without
  ///   cause), `bad-value` (a censored row with a cause), `bad-weight` or `invalid-option`.
  public func fit(
    _ times: SurvivalTimes, causes: Factor, by group: Factor? = nil, weights: [Double]? = nil,
    cluster: Factor? = nil
  ) throws(SiblingError) -> AalenJohansenFit {
    try Checks.level(level)
    try Checks.factor(group, rows: times.count, "arm")
    try Checks.factor(cluster, rows: times.count, "cluster")
    try Checks.weights(weights, rows: times.count, allowingZero: true)
    try Self.check(times, causes)
    if variance == .independentSteps, cluster != nil || Checks.fractional(weights) {
      throw SiblingError(
        .invalidOption,
        "the cuminc variance is for independent rows that count whole numbers of people",
        help: "use the infinitesimal jackknife (ij) with clusters or fractional weights")
    }
    let levels = group?.levels ?? ["all"]
    let grouped = GroupedRows(times.order, codes: group?.codes, levels: levels.count)
    let arms = levels.indices.filter { grouped.begins[$0] < grouped.begins[$0 + 1] }
    let count = causes.levels.count
    let reach = Normal.standard.upperQuantile((1 - level) / 2)
    let curves = Parallel.mapBlocks(arms.count * count) { task in
      let arm = arms[task / count]
      let steps = RiskSteps(
        times, rows: grouped.rows[grouped.begins[arm]..<grouped.begins[arm + 1]],
        weights: weights)
      let cause = task % count
      let part = IncidenceSteps(steps, causes.codes, cause: Int32(cause))
      let errors =
        variance == .jackknife
        ? part.standardErrors(cluster: cluster, rows: times.count)
        : part.independentStepErrors()
      let limits = interval.limits(part.incidence, errors, reach: reach)
      return CumulativeIncidence(
        cause: causes.levels[cause],
        curve: Curve(
          arm: levels[arm], times: steps.times, atRisk: steps.atRisk, events: part.events,
          censored: steps.censored, estimate: part.incidence, standardError: errors,
          low: limits.low, high: limits.high, level: level,
          convention: "cumulative incidence, \(interval.rawValue) interval, "
            + (variance == .jackknife ? "infinitesimal jackknife" : "cuminc variance")))
    }
    return AalenJohansenFit(
      curves: curves, observations: times.count, clusters: cluster?.occupiedLevels)
  }

  static func check(
    _ times: SurvivalTimes, _ causes: Factor
  ) throws(SiblingError) {
    try Checks.count(causes.count, is: times.count, "the causes")
    let levels = Int32(truncatingIfNeeded: causes.levels.count)
    for (row, code) in causes.codes.enumerated() {
      if times.event[row], code < 0 || code >= levels {
        throw SiblingError(.missingValue, "an exit has no cause", row: row, column: "cause")
      }
      if !times.event[row], code >= 0 {
        throw SiblingError(
          .badValue, "a censored row has a cause of exit", row: row, column: "cause")
      }
    }
    guard !causes.levels.isEmpty else {
      throw SiblingError(.noEvents, "there is no cause of exit")
    }
  }
}

/// The cumulative incidence of one cause in one arm.
public struct CumulativeIncidence: Sendable, Equatable {
  /// The cause.
  public let cause: String
  /// Its curve: `estimate` is the share that has left for it, `events` counts exits for it.
  public let curve: Curve
}

/// Cumulative incidences by arm and cause.
public struct AalenJohansenFit: Sendable, Equatable {
  /// Arm after arm, and within an arm cause after cause.
  public let curves: [CumulativeIncidence]
  /// The rows used.
  public let observations: Int
  /// The clusters that have rows, when there are clusters.
  public let clusters: Int?

  /// The curve of a cause in an arm, if there is one.
  public subscript(arm arm: String, cause cause: String) -> Curve? {
    curves.first { $0.curve.arm == arm && $0.cause == cause }?.curve
  }

  /// Each curve read at given times; events and censored are counted since the time before.
  ///
  /// Past an arm's last time the incidence is NaN.
  public func at(times: [Double]) -> [CumulativeIncidence] {
    curves.map { CumulativeIncidence(cause: $0.cause, curve: $0.curve.at(times, initial: 0)) }
  }
}
