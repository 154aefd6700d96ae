import Glibc
import LinearAlgebra
import Statistics
import TestSupport
import Testing

@Suite struct AbsorptionTests {
  @Test func twoWayFixedEffectsAgreeWithFixest() throws {
    let data = try Counties()
    let golden = try Golden.json("fixest_mpdta.json")
    let (county, year) = (Counties.factor(data.county), Counties.factor(data.year))
    let fit = try AbsorbedLeastSquares()
      .fit(data.treatment, response: data.lemp, absorbing: [county, year])
    #expect(close(fit.coefficients, [golden["twfe_coef"].double], .published))
    func error(_ estimator: CovarianceEstimator) throws -> Double {
      try fit.covariance(estimator).standardErrors[0]
    }
    #expect(close(try error(.classical), golden["twfe_se_iid"].double))
    #expect(close(try error(.heteroskedastic(.hc1)), golden["twfe_se_hetero"].double))
    #expect(close(try error(.cluster(.cr1, [county])), golden["twfe_se_cl"].double))
    #expect(close(try error(.cluster(.cr1, [county, year])), golden["twfe_se_twoway"].double))
    let row = try fit.estimates(covariance: .cluster(.cr1, [county])).rows[0]
    #expect(row.convention == "CR1, G=500, t(499)")
  }

  /// Rows of mpdta that make the panel unbalanced, with the variables of the golden file.
  private func unbalanced() throws -> (data: Counties, number: [Double], design: DesignMatrix) {
    let all = try Counties()
    let rows = all.year.indices.filter {
      ($0 + 1) % 7 != 0 && all.county[$0].truncatingRemainder(dividingBy: 11) != 0
    }
    let data = all.selecting(rows)
    let number = rows.map { Double($0 + 1) }
    let design = DesignMatrix(
      matrix: Matrix(columns: [data.treated, number.map { sin($0) }]), names: ["D", "x"])
    return (data, number, design)
  }

  @Test func unbalancedWeightedPanelAgreesWithDummies() throws {
    let (data, number, design) = try unbalanced()
    let golden = try Golden.json("regression_absorb.json")["unbalanced_weighted"]
    let weights = number.map { 1 + $0.truncatingRemainder(dividingBy: 5) / 3 }
    let (county, year) = (Counties.factor(data.county), Counties.factor(data.year))
    let fit = try AbsorbedLeastSquares(keepsSingletons: true).fit(
      design, response: data.lemp, absorbing: [county, year], weights: weights)
    #expect(close(fit.coefficients, golden["coef"].doubles, .published))
    #expect(close(try fit.covariance(.classical).standardErrors, golden["iid"].doubles))
    #expect(close(try fit.covariance(.heteroskedastic(.hc1)).standardErrors, golden["HC1"].doubles))
    let zero = try fit.covariance(.cluster(.cr0, [county]))
    #expect(close(zero.standardErrors, golden["CR0"].doubles))
    #expect(close(fit.sigma, golden["sigma"].double))
    #expect(fit.residualDegreesOfFreedom == 1508)
    #expect(fit.normalEquationResidual < 1e-12)
  }

  @Test func threeFactorsAgreeWithDummies() throws {
    let (data, number, design) = try unbalanced()
    let golden = try Golden.json("regression_absorb.json")["threeway"]
    let weights = number.map { 1 + $0.truncatingRemainder(dividingBy: 5) / 3 }
    let h = Counties.factor(number.map { $0.truncatingRemainder(dividingBy: 13) })
    let g = Counties.factor(data.county.map { $0.truncatingRemainder(dividingBy: 23) })
    let fit = try AbsorbedLeastSquares().fit(
      design, response: data.lemp, absorbing: [h, Counties.factor(data.year), g], weights: weights)
    #expect(close(fit.coefficients, golden["coef"].doubles, .published))
    #expect(close(try fit.covariance(.classical).standardErrors, golden["iid"].doubles))
    #expect(fit.residualDegreesOfFreedom == 1934)
    #expect(fit.normalEquationResidual < 1e-11)
  }

  @Test func leverageIncludesTheAbsorbedEffects() throws {
    let data = try Counties()
    let golden = try Golden.json("regression_absorb.json")
    let design = DesignMatrix(
      matrix: Matrix(columns: [data.treated, data.lpop]), names: ["D", "lpop"])
    let fit = try AbsorbedLeastSquares()
      .fit(design, response: data.lemp, absorbing: [Counties.factor(data.year)])
    let three = try fit.covariance(.heteroskedastic(.hc3)).standardErrors
    #expect(close(three, golden["hc3_oneway"].doubles))
    let two = try fit.covariance(.heteroskedastic(.hc2)).standardErrors
    #expect(close(two, golden["hc2_oneway"].doubles))
  }

  @Test func balancedPanelOfFirmsAgreesWithDummies() throws {
    let text = try Golden.csv("grunfeld.csv")
    let golden = try Golden.json("regression_absorb.json")["grunfeld"]
    let design = DesignMatrix(
      matrix: Matrix(columns: [Golden.numbers(text["capital"])]), names: ["capital"])
    let (firm, year) = (Factor(text["firm"] ?? []), Factor(text["year"] ?? []))
    let fit = try AbsorbedLeastSquares()
      .fit(design, response: Golden.numbers(text["inv"]), absorbing: [firm, year])
    #expect(close(fit.coefficients, [golden["coef"].double], .converged))
    #expect(close(try fit.covariance(.classical).standardErrors, [golden["iid"].double]))
    #expect(
      close(try fit.covariance(.heteroskedastic(.hc3)).standardErrors, [golden["HC3"].double]))
    let cluster = try fit.covariance(.cluster(.cr1, [firm]))
    #expect((cluster.standardErrors[0] - 0.0632812941).magnitude < 1e-10)
    #expect(cluster.degreesOfFreedom == 9)
  }

  @Test func manyLevelsConvergeByConjugateGradients() throws {
    // Two factors of more than 500 levels each: neither closed form nor a small system.
    var noise = Noise(state: 5)
    let n = 12_000
    let a = (0..<n).map { _ in floor(noise.next() * 700) }
    let b = (0..<n).map { _ in floor(noise.next() * 600) }
    let x = (0..<n).map { a[$0] / 100 + b[$0] / 50 + noise.next() }
    let y = (0..<n).map { 2 * x[$0] - sin(a[$0]) + cos(b[$0]) }
    let design = DesignMatrix(matrix: Matrix(columns: [x]), names: ["x"])
    let fit = try AbsorbedLeastSquares()
      .fit(design, response: y, absorbing: [Counties.factor(a), Counties.factor(b)])
    #expect(close(fit.coefficients, [2], .converged))
    #expect(fit.normalEquationResidual < 1e-11)
    #expect(fit.absorption.components == 1)
  }

  @Test func singletonsAndCollinearTermsAreNamed() throws {
    let data = try Counties()
    var county = data.county
    county[0] = 1  // a county with one row
    let constant = data.county.map { $0 / 1000 }
    let design = DesignMatrix(
      matrix: Matrix(columns: [data.treated, data.lpop, data.treated.map { 2 * $0 }]),
      names: ["D", "lpop", "twice"])
    let fit = try AbsorbedLeastSquares().fit(
      design, response: data.lemp, absorbing: [Counties.factor(county), Counties.factor(data.year)])
    #expect(fit.singletons == 1)
    #expect(fit.observations == 2499)
    #expect(fit.dropped == ["lpop", "twice"])
    #expect(fit.coefficients[1].isNaN)
    #expect(fit.notes.count == 2)
    let nothing = DesignMatrix(matrix: Matrix(columns: [constant]), names: ["constant"])
    #expect(throws: SiblingError.self) {
      try AbsorbedLeastSquares().fit(
        nothing, response: data.lemp, absorbing: [Counties.factor(data.county)])
    }
  }

  @Test func disconnectedPanelsCountTheirComponents() throws {
    // Two sets of units seen in two disjoint sets of periods: levels 4 + 4, two components.
    let unit: [Double] = [0, 0, 1, 1, 2, 2, 3, 3, 0, 2]
    let period: [Double] = [0, 1, 0, 1, 2, 3, 2, 3, 1, 3]
    let absorption = try Absorption([Counties.factor(unit), Counties.factor(period)])
    #expect(absorption.components == 2)
    #expect(absorption.parameters == 6)
    let column = (0..<10).map { sin(Double($0)) }
    let left = try absorption.residuals(of: [column]).columns[0]
    #expect(left.reduce(0, +).magnitude < 1e-14)
    let unweighted = (0..<4).map { u in
      (0..<10).reduce(0.0) { $0 + (unit[$1] == Double(u) ? left[$1] : 0) }
    }
    #expect(close(unweighted, [0, 0, 0, 0], Tolerance(relative: 0, absolute: 1e-14)))
  }

  @Test func rowOrderDoesNotMatter() throws {
    let (data, _, design) = try unbalanced()
    let order = Array(data.year.indices.reversed())
    let one = try AbsorbedLeastSquares().fit(
      design, response: data.lemp,
      absorbing: [Counties.factor(data.county), Counties.factor(data.year)])
    let turned = data.selecting(order)
    let two = try AbsorbedLeastSquares().fit(
      design.selecting(rows: order), response: turned.lemp,
      absorbing: [Counties.factor(turned.county), Counties.factor(turned.year)])
    #expect(close(one.coefficients, two.coefficients, Tolerance(relative: 1e-11)))
  }
}
