import Cohorts
import Statistics
import Tables
import Testing

@testable import Studies

/// The table that effects are estimated on, made of a small cohort by hand.
@Suite struct AnalysisTableTests {
  private func texts(_ name: String, _ values: [String?]) -> Column {
    Column(name: name, values: .text(Factor(values)))
  }

  private func dates(_ name: String, _ values: [String?]) -> Column {
    Column(
      name: name,
      values: .dates(values.map { $0.flatMap { CivilDate(iso: $0)?.days } ?? missingDay }))
  }

  private func study(_ data: String = "") throws -> StudyFile {
    try StudyFile(
      text: """
        study: s
        title: t
        question: q
        public: true
        data: {tables: {clients: {file: none.csv}}\(data)}
        treatment: {column: arm, treated: sib, label: a, comparison-label: b}
        """, path: "study.yaml")
  }

  private func cohort(jobs: Table? = nil) throws -> Cohort {
    try Cohort(
      clients: Table([
        texts("client_id", ["a", "a", "b", "c", "d"]),
        Column(name: "episode_no", values: .integers([2, 1, 1, 1, 1])),
        texts("site_id", ["north", "north", "south", "east", "south"]),
        texts("region", ["x", "x", "y", "z", nil]),
        texts(
          "referral_decision",
          ["accepted", "accepted", "declined_service", "accepted", "accepted"]),
        dates("accept_date", ["2021-05-01", "2020-05-01", nil, "2020-01-31", "2024-12-01"]),
        dates("data_cut_date", [String?](repeating: "2024-12-31", count: 5)),
        dates("last_contact_date", [String?](repeating: "2024-12-31", count: 5)),
      ]),
      sites: Table([
        texts("site_id", ["south", "north", "east"]), texts("arm", ["sib", "non_sib", "sib"]),
        dates("launch_date", ["2019-04-01", nil, "2020-04-01"]), texts("region", ["S", "N", "E"]),
      ]), jobs: jobs,
      others: [
        "contracts": Table([
          texts("contract_id", ["k1", "k1", "k1", "k2"]),
          texts("site_id", ["south", "south", "south", "east"]),
          Column(name: "version", values: .integers([3, 1, 2, 1])),
          dates("effective_from", ["2023-01-01", "2019-04-01", "2021-07-01", "2020-04-01"]),
        ])
      ])
  }

  @Test("sites and contracts stand beside the clients, under names of their own")
  func joined() throws {
    let table = try AnalysisTable(study(), cohort()).table
    #expect(try table.strings("arm") == ["non_sib", "non_sib", "sib", "sib", "sib"])
    #expect(try table.strings("region") == ["x", "x", "y", "z", nil])
    #expect(try table.strings("site_region") == ["N", "N", "S", "E", "S"])
    #expect(
      try table.strings("contract_began") == [nil, nil, "2019-04-01", "2020-04-01", "2019-04-01"])
    #expect(try table.strings("contract_changed") == [nil, nil, "2021-07-01", nil, "2021-07-01"])
  }

  @Test("the first rules keep each person's first accepted episode")
  func rules() throws {
    let rules = try AnalysisTable(study(), cohort()).rules
    #expect(rules.map(\.included)[0] == [true, true, false, true, true])
    #expect(rules.map(\.included)[1] == [false, true, false, true, true])
    #expect(rules.count == 2)
  }

  @Test("who was accepted too recently is left out by a rule of its own")
  func maturity() throws {
    let jobs = try Table([
      texts("job_id", ["1"]), texts("client_id", ["c"]), dates("start_date", ["2020-03-01"]),
      dates("end_earliest", ["2020-09-01"]), dates("end_latest", ["2020-09-01"]),
    ])
    let study = try study(", definitions: [sustained_13], follow-up: 52")
    let analysis = try AnalysisTable(study, cohort(jobs: jobs))
    #expect(analysis.rules.count == 3)
    #expect(analysis.rules[2].included == [true, true, false, true, false])
    #expect(try analysis.table.doubles("sustained_13")[3] == 1)
    #expect(try analysis.table.doubles("sustained_13")[1] == 0)
    #expect(try analysis.table.doubles("sustained_13")[4].isNaN)
  }

  @Test("outcomes without jobs are refused")
  func noJobs() throws {
    let study = try study(", definitions: [sustained_13]")
    let cohort = try cohort()
    do throws(SiblingError) {
      _ = try AnalysisTable(study, cohort)
      Issue.record("made outcomes of nothing")
    } catch {
      #expect(error.code == .missingKey)
      #expect(error.location?.line == 5)
    }
  }
}
