import LinearAlgebra
import Statistics
import Survival
import TestSupport
import Testing

@Suite("Restricted mean survival time")
struct RestrictedMeanTests {
  @Test("lung: all 228 rows to a year")
  func published() throws {
    let lung = try Sample.allLung()
    let fit = try RestrictedMean(tau: 365).fit(lung.times, by: lung.factor("sex"))
    #expect(close(fit.arms.map(\.estimate), [241.495085192, 297.465409532], .published))
    let errors = fit.arms.map { $0.standardError ?? .nan }
    #expect(close(errors, [10.3582264910969, 10.7913239788001], .converged))
  }

  @Test("lung: survRM2's arms, difference, ratio and ratio of time lost", arguments: [365, 700])
  func peer(_ tau: Int) throws {
    let golden = try Golden.json("survival/survfit_survdiff_rmst.json")["rmst2_lung_tau\(tau)"]
    let lung = try Sample.lung()
    let fit = try RestrictedMean(tau: Double(tau)).fit(lung.times, by: lung.factor("sex"))
    for (k, name) in ["arm0", "arm1"].enumerated() {
      let arm = fit.arms[k]
      let mine = [
        arm.estimate, arm.standardError ?? .nan, arm.interval?.low ?? .nan,
        arm.interval?.high ?? .nan,
      ]
      #expect(close(mine, golden[name][0].doubles, .converged))
    }
    let contrast = fit.contrasts[0]
    let all = [contrast.difference, contrast.ratio, contrast.timeLostRatio]
    for (k, estimate) in all.enumerated() {
      let mine = [
        estimate.estimate, estimate.interval?.low ?? .nan, estimate.interval?.high ?? .nan,
        estimate.pValue ?? .nan,
      ]
      #expect(close(mine, golden["unadj"][k].doubles, .converged))
    }
  }

  @Test("the default horizon")
  func horizon() throws {
    func tau(_ time: [Double], _ event: [Bool]) throws -> Double {
      let arm = Factor(codes: [0, 0, 1, 1], levels: ["a", "b"])
      return try RestrictedMean().fit(
        try SurvivalTimes(time: time, event: event), by: arm
      ).tau
    }
    // Last times 5 (first arm) and 9 (second), each an event or censored.
    #expect(try tau([1, 5, 2, 9], [true, true, true, true]) == 9)
    #expect(try tau([1, 5, 2, 9], [true, true, true, false]) == 9)
    #expect(try tau([1, 5, 2, 9], [true, false, true, true]) == 5)
    #expect(try tau([1, 5, 2, 9], [true, false, true, false]) == 5)
    #expect(try tau([2, 9, 1, 5], [true, true, true, false]) == 5)
  }

  @Test("the jackknife squares the derivative in each cluster's weight")
  func jackknife() throws {
    let data = Synthetic(90)
    let arms = Factor.numbered(data.x[1])
    for truncated in [false, true] {
      let times = try data.times(truncated: truncated)
      let estimator = RestrictedMean(tau: 15)
      let fit = try estimator.fit(times, by: arms, cluster: data.sites)
      var squares = [0.0, 0, 0]
      for site in data.sites.levels.indices {
        let values = try [1 + 1e-5, 1 - 1e-5].map { weight in
          let moved = try RestrictedMean(tau: 15, robust: false).fit(
            times, by: arms, weights: data.site.map { Int($0) == site ? weight : 1 })
          return moved.arms.map(\.estimate) + [moved.contrasts[0].difference.estimate]
        }
        for k in 0..<3 {
          let slope = (values[0][k] - values[1][k]) / 2e-5
          squares[k] += slope * slope
        }
      }
      let errors = (fit.arms + [fit.contrasts[0].difference]).map { $0.standardError ?? .nan }
      #expect(close(errors, squares.map { $0.squareRoot() }, Tolerance(relative: 1e-6)))
      #expect(fit.clusters == 6)
    }
  }

  @Test("scales with time; weights count as repeated rows")
  func properties() throws {
    let data = Synthetic(80)
    let arms = Factor.numbered(data.x[1])
    let fit = try RestrictedMean(tau: 12).fit(try data.times(), by: arms)
    let days = try SurvivalTimes(time: data.time.map { $0 * 7 }, event: data.event)
    let scaled = try RestrictedMean(tau: 84).fit(days, by: arms)
    #expect(close(scaled.arms[0].estimate, 7 * fit.arms[0].estimate, .closedForm))
    #expect(close(scaled.contrasts[0].ratio.pValue ?? 0, fit.contrasts[0].ratio.pValue ?? 1))
    let repeated = data.selecting(
      data.weights.indices.flatMap { Array(repeating: $0, count: Int(data.weights[$0])) })
    let weighted = try RestrictedMean(tau: 12).fit(
      try data.times(), by: arms, weights: data.weights)
    let plain = try RestrictedMean(tau: 12).fit(
      try repeated.times(), by: Factor.numbered(repeated.x[1]))
    #expect(close(weighted.arms[1].estimate, plain.arms[1].estimate, .closedForm))
    #expect(
      close(weighted.arms[1].standardError ?? 0, plain.arms[1].standardError ?? 1, .closedForm))
  }

  @Test("bad input is refused")
  func badInput() throws {
    let times = try SurvivalTimes(time: [1, 2, -3], event: [true, false, true])
    #expect(code { try RestrictedMean().fit(times) } == .badInterval)
    let sound = try SurvivalTimes(time: [1, 2, 3], event: [true, false, true])
    #expect(code { try RestrictedMean(tau: 0).fit(sound) } == .invalidOption)
    #expect(code { try RestrictedMean(level: 2).fit(sound) } == .invalidOption)
  }
}
