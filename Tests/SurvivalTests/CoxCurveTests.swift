import LinearAlgebra
import Statistics
import Survival
import TestSupport
import Testing

@Suite("Curves, scaled residuals and recurrent events of Cox models")
struct CoxCurveTests {
  private func check(
    _ fit: CoxFit, _ golden: JSON, at point: [Double] = [60, 1, 1],
    interval: CurveInterval = .log, stratum: Int = 0, source: SourceLocation = #_sourceLocation
  ) throws {
    let found = try CoxCurve(interval: interval).predict(fit, at: [point], labels: ["x"])[stratum]
    let pairs = [
      (found.survival.times, "time"), (found.survival.estimate, "surv"), (found.hazard, "hazard"),
      (found.hazardError, "se"), (found.survival.low, "lower"), (found.survival.high, "upper"),
    ]
    for (mine, name) in pairs {
      var mine = mine
      // Before the first event the peer's log-log limits are missing too.
      mine = mine.map { $0.isFinite ? $0 : .nan }
      #expect(close(mine, golden[name].doubles, .published), "\(name)", sourceLocation: source)
    }
  }

  @Test("predicted curves: ties, weights, strata, intervals")
  func curves() throws {
    let golden = try Golden.json("survival/cox_models.json")["curve"]
    let lung = try Sample.lung()
    let (times, design) = (lung.times, lung.design)
    try check(try CoxRegression().fit(times, design), golden["efron"])
    try check(
      try CoxRegression(ties: .breslow).fit(times, design), golden["breslow"], interval: .logLog)
    try check(
      try CoxRegression().fit(times, design, weights: lung.weights), golden["robust"])
    let inst = try Sample.lung(also: ["inst"])
    let month = try SurvivalTimes(
      time: inst["time"].map { ($0 / 30).rounded(.up) }, event: inst["status"].map { $0 == 2 })
    try check(
      try CoxRegression().fit(month, inst.design), golden["months"], interval: .plain)
    let late = try Sample(
      "lung.csv", time: "time", event: "status", equals: 2, ["age", "sex", "ph.ecog"],
      also: ["inst"],
      start: { columns, row in
        let start = ((columns["age"]?[row] ?? 0) * 7).truncatingRemainder(dividingBy: 300)
        return min(start, (columns["time"]?[row] ?? 0) - 1)
      })
    let third = Factor.numbered(late["inst"].map { $0.truncatingRemainder(dividingBy: 3) })
    try check(
      try CoxRegression(robust: false).fit(
        late.times, late.design.selecting(columns: [0, 1]), strata: third,
        weights: late.weights), golden["strata"], at: [60, 1])
  }

  @Test("at chosen times, after the last one, and of people without anything")
  func reading() throws {
    let lung = try Sample.lung()
    let fit = try CoxRegression().fit(lung.times, lung.design)
    let all = try CoxCurve().predict(fit, at: [[60, 1, 1], [0, 0, 0]], labels: ["a", "b"])
    #expect(all.map(\.survival.arm) == ["a", "b"])
    let some = all[0].at(times: [365, 1, 5000])
    let place = try #require(all[0].survival.times.lastIndex { $0 <= 365 })
    #expect(some.survival.times == [1, 365, 5000])
    #expect(some.survival.estimate[0] == 1 && some.hazard[0] == 0 && some.hazardError[0] == 0)
    #expect(some.hazard[1] == all[0].hazard[place])
    #expect(some.hazard[2].isNaN && some.survival.estimate[2].isNaN)
    // Covariates of zero give the baseline hazard.
    let baseline = try fit.baselineHazard()[0]
    #expect(close(all[1].hazard.last ?? 0, baseline.hazard.last ?? 1, .closedForm))
    #expect(code { try CoxCurve().predict(fit, at: [[1]], labels: ["a"]) } == .sizeMismatch)
    #expect(code { try CoxCurve().predict(fit, at: [[1, .nan, 1]], labels: ["a"]) } == .badValue)
    #expect(
      code { try CoxCurve(level: 2).predict(fit, at: [], labels: []) } == .invalidOption)
  }

  @Test("scaled Schoenfeld residuals, dfbetas and the points of a plot")
  func residuals() throws {
    let golden = try Golden.json("survival/cox_models.json")["residuals"]
    let lung = try Sample.lung()
    let fit = try CoxRegression().fit(lung.times, lung.design)
    let first = Array(0..<12)
    #expect(
      close(
        fit.scaledSchoenfeldResiduals().values.selecting(rows: first).rowMajor,
        golden["scaled"].matrix, .published))
    #expect(
      close(
        fit.standardisedInfluence().selecting(rows: first).rowMajor, golden["dfbetas"].matrix,
        .published))
    let points = try ProportionalHazardsTest().points(fit).points
    #expect(points.count == 3 * fit.events)
    let sex = points.filter { $0.term == "sex" }
    #expect(zip(sex, sex.dropFirst()).allSatisfy { $0.time <= $1.time })
    // A least-squares line leaves residuals that sum to zero, and the limits stand about it.
    #expect(close(sex.map { $0.residual - $0.smooth }.reduce(0, +), 0, .published))
    #expect(sex.allSatisfy { $0.low < $0.smooth && $0.smooth < $0.high })
    // Schoenfeld residuals sum to zero, so scaled ones have the coefficient as their mean.
    let mean = sex.map(\.residual).reduce(0, +) / Double(sex.count)
    #expect(close(mean, fit.coefficients[1], .converged))
    #expect(
      code { try ProportionalHazardsTest().points(fit, degrees: 1) } == .invalidOption)
  }

  @Test("recurrent events: Andersen–Gill and Prentice–Williams–Peterson")
  func recurrent() throws {
    let golden = try Golden.json("survival/cox_models.json")["recurrent"]
    let raw = try Golden.csv("survival/bladder.csv").mapValues { Golden.numbers($0) }
    func column(_ name: String) -> [Double] { raw[name] ?? [] }
    let times = try SurvivalTimes(
      start: column("start"), time: column("stop"), event: column("event").map { $0 == 1 })
    let names = ["rx", "number", "size"]
    let design = DesignMatrix(matrix: Matrix(columns: names.map(column)), names: names)
    let id = Factor.numbered(column("id"))
    let pairs: [(RecurrentEvents.Model, String)] = [
      (.andersenGill, "andersenGill"), (.totalTime, "total"), (.gapTime, "gap"),
    ]
    for (model, key) in pairs {
      let arranged = try RecurrentEvents(model).arrange(times, id: id)
      let fit = try CoxRegression(robust: true).fit(
        arranged.times, design, strata: arranged.strata, id: id)
      #expect(close(fit.coefficients, golden[key]["coef"].doubles, .converged))
      #expect(
        close(fit.robustCovariance?.rowMajor ?? [], golden[key]["var"].matrix, .converged))
      #expect(close(fit.covariance.rowMajor, golden[key]["naive"].matrix, .converged))
      #expect(close(fit.logLikelihood, golden[key]["loglik"][1].double, .converged))
    }
    // A spell cut in two rows is the same spell, on either clock.
    let cut = column("start").indices.flatMap { row -> [(Int, Double, Double, Bool)] in
      let (a, b) = (column("start")[row], column("stop")[row])
      let died = column("event")[row] == 1
      guard b - a > 1 else { return [(row, a, b, died)] }
      return [(row, a, a + 1, false), (row, a + 1, b, died)]
    }
    let rows = cut.map(\.0)
    let split = try SurvivalTimes(
      start: cut.map(\.1), time: cut.map(\.2), event: cut.map(\.3))
    for model in RecurrentEvents.Model.allCases {
      let whole = try RecurrentEvents(model).arrange(times, id: id)
      let parts = try RecurrentEvents(model).arrange(split, id: id.selecting(rows))
      let one = try CoxRegression(robust: true).fit(
        whole.times, design, strata: whole.strata, id: id)
      let two = try CoxRegression(robust: true).fit(
        parts.times, design.selecting(rows: rows), strata: parts.strata, id: id.selecting(rows))
      #expect(close(one.coefficients, two.coefficients, .converged))
      #expect(
        close(
          one.robustCovariance?.rowMajor ?? [], two.robustCovariance?.rowMajor ?? [1],
          .converged))
    }
  }

  @Test("overlapping spells are refused where they stand; rows without starts are noted")
  func overlaps() throws {
    let id = Factor(codes: [0, 0, 1, 1, 2], levels: ["a", "b", "c"])
    let event = [true, false, true, false, false]
    let times = try SurvivalTimes(
      start: [0, 3, 5, 0, 0], time: [3, 6, 8, 6, 10], event: event)
    let design = DesignMatrix(matrix: Matrix(columns: [[1, 2, 3, 5, 2]]), names: ["x"])
    let error = #expect(throws: SiblingError.self) {
      try CoxRegression().fit(times, design, id: id)
    }
    #expect(error?.code == .badInterval && error?.row == 2)
    #expect(code { try RecurrentEvents(.gapTime).arrange(times, id: id) } == .badInterval)
    // Different kinds of spell may run side by side, as strata.
    let kinds = Factor(codes: [0, 0, 0, 1, 0], levels: ["job", "training"])
    let apart = try CoxRegression().fit(times, design, strata: kinds, id: id)
    #expect(apart.events == 2)
    let plain = try SurvivalTimes(time: [3, 6, 8, 6, 10], event: event)
    #expect(code { try RecurrentEvents(.gapTime).arrange(plain, id: id) } == .invalidOption)
    let fit = try CoxRegression().fit(plain, design, id: id)
    #expect(fit.notes.contains { $0.contains("2 people have several rows") })
  }

  @Test("an arm without events is named")
  func emptyArm() throws {
    let times = try SurvivalTimes(
      time: [3, 6, 8, 6, 5, 4], event: [true, true, true, false, false, false])
    let design = DesignMatrix(matrix: Matrix(columns: [[1, 1, 1, 2, 2, 2]]), names: ["arm"])
    let fit = try CoxRegression().fit(times, design)
    #expect(fit.infiniteTerms == ["arm"])
    #expect(fit.notes.contains { $0.contains("no row where it is 2 has the event") })
  }
}
