import Foundation
import Statistics
import Tables
import TestSupport
import Testing

@testable import Studies

/// A made-up service of ten sites in files, whose SIB sites may choose the motivated.
private final class MadeUpService {
  let folder: URL

  init(chooses: Bool = false) throws {
    folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("sibling-flow-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    var stream = RandomStream(seed: 11, name: "made-up-service")
    var clients =
      "client_id,site_id,referral_date,referral_decision,accept_date,engagement_date,"
      + "last_contact_date,data_cut_date,sex,age,motivation_1_5\n"
    var jobs =
      "job_id,client_id,start_date,end_earliest,end_latest,ongoing_at_last_contact\n"
    var sites = "site_id,arm,launch_date\n"
    for site in 0..<10 {
      sites += "S\(site),\(site % 2 == 0 ? "non_sib," : "sib,2017-01-01")\n"
      for person in 0..<60 {
        let id = "c\(site)_\(person)"
        let motivation = 1 + stream.integer(below: 5)
        let lean = chooses && site % 2 == 1 ? 0.22 : 0.02
        let isIn = stream.bernoulli(0.55 + lean * Double(motivation - 3))
        let year = 2016 + stream.integer(below: 3)
        let month = 1 + stream.integer(below: 9)
        func day(_ plus: Int) -> String {
          let text = month + plus < 10 ? "0\(month + plus)" : "\(month + plus)"
          return "\(year)-\(text)-15"
        }
        let sex = stream.bernoulli(0.5) ? "f" : "m"
        clients +=
          "\(id),S\(site),\(day(0)),\(isIn ? "accepted" : "declined_service"),"
          + "\(isIn ? day(0) : ""),\(isIn && stream.bernoulli(0.9) ? day(1) : ""),2021-01-01,"
          + "2021-01-01,\(sex),\(20 + stream.integer(below: 40)),\(motivation)\n"
        if isIn, stream.bernoulli(0.12 * Double(motivation)) {
          let end = stream.bernoulli(0.5) ? "\(year + 1)-06-30" : day(3)
          jobs += "j\(id),\(id),\(day(2)),\(end),\(end),n\n"
        }
      }
    }
    for (name, text) in [("clients", clients), ("jobs", jobs), ("sites", sites)] {
      try write("\(name).csv", text)
    }
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  func write(_ name: String, _ text: String) throws {
    try Data(text.utf8).write(to: folder.appendingPathComponent(name))
  }

  func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

  /// Runs a verb on the clients.
  func run(
    _ verb: Verb, _ options: [String: String], data: String = "clients.csv", files: Bool = true
  ) throws -> AnalysisOutput {
    var values = OptionValues()
    let all =
      files
      ? options.merging(["jobs": path("jobs.csv"), "sites": path("sites.csv")]) { own, _ in own }
      : options
    for (name, text) in all {
      let key = try #require(verb.key(name))
      values.set(key, to: text)
    }
    return try AnalysisRequest(verb: verb, path: path(data), formula: nil, options: values).run()
  }
}

extension AnalysisOutput {
  fileprivate func texts(_ name: String) -> [String] {
    columns.first { $0.name == name }?.asStrings.map { $0 ?? "" } ?? []
  }

  fileprivate func numbers(_ name: String) -> [Double] {
    columns.first { $0.name == name }?.asDoubles ?? []
  }
}

@Suite struct FlowVerbs {
  @Test func theFunnelAddsUp() throws {
    let service = try MadeUpService()
    let output = try service.run(.funnel, [:])
    #expect(output.columns.prefix(2).map(\.name) == ["arm", "stage"])
    #expect(output.columns[0].count == 14)
    let whole = output.numbers("n_at_risk")
    let parts = ["n_reached", "n_not_reached", "n_unknown", "n_immature"].map { output.numbers($0) }
    for row in whole.indices {
      #expect(parts.reduce(0) { $0 + ($1[row].isNaN ? 0 : $1[row]) } == whole[row])
    }
    #expect(whole[0] == 300 && whole[7] == 300)
    let bySite = try service.run(.funnel, ["by": "site"])
    let accepted = zip(bySite.texts("stage"), bySite.numbers("n_reached"))
      .filter { $0.0 == "accepted" }.map(\.1)
    #expect(accepted.count == 10)
    #expect(
      accepted.reduce(0, +)
        == zip(output.texts("stage"), parts[0]).filter { $0.0 == "accepted" }.map(\.1)
        .reduce(0, +))
    let rules = try service.run(.funnel, ["exclusions": "true"])
    #expect(rules.texts("rule").contains("decision pending"))
    #expect(rules.numbers("n_excluded").contains(0))
    // Without jobs the funnel ends early; without sites there is one group.
    let short = try service.run(.funnel, [:], files: false)
    #expect(Set(short.texts("arm")) == ["all"])
    #expect(short.texts("stage") == ["referred", "accepted", "engaged"])
    #expect(short.notes.contains { $0.contains("--jobs") })
    #expect(throws: SiblingError.self) { try service.run(.funnel, ["by": "nothing"]) }
    #expect(throws: SiblingError.self) { try service.run(.funnel, ["outcome": "job_strat"]) }
    #expect(throws: SiblingError.self) { try service.run(.funnel, ["follow-up": "x"]) }
  }

  @Test func countsByPeriod() throws {
    let service = try MadeUpService()
    try service.write(
      "site_periods.csv",
      "site_id,period,referrals,accepted,engaged,starts,sustained\nS0,2016-01,90,60,40,20,9\n"
        + "S1,2016-01,80,70,50,30,12\n")
    let output = try service.run(
      .funnel, ["periods": "true", "sites": service.path("sites.csv")], data: "site_periods.csv",
      files: false)
    #expect(
      output.texts("arm") == [String](repeating: "non_sib", count: 5)
        + Array(repeating: "sib", count: 5))
    #expect(output.numbers("n_reached") == [90, 60, 40, 20, 9, 80, 70, 50, 30, 12])
  }

  @Test func creamingIsToldFromNone() throws {
    let options = ["covariates": "~ motivation_1_5 + age + sex"]
    let chosen = try MadeUpService(chooses: true).run(.creaming, options)
    #expect(chosen.notes.contains { $0.hasPrefix("verdict: flagged") })
    #expect(chosen.columns.prefix(3).map(\.name) == ["term", "arm", "stratum"])
    #expect(
      Set(chosen.texts("term")).isSuperset(of: ["mean.index", "acceptance", "trend.difference"]))
    let service = try MadeUpService()
    let none = try service.run(.creaming, options)
    #expect(none.notes.contains { $0.hasPrefix("verdict: not flagged") })
    #expect(none.notes.contains { $0.hasPrefix("caution: ") })
    try service.write(
      "contracts.csv",
      "contract_id,site_id,version,effective_from\nk,S1,1,2017-06-01\n"
        + "k,S3,1,2017-06-01\n")
    let switched = try service.run(
      .creaming, options.merging(["contracts": service.path("contracts.csv")]) { own, _ in own })
    #expect(switched.texts("term").contains("switch.change.adjusted"))
    let before = try service.run(
      .creaming, options.merging(["reference": "before"]) { own, _ in own })
    #expect(before.texts("term").contains("trend.difference"))
    for wrong in [
      [:], ["covariates": "motivation_1_5 ~ age"], ["covariates": "~ nothing"],
      options.merging(["outcome": "job_start,sustained_6"]) { own, _ in own },
      options.merging(["window": "0"]) { own, _ in own },
      options.merging(["weights": "age"]) { own, _ in own },
    ] {
      #expect(throws: SiblingError.self) { try service.run(.creaming, wrong) }
    }
    // No arms, no jobs.
    #expect(throws: SiblingError.self) { try service.run(.creaming, options, files: false) }
  }

  @Test func equityByProfile() throws {
    let service = try MadeUpService()
    let output = try service.run(.equity, ["profile": "sex", "outcome": "job_start"])
    // Three measures, two groups, two arms and all; a test each.
    #expect(output.columns[0].count == 3 * (2 * 3 + 1))
    #expect(Set(output.texts("measure")) == ["accepted", "engaged", "job_start"])
    #expect(output.texts("term").count { $0 == "heterogeneity" } == 3)
    // Two groups compared with each other: one difference is the other's negative.
    let differences = output.numbers("difference")
    #expect(abs(differences[0] + differences[1]) < 1e-12)
    for wrong in [[:], ["profile": "nothing"], ["profile": "client_id"], ["profile": "sex,sex"]] {
      #expect(throws: SiblingError.self) { try service.run(.equity, wrong) }
    }
  }

  @Test func smallNumbersAreWithheld() throws {
    let service = try MadeUpService()
    for (verb, options) in [
      (Verb.funnel, [:]), (.funnel, ["by": "site"]), (.funnel, ["exclusions": "true"]),
      (.creaming, ["covariates": "~ motivation_1_5"]), (.equity, ["profile": "sex"]),
    ] {
      let output: AnalysisOutput
      do {
        output = try service.run(
          verb, options.merging(["disclosure": "acro-default"]) { own, _ in own })
      } catch let error as SiblingError where error.code == .disclosure {
        // Refused whole, because no choice of cells would be safe.
        continue
      }
      for column in output.columns where column.name.hasPrefix("n_") || column.name == "n" {
        guard column.name != "n_sites", let values = column.asDoubles else { continue }
        #expect(values.allSatisfy { $0.isNaN || $0 >= 10 }, "\(verb.name) \(column.name)")
      }
    }
  }

  @Test func theReportShowsThem() throws {
    let service = try MadeUpService(chooses: true)
    try service.write(
      "study.yaml",
      """
      study: made-up
      title: Made up
      question: Does it work?
      public: true
      data:
        tables:
          clients: {file: clients.csv}
          sites: {file: sites.csv}
          jobs: {file: jobs.csv}
      funnel: {by: sex, outcomes: [job_start, sustained_13]}
      creaming: {covariates: "~ motivation_1_5 + age"}
      equity: {profiles: [sex], outcomes: [job_start]}
      """)
    let study = try StudyFile(path: service.path("study.yaml"))
    let output = service.path("report")
    _ = try StudyRun(study).run(into: output) { _ in }
    let report = try String(contentsOfFile: output + "/report.md", encoding: .utf8)
    for words in [
      "From referral to a sustained job", "Were easier clients taken on?", "Verdict: flagged",
      "Who gets in and who finds work", "figures/funnel.svg", "figures/creaming.svg",
      "figures/equity_sex.svg",
    ] {
      #expect(report.contains(words), "\(words)")
    }
    for name in [
      "funnel", "funnel_sites", "funnel_exclusions", "creaming", "creaming_acceptance", "equity",
    ] {
      #expect(FileManager.default.fileExists(atPath: output + "/results/\(name).csv"), "\(name)")
    }
  }
}
