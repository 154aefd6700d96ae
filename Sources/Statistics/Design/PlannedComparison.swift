internal import Glibc

/// What a planned comparison of two arms can find in a share or a mean, before any outcome is seen.
///
/// **People assigned one by one.** Shares are compared by z with the pooled variance under no effect
/// and the arms' own under the effect, means by t on people − 2 degrees of freedom (noncentral t), as
/// in Fleiss, Levin & Paik (2003, doi:10.1002/0471445428) and Cohen (1988).
///
/// **Whole sites assigned.** With G sites of n people each on average, sizes varying by v, and an
/// intracluster correlation ρ, an arm's mean varies by
///
///     σ²/G · [ρ(1 + v²)(1 − R²_b) + (1 − ρ)(1 − R²_w)/n]
///
/// which without covariates is σ²/(Gn) times the design effect 1 + ((1 + v²)n − 1)ρ of Eldridge, Ashby
/// & Kerry (2006, doi:10.1093/ije/dyl129); R²_b and R²_w are the shares of the variance between and
/// within sites that covariates explain (Bloom, Richburg-Hayes & Black 2007,
/// doi:10.3102/0162373707299550). The test is t on sites − 2 degrees of freedom less one a covariate
/// of sites; power is the noncentral t's. The first part does not shrink with n: with few sites there
/// is a power that no number of people can pass.
///
/// Power counts the tail on the effect's side only, as R's `power.t.test` does.
public struct PlannedComparison: Sendable, Equatable {
  /// The outcome.
  public enum Outcome: Sendable, Equatable {
    /// A share, with the rate expected without the programme.
    case share(rate: Double)
    /// A mean, with the standard deviation between all people of an arm.
    case mean(standardDeviation: Double)
  }

  /// Whole sites of two arms.
  public struct Sites: Sendable, Equatable {
    /// Sites with the programme.
    public var treated: Int
    /// Sites without it.
    public var comparison: Int
    /// People of a site, on average.
    public var size: Double
    /// The coefficient of variation of sizes.
    public var sizeVariation: Double
    /// The intracluster correlation, from 0 to below 1.
    public var correlation: Double
    /// The share of the variance between sites that covariates explain.
    public var explainedBetween: Double
    /// The share of the variance within sites that covariates explain.
    public var explainedWithin: Double
    /// Covariates of sites, each of which costs a degree of freedom.
    public var covariates: Int

    /// Sites of two arms.
    public init(
      treated: Int, comparison: Int, size: Double, sizeVariation: Double = 0,
      correlation: Double = 0, explainedBetween: Double = 0, explainedWithin: Double = 0,
      covariates: Int = 0
    ) {
      self.treated = treated
      self.comparison = comparison
      self.size = size
      self.sizeVariation = sizeVariation
      self.correlation = correlation
      self.explainedBetween = explainedBetween
      self.explainedWithin = explainedWithin
      self.covariates = covariates
    }

    /// All sites.
    public var count: Int { treated + comparison }
    /// 1 + ((1 + v²)n − 1)ρ.
    public var designEffect: Double {
      1 + ((1 + sizeVariation * sizeVariation) * size - 1) * correlation
    }
    /// Degrees of freedom of the test.
    public var degreesOfFreedom: Double { Double(count - 2 - covariates) }
  }

  /// Who is assigned.
  public enum Arms: Sendable, Equatable {
    /// People, so many an arm.
    case people(treated: Double, comparison: Double)
    /// Whole sites.
    case sites(Sites)
  }

  /// The outcome.
  public var outcome: Outcome
  /// Who is assigned.
  public var arms: Arms
  /// The test's level and the power asked for.
  public var test: MinimumDetectableEffect
  /// Whether quantiles are the normal's, which few sites do not deserve.
  public var isNormal: Bool

  /// A planned comparison.
  public init(
    _ outcome: Outcome, arms: Arms, test: MinimumDetectableEffect = MinimumDetectableEffect(),
    isNormal: Bool = false
  ) {
    self.outcome = outcome
    self.arms = arms
    self.test = test
    self.isNormal = isNormal
  }

  /// Degrees of freedom; nil is normal.
  public var degreesOfFreedom: Double? {
    switch arms {
    case .sites(let sites): isNormal ? nil : sites.degreesOfFreedom
    case .people(let treated, let comparison):
      if case .mean = outcome, !isNormal { treated + comparison - 2 } else { nil }
    }
  }

  /// The variances of one person in either arm under an effect; nil where there is no such effect.
  func variances(_ effect: Double) -> (treated: Double, comparison: Double)? {
    switch outcome {
    case .mean(let deviation): return (deviation * deviation, deviation * deviation)
    case .share(let rate):
      let other = rate + effect
      guard other >= 0, other <= 1 else { return nil }
      return (other * (1 - other), rate * (1 - rate))
    }
  }

  /// Checks the plan.
  ///
  /// - Throws: `badValue` for a rate, spread, correlation, size, level or power out of range, and for
  ///   a power at or below the level; `tooFewClusters` for an arm without site or no degree of freedom;
  ///   `tooFewObservations` for an arm without people.
  public func check() throws(SiblingError) {
    func refuse(_ message: String, help: String? = nil) throws(SiblingError) {
      throw SiblingError(.badValue, message, help: help)
    }
    guard test.level > 0, test.level < 1, test.power > test.level, test.power < 1 else {
      throw SiblingError(
        .badValue, "the power must lie between the test's level and 1",
        help: "usual values are level 0.05 and power 0.8; a test without any worth rejects as often"
          + " as its level says")
    }
    switch outcome {
    case .share(let rate):
      if !(rate > 0 && rate < 1) { try refuse("the expected rate must lie between 0 and 1") }
    case .mean(let deviation):
      if !(deviation > 0 && deviation.isFinite) {
        try refuse("a standard deviation must be positive")
      }
    }
    switch arms {
    case .people(let treated, let comparison):
      guard treated >= 1, comparison >= 1, treated.isFinite, comparison.isFinite,
        treated + comparison > 2
      else {
        throw SiblingError(.tooFewObservations, "each arm needs people in it")
      }
    case .sites(let sites):
      guard sites.treated > 0, sites.comparison > 0, sites.treated < 1 << 40,
        sites.comparison < 1 << 40
      else {
        throw SiblingError(.tooFewClusters, "each arm needs a site")
      }
      guard sites.covariates >= 0, sites.degreesOfFreedom >= 1 else {
        throw SiblingError(
          .tooFewClusters, "so few sites leave no degree of freedom for the test",
          help: "with one site an arm, what the programme does and what the sites are can't be told"
            + " apart; each covariate of sites costs one more")
      }
      if !(sites.size >= 1 && sites.size.isFinite) { try refuse("a site needs people") }
      if !(sites.sizeVariation >= 0 && sites.sizeVariation <= 1e6) {
        try refuse("a coefficient of variation runs from 0 up")
      }
      let shares = [sites.correlation, sites.explainedBetween, sites.explainedWithin]
      if !shares.allSatisfy({ $0 >= 0 && $0 < 1 }) {
        try refuse("an intracluster correlation and an R² run from 0 to below 1")
      }
    }
  }
}
