import Foundation
import LinearAlgebra
import Statistics
import Survival
import TestSupport
import Testing

@Suite("Royston–Parmar splines")
struct RoystonParmarTests {
  @Test("scipy's maxima with two inner knots", arguments: RoystonParmar.Scale.allCases)
  func scipy(_ scale: RoystonParmar.Scale) throws {
    let golden = try Golden.json("survival/parametric_survival.json")
    let lung = try Sample.lung()
    let late = try Sample.lateLung()
    for (suffix, times, varying) in [
      ("", lung.times, []), ("_truncated", late.times, []), ("_varying", lung.times, ["sex"]),
    ] {
      let model = RoystonParmar(
        knots: 2, scale: scale, timeVarying: varying.map { ($0, 1) }, robust: false)
      let fit = try model.fit(times, lung.design)
      let expected = golden["flexible_\(scale.rawValue)\(suffix)"]
      #expect(close(fit.coefficients, expected["coef"].doubles), "\(scale) \(suffix)")
      #expect(
        close(fit.standardErrors, expected["se"].doubles, Tolerance(relative: 1e-6)),
        "\(scale) \(suffix)")
      #expect(close(fit.logLikelihood, expected["loglik"].double, .closedForm))
    }
  }

  @Test(
    "without inner knots they are the parametric families", arguments: RoystonParmar.Scale.allCases)
  func families(_ scale: RoystonParmar.Scale) throws {
    let families: [RoystonParmar.Scale: FailureTimeFamily] = [
      .hazard: .weibull, .odds: .loglogistic, .normal: .lognormal,
    ]
    let late = try Sample.lateLung()
    let site = Factor.numbered(late["age"].map { $0.truncatingRemainder(dividingBy: 20) })
    let spline = try RoystonParmar(knots: 0, scale: scale).fit(
      late.times, late.design, weights: late.weights, cluster: site)
    let family = try SurvivalRegression(family: families[scale] ?? .weibull).fit(
      late.times, late.design.withIntercept, weights: late.weights, cluster: site)
    #expect(close(spline.logLikelihood, family.logLikelihood, .closedForm))
    // g(S) = (log t − Xβ)/σ.
    let inverse = 1 / exp(family["Log(scale)"] ?? .nan)
    #expect(close(spline["gamma1"] ?? .nan, inverse, .converged))
    #expect(close(spline["sex"] ?? .nan, -(family["sex"] ?? .nan) * inverse, .converged))
    // And so are their robust Wald statistics of σ⁻¹ by the delta method.
    let error = family.standardErrors.last ?? .nan
    #expect(close(spline.standardErrors[1], error * inverse, .published))
    #expect(spline.names == ["gamma0", "gamma1", "age", "sex", "ph.ecog"])
  }

  @Test("row order, units of time, threads")
  func properties() throws {
    let data = Synthetic(400)
    let model = RoystonParmar(knots: 2, robust: false)
    let times = try data.times(truncated: true)
    let fit = try model.fit(times, data.design)
    let shuffled = data.selecting((0..<400).map { ($0 * 171) % 400 })
    let again = try model.fit(try shuffled.times(truncated: true), shuffled.design)
    #expect(close(again.coefficients, fit.coefficients, .converged))
    let years = try SurvivalTimes(
      start: data.start.map { $0 / 52 }, time: data.time.map { $0 / 52 }, event: data.event)
    let scaled = try model.fit(years, data.design)
    // The covariates' effects, the slope of the log cumulative hazard and its bends stay.
    #expect(close(Array(scaled.coefficients[1...]), Array(fit.coefficients[1...]), .published))
    let before = Parallel.threads
    defer { Parallel.setThreads(before) }
    Parallel.setThreads(1)
    let single = try model.fit(times, data.design)
    #expect(single.coefficients == fit.coefficients)
  }

  @Test("what is refused")
  func refusals() throws {
    let time = [1.0, 1, 1, 2, 2, 3, 3, 3]
    let event = [true, true, true, true, true, true, false, true]
    let times = try SurvivalTimes(time: time, event: event)
    let design = DesignMatrix(matrix: Matrix(columns: [[1, 0, 1, 0, 1, 0, 1, 0]]), names: ["x"])
    #expect(code { try RoystonParmar(knots: 5).fit(times, design) } == .badDesign)
    #expect(code { try RoystonParmar(knots: -1).fit(times, design) } == .invalidOption)
    #expect(
      code { try RoystonParmar(knots: 0, timeVarying: [("y", 1)]).fit(times, design) }
        == .unknownColumn)
  }
}
