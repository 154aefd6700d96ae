public import Statistics

/// Sites' rates with the limits that chance alone would keep them in.
public struct SiteFunnelResult: Sendable, Equatable {
  /// What a rate is.
  public var kind: SiteFunnel.Kind
  /// How the wider limits are made.
  public var widening: SiteFunnel.Widening
  /// The overall rate.
  public var centre: Double
  /// The counts added up, and the bases.
  public var count: Int
  /// The bases added up.
  public var base: Double
  /// φ: the mean square of the winsorised z-scores; about 1 where sites differ by chance only.
  public var dispersion: Double
  /// Where φ without winsorising could lie (scaled χ², approximate): wide with few sites.
  public var dispersionInterval: ConfidenceInterval
  /// τ²: the variance between sites that the φ stands for, on the scale of the rate.
  public var betweenVariance: Double
  /// The sites, as given.
  public var rows: [Row]

  /// A lower and an upper limit.
  public struct Band: Sendable, Equatable {
    /// The limits.
    public var low, high: Double
  }

  /// The limits for one base.
  public struct Limits: Sendable, Equatable {
    /// Those that chance alone keeps 95% and 99.8% of sites in.
    public var exact95, exact998: Band
    /// The same where sites differ by more than chance.
    public var wide95, wide998: Band
  }

  /// Where a site lies.
  public enum Position: String, Sendable, CaseIterable {
    case below998 = "below 99.8%"
    case below95 = "below 95%"
    case inside
    case above95 = "above 95%"
    case above998 = "above 99.8%"

    init(_ rate: Double, warning: Band, alarm: Band) {
      self =
        rate < alarm.low
        ? .below998
        : rate > alarm.high
          ? .above998 : rate < warning.low ? .below95 : rate > warning.high ? .above95 : .inside
    }
  }

  /// One site.
  public struct Row: Sendable, Equatable {
    /// The site.
    public var site: String
    /// Its count.
    public var count: Int
    /// What it is out of.
    public var base: Double
    /// Its rate.
    public var rate: Double
    /// The exact interval of its own rate.
    public var interval: ConfidenceInterval
    /// How many of chance's standard deviations it lies from the centre.
    public var z: Double
    /// The limits at its base.
    public var limits: Limits
    /// Where it lies by the exact limits.
    public var position: Position
    /// Where it lies by the wider ones.
    public var widePosition: Position
  }

  /// The limits for a site with this base, for curves.
  public func limits(base: Double) -> Limits {
    let (exact95, exact998) = (exact(0.025, base), exact(0.001, base))
    return Limits(
      exact95: exact95, exact998: exact998, wide95: wide(exact95, 0.025, base),
      wide998: wide(exact998, 0.001, base))
  }

  private func exact(_ tail: Double, _ base: Double) -> Band {
    switch kind {
    case .proportion:
      let law = Binomial(trials: Int(base.rounded()), probability: centre)
      return Band(
        low: max(0, Self.interpolated(law, tail) / base),
        high: min(1, Self.interpolated(law, 1 - tail) / base))
    case .ratio:
      let law = Poisson(mean: centre * base)
      return Band(
        low: max(0, Self.interpolated(law, tail) / base),
        high: Self.interpolated(law, 1 - tail) / base)
    }
  }

  /// The quantile, moved below its whole number by how far its probability is overshot.
  private static func interpolated(_ law: some DiscreteDistribution, _ p: Double) -> Double {
    let quantile = law.quantile(p)
    let count = Int(quantile)
    let mass = law.mass(count)
    return mass > 0 ? quantile - (law.lowerTail(count) - p) / mass : quantile
  }

  private func wide(_ exact: Band, _ tail: Double, _ base: Double) -> Band {
    let band: Band
    switch widening {
    case .multiplicative:
      let factor = max(1, dispersion).squareRoot()
      band = Band(
        low: centre + (exact.low - centre) * factor, high: centre + (exact.high - centre) * factor)
    case .additive:
      guard betweenVariance > 0 else { return exact }
      let chance = kind == .proportion ? centre * (1 - centre) / base : centre / base
      let reach =
        Normal.standard.upperQuantile(tail) * (chance + betweenVariance).squareRoot()
      band = Band(low: centre - reach, high: centre + reach)
    }
    return Band(
      low: max(0, band.low), high: kind == .proportion ? min(1, band.high) : band.high)
  }
}
