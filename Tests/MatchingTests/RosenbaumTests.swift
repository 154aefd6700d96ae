import Statistics
import TestSupport
import Testing

@testable import Matching

/// Lead in the blood of 33 exposed children and their matched controls (Morton 1982).
private let lead: [Double] = {
  let exposed: [Double] = [
    38, 23, 41, 18, 37, 36, 23, 62, 31, 34, 24, 14, 21, 17, 16, 20, 15, 10, 45, 39, 22, 35, 49, 48,
    44, 35, 43, 39, 34, 13, 73, 25, 27,
  ]
  let controls: [Double] = [
    16, 18, 18, 24, 19, 11, 10, 15, 16, 18, 18, 13, 19, 10, 16, 16, 24, 13, 9, 14, 21, 19, 7, 18,
    19, 12, 11, 22, 25, 16, 13, 11, 13,
  ]
  return zip(exposed, controls).map { $0 - $1 }
}()

@Suite struct RosenbaumTests {
  private func random(_ count: Int, _ seed: UInt64) -> [Double] {
    var stream = RandomStream(seed: seed, name: "rosenbaum")
    return (0..<count).map { _ in (stream.uniform() * 41).rounded(.down) / 2 - 8 }
  }

  @Test func leadInTheBlood() throws {
    let gammas = [2.0, 3, 4, 5, 6]
    let result = try RosenbaumBounds(gammas: gammas).bounds(differences: lead)
    let published = [0.0018, 0.0131, 0.0367, 0.0694, 0.1073]
    for (bound, value) in zip(result.bounds, published) {
      #expect(((bound.pUpper ?? 1) * 1e4).rounded() / 1e4 == value)
    }
    // Independently computed to all digits.
    #expect(close(result.bounds[0].pUpper ?? 0, 0.0017717042841824823, .closedForm))
    #expect(result.sets == 33)
    #expect(result.informativeSets == lead.count { $0 != 0 })
  }

  @Test func hodgesLehmannIsExact() throws {
    let result = try RosenbaumBounds(statistic: .hodgesLehmann, gammas: [1, 2, 6])
      .bounds(differences: lead)
    #expect(result.bounds.map(\.estimateLow) == [15, 10.25, 4])
    #expect(result.bounds.map(\.estimateHigh) == [15, 19.5, 28])
    #expect(result.sensitivityValue == nil)
  }

  @Test func mcNemar() throws {
    let differences =
      [Double](repeating: 1, count: 110) + [Double](repeating: -1, count: 12)
      + [Double](repeating: 0, count: 40)
    let result = try RosenbaumBounds(statistic: .mcNemar, gammas: [4, 5, 6])
      .bounds(differences: differences)
    let published = [0.0019633, 0.0231686, 0.0969288]
    for (bound, value) in zip(result.bounds, published) {
      #expect(((bound.pUpper ?? 1) * 1e7).rounded() / 1e7 == value)
    }
    #expect(result.informativeSets == 122)
  }

  @Test func walshAveragesAreThoseListed() {
    for seed in 1...30 as ClosedRange<UInt64> {
      let values = random(Int(seed), seed)
      var all: [Double] = []
      for i in values.indices {
        for j in i..<values.count { all.append((values[i] + values[j]) / 2) }
      }
      all.sort(by: >)
      let averages = WalshAverages(values)
      #expect((1...averages.count).map { averages.largest($0) } == all)
    }
  }

  @Test func exactPValuesAreThoseListed() throws {
    let golden = try Golden.json("hidden_bias.json")["signed_ranks"]
    let differences = golden["differences"].doubles
    for row in golden["p"].array {
      let pair = row.doubles
      let result = try RosenbaumBounds(gammas: [pair[0]], pValue: .exact)
        .bounds(differences: differences)
      #expect(close(result.bounds[0].pUpper ?? 0, pair[1], .closedForm))
    }
    // With one more pair than offered, it is refused.
    #expect(throws: SiblingError.self) {
      try RosenbaumBounds(pValue: .exact).bounds(
        differences: [Double](repeating: 1, count: RosenbaumBounds.largestExact + 1))
    }
  }

  @Test func setsOfSeveralComparisons() throws {
    let golden = try Golden.json("hidden_bias.json")["m_statistic"]
    var (outcome, treatment, codes): ([Double], [Bool], [Int32]) = ([], [], [])
    for (set, row) in golden["sets"].array.enumerated() {
      for (place, value) in row.doubles.enumerated() {
        outcome.append(value)
        treatment.append(place == 0)
        codes.append(Int32(set))
      }
    }
    let sets = Factor(codes: codes, levels: golden["sets"].array.indices.map { "\($0)" })
    for row in golden["deviates"].array {
      let pair = row.doubles
      let result = try RosenbaumBounds(statistic: .mStatistic, gammas: [pair[0]])
        .bounds(outcome: outcome, treatment: treatment, sets: sets)
      #expect(
        close(result.bounds[0].pUpper ?? 0, Normal.standard.upperTail(pair[1]), .closedForm))
    }
    // The other way round, with one comparison and several treated, the signs are flipped.
    let turned = try RosenbaumBounds(statistic: .mStatistic, gammas: [1, 2])
      .bounds(outcome: outcome.map { -$0 }, treatment: treatment.map { !$0 }, sets: sets)
    let plain = try RosenbaumBounds(statistic: .mStatistic, gammas: [1, 2])
      .bounds(outcome: outcome, treatment: treatment, sets: sets)
    for (a, b) in zip(turned.bounds, plain.bounds) {
      #expect(close(a.pUpper ?? 0, b.pUpper ?? 1, .closedForm))
      #expect(close(a.pLower ?? 0, b.pLower ?? 1, .closedForm))
    }
    for statistic in [RosenbaumBounds.Statistic.wilcoxon, .hodgesLehmann] {
      #expect(throws: SiblingError.self) {
        try RosenbaumBounds(statistic: statistic).bounds(
          outcome: outcome, treatment: treatment, sets: sets)
      }
    }
  }

  @Test(arguments: [RosenbaumBounds.Statistic.wilcoxon, .mStatistic, .mcNemar])
  func boundsWidenWithGamma(_ statistic: RosenbaumBounds.Statistic) throws {
    let gammas = [1, 1.1, 1.5, 2, 3, 10, 1000]
    for seed in 1...20 as ClosedRange<UInt64> {
      var differences = random(40, seed)
      if statistic == .mcNemar {
        differences = differences.map { $0 > 2 ? 1 : $0 < -3 ? -1 : 0 }
      }
      for alternative in RosenbaumBounds.Alternative.allCases {
        let result = try RosenbaumBounds(
          statistic: statistic, alternative: alternative, gammas: gammas
        ).bounds(differences: differences)
        let (lower, upper) = (
          result.bounds.map { $0.pLower ?? -1 }, result.bounds.map { $0.pUpper ?? 2 }
        )
        #expect(close(lower[0], upper[0], .closedForm))
        #expect(zip(lower, lower.dropFirst()).allSatisfy { $0 >= $1 - 1e-14 })
        #expect(zip(upper, upper.dropFirst()).allSatisfy { $0 <= $1 + 1e-14 })
        #expect(
          lower.allSatisfy { (0...1).contains($0) } && upper.allSatisfy { (0...1).contains($0) })
        let value = try #require(result.sensitivityValue)
        if value > 1 {
          let there = try RosenbaumBounds(
            statistic: statistic, alternative: alternative, gammas: [value]
          ).bounds(differences: differences).bounds[0].pUpper
          #expect(close(there ?? 0, 0.05))
        } else {
          #expect(upper[0] >= 0.05)
        }
      }
    }
  }

  @Test func orderScaleAndSignOfPairs() throws {
    for statistic in [RosenbaumBounds.Statistic.wilcoxon, .hodgesLehmann, .mStatistic] {
      let differences = random(31, 7).map { $0 + 3 }
      let plain = try RosenbaumBounds(statistic: statistic).bounds(differences: differences)
      let turned = try RosenbaumBounds(statistic: statistic).bounds(
        differences: differences.reversed())
      let scaled = try RosenbaumBounds(statistic: statistic).bounds(
        differences: differences.map { $0 * 4 })
      let flipped = try RosenbaumBounds(statistic: statistic, alternative: .less).bounds(
        differences: differences.map { -$0 })
      for (place, bound) in plain.bounds.enumerated() {
        #expect(close(bound.pUpper ?? 0, turned.bounds[place].pUpper ?? 0, .closedForm))
        #expect(bound.pUpper == scaled.bounds[place].pUpper)
        #expect(close(bound.pUpper ?? 0, flipped.bounds[place].pUpper ?? 0, .closedForm))
        #expect(bound.estimateLow == turned.bounds[place].estimateLow)
        #expect(bound.estimateLow.map { $0 * 4 } == scaled.bounds[place].estimateLow)
        #expect(bound.estimateLow == flipped.bounds[place].estimateHigh.map { -$0 })
        #expect(bound.intervalLow == flipped.bounds[place].intervalHigh.map { -$0 })
      }
    }
  }

  /// An effect is in the interval just when the two-sided test doesn't reject it.
  @Test func theIntervalInvertsTheTest() throws {
    let differences = random(25, 3).enumerated().map { $0.element + 3 + Double($0.offset) / 1024 }
    for gamma in [1.0, 1.5] {
      let bound = try RosenbaumBounds(statistic: .hodgesLehmann, gammas: [gamma])
        .bounds(differences: differences).bounds[0]
      let low = try #require(bound.intervalLow)
      let high = try #require(bound.intervalHigh)
      #expect(low < bound.estimateLow ?? -1e9 && high > bound.estimateHigh ?? 1e9)
      func p(_ effect: Double) throws -> Double {
        try RosenbaumBounds(alternative: .twoSided, gammas: [gamma])
          .bounds(differences: differences.map { $0 - effect }).bounds[0].pUpper ?? -1
      }
      #expect(try p(low - 1e-6) < 0.05 && p(low + 1e-6) >= 0.05)
      #expect(try p(high + 1e-6) < 0.05 && p(high - 1e-6) >= 0.05)
    }
  }

  @Test func badInput() {
    func code(_ bounds: RosenbaumBounds, _ differences: [Double]) -> SiblingError.Code? {
      do {
        _ = try bounds.bounds(differences: differences)
        return nil
      } catch { return error.code }
    }
    #expect(code(RosenbaumBounds(), []) == .noMatches)
    #expect(code(RosenbaumBounds(), [0, 0]) == .constantOutcome)
    #expect(code(RosenbaumBounds(), [1, .nan]) == .missingValue)
    #expect(code(RosenbaumBounds(), [1, .infinity]) == .badValue)
    #expect(code(RosenbaumBounds(gammas: [0.5]), [1]) == .invalidOption)
    #expect(code(RosenbaumBounds(gammas: []), [1]) == .invalidOption)
    #expect(code(RosenbaumBounds(gammas: [.nan]), [1]) == .invalidOption)
    #expect(code(RosenbaumBounds(statistic: .mcNemar), [2]) == .badValue)
    #expect(code(RosenbaumBounds(statistic: .mStatistic), [1, 0, 0]) == .badValue)
    #expect(code(RosenbaumBounds(statistic: .mStatistic), [0, 0]) == .constantOutcome)
    #expect(code(RosenbaumBounds(level: 1), [1]) == .invalidOption)
    #expect(code(RosenbaumBounds(statistic: .hodgesLehmann), [1e308, 1e308]) == nil)
    let bounds = RosenbaumBounds(statistic: .mStatistic)
    let sets = Factor(codes: [0, 0, 0, 0], levels: ["a"])
    #expect(throws: SiblingError.self) {
      try bounds.bounds(outcome: [1, 2, 3, 4], treatment: [true, true, false, false], sets: sets)
    }
    #expect(throws: SiblingError.self) {
      try bounds.bounds(outcome: [1, 2, 3, 4], treatment: [true, true, true, true], sets: sets)
    }
    #expect(throws: SiblingError.self) {
      try bounds.bounds(outcome: [1, 2, 3], treatment: [true, false, false, false], sets: sets)
    }
  }
}

@Suite struct ManskiTests {
  private let outcome: [Double] = [1, 0, 1, 1, 0, 0, 1, 0]
  private let treatment = [true, true, true, true, false, false, false, false]

  @Test func widthIsTheRange() throws {
    let bounds = try ManskiBounds(lower: 0, upper: 1).bounds(outcome: outcome, treatment: treatment)
    // E[Y(1)] is 3/8 to 7/8, E[Y(0)] 1/8 to 5/8.
    #expect(close([bounds.low, bounds.high], [-0.25, 0.75], .closedForm))
    let treated = try ManskiBounds(lower: 0, upper: 1, estimand: .att)
      .bounds(outcome: outcome, treatment: treatment)
    #expect(close([treated.low, treated.high], [-0.25, 0.75], .closedForm))
    let others = try ManskiBounds(lower: 0, upper: 1, estimand: .atc)
      .bounds(outcome: outcome, treatment: treatment)
    #expect(close([others.low, others.high], [-0.25, 0.75], .closedForm))
    // The standard error of a mean of 0.75 among four, n − 1 over all eight rows.
    #expect(close(treated.lowError, (0.75 * 0.25 / 4 * 8 / 7).squareRoot(), .closedForm))
  }

  @Test func missingOutcomesAreReadInTheWorstWay() throws {
    let bounds = try ManskiBounds(lower: -1, upper: 2, estimand: .att)
      .bounds(outcome: [1, .nan, 0.5, 1], treatment: [true, true, false, false])
    #expect(close([bounds.low, bounds.high], [0 - 2, 1.5 + 1], .closedForm))
    #expect(bounds.missingOutcomes == 1)
  }

  @Test func assumptionsNarrow() throws {
    func bounds(
      _ response: ManskiBounds.Response, _ selection: ManskiBounds.Selection,
      _ estimand: Estimand = .ate
    ) throws -> [Double] {
      let found = try ManskiBounds(
        lower: 0, upper: 1, estimand: estimand, response: response, selection: selection
      ).bounds(outcome: outcome, treatment: treatment)
      return [found.low, found.high]
    }
    #expect(close(try bounds(.increasing, .none), [0, 0.75], .closedForm))
    #expect(close(try bounds(.decreasing, .none), [-0.25, 0], .closedForm))
    #expect(close(try bounds(.none, .positive), [-0.25, 0.5], .closedForm))
    #expect(close(try bounds(.none, .negative), [0.5, 0.75], .closedForm))
    #expect(close(try bounds(.increasing, .positive, .att), [0, 0.5], .closedForm))
    // The treated do better, so treatment can't harm everybody if they were worse placed.
    #expect(throws: SiblingError.self) { try bounds(.decreasing, .negative) }
  }

  @Test func reachGoesFromOneSidedToTwoSided() throws {
    #expect(close(try ManskiBounds.reach(width: 0, error: 1, level: 0.95), 1.959963984540054))
    #expect(close(try ManskiBounds.reach(width: 1e6, error: 1, level: 0.95), 1.6448536269514722))
    let middle = try ManskiBounds.reach(width: 1, error: 1, level: 0.95)
    #expect(
      close(
        Normal.standard.lowerTail(middle + 1) - Normal.standard.lowerTail(-middle), 0.95,
        .closedForm))
  }

  @Test func flipShiftWeightsAndOrder() throws {
    let plain = try ManskiBounds(lower: 0, upper: 1).bounds(outcome: outcome, treatment: treatment)
    let flipped = try ManskiBounds(lower: -1, upper: 0).bounds(
      outcome: outcome.map { -$0 }, treatment: treatment)
    #expect(close([flipped.low, flipped.high], [-plain.high, -plain.low], .closedForm))
    #expect(close(flipped.interval.high, -plain.interval.low, .closedForm))
    let shifted = try ManskiBounds(lower: 5, upper: 6).bounds(
      outcome: outcome.map { $0 + 5 }, treatment: treatment)
    #expect(close([shifted.low, shifted.high], [plain.low, plain.high], .closedForm))
    let turned = try ManskiBounds(lower: 0, upper: 1).bounds(
      outcome: outcome.reversed(), treatment: treatment.reversed())
    #expect(close(turned.interval.low, plain.interval.low, .closedForm))
    // Weights are repeated rows for the bounds; clusters make their errors honest.
    let weights: [Double] = [2, 1, 1, 1, 1, 1, 1, 2]
    let weighted = try ManskiBounds(lower: 0, upper: 1).bounds(
      outcome: outcome, treatment: treatment, weights: weights)
    let repeated = try ManskiBounds(lower: 0, upper: 1).bounds(
      outcome: [outcome[0]] + outcome + [outcome[7]],
      treatment: [treatment[0]] + treatment + [treatment[7]],
      cluster: Factor(codes: [0, 0, 1, 2, 3, 4, 5, 6, 7, 7], levels: (0..<8).map { "\($0)" }))
    #expect(close([weighted.low, weighted.high], [repeated.low, repeated.high], .closedForm))
    #expect(close(weighted.lowError, repeated.lowError, .closedForm))
    #expect(close(weighted.highError, repeated.highError, .closedForm))
  }

  @Test func badInput() {
    func code(_ bounds: ManskiBounds, _ outcome: [Double], _ treatment: [Bool]) -> SiblingError
      .Code?
    {
      do {
        _ = try bounds.bounds(outcome: outcome, treatment: treatment)
        return nil
      } catch { return error.code }
    }
    let plain = ManskiBounds(lower: 0, upper: 1)
    #expect(code(plain, [0, 2], [true, false]) == .badValue)
    #expect(code(plain, [0, 1], [true, true]) == .constantTreatment)
    #expect(code(plain, [0, .nan], [true, false]) == .missingValue)
    #expect(code(plain, [0], [true, false]) == .sizeMismatch)
    #expect(code(plain, [0, .infinity], [true, false]) == .badValue)
    #expect(code(ManskiBounds(lower: 1, upper: 1), [1, 1], [true, false]) == .invalidOption)
    #expect(
      code(ManskiBounds(lower: 0, upper: .infinity), [1, 1], [true, false]) == .invalidOption)
    #expect(
      code(ManskiBounds(lower: 0, upper: 1, estimand: .ato), [1, 1], [true, false])
        == .invalidOption)
  }
}
