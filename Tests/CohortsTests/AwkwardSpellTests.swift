import Foundation
import Statistics
import Tables
import TestSupport
import Testing

@testable import Cohorts

/// Six definitions against answers worked out by hand: Tests/Reference/awkward_spells/WORKING.md.
struct AwkwardSpellTests {
  static func table(_ name: String) throws -> Table {
    try CSVReader().read(path: Golden.url("awkward_spells/\(name).csv").path)
  }

  static func cohort() throws -> Cohort {
    try Cohort(clients: table("clients"), jobs: table("jobs"))
  }

  static func row(_ client: String, _ cohort: Cohort) throws -> Int {
    let code = try #require(cohort.clients.ids.levels.firstIndex(of: client))
    return try #require(cohort.clients.ids.codes.firstIndex(of: Int32(code)))
  }

  static func rule(
    _ name: String, _ change: (inout OutcomeDefinition) -> Void = { _ in }
  ) throws -> OutcomeDefinition {
    var rule = try #require(OutcomeDefinition.named(name))
    change(&rule)
    return rule
  }

  @Test func everyAnswerIsTheOneWorkedOutByHand() throws {
    let cohort = try Self.cohort()
    let expected = try Golden.csv("awkward_spells/expected.csv")
    let scorer = try OutcomeScorer(cohort)
    var compared = 0
    for definition in OutcomeDefinition.harmonised {
      let scored = try scorer.score(definition, rows: Array(0..<cohort.clients.count))
      for line in 0..<(expected["client_id"]?.count ?? 0) {
        guard expected["definition"]?[line] == definition.name else { continue }
        let client = try #require(expected["client_id"]?[line])
        let row = try Self.row(client, cohort)
        func text(_ value: Int8) -> String { value < 0 ? "" : "\(value)" }
        let day = scored.attained[row]
        let answer = [
          ScoredOutcome.name(of: scored.value[row]), text(scored.low[row]), text(scored.high[row]),
          day == missingDay ? "" : CivilDate(days: day).isoText, scored.reasons[row].rawValue,
        ]
        let wanted = ["value", "low", "high", "attained", "reason"].map {
          expected[$0]?[line] ?? ""
        }
        #expect(answer == wanted, "\(client) under \(definition.name)")
        compared += 1
      }
    }
    #expect(compared == 24 * 6)
  }
}
