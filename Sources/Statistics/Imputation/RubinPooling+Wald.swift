public import LinearAlgebra

extension RubinPooling {
  /// Tests that several coefficients of imputed copies are all zero: the pooled Wald test D1.
  ///
  /// Li, K. H., Raghunathan, T. E. and Rubin, D. B. (1991),
  /// https://doi.org/10.1080/01621459.1991.10475152; with the complete data's degrees of freedom the
  /// denominator has those of Reiter, J. P. (2007), https://doi.org/10.1093/biomet/asm028. It takes
  /// the share of missing information to be the same for every coefficient.
  ///
  /// - Parameters:
  ///   - estimates: for each imputation the coefficients.
  ///   - covariances: for each imputation their covariance.
  /// - Returns: the F statistic with its degrees of freedom.
  /// - Throws: `tooFewObservations` for fewer than two imputations, `sizeMismatch`, `badValue` for
  ///   numbers that are not finite, `rankDeficient` for a covariance that can't be inverted.
  public func wald(
    estimates: [[Double]], covariances: [Matrix]
  ) throws(SiblingError) -> PooledWald {
    let count = estimates.count
    let k = estimates.first?.count ?? 0
    guard count > 1 else {
      throw SiblingError(.tooFewObservations, "pooling needs two imputations or more")
    }
    guard k > 0, covariances.count == count, estimates.allSatisfy({ $0.count == k }),
      covariances.allSatisfy({ $0.rows == k && $0.columns == k })
    else {
      throw SiblingError(.sizeMismatch, "coefficients and covariances differ in size")
    }
    guard estimates.allSatisfy({ $0.allSatisfy(\.isFinite) }),
      covariances.allSatisfy({ $0.storage.allSatisfy(\.isFinite) })
    else {
      throw SiblingError(.badValue, "an imputation has no finite estimate or covariance")
    }
    let m = Double(count)
    let mean = (0..<k).map { j in estimates.reduce(0) { $0 + $1[j] } / m }
    var within = Matrix(rows: k, columns: k)
    var between = Matrix(rows: k, columns: k)
    for (estimate, covariance) in zip(estimates, covariances) {
      for j in 0..<k {
        for i in 0..<k {
          within[i, j] += covariance[i, j] / m
          between[i, j] += (estimate[i] - mean[i]) * (estimate[j] - mean[j]) / (m - 1)
        }
      }
    }
    let factor: Cholesky
    do {
      factor = try Cholesky(within)
    } catch {
      throw SiblingError(
        .rankDeficient, "the coefficients' mean covariance can't be inverted",
        help: "test fewer coefficients at once")
    }
    let size = Double(k)
    let increase = (1 + 1 / m) * factor.solve(between).diagonal.reduce(0, +) / size
    let form = zip(mean, factor.solve(mean)).reduce(0) { $0 + $1.0 * $1.1 }
    let statistic = form / (size * (1 + increase))
    let denominator = Self.denominator(
      restrictions: size, imputations: m, increase: increase,
      complete: completeDegreesOfFreedom)
    let tail =
      denominator.isFinite
      ? FDistribution(numerator: size, denominator: denominator).upperTail(statistic)
      : ChiSquared(degreesOfFreedom: size).upperTail(statistic * size)
    return PooledWald(
      statistic: statistic, numerator: size, denominator: denominator, pValue: tail,
      relativeIncrease: increase, imputations: count)
  }

  private static func denominator(
    restrictions k: Double, imputations m: Double, increase r: Double, complete: Double?
  ) -> Double {
    let t = k * (m - 1)
    guard let complete, complete.isFinite, t > 4 else {
      guard r > 0 else { return complete ?? .infinity }
      let root = t > 4 ? 1 + (1 - 2 / t) / r : 1 + 1 / r
      return t > 4 ? 4 + (t - 4) * root * root : t * (1 + 1 / k) * root * root / 2
    }
    let a = r * t / (t - 2)
    let observed = (complete + 1) / (complete + 3) * complete
    let c0 = 1 / (t - 4)
    let c1 = observed - 2 * (1 + a)
    let c2 = observed - 4 * (1 + a)
    let b = 1 + a
    let terms = [
      a * a * c1 / (b * b * c2), 8 * a * a * c1 / (b * c2 * c2), 4 * a * a / (b * c2),
      4 * a * a / (c2 * c1), 16 * a * a * c1 / (c2 * c2 * c2), 8 * a * a / (c2 * c2),
    ]
    return 4 + 1 / (1 / c2 + c0 * terms.reduce(0, +))
  }
}

/// A pooled test of several coefficients.
public struct PooledWald: Sendable, Equatable {
  /// The F statistic.
  public var statistic: Double
  /// Restrictions tested.
  public var numerator: Double
  /// Degrees of freedom of the denominator; infinite where nothing was missing.
  public var denominator: Double
  /// P(F > statistic).
  public var pValue: Double
  /// The mean relative increase in variance due to nonresponse.
  public var relativeIncrease: Double
  /// The number of imputations.
  public var imputations: Int
}
