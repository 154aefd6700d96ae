internal import Glibc
internal import Statistics

/// The chance behind one simulated future, drawn once and used in every scenario.
///
/// Scenarios share their chance (common random numbers), so that they differ by their assumptions
/// alone: with the same uniform numbers fewer referrals never give more engagements.
struct ScenarioDraws {
  /// Uniform numbers, a fixed number for each site and quarter.
  let uniforms: [Double]
  let perQuarter: Int
  /// What multiplies the mean of referrals, by site, then quarter.
  let referralFactors: [Double]
  /// The share who start a job, by site.
  let startRates: [Double]

  init(_ plan: ScenarioPlan, stream: RandomStream) {
    var (main, sites) = (stream.substream(0), stream.substream(1))
    perQuarter = 6 + plan.startDelays.count + 2 * plan.sustainedDelays.count
    uniforms = main.uniforms(plan.sites * plan.quarters * perQuarter)
    func gamma(_ variation: Double, _ uniform: Double) -> Double {
      guard variation > 0 else { return 1 }
      let shape = 1 / (variation * variation)
      return Gamma(shape: shape, rate: shape).quantile(uniform)
    }
    var factors: [Double] = []
    var rates: [Double] = []
    for _ in 0..<plan.sites {
      let own = gamma(plan.siteVariation, sites.uniform())
      let uniform = sites.uniform()
      if plan.startVariation > 0 {
        let spread = plan.start * (1 - plan.start) / (plan.startVariation * plan.startVariation) - 1
        rates.append(
          Beta(a: plan.start * spread, b: (1 - plan.start) * spread).quantile(uniform))
      } else {
        rates.append(plan.start)
      }
      for _ in 0..<plan.quarters {
        factors.append(own * gamma(plan.quarterVariation, sites.uniform()))
      }
    }
    (referralFactors, startRates) = (factors, rates)
  }

  /// The Poisson count that a uniform number stands for (inversion).
  static func poisson(_ mean: Double, _ uniform: Double) -> Int {
    guard mean > 0 else { return 0 }
    guard mean < 40 else {
      let count = Poisson(mean: mean).quantile(uniform)
      return count < 1e15 ? Int(count) : 1_000_000_000_000_000
    }
    var (mass, sum, count) = (exp(-mean), 0.0, 0)
    sum = mass
    while sum < uniform, count < 400 {
      count += 1
      mass *= mean / Double(count)
      sum += mass
    }
    return count
  }

  /// The binomial count that a uniform number stands for (inversion).
  static func binomial(_ trials: Int, _ probability: Double, _ uniform: Double) -> Int {
    guard trials > 0, probability > 0 else { return 0 }
    guard probability < 1 else { return trials }
    if probability > 0.5 { return trials - binomial(trials, 1 - probability, 1 - uniform) }
    guard Double(trials) * probability < 40 else {
      return Int(Binomial(trials: trials, probability: probability).quantile(uniform))
    }
    let odds = probability / (1 - probability)
    var mass = exp(Double(trials) * log1p(-probability))
    var (sum, count) = (mass, 0)
    while sum < uniform, count < trials {
      mass *= odds * Double(trials - count) / Double(count + 1)
      count += 1
      sum += mass
      // Beyond the mean nothing is left to add once the mass is below what a double can hold.
      if mass < 1e-18, Double(count) > Double(trials) * probability { break }
    }
    return count
  }
}
