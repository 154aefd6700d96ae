import Contracts
import Foundation
import Statistics
import TestSupport
import Testing

@Suite struct PlannedOutcomesTests {
  private static func target(
    _ period: String, _ expected: Double, version: String = "1", setOn: String? = "2019-01-31",
    contract: String = "A", stage: OutcomeStage = .jobStart, scenario: String? = nil
  ) throws -> PlannedTarget {
    PlannedTarget(
      contract: contract, version: version, setOn: setOn.flatMap { CivilDate(iso: $0)?.days },
      scenario: scenario, period: try PlanPeriod(period), stage: stage, expected: expected)
  }

  private static func reached(
    _ period: String, _ count: Int?, contract: String = "A", stage: OutcomeStage = .jobStart
  ) throws -> ReachedOutcome {
    ReachedOutcome(
      contract: contract, period: try PlanPeriod(period), stage: stage, count: count)
  }

  private static func compare(
    _ targets: [PlannedTarget], _ counts: [ReachedOutcome]
  ) throws -> PlanComparison {
    try PlannedOutcomes().compare(
      PlannedTargets(targets, scenario: "median"), ReachedOutcomes(counts))
  }

  /// A revised plan from the third quarter on, and a quarter that only the revision knows.
  @Test func originalAndRevisedPlansByHand() throws {
    let plan = try [
      Self.target("2019-Q2", 4), Self.target("2019-Q3", 6), Self.target("2019-Q4", 8),
      Self.target("2019-Q4", 5, version: "2", setOn: "2019-09-30"),
      Self.target("2020-Q1", 5, version: "2", setOn: "2019-09-30"),
    ]
    let counts = try [
      Self.reached("2019-Q2", 3), Self.reached("2019-Q3", 7), Self.reached("2019-Q4", 2),
      Self.reached("2020-Q1", 6), Self.reached("2020-Q2", 9),
    ]
    let found = try Self.compare(plan, counts)
    #expect(
      found.quarters.map(\.quarter.description) == ["2019-Q2", "2019-Q3", "2019-Q4", "2020-Q1"])
    #expect(found.quarters.map(\.own.original) == [4, 6, 8, nil])
    #expect(found.quarters.map(\.own.latest) == [4, 6, 5, 5])
    #expect(found.quarters.map(\.version) == ["1", "1", "2", "2"])
    // The original plan ends with 2019-Q4, so nothing can be set against it after that.
    #expect(found.quarters.map(\.cumulative.original) == [4, 10, 18, nil])
    #expect(found.quarters.map(\.cumulative.latest) == [4, 10, 15, 20])
    #expect(found.quarters.map(\.cumulative.reached) == [3, 10, 12, 18])
    #expect(found.quarters[3].own.toOriginal == nil)
    #expect(found.quarters[2].own.toLatest?.estimate == 0.4)
    let total = try #require(found.totals.first)
    #expect(total.isRevised)
    #expect(total.original.planned == 18 && total.original.reached == 12)
    #expect(total.original.quarters == 3 && total.latest.quarters == 4)
    #expect(total.latest.planned == 20 && total.latest.reached == 18)
    #expect(total.reachedOutside == 9)
    #expect(found.anomalies.map(\.rule) == [.reachedWithoutPlan])
    #expect(found.anomalies.map(\.counts) == [[9]])
    // Garwood at 18, half the quantiles of χ² with 36 and 38 degrees of freedom, over 20.
    let interval = try #require(total.latest.ratio?.interval)
    #expect(close(interval.low, 10.667940780399528 / 20, .closedForm))
    #expect(close(interval.high, 28.447760267527983 / 20, .closedForm))
  }

  @Test func simulatedContractsAgreeWithAnIndependentCount() throws {
    let golden = try Golden.json("plans/plans.json")["plans"]
    let folder = Golden.projectFolder.appendingPathComponent("Data/ips-simulated")
    func rows(_ name: String) throws -> [[String: String]] {
      let text = try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
      let lines = text.split(separator: "\n").map {
        $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      }
      return lines.dropFirst().map { Dictionary(uniqueKeysWithValues: zip(lines[0], $0)) }
    }
    let targets = try rows("targets.csv").map { row in
      try Self.target(
        row["period"] ?? "", Double(row["expected_n"] ?? "") ?? .nan,
        version: row["target_version"] ?? "", setOn: row["set_on"],
        contract: row["contract_id"] ?? "",
        stage: try #require(OutcomeStage(rawValue: row["outcome"] ?? "")),
        scenario: row["case"])
    }
    var contract: [String: String] = [:]
    for row in try rows("contracts.csv") { contract[row["site_id"] ?? ""] = row["contract_id"] }
    var counts: [ReachedOutcome] = []
    for row in try rows("site_periods.csv") {
      guard let name = contract[row["site_id"] ?? ""] else { continue }
      for (stage, column) in [
        (OutcomeStage.engagement, "engaged"), (.jobStart, "starts"), (.sustained, "sustained"),
      ] {
        counts.append(
          try Self.reached(
            row["period"] ?? "", Int(row[column] ?? ""), contract: name, stage: stage))
      }
    }
    let found = try Self.compare(targets, counts)
    #expect(found.totals.count == 18)
    #expect(golden.keys.count == 15)
    for key in golden.keys {
      let parts = key.split(separator: "-").map(String.init)
      let stage = try #require(OutcomeStage(rawValue: parts[1]))
      let expected = golden[key]
      let lines = found.quarters.filter { $0.contract == parts[0] && $0.stage == stage }
      #expect(lines.count == expected["quarters"].array.count)
      for (line, row) in zip(lines, expected["quarters"].array) {
        #expect(line.quarter.description == row[0].string)
        #expect(line.own.original == row[1].double)
        #expect(line.own.latest == row[2].double)
        #expect(line.own.reached.map(Double.init) == row[3].double)
        #expect(close(line.cumulative.original ?? .nan, row[4].double, .closedForm))
        #expect(close(line.cumulative.latest ?? .nan, row[5].double, .closedForm))
        #expect(line.cumulative.reached.map(Double.init) == row[6].double)
      }
      let total = try #require(
        found.totals.first { $0.contract == parts[0] && $0.stage == stage })
      #expect(Double(total.latest.reached) == expected["reached"].double)
      let ratio = try #require(total.latest.ratio)
      #expect(close(ratio.interval?.low ?? .nan, expected["low"].double, .converged))
      #expect(close(ratio.interval?.high ?? .nan, expected["high"].double, .converged))
      #expect(close(ratio.pValue ?? .nan, expected["p"].double, .converged))
    }
    // All contracts: the counts are the contracts' counts.
    for stage in OutcomeStage.allCases {
      let own = found.totals.filter { $0.stage == stage }
      let all = try #require(own.last)
      #expect(all.contract == "all")
      #expect(all.latest.reached == own.dropLast().map(\.latest.reached).reduce(0, +))
    }
  }

  @Test func monthsMakeQuarters() throws {
    let plan = try [
      Self.target("2019-05", 1), Self.target("2019-06", 2), Self.target("2019-Q3", 5),
    ]
    let counts = try [
      Self.reached("2019-04", 8), Self.reached("2019-05", 1), Self.reached("2019-06-01", 3),
      Self.reached("2019-07", 1), Self.reached("2019-08", 1),
    ]
    let found = try Self.compare(plan, counts)
    // April was not planned; of the third quarter September is not reported.
    #expect(found.quarters.map(\.own.reached) == [4, nil])
    #expect(found.quarters.map(\.cumulative.reached) == [4, nil])
    #expect(found.totals[0].reachedOutside == 8)
    #expect(Set(found.anomalies.map(\.rule)) == [.incompleteQuarter, .reachedWithoutPlan])
  }

  @Test func missingIsNeverZero() throws {
    let plan = try ["2019-Q2", "2019-Q3", "2019-Q4"].map { try Self.target($0, 2) }
    let gap = try Self.compare(
      plan, [Self.reached("2019-Q2", 1), Self.reached("2019-Q3", nil), Self.reached("2019-Q4", 0)])
    #expect(gap.quarters.map(\.own.reached) == [1, nil, 0])
    #expect(gap.quarters.map(\.cumulative.reached) == [1, nil, nil])
    #expect(gap.totals[0].latest.quarters == 2 && gap.totals[0].latest.planned == 4)
    #expect(gap.anomalies.map(\.rule) == [.outcomesNotReported])
    let none = try Self.compare(plan, [])
    #expect(none.totals[0].latest.ratio == nil)
    #expect(none.anomalies.map(\.rule) == [.outcomesNotReported])
    // A quarter still to come is no gap.
    let early = try Self.compare(plan, [Self.reached("2019-Q2", 1)])
    #expect(early.anomalies.isEmpty)
  }

  @Test func conversionAgainstThePlan() throws {
    let plan = try [
      Self.target("2019-Q2", 20, stage: .engagement), Self.target("2019-Q2", 10),
      Self.target("2019-Q2", 5, stage: .sustained),
    ]
    let found = try Self.compare(
      plan,
      [
        Self.reached("2019-Q2", 10, stage: .engagement), Self.reached("2019-Q2", 2),
        Self.reached("2019-Q2", 3, stage: .sustained),
      ])
    let start = try #require(found.conversions.first { $0.to == .jobStart })
    #expect(start.planned == 0.5 && start.rate?.estimate == 0.2)
    // P(X ≤ 2) of ten fair coins is 56/1024; doubled 0.109375.
    #expect(close(start.rate?.pValue ?? .nan, 0.109375, .closedForm))
    // Three sustained of two starts: refused.
    let later = try #require(found.conversions.first { $0.from == .jobStart })
    #expect(later.rate == nil && later.refusal?.contains("more sustained jobs (3)") == true)
  }

  @Test func theOrderOfRowsMovesNothing() throws {
    let plan = try [
      Self.target("2019-04", 0.1), Self.target("2019-05", 0.2), Self.target("2019-06", 0.3),
      Self.target("2019-Q3", 0.7), Self.target("2019-Q3", 0.4, version: "2", setOn: "2019-02-01"),
    ]
    let counts = try [Self.reached("2019-Q2", 1), Self.reached("2019-Q3", 2)]
    #expect(try Self.compare(plan, counts) == Self.compare(plan.reversed(), counts.reversed()))
  }

  @Test func badTargetsAreRefusedWithTheirRow() throws {
    func refusal(_ targets: [PlannedTarget]) -> (SiblingError.Code, Int?, String?)? {
      do throws(SiblingError) {
        _ = try PlannedTargets(targets, scenario: "median")
        return nil
      } catch { return (error.code, error.row, error.column) }
    }
    let good = try Self.target("2019-Q2", 4)
    let late = try Self.target("2019-Q2", 4, version: "2", setOn: "2019-07-01")
    #expect(try #require(refusal([good, late])) == (.dataQuality, 1, "set_on"))
    // Set on the last day of its period it stands.
    #expect(refusal([try Self.target("2019-06", 4, setOn: "2019-06-30")]) == nil)
    #expect(
      try #require(refusal([Self.target("2019-05", 4, setOn: "2019-06-01")]))
        == (.dataQuality, 0, "set_on"))
    #expect(try #require(refusal([good, good])) == (.duplicateKey, 1, "period"))
    #expect(
      try #require(refusal([good, Self.target("2019-05", 1)])) == (.duplicateKey, 1, "period"))
    #expect(
      try #require(refusal([good, Self.target("2019-05", 1, version: "2", setOn: "2019-02-01")]))
        == (.dataQuality, 1, "period"))
    #expect(
      try #require(refusal([Self.target("2019-Q2", -1)])) == (.badValue, 0, "expected_n"))
    #expect(try #require(refusal([Self.target("2019-Q2", .nan)])).0 == .badValue)
    #expect(
      try #require(refusal([good, Self.target("2019-Q3", 1, setOn: "2019-02-01")]))
        == (.dataQuality, 1, "set_on"))
    #expect(try #require(refusal([Self.target("2019-Q2", 1, scenario: "low")])).0 == .noRows)
    #expect(throws: SiblingError.self) {
      try ReachedOutcomes([Self.reached("2019-Q2", -1)])
    }
    #expect(throws: SiblingError.self) {
      try ReachedOutcomes([Self.reached("2019-Q2", 1), Self.reached("2019-06", 1)])
    }
    for text in ["2019", "2019-Q5", "2019-13", "soon", "", "2019-Q", "2019-04-02", "20I9-Q1"] {
      #expect(throws: SiblingError.self) { try PlanPeriod(text) }
    }
  }
}
