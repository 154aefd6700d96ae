import Statistics
import TestSupport
import Testing

@testable import Cohorts

/// Two arms in eight sites with covariates and unknown outcomes, made by whole-number arithmetic as
/// `Tests/Reference/missing_evidence.R` makes them.
enum EvidenceWorld {
  static let count = 240
  static let site = (0..<count).map { $0 % 8 }
  static let treatment = site.map { $0 < 4 }
  static let x1 = (0..<count).map { Double(($0 * 37) % 101) / 101 - 0.5 }
  static let x2 = (0..<count).map { ($0 * 53) % 97 < 40 ? 1.0 : 0.0 }
  static let sites = Factor(
    codes: site.map { Int32($0) }, levels: (0..<8).map { "site \($0)" })

  static let complete: [Double] = (0..<count).map { i in
    let u = Double((i * 71) % 113) / 113
    let arm = treatment[i] ? 1.0 : 0.0
    let rate = 0.35 + 0.12 * arm + 0.2 * x1[i] - 0.1 * x2[i] + 0.03 * Double(site[i] % 3)
    return u < rate ? 1 : 0
  }
  static let outcome: [Double] = (0..<count).map { i in
    let v = Double((i * 29) % 127) / 127
    let arm = treatment[i] ? 1.0 : 0.0
    return v < 0.78 - 0.12 * arm + 0.25 * x1[i] + 0.1 * x2[i] * arm ? complete[i] : .nan
  }

  static func evidence(
    _ outcome: [Double] = outcome, covariates: Bool = true, clustered: Bool = true
  ) throws -> OutcomeEvidence {
    try OutcomeEvidence(
      outcome: outcome, treatment: treatment, covariates: covariates ? [x1, x2] : [],
      cluster: clustered ? sites : nil)
  }
}

@Suite struct MissingEvidenceTests {
  /// Twelve people: treated 1 1 0 1 ? ?, comparisons 0 1 0 0 0 ?.
  private static let twelve = (
    outcome: [1, 1, 0, 1, .nan, .nan, 0, 1, 0, 0, 0, .nan],
    treatment: (0..<12).map { $0 < 6 }
  )

  @Test func twelvePeopleByHand() throws {
    let evidence = try OutcomeEvidence(
      outcome: Self.twelve.outcome, treatment: Self.twelve.treatment)
    let result = try MissingEvidence().fit(evidence)
    func value(_ reading: MissingEvidence.Reading) -> Double {
      result[reading]?.estimate.estimate ?? .nan
    }
    func error(_ reading: MissingEvidence.Reading) -> Double {
      result[reading]?.estimate.standardError ?? .nan
    }
    #expect(close(value(.completeCase), 3.0 / 4 - 1.0 / 5, .closedForm))
    #expect(close(value(.missingIsNo), 3.0 / 6 - 1.0 / 6, .closedForm))
    #expect(close(value(.worst), 3.0 / 6 - 2.0 / 6, .closedForm))
    #expect(close(value(.best), 5.0 / 6 - 1.0 / 6, .closedForm))
    // Without covariates everybody of an arm weighs the same.
    #expect(close(value(.ipcw), 0.55, .converged))
    #expect(close(result[.bounds]?.low ?? .nan, 1.0 / 6, .closedForm))
    #expect(close(result[.bounds]?.high ?? .nan, 2.0 / 3, .closedForm))
    // Welch: s²/n in each arm, s² = 0.3 and 4/15.
    #expect(close(error(.worst), (0.3 / 6 + 4.0 / 15 / 6).squareRoot(), .closedForm))
    // Lee: comparisons are known in 5 of 6, treated in 4 of 6, so one of five known comparisons is cut:
    // a 0 for the lower bound, the 1 for the upper.
    #expect(close(value(.leeLow), 0.5, .closedForm))
    #expect(close(value(.leeHigh), 0.75, .closedForm))
    // Lee's variance, his proposition 3: kept (0.1875/0.8 + 0.2·0.0625/0.8)/5, share (−0.3125)²·0.224/3,
    // the other arm 0.1875/4.
    let lee = 0.05 + 0.3125 * 0.3125 * 0.224 / 3 + 0.046875
    #expect(close(error(.leeLow), lee.squareRoot(), .closedForm))
    #expect(result.counts.unknownTreated == 2 && result.counts.unknownComparison == 1)
    #expect(result[.completeCase]?.rows == 9 && result[.worst]?.rows == 12)
  }

  /// The values that missing_evidence.R prints.
  @Test func agreesWithSandwiches() throws {
    let result = try MissingEvidence(truncation: 1).fit(EvidenceWorld.evidence())
    let apart = try MissingEvidence(truncation: 1).fit(EvidenceWorld.evidence(clustered: false))
    let golden: [(MissingEvidence.Reading, Double, Double, Double?, Double)] = [
      (.completeCase, 0.18294323006569430, 0.04918487360988227, nil, 0.06904826038528231),
      (
        .missingIsNo, 0.11829035087590407, 0.03960325703270452, 6.00004323650028759,
        0.05794006896565802
      ),
      (
        .worst, -0.09625931785412360, 0.04170189883881685, 6.00004323650028759,
        0.06234100422358564
      ),
      (
        .best, 0.37926222073063393, 0.03727212061797068, 6.00004323650028759,
        0.05714259171972687
      ),
    ]
    for (reading, value, clustered, degrees, robust) in golden {
      let estimate = try #require(result[reading]?.estimate)
      #expect(close(estimate.estimate, value, .converged), "\(reading)")
      #expect(close(estimate.standardError ?? .nan, clustered, .published), "\(reading)")
      if let degrees { #expect(close(estimate.degreesOfFreedom ?? .nan, degrees)) }
      #expect(close(apart[reading]?.estimate.standardError ?? .nan, robust, .converged))
    }
    // Stacked estimating equations, the outcome model's scores adjusted for leverage as in HC2.
    let ipcw = try #require(apart[.ipcw]?.estimate)
    #expect(close(ipcw.estimate, 0.19074688120524155, .converged))
    #expect(close(ipcw.standardError ?? .nan, 0.07034986665212878))
    // By site: CR2 of the regression on columns times the square root of the weights, and the influence.
    let sited = try #require(result[.ipcw]?.estimate)
    #expect(close(sited.degreesOfFreedom ?? .nan, 5.991339455296063))
    #expect(close(sited.standardError ?? .nan, 0.04961081258391751))
    let treated = try MissingEvidence(estimand: .att).fit(EvidenceWorld.evidence(clustered: false))
    let att = try #require(treated[.completeCase]?.estimate)
    #expect(close(att.estimate, 0.17900960621351869, .converged))
    #expect(close(att.standardError ?? .nan, 0.06887282613427742, .converged))
  }

  /// A predictor of two values makes the weights those of post-stratification.
  @Test func weightsByPredictorPostStratify() throws {
    let evidence = try OutcomeEvidence(
      outcome: EvidenceWorld.outcome, treatment: EvidenceWorld.treatment,
      predictors: [EvidenceWorld.x2])
    let result = try MissingEvidence(truncation: 1).fit(evidence)
    func mean(_ treated: Bool) -> Double {
      let arm = EvidenceWorld.treatment.indices.filter { EvidenceWorld.treatment[$0] == treated }
      return [0.0, 1.0].reduce(0.0) { sum, z in
        let stratum = arm.filter { EvidenceWorld.x2[$0] == z }
        let known = stratum.map { EvidenceWorld.outcome[$0] }.filter { !$0.isNaN }
        return sum + Double(stratum.count) / Double(arm.count) * known.reduce(0, +)
          / Double(known.count)
      }
    }
    #expect(close(result[.ipcw]?.estimate.estimate ?? .nan, mean(true) - mean(false), .converged))
  }

  @Test func nothingUnknownAndAllAgree() throws {
    let evidence = try EvidenceWorld.evidence(EvidenceWorld.complete)
    let result = try MissingEvidence().fit(evidence)
    let first = try #require(result[.completeCase]?.estimate)
    for reading in [MissingEvidence.Reading.missingIsNo, .ipcw, .worst, .best] {
      #expect(result[reading]?.estimate == first, "\(reading)")
    }
    let bounds = try #require(result[.bounds])
    #expect(bounds.low == first.estimate && bounds.high == first.estimate)
    #expect(close(bounds.estimate.interval?.low ?? .nan, first.interval?.low ?? 0))
    #expect(result[.leeLow] == nil)
    let tipping = try TippingPoint(scale: .rates, values: [0, 1]).fit(evidence)
    #expect(tipping.grid.isEmpty && tipping.tips.isEmpty)
    #expect(close(tipping.atRandom.estimate.standardError ?? .nan, first.standardError ?? 0))
  }

  @Test func boundsHoldEveryFilling() throws {
    let evidence = try EvidenceWorld.evidence(covariates: false)
    let result = try MissingEvidence(truncation: 1).fit(evidence)
    let low = try #require(result[.worst]?.estimate.estimate)
    let high = try #require(result[.best]?.estimate.estimate)
    var state: UInt64 = 7
    for _ in 0..<50 {
      let filled = EvidenceWorld.outcome.map { value -> Double in
        guard value.isNaN else { return value }
        state = state &* 6_364_136_223_846_793_005 &+ 1
        return state >> 63 == 1 ? 1 : 0
      }
      let effect = try #require(
        try MissingEvidence().fit(EvidenceWorld.evidence(filled, covariates: false))[.completeCase])
      #expect(effect.estimate.estimate >= low - 1e-12 && effect.estimate.estimate <= high + 1e-12)
    }
    for reading in [MissingEvidence.Reading.completeCase, .ipcw, .missingIsNo] {
      let value = try #require(result[reading]?.estimate.estimate)
      #expect(low <= value && value <= high)
    }
    let interval = try #require(result[.bounds]?.estimate.interval)
    let wide = (result[.worst]?.estimate.interval?.low, result[.best]?.estimate.interval?.high)
    #expect(interval.low < low && interval.high > high)
    #expect(interval.low > wide.0 ?? 0 && interval.high < wide.1 ?? 0)
  }

  @Test func orderOfRowsDoesNotMatter() throws {
    let order = (0..<EvidenceWorld.count).map { ($0 * 77) % EvidenceWorld.count }
    #expect(Set(order).count == EvidenceWorld.count)
    let shuffled = try OutcomeEvidence(
      outcome: order.map { EvidenceWorld.outcome[$0] },
      treatment: order.map { EvidenceWorld.treatment[$0] },
      covariates: [order.map { EvidenceWorld.x1[$0] }, order.map { EvidenceWorld.x2[$0] }],
      cluster: EvidenceWorld.sites.selecting(order))
    let one = try MissingEvidence().fit(EvidenceWorld.evidence())
    let two = try MissingEvidence().fit(shuffled)
    for (a, b) in zip(one.rows, two.rows) {
      #expect(a.reading == b.reading)
      #expect(close(a.estimate.estimate, b.estimate.estimate, .converged))
      #expect(close(a.estimate.standardError ?? .nan, b.estimate.standardError ?? .nan))
    }
  }

  @Test func weightsAreRepeatedRows() throws {
    let weights = (0..<EvidenceWorld.count).map { Double(($0 * 7) % 4) }
    let repeated = (0..<EvidenceWorld.count).flatMap {
      [Int](repeating: $0, count: Int(weights[$0]))
    }
    let weighted = try OutcomeEvidence(
      outcome: EvidenceWorld.outcome, treatment: EvidenceWorld.treatment,
      covariates: [EvidenceWorld.x1, EvidenceWorld.x2], weights: weights)
    let copied = try OutcomeEvidence(
      outcome: repeated.map { EvidenceWorld.outcome[$0] },
      treatment: repeated.map { EvidenceWorld.treatment[$0] },
      covariates: [repeated.map { EvidenceWorld.x1[$0] }, repeated.map { EvidenceWorld.x2[$0] }])
    let one = try MissingEvidence(truncation: 1).fit(weighted)
    let two = try MissingEvidence(truncation: 1).fit(copied)
    for (a, b) in zip(one.rows, two.rows) where a.reading != .bounds {
      #expect(close(a.estimate.estimate, b.estimate.estimate), "\(a.reading)")
    }
    let tips = try TippingPoint(scale: .delta, values: [-1]).fit(weighted)
    let same = try TippingPoint(scale: .delta, values: [-1]).fit(copied)
    #expect(close(tips.grid[0].estimate.estimate, same.grid[0].estimate.estimate))
  }

  /// Outcomes known to lie between columns, and outcomes in units.
  @Test func boundsOfEachPerson() throws {
    let evidence = try OutcomeEvidence(
      outcome: [10, 20, .nan, 5, 15, .nan], treatment: [true, true, true, false, false, false],
      lower: [10, 20, 3, 5, 15, .nan], upper: [10, 20, 30, 5, 15, 12])
    let result = try MissingEvidence().fit(evidence)
    #expect(close(result[.worst]?.estimate.estimate ?? .nan, 11 - 32.0 / 3, .closedForm))
    #expect(close(result[.best]?.estimate.estimate ?? .nan, 20 - 25.0 / 3, .closedForm))
    #expect(!evidence.isBinary)
    let plain = try OutcomeEvidence(
      outcome: [10, 20, .nan, 5, 15, .nan], treatment: [true, true, true, false, false, false])
    #expect(plain.notes.contains { $0.contains("no range is given") })
    #expect(throws: SiblingError.self) {
      try TippingPoint(scale: .rates, values: [0.5]).fit(plain)
    }
    let shifted = try TippingPoint(scale: .delta, values: [-3, 0]).fit(plain)
    // Both unknown at their arm's mean less 3: a third of 3 in each arm.
    #expect(close(shifted.grid[1].estimate.estimate, 5 - 1, .closedForm))
    #expect(close(shifted.grid[0].estimate.estimate, 5, .closedForm))
  }

  /// A record that a convention settled is read both ways when its bounds say so.
  @Test func recordedOutcomesThatAreOpen() throws {
    let evidence = try OutcomeEvidence(
      outcome: [1, 1, 0, 0, 1, 0], treatment: [true, true, true, false, false, false],
      lower: [1, 0, 0, 0, 1, 0], upper: [1, 1, 0, 1, 1, 0])
    #expect(evidence.isComplete && evidence.isOpen)
    let result = try MissingEvidence().fit(evidence)
    #expect(close(result[.completeCase]?.estimate.estimate ?? .nan, 1.0 / 3, .closedForm))
    #expect(close(result[.worst]?.estimate.estimate ?? .nan, 1.0 / 3 - 2.0 / 3, .closedForm))
    #expect(close(result[.best]?.estimate.estimate ?? .nan, 2.0 / 3 - 1.0 / 3, .closedForm))
  }

  @Test func badEvidenceIsRefused() throws {
    func code(_ make: () throws -> OutcomeEvidence) -> SiblingError.Code? {
      do {
        _ = try make()
        return nil
      } catch { return (error as? SiblingError)?.code }
    }
    #expect(code { try OutcomeEvidence(outcome: [], treatment: []) } == .noRows)
    #expect(
      code { try OutcomeEvidence(outcome: [1, 0], treatment: [true, true]) } == .constantTreatment)
    #expect(code { try OutcomeEvidence(outcome: [1], treatment: [true, false]) } == .sizeMismatch)
    #expect(
      code { try OutcomeEvidence(outcome: [1, .nan], treatment: [true, false]) } == .missingValue)
    #expect(
      code {
        try OutcomeEvidence(outcome: [1, 0], treatment: [true, false], covariates: [[1, .nan]])
      } == .missingValue)
    #expect(
      code {
        try OutcomeEvidence(outcome: [1, 0], treatment: [true, false], weights: [1, -1])
      } == .badWeight)
    #expect(
      code {
        try OutcomeEvidence(outcome: [1, 0], treatment: [true, false], lower: [2, 0])
      } == .badValue)
    #expect(
      code {
        try OutcomeEvidence(outcome: [.infinity, 0], treatment: [true, false])
      } == .badValue)
    // One row an arm: no regression can be judged.
    let two = try OutcomeEvidence(outcome: [1, 0], treatment: [true, false])
    #expect(throws: SiblingError.self) { try MissingEvidence().fit(two) }
    #expect(throws: SiblingError.self) {
      try MissingEvidence(truncation: 0.2).fit(EvidenceWorld.evidence())
    }
  }

  /// One treated site alone can't tell its effect from what else is special about it.
  @Test func oneTreatedSiteGivesNoStandardError() throws {
    let evidence = try OutcomeEvidence(
      outcome: EvidenceWorld.outcome, treatment: EvidenceWorld.site.map { $0 == 0 },
      cluster: EvidenceWorld.sites)
    let result = try MissingEvidence().fit(evidence)
    #expect(result[.completeCase]?.estimate.standardError == nil)
    #expect(result.notes.contains { $0.contains("without one of the clusters") })
    let tipping = try TippingPoint(scale: .rates, values: [0, 0.5]).fit(evidence)
    #expect(tipping.atRandom.side == .unclear)
  }
}
