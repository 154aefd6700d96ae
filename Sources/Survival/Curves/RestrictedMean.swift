import LinearAlgebra
public import Statistics

/// Restricted mean survival time: the mean time without the event up to a horizon τ, by arm.
///
/// It is the area under the Kaplan–Meier curve up to τ, the last value held. The variance is
/// Greenwood's plug-in or, with a cluster or weights that are not whole numbers, the infinitesimal
/// jackknife; clusters that reach across arms are then allowed for in the contrasts. Without a τ the
/// rule of survRM2 is used: the larger of the arms' last times, but the smaller when the arm that
/// ends first ends in censoring.
///
/// Royston & Parmar (2013), doi:10.1186/1471-2288-13-152; Uno et al. (2014),
/// doi:10.1200/JCO.2014.55.2208.
public struct RestrictedMean: Sendable, Equatable {
  /// The horizon; nil chooses it as the type says.
  public var tau: Double?
  /// The confidence level.
  public var level: Double
  /// Whether variances are the infinitesimal jackknife; nil decides as the type says.
  public var robust: Bool?

  /// An estimator with its horizon.
  public init(tau: Double? = nil, level: Double = 0.95, robust: Bool? = nil) {
    self.tau = tau
    self.level = level
    self.robust = robust
  }

  /// Estimates the restricted mean of each arm and compares every later arm with the first.
  ///
  /// - Throws: `size-mismatch`, `missing-value`, `bad-weight`, `bad-interval` (a negative time) or
  ///   `invalid-option` (the level, or a τ that is not positive).
  public func fit(
    _ times: SurvivalTimes, by group: Factor? = nil, weights: [Double]? = nil,
    cluster: Factor? = nil
  ) throws(SiblingError) -> RestrictedMeanFit {
    try Checks.level(level)
    try Checks.factor(group, rows: times.count, "arm")
    try Checks.factor(cluster, rows: times.count, "cluster")
    try Checks.weights(weights, rows: times.count, allowingZero: true)
    if let row = times.time.firstIndex(where: { $0 < 0 }) {
      throw SiblingError(
        .badInterval, "a time is negative: a restricted mean counts from zero", row: row,
        column: "time")
    }
    let robust = self.robust ?? (cluster != nil || times.isFractional(weights))
    let named = RiskSteps.arms(times, group, weights: weights, needsRows: robust)
    let steps = named.map(\.steps)
    let horizon = tau ?? steps.reduce(steps[0]) { Self.nearer($0, $1) }.times.last ?? 0
    guard horizon > 0, horizon.isFinite else {
      throw SiblingError(.invalidOption, "the horizon tau must be a positive number")
    }
    let areas = steps.map { step in
      Area(step, tau: horizon, robust: robust, cluster: cluster, rows: times.count)
    }
    let names = named.map(\.name)
    return RestrictedMeanFit(
      tau: horizon,
      arms: zip(names, areas).map { name, area in
        Estimate(
          term: name, estimate: area.mean, standardError: area.variance.squareRoot(), level: level,
          convention: convention(robust))
      },
      contrasts: areas.indices.dropFirst().map { k in
        contrast(names[k], areas[k], names[0], areas[0], horizon, convention(robust))
      },
      robust: robust, observations: times.peopleCount,
      clusters: robust ? cluster?.occupiedLevels : nil,
      notes: Self.notes(names, steps, horizon))
  }

  private func convention(_ robust: Bool) -> String {
    "restricted mean, " + (robust ? "infinitesimal jackknife" : "Greenwood") + ", z"
  }

  /// Of two arms the one whose last time bounds the horizon.
  static func nearer(_ a: RiskSteps, _ b: RiskSteps) -> RiskSteps {
    let (ta, tb) = (a.times.last ?? 0, b.times.last ?? 0)
    let (shorter, longer) = ta <= tb ? (a, b) : (b, a)
    return shorter.censored.last == 0 ? longer : shorter
  }

  static func notes(_ names: [String], _ steps: [RiskSteps], _ tau: Double) -> [String] {
    names.indices.compactMap { k in
      guard let last = steps[k].times.last, last < tau, steps[k].censored.last != 0 else {
        return nil
      }
      return "\(names[k]) is not observed as far as tau: its last survival is held"
    }
  }

  private func contrast(
    _ name: String, _ arm: Area, _ reference: String, _ base: Area, _ tau: Double,
    _ convention: String
  ) -> RestrictedMeanContrast {
    let shared = arm.covariance(with: base)
    func log(_ term: String, _ a: Double, _ b: Double) -> Estimate {
      let own = arm.variance / (a * a) + base.variance / (b * b)
      let variance = own - 2 * shared / (a * b)
      let error = a > 0 && b > 0 ? Swift.max(0, variance).squareRoot() : nil
      return Estimate(
        term: term, ratio: a / b, logStandardError: error, level: level, convention: convention)
    }
    let spread = Swift.max(0, arm.variance + base.variance - 2 * shared)
    return RestrictedMeanContrast(
      arm: name, reference: reference,
      difference: Estimate(
        term: "difference", estimate: arm.mean - base.mean, standardError: spread.squareRoot(),
        level: level, convention: convention),
      ratio: log("ratio", arm.mean, base.mean),
      timeLostRatio: log("time-lost-ratio", tau - arm.mean, tau - base.mean))
  }
}

/// Restricted means by arm, and the contrasts with the first.
public struct RestrictedMeanFit: Sendable, Equatable {
  /// The horizon.
  public let tau: Double
  /// The restricted mean of each arm that has rows, in the order of the levels.
  public let arms: [Estimate]
  /// Each later arm against the first.
  public let contrasts: [RestrictedMeanContrast]
  /// Whether the variances are the infinitesimal jackknife.
  public let robust: Bool
  /// The rows used.
  public let observations: Int
  /// The clusters that have rows, when the variances are clustered.
  public let clusters: Int?
  /// Things the reader must know.
  public let notes: [String]
}

/// One arm's restricted mean against another's.
public struct RestrictedMeanContrast: Sendable, Equatable {
  /// The arm.
  public let arm: String
  /// The arm that it is compared with.
  public let reference: String
  /// Arm less reference.
  public let difference: Estimate
  /// Arm over reference; its standard error is that of the logarithm.
  public let ratio: Estimate
  /// Time lost before τ, arm over reference; its standard error is that of the logarithm.
  public let timeLostRatio: Estimate
}
