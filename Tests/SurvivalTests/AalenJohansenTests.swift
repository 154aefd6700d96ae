import LinearAlgebra
import Statistics
import Survival
import TestSupport
import Testing

@Suite("Cumulative incidence of competing exits")
struct AalenJohansenTests {
  private func lung(truncated: Bool) throws -> (sample: Sample, causes: Factor) {
    let start: ([String: [Double]], Int) -> Double = { columns, row in
      let start = ((columns["age"]?[row] ?? 0) * 7).truncatingRemainder(dividingBy: 300)
      return min(start, (columns["time"]?[row] ?? 0) - 1)
    }
    let sample = try Sample(
      "lung.csv", time: "time", event: "status", equals: 2, ["age", "ph.ecog"], also: ["inst"],
      start: truncated ? start : nil)
    let codes = sample["age"].indices.map { row -> Int32 in
      guard sample.times.event[row] else { return -1 }
      return sample["age"][row].truncatingRemainder(dividingBy: 3) == 0 ? 1 : 0
    }
    return (sample, Factor(codes: codes, levels: ["one", "two"]))
  }

  private func compare(
    _ fit: AalenJohansenFit, _ golden: JSON, _ name: String,
    source: SourceLocation = #_sourceLocation
  ) {
    for (k, cause) in ["one", "two"].enumerated() {
      let expected = golden["\(name)\(k + 1)"]
      guard let curve = fit[arm: "all", cause: cause] else {
        Issue.record("no curve", sourceLocation: source)
        continue
      }
      let columns: [(String, [Double])] = [
        ("time", curve.times), ("surv", curve.estimate), ("se", curve.standardError),
        ("lower", curve.low), ("upper", curve.high),
      ]
      for (column, values) in columns {
        let mine = stride(from: 0, to: values.count, by: 4).map { values[$0] }
        #expect(
          close(mine, expected[column].doubles, .converged), "\(cause) \(column)",
          sourceLocation: source)
      }
    }
  }

  @Test("lung with two causes: plain, weighted, clustered, left-truncated")
  func peers() throws {
    let golden = try Golden.json("survival/competing.json")
    let (sample, causes) = try lung(truncated: false)
    let estimator = AalenJohansen()
    compare(try estimator.fit(sample.times, causes: causes), golden, "plain")
    compare(
      try estimator.fit(sample.times, causes: causes, weights: sample.weights), golden, "weighted")
    let clustered = try estimator.fit(
      sample.times, causes: causes, weights: sample.weights, cluster: sample.factor("inst"))
    for (k, cause) in ["one", "two"].enumerated() {
      let errors = clustered[arm: "all", cause: cause]?.standardError ?? []
      let every = stride(from: 0, to: errors.count, by: 4).map { errors[$0] }
      #expect(close(every, golden["cluster\(k + 1)"]["se"].doubles, .converged))
    }
    #expect(clustered.clusters == 18)
    let (late, lateCauses) = try lung(truncated: true)
    compare(try estimator.fit(late.times, causes: lateCauses), golden, "truncated")
  }

  @Test("one cause is one less Kaplan–Meier; causes add up to all exits")
  func identities() throws {
    let data = Synthetic(150)
    for truncated in [false, true] {
      let times = try data.times(truncated: truncated)
      let one = Factor(codes: data.event.map { $0 ? 0 : -1 }, levels: ["exit"])
      let two = Factor(
        codes: data.event.indices.map { data.event[$0] ? Int32($0 % 2) : -1 },
        levels: ["a", "b"])
      let arms = Factor.numbered(data.x[1])
      for cluster in [nil, data.sites] {
        let survival = try KaplanMeier(robust: true).fit(
          times, by: arms, weights: data.weights, cluster: cluster)
        let single = try AalenJohansen().fit(
          times, causes: one, by: arms, weights: data.weights, cluster: cluster)
        let both = try AalenJohansen().fit(
          times, causes: two, by: arms, weights: data.weights, cluster: cluster)
        for (k, curve) in survival.curves.enumerated() {
          let incidence = single.curves[k].curve
          #expect(close(incidence.estimate, curve.estimate.map { 1 - $0 }, .closedForm))
          #expect(
            close(
              incidence.standardError, curve.standardError,
              Tolerance(relative: 1e-9, absolute: 1e-9)))
          let sum = zip(both.curves[2 * k].curve.estimate, both.curves[2 * k + 1].curve.estimate)
          #expect(close(sum.map { $0 + $1 }, incidence.estimate, .closedForm))
        }
      }
    }
  }

  @Test("the jackknife squares the derivative in each cluster's weight")
  func influences() throws {
    let data = Synthetic(80)
    let times = try data.times(truncated: true)
    let causes = Factor(
      codes: data.event.indices.map { data.event[$0] ? Int32($0 % 2) : -1 }, levels: ["a", "b"])
    let pairs = Factor(codes: (0..<80).map { Int32($0 / 2) }, levels: (0..<40).map { "\($0)" })
    for cluster in [pairs, data.sites] {
      let fit = try AalenJohansen().fit(times, causes: causes, cluster: cluster)
      var squares = [Double](repeating: 0, count: fit.curves[0].curve.times.count)
      for level in cluster.levels.indices {
        let estimates = try [1 + 1e-5, 1 - 1e-5].map { weight in
          try AalenJohansen().fit(
            times, causes: causes, weights: cluster.codes.map { Int($0) == level ? weight : 1 }
          ).curves[0].curve.estimate
        }
        for k in squares.indices {
          let slope = (estimates[0][k] - estimates[1][k]) / 2e-5
          squares[k] += slope * slope
        }
      }
      #expect(
        close(
          fit.curves[0].curve.standardError, squares.map { $0.squareRoot() },
          Tolerance(relative: 1e-6, absolute: 1e-8)))
    }
  }

  @Test("bad input is refused; readings stop at the last time")
  func inputs() throws {
    let times = try SurvivalTimes(time: [1, 2, 3, 4], event: [true, true, false, true])
    let causes = Factor(codes: [0, 1, -1, 0], levels: ["a", "b"])
    let fit = try AalenJohansen().fit(times, causes: causes)
    let read = fit.at(times: [0.5, 2, 9])[0].curve
    #expect(close(Array(read.estimate.prefix(2)), [0, 0.25], .closedForm))
    #expect(read.estimate[2].isNaN && read.events == [0, 1, 1])
    let unknown = Factor(codes: [0, -1, -1, 0], levels: ["a", "b"])
    #expect(code { try AalenJohansen().fit(times, causes: unknown) } == .missingValue)
    let extra = Factor(codes: [0, 1, 1, 0], levels: ["a", "b"])
    #expect(code { try AalenJohansen().fit(times, causes: extra) } == .badValue)
  }
}
