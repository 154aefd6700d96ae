import Foundation
import Statistics
import TestSupport
import Testing

/// The verb `bunching`, and the section of a study that shows the same.
@Suite struct BunchingCommandTests {
  /// Jobs of eight sites, three of which are paid; a good part of the paid ones wait for 13 weeks.
  private static func jobs(change row: Int = -1, to line: String = "") -> String {
    var stream = RandomStream(seed: 21, name: "bunching-verb")
    var text = "weeks,ended,arm,site,hours,reached,claimed\n"
    var number = 0
    for site in 0..<8 {
      for _ in 0..<40 {
        var days = 1 + (stream.exponential() * 150).rounded(.down)
        let (wait, place) = (stream.uniform(), Double(stream.integer(below: 13)))
        if site < 3, days >= 50, days < 91, wait < 0.8 { days = 91 + place }
        let hours = 10 + stream.integer(below: 12)
        let month = 1 + stream.integer(below: 8)
        number += 1
        text +=
          number == row
          ? line + "\n"
          : "\(days / 7),\(days < 380 ? 1 : 0),\(site < 3 ? "sib" : "other"),s\(site),\(hours),"
            + "2020-0\(month)-10,2020-0\(month + 1)-05\n"
      }
    }
    return text
  }

  private func run(_ text: String = jobs(), _ arguments: [String]) throws -> CommandLineRun {
    let folder = try TemporaryFolder(["jobs.csv": text])
    return try CommandLineRun(
      arguments: ["bunching", "jobs.csv"] + arguments, folder: folder.url)
  }

  private let arms = [
    "--duration", "weeks", "--arm", "arm", "--treated", "sib", "--placebo", "5:12", "--draws", "19",
  ]

  @Test("every audit has its rows, and the arm that waits is found")
  func rows() throws {
    let run = try run(
      Self.jobs(),
      arms + [
        "--ended", "ended", "--site", "site", "--hours", "hours", "--event", "reached", "--claimed",
        "claimed", "--claim-deadline", "30",
      ])
    try #require(run.status == 0, "\(run.errors)")
    let methods = Set(run.rows.compactMap { $0["method"] })
    #expect(
      methods == [
        "binomial", "density", "excess-mass", "hazard-jump", "difference-in-bunching",
        "placebo-rank", "hours-16", "claim-timing",
      ])
    let row = try #require(run.rows.first { $0["method"] == "difference-in-bunching" })
    #expect(row["arm"] == "sib against other")
    #expect(Double(row["conf.low"] ?? "") ?? 0 > 0)
    #expect(Double(row["detectable"] ?? "") ?? 0 > 0)
    #expect(run.errors.contains("jobs that ended"))
  }

  @Test("several thresholds, days, and one arm without a column")
  func variants() throws {
    let several = try run(Self.jobs(), arms + ["--threshold", "6,13", "--round", "none"])
    #expect(Set(several.rows.compactMap { $0["threshold"] }) == ["6", "13"])
    let alone = try run(
      Self.jobs(),
      [
        "--duration", "days", "--derive", "days = 7 * weeks", "--unit", "days", "--threshold", "91",
        "--draws", "9",
      ])
    try #require(alone.status == 0, "\(alone.errors)")
    #expect(Set(alone.rows.compactMap { $0["arm"] }) == ["all"])
    #expect(!alone.rows.contains { $0["method"] == "placebo-rank" })
  }

  @Test(
    "what can't be is refused, and the message says where",
    arguments: [
      (["--duration", "week"], 65, "did you mean 'weeks'"),
      (["--duration", "weeks", "--threshold", "500"], 65, "lies outside"),
      (["--duration", "weeks", "--threshold", "2"], 64, "three weeks"),
      (["--duration", "weeks", "--arm", "arm", "--where", "arm == \"sib\""], 65, "one arm only"),
      (["--duration", "weeks", "--ended", "hours"], 65, "0 and 1"),
      (["--duration", "weeks", "--placebo", "9:4"], 64, "FROM:TO"),
      (["--duration", "weeks", "--arm", "arm", "--treated", "ib"], 65, "not a level"),
      (["--duration", "weeks", "--claimed", "claimed"], 64, "--event"),
      (["--duration", "weeks", "--bandwidth", "-1"], 64, "above zero"),
      ([], 64, "--duration is needed"),
    ])
  func refusals(_ arguments: [String], _ status: Int32, _ text: String) throws {
    let run = try run(Self.jobs(), arguments)
    #expect(run.status == status, "\(run.errors)")
    #expect(run.errors.contains(text), "\(run.errors)")
    #expect(run.output == "")
  }

  @Test("a negative length is refused at its cell")
  func negative() throws {
    let run = try run(
      Self.jobs(change: 3, to: "-4,1,sib,s0,16,2020-01-10,2020-02-05"), ["--duration", "weeks"])
    #expect(run.status == 65)
    #expect(run.errors.contains("jobs.csv:4:1"), "\(run.errors)")
  }

  @Test("a study shows the audit of its contracts' own lengths")
  func study() throws {
    let data = Golden.projectFolder.appendingPathComponent("Data/ips-simulated").path
    let names = ["clients", "sites", "jobs", "contracts", "tariffs", "claims"]
    let folder = try TemporaryFolder([
      "study.yaml": """
      study: s
      title: t
      question: q
      public: true
      data:
        tables:
          \(names.map { "\($0): {file: \(data)/\($0).csv}" }.joined(separator: "\n    "))
        definitions: [sustained_13]
      treatment: {column: arm, treated: sib, label: bond, comparison-label: others}
      assignment: {level: site, mechanism: contract, site: site_id}
      outcomes: [{name: sustained_13, label: a lasting job, kind: binary}]
      incentives: {draws: 19}

      """
    ])
    let run = try CommandLineRun(
      arguments: ["run", "study.yaml", "--output", "out"], folder: folder.url)
    try #require(run.status == 0, "\(run.errors)")
    let rows = CSVRecords(try folder.text("out/results/bunching.csv")).rows
    #expect(Set(rows.compactMap { $0["threshold"] }) == ["13"])
    let row = try #require(rows.first { $0["method"] == "difference-in-bunching" })
    #expect(Double(row["conf.low"] ?? "") ?? 1 < 0)
    let report = try folder.text("out/report.md")
    #expect(report.contains("This is inconclusive"))
    #expect(report.contains("no proof of intent"))
    #expect(!report.contains("**WARN**, payment threshold of"))
    for name in ["bunching_histogram", "hours_heaping", "claim_timing"] {
      #expect(CSVRecords(try folder.text("out/results/\(name).csv")).rows.count > 3)
    }
    #expect(try folder.text("out/figures/bunching_13.svg").contains("paid from 13 weeks"))
  }
}
