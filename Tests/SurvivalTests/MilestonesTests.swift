import Statistics
import Survival
import TestSupport
import Testing

@Suite("Milestones")
struct MilestonesTests {
  @Test("Rossi: the published difference at 52 weeks, and robust errors with weights")
  func rossi() throws {
    let rossi = try Sample.rossi()
    let fit = try Milestones(times: [52, 6, 26]).fit(rossi.times, by: rossi.factor("fin"))
    #expect(fit.milestones.map(\.time) == [6, 26, 52])
    let last = try #require(fit.milestones.last?.contrasts.first?.difference)
    #expect(close(last.estimate, 0.0833333333333333, .closedForm))
    #expect(close(last.standardError ?? 0, 0.0422202593219273, .closedForm))
    let weighted = try Milestones(times: [6, 26, 52]).fit(
      rossi.times, by: rossi.factor("fin"), weights: rossi["ipw"])
    #expect(weighted.robust)
    let arms = weighted.milestones.map { $0.arms[0].estimate }
    #expect(
      close(
        arms.map(\.estimate), [0.970442122094182, 0.846150319228275, 0.692583734328563],
        .published))
    #expect(close(arms[0].standardError ?? 0, 0.0119644502352166, .published))
    #expect(close(arms[2].standardError ?? 0, 0.0316132705793586, .published))
  }

  @Test("arms are the curve's own; shares with the event are its complement", arguments: [1, 2, 3])
  func curves(_ kind: Int) throws {
    let data = Synthetic(150)
    let arms = Factor.numbered(data.x[1])
    let times = try data.times(truncated: kind == 3)
    let weights = kind == 1 ? nil : data.weights.map { $0 / 2 }
    let estimator = CurveEstimator.allCases[kind - 1]
    let wanted = [3.0, 8, 15]
    let curve = try KaplanMeier(interval: .logLog, estimator: estimator).fit(
      times, by: arms, weights: weights
    ).at(times: wanted)
    let fit = try Milestones(times: wanted, interval: .logLog, estimator: estimator).fit(
      times, by: arms, weights: weights)
    let event = try Milestones(
      times: wanted, quantity: .event, interval: .logLog, estimator: estimator
    ).fit(times, by: arms, weights: weights)
    for k in wanted.indices {
      for arm in 0..<2 {
        let mine = fit.milestones[k].arms[arm]
        #expect(close(mine.estimate.estimate, curve[arm].estimate[k], .closedForm))
        #expect(close(mine.estimate.standardError ?? 0, curve[arm].standardError[k], .converged))
        #expect(close(mine.estimate.interval?.low ?? 0, curve[arm].low[k], .converged))
        #expect(mine.atRisk == curve[arm].atRisk[k])
        let other = event.milestones[k].arms[arm].estimate
        #expect(close(other.estimate, 1 - mine.estimate.estimate, .closedForm))
        #expect(close(other.interval?.low ?? 0, 1 - (mine.estimate.interval?.high ?? 0)))
      }
      let pair = (fit.milestones[k].contrasts[0], event.milestones[k].contrasts[0])
      #expect(close(pair.0.difference.estimate, -pair.1.difference.estimate, .closedForm))
      #expect(close(pair.0.difference.pValue ?? 0, pair.1.difference.pValue ?? 1, .converged))
    }
  }

  @Test("pairs across arms: the error is the derivative in each pair's weight")
  func pairs() throws {
    let data = Synthetic(120)
    let arms = Factor(codes: (0..<120).map { Int32($0 % 2) }, levels: ["a", "b"])
    let pairs = Factor(codes: (0..<120).map { Int32($0 / 2) }, levels: (0..<60).map { "\($0)" })
    let times = try data.times()
    let fit = try Milestones(times: [10]).fit(times, by: arms, cluster: pairs)
    var (squares, logs) = (0.0, 0.0)
    for pair in 0..<60 {
      let moved = try [1 + 1e-5, 1 - 1e-5].map { weight in
        try Milestones(times: [10], robust: false).fit(
          times, by: arms, weights: pairs.codes.map { Int($0) == pair ? weight : 1 }
        ).milestones[0].contrasts[0]
      }
      let slope = (moved[0].difference.estimate - moved[1].difference.estimate) / 2e-5
      squares += slope * slope
      let ratio = (moved[0].ratio.estimate - moved[1].ratio.estimate) / 2e-5
      let scaled = ratio / fit.milestones[0].contrasts[0].ratio.estimate
      logs += scaled * scaled
    }
    let contrast = fit.milestones[0].contrasts[0]
    let tolerance = Tolerance(relative: 1e-6)
    #expect(close(contrast.difference.standardError ?? 0, squares.squareRoot(), tolerance))
    #expect(close(contrast.ratio.standardError ?? 0, logs.squareRoot(), tolerance))
    #expect(fit.clusters == 60)
  }

  @Test("the combined interval has its published closed form and holds the difference")
  func combined() throws {
    let data = Synthetic(150)
    let fit = try Milestones(
      times: [10], interval: .logLog, differenceInterval: .combined
    ).fit(try data.times(), by: Factor.numbered(data.x[1]))
    let arms = fit.milestones[0].arms.map(\.estimate)
    let limits = try arms.map { try #require($0.interval) }
    let found = fit.milestones[0].contrasts[0].difference
    let gap = arms[1].estimate - arms[0].estimate
    let (below, above) = (arms[1].estimate - limits[1].low, limits[0].high - arms[0].estimate)
    #expect(
      close(
        found.interval?.low ?? 0, gap - (below * below + above * above).squareRoot(), .converged))
  }

  @Test("nothing is said past an arm's last follow-up")
  func pastTheEnd() throws {
    let times = try SurvivalTimes(
      time: [2, 4, 6, 8, 3, 5, 5, 5], event: [true, true, false, false, true, true, true, true])
    let arms = Factor(codes: [0, 0, 0, 0, 1, 1, 1, 1], levels: ["a", "b"])
    let fit = try Milestones(times: [7, 9]).fit(times, by: arms)
    let first = fit.milestones[0]
    // Nobody of b is left: its survival stays at zero, without an error.
    #expect(first.arms[1].estimate.estimate == 0 && first.arms[1].estimate.standardError == nil)
    #expect(first.contrasts[0].difference.estimate == -0.5)
    #expect(first.contrasts[0].difference.standardError == nil)
    let second = fit.milestones[1]
    #expect(second.arms[0].estimate.estimate.isNaN && second.contrasts[0].ratio.estimate.isNaN)
    #expect(fit.notes == ["a is followed to 8 only: nothing can be said of it at 9"])
  }

  @Test("bad input is refused")
  func badInput() throws {
    let times = try SurvivalTimes(time: [1, 2, 3], event: [true, false, true])
    #expect(code { try Milestones(times: []).fit(times) } == .invalidOption)
    #expect(code { try Milestones(times: [-1]).fit(times) } == .invalidOption)
    #expect(code { try Milestones(times: [1], level: 0).fit(times) } == .invalidOption)
    #expect(code { try Milestones(times: [1]).fit(times, weights: [1, .nan, 1]) } == .badWeight)
  }
}
