import Foundation
import LinearAlgebra
import Statistics
import Survival
import TestSupport
import Testing

@Suite("Survival curves adjusted for covariates")
struct AdjustedCurveTests {
  private static func covariates(_ data: Synthetic) -> DesignMatrix {
    DesignMatrix(matrix: Matrix(columns: [data.x[0], data.x[2]]), names: ["a", "c"])
  }

  private static func error(_ slope: [Double], _ weights: [Double]? = nil) -> Double {
    slope.indices.reduce(0) { sum, row in
      let influence = (weights?[row] ?? 1) * slope[row]
      return sum + influence * influence
    }.squareRoot()
  }

  @Test("rossi: standardised survival of R's stratified Cox model")
  func standardized() throws {
    let golden = try Golden.json("survival/adjusted_curves.json")
    let rossi = try Sample.rossi()
    let names = ["age", "race", "wexp", "mar", "paro", "prio"]
    let covariates = DesignMatrix(
      matrix: Matrix(columns: names.map { rossi[$0] }), names: names)
    let treated = rossi["fin"].map { $0 == 1 }
    for (key, isProportional) in [("stratum", false), ("covariate", true)] {
      let fit = try AdjustedCurves(times: [13, 26, 52]).standardized(
        rossi.times, treatment: treated, covariates: covariates, isProportional: isProportional)
      #expect(close(fit.treated, golden[key]["treated"].doubles, .converged))
      #expect(close(fit.comparison, golden[key]["comparison"].doubles, .converged))
    }
  }

  @Test("standardised: slopes are derivatives in each row's weight", arguments: [false, true])
  func slopes(_ isProportional: Bool) throws {
    let data = Synthetic(70)
    let times = try data.times()
    let treated = data.x[1].map { $0 == 1 }
    let weights = data.weights.map { $0 + 0.5 }
    func fit(_ weights: [Double]) throws -> TreatmentCurves {
      try AdjustedCurves(times: [4, 9]).standardized(
        times, treatment: treated, covariates: Self.covariates(data), weights: weights,
        isProportional: isProportional)
    }
    let whole = try fit(weights)
    for row in 0..<70 {
      let moved = try [1e-5, -1e-5].map { step in
        var other = weights
        other[row] += step
        return try fit(other)
      }
      for k in 0..<2 {
        let slopes = whole.slopes(at: k)
        let one = (moved[0].treated[k] - moved[1].treated[k]) / 2e-5
        let zero = (moved[0].comparison[k] - moved[1].comparison[k]) / 2e-5
        #expect(close(slopes.treated[row], one, Tolerance(relative: 1e-6, absolute: 1e-9)))
        #expect(close(slopes.comparison[row], zero, Tolerance(relative: 1e-6, absolute: 1e-9)))
      }
    }
  }

  @Test("without covariates all three estimate the arms' own curves")
  func unadjusted() throws {
    let data = Synthetic(200)
    let times = try data.times()
    let treated = data.x[1].map { $0 == 1 }
    let none = DesignMatrix(matrix: Matrix(rows: 200, columns: 0), names: [])
    let share = Double(treated.count { $0 }) / 200
    let estimator = AdjustedCurves(times: [3, 8, 12])
    let crude = try KaplanMeier(robust: true).fit(times, by: Factor.numbered(data.x[1])).at(
      times: [3, 8, 12])
    let weighted = try estimator.weighted(
      times, treatment: treated, weights: [Double](repeating: 1, count: 200))
    #expect(close(weighted.treated, crude[1].estimate, .closedForm))
    let standardized = try estimator.standardized(
      times, treatment: treated, covariates: none)
    let robust = try estimator.doublyRobust(
      times, treatment: treated, covariates: none,
      probability: [Double](repeating: share, count: 200))
    // Both are exp(−Λ) of Nelson and Aalen's hazard in the arm: residuals sum to zero there.
    #expect(close(robust.treated, standardized.treated, .closedForm))
    #expect(close(robust.comparison, standardized.comparison, .closedForm))
    for k in 0..<3 {
      #expect((robust.treated[k] - crude[1].estimate[k]).magnitude < 0.02)
      let (error, plain) = (
        Self.error(robust.slopes(at: k).treated), crude[1].standardError[k]
      )
      #expect(error / plain > 0.93 && error / plain < 1.07)
      #expect(
        close(Self.error(weighted.slopes(at: k).treated), plain, .closedForm))
    }
  }

  @Test("either right model is enough for the doubly robust curve")
  func doubleRobustness() throws {
    // One confounder; the event's hazard and the treatment both depend on it.
    let n = 6_000
    var stream = RandomStream(seed: 11, name: "adjusted-curve")
    var (x, treated, time, event, truth) = ([Double](), [Bool](), [Double](), [Bool](), 0.0)
    var probability: [Double] = []
    for _ in 0..<n {
      let z = stream.uniform() < 0.5 ? 1.0 : -1
      let p = z > 0 ? 0.7 : 0.3
      let isTreated = stream.uniform() < p
      let rate = 0.1 * (z > 0 ? 2.0 : 0.5)
      let death = stream.exponential() / rate
      let leaving = stream.exponential() / 0.04
      let rounded = (min(death, leaving) * 4).rounded(.up) / 4
      x.append(z)
      probability.append(p)
      treated.append(isTreated)
      time.append(rounded)
      event.append(death <= leaving)
      truth += exp(-5 * rate) / Double(n)
    }
    let times = try SurvivalTimes(time: time, event: event)
    let right = DesignMatrix(matrix: Matrix(columns: [x]), names: ["x"])
    let wrong = DesignMatrix(matrix: Matrix(rows: n, columns: 0), names: [])
    let flat = [Double](repeating: 0.5, count: n)
    let estimator = AdjustedCurves(times: [5])
    func survival(_ design: DesignMatrix, _ share: [Double]) throws -> Double {
      try estimator.doublyRobust(
        times, treatment: treated, covariates: design, probability: share
      ).treated[0]
    }
    // Its standard error is about 0.008; the crude curve is off by 0.08.
    #expect((try survival(right, flat) - truth).magnitude < 0.03)
    #expect((try survival(wrong, probability) - truth).magnitude < 0.03)
    #expect((try survival(wrong, flat) - truth).magnitude > 0.05)
  }

  @Test("row order; weights as repeated rows")
  func properties() throws {
    let data = Synthetic(90)
    let estimator = AdjustedCurves(times: [4, 10])
    func fits(_ data: Synthetic, _ weights: [Double]?) throws -> [TreatmentCurves] {
      let times = try data.times()
      let treated = data.x[1].map { $0 == 1 }
      let share = data.x[0].map { 0.4 + 0.2 * $0 }
      return [
        try estimator.standardized(
          times, treatment: treated, covariates: Self.covariates(data), weights: weights),
        try estimator.doublyRobust(
          times, treatment: treated, covariates: Self.covariates(data), probability: share,
          weights: weights),
      ]
    }
    let backwards = Array((0..<90).reversed())
    let rows = data.weights.indices.flatMap {
      Array(repeating: $0, count: Int(data.weights[$0]))
    }
    let plain = try fits(data, nil)
    let turned = try fits(data.selecting(backwards), nil)
    let weighted = try fits(data, data.weights)
    let repeated = try fits(data.selecting(rows), nil)
    for k in plain.indices {
      #expect(close(turned[k].treated, plain[k].treated, .converged))
      let slope = turned[k].slopes(at: 1).treated
      #expect(close(backwards.map { slope[$0] }, plain[k].slopes(at: 1).treated, .converged))
      #expect(close(weighted[k].comparison, repeated[k].comparison, .converged))
      let own = weighted[k].slopes(at: 1).comparison
      #expect(close(rows.map { own[$0] }, repeated[k].slopes(at: 1).comparison, .converged))
    }
  }

  @Test("times past the follow-up are missing; bad input is refused")
  func guards() throws {
    let times = try SurvivalTimes(
      time: [1, 2, 3, 4, 2, 3, 5, 6], event: [true, true, false, false, true, false, true, false])
    let treated = [true, true, true, true, false, false, false, false]
    let design = DesignMatrix(
      matrix: Matrix(columns: [[1, 3, 2, 5, 2, 4, 1, 3]]), names: ["x"])
    let estimator = AdjustedCurves(times: [3, 5])
    let fit = try estimator.standardized(times, treatment: treated, covariates: design)
    #expect(fit.treated[0].isFinite && fit.treated[1].isNaN && fit.comparison[1].isFinite)
    #expect(fit.notes.contains { $0.contains("treated ends") })
    #expect(
      code {
        try estimator.doublyRobust(
          times, treatment: treated, covariates: design,
          probability: [Double](repeating: 1, count: 8))
      } == .badValue)
    let late = try SurvivalTimes(
      start: [Double](repeating: 0.5, count: 8), time: [1, 2, 3, 4, 2, 3, 5, 6], event: times.event)
    #expect(
      code { try estimator.standardized(late, treatment: treated, covariates: design) }
        == .badInterval)
  }
}
