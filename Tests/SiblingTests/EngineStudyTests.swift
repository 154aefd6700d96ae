import Foundation
import Testing

/// Studies whose data are on an engine.
@Suite struct EngineStudyTests {
  private func folder(_ data: String, head: String = "public: true") throws -> TemporaryFolder {
    let study = MadeUpStudy.file(level: "individual", head: head)
      .replacing("  file: people.csv\n", with: data)
    return try TemporaryFolder([
      "people.csv": MadeUpStudy.sites(12, treated: 6), "study.yaml": study,
    ])
  }

  private func run(_ folder: TemporaryFolder, _ name: String = "report") throws -> CommandLineRun {
    try CommandLineRun(
      "run", folder.path + "/study.yaml", "--output", folder.path + "/" + name)
  }

  @Test func rowsGiveTheSameReportAsAFile() throws {
    let file = try folder("  file: people.csv\n")
    let rows = try folder("  engine: memory\n  source: people.csv\n")
    #expect(try run(file).status == 0)
    #expect(try run(rows).status == 0)
    let names = file.files(below: "report/results")
    #expect(names.contains("estimates.csv"))
    for name in names {
      let path = "report/results/" + name
      #expect(try file.bytes(path) == rows.bytes(path), "\(name)")
    }
    let manifest = try rows.text("report/manifest.json")
    #expect(manifest.contains("\"kind\": \"memory\"") || manifest.contains("\"kind\":\"memory\""))
  }

  @Test func sumsCountTheRulesAsRowsDo() throws {
    let rows = try folder("  engine: memory\n  source: people.csv\n")
    let sums = try folder("  engine: memory\n  source: people.csv\n  by: sums\n")
    #expect(try run(rows).status == 0)
    let outcome = try run(sums)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let path = "report/results/attrition.csv"
    #expect(try rows.text(path) == sums.text(path))
    let report = try sums.text("report/report.md")
    #expect(report.contains("no row of a person left the engine"))
    #expect(report.contains("from sums it can't be had"))
  }

  @Test func aReportBySumsIsReproduced() throws {
    let sums = try folder("  engine: memory\n  source: people.csv\n  by: sums\n")
    #expect(try run(sums).status == 0)
    let again = try CommandLineRun(
      "reproduce", sums.path + "/report", "--study", sums.path + "/study.yaml")
    #expect(again.status == 0, "\(again.errors)")
  }

  @Test(arguments: [
    ("  engine: memory\n", "missing-key"),
    ("  file: people.csv\n  source: people.csv\n", "bad-value"),
    ("  file: people.csv\n  by: sums\n", "bad-value"),
    ("  engine: memory\n  source: people.csv\n  file: people.csv\n", "bad-value"),
    ("  engine: duckdb\n  source: people.csv\n  types: {id: text}\n", "bad-value"),
    (
      "  engine: memory\n  source: people.csv\n  by: sums\n  joins: {file: a.csv, by: id}\n",
      "bad-value"
    ),
  ])
  func keysThatDoNotGoTogetherAreRefused(_ data: String, _ code: String) throws {
    let outcome = try run(try folder(data))
    #expect(outcome.status == 65)
    #expect(outcome.errors.contains("[\(code)]"), "\(outcome.errors)")
    #expect(outcome.errors.contains("study.yaml:"))
  }

  @Test func rowsStayInTheEngineUnderSuchAProfile() throws {
    let folder = try folder(
      "  engine: memory\n  source: people.csv\n", head: "disclosure: opensafely")
    let outcome = try run(folder)
    #expect(outcome.status == 3)
    #expect(outcome.errors.contains("by: sums"))
    #expect(folder.files().filter { $0.hasPrefix("report/") }.isEmpty)
  }

  @Test func aDesignThatNamesAnOutcomeIsRefusedBySumsToo() throws {
    let folder = try folder("  engine: memory\n  source: people.csv\n  by: sums\n")
    let study = try folder.text("study.yaml").replacing("t ~ x", with: "t ~ x + y")
    try folder.write("study.yaml", study)
    let outcome = try run(folder)
    #expect(outcome.status == 65 && outcome.errors.contains("the design may not see it"))
  }
}
