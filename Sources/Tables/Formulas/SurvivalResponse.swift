public import Statistics

/// The left side `Surv(…)` of a formula on the rows that are used.
public struct SurvivalResponse: Sendable, Equatable {
  /// When each row comes under observation, exclusive; nil when every row starts at the origin.
  public var start: [Double]?
  /// When each row's observation ends.
  public var time: [Double]
  /// Whether the event ends it; otherwise it is censored.
  public var event: [Bool]
  /// The cause of each row's end, when it was asked for; code 0 is censored.
  public var causes: Factor?
  /// For `Surv(low, high, type = "interval2")` the first time at which each row is known to have had the
  /// event, infinite where it had not; `time` is then the last at which it had not, −∞ where unknown.
  public var latest: [Double]?

  /// A response from its columns.
  public init(
    start: [Double]?, time: [Double], event: [Bool], causes: Factor? = nil,
    latest: [Double]? = nil
  ) {
    self.start = start
    self.time = time
    self.event = event
    self.causes = causes
    self.latest = latest
  }
}
