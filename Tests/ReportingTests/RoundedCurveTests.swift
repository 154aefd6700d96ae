import Statistics
import Testing

@testable import Reporting

/// Curves made again of cumulative counts at the middle of steps of six, and what that costs.
@Suite struct RoundedCurveTests {
  /// A Kaplan–Meier curve with Greenwood's error and limits on the log scale.
  private func curve(_ steps: [(time: Double, events: Int, censored: Int)], people: Int) throws
    -> ResultTable
  {
    var table = ResultTable.survival
    try table.append([
      "analysis": "x", "arm": "a", "time": 0, "n_risk": .init(people), "n_event": 0, "n_censor": 0,
      "survival": 1, "std.error": 0, "conf.low": 1, "conf.high": 1,
    ])
    var (risk, survival, variance) = (Double(people), 1.0, 0.0)
    for step in steps {
      let died = Double(step.events)
      survival *= 1 - died / risk
      variance += risk > died ? died / (risk * (risk - died)) : 0
      let error = survival * variance.squareRoot()
      let factor = exponential(1.959963984540054 * error / survival)
      try table.append([
        "analysis": "x", "arm": "a", "time": .number(step.time), "n_risk": .number(risk),
        "n_event": .number(died), "n_censor": .init(step.censored), "survival": .init(survival),
        "std.error": .init(error), "conf.low": .init(survival > 0 ? survival / factor : nil),
        "conf.high": .init(survival > 0 ? min(1, survival * factor) : nil),
      ])
      risk -= died + Double(step.censored)
    }
    return table
  }

  private func exponential(_ x: Double) -> Double {
    var (sum, term) = (1.0, 1.0)
    for k in 1...60 {
      term *= x / Double(k)
      sum += term
    }
    return sum
  }

  private func random(_ seed: Int) throws -> ResultTable {
    var draws = Draws(UInt64(seed))
    let people = 40 + draws.below(400)
    var (left, steps, time) = (people, [(time: Double, events: Int, censored: Int)](), 0.0)
    while left > 0 {
      time += Double(1 + draws.below(3))
      let events = min(left, draws.below(7))
      let censored = min(left - events, draws.below(4))
      guard events + censored > 0 else { continue }
      steps.append((time, events, censored))
      left -= events + censored
    }
    return try curve(steps, people: people)
  }

  /// Numbers at risk add up, every count is a step of six from the middle, survival follows.
  @Test func curvesFollowFromRoundedCounts() throws {
    for seed in 1...120 {
      let table = try random(seed)
      for profile in [DisclosureProfile.openSafely, .nhsDigital] {
        var disclosure = Disclosure(profile: profile)
        let value = try disclosure.release(table).value
        let start = CountRounding.midpoint(6).applied(to: table[0, "n_risk"].number ?? 0)
        var (events, censored, survival, variance) = (0.0, 0.0, 1.0, 0.0)
        for row in value.rows.indices {
          let risk = try #require(value[row, "n_risk"].number)
          let died = try #require(value[row, "n_event"].number)
          let lost = try #require(value[row, "n_censor"].number)
          #expect(risk == start - events - censored)
          #expect(risk >= 8)
          events += died
          censored += lost
          for total in [events, censored] {
            #expect(total == CountRounding.midpoint(6).applied(to: total))
          }
          survival *= 1 - died / risk
          variance += risk > died ? died / (risk * (risk - died)) : 0
          #expect(((value[row, "survival"].number ?? -1) - survival).magnitude < 1e-12)
          let error = survival * variance.squareRoot()
          #expect(((value[row, "std.error"].number ?? -1) - error).magnitude < 1e-12)
          if survival < 1, survival > 0 {
            let low = try #require(value[row, "conf.low"].number)
            let factor = exponential(1.959963984540054 * error / survival)
            #expect((low - survival / factor).magnitude < 1e-9)
          }
          // The exact running count lies within half a step of the rounded one.
          let time = try #require(value[row, "time"].number)
          let exact = table.rows.indices.filter { (table[$0, "time"].number ?? 0) <= time }
            .reduce(0.0) { $0 + (table[$1, "n_event"].number ?? 0) }
          #expect((exact - events).magnitude <= 3)
        }
        #expect(value.roundingNote != nil)
      }
    }
  }

  /// Under ACRO's rules every number of events and censorings that is shown is ten or more, what is
  /// held back at the end too, and survival is made of what is shown: it tells nothing else.
  @Test func heldCurvesFollowFromShownCounts() throws {
    for seed in 1...120 {
      let table = try random(seed)
      var disclosure = Disclosure(profile: .acroDefault)
      let value = try disclosure.release(table).value
      var (left, survival) = (table[0, "n_risk"].number ?? 0, 1.0)
      var shown = ["n_event": 0.0, "n_censor": 0.0]
      for row in value.rows.indices {
        let risk = try #require(value[row, "n_risk"].number)
        #expect(risk == left && risk >= 10)
        for name in ["n_event", "n_censor"] where value[row, "time"] != .number(0) {
          guard let count = value[row, name].number else {
            #expect(value[row, name] == .missing)
            continue
          }
          #expect(count >= 10)
          shown[name, default: 0] += count
          left -= count
          if name == "n_event" { survival *= 1 - count / risk }
          // Never more than have left by then.
          let time = value[row, "time"].number ?? 0
          let exact = table.rows.indices.filter { (table[$0, "time"].number ?? 0) <= time }
            .reduce(0.0) { $0 + (table[$1, name].number ?? 0) }
          #expect(shown[name] ?? 0 <= exact)
        }
        #expect(((value[row, "survival"].number ?? -1) - survival).magnitude < 1e-12)
      }
      #expect(left == 0 || left >= 10)
      for (name, count) in shown where count > 0 {
        let rest = table.cells(name).compactMap(\.number).reduce(0, +) - count
        #expect(rest == 0 || rest >= 10)
      }
    }
  }

  /// With sites as clusters errors are larger than Greenwood's: the new ones are so by the same factor.
  @Test func otherErrorsKeepTheirFactor() throws {
    var table = try random(3)
    for row in table.rows.indices {
      for (position, name) in table.columns.map(\.name).enumerated() where name == "std.error" {
        table.rows[row][position] = .init((table.rows[row][position].number ?? 0) * 1.5)
      }
      for (position, name) in table.columns.map(\.name).enumerated() where name.hasPrefix("conf") {
        table.rows[row][position] = .missing
      }
    }
    var disclosure = Disclosure(profile: .openSafely)
    let value = try disclosure.release(table).value
    var plain = Disclosure(profile: .openSafely)
    let usual = try plain.release(try random(3)).value
    for row in value.rows.indices {
      let (a, b) = (value[row, "std.error"].number ?? -1, usual[row, "std.error"].number ?? -2)
      #expect((a - 1.5 * b).magnitude < 1e-12)
      #expect(value[row, "conf.low"] == .missing)
    }
  }

  /// Counts that don't make the curve, as after delayed entry, are held instead.
  @Test func curvesOfOtherCountsAreHeld() throws {
    var table = try random(5)
    let place = try #require(table.position(of: "n_risk"))
    for row in table.rows.indices.dropFirst(4) {
      table.rows[row][place] = .init((table.rows[row][place].number ?? 0) + 7)
    }
    var disclosure = Disclosure(profile: .openSafely)
    _ = try disclosure.release(table)
    #expect(disclosure.decisions.contains { $0.rule == "curve held" })
    #expect(!disclosure.decisions.contains { $0.rule == "curve rounded" })
  }

  @Test func costIsABoundInWholeSteps() throws {
    for seed in 1...40 {
      let table = try random(seed)
      let people = table[0, "n_risk"].number ?? 0
      for profile in DisclosureProfile.all {
        guard let minimum = profile.minimumCount else { continue }
        var disclosure = Disclosure(profile: profile)
        let safe = try disclosure.release(table)
        let tables = try DisclosureCost.tables(exact: [table], released: [safe], profile: profile)
        #expect(tables.map(\.name) == ["disclosure_rules", "disclosure_cost"])
        let cost = tables[1]
        guard
          let row = cost.firstRow(where: ["measure": "survival change"]),
          let bound = cost[row, "value"].number
        else { continue }
        let step = max(1, (Double(minimum) / people / 0.005).rounded(.up)) * 0.005
        let count = bound / step
        #expect(bound == 1 || (count - count.rounded()).magnitude < 1e-6)
        #expect(largestChange(table, safe.value) <= bound + 1e-12)
      }
    }
    #expect(try DisclosureCost.tables(exact: [], released: [], profile: .none).isEmpty)
  }

  private func largestChange(_ exact: ResultTable, _ safe: ResultTable) -> Double {
    guard let end = safe.cells("time").compactMap(\.number).max() else { return 0 }
    var largest = 0.0
    for row in exact.rows.indices {
      let time = exact[row, "time"].number ?? 0
      guard time <= end else { continue }
      let shown = safe.rows.indices.last { (safe[$0, "time"].number ?? 0) <= time }
      let value = shown.flatMap { safe[$0, "survival"].number } ?? 1
      largest = max(largest, (value - (exact[row, "survival"].number ?? 0)).magnitude)
    }
    return largest
  }
}
