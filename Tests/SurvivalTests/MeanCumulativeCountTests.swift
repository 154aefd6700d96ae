import LinearAlgebra
import Statistics
import Survival
import TestSupport
import Testing

@Suite("Mean cumulative count")
struct MeanCumulativeCountTests {
  /// Rows of people with several jobs: (person, time, kind), kind 0 last seen, 1 a job, 2 an end.
  private func rows(_ people: Int, censoring: Bool = true) -> [(Int, Double, Int)] {
    var rows: [(Int, Double, Int)] = []
    var state: UInt64 = 11
    func next() -> Double {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Double(state >> 11) / 9_007_199_254_740_992
    }
    for person in 0..<people {
      var time = 0.0
      let end = 10 + (20 * next()).rounded()
      while true {
        time += 1 + (12 * next()).rounded(.down)
        guard time < end else { break }
        rows.append((person, time, 1))
      }
      rows.append((person, end, next() < 0.5 || !censoring ? 2 : 0))
    }
    return rows
  }

  private func fit(
    _ rows: [(Int, Double, Int)], starts: Bool = false, scale: Double = 1,
    weights: ((Int) -> Double)? = nil, sites: Bool = false, arms: Bool = false
  ) throws -> [Curve] {
    let people = 1 + (rows.map(\.0).max() ?? 0)
    var before = [Double](repeating: 0, count: people)
    var start: [Double] = []
    for row in rows {
      start.append(before[row.0] * scale)
      before[row.0] = row.1
    }
    func factor(_ count: Int, _ code: (Int) -> Int) -> Factor {
      Factor(codes: rows.map { Int32(code($0.0)) }, levels: (0..<count).map { "\($0)" })
    }
    let times = try SurvivalTimes(
      start: starts ? start : nil, time: rows.map { $0.1 * scale }, event: rows.map { $0.2 == 2 })
    return try MeanCumulativeCount().fit(
      times, counted: rows.map { $0.2 == 1 }, person: factor(people) { $0 },
      by: arms ? factor(2) { $0 % 2 } : nil,
      weights: weights.map { weights in rows.map { weights($0.0) } },
      cluster: sites ? factor(8) { $0 % 8 } : nil
    ).curves
  }

  @Test("five people, by hand")
  func byHand() throws {
    let curve = try fit([
      (0, 8, 0), (1, 1, 0), (2, 5, 2), (3, 2, 1), (3, 6, 1), (3, 7, 1), (3, 8, 0), (4, 3, 1),
      (4, 3, 2),
    ])[0]
    #expect(curve.times == [1, 2, 3, 5, 6, 7, 8])
    #expect(curve.atRisk == [5, 4, 4, 3, 2, 2, 2])
    #expect(close(curve.estimate, [0, 0.25, 0.5, 0.5, 0.75, 1, 1], .closedForm))
    #expect(curve.events == [0, 1, 1, 0, 1, 1, 0] && curve.censored == [1, 0, 0, 0, 0, 0, 2])
  }

  @Test("with one event a person it is the incidence of competing exits")
  func incidence() throws {
    // Everybody is followed to an end; the first job is the only one.
    var seen: Set<Int> = []
    let all = rows(60, censoring: false).filter { $0.2 == 2 || seen.insert($0.0).inserted }
    let curve = try fit(all)[0]
    let first = (0..<60).compactMap { person in all.first { $0.0 == person } }
    let exits = try AalenJohansen().fit(
      SurvivalTimes(time: first.map(\.1), event: first.map { _ in true }),
      causes: Factor(codes: first.map { $0.2 == 1 ? 0 : 1 }, levels: ["job", "end"]))
    let times = [3.0, 8, 12]
    let expected = exits.at(times: times)[0].curve
    let found = curve.at(times)
    #expect(close(found.0, expected.estimate, .closedForm))
    #expect(close(found.1, expected.standardError, Tolerance(relative: 1e-9, absolute: 1e-9)))
  }

  @Test("without an end that stops events it is the sum of Nelson and Aalen")
  func withoutEnds() throws {
    let all = rows(50).map { ($0.0, $0.1, $0.2 == 2 ? 0 : $0.2) }
    let curve = try fit(all)[0]
    var sum = 0.0
    for k in curve.times.indices {
      sum += curve.events[k] / curve.atRisk[k]
      #expect(close(curve.estimate[k], sum, .closedForm))
    }
  }

  @Test("the jackknife squares the derivative in each person's and cluster's weight")
  func influences() throws {
    let all = rows(40)
    for (sites, count) in [(false, 40), (true, 8)] {
      let curve = try fit(all, starts: sites, sites: sites)[0]
      var squares = [Double](repeating: 0, count: curve.times.count)
      for unit in 0..<count {
        let estimates = try [1 + 1e-5, 1 - 1e-5].map { weight in
          try fit(all, weights: { $0 % count == unit ? weight : 1 })[0].estimate
        }
        for k in squares.indices {
          let slope = (estimates[0][k] - estimates[1][k]) / 2e-5
          squares[k] += slope * slope
        }
      }
      #expect(
        close(
          curve.standardError, squares.map { $0.squareRoot() },
          Tolerance(relative: 1e-6, absolute: 1e-8)))
    }
  }

  @Test("starts, order, time's scale and threads don't matter")
  func properties() throws {
    let all = rows(60)
    func numbers(_ curves: [Curve]) -> [Double] {
      curves.flatMap { $0.estimate + $0.standardError }
    }
    for sites in [false, true] {
      let plain = numbers(try fit(all, sites: sites, arms: true))
      #expect(
        close(numbers(try fit(all, starts: true, sites: sites, arms: true)), plain, .converged))
      #expect(close(numbers(try fit(all, scale: 3, sites: sites, arms: true)), plain, .converged))
      let backwards = Array(all.reversed())
      #expect(close(numbers(try fit(backwards, sites: sites, arms: true)), plain, .converged))
    }
    let threads = Parallel.threads
    defer { Parallel.setThreads(threads) }
    let results = try [1, 3].map { count in
      Parallel.setThreads(count)
      return numbers(try fit(all, arms: true))
    }
    #expect(results[0] == results[1])
  }

  @Test("bad rows are refused")
  func inputs() throws {
    #expect(code { try fit([(0, 5, 2), (0, 7, 1)]) } == .badValue)
    #expect(code { try fit([(0, 5, 0), (1, 7, 2)]) } == .noEvents)
    let person = Factor(codes: [0, 0], levels: ["p"])
    let overlap = try SurvivalTimes(start: [0, 1], time: [2, 3], event: [false, false])
    #expect(
      code { try MeanCumulativeCount().fit(overlap, counted: [true, false], person: person) }
        == .badInterval)
    let both = try SurvivalTimes(time: [2, 3], event: [false, true])
    #expect(
      code { try MeanCumulativeCount().fit(both, counted: [true, true], person: person) }
        == .badValue)
    let loose = try MeanCumulativeCount().fit(
      SurvivalTimes(time: [2, 3], event: [false, false]), counted: [true, true], person: person)
    #expect(loose.notes.count == 1)
  }
}

extension Curve {
  /// Estimates and errors at times, those of the last step before.
  fileprivate func at(_ wanted: [Double]) -> ([Double], [Double]) {
    let steps = wanted.map { time in times.lastIndex { $0 <= time } }
    return (
      steps.map { $0.map { estimate[$0] } ?? 0 }, steps.map { $0.map { standardError[$0] } ?? 0 }
    )
  }
}
