internal import LinearAlgebra
internal import Statistics
internal import Tables

/// The adjusted difference of a design whose sites were assigned, judged by its sites.
///
/// The weighted difference of means. Its interval holds the differences that exchanging treatment
/// between sites does not reject (the t statistic of CR1 as the measure, MacKinnon and Webb 2020,
/// doi:10.1016/j.jeconom.2020.04.024): exact where the sites' assignment was exchangeable, and in
/// simulated worlds closer to its level than CR2 with Satterthwaite's degrees of freedom, which
/// stands in where there is no such interval. It leads the report when few sites stand behind an
/// effect: the usual interval counts on many and is too narrow then.
struct FewSitesEffect {
  /// The regression of the outcome on treatment.
  let sample: FewClusterSample
  private let treated: [Double]
  private let treatedSites: Int

  /// The difference on the rows of a design that have weight, an outcome and a site; nil where fewer than
  /// two sites are left.
  ///
  /// - Throws: what the regression finds wrong.
  init?(_ design: MatchedSample, outcome: [Double], sites: Factor) throws(SiblingError) {
    let used = design.rows.indices.filter {
      design.weights[$0] > 0 && outcome[design.rows[$0]].isFinite
        && sites.codes[design.rows[$0]] >= 0
    }
    let clusters = sites.selecting(used.map { design.rows[$0] }).droppingUnusedLevels()
    let treated = used.map { design.treated[$0] ? 1.0 : 0 }
    guard clusters.levels.count > 1 else { return nil }
    treatedSites = Set(zip(clusters.codes, treated).filter { $1 == 1 }.map(\.0)).count
    self.treated = treated
    sample = try FewClusterSample(
      outcome: used.map { outcome[design.rows[$0]] },
      design: DesignMatrix(
        matrix: Matrix(columns: [treated.map { _ in 1 }, treated]), names: ["(Intercept)", "ATT"]),
      term: 1, clusters: clusters, weights: used.map { design.weights[$0] })
  }

  /// Whether so few sites stand behind it, in all or in the treated arm, that the usual errors are
  /// too small.
  var isFew: Bool {
    sample.clusterCount < FewClustersPhase.few || treatedSites < FewClustersPhase.fewOfAnArm
  }

  /// The difference with its interval by exchange, or else by CR2; nil where there is neither.
  ///
  /// Of at most `listed` exchanges all are tried, of more as many are drawn from `seed`; with none
  /// CR2 alone is asked, whose standard error can be pooled.
  /// - Throws: `rankDeficient` when one arm is empty.
  func row(
    outcome: String, estimand: String, level: Double, seed: UInt64, listed: Int = 200_000
  ) throws(SiblingError) -> EffectRow? {
    let rows = try ClusterRobustTable(null: 0, level: level).rows(sample)
    guard let robust = rows.first(where: { $0.method == "CR2" }), let value = robust.estimate else {
      return nil
    }
    var exchanged: FewClusterRow?
    if listed > 0 {
      var test = RandomizationInference(level: level, seed: seed)
      test.limit = listed
      test.draws = min(test.draws, listed)
      exchanged = test.rows(sample).first { $0.method == "RI-t" }
    }
    let isBounded =
      exchanged?.interval.map { $0.low.isFinite && $0.high.isFinite } ?? false
    let row = isBounded ? exchanged ?? robust : robust
    guard row.interval != nil else { return nil }
    var effect = EffectRow(
      analysis: "few-sites", estimand: estimand, estimator: "difference", outcome: outcome,
      estimate: Estimate(
        term: estimand, estimate: value, standardError: isBounded ? nil : row.standardError,
        statistic: row.statistic, degreesOfFreedom: row.degreesOfFreedom, pValue: row.pValue,
        interval: row.interval,
        convention: isBounded
          ? "exchange of sites, t; \(row.convention)"
          : "CR2 by site, Satterthwaite degrees of freedom"),
      scale: "difference")
    effect.treated = treated.count { $0 == 1 }
    effect.comparison = treated.count - (effect.treated ?? 0)
    if sample.outcome.allSatisfy({ $0 == 0 || $0 == 1 }) {
      effect.treatedEvents = zip(sample.outcome, treated).count { $0 == 1 && $1 == 1 }
      effect.comparisonEvents = zip(sample.outcome, treated).count { $0 == 1 && $1 == 0 }
    }
    effect.clusters = sample.clusterCount
    return effect
  }
}
