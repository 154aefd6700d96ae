internal import Glibc

/// The log-normal distribution: log X is normal.
public struct LogNormal: ContinuousDistribution, Equatable {
  /// The mean of log X.
  public var meanLog: Double
  /// The standard deviation of log X, positive.
  public var standardDeviationLog: Double

  /// A log-normal distribution by the mean and standard deviation of the logarithm.
  public init(meanLog: Double = 0, standardDeviationLog: Double = 1) {
    self.meanLog = meanLog
    self.standardDeviationLog = standardDeviationLog
  }

  private var normal: Normal { Normal(mean: meanLog, standardDeviation: standardDeviationLog) }

  /// The natural logarithm of the density at `x`.
  public func logDensity(_ x: Double) -> Double {
    guard standardDeviationLog > 0, !x.isNaN else { return .nan }
    return x <= 0 ? -.infinity : normal.logDensity(log(x)) - log(x)
  }
  /// P(X ≤ x).
  public func lowerTail(_ x: Double) -> Double {
    normal.lowerTail(x > 0 ? log(x) : x.isNaN ? x : -.infinity)
  }
  /// P(X > x).
  public func upperTail(_ x: Double) -> Double {
    normal.upperTail(x > 0 ? log(x) : x.isNaN ? x : -.infinity)
  }
  /// The x with P(X ≤ x) = p.
  public func quantile(_ p: Double) -> Double { exp(normal.quantile(p)) }
  /// The x with P(X > x) = p.
  public func upperQuantile(_ p: Double) -> Double { exp(normal.upperQuantile(p)) }
}
