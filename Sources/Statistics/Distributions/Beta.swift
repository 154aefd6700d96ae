internal import Glibc

/// The beta distribution on (0, 1) with density proportional to x^(a − 1) (1 − x)^(b − 1).
public struct Beta: ContinuousDistribution, Equatable {
  /// The first shape a, positive.
  public var a: Double
  /// The second shape b, positive.
  public var b: Double

  /// A beta distribution by its two shapes; its mean is a / (a + b).
  public init(a: Double, b: Double) {
    self.a = a
    self.b = b
  }

  private var isValid: Bool { a > 0 && b > 0 && a < .infinity && b < .infinity }

  /// The natural logarithm of the density at `x`.
  public func logDensity(_ x: Double) -> Double {
    guard isValid, !x.isNaN else { return .nan }
    guard x >= 0, x <= 1 else { return -.infinity }
    if x == 0 { return a < 1 ? .infinity : a == 1 ? log(b) : -.infinity }
    if x == 1 { return b < 1 ? .infinity : b == 1 ? log(a) : -.infinity }
    let point = SpecialFunctions.BetaPoint(a: a, b: b, x: x)
    return SpecialFunctions.logBetaPrefactor(point) - log(x) - log1p(-x)
  }

  /// P(X ≤ x).
  public func lowerTail(_ x: Double) -> Double { tails(x).lower }

  /// P(X > x).
  public func upperTail(_ x: Double) -> Double { tails(x).upper }

  private func tails(_ x: Double) -> Tails {
    guard isValid, !x.isNaN else { return .undefined }
    return SpecialFunctions.incompleteBeta(
      SpecialFunctions.BetaPoint(a: a, b: b, x: min(1, max(0, x))))
  }

  /// The x with P(X ≤ x) = p.
  public func quantile(_ p: Double) -> Double {
    p >= 0 && p <= 1 ? Beta.fraction(logOdds(lower: p, upper: 1 - p)) : .nan
  }

  /// The x with P(X > x) = p.
  public func upperQuantile(_ p: Double) -> Double {
    p >= 0 && p <= 1 ? Beta.fraction(logOdds(lower: 1 - p, upper: p)) : .nan
  }

  private static func fraction(_ z: Double) -> Double {
    z > 0 ? 1 / (1 + exp(-z)) : exp(z) / (1 + exp(z))
  }

  /// log(x/(1 − x)) at a quantile; ±∞ at the ends of the support.
  func logOdds(lower: Double, upper: Double) -> Double {
    guard isValid else { return .nan }
    if lower == 0 { return -.infinity }
    if upper == 0 { return .infinity }
    let reach = 800 + 800 / min(1, a, b)
    return QuantileSolver.solve(
      QuantileSolver.Target(lower: lower, upper: upper), from: start(lower, upper),
      lowest: -reach, highest: reach, tails: { tails(logOdds: $0) },
      logSlope: { slope(logOdds: $0) })
  }

  private func point(_ z: Double) -> SpecialFunctions.BetaPoint {
    let x = Beta.fraction(z)
    let y = Beta.fraction(-z)
    // (a + b) x − a = b x − a y, with the larger of x and y expressed by the smaller.
    let total = a + b
    let excess = z < 0 ? (-a).addingProduct(total, x) : b.addingProduct(-total, y)
    return SpecialFunctions.BetaPoint(a: a, b: b, x: x, y: y, excess: excess)
  }

  private func tails(logOdds z: Double) -> Tails {
    guard z.magnitude > 600 else { return SpecialFunctions.incompleteBeta(point(z)) }
    // Beyond the smallest double the leading term is exact.
    let exponent = leadingExponent(z)
    let tails = Tails(lower: exp(exponent), upper: -expm1(exponent))
    return z < 0 ? tails : tails.swapped
  }

  private func slope(logOdds z: Double) -> Double {
    guard z.magnitude > 600 else { return SpecialFunctions.logBetaPrefactor(point(z)) }
    return leadingExponent(z) + log(z < 0 ? a : b)
  }

  /// log of xᵃ/(a B(a, b)) far to the left, of yᵇ/(b B(a, b)) far to the right.
  private func leadingExponent(_ z: Double) -> Double {
    let (own, other) = z < 0 ? (a, b) : (b, a)
    let ratio =
      other >= 10
      ? SpecialFunctions.logGammaRatioScaled(other, own) + own * log(other + own)
      : SpecialFunctions.logGamma(other + own) - SpecialFunctions.logGamma(other)
    return -own * z.magnitude + ratio - SpecialFunctions.logGammaOnePlus(own)
  }

  /// A normal start on the log-odds scale, or the leading term of the tail where that is flat.
  private func start(_ lower: Double, _ upper: Double) -> Double {
    let isLower = lower < upper
    let tail = isLower ? lower : upper
    let own = isLower ? a : b
    let deviate = -Normal.standard.quantile(tail)
    let spread = (1 / a + 1 / b).squareRoot()
    let centre = log(a / b)
    let normal = isLower ? centre - deviate * spread : centre + deviate * spread
    guard min(a, b) < 1.5 || tail < 1e-10 && own < 20 else { return normal }
    let side: Double = isLower ? -1 : 1
    let leading = side * (leadingExponent(side * 0) - log(tail)) / own
    return isLower ? min(leading, normal) : max(leading, normal)
  }
}
