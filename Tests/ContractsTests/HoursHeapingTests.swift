import Contracts
import Statistics
import TestSupport
import Testing

/// Numbers by hand and from Tests/Reference/incentives/exact_tests.py.
@Suite struct HoursHeapingTests {
  /// Fifteen jobs of one arm: six at 16, two below it and one above, three at 20 and one beside it.
  private let first: [Double] =
    [16, 16, 16, 16, 16, 16, 15, 14.5, 17] + [20, 20, 20, 19, 40, 40]
  /// Nine of the other: one at 16, seven beside it.
  private let second: [Double] = [16, 14, 14, 15, 15, 17, 18, 18, 40]

  private func both(sites: [Int32]? = nil) throws -> HoursHeaping.Result {
    let codes =
      [Int32](repeating: 0, count: first.count) + [Int32](repeating: 1, count: second.count)
    return try HoursHeaping().fit(
      hours: first + second, arms: Factor(codes: codes, levels: ["paid", "other"]))
  }

  private func row(_ term: String, _ arm: String) throws -> IncentiveFinding {
    try #require(try both().findings.first { $0.term.hasPrefix(term) && $0.arm == arm })
  }

  @Test("counts by hand")
  func counts() throws {
    let arm = try both().arms[0]
    #expect(arm.jobs == 15)
    #expect(arm.atBoundary == 6)
    #expect(arm.below == 2)
    #expect(arm.above == 1)
    #expect(arm.atRound == 3)
    #expect(arm.besideRound == 1)
    #expect(try both().arms[1].beside == 7)
  }

  @Test("the share at 16 with its exact interval")
  func share() throws {
    let row = try row("share at exactly 16", "paid")
    #expect(row.estimate == 0.4)
    #expect(close(row.interval?.low ?? 0, 0.16336432385951347, Tolerance(relative: 1e-10)))
    #expect(close(row.interval?.high ?? 0, 0.6771302337937184, Tolerance(relative: 1e-10)))
    #expect(row.pValue == nil)
  }

  @Test("seven at or above against two below: P(X ≥ 7) of nine tosses is 46/512")
  func sides() throws {
    let row = try row("at and above 16", "paid")
    #expect(row.estimate == 3.5)
    #expect(close(row.pValue ?? 0, 92.0 / 512, .closedForm))
    #expect(close(row.interval?.low ?? 0, 0.6664067802078135, Tolerance(relative: 1e-10)))
    #expect(close(row.interval?.high ?? 0, 34.530323053432, Tolerance(relative: 1e-10)))
  }

  @Test("Fisher's test against other round hours and against the other arm")
  func fisher() throws {
    let round = try row("heap at 16 against heaps", "paid")
    #expect(close(round.pValue ?? 0, 1, .closedForm))
    #expect(close(round.estimate ?? 0, 2.0 / 3, .closedForm))
    #expect(close(round.interval?.low ?? 0, 0.04692198788943705, Tolerance(relative: 1e-9)))
    let arms = try row("heap at 16 in one arm", "paid against other")
    #expect(close(arms.pValue ?? 0, 0.0497737556561086, Tolerance(relative: 1e-10)))
    #expect(close(arms.estimate ?? 0, 14, .closedForm))
    #expect(close(arms.interval?.high ?? 0, 172.6422180832136, Tolerance(relative: 1e-9)))
  }

  /// Six sites of ten jobs near 16, of which so many lie at 16; the first three are paid.
  private func sites(_ inside: [Int]) throws -> IncentiveFinding {
    var (hours, arms, sites): ([Double], [Int32], [Int32]) = ([], [], [])
    for (site, at) in inside.enumerated() {
      for job in 0..<10 {
        hours.append(job < at ? 16 : 15)
        arms.append(site < 3 ? 0 : 1)
        sites.append(Int32(site))
      }
    }
    let result = try HoursHeaping().fit(
      hours: hours, arms: Factor(codes: arms, levels: ["paid", "other"]),
      sites: Factor(codes: sites, levels: (0..<6).map { "s\($0)" }))
    return try #require(result.findings.last)
  }

  @Test("twenty exchanges of three sites with three, two of which are as far apart")
  func exchange() throws {
    let row = try sites([4, 5, 6, 1, 2, 0])
    #expect(close(row.estimate ?? 0, 0.4, .closedForm))
    #expect(close(row.pValue ?? 0, 0.1, .closedForm))
    #expect(close(row.standardError ?? 0, 0.1932183566158592, Tolerance(relative: 1e-10)))
    // No excess could have a p-value below 0.05.
    #expect(row.detectable == nil)
    #expect(row.convention.contains("smallest p 0.1"))
    #expect(try sites([3, 3, 3, 3, 3, 3]).pValue == 1)
  }

  @Test("the order of jobs does not matter, and one arm is audited by itself")
  func order() throws {
    let arms = Factor(codes: first.map { _ in 0 }, levels: ["all"])
    let one = try HoursHeaping().fit(hours: first, arms: arms)
    #expect(one == (try HoursHeaping().fit(hours: first.reversed(), arms: arms)))
    #expect(one.findings.allSatisfy { $0.arm == "all" })
    #expect(one.findings.count == 3)
  }

  @Test("hours that can't be are refused with their row")
  func refusals() throws {
    let arms = Factor(codes: [0, 0], levels: ["all"])
    let error = #expect(throws: SiblingError.self) {
      try HoursHeaping().fit(hours: [16, -1], arms: arms)
    }
    #expect(error?.row == 1)
    #expect(throws: SiblingError.self) { try HoursHeaping().fit(hours: [16], arms: arms) }
    #expect(throws: SiblingError.self) {
      try HoursHeaping(boundary: 1).fit(hours: [16, 16], arms: arms)
    }
    let unknown = try HoursHeaping().fit(hours: [.nan, 16], arms: arms)
    #expect(unknown.arms[0].jobs == 1)
  }
}
