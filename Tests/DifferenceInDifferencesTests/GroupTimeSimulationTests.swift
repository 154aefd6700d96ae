import DifferenceInDifferences
import LinearAlgebra
import Statistics
import TestSupport
import Testing

/// Known effects found again, and bands that cover them as often as they say.
@Suite struct GroupTimeSimulationTests {
  /// A staggered panel: unit effects, a common trend, and an effect of each cohort and period.
  private func panel(
    units: Int, periods: Int, starts: [Double?], seed: UInt64, index: UInt64,
    effect: (Double, Double) -> Double
  ) throws -> (panel: PanelDesign, outcome: [Double]) {
    var stream = RandomStream(seed: seed, name: "staggered", index: index)
    var (unit, time, group, outcome): ([Int32], [Double], [Double?], [Double]) = ([], [], [], [])
    for code in 0..<units {
      let start = starts[code % starts.count]
      let level = stream.normal()
      for period in 1...periods {
        let now = Double(period)
        unit.append(Int32(code))
        time.append(now)
        group.append(start)
        let gain = start.map { now >= $0 ? effect($0, now) : 0 } ?? 0
        outcome.append(level + 0.3 * now + gain + stream.normal())
      }
    }
    let factor = Factor(codes: unit, levels: (0..<units).map { "\($0)" })
    return (try PanelDesign(unit: factor, time: time, group: group), outcome)
  }

  /// Effects that grow with time since treatment: two-way fixed effects compare later starters with
  /// earlier ones, whose effects still grow, and come out far too small.
  @Test func growingEffectsAreRecoveredWhereTwoWayFixedEffectsFail() throws {
    let data = try panel(
      units: 1200, periods: 8, starts: [2, 4, 6], seed: 21, index: 0
    ) { start, now in (now - start + 1) * (start == 2 ? 1 : 0.5) }
    let result = try GroupTimeEffects(control: .notYetTreated).fit(
      data.panel, outcome: data.outcome)
    var truth = 0.0
    let after = result.cells.filter { $0.time >= $0.group }
    for cell in after {
      let effect = (cell.time - cell.group + 1) * (cell.group == 2 ? 1 : 0.5)
      let error = try #require(cell.estimate.standardError)
      #expect((cell.estimate.estimate - effect).magnitude < 4 * error)
      truth += effect / Double(after.count)
    }
    let simple = try #require(try result.aggregate(.simple).rows.last)
    let error = try #require(simple.standardError)
    #expect((simple.estimate - truth).magnitude < 4 * error)
    let fixed = try TwoWayFixedEffects().fit(
      data.panel, outcome: data.outcome, covariance: .cluster(.cr1, [data.panel.unit])
    ).estimate
    // The regression misses by many of its own standard errors.
    #expect((fixed.estimate - truth).magnitude > 8 * (fixed.standardError ?? .infinity))
  }

  /// The share of panels in which the band covers every effect is the level, within Monte-Carlo error;
  /// pointwise intervals cover all far less often.
  @Test func uniformBandsCoverAllEffects() throws {
    let replications = 300
    var (uniform, pointwise) = (0, 0)
    for replication in 0..<replications {
      let data = try panel(
        units: 240, periods: 5, starts: [3, 4, nil], seed: 8, index: UInt64(replication)
      ) { start, now in 0.2 * (now - start) + 0.1 * start }
      var effects = GroupTimeEffects()
      effects.bootstrap = 400
      effects.bands = .uniform
      let result = try effects.fit(data.panel, outcome: data.outcome)
      let isCovered = result.cells.map { cell -> (Bool, Bool) in
        let truth =
          cell.time >= cell.group ? 0.2 * (cell.time - cell.group) + 0.1 * cell.group : 0
        let miss = (cell.estimate.estimate - truth).magnitude
        let half = (cell.estimate.interval?.high ?? .nan) - cell.estimate.estimate
        return (miss <= half, miss <= 1.959964 * (cell.estimate.standardError ?? 0))
      }
      if isCovered.allSatisfy(\.0) { uniform += 1 }
      if isCovered.allSatisfy(\.1) { pointwise += 1 }
    }
    let n = Double(replications)
    let share = Double(uniform) / n
    #expect((share - 0.95).magnitude < 3 * (0.95 * 0.05 / n).squareRoot() + 0.005)
    #expect(Double(pointwise) / n < share - 0.08)
  }

  /// With many units Gaussian draws and the bootstrap's give the same band.
  @Test func analyticAndBootstrapBandsAgree() throws {
    let data = try panel(units: 1500, periods: 5, starts: [3, 4, nil], seed: 2, index: 0) { _, _ in
      1
    }
    var effects = GroupTimeEffects()
    effects.bands = .uniform
    let analytic = try effects.fit(data.panel, outcome: data.outcome)
    effects.bootstrap = 4000
    let drawn = try effects.fit(data.panel, outcome: data.outcome)
    // Quantiles of 4,000 draws have a standard error of 0.02.
    #expect(((analytic.criticalValue ?? 0) - (drawn.criticalValue ?? 9)).magnitude < 0.08)
    for (left, right) in zip(analytic.cells, drawn.cells) {
      let ratio = (left.estimate.standardError ?? 0) / (right.estimate.standardError ?? 1)
      #expect((ratio - 1).magnitude < 0.07)
    }
  }
}
