internal import Glibc
internal import Statistics

extension SurvivalPower {
  /// The effect on the formula's scale, and its variance times the number of events.
  func parts(_ hazardRatio: Double) throws(SiblingError) -> (effect: Double, scale: Double) {
    try check()
    guard hazardRatio > 0, hazardRatio != 1, hazardRatio.isFinite else {
      throw SiblingError(
        .badValue, "a hazard ratio must be positive and not 1", help: "such as 0.7")
    }
    switch formula {
    case .schoenfeld: return (log(hazardRatio).magnitude, 1 / (allocation * (1 - allocation)))
    case .freedman:
      let ratio = allocation / (1 - allocation)
      return (((1 - hazardRatio) / (1 + ratio * hazardRatio)).magnitude, 1 / ratio)
    }
  }

  func multiple() throws(SiblingError) -> Double {
    try MinimumDetectableEffect(level: level, power: power).multiple(
      degreesOfFreedom: degreesOfFreedom)
  }

  func standardError(
    _ events: Double, _ eventShare: Double?, _ scale: Double
  ) throws(SiblingError) -> Double {
    guard events > 0, events.isFinite else {
      throw SiblingError(.badValue, "the number of events must be positive")
    }
    let (fixed, correlation) = try between(eventShare: eventShare, scale: scale)
    return (scale * (1 - correlation) / events + fixed).squareRoot()
  }

  /// The part of the variance that more events don't lower, and the correlation within sites.
  ///
  /// With D events among D/e people in G sites, scale/D × (1 + (m f − 1)ρ) is
  /// scale (1 − ρ)/D + scale f ρ/(e G).
  func between(
    eventShare: Double?, scale: Double
  ) throws(SiblingError) -> (fixed: Double, correlation: Double) {
    guard let sites else { return (0, 0) }
    let k = sites.hazardVariation
    var fixed = k * k * (1 / Double(sites.treated) + 1 / Double(sites.comparison))
    let rho = sites.intraclusterCorrelation
    if rho > 0 {
      guard let eventShare, eventShare > 0, eventShare <= 1 else {
        throw SiblingError(
          .badValue, "a correlation within sites needs the share of people who have the event")
      }
      let factor = 1 + sites.sizeVariation * sites.sizeVariation
      fixed += scale * factor * rho / (eventShare * Double(sites.treated + sites.comparison))
    }
    return (fixed, rho)
  }

  func check() throws(SiblingError) {
    guard allocation > 0, allocation < 1 else {
      throw SiblingError(.badValue, "the share treated must lie between 0 and 1")
    }
    guard level > 0, level < 1, power > level / 2, power < 1 else {
      throw SiblingError(.badValue, "a test's level and power must lie between 0 and 1")
    }
    guard let sites else { return }
    guard sites.treated > 0, sites.comparison > 0, sites.treated + sites.comparison > 2 else {
      throw SiblingError(
        .tooFewClusters, "each arm needs a site, and both together three",
        help: "with one site an arm, what the programme does and what the sites are can't be told"
          + " apart")
    }
    guard (0..<1).contains(sites.intraclusterCorrelation), sites.hazardVariation >= 0,
      sites.hazardVariation.isFinite, sites.sizeVariation >= 0, sites.sizeVariation.isFinite
    else {
      throw SiblingError(
        .badValue, "a correlation lies between 0 and 1, and coefficients of variation from 0 up")
    }
    guard formula == .schoenfeld || sites.hazardVariation == 0 else {
      throw SiblingError(
        .badValue, "hazards that vary between sites go with Schoenfeld's formula only")
    }
  }
}
