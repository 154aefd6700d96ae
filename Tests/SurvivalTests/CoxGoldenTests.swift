import LinearAlgebra
import Statistics
import Survival
import TestSupport
import Testing

@Suite("Cox regression against published and peer values")
struct CoxGoldenTests {
  /// Compares a fit with a golden entry made by `coxph` run to convergence.
  private func check(
    _ fit: CoxFit, _ golden: JSON, _ tolerance: Tolerance = .converged,
    source: SourceLocation = #_sourceLocation
  ) {
    let robust = fit.robustCovariance
    #expect(close(fit.coefficients, golden["coef"].vector, tolerance), sourceLocation: source)
    #expect(
      close((robust ?? fit.covariance).rowMajor, golden["var"].matrix, tolerance),
      sourceLocation: source)
    if robust != nil {
      #expect(
        close(fit.covariance.rowMajor, golden["naive"].matrix, tolerance), sourceLocation: source)
      #expect(
        close(fit.robustScore?.statistic ?? .nan, golden["rscore"].double, tolerance),
        sourceLocation: source)
    }
    let logLikelihoods = [fit.logLikelihoodNull, fit.logLikelihood]
    #expect(close(logLikelihoods, golden["loglik"].doubles, tolerance), sourceLocation: source)
    #expect(
      close(fit.score.statistic, golden["score"].double, tolerance), sourceLocation: source)
    // The Wald statistic is printed from a slightly less converged variance.
    #expect(close(fit.wald.statistic, golden["wald"].double, .published), sourceLocation: source)
    #expect(fit.observations == Int(golden["n"].double), sourceLocation: source)
    #expect(fit.events == Int(golden["nevent"].double), sourceLocation: source)
  }

  @Test("lung: Efron, Breslow, robust, weighted")
  func lung() throws {
    let golden = try Golden.json("survival/survival.json")
    let lung = try Sample.lung()
    let (times, design) = (lung.times, lung.design)
    check(try CoxRegression().fit(times, design), golden["efron"])
    check(try CoxRegression(ties: .breslow).fit(times, design), golden["breslow"])
    check(try CoxRegression(robust: true).fit(times, design), golden["robust"])
    check(try CoxRegression().fit(times, design, weights: lung.weights), golden["weighted"])
    check(
      try CoxRegression(ties: .breslow).fit(times, design, weights: lung.weights),
      golden["weighted_breslow"])
  }

  @Test("lung: clusters of institutions, with and without weights")
  func clusters() throws {
    let golden = try Golden.json("survival/survival.json")
    let lung = try Sample.lung(also: ["inst"])
    let inst = lung.factor("inst")
    let fit = try CoxRegression().fit(lung.times, lung.design, cluster: inst)
    check(fit, golden["cluster"])
    #expect(fit.clusters == 18)
    check(
      try CoxRegression().fit(lung.times, lung.design, weights: lung.weights, cluster: inst),
      golden["cluster_weighted"])
  }

  @Test("lung: strata, offset, left truncation")
  func structure() throws {
    let golden = try Golden.json("survival/survival.json")
    let lung = try Sample.lung()
    let two = lung.design.selecting(columns: [0, 2])
    let sex = lung.factor("sex")
    check(try CoxRegression().fit(lung.times, two, strata: sex), golden["strata"])
    check(
      try CoxRegression().fit(lung.times, two, strata: sex, weights: lung.weights),
      golden["strata_weighted"])
    let offset = try Sample.lung(also: ["wt.loss"])
    check(
      try CoxRegression().fit(
        offset.times, offset.design, offset: offset["wt.loss"].map { $0 / 50 }), golden["offset"])
    let late = try Sample(
      "lung.csv", time: "time", event: "status", equals: 2, ["age", "sex", "ph.ecog"],
      start: { ($0["age"]?[$1] ?? 0).truncatingRemainder(dividingBy: 5) })
    check(try CoxRegression().fit(late.times, late.design), golden["truncated"])
  }

  @Test("lung: left truncation within strata with weights")
  func truncatedStrata() throws {
    let golden = try Golden.json("survival/survival.json")
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
  }

  @Test("Rossi: the published values")
  func rossi() throws {
    let golden = try Golden.json("survival/rossi.json")
    let rossi = try Sample.rossi()
    let fit = try CoxRegression().fit(rossi.times, rossi.design)
    check(fit, golden["efron"])
    #expect(close(fit.coefficients[0], -0.3794221668712051, .converged))
    #expect(close(fit.standardErrors[0], 0.191379480712809, .published))
    #expect(close(fit.logLikelihood, -658.747659446086, .closedForm))
    let breslow = try CoxRegression(ties: .breslow).fit(rossi.times, rossi.design)
    check(breslow, golden["breslow"])
    #expect(close(breslow.coefficients[0], -0.3790218877950267, .converged))
    let robust = try CoxRegression(robust: true).fit(rossi.times, rossi.design)
    check(robust, golden["robust"])
    #expect(close(robust.robustStandardErrors?[0] ?? .nan, 0.195541778880588, .published))
  }

  @Test("Rossi: inverse-probability weights")
  func weightedRossi() throws {
    let golden = try Golden.json("survival/rossi.json")
    let rossi = try Sample.rossi()
    let fit = try CoxRegression().fit(
      rossi.times, rossi.design.selecting(columns: [0]), weights: rossi["ipw"])
    check(fit, golden["iptw"])
    #expect(close(fit.coefficients[0], -0.360662311566677, .published))
    let row = fit.estimates().rows[0]
    #expect(close(row.standardError ?? .nan, 0.189789928208553, .published))
  }

  @Test("six subjects: closed forms")
  func sixSubjects() throws {
    let times = try SurvivalTimes(
      time: [1, 1, 6, 6, 8, 9], event: [true, false, true, true, false, true])
    let design = DesignMatrix(matrix: Matrix(columns: [[1, 1, 1, 0, 0, 0]]), names: ["x"])
    let breslow = try CoxRegression(ties: .breslow).fit(times, design)
    // log((3 + √33)/2) and log(2√(23/3) cos(acos(45/23 √(3/23))/3)).
    #expect(close(breslow.coefficients[0], 1.4752849148290008, .closedForm))
    #expect(close(breslow.score.statistic, 8.0 / 5, .closedForm))
    let efron = try CoxRegression().fit(times, design)
    #expect(close(efron.coefficients[0], 1.676857485592897, .closedForm))
  }

  @Test("nine weighted rows of Therneau & Grambsch")
  func nineRows() throws {
    let golden = try Golden.json("survival/survival.json")
    let nine = Sample.nine
    let times = try SurvivalTimes(time: nine.time, event: nine.status)
    let design = DesignMatrix(matrix: Matrix(columns: [nine.x]), names: ["x"])
    let breslow = try CoxRegression(ties: .breslow).fit(times, design, weights: nine.weights)
    #expect(close(breslow.coefficients[0], 0.8595574445068811, .closedForm))
    #expect(close(breslow.covariance[0, 0], 0.5085033375216564, .closedForm))
    let efron = try CoxRegression(robust: true).fit(times, design, weights: nine.weights)
    check(efron, golden["nine_robust"])
    #expect(close(efron.coefficients[0], 0.8726042463983958, .closedForm))
    #expect(close(efron.covariance[0, 0], 0.507756626959711, .converged))
    #expect(close(efron.robustCovariance?[0, 0] ?? .nan, 1.2522844618933888, .closedForm))
    #expect(close(efron.logLikelihoodNull, -30.292179605853164, .closedForm))
    #expect(close(efron.logLikelihood, -29.416784600136204, .closedForm))
  }
}

extension JSON {
  /// A vector that may have been written as a single number.
  var vector: [Double] { array.isEmpty ? [double] : doubles }
  /// A matrix's entries row after row; a single number for one by one.
  var matrix: [Double] {
    let rows = array
    return rows.isEmpty ? [double] : rows.flatMap(\.vector)
  }
}
