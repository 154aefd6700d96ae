internal import Glibc
public import Statistics

/// A share of people with Wilson's score interval.
///
/// The interval inverts the score test: it never leaves 0 to 1 and has a width where nobody or
/// everybody says yes (Wilson 1927, doi:10.1080/01621459.1927.10502953).
public struct ShareEstimate: Sendable, Equatable {
  /// People with the event.
  public let yes: Int
  /// People of whom it is known whether they have it.
  public let known: Int
  /// The share; nil of nobody.
  public let estimate: Double?
  /// Wilson's interval; nil of nobody.
  public let interval: ConfidenceInterval?

  /// The share of `yes` among `known` people.
  public init(yes: Int, known: Int, level: Double = 0.95) {
    self.yes = yes
    self.known = known
    guard known > 0 else {
      (estimate, interval) = (nil, nil)
      return
    }
    let (n, p) = (Double(known), Double(yes) / Double(known))
    let z = Normal.standard.upperQuantile((1 - level) / 2)
    let middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    let reach = z * (p * (1 - p) / n + z * z / (4 * n * n)).squareRoot() / (1 + z * z / n)
    estimate = p
    interval = ConfidenceInterval(
      low: yes == 0 ? 0 : max(0, middle - reach), high: yes == known ? 1 : min(1, middle + reach),
      level: level)
  }
}

/// Two shares of different people compared.
public struct ShareComparison: Sendable, Equatable {
  /// The first share less the second.
  public let difference: Double?
  /// Newcombe's interval of the difference, from the two Wilson intervals.
  ///
  /// Newcombe (1998), method 10, doi:10.1002/(SICI)1097-0258(19980430)17:8<873::AID-SIM779>3.0.CO;2-I.
  public let interval: ConfidenceInterval?
  /// The first share over the second; nil where the second is nought.
  public let ratio: Double?
  /// The interval of the ratio on the log scale, by the delta method; nil where a share is nought.
  public let ratioInterval: ConfidenceInterval?
  /// Pearson's chi-squared with one degree of freedom, no continuity correction.
  public let statistic: Double?
  /// Its p-value; nil where everybody is alike.
  public let pValue: Double?

  /// Compares the first share with the second.
  public init(_ first: ShareEstimate, _ second: ShareEstimate, level: Double = 0.95) {
    guard let p = first.estimate, let q = second.estimate, let own = first.interval,
      let other = second.interval
    else {
      (difference, interval, ratio, ratioInterval) = (nil, nil, nil, nil)
      (statistic, pValue) = (nil, nil)
      return
    }
    difference = p - q
    let down = ((p - own.low) * (p - own.low) + (other.high - q) * (other.high - q)).squareRoot()
    let up = ((own.high - p) * (own.high - p) + (q - other.low) * (q - other.low)).squareRoot()
    interval = ConfidenceInterval(low: p - q - down, high: p - q + up, level: level)
    ratio = q > 0 ? p / q : nil
    let (a, b) = (Double(first.yes), Double(second.yes))
    let (m, n) = (Double(first.known), Double(second.known))
    if a > 0, b > 0 {
      let error = max(0, 1 / a - 1 / m + 1 / b - 1 / n).squareRoot()
      let reach = Normal.standard.upperQuantile((1 - level) / 2) * error
      ratioInterval = ConfidenceInterval(
        low: p / q * exp(-reach), high: p / q * exp(reach), level: level)
    } else {
      ratioInterval = nil
    }
    let pooled = (a + b) / (m + n)
    guard pooled > 0, pooled < 1 else {
      (statistic, pValue) = (nil, nil)
      return
    }
    let value = (p - q) * (p - q) / (pooled * (1 - pooled) * (1 / m + 1 / n))
    statistic = value
    pValue = ChiSquared(degreesOfFreedom: 1).upperTail(value)
  }
}
