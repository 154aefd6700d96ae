import Statistics
import TestSupport
import Testing

@testable import Cohorts

@Suite struct TippingPointTests {
  /// An arm with known yes, known no and unknown.
  private static func people(
    _ arms: [(treated: Bool, yes: Int, no: Int, unknown: Int)]
  ) throws -> OutcomeEvidence {
    var (outcome, treatment): ([Double], [Bool]) = ([], [])
    for arm in arms {
      outcome += [Double](repeating: 1, count: arm.yes)
      outcome += [Double](repeating: 0, count: arm.no)
      outcome += [Double](repeating: .nan, count: arm.unknown)
      let all = arm.yes + arm.no + arm.unknown
      treatment += [Bool](repeating: arm.treated, count: all)
    }
    return try OutcomeEvidence(outcome: outcome, treatment: treatment)
  }

  /// Rubin's variance of a difference of proportions with infinitely many imputations, written out.
  @Test func closedForm() throws {
    let evidence = try Self.people([(true, 48, 32, 20), (false, 36, 54, 10)])
    let tipping = try TippingPoint(scale: .rates, values: [0.1, 0.5]).fit(evidence)
    let known = (treated: 0.6, comparison: 0.4)
    struct Parts {
      var mean, within, between: Double
    }
    func parts(_ yes: Double, _ known: Double, _ unknown: Double, _ p: Double) -> Parts {
      let n = known + unknown
      let mean = (yes + unknown * p) / n
      let squares =
        yes * (1 - mean) * (1 - mean) + (known - yes) * mean * mean
        + unknown * (p - mean) * (p - mean)
      // Complete-data variance s²/n, its expectation over draws; draws; the estimated odds.
      let drawn = unknown * p * (1 - p) / (n * n)
      let rate = yes / known
      let slope = unknown / n * p * (1 - p)
      return Parts(
        mean: mean, within: squares / (n - 1) / n + drawn,
        between: drawn + slope * slope / (known * rate * (1 - rate)))
    }
    let a = parts(48, 80, 20, known.treated)
    let b = parts(36, 90, 10, known.comparison)
    // At random the variance is that of the known: Welch.
    let target = 0.24 / 79 + 0.24 / 89
    let anchor = (target - a.within - b.within) / (a.between + b.between)
    #expect(anchor > 1 && anchor < 1.2)
    #expect(close(tipping.atRandom.estimate.estimate, 0.2, .closedForm))
    #expect(
      close(tipping.atRandom.estimate.standardError ?? .nan, target.squareRoot(), .closedForm))
    for (index, rates) in [(0.1, 0.1), (0.1, 0.5), (0.5, 0.1), (0.5, 0.5)].enumerated() {
      let point = tipping.grid[index]
      let (one, zero) = (parts(48, 80, 20, rates.0), parts(36, 90, 10, rates.1))
      let variance = one.within + zero.within + anchor * (one.between + zero.between)
      #expect(close(point.estimate.estimate, one.mean - zero.mean, .closedForm))
      #expect(close(point.estimate.standardError ?? .nan, variance.squareRoot(), .converged))
      #expect(close(point.treatedMean, rates.0, .closedForm))
    }
    // Drawn instead: 200,000 proper imputations in numpy, log odds normal about their estimates, pooled by
    // Rubin's rules, give 0.07375; κ adds the divisors n − 1 of the known.
    #expect(((tipping.grid[1].estimate.standardError ?? 0) - 0.07375).magnitude < 0.0003)
    // Rates of 0 and 1 are the bounds.
    let ends = try TippingPoint(scale: .rates, values: [0, 1]).fit(evidence)
    let bounds = try MissingEvidence().fit(evidence)
    #expect(
      close(
        ends.grid[1].estimate.estimate, bounds[.worst]?.estimate.estimate ?? .nan, .closedForm))
    #expect(
      close(
        ends.grid[2].estimate.estimate, bounds[.best]?.estimate.estimate ?? .nan, .closedForm))
  }

  @Test func whereTheSignChanges() throws {
    let evidence = try Self.people([(true, 48, 32, 20), (false, 42, 48, 10)])
    let tipping = try TippingPoint(scale: .rates, values: [0.5]).fit(evidence)
    let rate = 42.0 / 90
    let tips = tipping.tips.filter { $0.event == .sign }
    let treated = tips.first { $0.line == .treated }?.point
    // The treated's 48 of 80 and p of 20 match 42 of 90 at p < 0, so no rate will do…
    #expect(0.48 > rate && treated == nil)
    // …nor do the comparisons' 42 and 10 p of 100 reach 0.6.
    #expect(tips.first { $0.line == .comparison }?.point == nil)
    let more = try Self.people([(true, 48, 32, 20), (false, 42, 48, 60)])
    let found = try #require(
      try TippingPoint(scale: .delta, values: []).fit(more).tips.first {
        $0.line == .comparison && $0.event == .sign
      }?.point)
    // (42 + 60 p)/150 = 0.6 at p = 0.8.
    #expect(close(found.comparisonMean, 0.8, .published))
  }

  @Test func tippingPointsSolveTheirEquation() throws {
    let evidence = try Self.people([(true, 150, 100, 50), (false, 110, 150, 40)])
    let tipping = try TippingPoint(scale: .delta, values: [-1, 0, 1]).fit(evidence)
    #expect(tipping.atRandom.side == .above)
    for line in TippingPoint.Line.allCases {
      let tip = try #require(tipping.tips.first { $0.line == line && $0.event == .includes })
      guard let point = tip.point else { continue }
      #expect((point.estimate.interval?.low ?? 1).magnitude < 1e-8, "\(line)")
      switch line {
      case .treated: #expect(point.comparisonShift == 0 && point.treatedShift < 0)
      case .comparison: #expect(point.treatedShift == 0 && point.comparisonShift > 0)
      case .both: #expect(point.treatedShift == point.comparisonShift)
      }
    }
    // Fewer treated yes, smaller effect; the grid has the comparison's shift moving fastest.
    #expect(tipping.grid.count == 9)
    #expect(tipping.grid[0].estimate.estimate < tipping.grid[3].estimate.estimate)
    #expect(tipping.grid[0].estimate.estimate > tipping.grid[1].estimate.estimate)
    #expect(tipping.grid[4].estimate == tipping.atRandom.estimate)
  }

  @Test func inconclusiveAtRandom() throws {
    let evidence = try Self.people([(true, 20, 20, 30), (false, 18, 22, 30)])
    let tipping = try TippingPoint(scale: .rates, values: [0, 0.5, 1]).fit(evidence)
    #expect(tipping.atRandom.side == .around)
    let tip = try #require(tipping.tips.first { $0.line == .treated })
    #expect(tip.event == .excludes)
    #expect((tip.point?.estimate.interval?.low ?? 1).magnitude < 1e-8)
  }

  @Test func oneArmComplete() throws {
    let evidence = try Self.people([(true, 48, 32, 20), (false, 36, 54, 0)])
    let tipping = try TippingPoint(scale: .rates, values: [0, 0.5, 1]).fit(evidence)
    #expect(tipping.grid.count == 3)
    #expect(Set(tipping.tips.map(\.line)) == [.treated])
    #expect(tipping.atRandom.comparisonMean.isNaN)
  }

  /// All known alike: the odds would be infinite.
  @Test func everybodyKnownSaysNo() throws {
    let evidence = try Self.people([(true, 10, 10, 5), (false, 0, 20, 5)])
    let tipping = try TippingPoint(scale: .delta, values: [-1, 0, 1]).fit(evidence)
    for point in tipping.grid {
      #expect(point.estimate.estimate.isFinite && point.estimate.standardError?.isFinite == true)
    }
    #expect(tipping.atRandom.comparisonMean > 0 && tipping.atRandom.comparisonMean < 0.05)
  }

  /// Sites count where outcomes are imputed too: at random the variance is that of the known outcomes.
  @Test func sitesAndCovariates() throws {
    let plain = try EvidenceWorld.evidence(covariates: false)
    let tipping = try TippingPoint(scale: .delta, values: [0]).fit(plain)
    let known = try #require(try MissingEvidence().fit(plain)[.completeCase]?.estimate)
    let point = tipping.atRandom.estimate
    #expect(close(point.estimate, known.estimate, .converged))
    #expect(point.degreesOfFreedom == known.degreesOfFreedom)
    #expect((point.standardError ?? 0) >= (known.standardError ?? 1) * (1 - 1e-9))
    let adjusted = try TippingPoint(scale: .delta, values: [-2, 0, 2]).fit(EvidenceWorld.evidence())
    #expect(adjusted.notes.isEmpty)
    let values = adjusted.grid.map(\.estimate.estimate)
    #expect(values[0] > values[1] && values[1] > values[2] && values[0] < values[3])
    let ipcw = try #require(try MissingEvidence().fit(EvidenceWorld.evidence())[.ipcw]?.estimate)
    #expect((adjusted.atRandom.estimate.estimate - ipcw.estimate).magnitude < 0.01)
  }

  /// Nobody can have less than no weeks, so the shift stops there.
  @Test func shiftsStayInsideTheRange() throws {
    var (outcome, treatment): ([Double], [Bool]) = ([], [])
    for person in 0..<40 {
      let isTreated = person < 20
      outcome.append(person % 5 == 0 ? .nan : Double(person % 7) + (isTreated ? 6 : 0))
      treatment.append(isTreated)
    }
    let evidence = try OutcomeEvidence(
      outcome: outcome, treatment: treatment,
      lower: outcome.map { $0.isNaN ? 0 : $0 }, upper: outcome.map { $0.isNaN ? 13 : $0 })
    let tipping = try TippingPoint(scale: .delta, values: [0]).fit(evidence)
    #expect(tipping.atRandom.side == .above)
    for tip in tipping.tips {
      guard let point = tip.point else { continue }
      #expect((0...13).contains(point.treatedMean) && (0...13).contains(point.comparisonMean))
    }
    // Ten weeks more of four in twenty could not make up for six.
    #expect(tipping.tips.first { $0.line == .comparison && $0.event == .sign }?.point == nil)
  }

  /// Very many clusters take a shorter way to the same degrees of freedom.
  @Test func degreesOfFreedomOfManyClusters() throws {
    func degrees(_ clusters: Int) throws -> Double {
      let count = 4 * clusters
      let evidence = try OutcomeEvidence(
        outcome: (0..<count).map { ($0 * 37) % 101 < 40 ? 1 : 0 },
        treatment: (0..<count).map { ($0 / 4) % 2 == 0 },
        cluster: Factor(
          codes: (0..<count).map { Int32($0 / 4) }, levels: (0..<clusters).map { "\($0)" }))
      return try MissingEvidence().fit(evidence)[.completeCase]?.estimate.degreesOfFreedom ?? 0
    }
    // Equal clusters: one less than the number in each arm, together.
    #expect(close(try degrees(100), 98, .published))
    #expect(close(try degrees(600), 598, .published))
  }
}
