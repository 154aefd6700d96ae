import LinearAlgebra
import Statistics
import Survival
import TestSupport
import Testing

@Suite("Restricted means adjusted for covariates")
struct AdjustedRestrictedMeanTests {
  private static func covariates(_ lung: Sample) -> DesignMatrix {
    DesignMatrix(
      matrix: Matrix(columns: [lung["age"], lung["ph.ecog"]]), names: ["age", "ph.ecog"])
  }

  private static func rows(_ fit: AdjustedRestrictedMeanFit) -> [Estimate] {
    fit.differences + fit.covariates
  }

  @Test("lung: survRM2's adjusted difference")
  func weighting() throws {
    let golden = try Golden.json("survival/survfit_survdiff_rmst.json")["rmst2_lung_adj"]["diff"]
    let lung = try Sample.lung()
    let fit = try AdjustedRestrictedMean(method: .weighting, tau: 365).fit(
      lung.times, by: lung.factor("sex"), adjustingFor: Self.covariates(lung))
    for (k, row) in Self.rows(fit).enumerated() {
      let expected = golden[k + 1].doubles
      #expect(close(row.estimate, expected[0], .converged))
      #expect(close(row.standardError ?? .nan, expected[1], .converged))
      #expect(close(row.pValue ?? .nan, expected[3], .published))
    }
  }

  @Test("lung: jackknife pseudo-observations, each made by leaving a row out")
  func pseudo() throws {
    let golden = try Golden.json("survival/rmst_adjusted.json")["pseudo"]
    let lung = try Sample.lung()
    let fit = try AdjustedRestrictedMean(tau: 365).fit(
      lung.times, by: lung.factor("sex"), adjustingFor: Self.covariates(lung))
    let rows = Self.rows(fit)
    #expect(close(rows.map(\.estimate), Array(golden["coef"].doubles.dropFirst()), .converged))
    #expect(
      close(
        rows.map { $0.standardError ?? .nan }, Array(golden["se"].doubles.dropFirst()), .converged)
    )
    // At the mean covariates the arms differ by the adjusted difference.
    #expect(
      close(fit.arms[1].estimate - fit.arms[0].estimate, rows[0].estimate, .closedForm))
  }

  @Test("lung: infinitesimal pseudo-observations, for weights that are not whole")
  func infinitesimal() throws {
    let golden = try Golden.json("survival/rmst_adjusted.json")["infinitesimal"]
    let lung = try Sample.lung()
    let half = [Double](repeating: 0.5, count: lung.times.count)
    let fit = try AdjustedRestrictedMean(tau: 365).fit(
      lung.times, by: lung.factor("sex"), adjustingFor: Self.covariates(lung), weights: half)
    // Halved weights change nothing but the name of the convention.
    let rows = Self.rows(fit)
    #expect(close(rows.map(\.estimate), Array(golden["coef"].doubles.dropFirst()), .converged))
    #expect(
      close(
        rows.map { $0.standardError ?? .nan }, Array(golden["se"].doubles.dropFirst()), .converged)
    )
    #expect(rows[0].convention.hasPrefix("infinitesimal"))
  }

  @Test(
    "row order, unique clusters, repeated rows",
    arguments: [
      AdjustedRestrictedMean.Method.pseudo, .weighting,
    ])
  func properties(_ method: AdjustedRestrictedMean.Method) throws {
    let data = Synthetic(120)
    let estimator = AdjustedRestrictedMean(method: method, tau: 12)
    func fit(_ data: Synthetic, weights: [Double]? = nil, cluster: Factor? = nil) throws
      -> AdjustedRestrictedMeanFit
    {
      try estimator.fit(
        try data.times(), by: Factor.numbered(data.x[1]),
        adjustingFor: DesignMatrix(matrix: Matrix(columns: [data.x[0]]), names: ["a"]),
        weights: weights, cluster: cluster)
    }
    let plain = Self.rows(try fit(data))
    let turned = Self.rows(try fit(data.selecting(Array((0..<120).reversed()))))
    let own = Factor(codes: (0..<120).map { Int32($0) }, levels: (0..<120).map { "\($0)" })
    let unique = Self.rows(try fit(data, cluster: own))
    let rows = data.weights.indices.flatMap {
      Array(repeating: $0, count: Int(data.weights[$0]))
    }
    let repeated = try fit(
      data.selecting(rows),
      cluster: Factor(codes: rows.map { Int32($0) }, levels: own.levels))
    let weighted = try fit(data, weights: data.weights, cluster: own)
    for k in plain.indices {
      #expect(close(turned[k].estimate, plain[k].estimate, .converged))
      #expect(
        close(unique[k].standardError ?? .nan, plain[k].standardError ?? .nan, .converged))
      let (a, b) = (Self.rows(weighted)[k], Self.rows(repeated)[k])
      #expect(close(a.estimate, b.estimate, .converged))
      #expect(close(a.standardError ?? .nan, b.standardError ?? .nan, .converged))
    }
  }

  @Test("without censoring both regress the restricted time itself")
  func uncensored() throws {
    let data = Synthetic(100)
    let times = try SurvivalTimes(
      time: data.time, event: [Bool](repeating: true, count: 100))
    let design = DesignMatrix(matrix: Matrix(columns: [data.x[0]]), names: ["a"])
    let response = data.time.map { min($0, 12) }
    let whole = DesignMatrix(
      matrix: Matrix(columns: [[Double](repeating: 1, count: 100), data.x[1], data.x[0]]),
      names: ["(Intercept)", "arm", "a"])
    let direct = try LeastSquares().fit(whole, response: response).estimates(
      covariance: .heteroskedastic(.hc0))
    for method in AdjustedRestrictedMean.Method.allCases {
      let fit = try AdjustedRestrictedMean(method: method, tau: 12).fit(
        times, by: Factor.numbered(data.x[1]), adjustingFor: design)
      for (mine, theirs) in zip(Self.rows(fit), direct.rows.dropFirst()) {
        #expect(close(mine.estimate, theirs.estimate, .converged))
        #expect(
          close(mine.standardError ?? .nan, theirs.standardError ?? .nan, .converged))
      }
    }
  }

  @Test("bad input is refused; a column that repeats another is left out")
  func badInput() throws {
    let data = Synthetic(30)
    let design = DesignMatrix(matrix: Matrix(columns: [data.x[0]]), names: ["a"])
    let late = try data.times(truncated: true)
    #expect(
      code { try AdjustedRestrictedMean(method: .weighting).fit(late, adjustingFor: design) }
        == .badInterval)
    let times = try data.times()
    #expect(
      code { try AdjustedRestrictedMean(tau: -1).fit(times, adjustingFor: design) }
        == .invalidOption)
    #expect(
      code {
        try AdjustedRestrictedMean().fit(
          times, adjustingFor: DesignMatrix(matrix: Matrix(columns: [[1, 2]]), names: ["a"]))
      } == .sizeMismatch)
    let twice = DesignMatrix(matrix: Matrix(columns: [data.x[0], data.x[0]]), names: ["a", "b"])
    for method in AdjustedRestrictedMean.Method.allCases {
      let fit = try AdjustedRestrictedMean(method: method, tau: 10).fit(times, adjustingFor: twice)
      #expect(fit.covariates[1].estimate.isNaN)
      #expect(fit.notes.contains { $0.contains("b") })
    }
  }
}
