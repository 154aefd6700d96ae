import Foundation
import LinearAlgebra
import Statistics
import Survival
import TestSupport
import Testing

@Suite("Informative censoring")
struct CensoringTests {
  private static func contrasts(
    _ delta: (Double, Double), _ data: Synthetic, _ weights: [Double]
  ) throws -> [SurvivalContrast] {
    try CensoringSensitivity(
      times: [4, 9], tau: 11, treated: delta.0, comparison: delta.1
    ).fit(try data.times(), treatment: data.x[1].map { $0 == 1 }, weights: weights)
  }

  @Test("a delta of one is the Kaplan–Meier curve, with its slopes")
  func selfConsistent() throws {
    let data = Synthetic(120)
    let mine = try Self.contrasts((1, 1), data, data.weights)
    let plain = try MarginalSurvival(
      measures: [.milestone, .restrictedMean], times: [4, 9], tau: 11
    ).fit(try data.times(), treatment: data.x[1].map { $0 == 1 }, weights: data.weights)
    for (a, b) in zip(mine, plain.contrasts) {
      #expect(close(a.estimate, b.estimate, .closedForm))
      #expect(close(a.treated, b.treated, .closedForm))
      #expect(close(a.slope, b.slope, .closedForm))
    }
  }

  @Test("slopes are derivatives in each row's weight")
  func slopes() throws {
    let data = Synthetic(60)
    let weights = data.weights.map { $0 + 0.5 }
    let whole = try Self.contrasts((2.5, 0.5), data, weights)
    for row in 0..<60 {
      let moved = try [1e-5, -1e-5].map { step in
        var other = weights
        other[row] += step
        return try Self.contrasts((2.5, 0.5), data, other)
      }
      for k in whole.indices {
        let slope = (moved[0][k].estimate - moved[1][k].estimate) / 2e-5
        #expect(close(whole[k].slope[row], slope, Tolerance(relative: 1e-6, absolute: 1e-9)))
      }
    }
  }

  @Test("no hazard after censoring, and a certain event at once, are the bounds")
  func bounds() throws {
    // Five rows: events at 1 and 4, censored at 2 and 3, the last at 5.
    let times = try SurvivalTimes(
      time: [1, 2, 3, 4, 5, 1, 5], event: [true, false, false, true, false, true, false])
    let treated = [true, true, true, true, true, false, false]
    func survival(_ delta: Double) throws -> Double {
      try CensoringSensitivity(times: [4], tau: nil, treated: delta, comparison: 1).fit(
        times, treatment: treated)[0].treated
    }
    // With δ = 0 the two censored survive; S falls by half at 4, so with δ = 2 a quarter each do.
    #expect(close(try survival(0), 3.0 / 5, .closedForm))
    #expect(close(try survival(2), (1 + 2 * 0.25) / 5, .closedForm))
    #expect(try survival(1e6) == 1.0 / 5)
  }

  @Test("without covariates censoring weights are one and change nothing")
  func plain() throws {
    let data = Synthetic(100)
    let times = try data.times()
    let treated = data.x[1].map { $0 == 1 }
    let none = DesignMatrix(matrix: Matrix(rows: 100, columns: 0), names: [])
    let censoring = try CensoringWeighting().fit(times, treatment: treated, covariates: none)
    #expect(censoring.weights.allSatisfy { $0 == 1 })
    let estimator = MarginalSurvival(times: [5], tau: 12)
    let split = try estimator.fit(censoring, treatment: treated, weights: data.weights)
    let whole = try estimator.fit(times, treatment: treated, weights: data.weights)
    #expect(split.tau == whole.tau)
    for (a, b) in zip(split.contrasts, whole.contrasts) {
      #expect(close(a.estimate, b.estimate, .closedForm))
      #expect(close(a.slope, b.slope, .converged))
    }
  }

  @Test("weights are those of a Cox model of censoring in each arm")
  func golden() throws {
    let golden = try Golden.json("survival/censoring_weights.json")
    let lung = try Sample.lung()
    let treated = lung["sex"].map { $0 == 2 }
    let covariates = DesignMatrix(
      matrix: Matrix(columns: [lung["age"], lung["ph.ecog"]]), names: ["age", "ph.ecog"])
    // Times in eighty days, so that every censoring time is a cut.
    let times = try SurvivalTimes(
      time: lung["time"].map { ($0 / 80).rounded(.up) }, event: lung["status"].map { $0 == 2 })
    let censoring = try CensoringWeighting().fit(
      times, treatment: treated, covariates: covariates)
    let fit = try MarginalSurvival(
      measures: [.milestone, .hazardRatio], times: [4, 8], ties: .breslow
    ).fit(censoring, treatment: treated, weights: [Double](repeating: 1, count: treated.count))
    #expect(close(fit.contrasts[0].estimate, golden["loghr"].double, .converged))
    #expect(close(fit.contrasts[1...2].map(\.treated), golden["treated"].doubles, .converged))
    #expect(
      close(fit.contrasts[1...2].map(\.comparison), golden["comparison"].doubles, .converged))
    #expect(close(censoring.largest, golden["largest"].double, .converged))
    let cut = try CensoringWeighting(trim: 0.9).fit(
      times, treatment: treated, covariates: covariates)
    #expect(cut.largest < censoring.largest)
    #expect(cut.notes.contains { $0.contains("cut") })
  }

  @Test("weights undo censoring that depends on a covariate")
  func informative() throws {
    // Those at high risk leave early, so that the plain curve is too high.
    let n = 20_000
    var stream = RandomStream(seed: 5, name: "censoring")
    var (x, time, event, truth) = ([Double](), [Double](), [Bool](), 0.0)
    for row in 0..<n {
      let z = row % 2 == 0 ? 1.0 : -1
      let rate = z > 0 ? 0.2 : 0.05
      let death = stream.exponential() / rate
      let leaving = stream.exponential() / (z > 0 ? 0.2 : 0.02)
      x.append(z)
      time.append(min((min(death, leaving) * 4).rounded(.up) / 4, 10))
      event.append(death <= leaving && death <= 10)
      truth += exp(-6 * rate) / Double(n)
    }
    let times = try SurvivalTimes(time: time, event: event)
    let treated = (0..<n).map { $0 % 4 < 2 }
    let design = DesignMatrix(matrix: Matrix(columns: [x]), names: ["x"])
    let estimator = MarginalSurvival(measures: [.milestone], times: [6])
    let plain = try estimator.fit(times, treatment: treated).contrasts[0]
    let censoring = try CensoringWeighting().fit(times, treatment: treated, covariates: design)
    let fit = try estimator.fit(
      censoring, treatment: treated, weights: [Double](repeating: 1, count: n)
    ).contrasts[0]
    #expect(plain.treated - truth > 0.03)
    #expect((fit.treated - truth).magnitude < 0.02)
    #expect((fit.comparison - truth).magnitude < 0.02)
  }

  @Test("bad input is refused")
  func badInput() throws {
    let data = Synthetic(40)
    let treated = data.x[1].map { $0 == 1 }
    let late = try data.times(truncated: true)
    let design = DesignMatrix(matrix: Matrix(columns: [data.x[0]]), names: ["a"])
    #expect(
      code { try CensoringWeighting().fit(late, treatment: treated, covariates: design) }
        == .badInterval)
    let times = try data.times()
    #expect(
      code { try CensoringWeighting(trim: 0.2).fit(times, treatment: treated, covariates: design) }
        == .invalidOption)
    #expect(code { try Self.contrasts((-1, 1), data, data.weights) } == .invalidOption)
    #expect(
      code {
        try CensoringSensitivity(times: [3], tau: 5, treated: 2, comparison: 1).fit(
          late, treatment: treated)
      } == .badInterval)
  }
}
