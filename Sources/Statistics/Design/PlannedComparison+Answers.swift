internal import Glibc

extension PlannedComparison {
  /// The standard error of the difference under an effect.
  ///
  /// `hasAllPeople` asks for its limit as sites get ever more people.
  /// - Throws: as `check`; `badValue` for an effect that takes the rate out of 0–1.
  public func standardError(
    effect: Double = 0, hasAllPeople: Bool = false
  ) throws(SiblingError) -> Double {
    try check()
    guard effect.isFinite, let variances = variances(effect) else {
      throw SiblingError(
        .badValue, "the effect takes the rate out of the range from 0 to 1",
        help: "an effect is a difference of shares: 0.1 is ten percentage points")
    }
    return error(variances, hasAllPeople: hasAllPeople)
  }

  /// The power to find an effect, either side of none.
  ///
  /// - Throws: as `standardError`.
  public func power(effect: Double, hasAllPeople: Bool = false) throws(SiblingError) -> Double {
    let error = try standardError(effect: effect, hasAllPeople: hasAllPeople)
    return power(effect, error)
  }

  /// The smallest effects above and below none that are found with the power asked for; nil where the
  /// rate would have to leave 0–1.
  ///
  /// - Throws: as `check`.
  public func detectable(
    hasAllPeople: Bool = false
  ) throws(SiblingError) -> (above: Double?, below: Double?) {
    try check()
    if case .mean(let deviation) = outcome {
      let error = error((deviation * deviation, deviation * deviation), hasAllPeople: hasAllPeople)
      let effect = required() * error
      return (effect, -effect)
    }
    guard case .share(let rate) = outcome else { return (nil, nil) }
    func reaches(_ effect: Double) -> Bool {
      guard let variances = variances(effect) else { return true }
      return power(effect, error(variances, hasAllPeople: hasAllPeople)) >= test.power
    }
    func smallest(_ end: Double) -> Double? {
      // Beyond the last effect that leaves a variance there is nothing to find.
      guard reaches(end * (1 - 1e-12)) else { return nil }
      var (low, high) = (0.0, end * (1 - 1e-12))
      while true {
        let middle = low + (high - low) / 2
        guard middle != low, middle != high else { return high }
        if reaches(middle) { high = middle } else { low = middle }
      }
    }
    return (smallest(1 - rate), smallest(-rate))
  }

  /// People a site needed to find an effect with so many sites; infinite when no number is enough.
  ///
  /// Not whole; for people assigned one by one the number of both arms together, in the shares that
  /// `arms` has.
  /// - Throws: as `standardError`.
  public func people(effect: Double) throws(SiblingError) -> Double {
    _ = try standardError(effect: effect)
    guard effect != 0, let variances = variances(effect) else { return .infinity }
    switch arms {
    case .sites(let sites):
      // The degrees of freedom rest on the sites alone.
      let room = pow(effect / required(), 2)
      let fixed = pow(error(variances, hasAllPeople: true), 2)
      let own =
        (variances.treated / Double(sites.treated) + variances.comparison / Double(sites.comparison))
        * (1 - sites.correlation) * (1 - sites.explainedWithin)
      return room > fixed ? own / (room - fixed) : .infinity
    case .people(let treated, let comparison):
      let share = treated / (treated + comparison)
      func plan(_ people: Double) -> PlannedComparison {
        var plan = self
        plan.arms = .people(treated: share * people, comparison: (1 - share) * people)
        return plan
      }
      func reaches(_ people: Double) -> Bool {
        let plan = plan(people)
        return plan.power(effect, plan.error(variances, hasAllPeople: false)) >= test.power
      }
      // An arm holds somebody, and a t test has a degree of freedom.
      var low = max(3, 1 / min(share, 1 - share))
      if reaches(low) { return low }
      var high = 2 * low
      while !reaches(high) {
        guard high < 1e15 else { return .infinity }
        (low, high) = (high, 2 * high)
      }
      while true {
        let middle = low + (high - low) / 2
        guard middle > low, middle < high else { return high }
        if reaches(middle) { high = middle } else { low = middle }
      }
    }
  }

  /// Which sites are counted when their number is asked for.
  public enum SiteChoice: Sendable {
    /// As many of either arm.
    case each
    /// Of the comparison, the treated staying as planned.
    case comparison
    /// Of the treated, the comparison staying as planned.
    case treated
  }

  /// The fewest sites that find an effect; nil when no number is enough.
  ///
  /// - Throws: as `standardError`; `badDesign` where people are assigned one by one.
  public func sites(_ choice: SiteChoice, effect: Double) throws(SiblingError) -> Int? {
    guard case .sites(let sites) = arms else {
      throw SiblingError(.badDesign, "people are assigned one by one in this plan: it has no sites")
    }
    func plan(_ count: Int) -> PlannedComparison {
      var (plan, changed) = (self, sites)
      if choice != .comparison { changed.treated = count }
      if choice != .treated { changed.comparison = count }
      plan.arms = .sites(changed)
      return plan
    }
    let kept = choice == .each ? 0 : choice == .treated ? sites.comparison : sites.treated
    // The fewest that leave a degree of freedom.
    let least = 3 + sites.covariates
    let start = max(1, choice == .each ? (least + 1) / 2 : least - kept)
    _ = try plan(start).standardError(effect: effect)
    guard effect != 0, let variances = variances(effect) else { return nil }
    func reaches(_ count: Int) -> Bool {
      let plan = plan(count)
      return plan.power(effect, plan.error(variances, hasAllPeople: false)) >= test.power
    }
    if reaches(start) { return start }
    var (low, high) = (start, 2 * start)
    while !reaches(high) {
      guard high < 1 << 30 else { return nil }
      (low, high) = (high, 2 * high)
    }
    while high - low > 1 {
      let middle = low + (high - low) / 2
      if reaches(middle) { high = middle } else { low = middle }
    }
    return high
  }

  /// How many people assigned one by one the sites' people are worth: people over the design effect.
  public var effectivePeople: (treated: Double, comparison: Double) {
    switch arms {
    case .people(let treated, let comparison): (treated, comparison)
    case .sites(let sites):
      (
        Double(sites.treated) * sites.size / sites.designEffect,
        Double(sites.comparison) * sites.size / sites.designEffect
      )
    }
  }

  /// The smallest p-value that exchanging whole sites can reach; nil where people are assigned.
  ///
  /// - Throws: `tooFewClusters`.
  public func smallestPValue() throws(SiblingError) -> AttainablePValue? {
    guard case .sites(let sites) = arms else { return nil }
    return try AttainablePValue.completeRandomisation(
      treated: sites.treated, clusters: sites.count)
  }

  /// The effect in standard errors that the power asks for.
  private func required() -> Double {
    guard let degreesOfFreedom else {
      let normal = Normal.standard
      return normal.upperQuantile(test.level / 2) + normal.upperQuantile(1 - test.power)
    }
    return NoncentralT.noncentrality(
      exceeding: StudentT(degreesOfFreedom: degreesOfFreedom).upperQuantile(test.level / 2),
      power: test.power, degreesOfFreedom: degreesOfFreedom)
  }

  /// The power of an effect with this standard error.
  private func power(_ effect: Double, _ error: Double) -> Double {
    guard error > 0 else { return effect == 0 ? test.level / 2 : 1 }
    let reach = effect.magnitude / error
    if let degreesOfFreedom {
      let critical = StudentT(degreesOfFreedom: degreesOfFreedom).upperQuantile(test.level / 2)
      return NoncentralT(degreesOfFreedom: degreesOfFreedom, noncentrality: reach)
        .upperTail(critical)
    }
    let critical = Normal.standard.upperQuantile(test.level / 2)
    return Normal.standard.lowerTail(reach - critical * nullRatio(effect))
  }

  /// The standard error under no effect over that under the effect: one but for shares of people.
  private func nullRatio(_ effect: Double) -> Double {
    guard case .people(let treated, let comparison) = arms, case .share(let rate) = outcome,
      let variances = variances(effect)
    else { return 1 }
    let pooled = (treated * (rate + effect) + comparison * rate) / (treated + comparison)
    let own = variances.treated / treated + variances.comparison / comparison
    return own > 0 ? (pooled * (1 - pooled) * (1 / treated + 1 / comparison) / own).squareRoot() : 1
  }

  private func error(
    _ variances: (treated: Double, comparison: Double), hasAllPeople: Bool
  ) -> Double {
    switch arms {
    case .people(let treated, let comparison):
      return hasAllPeople
        ? 0 : (variances.treated / treated + variances.comparison / comparison).squareRoot()
    case .sites(let sites):
      let between =
        sites.correlation * (1 + sites.sizeVariation * sites.sizeVariation)
        * (1 - sites.explainedBetween)
      let within =
        hasAllPeople ? 0 : (1 - sites.correlation) * (1 - sites.explainedWithin) / sites.size
      return
        ((between + within)
        * (variances.treated / Double(sites.treated)
          + variances.comparison / Double(sites.comparison)))
        .squareRoot()
    }
  }
}
