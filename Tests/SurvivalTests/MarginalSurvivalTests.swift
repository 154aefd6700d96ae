import LinearAlgebra
import Statistics
import Survival
import TestSupport
import Testing

@Suite("Effects on survival in weighted samples")
struct MarginalSurvivalTests {
  /// Inverse-probability weights of fin given the other six covariates (ATE, unstabilised).
  private static func weighted() throws -> (rossi: Sample, treated: [Bool], weights: [Double]) {
    let rossi = try Sample.rossi()
    let others = ["age", "race", "wexp", "mar", "paro", "prio"]
    let ones = [Double](repeating: 1, count: rossi.times.count)
    let design = DesignMatrix(
      matrix: Matrix(columns: [ones] + others.map { rossi[$0] }), names: ["(Intercept)"] + others)
    let fit = try GeneralizedLinearModel(family: .binomial).fit(design, response: rossi["fin"])
    let treated = rossi["fin"].map { $0 == 1 }
    let weights = zip(treated, fit.fitted).map { $0 ? 1 / $1 : 1 / (1 - $1) }
    return (rossi, treated, weights)
  }

  private static func robust(_ contrast: SurvivalContrast, _ weights: [Double]?) -> Double {
    contrast.slope.indices.reduce(0) { sum, row in
      let influence = (weights?[row] ?? 1) * contrast.slope[row]
      return sum + influence * influence
    }.squareRoot()
  }

  @Test("rossi: hazard ratio and milestones under inverse-probability weights")
  func published() throws {
    let (rossi, treated, weights) = try Self.weighted()
    let fit = try MarginalSurvival(times: [6, 26, 52]).fit(
      rossi.times, treatment: treated, weights: weights)
    let ratio = fit.contrasts[0]
    #expect(close(ratio.estimate, -0.360662311566677, .converged))
    #expect(close(Self.robust(ratio, weights), 0.189789928208553, .converged))
    let survival = fit.contrasts[1...3].map(\.comparison)
    #expect(
      close(survival, [0.970442122094182, 0.846150319228275, 0.692583734328563], .converged))
    // Nobody treated has the event by week 6, so the error is that of the comparisons.
    #expect(close(Self.robust(fit.contrasts[1], weights), 0.0119644502352166, .converged))
    #expect(fit.notes.contains { $0.contains("by 6") })
  }

  @Test("rossi: the unweighted milestone difference")
  func milestone() throws {
    let rossi = try Sample.rossi()
    let fit = try MarginalSurvival(measures: [.milestone], times: [52]).fit(
      rossi.times, treatment: rossi["fin"].map { $0 == 1 })
    #expect(close(fit.contrasts[0].estimate, 0.0833333333333333, .converged))
    #expect(close(Self.robust(fit.contrasts[0], nil), 0.0422202593219273, .converged))
  }

  @Test("weights of one give the plain estimates and their robust errors")
  func plain() throws {
    let data = Synthetic(150)
    let times = try data.times()
    let treated = data.x[1].map { $0 == 1 }
    let arms = Factor.numbered(data.x[1])
    let fit = try MarginalSurvival(times: [5, 12], tau: 14).fit(times, treatment: treated)
    let cox = try CoxRegression(robust: true).fit(
      times, DesignMatrix(matrix: Matrix(columns: [data.x[1]]), names: ["arm"]))
    #expect(close(fit.contrasts[0].estimate, cox.coefficients[0], .closedForm))
    #expect(
      close(
        Self.robust(fit.contrasts[0], nil), cox.robustStandardErrors?[0] ?? .nan, .closedForm))
    let curves = try KaplanMeier(robust: true).fit(times, by: arms).at(times: [5, 12])
    for (k, contrast) in fit.contrasts[1...2].enumerated() {
      #expect(close(contrast.comparison, curves[0].estimate[k], .closedForm))
      #expect(close(contrast.treated, curves[1].estimate[k], .closedForm))
      let both = (0...1).reduce(0.0) { sum, arm in
        sum + curves[arm].standardError[k] * curves[arm].standardError[k]
      }
      #expect(close(Self.robust(contrast, nil), both.squareRoot(), .closedForm))
    }
    let means = try RestrictedMean(tau: 14, robust: true).fit(times, by: arms).contrasts[0]
    let (difference, ratio) = (fit.contrasts[3], fit.contrasts[4])
    #expect(close(difference.estimate, means.difference.estimate, .closedForm))
    #expect(
      close(
        Self.robust(difference, nil), means.difference.standardError ?? .nan, .closedForm))
    #expect(close(Self.robust(ratio, nil), means.ratio.standardError ?? .nan, .closedForm))
  }

  @Test("slopes are derivatives in each row's weight", arguments: [false, true])
  func slopes(_ truncated: Bool) throws {
    let data = Synthetic(60)
    let times = try data.times(truncated: truncated)
    let treated = data.x[1].map { $0 == 1 }
    let estimator = MarginalSurvival(times: [6], tau: 9)
    let weights = data.weights.map { $0 + 0.25 }
    let fit = try estimator.fit(times, treatment: treated, weights: weights)
    for row in 0..<60 {
      let moved = try [1e-5, -1e-5].map { step in
        var other = weights
        other[row] += step
        return try estimator.fit(times, treatment: treated, weights: other).contrasts
      }
      for (k, contrast) in fit.contrasts.enumerated() {
        let slope = (moved[0][k].estimate - moved[1][k].estimate) / 2e-5
        #expect(close(contrast.slope[row], slope, Tolerance(relative: 1e-6, absolute: 1e-8)))
      }
    }
  }

  @Test("row order, repeated rows and rows of weight zero")
  func properties() throws {
    let data = Synthetic(80)
    let treated = data.x[1].map { $0 == 1 }
    let estimator = MarginalSurvival(times: [5, 10], tau: 12, ties: .breslow)
    let fit = try estimator.fit(try data.times(), treatment: treated, weights: data.weights)
    let backwards = Array((0..<80).reversed())
    let turned = data.selecting(backwards)
    let other = try estimator.fit(
      try turned.times(), treatment: turned.x[1].map { $0 == 1 }, weights: turned.weights)
    let rows = data.weights.indices.flatMap {
      Array(repeating: $0, count: Int(data.weights[$0]))
    }
    let many = data.selecting(rows)
    let repeated = try estimator.fit(try many.times(), treatment: many.x[1].map { $0 == 1 })
    let wider = data.selecting(Array(0..<80) + [0, 1, 2])
    let zeros = try estimator.fit(
      try wider.times(), treatment: wider.x[1].map { $0 == 1 }, weights: data.weights + [0, 0, 0])
    for (k, contrast) in fit.contrasts.enumerated() {
      #expect(close(other.contrasts[k].estimate, contrast.estimate, .closedForm))
      #expect(close(backwards.map { other.contrasts[k].slope[$0] }, contrast.slope, .converged))
      #expect(close(repeated.contrasts[k].estimate, contrast.estimate, .closedForm))
      #expect(close(rows.map { contrast.slope[$0] }, repeated.contrasts[k].slope, .converged))
      #expect(close(zeros.contrasts[k].estimate, contrast.estimate, .closedForm))
      #expect(zeros.contrasts[k].slope.suffix(3) == [0, 0, 0])
    }
  }

  @Test("what the data can't give is missing, with a note")
  func guards() throws {
    let times = try SurvivalTimes(
      time: [2, 3, 4, 5, 6, 8], event: [false, false, false, true, true, false])
    let treated = [true, true, true, false, false, false]
    let fit = try MarginalSurvival(times: [3, 7]).fit(times, treatment: treated)
    #expect(fit.contrasts[0].estimate.isNaN)
    #expect(fit.notes.contains { $0.contains("none of the treated has the event, so") })
    #expect(fit.contrasts[1].estimate == 0)
    #expect(fit.contrasts[2].estimate.isNaN)
    #expect(fit.notes.contains { $0.contains("follow-up of the treated ends at 4") })
    #expect(fit.tau == 4)
    let far = try MarginalSurvival(measures: [.restrictedMean], tau: 20).fit(
      times, treatment: treated)
    #expect(far.contrasts.allSatisfy { $0.estimate.isNaN && $0.slope.isEmpty })
  }

  @Test("bad input is refused")
  func badInput() throws {
    let times = try SurvivalTimes(time: [1, 2, 3, 4], event: [true, false, true, true])
    let treated = [true, false, true, false]
    let estimator = MarginalSurvival()
    #expect(code { try estimator.fit(times, treatment: [true]) } == .sizeMismatch)
    #expect(
      code { try estimator.fit(times, treatment: treated, weights: [1, -1, 1, 1]) } == .badWeight)
    #expect(
      code { try estimator.fit(times, treatment: treated, weights: [1, 0, 1, 0]) }
        == .constantTreatment)
    let censored = try SurvivalTimes(time: [1, 2, 3, 4], event: [false, false, false, false])
    #expect(code { try estimator.fit(censored, treatment: treated) } == .noEvents)
    let negative = try SurvivalTimes(time: [1, -2, 3, 4], event: [true, false, true, true])
    #expect(code { try estimator.fit(negative, treatment: treated) } == .badInterval)
    #expect(
      code { try MarginalSurvival(times: [-1]).fit(times, treatment: treated) } == .invalidOption)
    #expect(
      code { try MarginalSurvival(tau: 0).fit(times, treatment: treated) } == .invalidOption)
  }
}
