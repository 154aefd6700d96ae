internal import Glibc

extension PlannedComparison {
  /// The rejections of the house's tests in samples drawn from the plan, with an effect and without.
  ///
  /// **Sites**: rates from beta distributions with the plan's intracluster correlation and counts given
  /// them (beta-binomial), or normal means; sizes from a gamma distribution, rounded, at least one.
  /// Tested by `SiteTests`: t of sites' means, CR2, exchanges of whole sites (listed up to 1000, else
  /// 999 drawn). Means have the variance that covariates leave, with the tests' degrees of freedom as
  /// without covariates. **People**: counts or means of arms; z with pooled variance, or t.
  /// - Throws: as `standardError`; `badDesign` for shares with covariates, which no draw stands for.
  public func simulated(
    effect: Double, _ simulation: PlannedSimulation
  ) throws(SiblingError) -> [PlannedSimulation.Rate] {
    _ = try standardError(effect: effect)
    switch arms {
    case .people(let treated, let comparison):
      return try people(effect, treated.rounded(), comparison.rounded(), simulation)
    case .sites(let sites):
      let isExplained =
        sites.explainedBetween > 0 || sites.explainedWithin > 0 || sites.covariates > 0
      guard !isExplained else {
        throw SiblingError(
          .badDesign, "covariates can't be simulated from the share that they explain",
          help: "simulate without covariates, or simulate data and analyse these")
      }
      let outcome = outcome
      let methods = SiteTests.Method.allCases
      return try simulation.rates("comparison", methods: methods.map(\.rawValue)) {
        hasEffect, stream in
        let sample = PlannedComparison.sample(outcome, sites, hasEffect ? effect : 0, &stream)
        return methods.map { sample.pValue($0, stream: &stream) }
      }
    }
  }

  /// One sample of sites.
  static func sample(
    _ outcome: Outcome, _ sites: Sites, _ effect: Double, _ stream: inout RandomStream
  ) -> SiteTests {
    var sample = SiteTests(values: [], sizes: [], treated: sites.treated)
    let correlation = sites.correlation
    for site in 0..<sites.count {
      let size = PlannedDraws.size(mean: sites.size, variation: sites.sizeVariation, &stream)
      sample.sizes.append(Double(size))
      let own = site < sites.treated ? effect : 0
      switch outcome {
      case .mean(let deviation):
        let spread =
          correlation.squareRoot() * stream.normal()
          + ((1 - correlation) / Double(size)).squareRoot() * stream.normal()
        sample.values.append(own + deviation * spread)
      case .share(let rate):
        // Rates just beside none and all, where rounding has put an effect beyond.
        var p = min(max(rate + own, 0), 1)
        if correlation > 0, p > 0, p < 1 {
          let weight = (1 - correlation) / correlation
          p = PlannedDraws.beta(p * weight, (1 - p) * weight, &stream)
        }
        sample.values.append(Double(PlannedDraws.binomial(size, p, &stream)) / Double(size))
      }
    }
    return sample
  }

  private func people(
    _ effect: Double, _ treated: Double, _ comparison: Double, _ simulation: PlannedSimulation
  ) throws(SiblingError) -> [PlannedSimulation.Rate] {
    guard treated >= 1, comparison >= 1, treated < 1e9, comparison < 1e9 else {
      throw SiblingError(.badValue, "each arm of a simulation needs people, fewer than a billion")
    }
    let share = 1 / treated + 1 / comparison
    switch outcome {
    case .share(let rate):
      return try simulation.rates("shares", methods: ["z"]) { hasEffect, stream in
        let other = min(max(hasEffect ? rate + effect : rate, 0), 1)
        let ones = Double(PlannedDraws.binomial(Int(treated), other, &stream))
        let zeros = Double(PlannedDraws.binomial(Int(comparison), rate, &stream))
        let pooled = (ones + zeros) / (treated + comparison)
        let error = (pooled * (1 - pooled) * share).squareRoot()
        guard error > 0 else { return [nil] }
        let z = ((ones / treated - zeros / comparison) / error).magnitude
        return [2 * Normal.standard.upperTail(z)]
      }
    case .mean(let deviation):
      let degrees = treated + comparison - 2
      return try simulation.rates("means", methods: ["t"]) { hasEffect, stream in
        // Means and the pooled variance are independent: a normal and a χ² draw.
        let difference =
          (hasEffect ? effect : 0) + deviation * share.squareRoot() * stream.normal()
        let squares = 2 * exp(PlannedDraws.logGamma(shape: degrees / 2, &stream))
        let error = deviation * (squares / degrees * share).squareRoot()
        return [StudentT(degreesOfFreedom: degrees).twoSidedTail(difference / error)]
      }
    }
  }
}
