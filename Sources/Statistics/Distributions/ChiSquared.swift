internal import Glibc

/// The χ² distribution.
public struct ChiSquared: ContinuousDistribution, Equatable {
  /// Degrees of freedom, positive.
  public var degreesOfFreedom: Double

  /// A χ² distribution.
  public init(degreesOfFreedom: Double) { self.degreesOfFreedom = degreesOfFreedom }

  private var gamma: Gamma { Gamma(shape: degreesOfFreedom / 2, rate: 0.5) }

  /// The natural logarithm of the density at `x`.
  public func logDensity(_ x: Double) -> Double { gamma.logDensity(x) }
  /// P(X ≤ x).
  public func lowerTail(_ x: Double) -> Double { gamma.lowerTail(x) }
  /// P(X > x).
  public func upperTail(_ x: Double) -> Double { gamma.upperTail(x) }
  /// The x with P(X ≤ x) = p.
  public func quantile(_ p: Double) -> Double { gamma.quantile(p) }
  /// The x with P(X > x) = p.
  public func upperQuantile(_ p: Double) -> Double { gamma.upperQuantile(p) }
}
