import Statistics
import Survival
import TestSupport
import Testing

@Suite("Power of comparisons of survival")
struct SurvivalPowerTests {
  /// Both quantiles of a 5% test with power 80%.
  private let z = 1.959963984540054 + 0.8416212335729143

  @Test("closed forms of Schoenfeld and Freedman")
  func closedForms() throws {
    // log 2 = 0.693147…; four times the squared quantiles over its square.
    let half = try SurvivalPower().events(hazardRatio: 0.5)
    #expect(close(half, 4 * z * z / 0.4804530139182014, .closedForm))
    #expect(try close(SurvivalPower().events(hazardRatio: 2), half, .closedForm))
    let freedman = SurvivalPower(formula: .freedman)
    #expect(try close(freedman.events(hazardRatio: 0.5), 9 * z * z, .closedForm))
    let uneven = SurvivalPower(allocation: 2.0 / 3, formula: .freedman)
    // (1 + 2·½)²/(2(½)²) = 8.
    #expect(try close(uneven.events(hazardRatio: 0.5), 8 * z * z, .closedForm))
    #expect(try close(SurvivalPower(allocation: 0.2).events(hazardRatio: 0.5), half / 4 / 0.16))
  }

  @Test("events, power and detectable ratio answer each other", arguments: [false, true])
  func roundTrip(_ bySites: Bool) throws {
    for formula in SurvivalPower.Formula.allCases {
      var design = SurvivalPower(power: 0.9, allocation: 0.4, formula: formula)
      if bySites {
        design.sites = SurvivalPower.Sites(
          treated: 8, comparison: 12, intraclusterCorrelation: 0.01,
          hazardVariation: formula == .schoenfeld ? 0.15 : 0, sizeVariation: 0.4)
      }
      for ratio in [0.55, 1.9] {
        let events = try design.events(hazardRatio: ratio, eventShare: 0.6)
        #expect(
          close(
            try design.power(events: events, hazardRatio: ratio, eventShare: 0.6), 0.9,
            Tolerance(relative: 1e-9)))
        let found = try design.detectable(events: events, eventShare: 0.6)
        #expect(close(ratio < 1 ? found.below : found.above, ratio, Tolerance(relative: 1e-9)))
      }
    }
  }

  @Test("sites: the inflation is the design effect, variation between them does not go away")
  func sites() throws {
    var design = SurvivalPower(
      sites: SurvivalPower.Sites(treated: 10, comparison: 10, intraclusterCorrelation: 0.02))
    let alone = SurvivalPower(sites: SurvivalPower.Sites(treated: 10, comparison: 10))
    let events = try design.events(hazardRatio: 0.6, eventShare: 0.5)
    let effect = try design.designEffect(people: events / 0.5)
    #expect(close(try alone.events(hazardRatio: 0.6) * effect, events, Tolerance(relative: 1e-9)))
    #expect(alone.degreesOfFreedom == 18)
    #expect(try alone.events(hazardRatio: 0.6) > SurvivalPower().events(hazardRatio: 0.6))
    design.sites = SurvivalPower.Sites(treated: 5, comparison: 5, hazardVariation: 0.5)
    #expect(try design.events(hazardRatio: 0.7) == .infinity)
    #expect(try design.smallestPValue()?.value == 2.0 / 252)
  }

  @Test("expected events: exponential, with people joining over a while")
  func expected() throws {
    let plain = ExpectedEvents(survival: 0.6, at: 52, followUp: 52)
    #expect(try close(plain.share(), 0.4, .closedForm))
    #expect(try close(plain.share(hazardRatio: 2), 1 - 0.36, .closedForm))
    // The mean of 1 − S over entry times, by Simpson's rule on a fine grid.
    let joining = ExpectedEvents(survival: 0.6, at: 52, followUp: 26, accrual: 78)
    let n = 2000
    var sum = 0.0
    for k in 0...n {
      let time = 26 + 78 * Double(k) / Double(n)
      let weight = k == 0 || k == n ? 1.0 : k % 2 == 1 ? 4 : 2
      sum += weight * (try ExpectedEvents(survival: 0.6, at: 52, followUp: time).share())
    }
    #expect(close(try joining.share(), sum / Double(3 * n), Tolerance(relative: 1e-10)))
  }

  @Test("bad input is refused")
  func badInput() throws {
    #expect(code { try SurvivalPower().events(hazardRatio: 1) } == .badValue)
    #expect(code { try SurvivalPower().events(hazardRatio: -1) } == .badValue)
    #expect(code { try SurvivalPower(allocation: 1).events(hazardRatio: 2) } == .badValue)
    #expect(code { try SurvivalPower(power: 0.01).events(hazardRatio: 2) } == .badValue)
    #expect(code { try SurvivalPower().power(events: 0, hazardRatio: 2) } == .badValue)
    let lone = SurvivalPower(sites: SurvivalPower.Sites(treated: 1, comparison: 1))
    #expect(code { try lone.events(hazardRatio: 2) } == .tooFewClusters)
    let alike = SurvivalPower(
      sites: SurvivalPower.Sites(treated: 3, comparison: 3, intraclusterCorrelation: 0.1))
    #expect(code { try alike.events(hazardRatio: 2) } == .badValue)
    #expect(
      code { try ExpectedEvents(survival: 1, at: 1, followUp: 1).share() } == .badValue)
  }
}
