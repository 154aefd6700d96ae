import Foundation
import LinearAlgebra
import Statistics
import Survival
import TestSupport
import Testing

@Suite("Ridge penalties and frailties")
struct PenalisedCoxTests {
  private func kidney() throws -> Sample {
    try Sample(
      "kidney.csv", time: "time", event: "status", ["age", "sex"], also: ["id"])
  }

  private func late() throws -> (sample: Sample, third: Factor) {
    let sample = try Sample(
      "lung.csv", time: "time", event: "status", equals: 2, ["age", "sex", "ph.ecog"],
      also: ["inst"],
      start: { columns, row in
        let start = ((columns["age"]?[row] ?? 0) * 7).truncatingRemainder(dividingBy: 300)
        return min(start, (columns["time"]?[row] ?? 0) - 1)
      })
    return (sample, Factor.numbered(sample["inst"].map { $0.truncatingRemainder(dividingBy: 3) }))
  }

  @Test("ridge: unscaled covariates, penalised information, effective degrees of freedom")
  func ridge() throws {
    let golden = try Golden.json("survival/cox_models.json")["ridge"]
    func check(_ fit: CoxFit, _ golden: JSON) {
      #expect(close(fit.coefficients, golden["coef"].doubles, .converged))
      #expect(close(fit.covariance.rowMajor, golden["var"].matrix, .converged))
      #expect(close(fit.logLikelihood, golden["loglik"][1].double, .converged))
      #expect(
        close(fit.likelihoodRatio.degreesOfFreedom, golden["df"].double, .converged))
      #expect(fit.notes.contains { $0.contains("effective") })
    }
    let lung = try Sample.lung()
    check(try CoxRegression(ridge: 20).fit(lung.times, lung.design), golden["lung"])
    let (sample, third) = try late()
    check(
      try CoxRegression(ridge: 5).fit(sample.times, sample.design, strata: third),
      golden["strata"])
  }

  @Test("ridge: nothing at zero, an end for infinite coefficients, and shares between twins")
  func ridgeProperties() throws {
    let data = Synthetic(80)
    let times = try data.times()
    let none = try CoxRegression().fit(times, data.design)
    let zero = try CoxRegression(ridge: 0).fit(times, data.design)
    #expect(none.coefficients == zero.coefficients)
    let split = try SurvivalTimes(
      time: [1, 2, 3, 4, 5, 6], event: [true, true, true, true, true, true])
    let design = DesignMatrix(matrix: Matrix(columns: [[1, 1, 1, 0, 0, 0]]), names: ["x"])
    let tamed = try CoxRegression(ridge: 0.5).fit(split, design)
    #expect(tamed.infiniteTerms.isEmpty && tamed.coefficients[0].isFinite)
    let twins = DesignMatrix(
      matrix: Matrix(columns: [data.x[0], data.x[0]]), names: ["a", "b"])
    let shared = try CoxRegression(ridge: 1).fit(times, twins)
    #expect(close(shared.coefficients[0], shared.coefficients[1], .converged))
    #expect(code { try CoxRegression(ridge: -1).fit(times, data.design) } == .invalidOption)
    #expect(code { try CoxRegression(ridge: .nan).fit(times, data.design) } == .invalidOption)
  }

  private func check(
    _ fit: FrailtyFit, _ golden: JSON, _ tolerance: Tolerance,
    source: SourceLocation = #_sourceLocation
  ) {
    #expect(close(fit.coefficients, golden["coef"].doubles, tolerance), sourceLocation: source)
    #expect(
      close(fit.covariance.rowMajor, golden["var"].matrix, tolerance), sourceLocation: source)
    #expect(close(fit.variance, golden["theta"].double, tolerance), sourceLocation: source)
    if !golden["marginal"].double.isNaN {
      #expect(
        close(fit.logLikelihood, golden["marginal"].double, tolerance), sourceLocation: source)
    }
  }

  @Test("gamma and Gaussian frailties, at given and at estimated variances")
  func frailty() throws {
    let golden = try Golden.json("survival/cox_models.json")["frailty"]
    let kidney = try kidney()
    let (times, design, id) = (kidney.times, kidney.design, kidney.factor("id"))
    func fit(
      _ distribution: CoxFrailty.Distribution, _ variance: Double? = nil,
      _ ties: CoxRegression.Ties = .efron
    ) throws -> FrailtyFit {
      try CoxFrailty(distribution: distribution, ties: ties, variance: variance).fit(
        times, design, level: id)
    }
    check(try fit(.gamma, 0.3), golden["gammaFixed"], .converged)
    check(try fit(.gamma, 0.3, .breslow), golden["gammaBreslow"], .converged)
    check(try fit(.gaussian, 0.5), golden["gaussianFixed"], .converged)
    // The peer's search for the variance stops early.
    let tolerance = Tolerance(relative: 2e-4)
    check(try fit(.gamma), golden["gamma"], tolerance)
    check(try fit(.gaussian), golden["gaussian"], .published)
    let (sample, third) = try late()
    check(
      try CoxFrailty(variance: 0.2).fit(
        sample.times, sample.design.selecting(columns: [0, 1]), level: sample.factor("inst"),
        strata: third), golden["gammaTruncated"], .converged)
    let lung = try Sample.lung(also: ["inst"])
    check(
      try CoxFrailty(distribution: .gaussian).fit(
        lung.times, lung.design, level: lung.factor("inst")), golden["gaussianSites"],
      tolerance)
  }

  @Test("the variance of a gamma frailty is where its marginal likelihood is highest")
  func maximum() throws {
    let kidney = try kidney()
    let id = kidney.factor("id")
    let best = try CoxFrailty().fit(kidney.times, kidney.design, level: id)
    #expect(best.variance > 0.1 && best.frailtyTest.statistic > 0)
    let near = try [0.999, 1.001].map { factor in
      try CoxFrailty(variance: best.variance * factor).fit(
        kidney.times, kidney.design, level: id
      ).logLikelihood
    }
    #expect(near.allSatisfy { $0 < best.logLikelihood })
    // A second difference as flat on both sides.
    #expect(
      close(best.logLikelihood - near[0], best.logLikelihood - near[1], Tolerance(relative: 0.02)))
    // The score of a gamma frailty: its mean is one.
    let mean = best.logFrailties.map { exp($0) }.reduce(0, +) / Double(best.logFrailties.count)
    #expect(close(mean, 1, .converged))
  }

  @Test("no variance between levels gives the fit without frailty, in words")
  func none() throws {
    let data = Synthetic(90)
    // Levels that balance every group of rows.
    let level = Factor(
      codes: (0..<90).map { Int32($0 % 2) }, levels: ["a", "b"])
    let doubled = data.selecting((0..<90).map { $0 / 2 * 2 })
    let fit = try CoxFrailty().fit(try doubled.times(), doubled.design, level: level)
    let plain = try CoxRegression().fit(try doubled.times(), doubled.design)
    #expect(fit.variance == 0 && fit.coefficients == plain.coefficients)
    #expect(fit.notes.contains { $0.contains("no variance") } && fit.frailtyTest.pValue == 1)
  }

  @Test("what a frailty refuses")
  func refusals() throws {
    let data = Synthetic(40)
    let times = try data.times()
    let one = Factor(codes: data.site.map { _ in 0 }, levels: ["all"])
    #expect(code { try CoxFrailty().fit(times, data.design, level: one) } == .invalidOption)
    #expect(
      code {
        try CoxFrailty(ties: .exact).fit(times, data.design, level: data.sites)
      } == .invalidOption)
    #expect(
      code {
        try CoxFrailty(variance: 0).fit(times, data.design, level: data.sites)
      } == .invalidOption)
    let twins = DesignMatrix(
      matrix: Matrix(columns: [data.x[0], data.x[0]]), names: ["a", "b"])
    #expect(code { try CoxFrailty().fit(times, twins, level: data.sites) } == .rankDeficient)
  }

}
