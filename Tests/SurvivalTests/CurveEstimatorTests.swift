import Statistics
import Survival
import TestSupport
import Testing

@Suite("Nelson–Aalen and Fleming–Harrington")
struct CurveEstimatorTests {
  private func check(
    _ survival: KaplanMeierFit, _ hazard: KaplanMeierFit, _ golden: JSON,
    survivalErrors: Bool = true, source: SourceLocation = #_sourceLocation
  ) {
    func rows(_ fit: KaplanMeierFit, _ column: KeyPath<Curve, [Double]>) -> [Double] {
      fit.curves.flatMap { curve in
        curve.times.indices.filter { curve.events[$0] > 0 }.map { curve[keyPath: column][$0] }
      }
    }
    #expect(rows(survival, \.times) == golden["time"].doubles, sourceLocation: source)
    let pairs: [(KaplanMeierFit, KeyPath<Curve, [Double]>, String)] = [
      (survival, \.estimate, "surv"), (hazard, \.estimate, "cumhaz"),
      (hazard, \.standardError, "sechaz"),
    ]
    for (fit, column, name) in pairs {
      #expect(
        close(rows(fit, column), golden[name].doubles, .converged), "\(name)",
        sourceLocation: source)
    }
    guard survivalErrors else { return }
    for (column, name) in [(\Curve.standardError, "se"), (\.low, "lower"), (\.high, "upper")] {
      #expect(
        close(rows(survival, column), golden[name].doubles, .converged), "\(name)",
        sourceLocation: source)
    }
  }

  @Test("lung by sex against R, with weights and left truncation")
  func golden() throws {
    let golden = try Golden.json("survival/curves.json")
    let lung = try Sample("lung.csv", time: "time", event: "status", equals: 2, ["age"])
    let late = try Sample(
      "lung.csv", time: "time", event: "status", equals: 2, ["age"],
      start: { columns, row in
        let start = ((columns["age"]?[row] ?? 0) * 7).truncatingRemainder(dividingBy: 300)
        return min(start, (columns["time"]?[row] ?? 0) - 1)
      })
    // With robust errors of exp(−Nelson–Aalen) R prints those of the hazard; ours are S times them.
    let cases: [(String, CurveEstimator, Sample, [Double]?, Bool)] = [
      ("na", .nelsonAalen, lung, nil, true),
      ("na_weighted", .nelsonAalen, lung, lung.weights, false),
      ("fh_weighted", .flemingHarrington, lung, lung.weights, true),
      ("fh_late", .flemingHarrington, late, nil, true),
    ]
    for (name, estimator, sample, weights, errors) in cases {
      let fits = try [false, true].map { hazard in
        try KaplanMeier(estimator: estimator, cumulativeHazard: hazard).fit(
          sample.times, by: sample.factor("sex"), weights: weights)
      }
      check(fits[0], fits[1], golden[name], survivalErrors: errors)
      for (curve, hazard) in zip(fits[0].curves, fits[1].curves) {
        #expect(
          close(
            curve.standardError,
            zip(curve.estimate, hazard.standardError).map { $0 * $1 }, .closedForm))
      }
    }
    let file = try Golden.csv("survival/survfit_lung_fh2.csv")
    let fit = try KaplanMeier(estimator: .flemingHarrington).fit(
      lung.times, by: lung.factor("sex"))
    for (column, name) in [
      (\Curve.estimate, "surv"), (\.standardError, "std.err"), (\.low, "lower"), (\.high, "upper"),
    ] {
      let mine = fit.curves.flatMap { curve in
        curve.times.indices.filter { curve.events[$0] > 0 }.map { curve[keyPath: column][$0] }
      }
      #expect(close(mine, Golden.numbers(file[name]), .converged), "\(name)")
    }
    let quantiles = try fit.quantiles([0.25, 0.5, 0.75])
    #expect(quantiles.map(\.time) == golden["fh_quantile"]["time"].doubles)
    #expect(quantiles.map(\.low) == golden["fh_quantile"]["lower"].doubles)
    let upper = golden["fh_quantile"]["upper"].array.map(\.double)
    #expect(zip(quantiles.map(\.high), upper).allSatisfy { $0 == $1 || ($0.isNaN && $1.isNaN) })
  }

  @Test("clusters: the jackknife of a hazard")
  func clusters() throws {
    let golden = try Golden.json("survival/curves.json")
    let lung = try Sample("lung.csv", time: "time", event: "status", equals: 2, ["inst"])
    let inst = lung.factor("inst")
    for (name, estimator) in [
      ("na_cluster", CurveEstimator.nelsonAalen), ("fh_cluster", .flemingHarrington),
    ] {
      let hazard = try KaplanMeier(estimator: estimator, cumulativeHazard: true).fit(
        lung.times, cluster: inst)
      let curve = hazard.curves[0]
      let rows = curve.times.indices.filter { curve.events[$0] > 0 }
      #expect(
        close(rows.map { curve.estimate[$0] }, golden[name]["cumhaz"].doubles, .converged))
      #expect(
        close(rows.map { curve.standardError[$0] }, golden[name]["sechaz"].doubles, .converged))
    }
  }

  @Test("weights count as repeated rows; untied events make both sums one")
  func properties() throws {
    var data = Synthetic(80)
    for row in data.time.indices { data.time[row] += Double(row) * 1e-3 }
    let sums = try [CurveEstimator.nelsonAalen, .flemingHarrington].map {
      try KaplanMeier(estimator: $0).fit(try data.times()).curves[0]
    }
    #expect(close(sums[0].estimate, sums[1].estimate, .closedForm))
    #expect(close(sums[0].standardError, sums[1].standardError, .closedForm))
    data = Synthetic(80)
    let repeated = data.selecting(
      data.weights.indices.reversed().flatMap {
        Array(repeating: $0, count: Int(data.weights[$0]))
      })
    for truncated in [false, true] {
      let weighted = try KaplanMeier(estimator: .nelsonAalen).fit(
        data.times(truncated: truncated), weights: data.weights
      ).curves[0]
      let plain = try KaplanMeier(estimator: .nelsonAalen).fit(
        repeated.times(truncated: truncated)
      ).curves[0]
      #expect(close(weighted.estimate, plain.estimate, .closedForm))
      #expect(close(weighted.standardError, plain.standardError, .closedForm))
    }
  }

  @Test("a start–stop split and another unit of time change nothing")
  func splitAndScale() throws {
    let data = Synthetic(60)
    let whole = try KaplanMeier().fit(data.times(truncated: true), by: data.sites)
    var (start, stop, event): ([Double], [Double], [Bool]) = ([], [], [])
    var site: [Int32] = []
    for row in data.time.indices {
      let middle = (data.start[row] + data.time[row]) / 2
      start += [data.start[row], middle]
      stop += [middle, data.time[row]]
      event += [false, data.event[row]]
      site += [data.site[row], data.site[row]]
    }
    let split = try KaplanMeier().fit(
      SurvivalTimes(start: start, time: stop, event: event),
      by: Factor(codes: site, levels: data.sites.levels))
    let times = data.time.sorted()
    for (a, b) in zip(whole.at(times: times), split.at(times: times)) {
      #expect(close(a.estimate, b.estimate, .closedForm))
      #expect(close(a.standardError, b.standardError, .closedForm))
    }
    let plain = try LogRank().test(data.times(truncated: true), by: data.sites)
    let divided = try LogRank().test(
      SurvivalTimes(
        start: start.map { 7 * $0 }, time: stop.map { 7 * $0 }, event: event),
      by: Factor(codes: site, levels: data.sites.levels))
    #expect(close(plain.statistic, divided.statistic, .converged))
  }

  @Test("quantiles of hazards are refused; nobody has the event")
  func badInput() throws {
    let times = try SurvivalTimes(time: [1, 2, 3], event: [true, false, true])
    let hazard = try KaplanMeier(cumulativeHazard: true).fit(times)
    #expect(code { try hazard.quantiles() } == .invalidOption)
    let quiet = try SurvivalTimes(time: [1, 2], event: [false, false])
    let fit = try KaplanMeier(cumulativeHazard: true).fit(quiet)
    #expect(fit.curves[0].estimate == [0, 0] && fit.notes.count == 1)
  }
}
