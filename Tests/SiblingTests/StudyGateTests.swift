import Foundation
import TestSupport
import Testing

/// What a run of a study writes, withholds and refuses.
@Suite struct StudyGate {
  private func run(
    _ folder: TemporaryFolder, _ arguments: String...
  ) throws -> CommandLineRun {
    try CommandLineRun(
      arguments: ["run", "study.yaml", "--output", "out"] + arguments, folder: folder.url)
  }

  @Test(arguments: [false, true]) func threeOfSixSitesWithholdEffects(_ isQuiet: Bool) throws {
    let folder = try TemporaryFolder([
      "people.csv": MadeUpStudy.sites(6, treated: 3), "study.yaml": MadeUpStudy.file(),
    ])
    let run = try isQuiet ? run(folder, "-q") : run(folder)
    #expect(run.status == 2, "\(run.errors)")
    #expect(run.errors.contains("[gate-failed]"))
    let files = folder.files(below: "out")
    #expect(files.contains("report.md") && files.contains("summary.md"))
    #expect(!files.contains { $0.contains("estimates") || $0.contains("sensitivity") })
    #expect(!files.contains { $0.contains("forest") })
    let checks = CSVRecords(try folder.text("out/results/diagnostics.csv"))
    #expect(checks.row(["check": "attainable p"])?["status"] == "FAIL")
    #expect(checks.number("value", ["check": "attainable p"]) == 0.1)
    // No number in the folder is the effect: the difference of means, or what matching gives.
    let effect = try CommandLineRun(
      arguments: ["effect", "people.csv", "t ~ x", "--outcome", "y"], folder: folder.url)
    let value = effect.first("estimate")
    #expect(value > 0.5)
    let written = "\(Int(value * 1000))"
    let digits = "\(written.prefix(1)).\(written.dropFirst(1).prefix(2))"
    for file in ["report.md", "report.html", "summary.md", "claims.csv"] {
      let text = try folder.text("out/\(file)")
      #expect(!text.contains(digits), "\(digits) in \(file)")
    }
    #expect(try folder.text("out/report.md").contains("Effects are withheld"))
    let manifest = JSONText(try folder.text("out/manifest.json"))
    #expect(manifest["gate"] == "descriptive")
  }

  @Test func fiveOfTenSitesAreAssociational() throws {
    let folder = try TemporaryFolder([
      "people.csv": MadeUpStudy.sites(10, treated: 5),
      // Even chance does not make a comparison of sites causal here.
      "study.yaml": MadeUpStudy.file(mechanism: "randomised"),
    ])
    let run = try run(folder)
    #expect(run.status == 0, "\(run.errors)")
    let estimates = CSVRecords(try folder.text("out/results/estimates.csv"))
    #expect(!estimates.rows.isEmpty)
    for row in estimates.rows {
      #expect(row["gate"] == "associational")
      // People of one site are no independent evidence.
      #expect(row["n_clusters"] == "10", "\(row)")
    }
  }

  @Test func declaredClustersAreUsed() throws {
    let folder = try TemporaryFolder([
      "people.csv": MadeUpStudy.sites(12, treated: 6),
      "study.yaml": MadeUpStudy.file(
        level: "individual", mechanism: "self-selected", effect: "    cluster: site"),
    ])
    let run = try run(folder)
    #expect(run.status == 0, "\(run.errors)")
    let estimates = CSVRecords(try folder.text("out/results/estimates.csv"))
    let verb = try CommandLineRun(
      arguments: [
        "effect", "people.csv", "t ~ x", "--outcome", "y", "--method", "difference", "--cluster",
        "site",
      ], folder: folder.url)
    let match = ["analysis": "matched", "estimator": "difference"]
    #expect(estimates.row(match)?["n_clusters"] == "12")
    #expect(
      close(estimates.number("std.error", match), verb.first("std.error"), .converged))
  }

  @Test func smallCountsAreBlank() throws {
    // Seven people lack the outcome; below ten, the count must not be seen.
    var lines = MadeUpStudy.sites(1, treated: 0).split(separator: "\n").map(String.init)
    for (index, line) in lines.enumerated() where index > 0 {
      var fields = line.split(separator: ",").map(String.init)
      fields[2] = index % 3 == 0 ? "1" : "0"
      if index % 6 == 1 { fields[4] = "" }
      lines[index] = fields.joined(separator: ",")
    }
    let folder = try TemporaryFolder([
      "people.csv": lines.joined(separator: "\n") + "\n",
      "study.yaml": MadeUpStudy.file(level: "individual", mechanism: "self-selected", head: ""),
    ])
    let run = try run(folder)
    #expect(run.status == 0, "\(run.errors)")
    let attrition = CSVRecords(try folder.text("out/results/attrition.csv"))
    #expect(attrition.header.contains("n_excluded_flag"))
    for row in attrition.rows {
      let excluded = row["n_excluded"] ?? "?"
      #expect(excluded == "", "\(row)")
      #expect(row["n_excluded_flag"] == "suppressed")
    }
    // No count of people below ten stands in any result.
    for file in folder.files(below: "out/results") {
      let table = CSVRecords(try folder.text("out/results/\(file)"))
      for row in table.rows {
        for (name, text) in row
        where name == "n" || name.hasPrefix("n_") && name != "n_clusters" && !name.hasSuffix("flag")
        {
          #expect(text.isEmpty || (Double(text) ?? 0) >= 10, "\(file) \(name) \(text)")
        }
      }
    }
    #expect(CSVRecords(try folder.text("out/disclosure_log.csv")).rows.count > 0)
    #expect(try folder.text("out/manifest.json").contains("\"acro-default\""))
  }

  @Test func theProfileNoneNeedsPublicData() throws {
    let folder = try TemporaryFolder([
      "people.csv": MadeUpStudy.sites(10, treated: 5),
      "study.yaml": MadeUpStudy.file(head: "disclosure: none"),
    ])
    let run = try run(folder)
    #expect(run.status == 65)
    #expect(run.errors.hasPrefix("study.yaml:4:13: error [bad-value]"), "\(run.errors)")
    #expect(folder.files() == ["people.csv", "study.yaml"])
  }

  @Test func aFailedRunLeavesTheOldReport() throws {
    let folder = try TemporaryFolder([
      "people.csv": MadeUpStudy.sites(10, treated: 5), "study.yaml": MadeUpStudy.file(),
    ])
    #expect(try run(folder).status == 0)
    let before = folder.files()
    let report = try folder.bytes("out/report.md")
    try folder.write("people.csv", MadeUpStudy.sites(10, treated: 5) + "1,\"open\n")
    #expect(try run(folder).status == 65)
    #expect(folder.files() == before)
    #expect(try folder.bytes("out/report.md") == report)
  }

  @Test func aFolderThatIsNoReportIsLeftAlone() throws {
    let folder = try TemporaryFolder([
      "people.csv": MadeUpStudy.sites(10, treated: 5), "study.yaml": MadeUpStudy.file(),
    ])
    try FileManager.default.createDirectory(
      at: folder.url.appendingPathComponent("out"), withIntermediateDirectories: true)
    try folder.write("out/mine.txt", "precious")
    let run = try run(folder)
    #expect(run.status == 1)
    #expect(run.errors.contains("[write-failure]"))
    #expect(folder.files() == ["out/mine.txt", "people.csv", "study.yaml"])
  }

  struct Mistake: Sendable, CustomTestStringConvertible {
    var from: String
    var into: String
    var place: String
    var says: String
    var testDescription: String { into.isEmpty ? "without \(from)" : into }
  }

  static let mistakes: [Mistake] = [
    Mistake(
      from: "title:", into: "tilte:", place: "study.yaml:2:1: ", says: "did you mean 'title'?"),
    Mistake(
      from: "question: Did it work?\n", into: "", place: "study.yaml:1:1: ", says: "question"),
    Mistake(from: "data:", into: "data: [", place: "study.yaml:", says: "[yaml-syntax]"),
    Mistake(
      from: "public: true", into: "public: 7", place: "study.yaml:4:9: ", says: "true or false"),
    Mistake(
      from: "people.csv", into: "absent.csv", place: "absent.csv: ", says: "[unreadable-file]"),
    Mistake(
      from: "  mechanism: policy", into: "  mechanism: polcy", place: "study.yaml:15:14: ",
      says: "did you mean 'policy'?"),
    Mistake(from: "t ~ x", into: "t ~ xx", place: "people.csv:1: ", says: "[unknown-column]"),
    Mistake(
      from: "treated: \"1\"", into: "treated: \"2\"", place: "study.yaml:10:12: ",
      says: "[unknown-level]"),
  ]

  @Test(arguments: mistakes) func mistakesAreLocated(_ mistake: Mistake) throws {
    let text = MadeUpStudy.file().replacingOccurrences(of: mistake.from, with: mistake.into)
    let folder = try TemporaryFolder([
      "people.csv": MadeUpStudy.sites(10, treated: 5), "study.yaml": text,
    ])
    for verb in [["run", "study.yaml", "--output", "out"], ["validate", "study.yaml"]] {
      let run = try CommandLineRun(arguments: verb, folder: folder.url)
      #expect(run.status == 65, "\(run.errors)")
      #expect(run.output == "")
      #expect(run.errors.contains(mistake.place), "\(run.errors)")
      #expect(run.errors.contains(mistake.says), "\(run.errors)")
    }
    #expect(folder.files() == ["people.csv", "study.yaml"])
  }
}

/// The string members of a JSON object.
struct JSONText {
  private let members: [String: Any]

  init(_ text: String) {
    let parsed = try? JSONSerialization.jsonObject(with: Data(text.utf8))
    members = parsed as? [String: Any] ?? [:]
  }

  subscript(key: String) -> String? { members[key] as? String }
}
