internal import Glibc

/// The exponential distribution.
public struct Exponential: ContinuousDistribution, Equatable {
  /// The rate, the reciprocal of the mean, positive.
  public var rate: Double

  /// An exponential distribution by its rate.
  public init(rate: Double = 1) { self.rate = rate }

  /// The natural logarithm of the density at `x`.
  public func logDensity(_ x: Double) -> Double {
    guard rate > 0, !x.isNaN else { return .nan }
    return x < 0 ? -.infinity : log(rate) - rate * x
  }
  /// P(X ≤ x).
  public func lowerTail(_ x: Double) -> Double {
    rate > 0 ? -expm1(-rate * (x.isNaN ? x : max(0, x))) : .nan
  }
  /// P(X > x).
  public func upperTail(_ x: Double) -> Double {
    rate > 0 ? exp(-rate * (x.isNaN ? x : max(0, x))) : .nan
  }
  /// The x with P(X ≤ x) = p.
  public func quantile(_ p: Double) -> Double {
    rate > 0 && p >= 0 && p <= 1 ? -log1p(-p) / rate : .nan
  }
  /// The x with P(X > x) = p.
  public func upperQuantile(_ p: Double) -> Double {
    rate > 0 && p >= 0 && p <= 1 ? -log(p) / rate : .nan
  }
}
