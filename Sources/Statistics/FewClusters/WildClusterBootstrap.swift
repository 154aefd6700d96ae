internal import Glibc

/// The wild cluster bootstrap of one coefficient's t test, in eight variants.
///
/// Each cluster's residuals are multiplied by one random weight, and the t statistic is computed
/// again. `WCR` imposes the null on the bootstrap's data, `WCU` does not; the first digit is 1 for
/// plain residuals and 3 for those of leaving the cluster out, the second 1 for CR1 and 3 for
/// jackknife standard errors (Cameron, Gelbach & Miller 2008, doi 10.1162/rest.90.3.414; MacKinnon,
/// Nielsen & Webb 2023, doi 10.1002/jae.2969). The statistics of all draws are products with a
/// G × G matrix of scores, and rational functions of the null, so the confidence set is found exactly.
public struct WildClusterBootstrap: Sendable, Equatable {
  /// The variants computed, in this order.
  public var variants: [Variant]
  /// The distribution of the weights; nil chooses by `chosenWeights(clusters:)`.
  public var weights: Weights?
  /// The number of draws; all sign vectors are used instead where they are no more.
  public var draws: Int
  /// The seed of the draws.
  public var seed: UInt64
  /// The coefficient's value under the null hypothesis.
  public var null: Double
  /// The level of the confidence sets.
  public var level: Double
  /// What is multiplied by one weight, a factor finer than the clusters; nil for the clusters.
  public var subclusters: Factor?
  /// Whether confidence sets are computed; without them a test is about twice as fast.
  public var hasConfidenceSets: Bool

  /// A bootstrap.
  public init(
    variants: [Variant] = Variant.all, weights: Weights? = nil, draws: Int = 9999,
    seed: UInt64 = 1, null: Double = 0, level: Double = 0.95, subclusters: Factor? = nil,
    hasConfidenceSets: Bool = true
  ) {
    self.variants = variants
    self.weights = weights
    self.draws = draws
    self.seed = seed
    self.null = null
    self.level = level
    self.subclusters = subclusters
    self.hasConfidenceSets = hasConfidenceSets
  }

  /// How the bootstrap's data and standard errors are made.
  public struct Variant: Sendable, Equatable, Hashable {
    /// Whether the null hypothesis is imposed on the bootstrap's data (WCR) or not (WCU).
    public var isRestricted: Bool
    /// Whether residuals are those of leaving the cluster out (first digit 3) or plain (1).
    public var hasJackknifeResiduals: Bool
    /// Whether standard errors are the jackknife's (second digit 3) or CR1 (1).
    public var hasJackknifeErrors: Bool

    /// A variant from its three choices.
    public init(isRestricted: Bool, jackknifeResiduals: Bool, jackknifeErrors: Bool) {
      self.isRestricted = isRestricted
      hasJackknifeResiduals = jackknifeResiduals
      hasJackknifeErrors = jackknifeErrors
    }

    /// The name, `WCR11` to `WCU33`.
    public var name: String {
      (isRestricted ? "WCR" : "WCU") + (hasJackknifeResiduals ? "3" : "1")
        + (hasJackknifeErrors ? "3" : "1")
    }

    /// `WCR11`, `WCR13`, `WCR31`, `WCR33`, then the same of `WCU`.
    public static let all: [Variant] = [true, false].flatMap { restricted in
      [(false, false), (false, true), (true, false), (true, true)].map {
        Variant(isRestricted: restricted, jackknifeResiduals: $0.0, jackknifeErrors: $0.1)
      }
    }
    /// The classic restricted variant.
    public static let restricted = Variant(
      isRestricted: true, jackknifeResiduals: false, jackknifeErrors: false)
  }

  /// The distribution of the weights, each with mean 0 and variance 1.
  public enum Weights: String, Sendable, CaseIterable {
    /// −1 or 1.
    case rademacher
    /// ±√1.5, ±1 or ±√0.5, for very few clusters (Webb 2023, doi 10.1111/caje.12661).
    case webb
    /// Mammen's two points with third moment 1 (1993, doi 10.1214/aos/1176349025).
    case mammen
  }

  /// The weights used for a number of clusters (or subclusters) unless others are asked for.
  ///
  /// Rademacher weights, but Webb's below eight clusters, where 2^(G − 1) different statistics are
  /// fewer than a hundred.
  public static func chosenWeights(clusters: Int) -> Weights {
    clusters < 8 ? .webb : .rademacher
  }

  /// Statistics within this share of |t| of it count as ties.
  public static let tieTolerance = 1e-10
  /// The most draws, enough for all sign vectors of 21 clusters.
  public static let mostDraws = 2_100_000
  /// The most clusters (or subclusters); with more of them there is no need of a bootstrap.
  public static let mostClusters = 4000

  /// A row for each variant.
  ///
  /// The p-value is the share of draws with |t*| > |t|, ties not counted; the convention gives the
  /// share with |t*| ≥ |t| too. The interval covers the set of null values with a p-value above
  /// 1 − level, ±infinity where the set is unbounded; the note says when it has several pieces.
  /// - Throws: `invalidOption` for no draws, more than `mostDraws`, more clusters than
  ///   `mostClusters`, or a null or level that is no number; `sizeMismatch`, `missingValue`, `badDesign` for subclusters that cross clusters;
  ///   `rankDeficient`, `tooFewObservations`.
  /// - Complexity: O(nK² + GK³) once, then O(G²) a draw and variant.
  public func rows(_ sample: FewClusterSample) throws(SiblingError) -> [FewClusterRow] {
    guard null.isFinite, level > 0, level < 1, (1...Self.mostDraws).contains(draws) else {
      throw SiblingError(
        .invalidOption,
        "The draws must be 1 to \(Self.mostDraws), the null a number, the level between 0 and 1.",
        help: "For example 9999 draws, a null of 0 and a level of 0.95.")
    }
    let regression = try ClusterRegression(sample)
    let parts = try subclusterParts(sample, regression)
    guard parts?.levels.count ?? regression.blocks.count <= Self.mostClusters else {
      throw SiblingError(
        .invalidOption,
        "The wild cluster bootstrap is for up to \(Self.mostClusters) clusters.",
        help: "With so many clusters CR1 or CR2 is enough; or cluster by a coarser unit.")
    }
    let scores = try WildScores(
      regression, place: regression.place(of: sample), subclusters: parts, variants: variants)
    let plan = WildDraws(
      units: parts?.levels.count ?? regression.blocks.count, weights: weights, draws: draws,
      seed: seed)
    let tests = scores.tests
    let statistics = plan.statistics(
      of: tests, shift: null - scores.estimate, areInvertible: hasConfidenceSets)
    return variants.indices.map { index in
      guard let test = tests[index] else {
        return FewClusterRow(
          method: variants[index].name, convention: plan.convention, estimate: scores.estimate,
          note: ClusterRobustTable.alone)
      }
      return row(variants[index], test, statistics[index], plan, scores)
    }
  }

  private func row(
    _ variant: Variant, _ test: WildTest, _ statistics: WildStatistics, _ plan: WildDraws,
    _ scores: WildScores
  ) -> FewClusterRow {
    let count = Double(statistics.count)
    let strict = Double(statistics.exceeding) / count
    let tied = Double(statistics.exceeding + statistics.ties) / count
    let set = statistics.confidenceSet(
      level: level, estimate: scores.estimate, standardError: test.standardError)
    var notes: [String] = []
    if set.count > 1 {
      let pieces = set.map { "\(Self.short($0.low)) to \(Self.short($0.high))" }
      let shown = pieces.prefix(4).joined(separator: ", ") + (pieces.count > 4 ? ", …" : "")
      notes.append("the confidence set has \(set.count) pieces: \(shown)")
    }
    if set.contains(where: { !($0.low.isFinite && $0.high.isFinite) }) {
      notes.append("the confidence set is unbounded: too few clusters carry the term")
    }
    if strict <= 1 - level, tied > 1 - level {
      notes.append("p is below \(Self.short(1 - level)) only because ties are not counted")
    }
    if scores.isAlone {
      notes.append(
        "one cluster alone identifies the term; the bootstrap is known to fail there")
    }
    let kind =
      (variant.hasJackknifeResiduals ? "leave-one-out residuals" : "plain residuals")
      + (variant.hasJackknifeErrors ? ", jackknife errors (G-1)/G" : ", CR1 errors")
    if strict == 0 {
      notes.append("no draw exceeds |t|: read p as below 1/\(statistics.count)")
    }
    var result = FewClusterRow(
      method: variant.name,
      convention: kind + ", " + plan.convention + "; p counts |t*| > |t|, with ties it is "
        + Self.short(tied),
      estimate: scores.estimate, standardError: test.standardError,
      statistic: (scores.estimate - null) / test.standardError, pValue: strict,
      interval: set.first.map { first in
        ConfidenceInterval(low: first.low, high: set.last?.high ?? first.high, level: level)
      },
      note: notes.isEmpty ? nil : notes.joined(separator: "; "))
    result.pValueWithTies = tied
    return result
  }

  /// A number to about six digits.
  static func short(_ value: Double) -> String {
    guard value.isFinite, value != 0 else { return value == 0 ? "0" : "\(value)" }
    let scale = pow(10, 5 - floor(log10(value.magnitude)))
    guard scale.isFinite, scale > 0 else { return "\(value)" }
    let rounded = (value * scale).rounded() / scale
    return rounded == rounded.rounded() && rounded.magnitude < 1e15
      ? "\(Int(rounded))" : "\(rounded)"
  }

  /// The subclusters of the rows used, each within one cluster.
  private func subclusterParts(
    _ sample: FewClusterSample, _ regression: ClusterRegression
  ) throws(SiblingError) -> Factor? {
    guard let subclusters else { return nil }
    guard subclusters.count == sample.rows else {
      throw SiblingError(
        .sizeMismatch,
        "There are \(subclusters.count) subclusters for \(sample.rows) rows of the sample.",
        help: "Give each row of the sample one subcluster.")
    }
    let used = regression.rows.map { subclusters.selecting($0) } ?? subclusters
    if let row = used.codes.firstIndex(where: { $0 < 0 }) {
      throw SiblingError(
        .missingValue, "A row has no subcluster.", help: "Drop rows without one.", row: row)
    }
    let compact = used.droppingUnusedLevels()
    guard ClusterRegression.isNested(compact, in: regression.clusters) else {
      throw SiblingError(
        .badDesign, "A subcluster has rows in more than one cluster.",
        help: "Subclusters must be finer than the clusters.")
    }
    return compact
  }
}
