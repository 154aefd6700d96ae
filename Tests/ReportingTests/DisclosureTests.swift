import Statistics
import Testing

@testable import Reporting

@Suite struct DisclosureTests {
  private func control(_ table: ResultTable) throws -> (ResultTable, Disclosure) {
    var disclosure = Disclosure(profile: .acroDefault)
    let released = try disclosure.release(table)
    return (released.value, disclosure)
  }

  @Test func profilesByName() throws {
    #expect(try DisclosureProfile.named("acro-default") == .acroDefault)
    let error = #expect(throws: SiblingError.self) { try DisclosureProfile.named("acro-defualt") }
    #expect(error?.code == .badValue && error?.suggestion == "acro-default")
  }

  @Test func noneChangesNothingButDropsHiddenCounts() throws {
    var table = ResultTable.balance
    try table.append([
      "analysis": "a", "covariate": "age", "stage": "adjusted", "smd": 0.1, "n_treated": 3,
    ])
    var disclosure = Disclosure(profile: .none)
    let value = try disclosure.release(table).value
    #expect(value[0, "smd"] == .number(0.1))
    #expect(value.position(of: "n_treated") == nil)
    #expect(disclosure.decisions.isEmpty)
  }

  @Test func smallCountsTakeTheirStatisticsWithThem() throws {
    var table = ResultTable.estimates
    for (term, n, events) in [("small", 9, 0), ("zero", 50, 0), ("large", 50, 12)] {
      try table.append([
        "analysis": "a", "term": .text(term), "estimate": 0.2, "conf.low": 0.1, "conf.high": 0.3,
        "n_treated": .init(n), "n_comparison": 80, "events_treated": .init(events),
        "scale": "difference",
      ])
    }
    let (value, disclosure) = try control(table)
    for (row, isWithheld) in [(0, true), (1, true), (2, false)] {
      for column in ["estimate", "conf.low", "conf.high"] {
        #expect((value[row, column] == .suppressed) == isWithheld)
      }
      #expect(value[row, "scale"] == "difference")
    }
    #expect(value[1, "n_treated"] == 50)
    #expect(value[1, "events_treated"] == .suppressed)
    #expect(value[0, "std.error"] == .missing)
    #expect(
      disclosure.decisions.contains {
        $0.rowKey == "analysis=a; term=zero" && $0.column == "estimate"
          && $0.rule == "derived from a suppressed count"
      })
  }

  @Test func countsOfABlockGoTogether() throws {
    var table = ResultTable.claimTiming
    for (term, inside) in [("few", 5), ("many", 30)] {
      try table.append([
        "method": "claim-timing", "term": .text(term), "arm": "sib", "n": 60,
        "n_inside": .init(inside), "n_outside": .init(60 - inside), "estimate": 0.5,
      ])
    }
    let (value, _) = try control(table)
    for column in ["n", "n_inside", "n_outside", "estimate"] {
      #expect(value[0, column] == .suppressed)
      #expect(value[1, column] != .suppressed)
    }
  }

  @Test func fewClaimsAreNotToldByTheirMoney() throws {
    var table = ResultTable.contractTotals
    for (contract, due, not, differing) in [
      ("K1", 181, 1, 12), ("K2", 90, 29, 2), ("K3", 90, 14, 15), ("all", 361, 44, 29),
    ] {
      try table.append([
        "contract": .text(contract), "n_claims": .init(due + not), "n_due": .init(due),
        "due": 5, "expected": 5, "paid": 4, "difference": 1, "n_not_due": .init(not),
        "n_differing": .init(differing),
      ])
    }
    let (value, _) = try control(table)
    #expect(value[0, "n_due"] == 181 && value[0, "n_claims"] == .suppressed)
    #expect(value[1, "n_due"] == 90 && value[1, "expected"] == 5)
    #expect(value[1, "paid"] == .suppressed && value[1, "difference"] == .suppressed)
    // One withheld contract would be the whole less the others: a second goes with it.
    #expect(value.rows.indices.dropLast().count { value[$0, "n_claims"] == .suppressed } == 2)
    #expect(value.rows.indices.dropLast().count { value[$0, "paid"] == .suppressed } == 2)
    #expect(value[3, "n_claims"] == 405 && value[3, "difference"] == 1)
    #expect(value.position(of: "n_differing") == nil)
  }

  @Test func statisticsWithoutTheirCountsAreWithheld() throws {
    var table = ResultTable.balance
    try table.append(["analysis": "a", "covariate": "age", "stage": "adjusted", "smd": 0.1])
    #expect(try control(table).0[0, "smd"] == .suppressed)
  }

  @Test func fewResidualDegreesOfFreedomButNotFewClusters() throws {
    var table = ResultTable.estimates
    for (term, clusters) in [("people", nil), ("sites", 6)] as [(String, Int?)] {
      try table.append([
        "analysis": "a", "term": .text(term), "estimate": 1, "df": 5, "n_clusters": .init(clusters),
        "n_treated": 50, "n_comparison": 50,
      ])
    }
    let (value, _) = try control(table)
    #expect(value[0, "estimate"] == .suppressed && value[1, "estimate"] == 1)
  }

  @Test func oneKeyTwiceIsRefused() throws {
    var table = ResultTable.diagnostics
    for _ in 0..<2 { try table.append(["analysis": "a", "check": "overlap", "status": "PASS"]) }
    #expect(throws: SiblingError.self) { try released(table) }
  }

  @Test func cellsMustFitTheirColumns() throws {
    var table = ResultTable.diagnostics
    #expect(throws: SiblingError.self) { try table.append(["analysis": 3]) }
    #expect(throws: SiblingError.self) { try table.append(["analisys": "a"]) }
    #expect(throws: SiblingError.self) { try table.append(["value": .suppressed]) }
    #expect(throws: SiblingError.self) {
      try ResultTable(
        name: "x", summary: "", columns: [.derived("a", from: ["n"])])
    }
  }

  @Test func standardSchemasAreSound() throws {
    for table in [
      ResultTable.estimates, .balance, .attrition, .survival, .eventStudy, .diagnostics,
      .sensitivity, .overlap, .performance, .payments,
    ] {
      _ = try ResultTable(
        name: table.name, summary: table.summary, columns: table.columns, sums: table.sums,
        curve: table.curve, residual: table.residual)
    }
    #expect(
      ResultTable.estimates.columns.map(\.name).joined(separator: ", ")
        == "analysis, estimand, estimator, outcome, subgroup, term, estimate, std.error, "
        + "statistic, df, p.value, conf.low, conf.high, conf.level, scale, n_treated, "
        + "n_comparison, events_treated, events_comparison, se_type, n_clusters, gate")
  }

  /// Held curves: between two released rows at least ten people have left, the risk table adds up,
  /// and a small group never remains at the end.
  @Test func curvesAreHeld() throws {
    for seed in 1...60 {
      var draws = Draws(UInt64(seed))
      var table = ResultTable.survival
      for arm in ["a", "b"] {
        var risk = 15 + draws.below(120)
        var time = 0
        while risk > 0 {
          time += 1
          let event = min(risk, draws.below(4))
          let censor = min(risk - event, draws.below(3))
          guard event + censor > 0 else { continue }
          try table.append([
            "analysis": "x", "arm": .text(arm), "time": .init(time), "n_risk": .init(risk),
            "n_event": .init(event), "n_censor": .init(censor),
            "survival": .number(Double(risk) / 200), "std.error": 0.1,
          ])
          risk -= event + censor
        }
      }
      let (value, _) = try control(table)
      for arm in ["a", "b"] {
        let all = table.rows.indices.filter { table[$0, "arm"] == .text(arm) }
        let kept = value.rows.indices.filter { value[$0, "arm"] == .text(arm) }
        var after = 0.0
        for row in kept {
          let time = try #require(value[row, "time"].number)
          let window = all.filter {
            let t = table[$0, "time"].number ?? 0
            return t > after && t <= time
          }
          let left = window.reduce(0) {
            $0 + (table[$1, "n_event"].number ?? 0) + (table[$1, "n_censor"].number ?? 0)
          }
          #expect(left >= 10)
          #expect(value[row, "n_risk"] == table[window[0], "n_risk"])
          #expect(value[row, "survival"] == table[window[window.count - 1], "survival"])
          for column in ["n_event", "n_censor"] {
            let number = value[row, column].number
            #expect(number == nil || (number ?? 0) >= 10)
          }
          after = time
        }
        if let last = kept.last, let risk = value[last, "n_risk"].number {
          let time = try #require(value[last, "time"].number)
          let rest = all.filter { (table[$0, "time"].number ?? 0) > time }
            .reduce(0) {
              $0 + (table[$1, "n_event"].number ?? 0) + (table[$1, "n_censor"].number ?? 0)
            }
          #expect(risk >= 10 && (rest == 0 || rest >= 10))
        }
      }
    }
  }
}

/// Attacks on small random tables: an attacker who knows every sum tries to pin down what was
/// withheld.
@Suite struct DisclosureAttackTests {
  /// The lowest and highest value that each withheld count can have, given what is shown, found by
  /// tightening bounds over the sums until nothing moves.
  ///
  /// Small withheld counts (below the threshold) must never be pinned to one value, though the
  /// attacker knows the threshold rule itself only as "a count was withheld".
  private func bounds(_ table: ResultTable, _ sums: [(whole: [Int], parts: [[Int]])])
    -> [[ClosedRange<Double>]]
  {
    var bounds = table.rows.map { row in
      row.map { cell in cell.number.map { $0...$0 } ?? 0...1e6 }
    }
    for _ in 0..<200 {
      var moved = false
      func tighten(_ cell: [Int], _ low: Double, _ high: Double) {
        let old = bounds[cell[0]][cell[1]]
        let new = max(old.lowerBound, low)...min(old.upperBound, high)
        if new != old {
          bounds[cell[0]][cell[1]] = new
          moved = true
        }
      }
      for sum in sums {
        let parts = sum.parts.map { bounds[$0[0]][$0[1]] }
        let low = parts.reduce(0) { $0 + $1.lowerBound }
        let high = parts.reduce(0) { $0 + $1.upperBound }
        let whole = bounds[sum.whole[0]][sum.whole[1]]
        tighten(sum.whole, low, high)
        for (index, part) in sum.parts.enumerated() {
          tighten(
            part, whole.lowerBound - (high - parts[index].upperBound),
            whole.upperBound - (low - parts[index].lowerBound))
        }
      }
      if !moved { break }
    }
    return bounds
  }

  @Test func attritionTablesKeepTheirSecrets() throws {
    for seed in 1...150 {
      var draws = Draws(UInt64(seed))
      let steps = 1 + draws.below(5)
      let arms = ["treated", "comparison"]
      var remaining = arms.map { _ in 60 + draws.below(400) }
      var table = ResultTable.attrition
      for step in 1...steps {
        var total = [0, 0, 0]
        for (index, arm) in arms.enumerated() {
          let drawn = [0, draws.below(10), 10 + draws.below(20)][draws.below(3)]
          let excluded = min(drawn, remaining[index])
          let numbers = [remaining[index], excluded, remaining[index] - excluded]
          for column in 0..<3 { total[column] += numbers[column] }
          try table.append([
            "step": .init(step), "rule": .text("rule \(step)"), "arm": .text(arm),
            "n_before": .init(numbers[0]), "n_excluded": .init(numbers[1]),
            "n_after": .init(numbers[2]),
          ])
          remaining[index] -= excluded
        }
        try table.append([
          "step": .init(step), "rule": .text("rule \(step)"), "arm": "all",
          "n_before": .init(total[0]), "n_excluded": .init(total[1]), "n_after": .init(total[2]),
        ])
      }
      var disclosure = Disclosure(profile: .acroDefault)
      let value = try disclosure.release(table).value
      var sums: [(whole: [Int], parts: [[Int]])] = []
      for row in table.rows.indices { sums.append(([row, 3], [[row, 4], [row, 5]])) }
      for step in 0..<steps {
        for column in 3...5 {
          sums.append(([3 * step + 2, column], [[3 * step, column], [3 * step + 1, column]]))
        }
        guard step + 1 < steps else { continue }
        for arm in 0..<3 { sums.append(([3 * step + 3 + arm, 3], [[3 * step + arm, 5]])) }
      }
      let possible = bounds(value, sums)
      for row in table.rows.indices {
        for column in 3...5 {
          let truth = try #require(table.rows[row][column].number)
          if truth < 10 { #expect(value.rows[row][column] == .suppressed) }
          guard value.rows[row][column] == .suppressed else { continue }
          let range = possible[row][column]
          #expect(range.contains(truth))
          #expect(
            range.upperBound - range.lowerBound >= 1,
            "seed \(seed): row \(row), column \(column) is \(truth) for sure")
        }
      }
    }
  }

  @Test func binsOfAKnownTotalKeepTheirSecrets() throws {
    for seed in 1...300 {
      var draws = Draws(UInt64(seed))
      var table = ResultTable.overlap
      let counts = (0..<8).map { _ in
        draws.below(4) == 0 ? 1 + draws.below(9) : 10 + draws.below(90)
      }
      for (bin, count) in counts.enumerated() {
        try table.append([
          "analysis": "a", "stage": "unadjusted", "arm": "treated", "low": .init(bin),
          "high": .init(bin + 1), "n": .init(count), "share": .number(Double(count) / 500),
        ])
      }
      var disclosure = Disclosure(profile: .acroDefault)
      guard let value = try? disclosure.release(table).value else {
        // Refused: there was no safe suppression, which only tiny totals may claim.
        #expect(counts.reduce(0, +) < 10)
        continue
      }
      let hidden = counts.indices.filter { value[$0, "n"] == .suppressed }
      #expect(hidden.count != 1)
      if !hidden.isEmpty { #expect(hidden.reduce(0) { $0 + counts[$1] } >= 10) }
      for bin in counts.indices {
        if counts[bin] < 10 { #expect(hidden.contains(bin)) }
        #expect((value[bin, "share"] == .suppressed) == hidden.contains(bin))
      }
    }
  }
}
