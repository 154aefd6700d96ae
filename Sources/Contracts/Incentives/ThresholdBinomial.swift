public import Statistics

/// Whether more jobs end just after a threshold than just before it, by an exact binomial test.
///
/// Given how many ended within a window on either side, the number after the threshold is binomial.
/// Under a flat density its share is one half; under a smooth one it is the share that a local line
/// through the counts outside the window leads to expect. Both are given. A fitted share is itself
/// uncertain, which the exact test does not count.
///
/// Przyborowski & Wilenski (1940), doi:10.1093/biomet/31.3-4.313; Clopper & Pearson (1934),
/// doi:10.1093/biomet/26.4.404.
public struct ThresholdBinomial: Sendable, Equatable {
  /// The threshold; a duration equal to it lies after it.
  public var threshold: Double
  /// Half widths of the windows, in the durations' unit.
  public var widths: [Double]
  /// How far from the threshold the local line looks, in multiples of a window's half width.
  public var reach: Double
  /// The confidence level.
  public var level: Double
  /// The power that the smallest detectable excess is stated for.
  public var power: Double

  /// A test in some windows.
  public init(
    threshold: Double, widths: [Double], reach: Double = 4, level: Double = 0.95,
    power: Double = 0.8
  ) {
    self.threshold = threshold
    self.widths = widths
    self.reach = reach
    self.level = level
    self.power = power
  }

  /// Where the share that is expected after the threshold comes from.
  public enum Null: String, Sendable, CaseIterable {
    /// One half.
    case half
    /// A local line through the counts outside the window.
    case smooth
  }

  /// One window under one null.
  public struct Window: Sendable, Equatable {
    /// The half width.
    public var width: Double
    /// The null.
    public var null: Null
    /// The share expected after the threshold.
    public var expected: Double
    /// Jobs that ended just before.
    public var before: Int
    /// Jobs that ended from the threshold on.
    public var after: Int
    /// Odds of after to before over those expected: 1 without bunching; nil when none ended before.
    public var ratio: Double?
    /// Its exact interval; the upper limit is infinite when none ended before.
    public var interval: ConfidenceInterval
    /// Two-sided: twice the smaller tail, at most 1.
    public var pValue: Double
    /// One-sided, against an excess after the threshold.
    public var excessPValue: Double
    /// The smallest excess that the one-sided test at 1 − level finds; nil when no excess is found.
    public var detectable: DetectableExcess?
    /// How it was made.
    public var convention: String
  }

  /// Tests durations of ended jobs: for each width the half null, then the smooth one where it can be had.
  ///
  /// Durations that are not known (NaN) are left out.
  /// - Throws: `badValue` for options out of range, `badInterval` for a negative duration,
  ///   `tooFewObservations` when no job ended in any window.
  public func fit(_ durations: [Double]) throws(SiblingError) -> [Window] {
    throw SiblingError(.internalError, "not yet")
  }
}
