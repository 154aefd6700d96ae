import DifferenceInDifferences
import LinearAlgebra
import Statistics
import TestSupport
import Testing

/// Balanced panels have a way of their own; it must say what the general regression says.
@Suite struct BalancedTwoWayTests {
  private struct Counties {
    var panel: PanelDesign
    var outcome: [Double]
    var tens: Factor

    init(shuffled: Bool) throws {
      let data = try Datasets.mpdta()
      var stream = RandomStream(seed: 8, name: "rows")
      let rows =
        shuffled ? stream.permutation(data.time.count) : Array(data.time.indices)
      panel = try PanelDesign(
        unit: data.unit.selecting(rows), time: rows.map { data.time[$0] },
        group: rows.map { data.group[$0] })
      outcome = rows.map { data.outcome[$0] + 1e4 }
      let unit = panel.unit
      tens = Factor(unit.codes.map { "\($0 % 10)" })
    }

    func general() throws -> AbsorbedLeastSquaresFit {
      try AbsorbedLeastSquares().fit(
        DesignMatrix(matrix: Matrix(columns: [panel.treatment]), names: ["ATT"]),
        response: outcome, absorbing: [panel.unit, Factor(panel.times.map { "\($0)" })])
    }
  }

  @Test(arguments: [false, true]) func agreesWithTheGeneralRegression(shuffled: Bool) throws {
    let data = try Counties(shuffled: shuffled)
    let general = try data.general()
    var estimators: [CovarianceEstimator] = [.classical]
    for type in HeteroskedasticType.allCases { estimators.append(.heteroskedastic(type)) }
    for type in [ClusterType.cr0, .cr1] {
      estimators.append(.cluster(type, [data.panel.unit]))
      estimators.append(.cluster(type, [data.tens]))
    }
    // Those that only the general regression knows.
    estimators.append(.cluster(.cr1, [data.panel.unit, data.tens]))
    estimators.append(.cluster(.cr1, [Factor(data.panel.times.map { "\($0)" })]))
    estimators.append(
      .neweyWest(NeweyWest(lag: 1, time: data.panel.times, unit: data.panel.unit)))
    for estimator in estimators {
      let found = try TwoWayFixedEffects().fit(
        data.panel, outcome: data.outcome, covariance: estimator)
      let expected = try general.estimates(covariance: estimator)
      let (left, right) = (found.estimate, expected.rows[0])
      #expect(close(left.estimate, right.estimate, .converged))
      #expect(close(left.standardError ?? 0, right.standardError ?? 1, .converged))
      #expect(close(left.pValue ?? 0, right.pValue ?? 1, Tolerance(relative: 1e-9)))
      #expect(left.degreesOfFreedom == right.degreesOfFreedom)
      #expect(left.convention == right.convention)
      #expect(found.table.clusters == expected.clusters)
      #expect(found.table.observations == expected.observations)
      #expect(close(found.withinRSquared ?? 0, general.withinRSquared, Tolerance(relative: 1e-9)))
      #expect(found.normalEquationResidual < 1e-10)
    }
  }

  @Test func allWeightsOneAreNoWeights() throws {
    let data = try Counties(shuffled: false)
    let plain = try TwoWayFixedEffects().fit(data.panel, outcome: data.outcome)
    let weighted = try TwoWayFixedEffects().fit(
      data.panel, outcome: data.outcome, weights: data.outcome.map { _ in 1 })
    #expect(close(plain.estimate.estimate, weighted.estimate.estimate, .converged))
    #expect(
      close(plain.estimate.standardError ?? 0, weighted.estimate.standardError ?? 1, .converged))
  }

  @Test func outcomesThatFitExactlyAreRefusedOrExact() throws {
    let data = try Counties(shuffled: false)
    let exact = try TwoWayFixedEffects().fit(
      data.panel, outcome: zip(data.panel.treatment, data.panel.times).map { 2 * $0 + $1 })
    #expect(close(exact.estimate.estimate, 2, .converged))
    #expect(throws: SiblingError.self) {
      try TwoWayFixedEffects().fit(data.panel, outcome: data.panel.times)
    }
    let one = Factor(data.outcome.map { _ in "all" })
    #expect(throws: SiblingError.self) {
      try TwoWayFixedEffects().fit(
        data.panel, outcome: data.outcome, covariance: .cluster(.cr1, [one]))
    }
  }
}
