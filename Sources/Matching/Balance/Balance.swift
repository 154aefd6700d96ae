/// How alike the groups are, covariate by covariate, before and after adjustment.
public struct Balance: Sendable, Equatable {
  /// Before or after weighting.
  public enum Stage: String, Sendable, CaseIterable {
    /// All rows, unweighted.
    case unadjusted
    /// Rows with the weights of the match.
    case adjusted
  }

  /// One covariate at one stage.
  public struct Row: Sendable, Equatable {
    /// The covariate; `distance` for the score, `ess` for effective sample sizes.
    public var covariate: String
    /// The level of a factor.
    public var level: String?
    /// Before or after adjustment.
    public var stage: Stage
    /// The weighted mean of the treated; for `ess` their effective sample size.
    public var meanTreated: Double
    /// The weighted mean of the comparisons; for `ess` their effective sample size.
    public var meanComparison: Double
    /// The difference of means over `standardDeviation`; nil when that is zero and they differ.
    public var standardizedMeanDifference: Double?
    /// The variance of the treated over that of the comparisons; nil for binary covariates.
    public var varianceRatio: Double?
    /// The mean distance between the two distribution functions over the distinct values.
    public var meanDistributionDifference: Double?
    /// The greatest distance between the two distribution functions (Kolmogorov–Smirnov).
    public var kolmogorovSmirnov: Double?
    /// The overlap coefficient, the area under both densities: 1 when they are the same.
    public var overlap: Double?
    /// The denominator of the standardised difference, from the unadjusted sample.
    public var standardDeviation: Double?
    /// The positions of the covariates that were given whose product this is: one for a covariate
    /// itself, none for the score and for `ess`.
    public var components: [Int] = []

    /// Whether this is a power or a product rather than a covariate that was given.
    public var isProduct: Bool { components.count > 1 }
  }

  /// What the denominators are, such as `SD of the treated`.
  public var denominator: String
  /// The rows: score, covariates in the order given, powers, products, each before and after; `ess`
  /// last.
  public var rows: [Row]

  /// The greatest |standardised difference| at a stage over all covariates, or nil without any.
  ///
  /// Powers and products of covariates don't count.
  public func worst(_ stage: Stage, includingDistance: Bool = false) -> Double? {
    rows.filter {
      $0.stage == stage && !$0.isProduct
        && (includingDistance || $0.covariate != Balance.distanceName)
    }.compactMap { $0.standardizedMeanDifference?.magnitude }.max()
  }

  /// The rows of a stage without the effective sample sizes.
  public func covariates(_ stage: Stage) -> [Row] {
    rows.filter { $0.stage == stage && $0.covariate != Balance.effectiveSampleSizeName }
  }

  /// The effective sample sizes at a stage.
  public func effectiveSampleSizes(_ stage: Stage) -> (treated: Double, comparison: Double)? {
    rows.first { $0.stage == stage && $0.covariate == Balance.effectiveSampleSizeName }
      .map { ($0.meanTreated, $0.meanComparison) }
  }

  /// The name under which the score stands.
  public static let distanceName = "distance"
  /// The name under which effective sample sizes stand.
  public static let effectiveSampleSizeName = "ess"
}
