internal import Glibc

/// The F distribution.
public struct FDistribution: ContinuousDistribution, Equatable {
  /// Degrees of freedom of the numerator, positive.
  public var numerator: Double
  /// Degrees of freedom of the denominator, positive; +∞ gives χ² over its degrees of freedom.
  public var denominator: Double

  /// An F distribution.
  public init(numerator: Double, denominator: Double) {
    self.numerator = numerator
    self.denominator = denominator
  }

  private var isValid: Bool { numerator > 0 && denominator > 0 && numerator < .infinity }

  /// The limit as the denominator's degrees of freedom grow, where doubles can't tell them apart.
  private var limit: Gamma? {
    guard denominator >= 1e18 else { return nil }
    return Gamma(shape: numerator / 2, rate: numerator / 2)
  }

  private func point(_ x: Double) -> SpecialFunctions.BetaPoint {
    let ratio = numerator / denominator * x
    let share = ratio < .infinity ? ratio / (1 + ratio) : 1
    let rest = 1 / (1 + ratio)
    let excess = numerator * ((x - 1) * rest) / 2
    return SpecialFunctions.BetaPoint(
      a: numerator / 2, b: denominator / 2, x: share, y: rest,
      excess: x < 1e300 ? excess : denominator / 2)
  }

  /// The natural logarithm of the density at `x`.
  public func logDensity(_ x: Double) -> Double {
    guard isValid, !x.isNaN else { return .nan }
    if let limit { return limit.logDensity(x) }
    if x < 0 || x == .infinity { return -.infinity }
    if x == 0 { return numerator < 2 ? .infinity : numerator == 2 ? 0 : -.infinity }
    return SpecialFunctions.logBetaPrefactor(point(x)) - log(x)
  }

  /// P(X ≤ x).
  public func lowerTail(_ x: Double) -> Double { tails(x).lower }

  /// P(X > x).
  public func upperTail(_ x: Double) -> Double { tails(x).upper }

  private func tails(_ x: Double) -> Tails {
    guard isValid, !x.isNaN else { return .undefined }
    if x <= 0 { return Tails(lower: 0, upper: 1) }
    if let limit { return Tails(lower: limit.lowerTail(x), upper: limit.upperTail(x)) }
    return SpecialFunctions.incompleteBeta(point(x))
  }

  /// The x with P(X ≤ x) = p.
  public func quantile(_ p: Double) -> Double {
    p >= 0 && p <= 1 ? inverse(lower: p, upper: 1 - p) : .nan
  }

  /// The x with P(X > x) = p.
  public func upperQuantile(_ p: Double) -> Double {
    p >= 0 && p <= 1 ? inverse(lower: 1 - p, upper: p) : .nan
  }

  private func inverse(lower: Double, upper: Double) -> Double {
    guard isValid else { return .nan }
    if let limit { return upper < lower ? limit.upperQuantile(upper) : limit.quantile(lower) }
    let z = Beta(a: numerator / 2, b: denominator / 2).logOdds(lower: lower, upper: upper)
    return exp(z) * (denominator / numerator)
  }
}
