/// Pools the estimates from several imputed copies of one data set.
///
/// Rubin, D. B. (1987), "Multiple Imputation for Nonresponse in Surveys",
/// https://doi.org/10.1002/9780470316696: the pooled estimate is the mean Q̄, its variance
/// T = Ū + (1 + 1/m)B, with Ū the mean of the variances and B the variance of the estimates. Degrees
/// of freedom are those of Barnard, J. and Rubin, D. B. (1999),
/// https://doi.org/10.1093/biomet/86.4.948, when the complete data's are known, and Rubin's (m − 1)
/// (1 + 1/r)² when they are infinite.
public struct RubinPooling: Sendable, Equatable {
  /// The confidence level.
  public var level: Double
  /// The degrees of freedom that the analysis of complete data has; nil for the normal distribution.
  public var completeDegreesOfFreedom: Double?

  /// A pooling rule.
  public init(level: Double = 0.95, completeDegreesOfFreedom: Double? = nil) {
    self.level = level
    self.completeDegreesOfFreedom = completeDegreesOfFreedom
  }

  /// Pools m estimates, on a scale where they are about normal (ratios as logarithms).
  ///
  /// - Throws: `tooFewObservations` for fewer than two imputations, `sizeMismatch`, `badValue` for
  ///   an estimate that is not finite or a variance that is negative or not finite, `invalidOption`
  ///   for a level outside (0, 1) or degrees of freedom that are not positive.
  public func pool(
    estimates: [Double], variances: [Double]
  ) throws(SiblingError) -> PooledEstimate {
    guard estimates.count == variances.count else {
      throw SiblingError(
        .sizeMismatch, "there are \(estimates.count) estimates but \(variances.count) variances")
    }
    let count = estimates.count
    guard count > 1 else {
      throw SiblingError(
        .tooFewObservations, "pooling needs two imputations or more",
        help: "With one copy of the data, the uncertainty of imputing can't be seen.")
    }
    guard estimates.allSatisfy(\.isFinite), variances.allSatisfy({ $0 >= 0 && $0.isFinite }) else {
      throw SiblingError(
        .badValue, "an imputation has no finite estimate or standard error",
        help: "Look at that imputation alone.")
    }
    guard level > 0, level < 1, completeDegreesOfFreedom.map({ $0 > 0 }) ?? true else {
      throw SiblingError(
        .invalidOption, "pooling needs a level between 0 and 1 and positive degrees of freedom")
    }
    let m = Double(count)
    // Equal estimates have no variance between them; that of a rounded mean would be a trace of one.
    let isOne = estimates.allSatisfy { $0 == estimates[0] }
    let mean = isOne ? estimates[0] : estimates.reduce(0, +) / m
    let within = variances.reduce(0, +) / m
    let between = estimates.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (m - 1)
    let added = (1 + 1 / m) * between
    let total = within + added
    let riv = added > 0 ? added / within : 0
    let lambda = total > 0 ? added / total : 0
    let degrees = degreesOfFreedom(imputations: m, lambda: lambda)
    // The share of information lost, with the finite number of imputations counted (Rubin 1987).
    let lost = degrees.map { (riv + 2 / ($0 + 3)) / (riv + 1) } ?? lambda
    return PooledEstimate(
      estimate: mean, withinVariance: within, betweenVariance: between, totalVariance: total,
      degreesOfFreedom: degrees, fractionMissing: riv.isFinite ? lost : 1,
      relativeIncrease: riv, imputations: count, level: level)
  }

  /// Nil where the reference distribution is normal.
  private func degreesOfFreedom(imputations m: Double, lambda: Double) -> Double? {
    let old = lambda > 0 ? (m - 1) / (lambda * lambda) : nil
    guard let complete = completeDegreesOfFreedom else { return old }
    let observed = (complete + 1) / (complete + 3) * complete * (1 - lambda)
    guard let old else { return observed }
    return observed > 0 ? old * observed / (old + observed) : old
  }
}

/// A pooled estimate with its parts.
public struct PooledEstimate: Sendable, Equatable {
  /// Q̄, the mean of the estimates.
  public var estimate: Double
  /// Ū, the mean of the variances.
  public var withinVariance: Double
  /// B, the variance of the estimates.
  public var betweenVariance: Double
  /// T = Ū + (1 + 1/m)B.
  public var totalVariance: Double
  /// Degrees of freedom of the t distribution; nil means normal.
  public var degreesOfFreedom: Double?
  /// The fraction of missing information.
  public var fractionMissing: Double
  /// The relative increase in variance due to nonresponse, (1 + 1/m)B/Ū.
  public var relativeIncrease: Double
  /// The number of imputations.
  public var imputations: Int
  /// The confidence level.
  public var level: Double

  /// √T.
  public var standardError: Double { totalVariance.squareRoot() }

  /// The pooled estimate as a row, with its test and interval.
  public func row(term: String, convention: String) -> Estimate {
    Estimate(
      term: term, estimate: estimate, standardError: standardError,
      degreesOfFreedom: degreesOfFreedom, level: level, convention: convention)
  }
}
