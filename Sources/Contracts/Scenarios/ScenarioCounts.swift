/// The outcomes of one simulated future under one scenario, all sites together.
struct ScenarioCounts {
  /// By quarter: engagements, job starts under and from 16 hours, sustained jobs likewise.
  private(set) var outcomes: [[Int]]
  /// People who waited for a place at the end.
  private(set) var waiting = 0

  init(_ plan: ScenarioPlan, _ setting: ScenarioSetting, _ draws: ScenarioDraws) {
    let quarters = plan.quarters
    outcomes = [[Int]](repeating: [0, 0, 0, 0, 0], count: quarters)
    let factor = setting.conversion
    let all = plan.conversionOf == .all
    let engage = min(1, plan.engagement * (all ? factor : 1))
    let sustain = min(1, plan.sustained * (all ? factor : 1))
    let mean = plan.referralsPerYear / 4 / Double(plan.sites) * (1 - setting.shortfall)
    let places =
      (plan.fullStrength * (1 - setting.vacancy) * plan.caseload / Double(plan.sites) + 1e-9)
      .rounded(.down)
    let capacity = Int(min(places, 1e15))
    for site in 0..<plan.sites {
      var engaged = [Int](repeating: 0, count: quarters)
      var starts = engaged
      var sustained = [engaged, engaged]
      var (active, queue) = (0, 0)
      let start = min(1, draws.startRates[site] * factor)
      for quarter in 0..<quarters {
        var next = (site * quarters + quarter) * draws.perQuarter
        func uniform() -> Double {
          next += 1
          return draws.uniforms[next - 1]
        }
        if quarter >= plan.stay { active -= engaged[quarter - plan.stay] }
        let referred = ScenarioDraws.poisson(
          mean * draws.referralFactors[site * quarters + quarter], uniform())
        queue += ScenarioDraws.binomial(referred, engage, uniform())
        engaged[quarter] = min(queue, max(0, capacity - active))
        queue -= engaged[quarter]
        active += engaged[quarter]
        // A group of outcomes over the quarters in which they come.
        func spread(_ count: Int, _ delays: [Double], _ into: inout [Int]) {
          var (rest, left) = (count, 1.0)
          for (delay, share) in delays.enumerated() {
            let chance = left > 1e-12 ? min(1, share / left) : 1
            let part = ScenarioDraws.binomial(rest, chance, uniform())
            if quarter + delay < quarters { into[quarter + delay] += part }
            (rest, left) = (rest - part, left - share)
          }
        }
        let found = ScenarioDraws.binomial(engaged[quarter], start, uniform())
        spread(found, plan.startDelays, &starts)
        // Starts of this quarter are complete: they come from this cohort and earlier ones.
        let upper = ScenarioDraws.binomial(starts[quarter], plan.upperBand, uniform())
        let bands = [starts[quarter] - upper, upper]
        outcomes[quarter][0] += engaged[quarter]
        for band in 0...1 {
          outcomes[quarter][1 + band] += bands[band]
          let kept = ScenarioDraws.binomial(bands[band], sustain, uniform())
          spread(kept, plan.sustainedDelays, &sustained[band])
          outcomes[quarter][3 + band] += sustained[band][quarter]
        }
      }
      waiting += queue
    }
  }
}

/// What a scenario assumes: shares lost and gained against the plan.
public struct ScenarioSetting: Sendable, Equatable {
  /// The share of referrals that do not come, and of workers' posts that are vacant.
  public var shortfall, vacancy: Double
  /// What multiplies conversion rates.
  public var conversion: Double

  /// A scenario; the plan itself unless said otherwise.
  public init(shortfall: Double = 0, vacancy: Double = 0, conversion: Double = 1) {
    self.shortfall = shortfall
    self.vacancy = vacancy
    self.conversion = conversion
  }
}
