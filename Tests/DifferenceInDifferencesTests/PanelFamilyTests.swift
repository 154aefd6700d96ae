import DifferenceInDifferences
import Foundation
import LinearAlgebra
import Statistics
import TestSupport
import Testing

/// Poisson panels, ways to count effects and uniform bands.
@Suite struct PanelFamilyTests {
  private func counties() throws -> (panel: PanelDesign, data: Datasets.Long) {
    let data = try Datasets.mpdta()
    return (try PanelDesign(unit: data.unit, time: data.time, group: data.group), data)
  }

  @Test func employmentAsACount() throws {
    let (panel, data) = try counties()
    let golden = try Golden.json("fixest_mpdta.json")["fepois"]
    let count = data.outcome.map { exp($0) }
    let found = try TwoWayFixedEffects(family: .poisson).fit(
      panel, outcome: count, covariance: .cluster(.cr1, [panel.unit]))
    #expect(close(found.estimate.estimate, golden["coef"].double))
    #expect(close(found.estimate.standardError ?? 0, golden["se"].double))
    #expect(found.withinRSquared == nil && found.estimate.degreesOfFreedom == nil)
    #expect(found.table.notes.contains { $0.contains("logarithms of ratios") })
    let events = try EventStudy(family: .poisson).fit(panel, outcome: count)
    #expect(events.rows.count == 8 && events.preTrend?.denominator == nil)
    // Two periods and one cohort: the ratio of ratios of means.
    let rows = data.time.indices.filter {
      data.time[$0] >= 2006 && (data.group[$0] == 0 || data.group[$0] == 2007)
    }
    let small = try PanelDesign(
      unit: data.unit.selecting(rows), time: rows.map { data.time[$0] },
      group: rows.map { data.group[$0] })
    func total(_ group: Double, _ time: Double) -> Double {
      rows.filter { data.group[$0] == group && data.time[$0] == time }.reduce(0) { $0 + count[$1] }
    }
    let ratio = log(total(2007, 2007) / total(2007, 2006)) - log(total(0, 2007) / total(0, 2006))
    let two = try TwoWayFixedEffects(family: .poisson).fit(small, outcome: rows.map { count[$0] })
    #expect(close(two.estimate.estimate, ratio))
  }

  @Test func effectsCountAsAsked() throws {
    let (panel, data) = try counties()
    let golden = try Golden.json("fixest_mpdta.json")
    for (counting, key) in [
      (EffectsCounting.notNested, "twfe_cl_adjT_nested"), (.none, "twfe_cl_adjT_none"),
      (.all, "twfe_cl_adjT_full"), (.off, "twfe_cl_adjF"),
    ] {
      let found = try TwoWayFixedEffects(counting: counting).fit(
        panel, outcome: data.outcome, covariance: .cluster(.cr1, [panel.unit]))
      #expect(close(found.estimate.standardError ?? 0, golden[key].double))
    }
    let time = Factor(data.time.map { "\($0)" })
    let both = try TwoWayFixedEffects().fit(
      panel, outcome: data.outcome, covariance: .cluster(.cr1, [panel.unit, time]))
    #expect(close(both.estimate.standardError ?? 0, golden["twfe_se_twoway"].double))
    let robust = try TwoWayFixedEffects().fit(
      panel, outcome: data.outcome, covariance: .heteroskedastic(.hc1))
    #expect(close(robust.estimate.standardError ?? 0, golden["twfe_se_hetero"].double))
  }

  @Test func uniformBandsAreWiderAndRepeatable() throws {
    let (panel, data) = try counties()
    let pointwise = try EventStudy().fit(panel, outcome: data.outcome)
    let uniform = try EventStudy(bands: .uniform(seed: 7)).fit(panel, outcome: data.outcome)
    let ratios = zip(pointwise.rows, uniform.rows).compactMap { left, right -> Double? in
      guard let a = left.estimate.interval, let b = right.estimate.interval else { return nil }
      #expect(left.estimate.estimate == right.estimate.estimate)
      #expect(left.estimate.pValue == right.estimate.pValue)
      return (b.high - b.low) / (a.high - a.low)
    }
    #expect(ratios.count == 7)
    // Between one t quantile and Šidák's for seven independent ones.
    let student = StudentT(degreesOfFreedom: 499)
    let upper = student.upperQuantile((1 - pow(0.95, 1.0 / 7)) / 2) / student.upperQuantile(0.025)
    #expect(ratios.allSatisfy { $0 > 1.15 && $0 < upper * 1.02 })
    #expect((ratios.max() ?? 0) - (ratios.min() ?? 0) < 1e-9)
    let threads = Parallel.threads
    Parallel.setThreads(1)
    let alone = try EventStudy(bands: .uniform(seed: 7)).fit(panel, outcome: data.outcome)
    Parallel.setThreads(threads)
    #expect(alone == uniform)
    #expect(throws: SiblingError.self) {
      try EventStudy(bands: .uniform(draws: 5)).fit(panel, outcome: data.outcome)
    }
  }
}
