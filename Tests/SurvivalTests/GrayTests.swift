import Statistics
import Survival
import TestSupport
import Testing

@Suite("Gray's test and the variance of cuminc")
struct GrayTests {
  @Test("lung with two causes, in days and in months: estimates and variances")
  func incidence() throws {
    let golden = try Golden.json("survival/competing_exits.json")
    for (months, unit) in [(false, "time"), (true, "month")] {
      let data = try CompetingSample(months: months)
      let fit = try AalenJohansen(variance: .independentSteps).fit(
        data.times, causes: data.causes, by: data.sample.factor("sex"))
      for arm in 1...2 {
        for cause in 1...2 {
          let expected = golden["cuminc_\(unit)_\(arm)_\(cause)"]
          let times = expected["time"].doubles
          let curve = try #require(
            fit.at(times: times).first {
              $0.cause == "\(cause)" && $0.curve.arm == "\(arm).0"
            }?.curve)
          // The peer's curves end at an arm's last time, ours are NaN past it.
          let known = times.indices.filter { curve.estimate[$0].isFinite }
          #expect(known.count > 20)
          #expect(
            close(
              known.map { curve.estimate[$0] }, known.map { expected["est"].doubles[$0] },
              .closedForm))
          #expect(
            close(
              known.map { curve.standardError[$0] * curve.standardError[$0] },
              known.map { expected["var"].doubles[$0] }, .converged))
        }
      }
    }
  }

  @Test("lung: two and four groups, rho, strata")
  func peers() throws {
    let golden = try Golden.json("survival/competing_exits.json")
    for (months, unit) in [(false, "time"), (true, "month")] {
      let data = try CompetingSample(months: months)
      for name in ["sex", "ph.ecog"] {
        for rho in [0.0, 1] {
          let result = try GrayTest(rho: rho).test(
            data.times, causes: data.causes, by: data.sample.factor(name))
          let expected = golden["gray_\(unit)_\(name)_\(Int(rho))"]
          #expect(close(result.rows.map(\.test.statistic), expected["stat"].doubles, .converged))
          #expect(close(result.rows.map(\.test.pValue), expected["p"].doubles, .converged))
          #expect(result.rows.map(\.test.degreesOfFreedom) == expected["df"].doubles)
        }
      }
      let result = try GrayTest().test(
        data.times, causes: data.causes, by: data.sample.factor("sex"), strata: data.third)
      let expected = golden["gray_\(unit)_strata"]["stat"].doubles
      #expect(close(result.rows.map(\.test.statistic), expected, .converged))
    }
  }

  @Test("whole weights are repeated rows; order and time's scale don't matter")
  func properties() throws {
    let data = Synthetic(120)
    func statistics(
      _ data: Synthetic, _ causes: Factor, scale: Double = 1, weights: [Double]? = nil,
      truncated: Bool
    ) throws -> [Double] {
      let times = try SurvivalTimes(
        start: truncated ? data.start.map { $0 * scale } : nil, time: data.time.map { $0 * scale },
        event: data.event)
      return try GrayTest(rho: 1).test(
        times, causes: causes, by: Factor.numbered(data.x[1]), strata: data.sites,
        weights: weights
      ).rows.map(\.test.statistic)
    }
    for truncated in [false, true] {
      let plain = try statistics(data, data.causes, truncated: truncated)
      let weighted = try statistics(
        data, data.causes, weights: data.weights, truncated: truncated)
      let repeated = data.weights.indices.flatMap { row in
        [Int](repeating: row, count: Int(data.weights[row]))
      }
      #expect(
        close(
          try statistics(
            data.selecting(repeated), data.causes.selecting(repeated), truncated: truncated),
          weighted, .converged))
      let backwards = Array((0..<120).reversed())
      #expect(
        close(
          try statistics(
            data.selecting(backwards), data.causes.selecting(backwards), truncated: truncated),
          plain, .converged))
      #expect(
        close(
          try statistics(data, data.causes, scale: 7, truncated: truncated), plain, .converged))
      #expect(plain.allSatisfy { $0 > 0 })
    }
  }

  @Test("without other causes and ties at the end it is near the log-rank test")
  func logRank() throws {
    let data = Synthetic(400, weeks: 4000)
    let times = try data.times()
    let one = Factor(codes: data.event.map { $0 ? 0 : -1 }, levels: ["exit"])
    let arms = Factor.numbered(data.x[1])
    let gray = try GrayTest().test(times, causes: one, by: arms).rows[0].test.statistic
    let plain = try LogRank().test(times, by: arms).statistic
    // The two differ only in how the variance is estimated.
    #expect((gray - plain).magnitude < 0.02 * plain)
  }

  @Test("bad input is refused")
  func inputs() throws {
    let data = Synthetic(60)
    let (times, causes) = (try data.times(), data.causes)
    let arms = Factor.numbered(data.x[1])
    let halves = [Double](repeating: 0.5, count: 60)
    #expect(
      code { try GrayTest().test(times, causes: causes, by: arms, weights: halves) }
        == .badWeight)
    #expect(
      code { try GrayTest(rho: .nan).test(times, causes: causes, by: arms) } == .invalidOption)
    let single = Factor(codes: [Int32](repeating: 0, count: 60), levels: ["all"])
    #expect(
      code { try GrayTest().test(times, causes: causes, by: single) } == .constantTreatment)
    let nobody = try SurvivalTimes(time: data.time, event: data.event.map { _ in false })
    let censored = Factor(codes: [Int32](repeating: -1, count: 60), levels: ["a"])
    #expect(code { try GrayTest().test(nobody, causes: censored, by: arms) } == .noEvents)
    #expect(
      code {
        try AalenJohansen(variance: .independentSteps).fit(
          times, causes: causes, cluster: data.sites)
      } == .invalidOption)
    // A group that leaves before the first exit for a cause takes no part in its test.
    let early = try SurvivalTimes(time: data.time + [0.5], event: data.event + [false])
    let result = try GrayTest().test(
      early, causes: Factor(codes: causes.codes + [-1], levels: causes.levels),
      by: Factor(codes: arms.codes + [2], levels: arms.levels + ["early"]))
    #expect(result.rows.map(\.test.degreesOfFreedom) == [1, 1])
    #expect(result.notes.count == 2)
  }
}
