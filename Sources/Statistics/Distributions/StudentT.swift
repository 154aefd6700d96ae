internal import Glibc

/// Student's t distribution.
public struct StudentT: ContinuousDistribution, Equatable {
  /// Degrees of freedom, positive, not necessarily whole; +∞ is the normal distribution.
  public var degreesOfFreedom: Double

  /// A t distribution.
  public init(degreesOfFreedom: Double) { self.degreesOfFreedom = degreesOfFreedom }

  /// Where a t distribution can't be told from the normal in double precision.
  private var isNormal: Bool { degreesOfFreedom >= 1e18 }

  /// The natural logarithm of the density at `x`.
  public func logDensity(_ x: Double) -> Double {
    let v = degreesOfFreedom
    guard v > 0 else { return .nan }
    if isNormal { return Normal.standard.logDensity(x) }
    let constant =
      v >= 20
      ? SpecialFunctions.logGammaRatioScaled(v / 2, 0.5) + 0.5 * log1p(1 / v)
        - SpecialFunctions.logSquareRootTwoPi
      : SpecialFunctions.logGamma((v + 1) / 2) - SpecialFunctions.logGamma(v / 2)
        - log(v * Double.pi) / 2
    let square = x * x / v
    let growth = square < 1e30 ? log1p(square) : 2 * log(x.magnitude) - log(v)
    return constant - (v + 1) / 2 * growth
  }

  /// P(X ≤ x).
  public func lowerTail(_ x: Double) -> Double { upperTail(-x) }

  /// P(X > x).
  public func upperTail(_ x: Double) -> Double {
    guard degreesOfFreedom > 0, !x.isNaN else { return .nan }
    if isNormal { return Normal.standard.upperTail(x) }
    let outside = StudentT.outside(degreesOfFreedom, x.magnitude)
    return x >= 0 ? outside.lower / 2 : (1 + outside.upper) / 2
  }

  /// P(|X| > |x|), for two-sided p-values.
  public func twoSidedTail(_ x: Double) -> Double { min(1, 2 * upperTail(x.magnitude)) }

  /// P(|T| > t) as `lower` and P(|T| ≤ t) as `upper`: incomplete beta functions at v/(v + t²).
  private static func outside(_ v: Double, _ t: Double) -> Tails {
    let square = t * t
    guard square < .infinity else {
      guard t < .infinity else { return Tails(lower: 0, upper: 1) }
      // t² overflows: the leading term of the tail, (√v/t)ᵛ / (½v B(½v, ½)).
      let root = v.squareRoot() / t
      let scale = SpecialFunctions.logGamma((v + 1) / 2) - SpecialFunctions.logGamma(v / 2)
      let height = exp(v * log(root) + scale - 0.5 * log(Double.pi)) * 2 / v
      return Tails(lower: height, upper: 1 - height)
    }
    let total = v + square
    let excess = v * ((1 - square) / total) / 2
    return SpecialFunctions.incompleteBeta(
      SpecialFunctions.BetaPoint(a: v / 2, b: 0.5, x: v / total, y: square / total, excess: excess))
  }

  /// The x with P(X ≤ x) = p.
  public func quantile(_ p: Double) -> Double { -upperQuantile(p) }

  /// The x with P(X > x) = p.
  public func upperQuantile(_ p: Double) -> Double {
    let v = degreesOfFreedom
    guard p >= 0, p <= 1, v > 0 else { return .nan }
    if isNormal { return Normal.standard.upperQuantile(p) }
    if p == 0 { return .infinity }
    if p == 1 { return -.infinity }
    if p == 0.5 { return 0 }
    let tail = min(p, 1 - p)
    // In z = log t: P(|T| > t) falls from one to zero over the whole line.
    let target = QuantileSolver.Target(lower: 1 - 2 * tail, upper: 2 * tail)
    let z = QuantileSolver.solve(
      target, from: StudentT.start(v, tail),
      tails: { StudentT.outside(v, exp($0)).swapped },
      logSlope: { 0.6931471805599453 + logDensity(exp($0)) + $0 })
    return p < 0.5 ? exp(z) : -exp(z)
  }

  /// log t near the upper quantile: a normal start, or the power tail when that is farther out.
  private static func start(_ v: Double, _ tail: Double) -> Double {
    let normal = log(max(Normal.standard.upperQuantile(tail), 1e-300))
    let scale =
      SpecialFunctions.logGamma((v + 1) / 2) - SpecialFunctions.logGamma(v / 2)
      - 0.5 * log(Double.pi) - log(v)
    let power = (scale - log(tail)) / v + 0.5 * log(v)
    return v < 30 && tail < 0.1 ? max(normal, power) : normal
  }
}
