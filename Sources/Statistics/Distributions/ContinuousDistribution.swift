/// A continuous distribution with separate functions for each tail.
///
/// `1 - lowerTail(x)` loses small probabilities to cancellation; `upperTail` does not.
public protocol ContinuousDistribution: Sendable {
  /// The density at `x`.
  func density(_ x: Double) -> Double
  /// P(X ≤ x).
  func lowerTail(_ x: Double) -> Double
  /// P(X > x), without cancellation.
  func upperTail(_ x: Double) -> Double
  /// The x with P(X ≤ x) = p.
  func quantile(_ p: Double) -> Double
  /// The x with P(X > x) = p, accurate for small p.
  func upperQuantile(_ p: Double) -> Double
}
