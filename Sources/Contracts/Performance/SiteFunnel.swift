internal import Glibc
public import Statistics

/// Compares sites' rates with each other, allowing for how much chance moves a small site's rate.
///
/// The centre is the overall rate, counts added up over bases added up. Control limits at 95% and
/// 99.8% are those within which a site with the overall rate would fall by chance: exact binomial for
/// proportions, exact Poisson for ratios of a count to a fixed number, interpolated between whole
/// counts. A site outside is one to look at, no more: each site is tested against a rate that it is
/// itself a part of, and one in twenty lies outside 95% limits by chance.
///
/// Where sites differ by more than chance, limits made for chance alone mark too many. The factor φ
/// is the mean square of the sites' z-scores after the outer tenth on either side is drawn in
/// (winsorised, quantiles of type 7); the wider limits stretch the exact ones by √φ where it is above
/// 1, or add a variance between sites τ² (moments, after DerSimonian and Laird) to chance's. With few
/// sites φ is poorly known: see `SiteFunnelResult.dispersionInterval`.
///
/// Spiegelhalter (2005), doi:10.1002/sim.1970; on overdispersion Spiegelhalter (2005),
/// doi:10.1136/qshc.2005.013755.
public struct SiteFunnel: Sendable, Equatable {
  /// How limits are widened where sites differ by more than chance.
  public enum Widening: String, Sendable, CaseIterable {
    /// The distance from the centre times √φ.
    case multiplicative
    /// A variance between sites added to chance's.
    case additive
  }

  /// What a rate is.
  public enum Kind: String, Sendable {
    /// A part of a whole number of people: binomial.
    case proportion
    /// A count over a number taken as fixed, such as a target: Poisson.
    case ratio
  }

  /// How limits are widened.
  public var widening: Widening
  /// The share of z-scores on either side that is drawn in.
  public var winsorised: Double
  /// The level of the sites' own intervals.
  public var level: Double

  /// A comparison with its settings.
  public init(
    widening: Widening = .multiplicative, winsorised: Double = 0.1, level: Double = 0.95
  ) {
    self.widening = widening
    self.winsorised = winsorised
    self.level = level
  }

  /// Compares the sites, in any order.
  ///
  /// - Throws: `badValue` for impossible settings or numbers; `tooFewClusters` for fewer than two
  ///   sites; `dataQuality` for a proportion above 1; `duplicateKey`; `noEvents`.
  public func compare(
    _ sites: [SiteCount], as kind: Kind
  ) throws(SiblingError) -> SiteFunnelResult {
    guard level > 0, level < 1, winsorised >= 0, winsorised < 0.5 else {
      throw SiblingError(
        .badValue, "a funnel plot takes a level between 0 and 1 and a share drawn in below a half")
    }
    try SiteCount.check(sites, isProportion: kind == .proportion)
    let (count, base) = sites.reduce((0, 0.0)) { ($0.0 + $1.count, $0.1 + $1.base) }
    let centre = Double(count) / base
    func variance(_ base: Double) -> Double {
      kind == .proportion ? centre * (1 - centre) / base : centre / base
    }
    let z = sites.map { (Double($0.count) / $0.base - centre) / variance($0.base).squareRoot() }
    let drawnIn = Self.winsorised(z, share: winsorised)
    let number = Double(sites.count)
    let dispersion = drawnIn.reduce(0) { $0 + $1 * $1 } / number
    let weights = sites.map { 1 / variance($0.base) }
    let sum = weights.reduce(0, +)
    let squares = weights.reduce(0) { $0 + $1 * $1 }
    let excess = number * dispersion - (number - 1)
    let between = max(0, excess / (sum - squares / sum))
    let pearson = z.reduce(0) { $0 + $1 * $1 }
    let chance = ChiSquared(degreesOfFreedom: number - 1)
    let tail = (1 - level) / 2
    var result = SiteFunnelResult(
      kind: kind, widening: widening, centre: centre, count: count, base: base,
      dispersion: dispersion,
      dispersionInterval: ConfidenceInterval(
        low: pearson / chance.upperQuantile(tail), high: pearson / chance.quantile(tail),
        level: level), betweenVariance: between, rows: [])
    result.rows = sites.indices.map { place in
      let site = sites[place]
      let rate = Double(site.count) / site.base
      let interval =
        kind == .proportion
        ? ExactInference.proportion(site.count, of: Int(site.base), level: level)
        : scaled(ExactInference.poissonMean(site.count, level: level), by: site.base)
      let limits = result.limits(base: site.base)
      return SiteFunnelResult.Row(
        site: site.site, count: site.count, base: site.base, rate: rate, interval: interval,
        z: z[place], limits: limits,
        position: .init(rate, warning: limits.exact95, alarm: limits.exact998),
        widePosition: .init(rate, warning: limits.wide95, alarm: limits.wide998))
    }
    return result
  }

  private func scaled(_ interval: ConfidenceInterval, by base: Double) -> ConfidenceInterval {
    ConfidenceInterval(low: interval.low / base, high: interval.high / base, level: level)
  }

  /// The values with those beyond the quantiles of a share on either side drawn in to them.
  static func winsorised(_ values: [Double], share: Double) -> [Double] {
    let sorted = values.sorted()
    func quantile(_ p: Double) -> Double {
      let place = p * Double(sorted.count - 1)
      let below = Int(place.rounded(.down))
      let above = min(below + 1, sorted.count - 1)
      return sorted[below] + (place - Double(below)) * (sorted[above] - sorted[below])
    }
    let (low, high) = (quantile(share), quantile(1 - share))
    return values.map { min(max($0, low), high) }
  }
}
