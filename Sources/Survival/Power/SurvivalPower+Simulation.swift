internal import Glibc
internal import LinearAlgebra
public import Statistics

extension SurvivalPower {
  /// The rejections of the house's tests in follow-up drawn from the plan, with an effect and without.
  ///
  /// People join evenly over the accrual and are followed to one day; event times are Weibull with this
  /// shape (1 is exponential) through the comparison's expected survival, losses exponential. Sites have
  /// gamma frailties of mean 1 and the plan's coefficient of variation, and gamma sizes. Tested:
  ///
  /// - `cox`: the Wald test of a Cox model, robust to sites where there are any, normal: with few
  ///   sites it rejects too often;
  /// - `cox-t`: the same against t on sites − 2;
  /// - `cluster-t`, `randomisation`: sites' log rates, (events + ½) over time, by t on sites − 2 and by
  ///   exchanging whole sites.
  /// - Throws: `badValue` for numbers out of range or a correlation within sites, which says nothing of
  ///   how hazards vary; as `power`.
  public func simulated(
    people: Double, hazardRatio: Double, expected: ExpectedEvents, shape: Double = 1,
    _ simulation: PlannedSimulation
  ) throws(SiblingError) -> [PlannedSimulation.Rate] {
    try check()
    try expected.check(hazardRatio)
    guard people >= 2, people <= 1e7, shape >= 0.05, shape <= 20 else {
      throw SiblingError(
        .badValue, "a simulation needs 2 to 10 million people and a shape from 0.05 to 20")
    }
    guard sites?.intraclusterCorrelation ?? 0 == 0 else {
      throw SiblingError(
        .badValue, "a correlation within sites does not say how hazards vary between them",
        help: "give the coefficient of variation of hazards between sites instead")
    }
    let plan = HazardPlan(
      power: self, people: people, ratio: hazardRatio, expected: expected, shape: shape)
    let methods = sites == nil ? ["cox"] : ["cox", "cox-t", "cluster-t", "randomisation"]
    return try simulation.rates("hazards", methods: methods) { hasEffect, stream in
      plan.pValues(hasEffect: hasEffect, &stream)
    }
  }
}

/// Draws of follow-up and their tests.
struct HazardPlan: Sendable {
  let power: SurvivalPower
  let people: Double
  let ratio: Double
  let expected: ExpectedEvents
  let shape: Double

  /// One sample: a row a person.
  struct Sample {
    var time: [Double] = []
    var event: [Bool] = []
    var treated: [Double] = []
    var site: [Int32] = []
  }

  func pValues(hasEffect: Bool, _ stream: inout RandomStream) -> [Double?] {
    let sample = sample(hasEffect: hasEffect, &stream)
    let statistic = cox(sample)
    let wald = statistic.map { 2 * Normal.standard.upperTail($0.magnitude) }
    guard let sites = power.sites else { return [wald] }
    let count = sites.treated + sites.comparison
    let degrees = Double(count - 2)
    var events = [Double](repeating: 0.5, count: count)
    var sizes = [Double](repeating: 0, count: count)
    var time = sizes
    for row in sample.time.indices {
      let site = Int(sample.site[row])
      sizes[site] += 1
      time[site] += sample.time[row]
      if sample.event[row] { events[site] += 1 }
    }
    let rates = SiteTests(
      values: zip(events, time).map { log($0 / $1) }, sizes: sizes, treated: sites.treated)
    return [
      wald, statistic.map { StudentT(degreesOfFreedom: degrees).twoSidedTail($0) },
      rates.clusterT(), rates.randomisation(stream: &stream),
    ]
  }

  func sample(hasEffect: Bool, _ stream: inout RandomStream) -> Sample {
    var sample = Sample()
    let arms: [(sites: Int, people: Double)] = [
      (power.sites?.treated ?? 1, people * power.allocation),
      (power.sites?.comparison ?? 1, people * (1 - power.allocation)),
    ]
    let variation = power.sites?.hazardVariation ?? 0
    var site: Int32 = 0
    for (arm, plan) in arms.enumerated() {
      for _ in 0..<plan.sites {
        let size = PlannedDraws.size(
          mean: plan.people / Double(plan.sites),
          variation: power.sites?.sizeVariation ?? 0, &stream)
        var hazard = hasEffect && arm == 0 ? ratio : 1
        if variation > 0 {
          let weight = 1 / (variation * variation)
          hazard *= exp(PlannedDraws.logGamma(shape: weight, &stream)) / weight
        }
        for _ in 0..<size {
          person(&sample, hazard, isTreated: arm == 0, site, &stream)
        }
        site += 1
      }
    }
    return sample
  }

  private func person(
    _ sample: inout Sample, _ hazard: Double, isTreated: Bool, _ site: Int32,
    _ stream: inout RandomStream
  ) {
    // −log S(t) = hazard·(−log survival)·(t/at)^shape.
    let height = stream.exponential() / (hazard * -log(expected.survival))
    let time = expected.at * (shape == 1 ? height : pow(height, 1 / shape))
    var end = expected.followUp
    if expected.accrual > 0 { end += expected.accrual * stream.uniform() }
    if expected.lossHazard > 0 { end = min(end, stream.exponential() / expected.lossHazard) }
    sample.time.append(min(time, end))
    sample.event.append(time <= end)
    sample.treated.append(isTreated ? 1 : 0)
    sample.site.append(site)
  }

  /// The Wald statistic of a Cox model of treatment; nil where it has none.
  private func cox(_ sample: Sample) -> Double? {
    let rows = sample.time.count
    let count = (power.sites?.treated ?? 1) + (power.sites?.comparison ?? 1)
    do throws(SiblingError) {
      let times = try SurvivalTimes(
        time: sample.time, event: sample.event, collapseTies: false)
      let design = DesignMatrix(
        matrix: Matrix(rows: rows, columns: 1, storage: sample.treated), names: ["treated"])
      let isClustered = power.sites != nil
      let fit = try CoxRegression(robust: isClustered).fit(
        times, design,
        cluster: isClustered
          ? Factor(codes: sample.site, levels: (0..<count).map { "\($0)" }) : nil)
      guard fit.infiniteTerms.isEmpty, let beta = fit.coefficients.first else { return nil }
      let variance = (fit.robustCovariance ?? fit.covariance)[0, 0]
      return variance > 0 && beta.isFinite ? beta / variance.squareRoot() : nil
    } catch {
      return nil
    }
  }
}
