import Foundation
import LinearAlgebra
import Statistics
import Survival
import TestSupport
import Testing

@Suite("Parametric survival regression: properties and refusals")
struct SurvivalRegressionPropertyTests {
  private let rows = 400

  @Test("row order, threads, weights as repeated rows", arguments: FailureTimeFamily.allCases)
  func rowsAndWeights(_ family: FailureTimeFamily) throws {
    let data = Synthetic(rows)
    let model = SurvivalRegression(family: family)
    // Late starts leave the generalised gamma's likelihood of these data without a maximum.
    let late = family != .generalizedGamma
    let times = try data.times(truncated: late)
    let design = data.design.withIntercept
    let fit = try model.fit(times, design, cluster: data.sites)
    let shuffled = data.selecting((0..<rows).map { ($0 * 171) % rows })
    let again = try model.fit(
      try shuffled.times(truncated: late), shuffled.design.withIntercept,
      cluster: shuffled.sites)
    #expect(close(again.coefficients, fit.coefficients, .converged))
    #expect(close(again.standardErrors, fit.standardErrors))
    let repeated = data.selecting(
      (0..<rows).flatMap { [Int](repeating: $0, count: Int(data.weights[$0])) })
    let many = try model.fit(
      try repeated.times(truncated: late), repeated.design.withIntercept,
      cluster: repeated.sites)
    let weighted = try model.fit(times, design, weights: data.weights, cluster: data.sites)
    #expect(close(weighted.coefficients, many.coefficients, .converged))
    #expect(close(weighted.logLikelihood, many.logLikelihood, .closedForm))
    #expect(close(weighted.covariance.rowMajor, many.covariance.rowMajor))
    #expect(close(weighted.standardErrors, many.standardErrors))
    let before = Parallel.threads
    defer { Parallel.setThreads(before) }
    Parallel.setThreads(1)
    let single = try model.fit(times, design, cluster: data.sites)
    #expect(single.coefficients == fit.coefficients)
    #expect(single.robustCovariance == fit.robustCovariance)
  }

  @Test("another unit of time moves the intercept only", arguments: FailureTimeFamily.allCases)
  func units(_ family: FailureTimeFamily) throws {
    let data = Synthetic(rows)
    let model = SurvivalRegression(family: family)
    let design = data.design.withIntercept
    let late = family != .generalizedGamma
    let fit = try model.fit(try data.times(truncated: late), design)
    let years = try SurvivalTimes(
      start: late ? data.start.map { $0 / 52 } : nil, time: data.time.map { $0 / 52 },
      event: data.event)
    let scaled = try model.fit(years, design)
    var expected = fit.coefficients
    expected[0] -= (family.isProportionalHazards ? -1 : 1) * log(52)
    if family == .gompertz { expected[4] *= 52 }
    #expect(close(scaled.coefficients, expected))
    let events = Double(data.event.count { $0 })
    #expect(close(scaled.logLikelihood, fit.logLikelihood + events * log(52), .converged))
  }

  @Test("many rows, whose evenly spaced ones are fitted first, have the maximum of the few")
  func manyRows() throws {
    let lung = try Sample.lateLung()
    let rows = (0..<70_000).map { $0 % lung.times.count }
    let weights = lung.times.time.indices.map { row in Double((70_000 - row - 1) / 227 + 1) }
    let many = try lung.times.selecting(rows)
    let design = lung.design.withIntercept
    for family in [FailureTimeFamily.weibull, .gompertz] {
      let model = SurvivalRegression(family: family)
      let one = try model.fit(lung.times, design, weights: weights)
      let all = try model.fit(many, design.selecting(rows: rows))
      #expect(close(all.coefficients, one.coefficients, .converged))
      #expect(close(all.standardErrors, one.standardErrors))
    }
    // Splines without inner knots have no quantiles that the last, incomplete round could move.
    let model = RoystonParmar(knots: 0)
    let one = try model.fit(lung.times, lung.design, weights: weights)
    let all = try model.fit(many, lung.design.selecting(rows: rows))
    #expect(close(all.coefficients, one.coefficients, .converged))
  }

  @Test("families within families")
  func nesting() throws {
    let data = Synthetic(rows)
    let times = try data.times()
    let design = data.design.withIntercept
    func fit(_ family: FailureTimeFamily) throws -> ParametricFit {
      try SurvivalRegression(family: family).fit(times, design)
    }
    let general = try fit(.generalizedGamma)
    // The generalised gamma has the Weibull, the log-normal and the gamma within it.
    for family in [FailureTimeFamily.weibull, .lognormal, .gamma] {
      #expect(try fit(family).logLikelihood <= general.logLikelihood)
    }
    #expect(try fit(.exponential).logLikelihood <= fit(.weibull).logLikelihood)
    // A start at zero is no truncation.
    let atZero = try SurvivalTimes(
      start: data.time.map { _ in 0 }, time: data.time, event: data.event)
    for family in FailureTimeFamily.allCases {
      let plain = try fit(family)
      let late = try SurvivalRegression(family: family).fit(atZero, design)
      #expect(late.coefficients == plain.coefficients)
    }
    // The exponential's rate is events over time at risk.
    let ones = design.selecting(columns: [0])
    let rate = try SurvivalRegression(family: .exponential).fit(times, ones)
    let mean = data.time.reduce(0, +) / Double(data.event.count { $0 })
    #expect(close(rate.coefficients[0], log(mean), .closedForm))
    #expect(close(rate.standardErrors[0], 1 / Double(data.event.count { $0 }).squareRoot()))
  }

  @Test("a chosen tail of the generalised gamma, its limits included")
  func tails() throws {
    // One censored and one certain row leave the likelihood at given parameters to see only there;
    // so the models are compared where data come from the special cases themselves.
    let quantiles = (1..<400).map { (Double($0) - 0.5) / 399 }
    let ones = DesignMatrix(
      matrix: Matrix(columns: [quantiles.map { _ in 1 }]), names: ["(Intercept)"])
    let event = quantiles.indices.map { $0 % 4 != 0 }
    let normal = try SurvivalTimes(
      time: quantiles.map { exp(2 + 0.7 * Normal.standard.quantile($0)) }, event: event)
    let fit = try SurvivalRegression(family: .generalizedGamma).fit(normal, ones)
    let near = try SurvivalRegression(family: .lognormal).fit(normal, ones)
    let shape = fit["Q"] ?? .nan
    let error = fit.standardErrors[1]
    #expect(shape.magnitude < 3 * error)
    #expect(fit.logLikelihood >= near.logLikelihood)
    // Likelihood ratio and Wald test of Q = 0 nearly agree.
    let ratio = 2 * (fit.logLikelihood - near.logLikelihood)
    #expect((ratio - (shape / error) * (shape / error)).magnitude < 0.05)
  }

  @Test("zero and negative times, no events, separation, bad designs")
  func refusals() throws {
    let x = [1.0, 0, 1, 0, 1, 0, 1, 0]
    let event = [true, true, false, true, true, false, true, true]
    let time = [3.0, 5, 7, 2, 8, 4, 9, 6]
    let design = DesignMatrix(matrix: Matrix(columns: [x]), names: ["x"]).withIntercept
    let model = SurvivalRegression()
    func times(_ time: [Double], _ event: [Bool]) throws -> SurvivalTimes {
      try SurvivalTimes(time: time, event: event)
    }
    var zero = time
    zero[3] = 0
    let early = #expect(throws: SiblingError.self) { try model.fit(times(zero, event), design) }
    #expect(early?.code == .badInterval && early?.row == 3)
    #expect(code { try model.fit(times(time, event.map { _ in false }), design) } == .noEvents)
    #expect(
      code { try model.fit(times(time, event), design, weights: [Double](repeating: -1, count: 8)) }
        == .badWeight)
    // The arm x = 1 has no events: its time ratio is infinite.
    let none = zip(event, x).map { $0 && $1 == 0 }
    for family in FailureTimeFamily.allCases where family != .generalizedGamma {
      let refusal = #expect(throws: SiblingError.self) {
        try SurvivalRegression(family: family).fit(times(time, none), design)
      }
      #expect(refusal?.code == .separation, "\(family)")
      #expect(refusal?.column == "x", "\(family)")
    }
    let empty = DesignMatrix(matrix: Matrix(rows: 8, columns: 0), names: [])
    #expect(code { try model.fit(times(time, event), empty) } == .badDesign)
    // A column twice is left out and named; a row of weight zero is not there.
    let twice = DesignMatrix(
      matrix: Matrix(columns: [x.map { _ in 1 }, x, x]), names: ["(Intercept)", "x", "again"])
    let fit = try model.fit(times(time, event), twice)
    #expect(fit.coefficients[2].isNaN && fit.notes.contains { $0.hasPrefix("again is left out") })
    #expect(fit.degreesOfFreedom == 3)
    let dropped = try model.fit(
      times(time, event), design, weights: [0, 1, 1, 1, 1, 1, 1, 1])
    let rest = try model.fit(
      times(Array(time[1...]), Array(event[1...])), design.selecting(rows: Array(1..<8)))
    #expect(dropped.coefficients == rest.coefficients && dropped.observations == 7)
  }
}
