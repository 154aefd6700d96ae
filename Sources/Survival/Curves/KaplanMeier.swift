internal import Glibc
internal import LinearAlgebra
public import Statistics

/// Kaplan–Meier estimates of survival, by arm, and their kin that sum hazards.
///
/// S(t) is the product over event times u ≤ t of 1 − d(u)/n(u), or exp(−H(t)) with H summed as the
/// estimator says. Rows may carry weights and may be left-truncated. The standard error is
/// Greenwood's (or its counterpart for sums) or, with a cluster or weights that are not whole numbers
/// (or on request), the infinitesimal jackknife, summed over clusters; the latter is computed in
/// linear time from running sums instead of one influence value a row and time. The standard error of
/// exp(−H) is S times that of H.
///
/// Kaplan & Meier (1958), doi:10.1080/01621459.1958.10501452; Greenwood (1926); Nelson (1972),
/// doi:10.1080/00401706.1972.10488991; Fleming & Harrington (1984), doi:10.1080/03610928408828837;
/// for the infinitesimal jackknife Therneau & Grambsch (2000), doi:10.1007/978-1-4757-3294-8.
/// - Complexity: O(n) after the sort that `SurvivalTimes` has made.
public struct KaplanMeier: Sendable, Equatable {
  /// How confidence limits are made.
  public var interval: CurveInterval
  /// The confidence level.
  public var level: Double
  /// Whether the standard error is the infinitesimal jackknife; nil decides as the type says.
  public var robust: Bool?
  /// How survival or the hazard is estimated.
  public var estimator: CurveEstimator
  /// Whether curves are cumulative hazards instead of survival.
  ///
  /// Their limits are those of exp(−H) on the scale of `interval`, taken back.
  public var cumulativeHazard: Bool

  /// An estimator of survival by Kaplan–Meier with log intervals at 95%.
  public init(
    interval: CurveInterval = .log, level: Double = 0.95, robust: Bool? = nil,
    estimator: CurveEstimator = .kaplanMeier, cumulativeHazard: Bool = false
  ) {
    self.interval = interval
    self.level = level
    self.robust = robust
    self.estimator = estimator
    self.cumulativeHazard = cumulativeHazard
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
    let robust = self.robust ?? (cluster != nil || times.isFractional(weights))
    let jackknife =
      robust
      ? InfinitesimalJackknife(cluster: cluster, rows: times.count, roots: times.rootWeights)
      : nil
    let isCounted = weights == nil || estimator != .flemingHarrington
    let arms = RiskSteps.arms(times, group, weights: weights, needsRows: robust || !isCounted)
    let results = Parallel.mapBlocks(arms.count) { index in
      curve(arms[index].name, arms[index].steps, jackknife)
    }
    var notes: [String] = []
    if results.allSatisfy({ $0.events.allSatisfy { $0 == 0 } }) {
      notes.append(
        "no row ends with the event: "
          + (cumulativeHazard ? "the hazard stays at 0" : "survival stays at 1"))
    }
    return KaplanMeierFit(
      curves: results, interval: interval, level: level, robust: robust, estimator: estimator,
      cumulativeHazard: cumulativeHazard,
      observations: times.peopleCount, clusters: robust ? cluster?.occupiedLevels : nil,
      notes: notes)
  }

  private func curve(
    _ arm: String, _ steps: RiskSteps, _ jackknife: InfinitesimalJackknife?
  ) -> Curve {
    let sums = !cumulativeHazard && estimator == .kaplanMeier ? nil : summed
    var (value, error): ([Double], [Double])
    if let sums {
      let hazard = HazardSteps(steps, sums)
      value = hazard.cumulative
      error = jackknife?.standardErrors(steps, hazard) ?? hazard.standardErrors
    } else {
      value = steps.survival
      error =
        jackknife.map {
          Self.scaled($0.standardErrors(steps, HazardSteps(steps, .kaplanMeier)), by: value)
        } ?? steps.greenwood(value)
    }
    let reach = Normal.standard.upperQuantile((1 - level) / 2)
    let survival = sums == nil ? value : value.map { exp(-$0) }
    let survivalError = sums == nil ? error : Self.scaled(error, by: survival)
    var limits = interval.limits(survival, survivalError, reach: reach)
    if cumulativeHazard {
      limits = (limits.high.map { -log($0) + 0 }, limits.low.map { -log($0) + 0 })
    } else {
      (value, error) = (survival, survivalError)
    }
    return Curve(
      arm: arm, times: steps.times, atRisk: steps.atRisk, events: steps.events,
      censored: steps.censored, estimate: value, standardError: error, low: limits.low,
      high: limits.high, level: level, convention: convention(jackknife != nil))
  }

  /// The estimator that sums hazards.
  private var summed: CurveEstimator {
    estimator == .flemingHarrington ? .flemingHarrington : .nelsonAalen
  }

  private func convention(_ robust: Bool) -> String {
    (cumulativeHazard ? "cumulative hazard" : "survival") + ", \(interval.rawValue) interval, "
      + (robust ? "infinitesimal jackknife" : "Greenwood")
  }

  private static func scaled(_ values: [Double], by factors: [Double]) -> [Double] {
    values.indices.map { factors[$0] * values[$0] }
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
  /// How survival or the hazard was estimated.
  public let estimator: CurveEstimator
  /// Whether the curves are cumulative hazards.
  public let cumulativeHazard: Bool
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
