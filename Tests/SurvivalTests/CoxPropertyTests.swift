import Glibc
import LinearAlgebra
import Statistics
import Survival
import TestSupport
import Testing

@Suite("Properties of Cox regression", .serialized)
struct CoxPropertyTests {
  private let ties: [CoxRegression.Ties] = [.efron, .breslow]

  private func agree(
    _ a: CoxFit, _ b: CoxFit, _ tolerance: Tolerance = .converged,
    source: SourceLocation = #_sourceLocation
  ) {
    #expect(close(a.coefficients, b.coefficients, tolerance), sourceLocation: source)
    #expect(
      close(a.covariance.rowMajor, b.covariance.rowMajor, tolerance), sourceLocation: source)
    let robust = (a.robustCovariance?.rowMajor ?? [], b.robustCovariance?.rowMajor ?? [])
    #expect(close(robust.0, robust.1, tolerance), sourceLocation: source)
  }

  @Test("weights count as repeated rows under Breslow's ties")
  func repeatedRows() throws {
    let data = Synthetic(150)
    let repeated = data.selecting(
      data.weights.indices.flatMap { Array(repeating: $0, count: Int(data.weights[$0])) })
    for truncated in [false, true] {
      let weighted = try CoxRegression(ties: .breslow).fit(
        data.times(truncated: truncated), data.design, strata: data.sites, weights: data.weights)
      let plain = try CoxRegression(ties: .breslow).fit(
        repeated.times(truncated: truncated), repeated.design, strata: repeated.sites)
      agree(weighted, plain)
      #expect(close(weighted.logLikelihood, plain.logLikelihood, .converged))
    }
  }

  @Test("the order of rows and the unit of time do not matter")
  func orderAndUnits() throws {
    let data = Synthetic(200)
    let order = (0..<200).map { ($0 * 77 + 13) % 200 }
    let shuffled = data.selecting(order)
    for tie in ties {
      let model = CoxRegression(ties: tie)
      let fit = try model.fit(
        data.times(truncated: true), data.design, weights: data.weights, cluster: data.sites)
      let other = try model.fit(
        shuffled.times(truncated: true), shuffled.design, weights: shuffled.weights,
        cluster: shuffled.sites)
      agree(fit, other)
      #expect(close(fit.concordance().standardError, other.concordance().standardError))
      let days = try SurvivalTimes(
        start: data.start.map { $0 * 7 }, time: data.time.map { $0 * 7 }, event: data.event)
      agree(
        fit, try model.fit(days, data.design, weights: data.weights, cluster: data.sites),
        .closedForm)
    }
  }

  @Test("one stratum is none; strata shift nothing when covariates move by stratum")
  func strata() throws {
    let data = Synthetic(200)
    let times = try data.times()
    let one = Factor(codes: [Int32](repeating: 0, count: 200), levels: ["all"])
    agree(
      try CoxRegression().fit(times, data.design, cluster: data.sites),
      try CoxRegression().fit(times, data.design, strata: one, cluster: data.sites), .closedForm)
    var moved = data
    for row in data.site.indices { moved.x[0][row] += 1000 * Double(data.site[row]) }
    agree(
      try CoxRegression().fit(times, data.design, strata: data.sites),
      try CoxRegression().fit(times, moved.design, strata: data.sites), .published)
  }

  @Test("spells cut into weeks give the same fit, robust by person too")
  func splitting() throws {
    let data = Synthetic(120)
    var rows: [Int] = []
    var (start, stop, event): ([Double], [Double], [Bool]) = ([], [], [])
    for row in data.time.indices {
      var begin = data.start[row]
      while begin < data.time[row] {
        let end = min(begin + 3, data.time[row])
        rows.append(row)
        start.append(begin)
        stop.append(end)
        event.append(end == data.time[row] && data.event[row])
        begin = end
      }
    }
    let people = Factor(codes: rows.map { Int32($0) }, levels: (0..<120).map { "\($0)" })
    let split = try SurvivalTimes(start: start, time: stop, event: event)
    let design = data.selecting(rows).design
    for tie in ties {
      let model = CoxRegression(ties: tie, robust: true)
      let whole = try model.fit(data.times(truncated: true), data.design)
      let parts = try model.fit(split, design, id: people)
      agree(whole, parts)
      #expect(close(whole.logLikelihood, parts.logLikelihood, .closedForm))
      #expect(
        close(whole.concordance().concordance, parts.concordance().concordance, .closedForm))
      let (a, b) = (whole.martingaleResiduals(), parts.martingaleResiduals())
      for person in 0..<120 {
        let sum = rows.indices.reduce(0) { $0 + (rows[$1] == person ? b[$1] : 0) }
        #expect(close(sum, a[person], .converged))
      }
    }
  }

  @Test("every row its own cluster is the robust variance; score residuals sum to zero")
  func robust() throws {
    let data = Synthetic(150)
    let own = Factor(codes: (0..<150).map { Int32($0) }, levels: (0..<150).map { "\($0)" })
    for tie in ties {
      for truncated in [false, true] {
        let times = try data.times(truncated: truncated)
        let fit = try CoxRegression(ties: tie, robust: true).fit(
          times, data.design, strata: data.sites, weights: data.weights)
        let clustered = try CoxRegression(ties: tie).fit(
          times, data.design, strata: data.sites, weights: data.weights, cluster: own)
        agree(fit, clustered, .closedForm)
        // The sandwich from its parts: V (Σ w² s s′) V.
        let scores = fit.scoreResiduals()
        let sums = scores.transposedTimes(data.weights)
        #expect(sums.allSatisfy { $0.magnitude < 1e-9 })
        let meat = Gram.product(scores, weights: data.weights.map { $0 * $0 })
        let sandwich = fit.covariance * meat * fit.covariance
        #expect(
          close(fit.robustCovariance?.rowMajor ?? [], sandwich.rowMajor, .converged))
      }
    }
  }

  @Test("score residuals are the derivative of the coefficients in the weights")
  func influence() throws {
    let data = Synthetic(60)
    let times = try data.times(truncated: true)
    // Breslow's likelihood is a smooth function of the weights; Efron's counts deaths by rows.
    let model = CoxRegression(ties: .breslow, robust: false)
    let base = data.weights
    let fit = try model.fit(times, data.design, weights: base)
    let influence = fit.coefficientInfluence()
    for row in stride(from: 0, to: 60, by: 7) {
      let moved = try [1 + 1e-5, 1 - 1e-5].map { factor in
        var weights = base
        weights[row] *= factor
        return try model.fit(times, data.design, weights: weights).coefficients
      }
      let slope = (0..<3).map { (moved[0][$0] - moved[1][$0]) / 2e-5 }
      #expect(close(influence.row(row), slope, Tolerance(relative: 1e-5, absolute: 1e-9)))
    }
  }

  @Test("the same bytes on one and two threads")
  func threads() throws {
    let data = Synthetic(36_000)
    let times = try data.times(truncated: true)
    let before = Parallel.threads
    defer { Parallel.setThreads(before) }
    let fits = try [1, 2].map { threads in
      Parallel.setThreads(threads)
      return try CoxRegression().fit(times, data.design, cluster: data.sites)
    }
    #expect(fits[0].coefficients == fits[1].coefficients)
    #expect(fits[0].covariance == fits[1].covariance)
    #expect(fits[0].robustCovariance == fits[1].robustCovariance)
    let curves = try [1, 2].map { threads in
      Parallel.setThreads(threads)
      return try KaplanMeier().fit(times, by: data.sites, weights: data.weights)
    }
    for (one, two) in zip(curves[0].curves, curves[1].curves) {
      #expect(one.estimate == two.estimate)
      #expect(one.standardError.map(\.bitPattern) == two.standardError.map(\.bitPattern))
    }
  }

  @Test("weekly ties summed by week are the fit made row by row, on one thread and on two")
  func weekly() throws {
    let data = Synthetic(36_000)
    let week = data.time.map { ($0 / 3).rounded(.up) }
    let plain = try SurvivalTimes(time: week, event: data.event)
    // A start before every event changes nothing but forbids sums by week.
    let early = try SurvivalTimes(
      start: week.map { _ in -1 }, time: week, event: data.event)
    let offset = data.time.indices.map { Double($0 % 5) / 10 }
    let before = Parallel.threads
    defer { Parallel.setThreads(before) }
    for (tie, strata) in [(ties[0], nil), (ties[0], data.sites), (ties[1], data.sites)] {
      let model = CoxRegression(ties: tie, robust: true)
      let fits = try [1, 2].map { threads in
        Parallel.setThreads(threads)
        return try model.fit(
          plain, data.design, strata: strata, weights: data.weights, offset: offset)
      }
      #expect(fits[0].coefficients == fits[1].coefficients)
      #expect(fits[0].covariance == fits[1].covariance)
      #expect(fits[0].robustCovariance == fits[1].robustCovariance)
      let other = try model.fit(
        early, data.design, strata: strata, weights: data.weights, offset: offset)
      agree(fits[0], other)
      #expect(close(fits[0].logLikelihood, other.logLikelihood, .converged))
      #expect(close(fits[0].score.statistic, other.score.statistic, .converged))
    }
    // Without weights Efron's log-likelihood at zero is that of distinct death times.
    var expected = 0.0
    for time in Set(week) {
      let atRisk = week.reduce(0) { $0 + ($1 >= time ? 1 : 0) }
      let deaths = week.indices.reduce(0) { $0 + (week[$1] == time && data.event[$1] ? 1 : 0) }
      for k in 0..<deaths { expected -= log(Double(atRisk - k)) }
    }
    let fit = try CoxRegression().fit(plain, data.design)
    #expect(close(fit.logLikelihoodNull, expected, .closedForm))
  }

  @Test("large coefficients of scale: centimetres and kilometres")
  func scale() throws {
    let data = Synthetic(200)
    var moved = data
    moved.x[0] = data.x[0].map { $0 * 1e6 + 3e7 }
    moved.x[2] = data.x[2].map { $0 * 1e-6 }
    let times = try data.times()
    let fit = try CoxRegression().fit(times, data.design)
    let other = try CoxRegression().fit(times, moved.design)
    #expect(close(fit.coefficients[0], other.coefficients[0] * 1e6, .published))
    #expect(close(fit.coefficients[2], other.coefficients[2] * 1e-6, .published))
    #expect(close(fit.logLikelihood, other.logLikelihood, .converged))
  }
}
