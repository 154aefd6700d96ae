import LinearAlgebra
import Statistics
import Survival
import TestSupport
import Testing

@Suite("Kaplan–Meier curves")
struct KaplanMeierTests {
  private func columns(_ curve: Curve, _ keep: (Int) -> Bool) -> [[Double]] {
    let rows = curve.times.indices.filter(keep)
    return [
      curve.times, curve.atRisk, curve.events, curve.estimate, curve.standardError, curve.low,
      curve.high,
    ].map { column in rows.map { column[$0] } }
  }

  @Test("lung by sex, five intervals", arguments: CurveInterval.allCases)
  func intervals(_ interval: CurveInterval) throws {
    let name = interval == .arcsine ? "arcsin" : interval.rawValue
    let golden = try Golden.csv("survival/survfit_lung_sex_\(name).csv")
    let lung = try Sample.allLung()
    let sex = lung.factor("sex")
    let fit = try KaplanMeier(interval: interval).fit(lung.times, by: sex)
    #expect(fit.curves.count == 2 && !fit.robust)
    compare(fit, golden)
  }

  @Test("lung with weights: the infinitesimal jackknife")
  func weighted() throws {
    let golden = try Golden.csv("survival/survfit_lung_weighted.csv")
    let lung = try Sample.allLung()
    let fit = try KaplanMeier().fit(lung.times, by: lung.factor("sex"), weights: lung.weights)
    #expect(fit.robust)
    compare(fit, golden)
  }

  private func compare(_ fit: KaplanMeierFit, _ golden: [String: [String]]) {
    let mine = fit.curves.map { curve in columns(curve) { curve.events[$0] > 0 } }
    for (k, name) in ["time", "n.risk", "n.event", "surv", "std.err", "lower", "upper"].enumerated()
    {
      let both = mine.flatMap { $0[k] }
      #expect(close(both, Golden.numbers(golden[name]), .converged), "\(name)")
    }
  }

  private func compare(
    _ curve: Curve, _ golden: JSON, every step: Int, source: SourceLocation = #_sourceLocation
  ) {
    let mine = columns(curve) { $0 % step == 0 }
    let names = ["time", "n.risk", "n.event", "surv", "se", "lower", "upper"]
    for (k, name) in names.enumerated() {
      #expect(
        close(mine[k], golden[name].doubles, .converged), "\(name)", sourceLocation: source)
    }
    let censored = stride(from: 0, to: curve.times.count, by: step).map { curve.censored[$0] }
    #expect(close(censored, golden["n.censor"].doubles, .converged), sourceLocation: source)
  }

  @Test("clusters, with and without weights, and left truncation")
  func clustersAndTruncation() throws {
    let golden = try Golden.json("survival/survival.json")
    let lung = try Sample.lung(also: ["inst"])
    let inst = lung.factor("inst")
    let clustered = try KaplanMeier().fit(lung.times, cluster: inst)
    compare(clustered.curves[0], golden["km_cluster"], every: 4)
    #expect(clustered.clusters == 18)
    compare(
      try KaplanMeier().fit(lung.times, weights: lung.weights, cluster: inst).curves[0],
      golden["km_cluster_weighted"], every: 4)
    let late = try Sample(
      "lung.csv", time: "time", event: "status", equals: 2, ["age", "sex", "ph.ecog"],
      start: { columns, row in
        let start = ((columns["age"]?[row] ?? 0) * 7).truncatingRemainder(dividingBy: 300)
        return min(start, (columns["time"]?[row] ?? 0) - 1)
      })
    compare(try KaplanMeier().fit(late.times).curves[0], golden["km_truncated"], every: 4)
    compare(
      try KaplanMeier().fit(late.times, weights: late.weights).curves[0],
      golden["km_truncated_robust"], every: 4)
    let plain = try Sample.lung()
    compare(
      try KaplanMeier(robust: true).fit(plain.times).curves[0], golden["km_robust"], every: 4)
  }

  @Test("aml: a curve that ends at zero")
  func aml() throws {
    let golden = try Golden.json("survival/survival.json")
    let aml = try Sample("aml.csv", time: "time", event: "cens", ["group"])
    let group = aml.factor("group")
    let fit = try KaplanMeier().fit(aml.times, by: group)
    compare(fit.curves[1], golden["km_aml"], every: 1)
    let at13 = fit.curves[0].times.firstIndex(of: 13) ?? 0
    #expect(close(fit.curves[0].estimate[at13], 9.0 / 11, .closedForm))
    #expect(close(fit.curves[0].low[at13], 0.619248987, Tolerance(relative: 1e-8)))
    let robust = try KaplanMeier(robust: true).fit(aml.times, by: group)
    compare(robust.curves[1], golden["km_aml_robust"], every: 1)
  }

  @Test("Rossi: inverse-probability weights at weeks 6, 26 and 52")
  func rossi() throws {
    let rossi = try Sample.rossi()
    let fit = try KaplanMeier().fit(
      rossi.times, by: rossi.factor("fin"), weights: rossi["ipw"])
    let at = fit.at(times: [6, 26, 52])[0]
    #expect(
      close(at.estimate, [0.970442122094182, 0.846150319228275, 0.692583734328563], .published))
    #expect(close(at.standardError[0], 0.0119644502352166, .published))
    #expect(close(at.standardError[2], 0.0316132705793586, .published))
  }

  @Test("weights count as repeated rows, in any order")
  func repeatedRows() throws {
    for truncated in [false, true] {
      let data = Synthetic(80)
      let repeated = data.selecting(
        data.weights.indices.reversed().flatMap { row in
          Array(repeating: row, count: Int(data.weights[row]))
        })
      let weighted = try KaplanMeier().fit(
        data.times(truncated: truncated), by: data.sites, weights: data.weights)
      let plain = try KaplanMeier().fit(repeated.times(truncated: truncated), by: repeated.sites)
      for (a, b) in zip(weighted.curves, plain.curves) {
        #expect(a.times == b.times)
        #expect(close(a.estimate, b.estimate, .closedForm))
        #expect(close(a.standardError, b.standardError, .closedForm))
      }
    }
  }

  @Test("few and many clusters agree with the sum of squared influences")
  func influences() throws {
    let data = Synthetic(120)
    let own = Factor(codes: (0..<120).map { Int32($0) }, levels: (0..<120).map(String.init))
    let pairs = Factor(codes: (0..<120).map { Int32($0 / 2) }, levels: (0..<60).map(String.init))
    for truncated in [false, true] {
      let times = try data.times(truncated: truncated)
      let alone = try KaplanMeier(robust: true).fit(times).curves[0]
      let named = try KaplanMeier().fit(times, cluster: own).curves[0]
      #expect(close(alone.standardError, named.standardError, .closedForm))
      // The derivative in a weight, by differences, is the influence that the jackknife squares.
      for cluster in [pairs, data.sites] {
        let curve = try KaplanMeier().fit(times, cluster: cluster).curves[0]
        var squares = [Double](repeating: 0, count: curve.times.count)
        for level in cluster.levels.indices {
          let estimates = try [1.0 + 1e-5, 1.0 - 1e-5].map { weight in
            try KaplanMeier(robust: false).fit(
              times, weights: cluster.codes.map { Int($0) == level ? weight : 1 }
            ).curves[0].estimate
          }
          for k in squares.indices {
            let slope = (estimates[0][k] - estimates[1][k]) / 2e-5
            squares[k] += slope * slope
          }
        }
        let expected = squares.map { $0.squareRoot() }
        #expect(
          close(curve.standardError, expected, Tolerance(relative: 1e-6, absolute: 1e-8)))
      }
    }
  }

  @Test("bad input is refused")
  func badInput() throws {
    let times = try SurvivalTimes(time: [1, 2, 3], event: [true, false, true])
    #expect(throws: SiblingError.self) { try KaplanMeier(level: 1).fit(times) }
    #expect(throws: SiblingError.self) { try KaplanMeier().fit(times, weights: [1, -1, 1]) }
    #expect(throws: SiblingError.self) { try KaplanMeier().fit(times, weights: [1, 1]) }
    #expect(throws: SiblingError.self) { try KaplanMeier().fit(times, weights: [0, 0, 0]) }
    #expect(throws: SiblingError.self) {
      try KaplanMeier().fit(times, by: Factor(codes: [0, -1, 0], levels: ["a"]))
    }
    let quiet = try SurvivalTimes(time: [1, 2], event: [false, false])
    let fit = try KaplanMeier().fit(quiet)
    #expect(fit.curves[0].estimate == [1, 1] && !fit.notes.isEmpty)
  }
}
