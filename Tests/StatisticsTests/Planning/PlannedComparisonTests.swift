import Statistics
import TestSupport
import Testing

@Suite struct PlannedComparisonTests {
  private func people(
    _ outcome: PlannedComparison.Outcome, _ n: Double, power: Double = 0.8
  ) -> PlannedComparison {
    PlannedComparison(
      outcome, arms: .people(treated: n, comparison: n),
      test: MinimumDetectableEffect(power: power))
  }

  /// R 4.2.2 `power.prop.test` with n = 150 or power = 0.9, p1 = 0.3, p2 = 0.42, tol = 1e-12.
  @Test func twoProportionsAsR() throws {
    let plan = people(.share(rate: 0.3), 150)
    let tight = Tolerance(relative: 1e-10)
    #expect(close(try plan.power(effect: 0.12), 0.58188607914745716, tight))
    #expect(close(0.3 + (try plan.detectable().above ?? .nan), 0.45625548262770632, tight))
    let needed = try people(.share(rate: 0.3), 2, power: 0.9).people(effect: 0.12)
    #expect(close(needed / 2, 334.15550874730917, tight))
  }

  /// R 4.2.2 `power.t.test` with n = 30 or power = 0.9, delta = 0.7, sd = 1.3, tol = 1e-12.
  @Test func twoMeansAsR() throws {
    let plan = people(.mean(standardDeviation: 1.3), 30)
    let tight = Tolerance(relative: 1e-9)
    #expect(close(try plan.power(effect: 0.7), 0.53621004773409631, tight))
    #expect(close(try plan.detectable().above ?? .nan, 0.95630855336360421, tight))
    #expect(close(try plan.detectable().below ?? .nan, -0.95630855336360421, tight))
    let needed = try people(.mean(standardDeviation: 1.3), 2, power: 0.9).people(effect: 0.7)
    #expect(close(needed / 2, 73.453547061431863, tight))
  }

  private func sites(
    _ treated: Int = 5, _ comparison: Int = 20, size: Double = 100, icc: Double = 0.02,
    cv: Double = 0.5, rate: Double = 0.3, power: Double = 0.8
  ) -> PlannedComparison {
    PlannedComparison(
      .share(rate: rate),
      arms: .sites(
        PlannedComparison.Sites(
          treated: treated, comparison: comparison, size: size, sizeVariation: cv, correlation: icc)
      ), test: MinimumDetectableEffect(power: power))
  }

  /// Written out in R 4.2.2: se = sqrt((0.02·1.25 + 0.98/100)·(0.42·0.58/5 + 0.3·0.7/20)), pt(qt(0.975,
  /// 23), 23, 0.12/se, lower = FALSE), and uniroot on the effect for power 0.8, with 100 people a site
  /// and without the term 0.98/100.
  @Test func sharesOfSitesByHand() throws {
    let plan = sites()
    let tight = Tolerance(relative: 1e-9)
    #expect(close(try plan.standardError(effect: 0.12), 0.045396651858920167, .closedForm))
    #expect(close(try plan.power(effect: 0.12), 0.71626366171079558, tight))
    #expect(close(try plan.detectable().above ?? .nan, 0.13324755772217556, tight))
    let limit = try plan.detectable(hasAllPeople: true).above
    #expect(close(limit ?? .nan, 0.11232401651425832, tight))
    #expect(try plan.smallestPValue()?.value == 1.0 / 53130)
    // 1 + (1.25·100 − 1)·0.02 = 3.48.
    #expect(close(plan.effectivePeople.treated, 500 / 3.48, .closedForm))
    #expect(close(plan.effectivePeople.comparison, 2000 / 3.48, .closedForm))
  }

  @Test func answersTurnEachOtherBack() throws {
    let plan = sites()
    let size = try plan.people(effect: 0.14)
    #expect(close(try sites(size: size).power(effect: 0.14), 0.8, .converged))
    let more = try #require(try plan.sites(.each, effect: 0.1))
    #expect(try sites(more, more).power(effect: 0.1) >= 0.8)
    #expect(try sites(more - 1, more - 1).power(effect: 0.1) < 0.8)
    let others = try #require(try plan.sites(.comparison, effect: 0.13))
    #expect(try sites(5, others).power(effect: 0.13) >= 0.8)
    #expect(try sites(5, others - 1).power(effect: 0.13) < 0.8)
    let below = try #require(try plan.detectable().below)
    #expect(below < 0 && -below < 0.3)
    #expect(close(try plan.power(effect: below), 0.8, .converged))
  }

  /// What few sites never find, however many their people.
  @Test func limits() throws {
    let plan = sites()
    // Below the limit of 0.1123 no number of people is enough.
    #expect(try plan.people(effect: 0.112) == .infinity)
    #expect(try plan.people(effect: 0.113) < .infinity)
    #expect(
      close(
        try sites(size: 1e12).power(effect: 0.1),
        try plan.power(effect: 0.1, hasAllPeople: true), Tolerance(relative: 1e-8)))
    // Without correlation more people always help: no limit but certainty.
    #expect(try sites(icc: 0).power(effect: 0.05, hasAllPeople: true) == 1)
    #expect(try sites(icc: 0).people(effect: 0.05) < .infinity)
    // Two treated sites, however many others.
    #expect(try sites(2, 20, icc: 0.1).sites(.comparison, effect: 0.1) == nil)
    #expect(try plan.people(effect: 0) == .infinity)
    // No rise from 0.95 is large enough, a fall is.
    let high = try sites(2, 2, icc: 0.1, rate: 0.95).detectable()
    #expect(high.above == nil && high.below != nil)
  }

  @Test func moreNeverHurts() throws {
    var before = 0.0
    for size in [1.0, 2, 5, 10, 50, 200, 5000] {
      let power = try sites(size: size).power(effect: 0.1)
      #expect(power >= before)
      before = power
    }
    before = 0
    for count in [2, 3, 4, 6, 10, 40] {
      let power = try sites(count, 6).power(effect: 0.1)
      #expect(power > before)
      before = power
    }
    before = 1
    for icc in [0, 0.01, 0.02, 0.05, 0.2, 0.9] {
      let power = try sites(icc: icc).power(effect: 0.1)
      #expect(power < before)
      before = power
    }
    before = 1
    for cv in [0, 0.2, 0.6, 1.5] {
      let power = try sites(cv: cv).power(effect: 0.1)
      #expect(power < before)
      before = power
    }
  }

  @Test func covariatesAndNormalQuantiles() throws {
    func plan(_ between: Double, _ within: Double, _ covariates: Int) -> PlannedComparison {
      PlannedComparison(
        .mean(standardDeviation: 2),
        arms: .sites(
          PlannedComparison.Sites(
            treated: 4, comparison: 6, size: 50, correlation: 0.1, explainedBetween: between,
            explainedWithin: within, covariates: covariates)))
    }
    // 4·(0.1·0.5 + 0.9·0.8/50)·(1/4 + 1/6).
    #expect(
      close(
        try plan(0.5, 0.2, 1).standardError(), (4 * 0.0644 * 5 / 12.0).squareRoot(), .closedForm))
    #expect(plan(0.5, 0.2, 1).degreesOfFreedom == 7)
    var normal = plan(0, 0, 0)
    normal.isNormal = true
    // Both quantiles of a 5% test with power 80%.
    let multiple = 1.959963984540054 + 0.8416212335729143
    #expect(
      close(
        try normal.detectable().above ?? .nan, multiple * (try normal.standardError()),
        .closedForm))
    #expect(try normal.detectable().above ?? 9 < plan(0, 0, 0).detectable().above ?? 0)
    // A covariate that explains nothing costs.
    #expect(try plan(0, 0, 1).power(effect: 1) < plan(0, 0, 0).power(effect: 1))
  }

  @Test func badPlans() {
    func code(_ plan: PlannedComparison, effect: Double = 0.1) -> SiblingError.Code? {
      do throws(SiblingError) {
        _ = try plan.power(effect: effect)
        return nil
      } catch { return error.code }
    }
    #expect(code(sites()) == nil)
    #expect(code(sites(icc: -0.01)) == .badValue)
    #expect(code(sites(icc: 1)) == .badValue)
    #expect(code(sites(icc: .nan)) == .badValue)
    #expect(code(sites(1, 1)) == .tooFewClusters)
    #expect(code(sites(0, 9)) == .tooFewClusters)
    #expect(code(sites(.max, 9)) == .tooFewClusters)
    #expect(code(sites(size: 0.5)) == .badValue)
    #expect(code(sites(cv: -1)) == .badValue)
    #expect(code(sites(rate: 1)) == .badValue)
    #expect(code(sites(), effect: 0.71) == .badValue)
    #expect(code(sites(), effect: -0.31) == .badValue)
    #expect(code(sites(), effect: .nan) == .badValue)
    #expect(code(sites(power: 0.05)) == .badValue)
    #expect(code(sites(power: 1)) == .badValue)
    #expect(code(people(.share(rate: 0.3), 0)) == .tooFewObservations)
    #expect(code(people(.mean(standardDeviation: 0), 20)) == .badValue)
    var crowded = sites(2, 2)
    crowded.arms = .sites(
      PlannedComparison.Sites(treated: 2, comparison: 2, size: 10, covariates: 2))
    #expect(code(crowded) == .tooFewClusters)
    #expect(throws: SiblingError.self) {
      try people(.share(rate: 0.3), 9).sites(.each, effect: 0.1)
    }
  }
}
