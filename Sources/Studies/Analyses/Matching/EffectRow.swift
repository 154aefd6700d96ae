internal import Matching
internal import Statistics
internal import Tables

/// A row of the report's estimates columns.
struct EffectRow: Sendable {
  var analysis: String
  var estimand: String
  var estimator: String
  var outcome: String
  /// The level of the subgroup; nil for everybody.
  var subgroup: String?
  var estimate: Estimate
  var scale: String
  var treated: Int?
  var comparison: Int?
  var treatedEvents: Int?
  var comparisonEvents: Int?
  var clusters: Int?

  /// The row of a matched or weighted effect.
  init(analysis: String, estimator: String, outcome: String, effect: EffectEstimate) {
    self.init(
      analysis: analysis, estimand: effect.estimate.term, estimator: estimator, outcome: outcome,
      estimate: effect.estimate, scale: effect.scale.rawValue)
    treated = effect.treatedRows
    comparison = effect.comparisonRows
    treatedEvents = effect.treatedEvents
    comparisonEvents = effect.comparisonEvents
    clusters = effect.clusters
  }

  /// A row without counts.
  init(
    analysis: String, estimand: String, estimator: String, outcome: String, estimate: Estimate,
    scale: String
  ) {
    self.analysis = analysis
    self.estimand = estimand
    self.estimator = estimator
    self.outcome = outcome
    self.estimate = estimate
    self.scale = scale
  }

  /// The report's estimates columns.
  static func columns(_ rows: [EffectRow], level: Double) -> [Column] {
    [
      .texts("analysis", rows.map(\.analysis)), .texts("estimand", rows.map(\.estimand)),
      .texts("estimator", rows.map(\.estimator)), .texts("outcome", rows.map(\.outcome)),
      .texts("subgroup", rows.map(\.subgroup)), .texts("term", rows.map(\.estimate.term)),
      .numbers("estimate", rows.map(\.estimate.estimate)),
      .numbers("std.error", rows.map(\.estimate.standardError)),
      .numbers("statistic", rows.map(\.estimate.statistic)),
      .numbers("df", rows.map(\.estimate.degreesOfFreedom)),
      .numbers("p.value", rows.map(\.estimate.pValue)),
      .numbers("conf.low", rows.map(\.estimate.interval?.low)),
      .numbers("conf.high", rows.map(\.estimate.interval?.high)),
      .numbers("conf.level", rows.map { _ in level }), .texts("scale", rows.map(\.scale)),
      .integers("n_treated", rows.map(\.treated)),
      .integers("n_comparison", rows.map(\.comparison)),
      .integers("events_treated", rows.map(\.treatedEvents)),
      .integers("events_comparison", rows.map(\.comparisonEvents)),
      .texts("se_type", rows.map(\.estimate.convention)),
      .integers("n_clusters", rows.map(\.clusters)),
      .texts("gate", rows.map { _ in "NOT EVALUATED" }),
    ]
  }
}
