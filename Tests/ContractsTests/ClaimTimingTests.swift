import Contracts
import Statistics
import TestSupport
import Testing

/// Numbers by hand and from Tests/Reference/incentives/exact_tests.py.
@Suite struct ClaimTimingTests {
  private func day(_ text: String) -> Int32 { CivilDate(iso: text)?.days ?? 0 }

  private func row(
    _ claims: [ClaimTiming.Claim], _ term: String
  ) throws -> IncentiveFinding {
    let rows = try ClaimTiming().fit(claims, arm: "sib")
    return try #require(rows.first { $0.term.contains(term) })
  }

  /// Claims of one day's outcomes with so many days left to their deadline of 100.
  private func left(_ days: [Int32]) -> [ClaimTiming.Claim] {
    days.map {
      .init(event: day("2020-01-01"), claimed: day("2020-01-01") + 100 - $0, deadline: 100)
    }
  }

  @Test("eight claims in the last fourteen days against two before: 112/1024")
  func deadline() throws {
    // The last days have 0 to 13 days left, those before 14 to 27; 28 and −1 are in neither.
    let claims = left([0, 1, 2, 3, 5, 8, 13, 13, 14, 27, 28, 60, -1])
    let row = try row(claims, "before the deadline")
    #expect(row.inside == 8)
    #expect(row.outside == 2)
    #expect(row.count == 13)
    #expect(row.estimate == 4)
    #expect(close(row.pValue ?? 0, 112.0 / 1024, .closedForm))
    #expect(close(row.interval?.low ?? 0, 0.7982524004966308, Tolerance(relative: 1e-9)))
    #expect(close(row.interval?.high ?? 0, 38.66565607971537, Tolerance(relative: 1e-9)))
    // Of ten, nine are needed: P(X ≥ 9) = 11/1024 is below 0.025 and P(X ≥ 8) = 56/1024 is not.
    #expect(close(row.detectable?.amount ?? 0, 11.010578453046987, Tolerance(relative: 1e-9)))
    let late = try self.row(claims, "after the deadline")
    #expect(close(late.estimate ?? 0, 1.0 / 13, .closedForm))
    #expect(late.pValue == nil)
  }

  @Test("four of ten outcomes of 2019 in the last seven days of its quarters")
  func quarters() throws {
    let dates = [
      "2019-01-01", "2019-02-10", "2019-03-31", "2019-04-01", "2019-06-24", "2019-07-15",
      "2019-09-25", "2019-09-23", "2019-11-11", "2019-12-31",
    ]
    let row = try row(
      dates.map { .init(event: day($0), claimed: nil) }, "days of a quarter")
    // From the 24th or 25th on: 31 March, 24 June, 25 September and 31 December.
    #expect(row.inside == 4)
    #expect(close(row.pValue ?? 0, 0.009973741455415347, Tolerance(relative: 1e-10)))
    #expect(close(row.estimate ?? 0, 8.023809523809522, Tolerance(relative: 1e-12)))
    #expect(close(row.interval?.low ?? 0, 1.6654015711650545, Tolerance(relative: 1e-9)))
  }

  @Test("outcomes around a change of terms and the reaching of a cap")
  func turns() throws {
    let change = day("2021-07-01")
    let claims: [ClaimTiming.Claim] = [-29, -28, -3, -1, 0, 27, 28].map {
      .init(event: change + $0, claimed: nil, changes: [change], capped: change + 10)
    }
    let row = try row(claims, "terms changed")
    #expect(row.inside == 3)
    #expect(row.outside == 2)
    #expect(close(row.pValue ?? 0, 1, .closedForm))
    let capped = try self.row(claims, "cap was reached")
    // From 18 days before the change to 10 after: three before the cap, and 27 and 28 after it.
    #expect(capped.inside == 3)
    #expect(capped.outside == 2)
  }

  @Test("outcomes dated on and before the first possible day")
  func firstDay() throws {
    let start = day("2020-03-01")
    let claims: [ClaimTiming.Claim] = [0, 0, 0, 4, -2].map {
      .init(event: start + 90 + $0, claimed: nil, reached: start + 90)
    }
    #expect(try row(claims, "first possible day").estimate == 0.6)
    #expect(try row(claims, "before they can").estimate == 0.2)
  }

  @Test("what no claim has is left out; what can't be is refused")
  func edges() throws {
    #expect(try ClaimTiming().fit([], arm: "a").isEmpty)
    let bare = try ClaimTiming().fit([.init(event: nil, claimed: nil)], arm: "a")
    #expect(bare.isEmpty)
    let error = #expect(throws: SiblingError.self) {
      try ClaimTiming().fit(
        [.init(event: 0, claimed: 5), .init(event: .max, claimed: nil)], arm: "a")
    }
    #expect(error?.row == 1)
    #expect(throws: SiblingError.self) {
      try ClaimTiming(changeDays: 0).fit([.init(event: 0, claimed: 0)], arm: "a")
    }
  }
}
