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

  /// A response from its columns.
  public init(start: [Double]?, time: [Double], event: [Bool], causes: Factor? = nil) {
    self.start = start
    self.time = time
    self.event = event
    self.causes = causes
  }
}
