import LinearAlgebra
import Statistics
import Survival
import TestSupport
import Testing

@Suite struct PlannedHazardTests {
  /// Events against losses, written out: hazards 0.01 and 0.02 and followed for 50, the share with the
  /// event is 1/3·(1 − e^−1.5); the last of an accrual of 30 averaged by 2000 steps.
  @Test func losses() throws {
    // e^−0.01·10 survive to 10, 1 − e^−0.02·10 are lost by then.
    var expected = ExpectedEvents(
      survival: 0.9048374180359595, at: 10, followUp: 50, lost: 0.18126924692201818)
    #expect(close(try expected.share(), 0.7768698398515702 / 3, .converged))
    expected.accrual = 30
    var mean = 0.0
    var alone = expected
    alone.accrual = 0
    for step in 0..<2000 {
      alone.followUp = 50 + (Double(step) + 0.5) * 30 / 2000
      mean += try alone.share(hazardRatio: 1.4) / 2000
    }
    #expect(close(try expected.share(hazardRatio: 1.4), mean, Tolerance(relative: 1e-6)))
    // Losses take events away, none leaves them as they are.
    var whole = expected
    whole.lost = 0
    #expect(try whole.share() > expected.share())
    expected.lost = 1
    #expect(throws: SiblingError.self) { try expected.share() }
  }

  /// Schoenfeld's power within Monte-Carlo error of a simulated Cox model's, people one by one.
  @Test func formulaAndSimulationAgree() throws {
    let expected = ExpectedEvents(survival: 0.5, at: 26, followUp: 26, accrual: 26, lost: 0.1)
    let design = SurvivalPower()
    let ratio = 0.6
    let share = (try expected.share() + expected.share(hazardRatio: ratio)) / 2
    let power = try design.power(events: 200 * share, hazardRatio: ratio)
    let rates = try design.simulated(
      people: 200, hazardRatio: ratio, expected: expected,
      PlannedSimulation(samples: 300, seed: 5))
    #expect(rates.map(\.method) == ["cox"])
    #expect((rates[0].power - power).magnitude < 4 * rates[0].powerError + 0.02)
    #expect((rates[0].size - 0.05).magnitude < 4 * rates[0].sizeError + 0.02)
  }

  /// Sites with frailties: the t test of log rates has the formula's power, roughly, and its size.
  @Test func sitesWithFrailties() throws {
    let expected = ExpectedEvents(survival: 0.5, at: 26, followUp: 26)
    let design = SurvivalPower(
      sites: SurvivalPower.Sites(treated: 6, comparison: 6, hazardVariation: 0.25))
    let power = try design.power(events: 240 * 0.58, hazardRatio: 1.8)
    let rates = try design.simulated(
      people: 240, hazardRatio: 1.8, expected: expected, PlannedSimulation(samples: 300, seed: 9))
    #expect(rates.map(\.method) == ["cox", "cox-t", "cluster-t", "randomisation"])
    #expect(
      (rates[2].power - power).magnitude < 4 * rates[2].powerError + 0.04, "\(power) \(rates)")
    #expect((rates[2].size - 0.05).magnitude < 4 * rates[2].sizeError + 0.01)
    // Robust to twelve sites but normal: too often.
    #expect(rates[0].size > rates[1].size)
  }

  @Test func refusals() {
    let expected = ExpectedEvents(survival: 0.5, at: 26, followUp: 26)
    let correlated = SurvivalPower(
      sites: SurvivalPower.Sites(treated: 6, comparison: 6, intraclusterCorrelation: 0.02))
    let simulation = PlannedSimulation(samples: 4)
    #expect(throws: SiblingError.self) {
      try correlated.simulated(
        people: 100, hazardRatio: 2, expected: expected, simulation)
    }
    #expect(throws: SiblingError.self) {
      try SurvivalPower().simulated(
        people: 100, hazardRatio: 2, expected: expected, shape: 0, simulation)
    }
    #expect(throws: SiblingError.self) {
      try SurvivalPower().simulated(people: .nan, hazardRatio: 2, expected: expected, simulation)
    }
  }
}
