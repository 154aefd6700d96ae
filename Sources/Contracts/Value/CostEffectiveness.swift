public import Statistics

/// What an additional outcome costs, and how sure one can be that it is worth its price.
///
/// Cost and effect differ between few sites, and their errors go together; both are carried through.
/// The ratio is given only where the effect's interval lies above nought: elsewhere a small or negative
/// divisor makes its sign and size arbitrary, and net benefit and the acceptability curve, which need
/// no division, stand instead, as they do where the bond's sites cost less (Stinnett and Mullahy 1998, doi:10.1177/0272989X98018002S09; Fenwick,
/// O'Brien and Briggs 2004, doi:10.1002/hec.903).
public struct CostEffectiveness: Sendable, Equatable {
  /// The confidence level.
  public var level: Double
  /// What an outcome may be worth, in pounds.
  public var willingness: [Double]
  /// The draws.
  public var draws: CostEffectDraws

  /// An analysis with its settings.
  ///
  /// - Throws: `invalidOption` for a level outside 0 to 1, a negative willingness to pay, or fewer than
  ///   100 draws or more than a million.
  public init(
    level: Double = 0.95, willingness: [Double], draws: CostEffectDraws = CostEffectDraws()
  ) throws(SiblingError) {
    guard level > 0, level < 1 else {
      throw SiblingError(.invalidOption, "a level lies between 0 and 1", column: "level")
    }
    guard willingness.allSatisfy({ $0.isFinite && (0...1e9).contains($0) }) else {
      throw SiblingError(
        .invalidOption, "what an outcome is worth is a number of pounds from 0 to a billion",
        column: "willingness")
    }
    guard (100...1_000_000).contains(draws.draws) else {
      throw SiblingError(
        .invalidOption, "draws are a whole number from 100 to 1000000", column: "draws")
    }
    self.level = level
    self.willingness = willingness
    self.draws = draws
  }

  /// An effect that another analysis found, to stand in place of that of the sites' sums.
  public struct KnownEffect: Sendable, Equatable {
    /// The difference for an accepted client.
    public var estimate: Double
    /// Its standard error; nil = that of the sites' sums.
    public var standardError: Double?
    /// Degrees of freedom; nil = normal.
    public var degreesOfFreedom: Double?
    /// Its own interval, which must lie above nought for a ratio to be given.
    public var interval: ConfidenceInterval?
    /// Its correlation with the difference in cost; nil = that of the sites' sums.
    public var correlation: Double?

    /// An effect.
    public init(
      estimate: Double, standardError: Double? = nil, degreesOfFreedom: Double? = nil,
      interval: ConfidenceInterval? = nil, correlation: Double? = nil
    ) {
      self.estimate = estimate
      self.standardError = standardError
      self.degreesOfFreedom = degreesOfFreedom
      self.interval = interval
      self.correlation = correlation
    }
  }

  /// The analysis of sites; with a known effect that one takes the place of the sites' own.
  ///
  /// - Throws: `tooFewClusters` with fewer than two sites in an arm, `badValue` for an impossible
  ///   known effect.
  public func fit(
    _ sites: [SitePair], effect known: KnownEffect? = nil
  ) throws(SiblingError) -> CostEffectResult {
    var contrast = try CostEffectContrast(sites)
    var shift = 0.0
    if let known {
      shift = known.estimate - contrast.effect
      let error = known.standardError ?? contrast.effectVariance.squareRoot()
      let correlation = known.correlation ?? contrast.correlation
      guard (-1...1).contains(correlation), error >= 0 else {
        throw SiblingError(
          .badValue, "the effect's error is negative, or its correlation with cost beyond 1")
      }
      contrast = try CostEffectContrast(
        cost: contrast.cost, effect: known.estimate, costVariance: contrast.costVariance,
        effectVariance: error * error,
        covariance: correlation * error * contrast.costVariance.squareRoot(),
        costDegrees: contrast.costDegrees,
        effectDegrees: known.standardError == nil
          ? contrast.effectDegrees : known.degreesOfFreedom)
    }
    var result = result(contrast, known?.interval)
    result.siteDraws = draws.resampled(sites, shift: shift)
    if let ratio = result.ratio {
      result.ratioIntervals = CostEffectDraws.ratioIntervals(
        result.siteDraws, sites: sites, estimate: ratio, shift: shift, level: level)
    }
    for index in result.netBenefits.indices where !result.siteDraws.isEmpty {
      result.netBenefits[index].siteProbability = share(
        result.siteDraws, at: result.netBenefits[index].willingness)
    }
    return result
  }

  /// The analysis of differences that are known with their errors; no sites are resampled.
  public func fit(
    _ contrast: CostEffectContrast, effectInterval: ConfidenceInterval? = nil
  ) -> CostEffectResult {
    result(contrast, effectInterval)
  }

  private func result(
    _ contrast: CostEffectContrast, _ given: ConfidenceInterval?
  ) -> CostEffectResult {
    func interval(_ estimate: Double, _ variance: Double, _ df: Double?) -> ConfidenceInterval {
      let width = FiellerInterval.quantile(level, df) * variance.squareRoot()
      return .init(low: estimate - width, high: estimate + width, level: level)
    }
    // The interval that Fieller's set rests on has the degrees of freedom of both.
    let joint = interval(contrast.effect, contrast.effectVariance, contrast.degreesOfFreedom)
    let effect =
      given ?? interval(contrast.effect, contrast.effectVariance, contrast.effectDegrees)
    let drawn = draws.parametric(contrast)
    var result = CostEffectResult(
      contrast: contrast,
      costInterval: interval(contrast.cost, contrast.costVariance, contrast.costDegrees),
      effectInterval: effect, fieller: FiellerInterval(contrast, level: level), draws: drawn)
    if effect.high <= 0 || contrast.effect <= 0 {
      result.refusal =
        "no additional outcome was found that a price could be put on: the effect is not above nought"
    } else if effect.low > 0, joint.low <= 0 {
      result.refusal =
        "with the degrees of freedom of the costs, which are fewer, the effect's interval includes"
        + " nought, so that neither the sign nor the size of cost divided by effect is determined"
    } else if effect.low <= 0 {
      result.refusal =
        "the effect's interval includes nought, so that neither the sign nor the size of cost divided"
        + " by effect is determined"
    } else if contrast.cost < 0 {
      result.refusal =
        "more outcomes at a lower cost were found, so that an additional one has no price; a negative"
        + " ratio has no size that could be read"
    } else {
      result.ratio = contrast.cost / contrast.effect
    }
    result.netBenefits = willingness.map { value in
      let (estimate, error) = contrast.netBenefit(value)
      let width = FiellerInterval.quantile(level, contrast.degreesOfFreedom) * error
      return CostEffectResult.NetBenefit(
        willingness: value, estimate: estimate, standardError: error,
        interval: .init(low: estimate - width, high: estimate + width, level: level),
        probability: Self.probability(estimate, error, contrast.degreesOfFreedom),
        drawnProbability: share(drawn, at: value))
    }
    return result
  }

  /// P(net benefit > 0) under Student's t around the estimate, or the normal.
  static func probability(_ estimate: Double, _ error: Double, _ degrees: Double?) -> Double {
    guard error > 0 else { return estimate > 0 ? 1 : estimate < 0 ? 0 : 0.5 }
    let ratio = estimate / error
    return degrees.map { StudentT(degreesOfFreedom: $0).lowerTail(ratio) }
      ?? Normal.standard.lowerTail(ratio)
  }

  private func share(_ draws: [CostEffectDraws.Draw], at willingness: Double) -> Double {
    guard !draws.isEmpty else { return .nan }
    return Double(draws.count { willingness * $0.effect - $0.cost > 0 }) / Double(draws.count)
  }
}

/// Differences, their ratio where it may be given, net benefits and draws.
public struct CostEffectResult: Sendable, Equatable {
  /// The differences with their joint error.
  public var contrast: CostEffectContrast
  /// Their intervals.
  public var costInterval, effectInterval: ConfidenceInterval
  /// Pounds for an additional outcome; nil where it is not determined.
  public var ratio: Double?
  /// Why there is no ratio.
  public var refusal: String?
  /// The ratios that are not rejected.
  public var fieller: FiellerInterval
  /// The ratio's intervals over resampled sites; empty where there is no ratio.
  public var ratioIntervals: [CostEffectDraws.RatioInterval] = []
  /// What an accepted client gained, net, by what an outcome is worth.
  public var netBenefits: [NetBenefit] = []
  /// Draws from the joint distribution.
  public var draws: [CostEffectDraws.Draw]
  /// Draws from resampled sites.
  public var siteDraws: [CostEffectDraws.Draw] = []

  /// The net benefit at a willingness to pay.
  public struct NetBenefit: Sendable, Equatable {
    /// What an outcome is worth, in pounds.
    public var willingness: Double
    /// Net benefit in pounds for an accepted client, with its standard error.
    public var estimate, standardError: Double
    /// Its interval.
    public var interval: ConfidenceInterval
    /// The probability that it is above nought: in closed form, and among draws.
    public var probability, drawnProbability: Double
    /// The same among resampled sites.
    public var siteProbability: Double?
  }

  /// The shares of draws by the signs of cost and effect.
  public struct Quadrants: Sendable, Equatable {
    /// More outcomes for more money, for less; fewer outcomes for more money, for less.
    public var betterDearer, betterCheaper, worseDearer, worseCheaper: Double
  }

  /// The shares of the four quadrants among the draws.
  public var quadrants: Quadrants {
    var counts = [0, 0, 0, 0]
    for draw in draws {
      counts[(draw.effect > 0 ? 0 : 2) + (draw.cost > 0 ? 0 : 1)] += 1
    }
    let total = Double(max(draws.count, 1))
    return Quadrants(
      betterDearer: Double(counts[0]) / total, betterCheaper: Double(counts[1]) / total,
      worseDearer: Double(counts[2]) / total, worseCheaper: Double(counts[3]) / total)
  }
}
