import Foundation
import LinearAlgebra
import Statistics
import Survival
import TestSupport
import Testing

@Suite("Discrete-time and piecewise-exponential models")
struct DiscreteHazardTests {
  private func rossi() throws -> (times: SurvivalTimes, design: DesignMatrix) {
    let sample = try Sample(
      "rossi.csv", time: "week", event: "arrest", ["fin", "age", "prio"])
    return (sample.times, sample.design)
  }

  @Test("R's glm on one row a person and period", arguments: DiscreteHazard.Link.allCases)
  func peer(_ link: DiscreteHazard.Link) throws {
    let golden = try Golden.json("survival/discrete.json")
    let (times, design) = try rossi()
    for (name, baseline) in [
      ("factor", DiscreteHazard.Baseline.factor), ("linear", .linear), ("log", .log),
    ] {
      let fit = try DiscreteHazard(link: link, baseline: baseline, interval: 4).fit(times, design)
      let expected = golden["\(link.rawValue)_\(name)"]
      #expect(close(fit.coefficients, expected["coef"].doubles), "\(link) \(name)")
      #expect(close(fit.standardErrors, expected["se"].doubles), "\(link) \(name)")
      #expect(close(fit.logLikelihood, expected["loglik"].double, .converged))
    }
  }

  @Test("the house's own regression on expanded rows, late starts, weights and clusters")
  func expanded() throws {
    let data = Synthetic(300)
    let times = try data.times(truncated: true)
    let (interval, model) = (2.0, DiscreteHazard(link: .logit, baseline: .linear, interval: 2))
    let fit = try model.fit(times, data.design, weights: data.weights, cluster: data.sites)
    var (rows, periods, outcome): ([Int], [Double], [Double]) = ([], [], [])
    for row in data.time.indices {
      let last = Int((data.time[row] / interval).rounded(.up))
      let first = min(Int((data.start[row] / interval).rounded(.down)), last - 1)
      for period in first..<last {
        rows.append(row)
        periods.append(Double(period + 1))
        outcome.append(data.event[row] && period == last - 1 ? 1 : 0)
      }
    }
    let ones = periods.map { _ in 1.0 }
    let long = DesignMatrix(
      matrix: Matrix(
        columns: [ones, periods] + data.x.map { column in rows.map { column[$0] } }),
      names: ["(Intercept)", "period", "a", "b", "c"])
    let logistic = try GeneralizedLinearModel(family: .binomial).fit(
      long, response: outcome, weights: rows.map { data.weights[$0] })
    #expect(close(fit.coefficients, logistic.coefficients, .converged))
    #expect(fit.names == long.names)
    let robust = try CovarianceEstimator.cluster(.cr0, [data.sites.selecting(rows)]).estimate(
      logistic.equations)
    #expect(close(fit.standardErrors, robust.standardErrors))
    #expect(
      close(
        fit.covariance.rowMajor,
        try CovarianceEstimator.classical.estimate(logistic.equations)
          .matrix.rowMajor))
    // The spline without inner knots is the line.
    let line = try DiscreteHazard(
      link: .logit, baseline: .spline(knots: 0), interval: 2
    ).fit(times, data.design, weights: data.weights)
    #expect(close(line.coefficients, fit.coefficients, .converged))
    let curved = try DiscreteHazard(
      link: .logit, baseline: .spline(knots: 2), interval: 2
    ).fit(times, data.design, weights: data.weights)
    #expect(curved.logLikelihood > line.logLikelihood && curved.degreesOfFreedom == 7)
  }

  @Test("periods without events have no parameter, and the fit is that of the others")
  func emptyPeriods() throws {
    let time = [1.0, 1, 2, 2, 4, 4, 4, 5]
    let event = [true, false, true, true, false, true, true, false]
    let times = try SurvivalTimes(time: time, event: event)
    let none = DesignMatrix(matrix: Matrix(rows: 8, columns: 0), names: [])
    let fit = try DiscreteHazard(link: .logit).fit(times, none)
    #expect(fit.names == ["period1", "period2", "period4"])
    // Events over rows at risk: 1/8, 2/6, 2/4.
    #expect(close(fit.coefficients, [log(1.0 / 7), log(0.5), 0], .closedForm))
    let cloglog = try DiscreteHazard().fit(times, none)
    let expected = [7.0 / 8, 2.0 / 3, 0.5].map { log(-log($0)) }
    #expect(close(cloglog.coefficients, expected, .closedForm))
    #expect(close(cloglog.logLikelihood, fit.logLikelihood, .closedForm))
    #expect(cloglog.notes.contains { $0.hasPrefix("2 periods have no event") })
  }

  @Test("pieces: R's Poisson regression, events over time, the exponential within them")
  func piecewise() throws {
    let golden = try Golden.json("survival/discrete.json")["piecewise"]
    let (times, design) = try rossi()
    let start = times.time.indices.map { ($0 + 1) % 3 != 0 && times.time[$0] > 3 ? 3.0 : 0 }
    let late = try SurvivalTimes(start: start, time: times.time, event: times.event)
    let model = PiecewiseExponential(cuts: [13, 26])
    let fit = try model.fit(late, design)
    #expect(fit.names == ["(0,13]", "(13,26]", "(26,Inf]", "fin", "age", "prio"])
    #expect(close(fit.coefficients, golden["coef"].doubles))
    #expect(close(fit.standardErrors, golden["se"].doubles))
    #expect(close(fit.logLikelihood, golden["loglik"].double, .converged))
    let none = design.selecting(columns: [])
    let rates = try model.fit(times, none)
    for (piece, (low, high)) in [(0.0, 13.0), (13, 26), (26, 52)].enumerated() {
      var (events, exposure) = (0.0, 0.0)
      for row in times.time.indices {
        exposure += max(0, min(times.time[row], high) - low)
        if times.event[row], times.time[row] > low, times.time[row] <= high { events += 1 }
      }
      #expect(close(rates.coefficients[piece], log(events / exposure), .closedForm))
      #expect(close(rates.standardErrors[piece], 1 / events.squareRoot(), .closedForm))
    }
    // Events over time of all is the exponential model, its log time ratio with the sign turned.
    let all = try SurvivalRegression(family: .exponential).fit(times, design.withIntercept)
    let halves = try PiecewiseExponential(cuts: [26]).fit(times, design)
    #expect(halves.logLikelihood > all.logLikelihood)
    #expect(halves.degreesOfFreedom == all.degreesOfFreedom + 1)
  }

  @Test("what is refused")
  func refusals() throws {
    let (times, design) = try rossi()
    #expect(code { try PiecewiseExponential(cuts: []).fit(times, design) } == .invalidOption)
    #expect(code { try PiecewiseExponential(cuts: [26, 13]).fit(times, design) } == .invalidOption)
    #expect(code { try PiecewiseExponential(cuts: [0, 13]).fit(times, design) } == .invalidOption)
    let empty = #expect(throws: SiblingError.self) {
      try PiecewiseExponential(cuts: [13, 52]).fit(times, design)
    }
    #expect(empty?.code == .noEvents)
    #expect(code { try DiscreteHazard(interval: 0).fit(times, design) } == .invalidOption)
    #expect(code { try DiscreteHazard(interval: 0.01).fit(times, design) } == .invalidOption)
    #expect(
      code { try DiscreteHazard(baseline: .spline(knots: 50)).fit(times, design) }
        == .invalidOption)
    // Nobody with aid has the event.
    let aided = design.matrix.column(0)
    let events = times.event.indices.map { times.event[$0] && aided[$0] == 0 }
    let apart = try SurvivalTimes(time: times.time, event: events)
    for link in DiscreteHazard.Link.allCases {
      let refusal = #expect(throws: SiblingError.self) {
        try DiscreteHazard(link: link, baseline: .linear).fit(apart, design)
      }
      #expect(refusal?.code == .separation && refusal?.column == "fin")
    }
    #expect(code { try PiecewiseExponential(cuts: [13]).fit(apart, design) } == .separation)
  }
}
