import Statistics
import Testing

@testable import Reporting

/// Tables under profiles that round: sums hold, and what is made of counts is made of rounded ones.
@Suite struct RoundedTableTests {
  private static let rounding = DisclosureProfile.all.filter { $0.rounding != .exact }

  private func release(
    _ table: ResultTable, _ profile: DisclosureProfile = .openSafely
  ) throws -> (value: ResultTable, log: [Disclosure.Decision]) {
    var disclosure = Disclosure(profile: profile)
    return (try disclosure.release(table).value, disclosure.decisions)
  }

  @Test func aFlowStillAddsUp() throws {
    for seed in 1...80 {
      var draws = Draws(UInt64(seed))
      var table = ResultTable.attrition
      var left = ["a": 100 + draws.below(400), "b": 100 + draws.below(400)]
      for step in 1...4 {
        var sum = (0, 0)
        for arm in ["a", "b"] {
          let before = left[arm] ?? 0
          // In every other flow no count is small, so that every sum must hold.
          let out = draws.below(3) == 0 ? 0 : seed % 2 == 0 ? 10 + draws.below(15) : draws.below(40)
          try table.append([
            "step": .init(step), "rule": .text("rule \(step)"), "arm": .text(arm),
            "n_before": .init(before), "n_excluded": .init(out), "n_after": .init(before - out),
          ])
          left[arm] = before - out
          sum = (sum.0 + before, sum.1 + out)
        }
        try table.append([
          "step": .init(step), "rule": .text("rule \(step)"), "arm": "all",
          "n_before": .init(sum.0), "n_excluded": .init(sum.1), "n_after": .init(sum.0 - sum.1),
        ])
      }
      for profile in Self.rounding {
        let (value, _) = try release(table, profile)
        try checkFlow(value, profile)
      }
    }
  }

  private func checkFlow(_ value: ResultTable, _ profile: DisclosureProfile) throws {
    let minimum = Double(try #require(profile.minimumCount))
    for row in value.rows.indices {
      let cells = ["n_before", "n_excluded", "n_after"].map { value[row, $0].number }
      for number in cells.compactMap({ $0 }) {
        #expect(number == 0 || number >= minimum)
        #expect(number.truncatingRemainder(dividingBy: 5) == 0)
      }
      if let before = cells[0], let out = cells[1], let after = cells[2] {
        #expect(before == out + after)
      }
    }
    // Where a part is withheld, totals are rounded by themselves.
    guard value.rows.allSatisfy({ !$0.contains(.suppressed) }) else { return }
    for step in 0..<4 {
      for column in ["n_before", "n_excluded", "n_after"] {
        let three = (0..<3).map { value[step * 3 + $0, column].number }
        if let a = three[0], let b = three[1], let all = three[2] { #expect(all == a + b) }
      }
      guard step < 3 else { continue }
      for arm in 0..<3 {
        let (rest, next) = (
          value[step * 3 + arm, "n_after"].number, value[step * 3 + 3 + arm, "n_before"].number
        )
        #expect(rest != nil && rest == next)
      }
    }
  }

  /// 13 of 48 becomes 15 of 15 + 35; Wilson's limits by statsmodels, `proportion_confint(method="wilson")`.
  @Test func sharesAreMadeOfRoundedCounts() throws {
    var table = ResultTable.creamingAcceptance
    try table.append([
      "arm": "sib", "fifth": 1, "mean_index": 0.123456, "n": 48, "n_accepted": 13,
      "n_declined": 35, "estimate": .number(13.0 / 48), "conf.low": 0.16565957627456437,
      "conf.high": 0.40996964982240613,
    ])
    let (value, log) = try release(table)
    #expect(value[0, "n_accepted"] == 15 && value[0, "n_declined"] == 35 && value[0, "n"] == 50)
    #expect(value[0, "estimate"] == 0.3)
    #expect(value[0, "mean_index"] == 0.123)
    // The same function of 15/50.
    let low = try #require(value[0, "conf.low"].number)
    let high = try #require(value[0, "conf.high"].number)
    #expect((low - 0.19103553500880943).magnitude < 1e-12)
    #expect((high - 0.437503504644534).magnitude < 1e-12)
    // A line a table and column, not a cell.
    #expect(log.count { $0.column == "n_accepted" } == 1 && log.allSatisfy { $0.rowKey == "*" })
    #expect(value.roundingNote?.contains("nearest five") == true)
  }

  @Test func aStatisticThatIsNoShareOfTheCountsKeepsFewDigits() throws {
    var table = ResultTable.creamingAcceptance
    try table.append([
      "arm": "sib", "fifth": 1, "n": 48, "n_accepted": 13, "n_declined": 35, "estimate": 0.2812345,
    ])
    #expect(try release(table).value[0, "estimate"] == 0.28)
  }

  @Test func anUnadjustedDifferenceIsMadeOfRoundedCounts() throws {
    var table = ResultTable.estimates
    let difference = 61.0 / 216 - 43.0 / 213
    try table.append([
      "analysis": "unadjusted", "term": "ATT", "estimate": .number(difference),
      "std.error": 0.04112345, "statistic": .number(difference / 0.04112345),
      "p.value": .number(2 * Normal.standard.upperTail(difference / 0.04112345)),
      "conf.low": .number(difference - 1.959963984540054 * 0.04112345),
      "conf.high": .number(difference + 1.959963984540054 * 0.04112345), "conf.level": 0.95,
      "n_treated": 216, "n_comparison": 213, "events_treated": 61, "events_comparison": 43,
      "se_type": "CR1 by matched set, G=211, z", "n_clusters": 211,
    ])
    let (value, _) = try release(table)
    let estimate = try #require(value[0, "estimate"].number)
    #expect((estimate - (60.0 / 215 - 45.0 / 215)).magnitude < 1e-12)
    #expect(value[0, "std.error"] == 0.041)
    let high = try #require(value[0, "conf.high"].number)
    #expect((high - estimate - 1.959963984540054 * 0.041).magnitude < 1e-12)
    let p = try #require(value[0, "p.value"].number)
    #expect((p - 2 * Normal.standard.upperTail(estimate / 0.041)).magnitude < 1e-12)
    #expect(value[0, "n_clusters"] == 210)
    #expect(value[0, "se_type"] == "CR1 by matched set, G=210, z")
  }

  @Test func anAdjustedEstimateStaysConsistentAndDoesNotTellItsDegreesOfFreedom() throws {
    var table = ResultTable.estimates
    let t = StudentT(degreesOfFreedom: 411)
    let reach = t.upperQuantile(0.025)
    try table.append([
      "analysis": "matched", "term": "ATT", "estimate": 1.2345678, "std.error": 0.3456789,
      "statistic": .number(1.2345678 / 0.3456789), "df": 411,
      "p.value": .number(2 * t.upperTail(1.2345678 / 0.3456789)),
      "conf.low": .number(1.2345678 - reach * 0.3456789),
      "conf.high": .number(1.2345678 + reach * 0.3456789), "n_treated": 208, "n_comparison": 207,
    ])
    let (value, _) = try release(table)
    #expect(value[0, "estimate"] == 1.235 && value[0, "std.error"] == 0.346)
    #expect(value[0, "df"] == 410)
    let low = try #require(value[0, "conf.low"].number)
    let expected = 1.235 - StudentT(degreesOfFreedom: 410).upperQuantile(0.025) * 0.346
    #expect((low - expected).magnitude < 1e-12)
  }

  @Test func moneyGrowsWithTheRoundedClaims() throws {
    var table = ResultTable.contractTotals
    for (contract, due, not) in [("K1", 181, 21), ("K2", 92, 29), ("all", 273, 50)] {
      try table.append([
        "contract": .text(contract), "n_claims": .init(due + not), "n_due": .init(due),
        "due": .init(due * 500), "unfunded": 0, "expected": .init(due * 500),
        "paid": .init(due * 500), "difference": 0, "n_not_due": .init(not), "n_differing": 0,
        "n_cut": 0, "n_unknown": 0,
      ])
    }
    let (value, _) = try release(table)
    #expect(value[0, "n_due"] == 180 && value[0, "due"] == 90_000)
    #expect(value[1, "n_due"] == 90 && value[1, "expected"] == 45_000)
    #expect(value[2, "n_due"] == 270 && value[2, "due"] == 135_000)
    #expect(value[0, "n_claims"] == 200 && value[0, "difference"] == 0)
  }

  /// Whatever the counts, no small count is released, sums hold, order does not matter.
  @Test func randomTables() throws {
    for seed in 1...200 {
      var draws = Draws(UInt64(seed) &+ 7000)
      var table = ResultTable.equity
      var rows: [[String: ResultTable.Cell]] = []
      for group in 0..<(2 + draws.below(4)) {
        var all = (0, 0)
        for arm in ["a", "b"] {
          let (yes, no) = (draws.below(30), draws.below(60))
          all = (all.0 + yes, all.1 + no)
          rows.append(row(group, arm, yes, no))
        }
        rows.append(row(group, "all", all.0, all.1))
      }
      try table.append(rows: rows)
      for profile in DisclosureProfile.all {
        guard let minimum = profile.minimumCount else { continue }
        var disclosure = Disclosure(profile: profile)
        // Where a group is as small as this no choice of cells may be safe.
        guard let value = try? disclosure.release(table).value else { continue }
        for index in value.rows.indices {
          let (n, yes) = (value[index, "n"].number, value[index, "n_yes"].number)
          for count in [n, yes].compactMap({ $0 }) {
            #expect(count == 0 ? !profile.zerosAreDisclosive : count >= Double(minimum))
          }
          if let share = value[index, "estimate"].number, let n, let yes, n > 0 {
            #expect((share - yes / n).magnitude < 1e-12)
          }
        }
        var shuffled = table
        shuffled.rows = Array(table.rows.reversed())
        var again = Disclosure(profile: profile)
        if let other = try? again.release(shuffled).value { #expect(isSafe(other, profile)) }
      }
    }
  }

  private func isSafe(_ value: ResultTable, _ profile: DisclosureProfile) -> Bool {
    value.cells("n_yes").compactMap(\.number).allSatisfy {
      $0 == 0 ? !profile.zerosAreDisclosive : $0 >= Double(profile.minimumCount ?? 0)
    }
  }

  private func row(_ group: Int, _ arm: String, _ yes: Int, _ no: Int) -> [String: ResultTable.Cell]
  {
    [
      "measure": "engaged", "profile": "p", "group": .text("g\(group)"), "arm": .text(arm),
      "n": .init(yes + no), "n_yes": .init(yes), "n_no": .init(no), "n_unknown": 0,
      "n_rest_yes": 40, "n_rest_no": 40,
      "estimate": .init(yes + no == 0 ? nil : Double(yes) / Double(yes + no)),
    ]
  }

  /// Rounding itself does not depend on the order of rows where nothing is withheld.
  @Test func roundedCellsDoNotDependOnTheOrderOfRows() throws {
    var table = ResultTable.contractFindings
    for (name, count) in [("a", 22), ("b", 38), ("c", 1003)] {
      try table.append(["finding": .text(name), "n_claims": .init(count)])
    }
    var reversed = table
    reversed.rows = table.rows.reversed()
    #expect(try release(table).value.rows == Array(try release(reversed).value.rows.reversed()))
  }

  @Test func everySchemaNamesColumnsThatItHas() throws {
    for table in [
      ResultTable.estimates, .balance, .funnel, .funnelSites, .equity, .creamingAcceptance,
      .definitions, .definitionDifferences, .dataQuality, .dataHeaps, .doseResponse,
      .missingEvidence, .tippingPoint, .attritionTests, .planning, .performanceQuarters,
      .performancePlans, .performanceConversions, .siteRates, .rateHeterogeneity,
      .paymentPerOutcome, .contractTotals, .contractPayments, .contractWaterfall,
      .contractDifferences, .contractCaps, .contractUnclaimed, .valueCosts, .valueForMoney,
      .valueSites, .cumulativeIncidence, .stateOccupancy, .overlap, .performance, .imputedColumns,
    ] {
      _ = try ResultTable(
        name: table.name, summary: table.summary, columns: table.columns, sums: table.sums,
        curve: table.curve, residual: table.residual, hold: table.hold, blocks: table.blocks)
    }
  }
}
