import DifferenceInDifferences
import Glibc
import Statistics
import TestSupport
import Testing

/// What a plan can find, beside sums written out and experiments with made-up sites.
@Suite struct PlannedDifferenceTests {
  @Test func variancesWrittenOut() throws {
    for (m, r, rho) in [(4, 3, 0.6), (1, 1, 0.3), (5, 8, 0.0), (2, 6, 0.95)] {
      let plan = PlannedDifferenceInDifferences(
        treatedSites: 5, comparisonSites: 10, periodsBefore: m, periodsAfter: r,
        standardDeviation: 2, autocorrelation: rho, noise: 0.5)
      let weights = (0..<(m + r)).map { $0 < m ? -1 / Double(m) : 1 / Double(r) }
      var variance = 0.0
      for s in weights.indices {
        for t in weights.indices {
          let distance = Double((s - t).magnitude)
          variance += weights[s] * weights[t] * (4 * pow(rho, distance) + (s == t ? 0.25 : 0))
        }
      }
      #expect(close(try plan.changeVariance(), variance, .closedForm))
      #expect(close(try plan.standardError(), (variance * 0.3).squareRoot(), .closedForm))
    }
    // Without autocorrelation σ²(m + r)/(mr).
    let plain = PlannedDifferenceInDifferences(
      treatedSites: 5, comparisonSites: 10, periodsBefore: 4, periodsAfter: 6,
      standardDeviation: 3)
    #expect(close(try plain.changeVariance(), 9 * 10.0 / 24, .closedForm))
  }

  @Test func powerOfTheDetectableEffectIsThePowerAskedFor() throws {
    var plan = PlannedDifferenceInDifferences(
      treatedSites: 5, comparisonSites: 10, periodsBefore: 4, periodsAfter: 4,
      standardDeviation: 1, autocorrelation: 0.4)
    let effect = try plan.detectableEffect()
    #expect(close(try plan.power(effect: effect), 0.8, .converged))
    #expect(close(try plan.power(effect: -effect), 0.8, .converged))
    // t(13): 2.160369 + 0.870152
    #expect(close(effect / (try plan.standardError()), 3.030521, Tolerance(relative: 1e-6)))
    #expect(close(try plan.smallestPValue().value, 1.0 / 3003, .closedForm))
    // People: their noise shrinks with their number, the site's share does not.
    plan.standardDeviation = 2
    try plan.setPeople(25, intraclusterCorrelation: 0.05)
    #expect(close(plan.noise, 2 * (0.95 / 25).squareRoot(), .closedForm))
    #expect(close(plan.standardDeviation, 2 * 0.05.squareRoot(), .closedForm))
  }

  /// 1500 made-up launches: the share found is the power, within four Monte-Carlo errors.
  @Test func simulatedPower() throws {
    let plan = PlannedDifferenceInDifferences(
      treatedSites: 5, comparisonSites: 10, periodsBefore: 4, periodsAfter: 3,
      standardDeviation: 1, autocorrelation: 0.5, noise: 0.4)
    let effect = try plan.detectableEffect()
    let critical = StudentT(degreesOfFreedom: 13).upperQuantile(0.025)
    var stream = RandomStream(seed: 4, name: "planned-difference")
    var found = 0
    for _ in 0..<1500 {
      let changes = (0..<15).map { site in
        var error = stream.normal()
        var change = 0.0
        for period in 0..<7 {
          if period > 0 { error = 0.5 * error + 0.75.squareRoot() * stream.normal() }
          let value = error + 0.4 * stream.normal() + (site < 5 && period >= 4 ? effect : 0)
          change += period < 4 ? -value / 4 : value / 3
        }
        return change
      }
      let (treated, others) = (changes.prefix(5), changes.suffix(10))
      let means = (treated.reduce(0, +) / 5, others.reduce(0, +) / 10)
      var squares = 0.0
      for change in treated { squares += (change - means.0) * (change - means.0) }
      for change in others { squares += (change - means.1) * (change - means.1) }
      let error = (squares / 13 * 0.3).squareRoot()
      if (means.0 - means.1) / error > critical { found += 1 }
    }
    #expect((Double(found) / 1500 - 0.8).magnitude < 4 * (0.8 * 0.2 / 1500).squareRoot() + 0.005)
  }

  @Test func mistakes() throws {
    func code(_ change: (inout PlannedDifferenceInDifferences) throws -> Void) -> SiblingError.Code?
    {
      var plan = PlannedDifferenceInDifferences(
        treatedSites: 5, comparisonSites: 10, periodsBefore: 4, periodsAfter: 4,
        standardDeviation: 1)
      do {
        try change(&plan)
        _ = try plan.detectableEffect()
        return nil
      } catch {
        return (error as? SiblingError)?.code
      }
    }
    #expect(code { _ in } == nil)
    #expect(code { $0.treatedSites = 0 } == .tooFewClusters)
    #expect(code { $0.treatedSites = .max } == .tooFewClusters)
    #expect(code { ($0.treatedSites, $0.comparisonSites) = (1, 1) } == .tooFewClusters)
    #expect(code { $0.periodsBefore = 0 } == .badValue)
    #expect(code { $0.periodsAfter = .max } == .badValue)
    #expect(code { $0.standardDeviation = 0 } == .badValue)
    #expect(code { $0.standardDeviation = .nan } == .badValue)
    #expect(code { $0.autocorrelation = 1 } == .badValue)
    #expect(code { $0.noise = -1 } == .badValue)
    #expect(code { $0.test.power = 1 } == .badValue)
    #expect(code { try $0.setPeople(0, intraclusterCorrelation: 0.1) } == .badValue)
    #expect(code { _ = try $0.power(effect: .nan) } == .badValue)
  }
}
