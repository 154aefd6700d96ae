import Contracts
import LinearAlgebra
import Statistics
import TestSupport
import Testing

/// Golden values are those of `contracts/value_for_money.py`: dense matrices and root finding.
@Suite struct CostEffectivenessTests {
  private static let sites: [SitePair] = [
    .init(isTreated: true, cost: 120_000, clients: 60, effectSum: 18, effectWeight: 55),
    .init(isTreated: true, cost: 90_000, clients: 30, effectSum: 12, effectWeight: 31),
    .init(isTreated: true, cost: 200_000, clients: 110, effectSum: 50, effectWeight: 100),
    .init(isTreated: false, cost: 60_000, clients: 50, effectSum: 10, effectWeight: 48),
    .init(isTreated: false, cost: 100_000, clients: 70, effectSum: 15, effectWeight: 70),
    .init(isTreated: false, cost: 40_000, clients: 44, effectSum: 8, effectWeight: 40),
    .init(isTreated: false, cost: 150_000, clients: 90, effectSum: 22, effectWeight: 93),
  ]
  private static let tight = Tolerance(relative: 1e-10, absolute: 1e-14)

  private static func golden() throws -> JSON {
    try Golden.json("contracts/value_for_money.json")
  }

  private static func given(
    _ cost: Double, _ costError: Double, _ effect: Double, _ effectError: Double,
    _ correlation: Double = 0
  ) throws -> CostEffectContrast {
    try CostEffectContrast(
      cost: cost, effect: effect, costVariance: costError * costError,
      effectVariance: effectError * effectError, covariance: correlation * costError * effectError)
  }

  @Test func differencesAndTheirCovarianceAcrossSites() throws {
    let golden = try Self.golden()
    let contrast = try CostEffectContrast(Self.sites)
    #expect(close(contrast.cost, golden["cost"].double, Self.tight))
    #expect(close(contrast.effect, golden["effect"].double, Self.tight))
    #expect(close(contrast.costVariance, golden["cost_variance"].double, Self.tight))
    #expect(close(contrast.effectVariance, golden["effect_variance"].double, Self.tight))
    #expect(close(contrast.covariance, golden["covariance"].double, Self.tight))
    #expect(close(contrast.costDegrees ?? 0, golden["cost_df"].double, Self.tight))
    #expect(close(contrast.effectDegrees ?? 0, golden["effect_df"].double, Self.tight))
  }

  @Test func fiellerIsAnIntervalItsComplementOrEverything() throws {
    let golden = try Self.golden()
    let contrast = try CostEffectContrast(Self.sites)
    guard case .bounded(let low, let high) = FiellerInterval(contrast, level: 0.95) else {
      Issue.record("not bounded")
      return
    }
    #expect(close([low, high], golden["sites95"]["roots"].doubles, Self.tight))
    guard case .complement(let below, let above) = FiellerInterval(contrast, level: 0.99) else {
      Issue.record("not a complement")
      return
    }
    #expect(close([below, above], golden["sites99"]["roots"].doubles, Self.tight))
    let normal = FiellerInterval(try Self.given(500, 200, 0.05, 0.03), level: 0.95)
    guard case .complement(let left, let right) = normal else {
      Issue.record("not a complement")
      return
    }
    #expect(close([left, right], golden["normal"]["roots"].doubles, Self.tight))
    // The estimate is never rejected.
    #expect(normal.contains(10_000))
    #expect(
      FiellerInterval(try Self.given(100, 200, 0.01, 0.03), level: 0.95) == .wholeLine)
    #expect(golden["whole"]["roots"].array.isEmpty)
  }

  @Test func fiellerByHand() {
    // C = 3, E = 2, variances 1, no covariance, t = 1: 3r² − 12r + 8 = 0 → 2 ± √12/3.
    let set = FiellerInterval(
      numerator: 3, denominator: 2, numeratorVariance: 1, denominatorVariance: 1, covariance: 0,
      quantile: 1)
    guard case .bounded(let low, let high) = set else {
      Issue.record("not bounded")
      return
    }
    #expect(
      close([low, high], [2 - 12.0.squareRoot() / 3, 2 + 12.0.squareRoot() / 3], Self.tight))
    // An effect that just reaches nought: 4 − 4·1 = 0, so −12r + 5 ≤ 0.
    let edge = FiellerInterval(
      numerator: 3, denominator: 2, numeratorVariance: 1, denominatorVariance: 1, covariance: 0,
      quantile: 2)
    #expect(edge == .from(5.0 / 12))
    // Scaling pounds to pence scales the set.
    let pence = FiellerInterval(
      numerator: 300, denominator: 2, numeratorVariance: 1e4, denominatorVariance: 1, covariance: 0,
      quantile: 1)
    guard case .bounded(let a, let b) = pence else {
      Issue.record("not bounded")
      return
    }
    #expect(close([a, b], [low * 100, high * 100], Self.tight))
  }

  @Test func netBenefitAndAcceptability() throws {
    let analysis = try CostEffectiveness(willingness: [0, 5000, 20_000])
    let result = try analysis.fit(Self.sites)
    for (found, row) in zip(result.netBenefits, try Self.golden()["benefits"].array) {
      let expected = row.doubles
      #expect(
        close(
          [
            found.willingness, found.estimate, found.standardError, found.interval.low,
            found.interval.high, found.probability,
          ], expected, Self.tight))
      // 5,000 draws: a probability has an error of at most 0.007.
      #expect((found.probability - found.drawnProbability).magnitude < 0.03)
    }
    // By hand: 10,000·0.05 − 500 = 0, so a half; the error is √(300² + 200²).
    let known = try CostEffectiveness(willingness: [10_000]).fit(
      Self.given(500, 200, 0.05, 0.03))
    #expect(known.netBenefits[0].probability == 0.5)
    #expect(close(known.netBenefits[0].standardError, 130_000.0.squareRoot(), Self.tight))
    let quadrants = result.quadrants
    #expect(
      close(
        quadrants.betterDearer + quadrants.betterCheaper + quadrants.worseDearer
          + quadrants.worseCheaper, 1, .closedForm))
  }

  @Test func aRatioIsGivenOnlyWhereItIsDetermined() throws {
    let analysis = try CostEffectiveness(willingness: [1000])
    let clear = try analysis.fit(Self.sites)
    #expect(close(clear.ratio ?? 0, 672.047_244_094_488 / 0.210_984_020_905_625, Self.tight))
    #expect(clear.refusal == nil)
    #expect(clear.ratioIntervals.map(\.method) == ["percentile", "BCa"])
    #expect(
      clear.ratioIntervals.allSatisfy { $0.low < clear.ratio ?? 0 && clear.ratio ?? 0 < $0.high })
    // The effect's interval spans nought.
    let unclear = analysis.fit(try Self.given(500, 200, 0.05, 0.03))
    #expect(unclear.ratio == nil)
    #expect(unclear.refusal?.contains("includes nought") == true)
    // So does that of a known effect, though its error would not say so.
    let known = try analysis.fit(
      Self.sites,
      effect: .init(estimate: 0.2, interval: .init(low: -0.01, high: 0.41, level: 0.95)))
    #expect(known.ratio == nil && known.ratioIntervals.isEmpty)
    #expect(known.contrast.effect == 0.2)
    // Fewer outcomes, or a lower cost, have no price either.
    #expect(
      analysis.fit(try Self.given(500, 20, -0.2, 0.01)).refusal?.contains("not above") == true)
    let cheaper = analysis.fit(try Self.given(-500, 20, 0.2, 0.01))
    #expect(cheaper.ratio == nil && cheaper.refusal?.contains("lower cost") == true)
  }

  @Test func resamplesFollowSitesAndAKnownEffect() throws {
    let draws = CostEffectDraws(draws: 400, seed: 3)
    let own = draws.resampled(Self.sites)
    let moved = draws.resampled(Self.sites, shift: 0.05)
    #expect(own.count == 400)
    for (a, b) in zip(own, moved) {
      #expect(a.cost == b.cost && close(b.effect - a.effect, 0.05, .converged))
    }
    // One site in an arm can't be resampled.
    #expect(draws.resampled(Array(Self.sites.dropFirst(2))).isEmpty)
  }

  @Test func theSameBytesOnAnyNumberOfThreads() throws {
    let analysis = try CostEffectiveness(
      willingness: [1000], draws: CostEffectDraws(draws: 1200, seed: 9))
    defer { Parallel.setThreads(2) }
    Parallel.setThreads(1)
    let one = try analysis.fit(Self.sites)
    Parallel.setThreads(4)
    let four = try analysis.fit(Self.sites)
    #expect(one == four)
    // And in any order of the comparison's rows, but for the last digits.
    let turned = try CostEffectContrast(Self.sites.reversed())
    #expect(close(turned.covariance, one.contrast.covariance, Self.tight))
  }

  @Test func impossibleSettingsAreRefused() throws {
    #expect(throws: SiblingError.self) { try CostEffectContrast(Array(Self.sites.prefix(4))) }
    #expect(throws: SiblingError.self) { try CostEffectContrast(Array(Self.sites.prefix(3))) }
    #expect(throws: SiblingError.self) { try Self.given(1, 1, 1, 1, 1.5) }
    #expect(throws: SiblingError.self) { try Self.given(.nan, 1, 1, 1) }
    #expect(throws: SiblingError.self) { try CostEffectiveness(willingness: [-1]) }
    #expect(throws: SiblingError.self) { try CostEffectiveness(level: 1, willingness: []) }
    #expect(throws: SiblingError.self) {
      try CostEffectiveness(willingness: [], draws: CostEffectDraws(draws: 5))
    }
  }
}
