internal import Glibc

/// The continuous uniform distribution.
public struct Uniform: ContinuousDistribution, Equatable {
  /// The lower end.
  public var low: Double
  /// The upper end, above `low`.
  public var high: Double

  /// A uniform distribution; on (0, 1) by default.
  public init(low: Double = 0, high: Double = 1) {
    self.low = low
    self.high = high
  }

  private var isValid: Bool { low < high && (high - low).isFinite }

  /// The natural logarithm of the density at `x`.
  public func logDensity(_ x: Double) -> Double {
    guard isValid, !x.isNaN else { return .nan }
    return x < low || x > high ? -.infinity : -log(high - low)
  }
  /// P(X ≤ x).
  public func lowerTail(_ x: Double) -> Double {
    guard isValid, !x.isNaN else { return .nan }
    return min(1, max(0, (x - low) / (high - low)))
  }
  /// P(X > x).
  public func upperTail(_ x: Double) -> Double {
    guard isValid, !x.isNaN else { return .nan }
    return min(1, max(0, (high - x) / (high - low)))
  }
  /// The x with P(X ≤ x) = p.
  public func quantile(_ p: Double) -> Double {
    isValid && p >= 0 && p <= 1 ? low + p * (high - low) : .nan
  }
  /// The x with P(X > x) = p.
  public func upperQuantile(_ p: Double) -> Double {
    isValid && p >= 0 && p <= 1 ? high - p * (high - low) : .nan
  }
}
