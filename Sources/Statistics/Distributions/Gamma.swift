internal import Glibc

/// The gamma distribution with density proportional to x^(shape − 1) e^(−rate·x).
public struct Gamma: ContinuousDistribution, Equatable {
  /// The shape, positive.
  public var shape: Double
  /// The rate, the reciprocal of the scale, positive.
  public var rate: Double

  /// A gamma distribution by shape and rate; its mean is shape / rate.
  public init(shape: Double, rate: Double = 1) {
    self.shape = shape
    self.rate = rate
  }

  private var isValid: Bool { shape > 0 && shape < .infinity && rate > 0 && rate < .infinity }

  /// The natural logarithm of the density at `x`.
  public func logDensity(_ x: Double) -> Double {
    guard isValid, !x.isNaN else { return .nan }
    if x < 0 || x == .infinity { return -.infinity }
    if x == 0 { return shape < 1 ? .infinity : shape == 1 ? log(rate) : -.infinity }
    return SpecialFunctions.logGammaPrefactor(shape, x * rate) + log(shape) - log(x)
  }

  /// P(X ≤ x).
  public func lowerTail(_ x: Double) -> Double {
    isValid ? SpecialFunctions.incompleteGamma(shape, x * rate).lower : .nan
  }

  /// P(X > x).
  public func upperTail(_ x: Double) -> Double {
    isValid ? SpecialFunctions.incompleteGamma(shape, x * rate).upper : .nan
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
    if lower == 0 { return 0 }
    if upper == 0 { return .infinity }
    let a = shape
    // In z = log(x · rate).
    let z = QuantileSolver.solve(
      QuantileSolver.Target(lower: lower, upper: upper), from: start(lower, upper),
      lowest: -800 - 800 / min(a, 1),
      tails: { z in
        // Below the smallest double the series has one term.
        guard z < -600 else { return SpecialFunctions.incompleteGamma(a, exp(z)) }
        let exponent = a * z - SpecialFunctions.logGammaOnePlus(a)
        return Tails(lower: exp(exponent), upper: -expm1(exponent))
      },
      logSlope: { z in
        guard z < -600 else { return SpecialFunctions.logGammaPrefactor(a, exp(z)) + log(a) }
        return a * z - SpecialFunctions.logGammaOnePlus(a) + log(a)
      })
    return exp(z) / rate
  }

  /// Wilson & Hilferty's cube-root normal start, or the leading term of the lower tail.
  private func start(_ lower: Double, _ upper: Double) -> Double {
    let deviate =
      lower < upper ? Normal.standard.quantile(lower) : Normal.standard.upperQuantile(upper)
    let root = 1 - 1 / (9 * shape) + deviate / (3 * shape.squareRoot())
    let leading = (log(lower) + SpecialFunctions.logGammaOnePlus(shape)) / shape
    guard root > 0.2, shape > 0.3 else { return lower < 0.9 ? leading : log(-log(upper)) }
    return log(shape) + 3 * log(root)
  }
}
