internal import Glibc
public import Statistics

/// Whether jobs end more often just after a length that is paid for than just before and later.
///
/// Each arm's ends in the weeks right after the threshold are set against those in the weeks on either
/// side: with a smooth hazard the share of ends that fall right after it is the share of time at risk
/// that lies there, so that the count is binomial, given the total, and its test exact (Przyborowski and
/// Wilenski 1940, doi:10.1093/biomet/31.3-4.313). The arms' rate ratios are compared on the log scale.
/// Several people of one site are taken as independent.
public struct ThresholdHazard: Sendable, Equatable {
  /// The length of a job that is paid for, in weeks.
  public var threshold: Double
  /// The width of the stretch after it, and of those on either side, in weeks.
  public var width: Double
  /// The confidence level.
  public var level: Double

  /// An audit of one threshold.
  public init(threshold: Double = 13, width: Double = 2, level: Double = 0.95) {
    self.threshold = threshold
    self.width = width
    self.level = level
  }

  /// Ends and time at risk of one arm.
  public struct Arm: Sendable, Equatable {
    /// The arm.
    public var name: String
    /// Ends right after the threshold, and on either side of that stretch.
    public var endsAfter, endsAround: Int
    /// Person-weeks at risk in both.
    public var weeksAfter, weeksAround: Double
    /// Jobs that were observed up to the first of the stretches.
    public var jobs: Int
    /// The hazard right after the threshold over that around it; nil without ends around it.
    public var ratio: Double?
    /// Its exact interval, from that of the binomial share (Clopper and Pearson).
    public var interval: ConfidenceInterval?
    /// The one-sided exact p-value of an excess right after the threshold; nil without ends.
    public var excessPValue: Double?
    /// The smallest rate ratio that the test would find four times out of five; nil without ends.
    public var detectableRatio: Double?
  }

  /// What was found.
  public struct Result: Sendable, Equatable {
    /// The arms, in the order of the factor.
    public var arms: [Arm]
    /// The first arm's rate ratio over the second's, on the log scale; nil without two arms or ends.
    public var difference: Estimate?
  }

  /// Audits job lengths.
  ///
  /// `weeks` holds each job's length, `ended` whether it was seen to end then (else it is censored),
  /// `arms` whose job it is. Lengths that are not known (NaN) and rows without arm are left out.
  /// - Throws: `sizeMismatch`; `badValue` for a threshold that leaves no room before it or a width
  ///   of nought, `badInterval` for a negative length.
  public func fit(
    weeks: [Double], ended: [Bool], arms: Factor
  ) throws(SiblingError) -> Result {
    guard weeks.count == ended.count, weeks.count == arms.count else {
      throw SiblingError(.sizeMismatch, "lengths, ends and arms differ in number")
    }
    guard width > 0, threshold >= width, level > 0, level < 1 else {
      throw SiblingError(
        .badValue, "a threshold needs a width above zero and at least that much time before it")
    }
    var found = arms.levels.map {
      Arm(name: $0, endsAfter: 0, endsAround: 0, weeksAfter: 0, weeksAround: 0, jobs: 0)
    }
    let (low, high, top) = (threshold - width, threshold + width, threshold + 2 * width)
    for (row, length) in weeks.enumerated() where arms.codes[row] >= 0 && !length.isNaN {
      guard length >= 0 else {
        throw SiblingError(.badInterval, "a job's length is below zero", row: row)
      }
      guard length >= low else { continue }
      let arm = Int(arms.codes[row])
      found[arm].jobs += 1
      let after = min(max(length - threshold, 0), width)
      found[arm].weeksAfter += after
      found[arm].weeksAround += min(length, top) - low - after
      guard ended[row], length < top else { continue }
      if length >= threshold, length < high {
        found[arm].endsAfter += 1
      } else {
        found[arm].endsAround += 1
      }
    }
    for arm in found.indices { judge(&found[arm]) }
    var result = Result(arms: found)
    if found.count == 2 { result.difference = difference(found[0], found[1]) }
    return result
  }

  private func judge(_ arm: inout Arm) {
    let ends = arm.endsAfter + arm.endsAround
    let odds = arm.weeksAround > 0 ? arm.weeksAfter / arm.weeksAround : 0
    guard ends > 0, odds > 0 else { return }
    let expected = odds / (1 + odds)
    if arm.endsAround > 0 { arm.ratio = Double(arm.endsAfter) / Double(arm.endsAround) / odds }
    let tail = (1 - level) / 2
    let (x, rest) = (Double(arm.endsAfter), Double(arm.endsAround))
    let low = x > 0 ? Beta(a: x, b: rest + 1).quantile(tail) : 0
    let high = rest > 0 ? Beta(a: x + 1, b: rest).upperQuantile(tail) : 1
    arm.interval = ConfidenceInterval(
      low: low / (1 - low) / odds, high: high < 1 ? high / (1 - high) / odds : .infinity,
      level: level)
    let null = Binomial(trials: ends, probability: expected)
    arm.excessPValue = atLeast(arm.endsAfter, null)
    arm.detectableRatio = detectable(ends, expected, odds)
  }

  private func atLeast(_ count: Int, _ law: Binomial) -> Double {
    count == 0 ? 1 : law.upperTail(count - 1)
  }

  /// The smallest ratio at which the exact test of this size rejects with probability 0.8.
  private func detectable(_ ends: Int, _ expected: Double, _ odds: Double) -> Double? {
    let null = Binomial(trials: ends, probability: expected)
    guard let critical = (0...ends).first(where: { atLeast($0, null) <= 1 - level }) else {
      return nil
    }
    var (low, high) = (expected, 1.0)
    for _ in 0..<60 {
      let middle = (low + high) / 2
      if atLeast(critical, Binomial(trials: ends, probability: middle)) < 0.8 {
        low = middle
      } else {
        high = middle
      }
    }
    return high < 1 ? high / (1 - high) / odds : nil
  }

  /// The log of one arm's rate ratio less the other's, with its large-sample standard error.
  private func difference(_ first: Arm, _ second: Arm) -> Estimate? {
    guard let one = first.ratio, let two = second.ratio, one > 0, two > 0 else { return nil }
    let counts = [first.endsAfter, first.endsAround, second.endsAfter, second.endsAround]
    let variance = counts.reduce(0) { $0 + 1 / Double($1) }
    return Estimate(
      term: "log ratio of rate ratios", estimate: log(one / two),
      standardError: variance.squareRoot(), degreesOfFreedom: nil, level: level,
      convention: "large-sample, people independent")
  }
}
