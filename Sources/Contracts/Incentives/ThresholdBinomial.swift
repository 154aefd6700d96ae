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
  public var reach: Int
  /// Round numbers whose own values are cut out, and the gap closed, before the test; nil for none.
  public var leavingOut: RoundNumbers?
  /// The confidence level.
  public var level: Double
  /// The power that the smallest detectable excess is stated for.
  public var power: Double

  /// A test in some windows.
  public init(
    threshold: Double, widths: [Double], reach: Int = 4, leavingOut: RoundNumbers? = nil,
    level: Double = 0.95,
    power: Double = 0.8
  ) {
    self.threshold = threshold
    self.widths = widths
    self.reach = reach
    self.leavingOut = leavingOut
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
    try check(durations)
    let cut = try DurationDistances(durations, from: threshold, leavingOut: leavingOut)
    var windows: [Window] = []
    for width in widths {
      let counts = Self.counts(cut.values, width: width, reach: reach)
      guard counts[reach - 1] + counts[reach] > 0 else { continue }
      windows.append(window(width, .half, 0.5, counts))
      if let share = share(counts, width) {
        windows.append(window(width, .smooth, share, counts))
      }
    }
    guard !windows.isEmpty else {
      throw SiblingError(
        .tooFewObservations, "no job ended within a window around the threshold",
        help: "Widen the window.")
    }
    return windows
  }
}

extension ThresholdBinomial {
  private func check(_ durations: [Double]) throws(SiblingError) {
    guard threshold > 0, threshold.isFinite else {
      throw SiblingError(.badValue, "a threshold must be above zero")
    }
    guard !widths.isEmpty, widths.allSatisfy({ $0 > 0 && $0 <= threshold }) else {
      throw SiblingError(
        .badValue, "a window must be wider than zero and no wider than the threshold")
    }
    guard (2...1000).contains(reach) else {
      throw SiblingError(.badValue, "the local line needs a reach between 2 and 1000 windows")
    }
    guard level > 0, level < 1, power > 1 - level, power < 1 else {
      throw SiblingError(.badValue, "a level and a power lie between 0 and 1")
    }
    if let row = durations.firstIndex(where: { $0 < 0 }) {
      throw SiblingError(.badInterval, "a job's length is below zero", row: row)
    }
  }

  /// Jobs in steps of a width: `reach` before the threshold, `reach` from it on.
  private static func counts(_ distances: [Double], width: Double, reach: Int) -> [Int] {
    var counts = [Int](repeating: 0, count: 2 * reach)
    for distance in distances {
      let step = (distance / width + 1e-9).rounded(.down)
      guard step >= -Double(reach), step < Double(reach) else { continue }
      counts[Int(step) + reach] += 1
    }
    return counts
  }

  /// The share expected after the threshold, from a least-squares line through the steps other than the two next
  /// to it; nil where the line can't be drawn or is not above zero there.
  private func share(_ counts: [Int], _ width: Double) -> Double? {
    // Steps that begin before nought hold no durations by definition.
    let room = Int((threshold / width + 1e-9).rounded(.down))
    let steps = (max(-reach, -room)..<reach).filter { $0 != -1 && $0 != 0 }
    guard steps.contains(where: { $0 < 0 }), steps.count > 2 else { return nil }
    let middle = Double(steps.reduce(0, +)) / Double(steps.count)
    let mean = Double(steps.reduce(0) { $0 + counts[$1 + reach] }) / Double(steps.count)
    var (cross, square) = (0.0, 0.0)
    for step in steps {
      let away = Double(step) - middle
      cross += away * Double(counts[step + reach])
      square += away * away
    }
    let slope = cross / square
    let before = mean + slope * (-1 - middle)
    let after = mean + slope * (0 - middle)
    guard before > 0, after > 0 else { return nil }
    return after / (before + after)
  }

  private func window(
    _ width: Double, _ null: Null, _ expected: Double, _ counts: [Int]
  ) -> Window {
    let (before, after) = (counts[reach - 1], counts[reach])
    let total = before + after
    let odds = expected / (1 - expected)
    let share = ExactInference.proportion(after, of: total, level: level)
    let law = Binomial(trials: total, probability: expected)
    let atLeast = after == 0 ? 1 : law.upperTail(after - 1)
    let atMost = law.lowerTail(after)
    var parts = ["exact binomial, \(total) jobs"]
    parts.append(null == .half ? "null share 1/2" : "null share from a line")
    if leavingOut != nil { parts.append("round numbers cut out") }
    return Window(
      width: width, null: null, expected: expected, before: before, after: after,
      ratio: before > 0 ? Double(after) / Double(before) / odds : nil,
      interval: ConfidenceInterval(
        low: share.low / (1 - share.low) / odds,
        high: share.high < 1 ? share.high / (1 - share.high) / odds : .infinity, level: level),
      pValue: min(1, 2 * min(atLeast, atMost)), excessPValue: min(1, atLeast),
      detectable: SmallestDetectableExcess(power: power, size: 1 - level)
        .binomial(jobs: total, expected: expected),
      convention: parts.joined(separator: ", "))
  }
}
