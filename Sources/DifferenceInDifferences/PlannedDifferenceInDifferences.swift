public import Statistics

/// What a planned difference in differences of whole sites can find, before any outcome is seen.
///
/// Each site's change, its mean after less its mean before, is one observation; treated sites are
/// compared with the others by t on sites − 2 degrees of freedom, so that no correlation over time
/// within a site can mislead. A site's errors around its own level and the common periods are
/// first-order autoregressive, in variance A with correlation ρ one period apart, plus independent
/// noise of variance B from the people counted in each period. The change then has variance
///
///     A·[s(r)/r² + s(m)/m² − 2x/(mr)] + B·(1/m + 1/r)
///
/// for m periods before and r after, with s(k) = Σ over pairs of k periods of ρ to their distance and x
/// the same across pairs before and after: the serial-correlation-robust formula of Burlig, Preonas &
/// Woerman (2020, doi 10.1016/j.jdeveco.2020.102458) for this process. All treated sites start at
/// the same time; a staggered start is not covered.
public struct PlannedDifferenceInDifferences: Sendable, Equatable {
  /// Sites that get the programme.
  public var treatedSites: Int
  /// Sites that do not.
  public var comparisonSites: Int
  /// Periods before the start.
  public var periodsBefore: Int
  /// Periods from the start on.
  public var periodsAfter: Int
  /// The standard deviation of a site's errors in one period (√A), in the outcome's unit.
  public var standardDeviation: Double
  /// Their correlation one period apart, ρ, between 0 and 1.
  public var autocorrelation: Double
  /// The standard deviation of the independent noise of one site and period (√B).
  public var noise: Double
  /// The two-sided level of the test and the power asked for.
  public var test: MinimumDetectableEffect

  /// A plan; without autocorrelation or noise unless said otherwise.
  public init(
    treatedSites: Int, comparisonSites: Int, periodsBefore: Int, periodsAfter: Int,
    standardDeviation: Double, autocorrelation: Double = 0, noise: Double = 0,
    test: MinimumDetectableEffect = MinimumDetectableEffect()
  ) {
    self.treatedSites = treatedSites
    self.comparisonSites = comparisonSites
    self.periodsBefore = periodsBefore
    self.periodsAfter = periodsAfter
    self.standardDeviation = standardDeviation
    self.autocorrelation = autocorrelation
    self.noise = noise
    self.test = test
  }

  /// A plan for an outcome of people, new ones in each period: √A = sd·√icc and √B = sd·√((1 − icc)/n).
  ///
  /// `people` are counted in each site and period, and `intraclusterCorrelation` is that of two
  /// people of one site and period beyond what the site always has.
  /// - Throws: `badValue` unless people are positive and the correlation lies in 0–1.
  public mutating func setPeople(
    _ people: Double, intraclusterCorrelation: Double
  ) throws(SiblingError) {
    guard people > 0, people.isFinite, (0...1).contains(intraclusterCorrelation) else {
      throw SiblingError(
        .badValue, "a site needs people in each period, and their correlation lies between 0 and 1")
    }
    noise = standardDeviation * ((1 - intraclusterCorrelation) / people).squareRoot()
    standardDeviation *= intraclusterCorrelation.squareRoot()
  }

  /// Degrees of freedom of the test: sites − 2.
  ///
  /// - Throws: `tooFewClusters` unless each arm has a site and one of them two.
  public func degreesOfFreedom() throws(SiblingError) -> Double {
    guard treatedSites > 0, comparisonSites > 0, treatedSites < 1 << 40, comparisonSites < 1 << 40,
      treatedSites + comparisonSites > 2
    else {
      throw SiblingError(
        .tooFewClusters, "each arm needs a site, and one of them two",
        help: "a test needs changes that can differ within an arm")
    }
    return Double(treatedSites + comparisonSites - 2)
  }

  /// The variance of one site's change.
  ///
  /// - Throws: `badValue` unless there are periods before and after, deviations are not negative
  ///   and not both zero, and the autocorrelation lies in 0–1.
  /// - Complexity: O(periods).
  public func changeVariance() throws(SiblingError) -> Double {
    let (m, r) = (periodsBefore, periodsAfter)
    guard m > 0, r > 0, m <= 1_000_000, r <= 1_000_000 else {
      throw SiblingError(.badValue, "a plan needs a period before the start and one after")
    }
    let finite = standardDeviation.isFinite && noise.isFinite
    guard finite, standardDeviation >= 0, noise >= 0, standardDeviation + noise > 0 else {
      throw SiblingError(.badValue, "a standard deviation must be positive")
    }
    guard (0..<1).contains(autocorrelation) else {
      throw SiblingError(.badValue, "the autocorrelation must lie between 0 and 1")
    }
    let (before, after) = (Double(m), Double(r))
    let cross = powers(m) * powers(r) * autocorrelation
    let serial =
      pairs(r) / (after * after) + pairs(m) / (before * before) - 2 * cross / (before * after)
    return standardDeviation * standardDeviation * serial
      + noise * noise * (1 / before + 1 / after)
  }

  /// The standard error of the effect: the change's variance over both arms' sites.
  ///
  /// - Throws: as `changeVariance` and `degreesOfFreedom`.
  public func standardError() throws(SiblingError) -> Double {
    _ = try degreesOfFreedom()
    let sites = 1 / Double(treatedSites) + 1 / Double(comparisonSites)
    return (try changeVariance() * sites).squareRoot()
  }

  /// The smallest effect found with the power asked for, (t₁₋α⸝₂ + t_power) standard errors.
  ///
  /// - Throws: as `standardError`, and for a level or power that is none.
  public func detectableEffect() throws(SiblingError) -> Double {
    try test.effect(
      standardError: try standardError(), degreesOfFreedom: try degreesOfFreedom())
  }

  /// The power to find an effect, by the same formula.
  ///
  /// - Throws: `badValue` for an effect that is not finite, and as `standardError`.
  public func power(effect: Double) throws(SiblingError) -> Double {
    guard effect.isFinite else {
      throw SiblingError(.badValue, "an effect must be a number")
    }
    let t = StudentT(degreesOfFreedom: try degreesOfFreedom())
    let reach = effect.magnitude / (try standardError())
    return t.lowerTail(reach - t.upperQuantile(test.level / 2))
  }

  /// The smallest p-value that exchanging whole sites can reach.
  ///
  /// - Throws: `tooFewClusters` unless each arm has a site.
  public func smallestPValue() throws(SiblingError) -> AttainablePValue {
    _ = try degreesOfFreedom()
    return try AttainablePValue.completeRandomisation(
      treated: treatedSites, clusters: treatedSites + comparisonSites)
  }

  /// Σ of ρ to the distance of all ordered pairs of k periods.
  private func pairs(_ k: Int) -> Double {
    var (sum, power) = (Double(k), 1.0)
    for distance in 1..<max(k, 1) {
      power *= autocorrelation
      sum += 2 * Double(k - distance) * power
    }
    return sum
  }

  /// 1 + ρ + … + ρ to the k − 1.
  private func powers(_ k: Int) -> Double {
    var (sum, power) = (0.0, 1.0)
    for _ in 0..<k {
      sum += power
      power *= autocorrelation
    }
    return sum
  }
}
