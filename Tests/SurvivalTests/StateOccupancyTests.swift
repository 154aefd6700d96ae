import LinearAlgebra
import Statistics
import TestSupport
import Testing

@testable import Survival

/// Made-up spells of people out of work, in a job, kept in it or gone.
struct SpellSample {
  var start: [Double] = []
  var stop: [Double] = []
  var from: [String] = []
  var to: [String] = []
  var person: [String] = []
  var arm: [String] = []
  var site: [String] = []
  var weights: [Double] = []
  static let states = ["idle", "job", "kept", "gone"]

  /// The golden rows of a set (1: all start at once; 2: late entry).
  init(set: Int) throws {
    let columns = try Golden.csv("survival/state_spells.csv")
    func text(_ name: String) -> [String] { columns[name] ?? [] }
    for row in text("id").indices where text("set")[row] == "\(set)" {
      start.append(Double(text("start")[row]) ?? .nan)
      stop.append(Double(text("stop")[row]) ?? .nan)
      from.append(text("from")[row])
      to.append(text("to")[row])
      person.append(text("id")[row])
      arm.append(text("arm")[row])
      site.append(text("site")[row])
      weights.append(Double(text("w")[row]) ?? .nan)
    }
  }

  func spells(scale: Double = 1) throws -> StateSpells {
    try StateSpells(
      start: start.map { $0 * scale }, stop: stop.map { $0 * scale }, entered: Self.coded(to),
      person: Factor(person), initial: Self.coded(from))
  }

  static func coded(_ names: [String]) -> Factor {
    Factor(codes: names.map { Int32(states.firstIndex(of: $0) ?? -1) }, levels: states)
  }

  func selecting(_ rows: [Int]) -> SpellSample {
    var result = self
    result.start = rows.map { start[$0] }
    result.stop = rows.map { stop[$0] }
    result.from = rows.map { from[$0] }
    result.to = rows.map { to[$0] }
    result.person = rows.map { person[$0] }
    result.arm = rows.map { arm[$0] }
    result.site = rows.map { site[$0] }
    result.weights = rows.map { weights[$0] }
    return result
  }
}

@Suite("State occupation")
struct StateOccupancyTests {
  @Test("shares, errors, limits and times in state of R's survfit")
  func peers() throws {
    let golden = try Golden.json("survival/states.json")
    for set in 1...2 {
      let data = try SpellSample(set: set)
      let spells = try data.spells()
      for weighted in [false, true] {
        let weights = weighted ? data.weights : nil
        let fit = try StateOccupancy(tau: 15).fit(spells, by: Factor(data.arm), weights: weights)
        let sited = try StateOccupancy().fit(
          spells, by: Factor(data.arm), weights: weights, cluster: Factor(data.site))
        #expect(fit.people == 80 && sited.clusters == 7)
        for arm in ["0", "1"] {
          let expected = golden["set_\(set)_arm_\(arm)_w_\(weighted ? 1 : 0)"]
          for (column, values) in [
            ("p", Self.table(fit, arm) { $0.estimate }),
            ("se", Self.table(fit, arm) { $0.standardError }),
            ("lower", Self.table(fit, arm) { $0.low }),
            ("upper", Self.table(fit, arm) { $0.high }),
          ] {
            // A share of zero has no limits on the log scale; the peer prints one at times.
            let known = values.indices.filter { column.count < 3 || values[$0].isFinite }
            #expect(
              close(
                known.map { values[$0] }, known.map { expected[column].doubles[$0] }, .converged),
              "set \(set) arm \(arm) \(column)")
          }
          #expect(
            close(
              Self.table(sited, arm) { $0.standardError },
              Array(expected["sited"].doubles.dropFirst(4)), .converged))
          let mine = fit.curves.filter { $0.curve.arm == arm }
          #expect(close(mine.map(\.initial.estimate), expected["p0"].doubles, .closedForm))
          let times = fit.times.filter { $0.arm == arm }.map(\.estimate)
          #expect(close(times.map(\.estimate), expected["rmean"].doubles, .converged))
          #expect(
            close(times.map { $0.standardError ?? .nan }, expected["rse"].doubles, .converged))
          #expect(close(times.reduce(0) { $0 + $1.estimate }, 15, .closedForm))
        }
      }
    }
  }

  /// A column of all states, time after time.
  private static func table(
    _ fit: StateOccupancyFit, _ arm: String, _ column: (Curve) -> [Double]
  ) -> [Double] {
    let curves = fit.curves.filter { $0.curve.arm == arm }.map { column($0.curve) }
    return (0..<(curves.first?.count ?? 0)).flatMap { k in curves.map { $0[k] } }
  }

  @Test("with one way out it is the cumulative incidence of competing exits")
  func incidence() throws {
    let data = Synthetic(150)
    for truncated in [false, true] {
      let times = try data.times(truncated: truncated)
      let people = Factor(codes: (0..<150).map { Int32($0) }, levels: (0..<150).map { "\($0)" })
      let spells = try StateSpells(
        start: truncated ? data.start : nil, stop: data.time, entered: data.causes, person: people)
      #expect(spells.states == [StateSpells.unnamedStart, "a", "b"])
      for cluster in [nil, data.sites] {
        let states = try StateOccupancy().fit(spells, weights: data.weights, cluster: cluster)
        let exits = try AalenJohansen().fit(
          times, causes: data.causes, weights: data.weights, cluster: cluster)
        for (k, incidence) in exits.curves.enumerated() {
          let found = states.curves[k + 1].curve
          #expect(close(found.estimate, incidence.curve.estimate, .closedForm))
          #expect(
            close(
              found.standardError, incidence.curve.standardError,
              Tolerance(relative: 1e-9, absolute: 1e-9)))
        }
      }
    }
  }

  @Test("order, time's scale and cut spells don't matter; threads neither")
  func properties() throws {
    let data = try SpellSample(set: 1)
    func numbers(_ data: SpellSample, scale: Double = 1, clusters: Bool = false) throws -> [Double]
    {
      let fit = try StateOccupancy(tau: 15 * scale).fit(
        data.spells(scale: scale), by: Factor(data.arm), weights: data.weights,
        cluster: clusters ? Factor(data.site) : nil)
      let times = (fit.times + fit.differences).flatMap {
        [$0.estimate.estimate / scale, ($0.estimate.standardError ?? .nan) / scale]
      }
      let curves = fit.at(times: [3, 9, 14].map { $0 * scale }).flatMap {
        $0.curve.estimate + $0.curve.standardError
      }
      return times + curves
    }
    for clusters in [false, true] {
      let plain = try numbers(data, clusters: clusters)
      let backwards = data.selecting(Array(data.start.indices.reversed()))
      #expect(close(try numbers(backwards, clusters: clusters), plain, .converged))
      #expect(close(try numbers(data, scale: 7, clusters: clusters), plain, .converged))
      var cut = data.selecting(data.start.indices.flatMap { [$0, $0] })
      for row in stride(from: 0, to: cut.start.count, by: 2) {
        let middle = (cut.start[row] + cut.stop[row]) / 2
        (cut.stop[row], cut.start[row + 1], cut.to[row]) = (middle, middle, "censored")
      }
      // The cuts are new times, but shares at old ones stay.
      #expect(close(try numbers(cut, clusters: clusters), plain, .converged))
    }
    let threads = Parallel.threads
    defer { Parallel.setThreads(threads) }
    let results = try [1, 3].map { count in
      Parallel.setThreads(count)
      return try numbers(data)
    }
    #expect(results[0] == results[1])
  }

  @Test("differences between arms, also where clusters reach across")
  func differences() throws {
    let data = try SpellSample(set: 1)
    let (spells, arms) = (try data.spells(), Factor(data.arm))
    let plain = try StateOccupancy(tau: 15).fit(spells, by: arms)
    let sited = try StateOccupancy(tau: 15).fit(spells, by: arms, cluster: Factor(data.site))
    for (k, difference) in plain.differences.enumerated() {
      let (a, b) = (plain.times[k].estimate, plain.times[4 + k].estimate)
      #expect(difference.arm == "1 against 0" && difference.state == SpellSample.states[k])
      #expect(close(difference.estimate.estimate, b.estimate - a.estimate, .closedForm))
      let errors = (a.standardError ?? 0, b.standardError ?? 0)
      let sum = (errors.0 * errors.0 + errors.1 * errors.1).squareRoot()
      #expect(close(difference.estimate.standardError ?? .nan, sum, .closedForm))
      // Sites are in both arms, so there the arms covary.
      let cross = sited.differences[k].estimate.standardError ?? .nan
      let own = (
        sited.times[k].estimate.standardError ?? 0, sited.times[4 + k].estimate.standardError ?? 0
      )
      #expect((cross - (own.0 * own.0 + own.1 * own.1).squareRoot()).magnitude > 1e-6)
    }
  }

  @Test("work grows nearly in proportion to the rows")
  func work() throws {
    func operations(_ people: Int) throws -> Int {
      var (start, stop, to, person) = ([Double](), [Double](), [Int32](), [Int32]())
      for i in 0..<people {
        var time = 0.0
        for spell in 0..<4 {
          start.append(time)
          time += 1 + Double((i * 7919 + spell * 104_729) % 100_003) / 100_003
          stop.append(time)
          to.append(spell == 3 ? -1 : Int32((spell + 1) % 2))
          person.append(Int32(i))
        }
      }
      let spells = try StateSpells(
        start: start, stop: stop, entered: Factor(codes: to, levels: ["out", "in"]),
        person: Factor(codes: person, levels: (0..<people).map { "\($0)" }),
        initial: Factor(
          codes: to.map { _ in 0 }.enumerated().map { $0.offset % 4 == 0 ? 0 : -1 },
          levels: ["out"]))
      return try StateOccupancy().fit(spells).operations
    }
    let (small, large) = (try operations(100), try operations(400))
    // Four times the rows, each through a tree two levels higher; every pair would be sixteen.
    #expect(small > 0 && large > small && large < 6 * small)
  }

  @Test("bad spells are refused with their row")
  func inputs() throws {
    func spells(
      _ start: [Double]?, _ stop: [Double], _ to: [Int32], _ person: [Int32],
      _ initial: [Int32]? = nil
    ) throws -> StateSpells {
      try StateSpells(
        start: start, stop: stop, entered: Factor(codes: to, levels: ["job", "gone"]),
        person: Factor(codes: person, levels: ["p", "q"]),
        initial: initial.map { Factor(codes: $0, levels: ["out", "job"]) })
    }
    #expect(code { try spells([0, 1], [2, 3], [0, -1], [0, 0]) } == .badInterval)
    #expect(code { try spells(nil, [2, 3], [0, -1], [0, 0]) } == .badInterval)
    #expect(code { try spells([0, 2], [2, 3], [0, -1], [0, 0], [0, 0]) } == .badValue)
    #expect(code { try spells([0, 2], [2, 3], [0, -1], [0, 0], [-1, 1]) } == .missingValue)
    #expect(code { try spells([0, 2], [2, 2], [0, -1], [0, 0]) } == .badInterval)
    let gap = try spells([0, 4], [2, 6], [0, -1], [0, 0], [0, 0])
    #expect(gap.gaps == 1)
    let moved = try spells([0, 2], [2, 3], [0, 1], [0, 0])
    #expect(
      code { try StateOccupancy().fit(moved, by: Factor(["a", "b"])) } == .badValue)
    #expect(code { try StateOccupancy(tau: -1).fit(moved) } == .invalidOption)
    // A move to the state already held is none.
    let stays = try spells([0, 2], [2, 3], [0, 0], [0, 0])
    #expect(try StateOccupancy().fit(stays).curves[1].curve.events == [1, 0])
  }
}
