public import LinearAlgebra
public import Statistics

extension EffectEstimate {
  /// The effect of two means whose covariance is known, as estimators from sums have it.
  ///
  /// `covariance` is 2 × 2, the treated mean first. `events` has the rows of each group whose binary outcome is
  /// 1; nil for other outcomes. Few clusters are noted.
  /// - Throws: `badValue` where a ratio is not defined.
  public init(
    means: (treated: Double, comparison: Double), covariance: Matrix,
    scale: MatchedEffect.Scale, level: Double, estimand: Estimand, method: EffectMethod,
    rows: (treated: Int, comparison: Int), events: (treated: Int, comparison: Int)?,
    clusters: Int?, convention: String, notes: [String]
  ) throws(SiblingError) {
    let few = InfluenceVariance.note(clusters: clusters)
    let means = PotentialMeans(
      treated: means.treated, comparison: means.comparison, covariance: covariance,
      influence: nil, clusters: clusters, convention: convention,
      notes: notes + [few].compactMap { $0 })
    let isMatched = method == .difference || method == .gComputation
    if let events, scale != .difference, isMatched {
      try Self.refuseEmpty(events.treated, of: rows.treated, "treated", scale)
      try Self.refuseEmpty(events.comparison, of: rows.comparison, "comparison", scale)
    }
    let contrast = MeanContrast(scale: scale, level: level)
    let value = try contrast.value(means)
    self.init(
      estimate: contrast.estimate(value, estimand: estimand, convention: convention),
      scale: scale, method: method, population: estimand.rawValue,
      meanTreated: means.treated, meanComparison: means.comparison, treatedRows: rows.treated,
      comparisonRows: rows.comparison, treatedEvents: events?.treated,
      comparisonEvents: events?.comparison, clusters: clusters, influence: nil,
      notes: means.notes)
  }

  private static func refuseEmpty(
    _ events: Int, of rows: Int, _ group: String, _ scale: MatchedEffect.Scale
  ) throws(SiblingError) {
    guard events == 0 || (scale == .oddsRatio && events == rows) else { return }
    throw SiblingError(
      .badValue,
      "\(events == 0 ? "no" : "every") \(group) row has the outcome, so a ratio can't be"
        + " estimated",
      help: "Ask for the difference instead.", column: "outcome")
  }
}
