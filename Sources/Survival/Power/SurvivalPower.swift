internal import Glibc
public import Statistics

/// What a comparison of two arms' hazards can find: events, people, hazard ratios, power.
///
/// Information comes from events. With D events of which people in a share p are treated, the
/// variance of the log hazard ratio is about 1/(D p(1 − p)) (Schoenfeld); Freedman's formula rests on
/// the log-rank statistic instead. Sites add to it: by a correlation between people of a site, which
/// inflates the variance by 1 + (m(1 + v²) − 1)·ICC for m people a site whose sizes vary by v, or by
/// hazards that vary between sites with coefficient k, which adds k²/G for the G sites of each arm
/// and does not go away with more events. The test then uses t with two degrees of freedom fewer
/// than sites.
///
/// Schoenfeld (1981), doi:10.1093/biomet/68.1.316; Freedman (1982), doi:10.1002/sim.4780010204;
/// Xie and Waksman (2003), Statistics in Medicine 22, 2835–2846; Hayes and Bennett (1999), doi:10.1093/ije/28.2.319;
/// Eldridge, Ashby and Kerry (2006), doi:10.1093/ije/dyl129.
public struct SurvivalPower: Sendable, Equatable {
  /// The formulas.
  public enum Formula: String, Sendable, CaseIterable {
    /// From the log hazard ratio.
    case schoenfeld = "schoenfeld"
    /// From the log-rank statistic.
    case freedman = "freedman"
  }

  /// Sites that were given the programme or not as a whole.
  public struct Sites: Sendable, Equatable {
    /// Sites with the programme.
    public var treated: Int
    /// Sites without it.
    public var comparison: Int
    /// The correlation between people of a site.
    public var intraclusterCorrelation: Double
    /// The coefficient of variation of hazards between sites of an arm.
    public var hazardVariation: Double
    /// The coefficient of variation of the sites' sizes.
    public var sizeVariation: Double

    /// Sites of two arms.
    public init(
      treated: Int, comparison: Int, intraclusterCorrelation: Double = 0,
      hazardVariation: Double = 0, sizeVariation: Double = 0
    ) {
      self.treated = treated
      self.comparison = comparison
      self.intraclusterCorrelation = intraclusterCorrelation
      self.hazardVariation = hazardVariation
      self.sizeVariation = sizeVariation
    }
  }

  /// The test's two-sided level.
  public var level: Double
  /// The power asked for.
  public var power: Double
  /// The share of people who are treated.
  public var allocation: Double
  /// The formula.
  public var formula: Formula
  /// The sites, when arms were given to sites.
  public var sites: Sites?

  /// A comparison of two equal arms at 5% with power 80%.
  public init(
    level: Double = 0.05, power: Double = 0.8, allocation: Double = 0.5,
    formula: Formula = .schoenfeld, sites: Sites? = nil
  ) {
    self.level = level
    self.power = power
    self.allocation = allocation
    self.formula = formula
    self.sites = sites
  }

  /// Degrees of freedom of the test; nil is normal.
  public var degreesOfFreedom: Double? { sites.map { Double($0.treated + $0.comparison - 2) } }

  /// The smallest p-value that exchanging whole sites between arms can reach.
  ///
  /// - Throws: `too-few-clusters`.
  public func smallestPValue() throws(SiblingError) -> AttainablePValue? {
    guard let sites else { return nil }
    return try AttainablePValue.completeRandomisation(
      treated: sites.treated, clusters: sites.treated + sites.comparison)
  }

  /// The events needed to find a hazard ratio; infinite when no number is enough for so few sites.
  ///
  /// `eventShare` is the share of all people who have the event, which a correlation within sites needs.
  /// - Throws: `bad-value` for settings or a ratio out of range, `too-few-clusters`.
  public func events(
    hazardRatio: Double, eventShare: Double? = nil
  ) throws(SiblingError) -> Double {
    let parts = try parts(hazardRatio)
    let multiple = try multiple()
    let (fixed, correlation) = try between(eventShare: eventShare, scale: parts.scale)
    let room = parts.effect * parts.effect / (multiple * multiple) - fixed
    return room > 0 ? parts.scale * (1 - correlation) / room : .infinity
  }

  /// The power to find a hazard ratio with so many events.
  ///
  /// - Throws: as `events`.
  public func power(
    events: Double, hazardRatio: Double, eventShare: Double? = nil
  ) throws(SiblingError) -> Double {
    let parts = try parts(hazardRatio)
    let error = try standardError(events, eventShare, parts.scale)
    if let degreesOfFreedom {
      let t = StudentT(degreesOfFreedom: degreesOfFreedom)
      return t.lowerTail(parts.effect / error - t.upperQuantile(level / 2))
    }
    let normal = Normal.standard
    return normal.lowerTail(parts.effect / error - normal.upperQuantile(level / 2))
  }

  /// The hazard ratios nearest to one, below and above, that so many events find with the power asked
  /// for; above is infinite, and below zero, where none does.
  ///
  /// - Throws: as `events`.
  public func detectable(
    events: Double, eventShare: Double? = nil
  ) throws(SiblingError) -> (below: Double, above: Double) {
    try check()
    let ratio = allocation / (1 - allocation)
    switch formula {
    case .schoenfeld:
      let error = try standardError(events, eventShare, 1 / (allocation * (1 - allocation)))
      let reach = try multiple() * error
      return (exp(-reach), exp(reach))
    case .freedman:
      let error = try standardError(events, eventShare, 1 / ratio)
      let c = 1 / (try multiple() * error)
      return (Swift.max(0, (c - 1) / (c + ratio)), c > ratio ? (1 + c) / (c - ratio) : .infinity)
    }
  }

  /// The inflation of the variance by the correlation within sites; 1 without sites.
  ///
  /// - Throws: `bad-value`.
  public func designEffect(people: Double) throws(SiblingError) -> Double {
    guard let sites else { return 1 }
    let size = people / Double(sites.treated + sites.comparison)
    let weighted = size * (1 + sites.sizeVariation * sites.sizeVariation)
    return 1 + (weighted - 1) * sites.intraclusterCorrelation
  }
}
