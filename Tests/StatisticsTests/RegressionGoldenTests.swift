import Glibc
import LinearAlgebra
import Statistics
import TestSupport
import Testing

@Suite struct RegressionGoldenTests {
  /// What a fit must share with R, to 1e-10 and, where R's own sums are coarser, 1e-8.
  private func check(
    _ fit: some RegressionFit, against golden: JSON, _ data: Lalonde, _ tolerance: Tolerance
  ) throws {
    #expect(fit.names == golden["names"].array.map { $0.string ?? "" })
    #expect(close(fit.coefficients, golden["coef"].doubles, tolerance))
    let classical = try fit.covariance(.classical)
    for j in 0..<classical.matrix.columns {
      for i in 0..<classical.matrix.rows {
        let expected = golden["vcov"][i][j].double
        let size = (classical.matrix[i, i] * classical.matrix[j, j]).squareRoot()
        #expect((classical.matrix[i, j] - expected).magnitude <= 1e-8 * size)
      }
    }
    for type in HeteroskedasticType.allCases {
      let errors = try fit.covariance(.heteroskedastic(type)).standardErrors
      #expect(close(errors, golden[type.rawValue].doubles, .published), "\(type)")
    }
    for type in [ClusterType.cr0, .cr1] {
      let errors = try fit.covariance(.cluster(type, [data.site])).standardErrors
      #expect(close(errors, golden[type.rawValue].doubles, .published), "\(type)")
    }
    let both = CovarianceEstimator.cluster(.cr1, [data.site, data.raceFactor], multiway: .each)
    #expect(close(try fit.covariance(both).standardErrors, golden["CR1two"].doubles, .published))
  }

  private let covariates = [
    "(Intercept)", "age", "educ", "racehispan", "racewhite", "married", "nodegree", "re74", "re75",
  ]

  @Test(arguments: ["logit", "probit", "cloglog"])
  func binomialLinksAgreeWithR(key: String) throws {
    let data = try Lalonde()
    let golden = try Golden.json("regression_lalonde.json")[key]
    let model = GeneralizedLinearModel(family: .binomial, link: Link(name: key))
    let fit = try model.fit(data.design(covariates), response: data["treat"])
    try check(fit, against: golden, data, .converged)
    #expect(close(fit.logLikelihood, golden["loglik"].double, .converged))
    #expect(close(fit.aic, golden["aic"].double, .converged))
    #expect(close(fit.deviance, golden["deviance"].double, .converged))
    #expect(close(fit.nullDeviance, golden["null"].double, .converged))
    #expect(close(Array(fit.fitted.prefix(10)), golden["fitted10"].doubles, .converged))
    #expect(close(Array(fit.leverage.prefix(10)), golden["hat10"].doubles, .published))
  }

  @Test func logitReproducesThePublishedScore() throws {
    let data = try Lalonde()
    let fit = try GeneralizedLinearModel(family: .binomial)
      .fit(data.design(covariates), response: data["treat"])
    let table = try fit.estimates()
    #expect(close(table["(Intercept)"]?.estimate ?? .nan, -1.6632815977328, .converged))
    #expect(close(table["racewhite"]?.estimate ?? .nan, -3.0653677409713, .converged))
    #expect(table.rows[0].convention == "classical, z")
    #expect(table.rows[0].degreesOfFreedom == nil)
  }

  @Test(arguments: [
    ("poisson", ["(Intercept)", "age", "educ", "racehispan", "racewhite", "married"]),
    ("poisson_offset", ["(Intercept)", "age", "educ", "racehispan", "racewhite"]),
    ("gaussian_log", ["(Intercept)", "age", "educ"]),
  ])
  func otherFamiliesAgreeWithR(key: String, names: [String]) throws {
    let data = try Lalonde()
    let golden = try Golden.json("regression_lalonde.json")[key]
    let poisson = key != "gaussian_log"
    let response = data["re78"].map { poisson ? ($0 / 1000).rounded(.toNearestOrEven) : $0 + 1 }
    let model = GeneralizedLinearModel(family: poisson ? .poisson : .gaussian, link: .log)
    let offset = key == "poisson_offset" ? data["age"].map { log($0) } : nil
    let fit = try model.fit(data.design(names), response: response, offset: offset)
    try check(fit, against: golden, data, poisson ? .converged : .published)
    #expect(close(fit.logLikelihood, golden["loglik"].double, .converged))
    #expect(close(fit.aic, golden["aic"].double, .converged))
    #expect(close(fit.deviance, golden["deviance"].double, .converged))
    #expect(close(fit.nullDeviance, golden["null"].double, .converged))
  }

  private let earnings = [
    "(Intercept)", "treat", "age", "I(age^2)", "educ", "racehispan", "racewhite", "married",
    "nodegree", "re74", "I(re74^2)", "re75",
  ]

  @Test func leastSquaresAgreesWithRWhereScalesDiffer() throws {
    let data = try Lalonde()
    let golden = try Golden.json("regression_lalonde.json")["lm"]
    let fit = try LeastSquares().fit(data.design(earnings), response: data["re78"])
    try check(fit, against: golden, data, .converged)
    let same = try GeneralizedLinearModel(family: .gaussian)
      .fit(data.design(earnings), response: data["re78"])
    try check(same, against: golden, data, .converged)
    #expect(close(same.logLikelihood, golden["loglik"].double, .converged))
    #expect(close(same.deviance, golden["deviance"].double, .converged))
    #expect(try fit.estimates().rows[1].degreesOfFreedom == 602)
  }

  @Test func weightsAgreeWithRAndRowsWithoutWeightDoNotCount() throws {
    let data = try Lalonde()
    let golden = try Golden.json("regression_lalonde.json")
    let linear = try LeastSquares()
      .fit(data.design(earnings), response: data["re78"], weights: data["w"])
    try check(linear, against: golden["lm_weighted"], data, .converged)
    let logit = try GeneralizedLinearModel(family: .binomial)
      .fit(data.design(covariates), response: data["treat"], weights: data["w"])
    try check(logit, against: golden["logit_weighted"], data, .converged)
    #expect(logit.observations == data["w"].filter { $0 > 0 }.count)
  }
}
