/// Where a threshold's statistic ranks among those at thresholds that nobody pays for.
///
/// The p-value is (1 + placebos at least as extreme) / (1 + placebos). It is exact when thresholds are
/// exchangeable under no bunching, and never below 1/(1 + placebos).
public struct PlaceboRank: Sendable, Equatable {
  /// The statistic at the threshold.
  public let statistic: Double
  /// The placebos' statistics, those that could be had.
  public let placebos: [Double]
  /// 1 when no placebo's statistic is as high.
  public let rank: Int
  /// One-sided, for a high statistic.
  public let excessPValue: Double
  /// Two-sided, by size.
  public let pValue: Double

  /// The rank of a statistic; nil when it or every placebo's is not a number.
  public init?(statistic: Double, placebos: [Double]) {
    let known = placebos.filter { !$0.isNaN }
    guard !statistic.isNaN, !known.isEmpty else { return nil }
    self.statistic = statistic
    self.placebos = known
    let higher = known.count { $0 >= statistic }
    rank = 1 + higher
    excessPValue = Double(1 + higher) / Double(1 + known.count)
    let extreme = known.count { $0.magnitude >= statistic.magnitude }
    pValue = Double(1 + extreme) / Double(1 + known.count)
  }
}
