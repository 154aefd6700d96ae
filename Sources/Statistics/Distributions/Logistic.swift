internal import Glibc

/// The logistic distribution.
public struct Logistic: ContinuousDistribution, Equatable {
  /// The location, which is mean and median.
  public var location: Double
  /// The scale, positive; the standard deviation is scale · π/√3.
  public var scale: Double

  /// A logistic distribution; standard by default.
  public init(location: Double = 0, scale: Double = 1) {
    self.location = location
    self.scale = scale
  }

  private func standardised(_ x: Double) -> Double {
    scale > 0 ? (x - location) / scale : .nan
  }

  private static func tail(_ z: Double) -> Double {
    z > 0 ? exp(-z) / (1 + exp(-z)) : 1 / (1 + exp(z))
  }

  /// The natural logarithm of the density at `x`.
  public func logDensity(_ x: Double) -> Double {
    let z = standardised(x).magnitude
    return -z - 2 * log1p(exp(-z)) - log(scale)
  }
  /// P(X ≤ x).
  public func lowerTail(_ x: Double) -> Double { Logistic.tail(-standardised(x)) }
  /// P(X > x).
  public func upperTail(_ x: Double) -> Double { Logistic.tail(standardised(x)) }
  /// The x with P(X ≤ x) = p.
  public func quantile(_ p: Double) -> Double {
    scale > 0 && p >= 0 && p <= 1 ? location + scale * logOdds(p) : .nan
  }
  /// The x with P(X > x) = p.
  public func upperQuantile(_ p: Double) -> Double {
    scale > 0 && p >= 0 && p <= 1 ? location - scale * logOdds(p) : .nan
  }

  /// log(p/(1 − p)), without cancellation near one half.
  private func logOdds(_ p: Double) -> Double {
    p > 0.25 && p < 0.75 ? log1p((2 * p - 1) / (1 - p)) : log(p) - log1p(-p)
  }
}
