internal import Statistics

/// A count inside a stretch against one outside it, given their sum and the share expected inside.
///
/// Under the null hypothesis the count inside is binomial, so that test and interval are exact
/// (Clopper and Pearson 1934, doi:10.1093/biomet/26.4.404). The ratio is the odds of lying inside
/// over the odds expected: 1 where nothing is unusual.
struct ExactShare {
  var inside: Int
  var outside: Int
  /// The share expected inside, above 0 and below 1.
  var expected: Double
  var level: Double

  init(inside: Int, outside: Int, expected: Double = 0.5, level: Double) {
    self.inside = inside
    self.outside = outside
    self.expected = expected
    self.level = level
  }

  private var total: Int { inside + outside }
  private var odds: Double { expected / (1 - expected) }
  private var null: Binomial { Binomial(trials: total, probability: expected) }

  /// Observed odds over expected odds; nil without anything outside.
  var ratio: Double? { outside > 0 ? Double(inside) / Double(outside) / odds : nil }

  /// The exact interval of the share inside.
  var share: ConfidenceInterval? {
    total > 0 ? ExactInference.proportion(inside, of: total, level: level) : nil
  }

  /// The exact interval of the ratio; its upper limit is infinite without anything outside.
  var interval: ConfidenceInterval? {
    guard let share else { return nil }
    return ConfidenceInterval(
      low: share.low / (1 - share.low) / odds,
      high: share.high < 1 ? share.high / (1 - share.high) / odds : .infinity, level: level)
  }

  /// Twice the smaller tail, at most 1; nil without any count.
  var pValue: Double? {
    guard total > 0 else { return nil }
    return min(1, 2 * min(Self.atLeast(inside, null), null.lowerTail(inside)))
  }

  /// The smallest ratio above 1 that the two-sided test rejects with the power asked for; nil where
  /// none is (too few counts).
  func detectableRatio(power: Double = 0.8) -> Double? {
    guard let share = detectableShare(power: power) else { return nil }
    return share < 1 ? share / (1 - share) / odds : nil
  }

  /// The smallest share above the expected one that the two-sided test rejects so often.
  func detectableShare(power: Double = 0.8) -> Double? {
    let tail = (1 - level) / 2
    guard total > 0, Self.atLeast(total, null) <= tail else { return nil }
    // The smallest count that is rejected from above: the tail falls with the count.
    var (accepted, critical) = (0, total)
    while critical - accepted > 1 {
      let middle = (accepted + critical) / 2
      if Self.atLeast(middle, null) <= tail { critical = middle } else { accepted = middle }
    }
    var (low, high) = (expected, 1.0)
    for _ in 0..<60 {
      let middle = (low + high) / 2
      if Self.atLeast(critical, Binomial(trials: total, probability: middle)) < power {
        low = middle
      } else {
        high = middle
      }
    }
    return high
  }

  private static func atLeast(_ count: Int, _ law: Binomial) -> Double {
    count == 0 ? 1 : law.upperTail(count - 1)
  }

  /// Fisher's exact test of two shares: the sum of the probabilities of all tables that are no
  /// likelier than the one seen (Fisher 1935, doi:10.2307/2342435).
  static func fisher(_ first: Int, of firstTotal: Int, _ second: Int, of secondTotal: Int) -> Double
  {
    let law = Hypergeometric(
      marked: first + second, unmarked: firstTotal + secondTotal - first - second,
      drawn: firstTotal)
    let seen = law.mass(first) * (1 + 1e-7)
    let least = max(0, firstTotal - law.unmarked)
    let most = min(firstTotal, law.marked)
    var sum = 0.0
    for count in least...most {
      let mass = law.mass(count)
      if mass <= seen { sum += mass }
    }
    return min(1, sum)
  }
}
