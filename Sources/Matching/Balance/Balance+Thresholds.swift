/// What counts as balanced.
public struct BalanceThresholds: Sendable, Equatable {
  /// The greatest |standardised mean difference|; nil asks for none.
  public var standardizedMeanDifference: Double?
  /// The greatest variance ratio, its inverse being the least; nil asks for none.
  public var varianceRatio: Double?
  /// The greatest Kolmogorov–Smirnov distance; nil asks for none.
  public var kolmogorovSmirnov: Double?

  /// A statistic with a threshold.
  public enum Statistic: Sendable, CaseIterable {
    /// The standardised mean difference.
    case standardizedMeanDifference
    /// The variance ratio.
    case varianceRatio
    /// The Kolmogorov–Smirnov distance.
    case kolmogorovSmirnov
  }

  /// Thresholds of the statistics that are to be judged.
  public init(
    standardizedMeanDifference: Double? = nil, varianceRatio: Double? = nil,
    kolmogorovSmirnov: Double? = nil
  ) {
    self.standardizedMeanDifference = standardizedMeanDifference
    self.varianceRatio = varianceRatio
    self.kolmogorovSmirnov = kolmogorovSmirnov
  }

  /// The statistics that have a threshold.
  public var judged: [Statistic] { Statistic.allCases.filter { threshold($0) != nil } }

  /// The threshold of a statistic, or nil.
  public func threshold(_ statistic: Statistic) -> Double? {
    switch statistic {
    case .standardizedMeanDifference: standardizedMeanDifference
    case .varianceRatio: varianceRatio
    case .kolmogorovSmirnov: kolmogorovSmirnov
    }
  }

  /// Whether a row is balanced; nil without a threshold, or where the statistic does not exist.
  ///
  /// Means that differ although their denominator is zero differ by more than any threshold.
  public func isBalanced(_ row: Balance.Row, _ statistic: Statistic) -> Bool? {
    guard row.covariate != Balance.effectiveSampleSizeName, let limit = threshold(statistic)
    else { return nil }
    switch statistic {
    case .standardizedMeanDifference:
      guard let difference = row.standardizedMeanDifference else {
        return row.standardDeviation == 0 ? false : nil
      }
      return difference.magnitude <= limit
    case .varianceRatio:
      return row.varianceRatio.map { $0 <= limit && $0 * limit >= 1 }
    case .kolmogorovSmirnov: return row.kolmogorovSmirnov.map { $0 <= limit }
    }
  }
}

extension Balance {
  /// How many rows of a stage exceed the threshold of a statistic, and how many were judged.
  ///
  /// The score does not count, for it is no covariate.
  public func exceeding(
    _ statistic: BalanceThresholds.Statistic, of thresholds: BalanceThresholds, _ stage: Stage
  ) -> (exceeding: Int, judged: Int) {
    let verdicts = covariates(stage).filter { $0.covariate != Balance.distanceName }
      .compactMap { thresholds.isBalanced($0, statistic) }
    return (verdicts.count { !$0 }, verdicts.count)
  }
}
