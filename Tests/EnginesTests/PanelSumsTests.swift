import DifferenceInDifferences
import Engines
import Statistics
import Tables
import Testing

/// Panels from sums against the same estimators on rows.
struct PanelSumsTests {
  private static let gaps = [0, 0.15]

  @Test(arguments: gaps) func twoWayFixedEffectsAreThoseOfRows(_ gaps: Double) throws {
    let data = PanelData(gaps: gaps)
    let panel = try data.panel()
    let (byUnit, bySite) = (try data.sums().moments, try data.sums(byCluster: true).moments)
    let cases: [(CovarianceEstimator, PanelMoments)] = [
      (.classical, byUnit), (.heteroskedastic(.hc0), byUnit), (.heteroskedastic(.hc1), byUnit),
      (.cluster(.cr0, [panel.unit]), byUnit), (.cluster(.cr1, [panel.unit]), byUnit),
      (.cluster(.cr1, [data.clusters]), bySite), (.cluster(.cr0, [data.clusters]), bySite),
    ]
    for (covariance, sums) in cases {
      let rows = try TwoWayFixedEffects().fit(
        panel, outcome: data.outcome, covariance: covariance)
      let own = try TwoWayFixedEffects().fit(sums, covariance: covariance)
      #expect(differences(rows.table, own.table) == [])
      #expect((rows.withinRSquared ?? 0).distance(to: own.withinRSquared ?? 1).magnitude < 1e-9)
    }
  }

  @Test(arguments: EffectsCounting.allCases) func smallSampleFactorsCountTheSameEffects(
    _ counting: EffectsCounting
  ) throws {
    let data = PanelData(gaps: 0.15)
    let panel = try data.panel()
    let estimator = TwoWayFixedEffects(counting: counting)
    let covariance = CovarianceEstimator.cluster(.cr1, [panel.unit])
    let rows = try estimator.fit(panel, outcome: data.outcome, covariance: covariance)
    let own = try estimator.fit(data.sums().moments, covariance: covariance)
    #expect(differences(rows.table, own.table) == [])
  }

  @Test(arguments: gaps) func eventStudiesAreThoseOfRows(_ gaps: Double) throws {
    let data = PanelData(gaps: gaps)
    let panel = try data.panel()
    for study in [
      EventStudy(), EventStudy(leads: 3, lags: 2), EventStudy(reference: -2),
      EventStudy(bands: .uniform(seed: 3)),
    ] {
      let rows = try study.fit(panel, outcome: data.outcome)
      let own = try study.fit(data.sums().moments)
      #expect(differences(rows.table, own.table) == [])
      #expect(rows.rows.map(\.rows) == own.rows.map(\.rows))
      #expect((rows.preTrend?.f ?? 0).distance(to: own.preTrend?.f ?? 1).magnitude < 1e-7)
      let clusters = CovarianceEstimator.cluster(.cr1, [data.clusters])
      let sites = try study.fit(panel, outcome: data.outcome, covariance: clusters)
      let ownSites = try study.fit(data.sums(byCluster: true).moments, covariance: clusters)
      #expect(differences(sites.table, ownSites.table) == [])
    }
  }

  @Test(arguments: gaps) func groupTimeEffectsAreThoseOfRows(_ gaps: Double) throws {
    let data = PanelData(units: 260, gaps: gaps / 3)
    let panel = try data.panel()
    for byCluster in [false, true] {
      let sums = try data.sums(byCluster: byCluster).moments
      for effects in [
        GroupTimeEffects(), GroupTimeEffects(control: .notYetTreated, base: .universal),
        GroupTimeEffects(anticipation: 1),
      ] {
        let rows = try effects.fit(
          panel, outcome: data.outcome, clusters: byCluster ? data.clusters : nil)
        let own = try effects.fit(sums)
        #expect(differences(rows.table, own.table) == [])
        #expect(rows.cells.map(\.treatedUnits) == own.cells.map(\.treatedUnits))
        #expect(rows.cells.map(\.controlUnits) == own.cells.map(\.controlUnits))
        #expect((rows.preTest == nil) == (own.preTest == nil))
        for aggregation in GroupTimeResult.Aggregation.allCases {
          #expect(
            differences(try rows.aggregate(aggregation), try own.aggregate(aggregation)) == [])
        }
      }
    }
  }

  @Test func theOrderOfRowsDoesNotMatter() throws {
    let data = PanelData(gaps: 0.15)
    let one = try TwoWayFixedEffects().fit(data.sums().moments)
    let other = try TwoWayFixedEffects().fit(
      data.sums(rows: data.unit.indices.reversed()).moments)
    #expect(differences(one.table, other.table) == [])
  }

  @Test func crossSectionsAreThoseOfRows() throws {
    let data = PanelData(units: 200, gaps: 0.3)
    let panel = try PanelDesign(crossSections: data.time, group: data.group)
    let engine = MemoryEngine(["t": try data.table()])
    for cluster in [nil, "site"] {
      let sums = try EngineCrossSections(
        EnginePanelColumns(
          outcome: "y", unit: "", time: "time", group: "group", cluster: cluster),
        in: try EngineData(engine, .named("t")))
      for control in GroupTimeEffects.Control.allCases {
        var effects = GroupTimeEffects(control: control)
        effects.sampling = .crossSections
        let rows = try effects.fit(
          panel, outcome: data.outcome, clusters: cluster == nil ? nil : data.clusters)
        let own = try effects.fit(sums.moments)
        #expect(differences(rows.table, own.table) == [])
        #expect(
          differences(try rows.aggregate(.dynamic), try own.aggregate(.dynamic)) == [])
      }
    }
  }

  @Test func rowsThatMissTheOutcomeAreLeftOutAlike() throws {
    var data = PanelData(gaps: 0)
    for row in stride(from: 3, to: data.outcome.count, by: 17) { data.outcome[row] = .nan }
    let sums = try data.sums()
    var kept = data
    let rows = data.outcome.indices.filter { !data.outcome[$0].isNaN }
    kept.unit = rows.map { data.unit[$0] }
    kept.time = rows.map { data.time[$0] }
    kept.group = rows.map { data.group[$0] }
    kept.cluster = rows.map { data.cluster[$0] }
    kept.outcome = rows.map { data.outcome[$0] }
    let own = try TwoWayFixedEffects().fit(sums.moments)
    let plain = try TwoWayFixedEffects().fit(kept.panel(), outcome: kept.outcome)
    #expect(differences(plain.table, own.table) == [])
    #expect(sums.notes.count == 1)
  }
}
