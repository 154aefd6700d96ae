internal import Glibc
internal import LinearAlgebra
public import Statistics

/// Survival at chosen times by arm, and how arms differ there.
///
/// Each arm's survival is read off its curve; differences and ratios compare every later arm with the
/// first. Standard errors are Greenwood's or, with a cluster or weights that are not whole numbers,
/// the infinitesimal jackknife; clusters that reach across arms, such as matched pairs, are then
/// allowed for. Nothing is said of an arm past its last follow-up: such a row has no estimate, and a
/// note says why.
///
/// Klein et al. (2007), doi:10.1002/sim.2864; intervals of a difference from the arms' own: Zou and
/// Donner (2008), doi:10.1002/sim.3095.
/// - Complexity: O(n) a time after the sort.
public struct Milestones: Sendable, Equatable {
  /// The times.
  public var times: [Double]
  /// What is read at them.
  public var quantity: Quantity
  /// How the limits of each arm are made.
  public var interval: CurveInterval
  /// How the limits of a difference are made.
  public var differenceInterval: DifferenceInterval
  /// The confidence level.
  public var level: Double
  /// Whether variances are the infinitesimal jackknife; nil decides as the type says.
  public var robust: Bool?
  /// How survival is estimated.
  public var estimator: CurveEstimator

  /// What is read.
  public enum Quantity: String, Sendable, CaseIterable {
    /// S(t): the share still without the event.
    case survival = "survival"
    /// 1 − S(t): the share that has had it.
    case event = "event"
  }

  /// How the limits of a difference are made.
  public enum DifferenceInterval: String, Sendable, CaseIterable {
    /// The difference and its standard errors.
    case plain = "plain"
    /// From the limits of both arms, which near 0 and 1 are not symmetric.
    case combined = "combined"
  }

  /// Milestones at the given times.
  public init(
    times: [Double], quantity: Quantity = .survival, interval: CurveInterval = .log,
    differenceInterval: DifferenceInterval = .plain, level: Double = 0.95, robust: Bool? = nil,
    estimator: CurveEstimator = .kaplanMeier
  ) {
    self.times = times
    self.quantity = quantity
    self.interval = interval
    self.differenceInterval = differenceInterval
    self.level = level
    self.robust = robust
    self.estimator = estimator
  }

  /// Estimates the arms and their contrasts at each time.
  ///
  /// - Throws: `size-mismatch`, `missing-value`, `bad-weight`, or `invalid-option` (the level, no
  ///   times, or a time that is negative or not finite).
  public func fit(
    _ times: SurvivalTimes, by group: Factor? = nil, weights: [Double]? = nil,
    cluster: Factor? = nil
  ) throws(SiblingError) -> MilestonesFit {
    try Checks.level(level)
    guard !self.times.isEmpty, self.times.allSatisfy({ $0 >= 0 && $0.isFinite }) else {
      throw SiblingError(
        .invalidOption, "milestones need one or more times from zero up", help: "such as 13,26,52")
    }
    try Checks.factor(group, rows: times.count, "arm")
    try Checks.factor(cluster, rows: times.count, "cluster")
    try Checks.weights(weights, rows: times.count, allowingZero: true)
    let robust = self.robust ?? (cluster != nil || times.isFractional(weights))
    let isCounted = weights == nil || estimator != .flemingHarrington
    let named = RiskSteps.arms(times, group, weights: weights, needsRows: robust || !isCounted)
    let wanted = Array(Set(self.times)).sorted()
    let arms = Parallel.mapBlocks(named.count) { index in
      readings(
        named[index].name, named[index].steps, at: wanted, cluster: robust ? cluster : nil,
        rows: robust ? times.count : nil)
    }
    return MilestonesFit(
      milestones: wanted.indices.map { k in milestone(wanted[k], arms.map { $0[k] }) },
      quantity: quantity, robust: robust, observations: times.peopleCount,
      clusters: robust ? cluster?.occupiedLevels : nil)
  }
}

/// Estimates at chosen times and how they were made.
public struct MilestonesFit: Sendable, Equatable {
  /// One entry a time, ascending.
  public let milestones: [Milestone]
  /// What was read.
  public let quantity: Milestones.Quantity
  /// Whether the variances are the infinitesimal jackknife.
  public let robust: Bool
  /// The rows used.
  public let observations: Int
  /// The clusters that have rows, when the variances are clustered.
  public let clusters: Int?
  /// Things the reader must know.
  public var notes: [String] { milestones.flatMap(\.notes) }
}

/// What is known of the arms at one time.
public struct Milestone: Sendable, Equatable {
  /// One arm at the time.
  public struct Arm: Sendable, Equatable {
    /// The arm.
    public let name: String
    /// Its estimate; NaN past its last follow-up.
    public let estimate: Estimate
    /// Rows (or weight) at risk just before the time.
    public let atRisk: Double
    /// Events up to the time.
    public let events: Double
  }

  /// One arm against the first.
  public struct Contrast: Sendable, Equatable {
    /// The arm.
    public let arm: String
    /// The arm that it is compared with.
    public let reference: String
    /// Arm less reference.
    public let difference: Estimate
    /// Arm over reference; its standard error is that of the logarithm.
    public let ratio: Estimate
  }

  /// The time.
  public let time: Double
  /// The arms, in the order of the levels.
  public let arms: [Arm]
  /// Every later arm against the first.
  public let contrasts: [Contrast]
  /// Things the reader must know.
  public let notes: [String]
}
