import LinearAlgebra
import Statistics
import Survival
import TestSupport
import Testing

@Suite("The exact partial likelihood of ties")
struct ExactTiesTests {
  private let exact = CoxRegression(ties: .exact)

  private func check(
    _ fit: CoxFit, _ golden: JSON, source: SourceLocation = #_sourceLocation
  ) {
    #expect(close(fit.coefficients, golden["coef"].doubles, .converged), sourceLocation: source)
    #expect(
      close(fit.covariance.rowMajor, golden["var"].matrix, .converged), sourceLocation: source)
    let logLikelihoods = [fit.logLikelihoodNull, fit.logLikelihood]
    #expect(close(logLikelihoods, golden["loglik"].doubles, .converged), sourceLocation: source)
    #expect(
      close(fit.score.statistic, golden["score"].double, .converged), sourceLocation: source)
    #expect(fit.ties == .exact)
  }

  @Test("lung and Rossi: days, months, strata, offset, left truncation")
  func golden() throws {
    let golden = try Golden.json("survival/cox_models.json")["exact"]
    let all = try Sample.lung()
    let daily = try exact.fit(all.times, all.design)
    check(daily, golden["lung"])
    // Residuals are Breslow's at the exact coefficients.
    #expect(
      close(Array(daily.martingaleResiduals().prefix(12)), golden["martingale"].doubles, .converged)
    )
    // So is the test of proportional hazards.
    let rows = try ProportionalHazardsTest().test(daily).rows
    #expect(
      close(
        rows.flatMap { [$0.test.statistic, $0.test.degreesOfFreedom, $0.test.pValue] },
        golden["zph"].matrix, .published))
    let lung = try Sample.lung(also: ["inst"])
    let month = lung["time"].map { ($0 / 30).rounded(.up) }
    let event = lung["status"].map { $0 == 2 }
    let third = Factor.numbered(lung["inst"].map { $0.truncatingRemainder(dividingBy: 3) })
    let times = try SurvivalTimes(time: month, event: event)
    check(try exact.fit(times, lung.design), golden["months"])
    check(
      try exact.fit(times, lung.design.selecting(columns: [0, 2]), strata: third),
      golden["strata"])
    let start = month.indices.map {
      min((lung["age"][$0] * 7).truncatingRemainder(dividingBy: 300), lung["time"][$0] - 1)
    }
    let five = lung["time"].map { ($0 / 5).rounded(.up) * 5 }
    check(
      try exact.fit(
        try SurvivalTimes(start: start, time: five, event: event), lung.design, strata: third),
      golden["truncated"])
    check(
      try exact.fit(
        times, lung.design.selecting(columns: [0, 1]), offset: lung["ph.ecog"].map { $0 / 3 }),
      golden["offset"])
    let rossi = try Sample.rossi()
    let fit = try exact.fit(rossi.times, rossi.design)
    check(fit, golden["rossi"])
    #expect(close(fit.coefficients[0], -0.3815676174418912, .converged))
  }

  @Test("six subjects: the coefficient is infinite, and said to be")
  func sixSubjects() throws {
    let times = try SurvivalTimes(
      time: [1, 1, 6, 6, 8, 9], event: [true, false, true, true, false, true])
    let design = DesignMatrix(matrix: Matrix(columns: [[1, 1, 1, 0, 0, 0]]), names: ["x"])
    let fit = try exact.fit(times, design)
    #expect(fit.infiniteTerms == ["x"])
    #expect(fit.notes.contains { $0.contains("runs to infinity") })
  }

  @Test("two of three at one time: the likelihood written out")
  func closedForm() throws {
    // Of x = 0, 1, 2 two have the event: 0 and 1 in one stratum, 1 and 2 in the other. By symmetry
    // the coefficient is zero, where each pair of three has the chance 1/3.
    let times = try SurvivalTimes(
      time: [1, 1, 1, 1, 1, 1], event: [true, true, false, false, true, true])
    let design = DesignMatrix(
      matrix: Matrix(columns: [[0, 1, 2, 0, 1, 2]]), names: ["x"])
    let sets = Factor(codes: [0, 0, 0, 1, 1, 1], levels: ["a", "b"])
    let fit = try exact.fit(times, design, strata: sets)
    #expect(close(fit.coefficients[0], 0, .closedForm))
    #expect(close(fit.logLikelihood, -2 * 1.0986122886681098, .closedForm))
    // The sum over a pair has a variance of 2/3.
    #expect(close(fit.covariance[0, 0], 3.0 / 4, .closedForm))
  }

  @Test("without ties it is Breslow's; when all have the event there is nothing to tell apart")
  func limits() throws {
    let data = Synthetic(60)
    let time = (0..<60).map { Double($0 * 7 % 61) }
    let apart = try SurvivalTimes(time: time, event: data.event)
    let one = try exact.fit(apart, data.design)
    let other = try CoxRegression(ties: .breslow).fit(apart, data.design)
    #expect(close(one.coefficients, other.coefficients, .converged))
    #expect(close(one.covariance.rowMajor, other.covariance.rowMajor, .converged))
    let all = try SurvivalTimes(
      time: data.time.map { _ in 1 }, event: data.time.map { _ in true })
    #expect(code { try exact.fit(all, data.design) } == .rankDeficient)
  }

  @Test("dozens of ties of wild risks neither overflow nor depend on order, threads or strata")
  func large() throws {
    let data = Synthetic(400, weeks: 3)
    func wild(_ data: Synthetic) -> DesignMatrix {
      var data = data
      data.x[0] = data.x[0].map { $0 * 1e4 }
      return data.design
    }
    let fit = try exact.fit(try data.times(), wild(data))
    #expect(fit.coefficients.allSatisfy(\.isFinite) && fit.infiniteTerms.isEmpty)
    let backwards = data.selecting(Array((0..<400).reversed()))
    let other = try exact.fit(try backwards.times(), wild(backwards))
    #expect(close(fit.coefficients, other.coefficients, .published))
    let single = Factor(codes: data.site.map { _ in 0 }, levels: ["all"])
    let stratified = try exact.fit(try data.times(), wild(data), strata: single)
    #expect(close(fit.coefficients, stratified.coefficients, .closedForm))
    let before = Parallel.threads
    defer { Parallel.setThreads(before) }
    let fits = try [1, 2].map { threads in
      Parallel.setThreads(threads)
      return try exact.fit(try data.times(), data.design, strata: data.sites)
    }
    #expect(fits[0].coefficients == fits[1].coefficients)
    #expect(fits[0].covariance == fits[1].covariance)
  }

  @Test("weights and robust variances are refused")
  func refusals() throws {
    let data = Synthetic(40)
    let times = try data.times()
    #expect(
      code { try exact.fit(times, data.design, weights: data.weights) } == .invalidOption)
    #expect(code { try exact.fit(times, data.design, cluster: data.sites) } == .invalidOption)
    #expect(code { try exact.fit(times, data.design, id: data.sites) } == .invalidOption)
    #expect(
      code {
        try CoxRegression(ties: .exact, robust: true).fit(times, data.design)
      } == .invalidOption)
  }
}
