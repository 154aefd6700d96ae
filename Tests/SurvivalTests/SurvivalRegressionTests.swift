import LinearAlgebra
import Statistics
import Survival
import TestSupport
import Testing

extension DesignMatrix {
  /// The design with an intercept before its columns.
  var withIntercept: DesignMatrix {
    let ones = [Double](repeating: 1, count: rows)
    return DesignMatrix(
      matrix: Matrix(columns: [ones] + (0..<columns).map { matrix.column($0) }),
      names: ["(Intercept)"] + names)
  }
}

extension Sample {
  /// A late start of many rows: 37 times the row's number, mod 60, where the row lasted longer.
  static func lateLung() throws -> Sample {
    try Sample(
      "lung.csv", time: "time", event: "status", equals: 2, ["age", "sex", "ph.ecog"],
      start: { columns, row in
        let start = Double(37 * row % 60)
        return start < columns["time"]?[row] ?? 0 ? start : 0
      })
  }
}

@Suite("Parametric survival regression: golden values")
struct SurvivalRegressionGoldenTests {
  static let locationScale: [FailureTimeFamily] = [
    .weibull, .exponential, .lognormal, .loglogistic,
  ]

  private func check(
    _ fit: ParametricFit, _ golden: JSON, line: SourceLocation = #_sourceLocation
  ) {
    // The peer's normal tail is good to nine digits only.
    let tolerance: Tolerance = fit.scale.contains("lognormal") ? .published : .converged
    #expect(close(fit.coefficients, golden["coef"].doubles, tolerance), sourceLocation: line)
    #expect(
      close(fit.covariance.rowMajor, flattened(golden["naive"]), tolerance), sourceLocation: line)
    #expect(
      close(
        (fit.robustCovariance ?? fit.covariance).rowMajor, flattened(golden["var"]), tolerance),
      sourceLocation: line)
    #expect(close(fit.logLikelihood, golden["loglik"][1].double, tolerance), sourceLocation: line)
  }

  @Test("survreg's coefficients, variances and log-likelihoods", arguments: locationScale)
  func survreg(_ family: FailureTimeFamily) throws {
    let golden = try Golden.json("survival/survreg.json")
    let lung = try Sample.lung(also: ["inst"])
    let design = lung.design.withIntercept
    let name = family.rawValue
    let plain = SurvivalRegression(family: family, robust: false)
    check(try plain.fit(lung.times, design), golden[name])
    check(try plain.fit(lung.times, design, weights: lung.weights), golden[name + "_weighted"])
    check(
      try plain.fit(
        lung.times, design.selecting(columns: [0, 1, 2]),
        offset: lung["age"].map { ($0 - 60) / 100 }), golden[name + "_offset"])
    check(
      try SurvivalRegression(family: family).fit(
        lung.times, design,
        weights: lung["age"].map { 1 + $0.truncatingRemainder(dividingBy: 3) },
        cluster: lung.factor("inst")), golden[name + "_cluster"])
    check(
      try SurvivalRegression(family: family, robust: true).fit(lung.times, design),
      golden[name + "_robust"])
  }

  @Test("lung: the published Weibull values")
  func published() throws {
    let lung = try Sample(
      "lung.csv", time: "time", event: "status", equals: 2, ["age", "sex"])
    let fit = try SurvivalRegression().fit(lung.times, lung.design.withIntercept)
    let expected = [6.27485305841877, -0.012257025588949, 0.382085139658885]
    #expect(close(Array(fit.coefficients.prefix(3)), expected, .converged))
    // The logarithm of the published scale, 0.75405094764082.
    #expect(close(fit["Log(scale)"] ?? .nan, -0.2822953434415069, .converged))
    #expect(fit.names == ["(Intercept)", "age", "sex", "Log(scale)"])
    #expect(fit.degreesOfFreedom == 4)
    #expect(close(fit.akaike, 8 - 2 * fit.logLikelihood, .closedForm))
  }

  @Test("scipy's maxima of the textbook likelihoods, weighted and left-truncated")
  func scipy() throws {
    let golden = try Golden.json("survival/parametric_survival.json")
    let lung = try Sample.lung()
    let late = try Sample.lateLung()
    let design = lung.design.withIntercept
    for family in [FailureTimeFamily.generalizedGamma, .gamma, .gompertz, .weibull, .lognormal] {
      let model = SurvivalRegression(family: family, robust: false)
      for (suffix, times, weights) in [
        ("", lung.times, nil), ("_weighted", lung.times, lung.weights),
        ("_truncated", late.times, nil),
      ] {
        let fit = try model.fit(times, design, weights: weights)
        let expected = golden[family.rawValue + suffix]
        #expect(close(fit.coefficients, expected["coef"].doubles), "\(family) \(suffix)")
        #expect(
          close(fit.standardErrors, expected["se"].doubles, .stopsEarly), "\(family) \(suffix)")
        #expect(close(fit.logLikelihood, expected["loglik"].double, .closedForm))
      }
    }
  }
}
