import LinearAlgebra
import Statistics
import Survival
import TestSupport
import Testing

@Suite("Concordance, proportional hazards and residuals of Cox models")
struct CoxDiagnosticsTests {
  private func check(
    _ fit: CoxFit, _ golden: JSON, source: SourceLocation = #_sourceLocation
  ) {
    let found = fit.concordance()
    #expect(
      close(found.concordance, golden["concordance"].double, .converged), sourceLocation: source)
    #expect(
      close(found.standardError, golden["cse"].double, .converged), sourceLocation: source)
  }

  private func checkProportionality(
    _ fit: CoxFit, _ golden: JSON, source: SourceLocation = #_sourceLocation
  ) throws {
    for transform in ProportionalHazardsTest.Transform.allCases {
      let result = try ProportionalHazardsTest(transform: transform).test(fit)
      let mine = result.rows.flatMap {
        [$0.test.statistic, $0.test.degreesOfFreedom, $0.test.pValue]
      }
      #expect(
        close(mine, golden[transform.rawValue].matrix, .published), "\(transform)",
        sourceLocation: source)
      #expect(result.rows.last?.term == "GLOBAL")
    }
  }

  private func checkResiduals(
    _ fit: CoxFit, _ golden: JSON, source: SourceLocation = #_sourceLocation
  ) {
    func first(_ values: [Double]) -> [Double] { Array(values.prefix(12)) }
    func first(_ matrix: Matrix) -> [Double] {
      matrix.selecting(rows: Array(0..<12)).rowMajor
    }
    let pairs = [
      ("martingale", first(fit.martingaleResiduals())),
      ("deviance", first(fit.devianceResiduals())), ("residual", first(fit.scoreResiduals())),
      ("dfbeta", first(fit.coefficientInfluence())),
      ("schoenfeld", first(fit.schoenfeldResiduals().values)),
    ]
    for (name, mine) in pairs {
      #expect(close(mine, golden[name].matrix, .converged), "\(name)", sourceLocation: source)
    }
  }

  @Test("lung: concordance")
  func concordance() throws {
    let golden = try Golden.json("survival/survival.json")
    let lung = try Sample.lung(also: ["inst"])
    let all = try Sample.lung()
    check(try CoxRegression().fit(all.times, all.design), golden["efron"])
    check(try CoxRegression().fit(all.times, all.design, weights: all.weights), golden["weighted"])
    check(
      try CoxRegression().fit(lung.times, lung.design, cluster: lung.factor("inst")),
      golden["cluster"])
    check(
      try CoxRegression().fit(
        all.times, all.design.selecting(columns: [0, 2]), strata: all.factor("sex")),
      golden["strata"])
    let late = try Sample(
      "lung.csv", time: "time", event: "status", equals: 2, ["age", "sex", "ph.ecog"],
      also: ["inst"],
      start: { columns, row in
        let start = ((columns["age"]?[row] ?? 0) * 7).truncatingRemainder(dividingBy: 300)
        return min(start, (columns["time"]?[row] ?? 0) - 1)
      })
    let strata = Factor.numbered(late["inst"].map { $0.truncatingRemainder(dividingBy: 3) })
    check(
      try CoxRegression().fit(late.times, late.design, strata: strata, weights: late.weights),
      golden["truncated_strata_weighted"])
    let rossi = try Sample.rossi()
    let fit = try CoxRegression().fit(rossi.times, rossi.design)
    check(fit, try Golden.json("survival/rossi.json")["efron"])
    #expect(close(fit.concordance().concordance, 0.640329247099714, .closedForm))
  }

  @Test("proportional hazards: four transforms, ties, weights, strata, truncation, factors")
  func proportionality() throws {
    let golden = try Golden.json("survival/survival.json")
    let lung = try Sample.lung()
    let (times, design) = (lung.times, lung.design)
    try checkProportionality(try CoxRegression().fit(times, design), golden["efron"]["zph"])
    try checkProportionality(
      try CoxRegression(ties: .breslow).fit(times, design), golden["breslow"]["zph"])
    try checkProportionality(
      try CoxRegression().fit(times, design, weights: lung.weights), golden["weighted"]["zph"])
    try checkProportionality(
      try CoxRegression().fit(
        times, design.selecting(columns: [0, 2]), strata: lung.factor("sex")),
      golden["strata"]["zph"])
    let late = try Sample(
      "lung.csv", time: "time", event: "status", equals: 2, ["age", "sex", "ph.ecog"],
      start: { ($0["age"]?[$1] ?? 0).truncatingRemainder(dividingBy: 5) })
    try checkProportionality(
      try CoxRegression().fit(late.times, late.design), golden["truncated"]["zph"])
    let rossi = try Sample.rossi()
    let fit = try CoxRegression().fit(rossi.times, rossi.design)
    try checkProportionality(fit, try Golden.json("survival/rossi.json")["efron"]["zph"])
    let global = try ProportionalHazardsTest().test(fit).rows.last?.test.statistic
    #expect(close(global ?? .nan, 17.6944152960279, .published))
  }

  @Test("proportional hazards: a factor is one term")
  func factorTerm() throws {
    let golden = try Golden.json("survival/survival.json")
    let lung = try Sample.lung()
    let rows = lung["ph.ecog"].indices.filter { lung["ph.ecog"][$0] < 3 }
    let ecog = rows.map { lung["ph.ecog"][$0] }
    let design = DesignMatrix(
      matrix: Matrix(columns: [
        rows.map { lung["age"][$0] }, rows.map { lung["sex"][$0] },
        ecog.map { $0 == 1 ? 1 : 0 }, ecog.map { $0 == 2 ? 1 : 0 },
      ]), names: ["age", "sex", "ecogf1", "ecogf2"], assignment: [0, 1, 2, 2],
      terms: ["age", "sex", "ecogf"])
    let fit = try CoxRegression().fit(try lung.times.selecting(rows), design)
    #expect(close(fit.coefficients, golden["factor"]["coef"].doubles, .converged))
    try checkProportionality(fit, golden["factor"]["zph"])
  }

  @Test("residuals of the first rows")
  func residuals() throws {
    let golden = try Golden.json("survival/survival.json")
    let lung = try Sample.lung()
    let (times, design) = (lung.times, lung.design)
    checkResiduals(try CoxRegression().fit(times, design), golden["efron"])
    checkResiduals(try CoxRegression(ties: .breslow).fit(times, design), golden["breslow"])
    checkResiduals(
      try CoxRegression().fit(times, design, weights: lung.weights), golden["weighted"])
    checkResiduals(
      try CoxRegression(ties: .breslow).fit(times, design, weights: lung.weights),
      golden["weighted_breslow"])
    checkResiduals(
      try CoxRegression().fit(
        times, design.selecting(columns: [0, 2]), strata: lung.factor("sex")), golden["strata"])
  }

  @Test("the baseline hazard at covariates of zero")
  func baseline() throws {
    let golden = try Golden.json("survival/survival.json")["basehaz"]
    let lung = try Sample.lung()
    let fit = try CoxRegression().fit(lung.times, lung.design)
    let baseline = try fit.baselineHazard()
    // The golden rows have censoring times too, at which the hazard stands still.
    for (time, hazard) in zip(golden["time"].doubles, golden["hazard"].doubles) {
      let upTo = baseline[0].times.lastIndex { $0 <= time }
      #expect(close(upTo.map { baseline[0].hazard[$0] } ?? 0, hazard, .converged))
    }
  }
}
