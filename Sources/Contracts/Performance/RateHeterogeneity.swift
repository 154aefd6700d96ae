internal import Glibc
public import Statistics

/// Whether sites' proportions differ by more than chance, by how much, and what a new site's may be.
///
/// Pearson's χ² compares the sites. Its p-value is exact, over every table with these margins, where
/// there are few enough tables; by random tables with these margins where there are too many and an
/// expected count is below 5; else from the χ² distribution.
///
/// How far apart true rates lie is estimated on the logit scale with the variance between sites τ² of
/// DerSimonian and Laird; τ²'s interval is the Q profile's. The mean has Hartung and Knapp's interval
/// (t with sites − 1 degrees of freedom, never narrower than the unadjusted one), and the prediction
/// interval for the rate of another such site is Higgins's (t with sites − 2). Where a site has nothing
/// or everything, a half is added to every cell for these; the test is not touched. All rest on the
/// sites being a sample of like sites, and with four or five of them on very little.
///
/// DerSimonian and Laird (1986), doi:10.1016/0197-2456(86)90046-2; Hartung and Knapp (2001),
/// doi:10.1002/sim.1009; Higgins, Thompson and Spiegelhalter (2009),
/// doi:10.1111/j.1467-985X.2008.00552.x; Viechtbauer (2007), doi:10.1002/sim.2514.
public struct RateHeterogeneity: Sendable, Equatable {
  /// The confidence level.
  public var level: Double
  /// The number of random tables.
  public var draws: Int
  /// The seed of their stream.
  public var seed: UInt64
  /// The most tables that are enumerated.
  public var mostTables: Int

  /// A comparison with its settings.
  public init(
    level: Double = 0.95, draws: Int = 9999, seed: UInt64 = 1, mostTables: Int = 200_000
  ) {
    self.level = level
    self.draws = draws
    self.seed = seed
    self.mostTables = mostTables
  }

  /// Where a p-value comes from.
  public enum Method: String, Sendable {
    /// All tables with the margins.
    case exact
    /// Random tables with the margins.
    case monteCarlo = "monte-carlo"
    /// The χ² distribution.
    case chiSquared = "chi-squared"
  }

  /// What was found.
  public struct Result: Sendable, Equatable {
    /// The number of sites.
    public var sites: Int
    /// The counts added up, and what they are out of.
    public var count, total: Int
    /// Pearson's χ² with its degrees of freedom.
    public var statistic, degreesOfFreedom: Double
    /// The p-value, and where it comes from.
    public var pValue: Double
    /// Where the p-value comes from.
    public var method: Method
    /// The p-value of the χ² distribution, whatever `method` is.
    public var chiSquaredPValue: Double
    /// The smallest expected count of a cell.
    public var smallestExpected: Double
    /// The mean rate of such sites, with Hartung and Knapp's interval.
    public var mean: Double
    /// The interval of the mean.
    public var meanInterval: ConfidenceInterval
    /// The variance between sites on the logit scale.
    public var betweenVariance: Double
    /// Its interval; the upper limit is infinite where the sites set none.
    public var betweenInterval: ConfidenceInterval
    /// The share of the sites' differences that is not chance, 0–1.
    public var inconsistency: Double
    /// Where the rate of another such site may lie; nil with fewer than three sites.
    public var prediction: ConfidenceInterval?
    /// Whether a half was added to every cell for the logits.
    public var isCorrected: Bool
  }

  /// Compares the sites, in any order.
  ///
  /// - Throws: `badValue`, `tooFewClusters`, `duplicateKey`, `noEvents`; `dataQuality` for a count above
  ///   what it is out of: such counts are not nested and have no rate.
  public func compare(_ sites: [SiteCount]) throws(SiblingError) -> Result {
    guard level > 0, level < 1, draws > 0, mostTables >= 0 else {
      throw SiblingError(.badValue, "the settings of a comparison of rates are out of range")
    }
    try SiteCount.check(sites, isProportion: true)
    let table = MarginTable(sites)
    let degrees = Double(sites.count - 1)
    let asymptotic = ChiSquared(degreesOfFreedom: degrees).upperTail(table.statistic)
    var (pValue, method) = (asymptotic, Method.chiSquared)
    if let exact = table.exactPValue(most: mostTables) {
      (pValue, method) = (exact, .exact)
    } else if table.smallestExpected < 5 {
      pValue = table.randomPValue(draws: draws, seed: seed)
      method = .monteCarlo
    }
    let isCorrected = sites.contains { $0.count == 0 || Double($0.count) == $0.base }
    let half = isCorrected ? 0.5 : 0
    let logits = LogitSites(
      values: sites.map { log((Double($0.count) + half) / ($0.base - Double($0.count) + half)) },
      variances: sites.map {
        1 / (Double($0.count) + half) + 1 / ($0.base - Double($0.count) + half)
      })
    let pooled = logits.pooled(level: level)
    func rate(_ logit: Double) -> Double { 1 / (1 + exp(-logit)) }
    func rates(_ interval: ConfidenceInterval) -> ConfidenceInterval {
      ConfidenceInterval(low: rate(interval.low), high: rate(interval.high), level: level)
    }
    return Result(
      sites: sites.count, count: table.count, total: table.total, statistic: table.statistic,
      degreesOfFreedom: degrees, pValue: pValue, method: method, chiSquaredPValue: asymptotic,
      smallestExpected: table.smallestExpected, mean: rate(pooled.mean),
      meanInterval: rates(pooled.interval), betweenVariance: pooled.between,
      betweenInterval: logits.profile(level: level), inconsistency: pooled.inconsistency,
      prediction: pooled.prediction.map(rates), isCorrected: isCorrected)
  }
}
