import LinearAlgebra
import Statistics
import Survival
import TestSupport
import Testing

@Suite("Cox regression says the same of data written in another way")
struct CoxRewritingTests {
  private let ties: [CoxRegression.Ties] = [.efron, .breslow, .exact]

  /// Each row cut in two at the middle of its time.
  private func split(
    _ data: Synthetic
  ) throws -> (times: SurvivalTimes, rows: [Int], id: Factor) {
    var (rows, start, stop, event): ([Int], [Double], [Double], [Bool]) = ([], [], [], [])
    for row in data.time.indices {
      let middle = (data.time[row] / 2).rounded()
      if middle > 0, middle < data.time[row] {
        rows.append(row)
        start.append(0)
        stop.append(middle)
        event.append(false)
      }
      rows.append(row)
      start.append(middle > 0 && middle < data.time[row] ? middle : 0)
      stop.append(data.time[row])
      event.append(data.event[row])
    }
    let id = Factor(
      codes: rows.map { Int32($0) }, levels: data.time.indices.map { "\($0)" })
    return (try SurvivalTimes(start: start, time: stop, event: event), rows, id)
  }

  @Test("rows cut into spells are the rows uncut: coefficients, variances, curves, residual sums")
  func spells() throws {
    let data = Synthetic(150)
    let (times, rows, id) = try split(data)
    let design = data.design.selecting(rows: rows)
    for tie in ties {
      let model = CoxRegression(ties: tie, robust: tie == .exact ? nil : true)
      let whole = try model.fit(try data.times(), data.design)
      let parts = try model.fit(times, design, id: id)
      #expect(close(whole.coefficients, parts.coefficients, .converged))
      #expect(close(whole.covariance.rowMajor, parts.covariance.rowMajor, .converged))
      #expect(close(whole.logLikelihood, parts.logLikelihood, .converged))
      #expect(
        close(
          whole.robustCovariance?.rowMajor ?? [], parts.robustCovariance?.rowMajor ?? [],
          .converged))
      var sums = data.time.map { _ in 0.0 }
      for (k, value) in parts.martingaleResiduals().enumerated() { sums[rows[k]] += value }
      #expect(close(sums, whole.martingaleResiduals(), .converged))
      let point = [0.1, 1, 2]
      let one = try CoxCurve().predict(whole, at: [point], labels: ["x"])[0]
      let two = try CoxCurve().predict(parts, at: [point], labels: ["x"])[0]
      let at = one.survival.times.last ?? 0
      #expect(
        close(
          one.at(times: [at]).hazardError, two.at(times: [at]).hazardError, .converged))
    }
  }

  @Test("extreme risks that leave early take nothing of those that stay")
  func cancellation() throws {
    // Rows of enormous risk are at risk only before the first event of the others.
    let data = Synthetic(100)
    let many = 60
    let extra = (0..<many).map { Double($0) }
    let times = try SurvivalTimes(
      start: data.time.map { _ in 2 } + extra.map { _ in 0 },
      time: data.time.map { $0 + 3 } + extra.map { 1 + $0.truncatingRemainder(dividingBy: 2) },
      event: data.event + extra.map { _ in true })
    let strata = Factor(
      codes: (data.time + extra).map { _ in 0 }, levels: ["all"])
    let offset = data.time.map { _ in 0.0 } + extra.map { _ in 25.0 }
    let design = DesignMatrix(
      matrix: Matrix(
        columns: data.x.map { column in column + extra.map { _ in 0.3 } }),
      names: ["a", "b", "c"])
    let with = try CoxRegression().fit(times, design, strata: strata, offset: offset)
    let without = try CoxRegression().fit(
      try SurvivalTimes(
        start: data.time.map { _ in 2 }, time: data.time.map { $0 + 3 }, event: data.event),
      data.design)
    #expect(close(with.coefficients, without.coefficients, .published))
    #expect(close(with.covariance.rowMajor, without.covariance.rowMajor, .published))
  }

  @Test("time in days or weeks, and a single stratum, change nothing")
  func rescaling() throws {
    let data = Synthetic(120)
    for tie in ties {
      let fit = try CoxRegression(ties: tie).fit(try data.times(truncated: true), data.design)
      let weeks = try SurvivalTimes(
        start: data.start.map { $0 * 7 }, time: data.time.map { $0 * 7 }, event: data.event)
      let scaled = try CoxRegression(ties: tie).fit(weeks, data.design)
      #expect(close(fit.coefficients, scaled.coefficients, .closedForm))
      let one = Factor(codes: data.site.map { _ in 0 }, levels: ["all"])
      let stratified = try CoxRegression(ties: tie).fit(
        try data.times(truncated: true), data.design, strata: one)
      #expect(close(fit.coefficients, stratified.coefficients, .closedForm))
      #expect(close(fit.covariance.rowMajor, stratified.covariance.rowMajor, .closedForm))
    }
    // A frailty does not see the clock either.
    let frailty = try CoxFrailty(variance: 0.4).fit(
      try data.times(), data.design, level: data.sites)
    let slow = try CoxFrailty(variance: 0.4).fit(
      try SurvivalTimes(time: data.time.map { $0 * 7 }, event: data.event), data.design,
      level: data.sites)
    #expect(close(frailty.coefficients, slow.coefficients, .converged))
  }

  @Test("pairs as clusters: the sandwich of summed scores")
  func pairs() throws {
    let data = Synthetic(120)
    let pair = Factor(
      codes: (0..<120).map { Int32($0 / 2) }, levels: (0..<60).map { "\($0)" })
    let fit = try CoxRegression().fit(try data.times(), data.design, cluster: pair)
    let scores = fit.scoreResiduals()
    var sums = Matrix(rows: 60, columns: 3)
    for row in 0..<120 { for j in 0..<3 { sums[row / 2, j] += scores[row, j] } }
    let sandwich = fit.covariance * Gram.product(sums) * fit.covariance
    #expect(close(fit.robustCovariance?.rowMajor ?? [], sandwich.rowMajor, .converged))
    #expect(fit.clusters == 60)
  }

  private func check(
    _ fit: CoxFit, _ golden: JSON, order: [Int], source: SourceLocation = #_sourceLocation
  ) {
    #expect(
      close(order.map { fit.coefficients[$0] }, golden["coef"].doubles, .published),
      sourceLocation: source)
    #expect(
      close(
        fit.covariance.selecting(both: order).rowMajor, golden["var"].matrix, .published),
      sourceLocation: source)
    #expect(
      close(fit.logLikelihood, golden["loglik"][1].double, .converged), sourceLocation: source)
  }

  @Test("effects that change with time")
  func varying() throws {
    let golden = try Golden.json("survival/cox_models.json")["varying"]
    let lung = try Sample.lung()
    let log = try CoxRegression().fit(
      lung.times, lung.design, varying: [TimeVaryingEffect("ph.ecog", .log)])
    check(log, golden["log"], order: [0, 1, 2, 3])
    #expect(log.names.last == "ph.ecog:log(t)" && log.observations == 227 && log.events == 164)
    let inst = try Sample.lung(also: ["inst"])
    let month = try SurvivalTimes(
      time: inst["time"].map { ($0 / 30).rounded(.up) }, event: inst["status"].map { $0 == 2 })
    check(
      try CoxRegression(ties: .breslow).fit(
        month, inst.design.selecting(columns: [0, 1]),
        varying: [TimeVaryingEffect("sex", .identity)]), golden["months"], order: [0, 2, 1])
    let late = try Sample(
      "lung.csv", time: "time", event: "status", equals: 2, ["age", "sex", "ph.ecog"],
      also: ["inst"],
      start: { columns, row in
        let start = ((columns["age"]?[row] ?? 0) * 7).truncatingRemainder(dividingBy: 300)
        return min(start, (columns["time"]?[row] ?? 0) - 1)
      })
    let third = Factor.numbered(late["inst"].map { $0.truncatingRemainder(dividingBy: 3) })
    check(
      try CoxRegression().fit(
        late.times, late.design.selecting(columns: [0, 1]),
        varying: [TimeVaryingEffect("sex", .squareRoot)], strata: third), golden["strata"],
      order: [0, 1, 2])
    // Cutting rows changes nothing where no effect changes.
    let plain = try CoxRegression(robust: true).fit(lung.times, lung.design)
    let cut = try CoxRegression(robust: true).fit(lung.times, lung.design, varying: [])
    #expect(close(plain.coefficients, cut.coefficients, .converged))
    #expect(
      close(
        plain.robustCovariance?.rowMajor ?? [], cut.robustCovariance?.rowMajor ?? [1],
        .converged))
    #expect(
      code {
        try CoxRegression().fit(
          lung.times, lung.design, varying: [TimeVaryingEffect("wt", .log)])
      } == .unknownColumn)
    let n = 20_000
    let long = try SurvivalTimes(
      time: (0..<n).map { Double($0) }, event: (0..<n).map { _ in true })
    let wide = DesignMatrix(
      matrix: Matrix(columns: [(0..<n).map { Double($0 % 7) }]), names: ["x"])
    let large = #expect(throws: SiblingError.self) {
      try CoxRegression().fit(long, wide, varying: [TimeVaryingEffect("x", .identity)])
    }
    #expect(large?.code == .invalidOption && large?.message.contains("400020000") == true)
    let zero = try SurvivalTimes(
      time: lung["time"].map { $0 - 5 }, event: lung["status"].map { $0 == 2 })
    #expect(
      code {
        try CoxRegression().fit(zero, lung.design, varying: [TimeVaryingEffect("sex", .log)])
      } == .badValue)
  }
}
