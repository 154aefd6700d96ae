internal import Engines
internal import Glibc
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
  private let people: (treated: Int, comparison: Int)
  /// Those whose outcome is 1, where every outcome is 0 or 1.
  private let events: (treated: Int, comparison: Int)?
  private let treatedSites: Int
  /// Whether the sample's rows are sites and not people: CR2 needs people then.
  private let isBySite: Bool

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
    isBySite = false
    sample = try FewClusterSample(
      outcome: used.map { outcome[design.rows[$0]] },
      design: DesignMatrix(
        matrix: Matrix(columns: [treated.map { _ in 1 }, treated]), names: ["(Intercept)", "ATT"]),
      term: 1, clusters: clusters, weights: used.map { design.weights[$0] })
    let number = treated.count { $0 == 1 }
    people = (number, treated.count - number)
    let pairs = zip(sample.outcome, treated)
    events =
      sample.outcome.allSatisfy { $0 == 0 || $0 == 1 }
      ? (pairs.count { $0 == 1 && $1 == 1 }, pairs.count { $0 == 1 && $1 == 0 }) : nil
  }

  /// The difference from sums by site; nil where fewer than two sites are left.
  ///
  /// Where whole sites were treated their people's weighted means and weights tell all that exchanging treatment
  /// between them needs: coefficients are the same, and t statistics but for a factor that all exchanges share.
  /// - Throws: `badDesign` where a site has both arms; what the regression finds wrong.
  init?(_ sums: [EngineEffect.ClusterSums], isBinary: Bool) throws(SiblingError) {
    let used = sums.filter { $0.weight > 0 }
    guard Set(used.map(\.name)).count == used.count else {
      throw SiblingError(
        .badDesign, "a site has both treated and comparison rows, so sites can't be exchanged")
    }
    guard used.count > 1 else { return nil }
    let treated = used.map { $0.isTreated ? 1.0 : 0 }
    treatedSites = treated.count { $0 == 1 }
    isBySite = true
    sample = try FewClusterSample(
      outcome: used.map { $0.outcome / $0.weight },
      design: DesignMatrix(
        matrix: Matrix(columns: [treated.map { _ in 1 }, treated]), names: ["(Intercept)", "ATT"]),
      term: 1, clusters: Factor(used.map { Optional($0.name) }), weights: used.map(\.weight))
    func count(_ isTreated: Bool, _ number: (EngineEffect.ClusterSums) -> Int) -> Int {
      used.filter { $0.isTreated == isTreated }.reduce(0) { $0 + number($1) }
    }
    people = (count(true) { $0.people }, count(false) { $0.people })
    events = isBinary ? (count(true) { $0.events }, count(false) { $0.events }) : nil
  }

  /// What takes a t statistic of the sample to that of its people: CR1 counts rows.
  private var perPerson: Double {
    guard isBySite, sample.rows > 2 else { return 1 }
    func share(_ rows: Int) -> Double { Double(rows - 1) / Double(rows - 2) }
    return sqrt(share(sample.rows) / share(people.treated + people.comparison))
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
    var robust: FewClusterRow?
    if !isBySite {
      robust = try ClusterRobustTable(null: 0, level: level).rows(sample)
        .first { $0.method == "CR2" }
      guard robust != nil else { return nil }
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
    guard let row = isBounded ? exchanged ?? robust : robust, row.interval != nil,
      let value = (robust ?? row).estimate
    else { return nil }
    var effect = EffectRow(
      analysis: "few-sites", estimand: estimand, estimator: "difference", outcome: outcome,
      estimate: Estimate(
        term: estimand, estimate: value, standardError: isBounded ? nil : row.standardError,
        statistic: row.statistic.map { $0 * perPerson }, degreesOfFreedom: row.degreesOfFreedom,
        pValue: row.pValue,
        interval: row.interval,
        convention: isBounded
          ? "exchange of sites, t; \(row.convention)"
          : "CR2 by site, Satterthwaite degrees of freedom"),
      scale: "difference")
    (effect.treated, effect.comparison) = people
    (effect.treatedEvents, effect.comparisonEvents) = (events?.treated, events?.comparison)
    effect.clusters = sample.clusterCount
    return effect
  }
}
