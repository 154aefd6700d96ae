/// A function of time estimated for one arm, with its uncertainty and risk table.
///
/// Every array has one entry for each of `times`.
public struct Curve: Sendable, Equatable {
  /// The arm, such as `sex=1`; `all` when there is only one.
  public var arm: String
  /// The times, ascending.
  public var times: [Double]
  /// Rows (or weight) at risk just before each time.
  public var atRisk: [Double]
  /// Events at each time.
  public var events: [Double]
  /// Rows censored at each time.
  public var censored: [Double]
  /// The estimate just after each time.
  public var estimate: [Double]
  /// The standard error of the estimate, on its own scale.
  public var standardError: [Double]
  /// The lower limits.
  public var low: [Double]
  /// The upper limits.
  public var high: [Double]
  /// The confidence level of the limits.
  public var level: Double
  /// What is estimated and how its intervals are made, such as `survival, log interval`.
  public var convention: String

  /// A curve from its columns.
  public init(
    arm: String, times: [Double], atRisk: [Double], events: [Double], censored: [Double],
    estimate: [Double], standardError: [Double], low: [Double], high: [Double], level: Double,
    convention: String
  ) {
    self.arm = arm
    self.times = times
    self.atRisk = atRisk
    self.events = events
    self.censored = censored
    self.estimate = estimate
    self.standardError = standardError
    self.low = low
    self.high = high
    self.level = level
    self.convention = convention
  }
}
