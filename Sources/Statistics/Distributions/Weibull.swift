internal import Glibc

/// The Weibull distribution with P(X > x) = exp(−(x/scale)^shape).
public struct Weibull: ContinuousDistribution, Equatable {
  /// The shape, positive.
  public var shape: Double
  /// The scale, positive.
  public var scale: Double

  /// A Weibull distribution by shape and scale.
  public init(shape: Double, scale: Double = 1) {
    self.shape = shape
    self.scale = scale
  }

  private var isValid: Bool { shape > 0 && scale > 0 }

  /// The cumulative hazard (x/scale)^shape.
  private func hazard(_ x: Double) -> Double {
    guard isValid, !x.isNaN else { return .nan }
    return x <= 0 ? 0 : pow(x / scale, shape)
  }

  /// The natural logarithm of the density at `x`.
  public func logDensity(_ x: Double) -> Double {
    guard isValid, !x.isNaN else { return .nan }
    if x < 0 || x == .infinity { return -.infinity }
    if x == 0 { return shape < 1 ? .infinity : shape == 1 ? -log(scale) : -.infinity }
    return log(shape / scale) + (shape - 1) * log(x / scale) - hazard(x)
  }
  /// P(X ≤ x).
  public func lowerTail(_ x: Double) -> Double { -expm1(-hazard(x)) }
  /// P(X > x).
  public func upperTail(_ x: Double) -> Double { exp(-hazard(x)) }
  /// The x with P(X ≤ x) = p.
  public func quantile(_ p: Double) -> Double {
    isValid && p >= 0 && p <= 1 ? scale * pow(-log1p(-p), 1 / shape) : .nan
  }
  /// The x with P(X > x) = p.
  public func upperQuantile(_ p: Double) -> Double {
    isValid && p >= 0 && p <= 1 ? scale * pow(-log(p), 1 / shape) : .nan
  }
}
