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

  @Test("mean survival and its errors by the delta method")
  func prediction() throws {
    let lung = try Sample.lung()
    let ones = lung.design.withIntercept.selecting(columns: [0])
    // One exponential rate: S = exp(−t/e^b), error S·(t/e^b)·se(b).
    let rate = try SurvivalRegression(family: .exponential).fit(lung.times, ones)
    let point = try rate.meanSurvival(ones, at: [200])[0]
    let hazard = 200 / exp(rate.coefficients[0])
    #expect(close(point.survival, exp(-hazard), .closedForm))
    let error = exp(-hazard) * hazard * rate.standardErrors[0]
    #expect(close(point.standardError, error, Tolerance(relative: 1e-6)))
    let z = 1.959963984540054 * error / (exp(-hazard) * hazard)
    #expect(close(point.interval.low, exp(-hazard * exp(z)), Tolerance(relative: 1e-6)))
    // The Weibull seen as a family and as a spline; an effect that changes and one that doesn't.
    let design = lung.design.withIntercept
    let family = try SurvivalRegression().fit(lung.times, design)
    let spline = try RoystonParmar(knots: 0).fit(lung.times, lung.design)
    let (a, b) = (
      try family.meanSurvival(design, at: [90, 365]),
      try spline.meanSurvival(lung.design, at: [90, 365])
    )
    for (left, right) in zip(a, b) {
      #expect(close(left.survival, right.survival, .converged))
      #expect(close(left.standardError, right.standardError, Tolerance(relative: 1e-5)))
    }
    let changing = try RoystonParmar(knots: 1, timeVarying: [("sex", 1)]).fit(
      lung.times, lung.design)
    let mean = try changing.meanSurvival(lung.design, at: [365])[0]
    let observed = try KaplanMeier().fit(lung.times).at(times: [365])[0]
    #expect((mean.survival - observed.estimate[0]).magnitude < 0.05)
    #expect((mean.standardError / observed.standardError[0] - 1).magnitude < 0.3)
    #expect(code { try family.meanSurvival(design, at: [0]) } == .invalidOption)
    #expect(code { try family.meanSurvival(lung.design, at: [1]) } == .sizeMismatch)
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
