import DifferenceInDifferences
import LinearAlgebra
import Statistics
import TestSupport
import Testing

@Suite struct PanelRegressionTests {
  private func counties() throws -> (panel: PanelDesign, data: Datasets.Long) {
    let data = try Datasets.mpdta()
    return (try PanelDesign(unit: data.unit, time: data.time, group: data.group), data)
  }

  @Test func minimumWageTwoWay() throws {
    let (panel, data) = try counties()
    let golden = try Golden.json("fixest_mpdta.json")
    let iid = try TwoWayFixedEffects().fit(panel, outcome: data.outcome)
    #expect(close(iid.estimate.estimate, -0.0365489367))
    #expect(close(iid.estimate.estimate, golden["twfe_coef"].double))
    #expect(close(iid.estimate.standardError ?? 0, golden["twfe_se_iid"].double))
    let cluster = try TwoWayFixedEffects().fit(
      panel, outcome: data.outcome, covariance: .cluster(.cr1, [panel.unit]))
    #expect(close(cluster.estimate.standardError ?? 0, 0.0132651554, Tolerance(relative: 4e-9)))
    #expect(close(cluster.estimate.standardError ?? 0, golden["twfe_se_cl"].double))
    #expect(cluster.estimate.degreesOfFreedom == 499 && cluster.table.clusters == 500)
    let robust = try TwoWayFixedEffects().fit(
      panel, outcome: data.outcome, covariance: .heteroskedastic(.hc1))
    #expect(close(robust.estimate.standardError ?? 0, golden["twfe_se_HC1"].double))
  }

  @Test func castleDoctrine() throws {
    let file = try Golden.csv("castle_homicide.csv")
    let panel = try PanelDesign(
      unit: Factor((file["sid"] ?? []).map { $0 }), time: Golden.numbers(file["year"]),
      group: Golden.numbers(file["first_post"]).map { $0 })
    let outcome = Golden.numbers(file["l_homicide"])
    let iid = try TwoWayFixedEffects().fit(panel, outcome: outcome)
    #expect(close(iid.estimate.estimate, 0.0693984292839))
    #expect(close(iid.estimate.standardError ?? 0, 0.0334258232023))
    let cluster = try TwoWayFixedEffects().fit(
      panel, outcome: outcome, covariance: .cluster(.cr1, [panel.unit]))
    #expect(close(cluster.estimate.standardError ?? 0, 0.0558596352601))
    #expect(panel.units == 50 && panel.treatedUnits == 21 && panel.isBalanced)
  }

  @Test func covariatesByPeriod() throws {
    let (panel, data) = try counties()
    let golden = try Golden.json("fixest_mpdta.json")["twfe_lpop"]
    let columns = panel.periods.dropLast().map { period in
      zip(data.time, data.covariate).map { $0 == period ? $1 : 0 }
    }
    let names = panel.periods.dropLast().map { "year::\(Int($0)):lpop" }
    let result = try TwoWayFixedEffects().fit(
      panel, outcome: data.outcome,
      covariates: DesignMatrix(matrix: Matrix(columns: Array(columns)), names: Array(names)),
      covariance: .cluster(.cr1, [panel.unit]))
    #expect(close(result.table.rows.map(\.estimate), golden["coef"].doubles))
    #expect(close(result.table.rows.map { $0.standardError ?? 0 }, golden["se"].doubles))
    #expect(result.table.rows[1].term == "year::2003:lpop")
  }

  @Test func minimumWageByEventTime() throws {
    let (panel, data) = try counties()
    let golden = try Golden.json("fixest_mpdta.json")["eventstudy_i"]
    let result = try EventStudy().fit(panel, outcome: data.outcome)
    let estimated = result.rows.filter { !$0.isReference }
    #expect(close(estimated.map(\.estimate.estimate), golden["coef"].doubles))
    #expect(close(estimated.map { $0.estimate.standardError ?? 0 }, golden["se"].doubles))
    #expect(
      result.rows.map(\.estimate.term) == [
        "e=-4", "e=-3", "e=-2", "e=-1", "e=0", "e=1", "e=2", "e=3",
      ])
    let reference = try #require(result.rows.first { $0.isReference })
    #expect(reference.eventTime == -1 && reference.estimate.estimate == 0)
    #expect(reference.estimate.standardError == nil && reference.estimate.interval == nil)
    let test = try #require(result.preTrend)
    #expect(test.terms == ["e=-4", "e=-3", "e=-2"] && test.denominator == 499)
    #expect(test.f > 0 && test.fPValue > 0 && test.fPValue < 1)
    let mean = try #require(result.meanAfter)
    let plain = golden["coef"].doubles.suffix(4).reduce(0, +) / 4
    #expect(close(mean.estimate, plain))
  }

  @Test func binsHoldWhatLiesBeyond() throws {
    let (panel, data) = try counties()
    let study = EventStudy(leads: 2, lags: 1)
    let result = try study.fit(panel, outcome: data.outcome)
    #expect(
      result.rows.map(\.estimate.term) == ["e<=-3", "e=-2", "e=-1", "e=0", "e=1", "e>=2"])
    // The same regression with the bins made by hand.
    let events = panel.eventTimes
    let bins: [(Double?) -> Bool] = [
      { $0 ?? 0 <= -3 }, { $0 == -2 }, { $0 == 0 }, { $0 == 1 }, { $0 ?? 0 >= 2 },
    ]
    let design = DesignMatrix(
      matrix: Matrix(columns: bins.map { bin in events.map { bin($0) ? 1 : 0 } }),
      names: ["a", "b", "c", "d", "e"])
    let byHand = try AbsorbedLeastSquares().fit(
      design, response: data.outcome,
      absorbing: [panel.unit, Factor(data.time.map { "\($0)" })])
    let estimated = result.rows.filter { !$0.isReference }.map(\.estimate.estimate)
    #expect(close(estimated, byHand.coefficients, .converged))
    let excluded = try EventStudy(leads: 2, lags: 1, beyond: .excluded).fit(
      panel, outcome: data.outcome)
    let far = events.filter { $0 ?? 0 < -2 || $0 ?? 0 > 1 }.count
    #expect(excluded.rows.count == 4 && excluded.observations == 2500 - far)
    #expect(excluded.notes.contains { $0.hasPrefix("\(far) rows beyond") })
  }

  @Test func rowsInAnyOrderAndUnitsOfMeasurement() throws {
    let (panel, data) = try counties()
    var stream = RandomStream(seed: 1, name: "rows")
    let order = stream.permutation(panel.rows)
    let shuffled = try PanelDesign(
      unit: data.unit.selecting(order), time: order.map { data.time[$0] },
      group: order.map { data.group[$0] })
    let cluster = { (panel: PanelDesign) in CovarianceEstimator.cluster(.cr1, [panel.unit]) }
    let first = try TwoWayFixedEffects().fit(
      panel, outcome: data.outcome, covariance: cluster(panel))
    let second = try TwoWayFixedEffects().fit(
      shuffled, outcome: order.map { 1000 * data.outcome[$0] + 7 }, covariance: cluster(shuffled))
    #expect(close(1000 * first.estimate.estimate, second.estimate.estimate, .converged))
    #expect(
      close(
        1000 * (first.estimate.standardError ?? 0), second.estimate.standardError ?? 1, .converged))
  }

  @Test func aTwoPeriodPanelIsADifferenceInDifferences() throws {
    let (panel, data) = try counties()
    let rows = (0..<panel.rows).filter { row in
      data.time[row] >= 2006 && (data.group[row] == 0 || data.group[row] == 2007)
    }
    let small = try PanelDesign(
      unit: data.unit.selecting(rows), time: rows.map { data.time[$0] },
      group: rows.map { data.group[$0] })
    let outcome = rows.map { data.outcome[$0] }
    let plain = try TwoPeriodDifferenceInDifferences().fit(small, outcome: outcome)
    // ATT(2007, 2007) against never treated counties, as published.
    #expect(close(plain.estimate.estimate, -0.0260544107, Tolerance(relative: 4e-9)))
    let regression = try TwoWayFixedEffects().fit(small, outcome: outcome)
    #expect(close(plain.estimate.estimate, regression.estimate.estimate, .converged))
    let pooled = try TwoPeriodDifferenceInDifferences().fit(small, outcome: outcome, pooled: true)
    #expect(close(pooled.estimate.estimate, regression.estimate.estimate, .converged))
    let means = plain.cells.map(\.mean)
    let byHand = (means[1] - means[0]) - (means[3] - means[2])
    #expect(close(byHand, plain.unadjusted.estimate, .converged))
    #expect(throws: SiblingError.self) {
      try TwoPeriodDifferenceInDifferences().fit(panel, outcome: data.outcome)
    }
  }
}
