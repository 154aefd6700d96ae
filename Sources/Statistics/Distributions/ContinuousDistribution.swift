internal import Glibc

/// A continuous distribution with separate functions for each tail.
///
/// `1 - lowerTail(x)` loses small probabilities to cancellation; `upperTail` does not. Parameters
/// outside their range give NaN everywhere, and so do probabilities outside [0, 1]; the
/// probabilities 0 and 1 give the ends of the support.
public protocol ContinuousDistribution: Sendable {
  /// The density at `x`.
  func density(_ x: Double) -> Double
  /// The natural logarithm of the density at `x`, finite where the density underflows.
  func logDensity(_ x: Double) -> Double
  /// P(X ≤ x).
  func lowerTail(_ x: Double) -> Double
  /// P(X > x), without cancellation.
  func upperTail(_ x: Double) -> Double
  /// The x with P(X ≤ x) = p.
  func quantile(_ p: Double) -> Double
  /// The x with P(X > x) = p, accurate for small p.
  func upperQuantile(_ p: Double) -> Double
}

extension ContinuousDistribution {
  /// The density at `x`.
  public func density(_ x: Double) -> Double { exp(logDensity(x)) }
}
