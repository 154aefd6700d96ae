public import Statistics

/// Intervals for an effect under bounds on how far parallel trends fail.
public struct TrendSensitivityResult: Sendable, Equatable {
  /// The interval at one bound.
  public struct Row: Sendable, Equatable {
    /// The bound m.
    public let magnitude: Double
    /// The interval; nil where the estimates reject the restriction whatever the effect.
    public let interval: ConfidenceInterval?
  }

  /// What was assumed of the bias.
  public let kind: TrendSensitivity.Kind
  /// The target's estimate.
  public let estimate: Double
  /// Its standard error.
  public let standardError: Double
  /// The interval that takes parallel trends for granted, from the normal distribution.
  public let original: ConfidenceInterval
  /// An interval for each m, in the order asked for.
  public let rows: [Row]
  /// Whether the intervals are of fixed length rather than from the conditional test.
  public let usesFixedLength: Bool
  /// For intervals of fixed length: by how much the conditions of optimality fail at most.
  public let certificate: Double?
}
