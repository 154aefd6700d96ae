import Engines
import LinearAlgebra
import Statistics
import Tables
import Testing

/// Absorbed effects from cells against the same regression on rows.
struct PanelAbsorbedTests {
  private struct Rows {
    var a: [String] = []
    var b: [Double] = []
    var x: [Double] = []
    var d: [Double] = []
    var w: [Double] = []
    var y: [Double] = []

    init(_ count: Int = 900) {
      var stream = RandomStream(seed: 11, name: "cells", index: 0)
      for row in 0..<count {
        let (site, month) = (Int(stream.uniform() * 15), Int(stream.uniform() * 10))
        a.append(row == 0 ? "alone" : "s\(site)")
        b.append(Double(month))
        x.append(stream.normal() + Double(site) / 3)
        d.append(site < 6 && month > 4 ? 1 : 0)
        w.append(Double(1 + row % 3))
        let noise = stream.normal() * (1 + Double(month) / 5)
        y.append(20 + Double(site) - Double(month) / 2 + 0.7 * x[row] + 2 * d[row] + noise)
      }
    }

    func table() throws -> Table {
      try Table([
        Column(name: "a", values: .text(Factor(a))), Column(name: "b", values: .doubles(b)),
        Column(name: "x", values: .doubles(x)), Column(name: "d", values: .doubles(d)),
        Column(name: "w", values: .doubles(w)), Column(name: "y", values: .doubles(y)),
      ])
    }
  }

  private func fromSums(
    _ rows: Rows, _ formula: String, _ covariance: CovarianceEstimator, absorbed: [String],
    clusters: [String] = [], weights: String? = nil
  ) throws -> EstimateTable {
    let engine = MemoryEngine(["t": try rows.table()])
    var options = EngineFrame.Options()
    options.absorbed = absorbed
    options.clusters = clusters
    options.weights = weights
    let frame = try EngineFrame(formula, to: try EngineData(engine, .named("t")), options)
    return try EngineAbsorbedRegression().fit(frame, covariance: covariance)
  }

  private func factor(_ values: [Double]) -> Factor { Factor(values.map { "\($0)" }) }

  @Test func twoAbsorbedColumnsAreThoseOfRows() throws {
    let rows = Rows()
    let (a, b) = (Factor(rows.a), factor(rows.b))
    let design = DesignMatrix(matrix: Matrix(columns: [rows.x, rows.d]), names: ["x", "d"])
    for weighted in [false, true] {
      let fit = try AbsorbedLeastSquares().fit(
        design, response: rows.y, absorbing: [a, b], weights: weighted ? rows.w : nil)
      let cases: [(CovarianceEstimator, [String])] = [
        (.classical, []), (.heteroskedastic(.hc0), []), (.heteroskedastic(.hc1), []),
        (.cluster(.cr0, [a]), ["a"]), (.cluster(.cr1, [a]), ["a"]),
        (.cluster(.cr1, [a, b]), ["a", "b"]), (.cluster(.cr1, [factor(rows.w)]), ["w"]),
      ]
      for (covariance, clusters) in cases {
        let own = try fromSums(
          rows, "y ~ x + d", covariance, absorbed: ["a", "b"], clusters: clusters,
          weights: weighted ? "w" : nil)
        let plain = try fit.estimates(covariance: covariance)
        #expect(differences(plain, own) == [])
      }
    }
  }

  @Test func oneAbsorbedColumnIsThatOfRows() throws {
    let rows = Rows()
    let design = DesignMatrix(matrix: Matrix(columns: [rows.x]), names: ["x"])
    let fit = try AbsorbedLeastSquares().fit(
      design, response: rows.y, absorbing: [Factor(rows.a)])
    let own = try fromSums(rows, "y ~ x", .heteroskedastic(.hc1), absorbed: ["a"])
    #expect(differences(try fit.estimates(covariance: .heteroskedastic(.hc1)), own) == [])
  }

  @Test func aTermThatDoesNotVaryWithinEffectsIsLeftOut() throws {
    let rows = Rows()
    let own = try fromSums(rows, "y ~ x + b", .classical, absorbed: ["a", "b"])
    #expect(own.rows.map(\.term) == ["x"])
    #expect(own.notes.contains { $0.hasPrefix("`b`") })
    #expect(throws: SiblingError.self) {
      try fromSums(rows, "y ~ b", .classical, absorbed: ["a", "b"])
    }
  }

  @Test func covariancesThatNeedRowsAreRefused() {
    #expect(throws: SiblingError.self) {
      try fromSums(Rows(), "y ~ x", .heteroskedastic(.hc3), absorbed: ["a"])
    }
    #expect(EngineAbsorbedRegression.needsRows(.heteroskedastic(.hc3)) != nil)
    #expect(EngineAbsorbedRegression.needsRows(.classical) == nil)
  }
}
