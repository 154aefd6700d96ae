import LinearAlgebra
import Statistics
import TestSupport
import Testing

@testable import Survival

@Suite("smooths of scaled Schoenfeld residuals") struct SchoenfeldSmoothTests {
  private func check(_ fit: SchoenfeldSmoothFit, _ golden: JSON) {
    #expect(close(fit.grid, golden["x"].doubles, .closedForm))
    #expect(close(fit.gridTimes, golden["time"].doubles, .converged))
    #expect(fit.rows.count == Int(golden["events"].double))
    for (k, curve) in fit.curves.enumerated() {
      #expect(close(curve.estimate, golden["estimate"][k].doubles, .converged), "\(curve.term)")
      #expect(close(curve.standardError, golden["se"][k].doubles, .converged), "\(curve.term)")
      #expect(
        close(Array(curve.residuals.prefix(5)), golden["residuals"][k].doubles, .converged),
        "\(curve.term)")
    }
  }

  @Test("three transforms, two to five degrees of freedom, weights")
  func golden() throws {
    let golden = try Golden.json("survival/schoenfeld.json")
    let rossi = try Sample.rossi()
    let model = try CoxRegression().fit(rossi.times, rossi.design)
    check(try SchoenfeldSmooth(points: 9).fit(model), golden["rossi_km"])
    check(
      try SchoenfeldSmooth(transform: .identity, degreesOfFreedom: 2, points: 9).fit(model),
      golden["rossi_identity_linear"])
    check(
      try SchoenfeldSmooth(transform: .log, degreesOfFreedom: 5, points: 9).fit(model),
      golden["rossi_log"])
    let lung = try Sample.lung()
    let weighted = try CoxRegression().fit(lung.times, lung.design, weights: lung.weights)
    check(
      try SchoenfeldSmooth(transform: .identity, points: 9).fit(weighted), golden["lung_weighted"])
  }

  @Test("strata: all events in the order of time, band symmetric, near events counted")
  func strata() throws {
    let lung = try Sample.lung()
    let model = try CoxRegression().fit(
      lung.times, lung.design.selecting(columns: [0, 2]), strata: lung.factor("sex"))
    let fit = try SchoenfeldSmooth(transform: .rank, points: 25).fit(model)
    #expect(zip(fit.times, fit.times.dropFirst()).allSatisfy { $0 <= $1 })
    #expect(zip(fit.gridTimes, fit.gridTimes.dropFirst()).allSatisfy { $0 <= $1 })
    #expect(fit.gridTimes.allSatisfy { $0 > fit.times[0] && $0 < fit.times[fit.times.count - 1] })
    let (low, high) = (fit.transformed[0], fit.transformed[fit.transformed.count - 1])
    for (point, near) in zip(fit.grid, fit.near) {
      let reach = (high - low) / 10
      #expect(near == fit.transformed.count { $0 >= point - reach && $0 <= point + reach })
    }
    for curve in fit.curves {
      for k in curve.estimate.indices {
        #expect(
          close(curve.high[k] - curve.estimate[k], curve.estimate[k] - curve.low[k], .converged))
      }
      // Least squares with a constant: residuals of the smooth sum to nothing, and the mean of the
      // scaled residuals is the coefficient, for Schoenfeld residuals sum to zero.
      let mean = curve.residuals.reduce(0, +) / Double(curve.residuals.count)
      #expect(abs(mean - curve.coefficient) < 1e-9)
    }
  }

  @Test("refusals")
  func refusals() throws {
    let lung = try Sample.lung()
    let model = try CoxRegression().fit(lung.times, lung.design)
    for smooth in [
      SchoenfeldSmooth(degreesOfFreedom: 1), SchoenfeldSmooth(degreesOfFreedom: 21),
      SchoenfeldSmooth(points: 0), SchoenfeldSmooth(level: 1),
    ] {
      #expect(throws: SiblingError.self) { try smooth.fit(model) }
    }
    // Two event times hold a line, not a curve.
    let times = try SurvivalTimes(
      time: [1, 1, 1, 2, 2, 2, 3, 3], event: [true, true, false, true, true, false, false, false])
    let few = try CoxRegression().fit(
      times,
      DesignMatrix(matrix: Matrix(columns: [[1, 0, 0, 1, 0, 1, 0, 1]]), names: ["x"]))
    #expect(throws: SiblingError.self) { try SchoenfeldSmooth().fit(few) }
    #expect(try SchoenfeldSmooth(degreesOfFreedom: 2).fit(few).curves.count == 1)
  }
}
