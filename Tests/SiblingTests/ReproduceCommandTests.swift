import Foundation
import TestSupport
import Testing

/// `reproduce` runs a report's study again; `diff` says what moved between two reports and why.
@Suite struct ReproduceCommandTests {
  private static func project() throws -> TemporaryFolder {
    try TemporaryFolder([
      "people.csv": people, "study.yaml": MadeUpStudy.file(level: "individual"),
    ])
  }

  /// People whose groups differ in x, so that a caliper leaves some out.
  private static let people: String = {
    var text = "id,site,t,x,y\n"
    for person in 1...200 {
      let treated = person % 2
      let x = Double((person * 17) % 43) / 43 + (treated == 1 ? 0.05 : 0)
      let y = x * x + Double((person * 37) % 101) / 101 + Double(treated)
      text += "\(person),s\(person % 10),\(treated),\(x),\(y)\n"
    }
    return text
  }()

  private func run(
    _ folder: TemporaryFolder, _ arguments: String...
  ) throws -> CommandLineRun {
    try CommandLineRun(arguments: arguments, folder: folder.url)
  }

  private func contents(_ folder: TemporaryFolder, _ report: String) throws -> [String: Data] {
    var all: [String: Data] = [:]
    for file in folder.files(below: report) { all[file] = try folder.bytes("\(report)/\(file)") }
    return all
  }

  @Test func theBytesDoNotDependOnThePlace() throws {
    let one = try Self.project()
    #expect(try run(one, "run", "study.yaml", "--output", "out", "-q").status == 0)
    let other = try TemporaryFolder()
    let place = other.url.appendingPathComponent("a place, é")
    try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
    for file in ["people.csv", "study.yaml"] {
      try FileManager.default.copyItem(
        at: one.url.appendingPathComponent(file), to: place.appendingPathComponent(file))
    }
    let again = try CommandLineRun(
      arguments: [
        "run", place.appendingPathComponent("study.yaml").path, "--output", "out", "--threads", "2",
      ], folder: other.url)
    #expect(again.status == 0, "\(again.errors)")
    #expect(try contents(one, "out") == contents(other, "out"))
    #expect(try one.text("out/report.md").contains("sibling run study.yaml\n"))
  }

  @Test func aReportIsReproducedAndADamagedOneIsNot() throws {
    let folder = try Self.project()
    #expect(try run(folder, "run", "study.yaml", "--output", "out", "-q").status == 0)
    let sound = try run(folder, "reproduce", "out")
    #expect(sound.status == 0, "\(sound.errors)")
    #expect(sound.rows.count > 10)
    #expect(sound.rows.allSatisfy { ["identical", "unchanged"].contains($0["verdict"]) })

    // A changed digit, a file less and a file more; a page that was made afterwards is nobody's fault.
    let path = "out/results/balance.csv"
    let text = try folder.text(path)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    let cells = lines[1].split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    let column = try #require(cells.firstIndex { Double($0) != nil })
    var changed = cells
    changed[column] = "0.123"
    try folder.write(path, text.replacing(lines[1], with: changed.joined(separator: ",")))
    try FileManager.default.removeItem(at: folder.url.appendingPathComponent("out/summary.md"))
    try folder.write("out/notes.txt", "mine")
    try folder.write("out/figures/flow.png", "made afterwards")
    let drift = try run(folder, "reproduce", "out")
    #expect(drift.status == 4)
    #expect(drift.errors.contains("error [drift]"))
    func row(_ file: String) -> [String: String]? { drift.rows.first { $0["file"] == file } }
    let bad = try #require(row("results/balance.csv"))
    #expect(bad["verdict"] == "differs" && bad["place"] == "row 1")
    #expect(bad["recorded"] == "0.123" && bad["again"] == cells[column])
    #expect(row("summary.md")?["verdict"] == "missing")
    #expect(row("notes.txt")?["verdict"] == "extra")
    #expect(row("figures/flow.png")?["verdict"] == "made apart")
    // Nothing is left of the rerun.
    let left = try FileManager.default.contentsOfDirectory(atPath: NSTemporaryDirectory())
    #expect(
      !left.contains { $0.hasPrefix("sibling-\(ProcessInfo.processInfo.processIdentifier)-") })
  }

  @Test func changedInputsAreToldBeforeAnythingRuns() throws {
    let folder = try Self.project()
    #expect(try run(folder, "run", "study.yaml", "--output", "out", "-q").status == 0)
    let data = try folder.text("people.csv")
    try folder.write("people.csv", data.replacing("\n2,", with: "\n2 ,"))
    let changed = try run(folder, "reproduce", "out")
    #expect(changed.status == 4)
    #expect(changed.errors.contains("'people.csv' is not what the report was made from"))
    #expect(changed.rows.first { $0["file"] == "people.csv" }?["verdict"] == "changed")
    #expect(!changed.rows.contains { $0["kind"] == "file" })

    try folder.write("people.csv", data)
    let study = try folder.text("study.yaml")
    try folder.write("study.yaml", study.replacing("\"t ~ x\"", with: "\"t ~ x\"\n  caliper: 0.3"))
    let other = try run(folder, "reproduce", "out")
    #expect(other.status == 4)
    #expect(other.rows.first { $0["file"] == "study.yaml" }?["place"] == "matching.caliper")
    #expect(try run(folder, "reproduce", "out", "--anyway").rows.count > 10)

    try FileManager.default.removeItem(at: folder.url.appendingPathComponent("study.yaml"))
    let lost = try run(folder, "reproduce", "out")
    #expect(lost.status == 65 && lost.errors.contains("--study"))
    #expect(try run(folder, "reproduce", "nowhere").status == 65)
  }

  @Test func privateCellsAreMasked() throws {
    let folder = try TemporaryFolder([
      "people.csv": MadeUpStudy.sites(10, treated: 5),
      "study.yaml": MadeUpStudy.file(level: "individual", head: "public: false"),
    ])
    #expect(try run(folder, "run", "study.yaml", "--output", "out", "-q").status == 0)
    let manifest = try folder.text("out/manifest.json")
    #expect(manifest.contains("\"matching.formula\": \"sha256:") && !manifest.contains("t ~ x"))
    let path = "out/results/estimates.csv"
    try folder.write(path, try folder.text(path).replacing("0.95", with: "0.9512345"))
    let drift = try run(folder, "reproduce", "out")
    #expect(drift.status == 4)
    #expect(drift.rows.first { $0["file"] == "results/estimates.csv" }?["recorded"] == "[c]")
    #expect(!(drift.output + drift.errors).contains("0.9512345"))
  }

  @Test func aFailedGateIsReproduced() throws {
    let folder = try TemporaryFolder([
      "people.csv": MadeUpStudy.sites(6, treated: 3), "study.yaml": MadeUpStudy.file(),
    ])
    #expect(try run(folder, "run", "study.yaml", "--output", "out", "-q").status == 2)
    let again = try run(folder, "reproduce", "out")
    #expect(again.status == 0, "\(again.errors)")
    #expect(again.rows.first { $0["kind"] == "status" }?["recorded"] == "2")
  }

  @Test func theMovedNumbersNameTheChangedKey() throws {
    let folder = try Self.project()
    #expect(try run(folder, "run", "study.yaml", "--output", "old", "-q").status == 0)
    let same = try run(folder, "diff", "old", "old", "--exit-code")
    #expect(same.status == 0 && same.rows.isEmpty)

    let study = try folder.text("study.yaml")
    try folder.write(
      "study.yaml",
      study.replacing("A made-up study", with: "Another").replacing(
        "\"t ~ x\"", with: "\"t ~ x\"\n  caliper: 0.05"))
    #expect(try run(folder, "run", "study.yaml", "--output", "new", "-q").status == 0)
    let diff = try run(folder, "diff", "old", "new", "--format", "csv")
    #expect(diff.status == 0, "\(diff.errors)")
    #expect(try run(folder, "diff", "old", "new", "--exit-code", "-q").status == 4)
    #expect(diff.rows.first?["what"] == "setting")
    let settings = diff.rows.filter { $0["what"] == "setting" }.compactMap { $0["column"] }
    #expect(settings == ["title", "matching.caliper"])
    let moved = diff.rows.filter { $0["what"] == "number" }
    #expect(!moved.isEmpty)
    // The title moves no number, and nobody was left out.
    #expect(moved.allSatisfy { $0["because"] == "matching.caliper" })
    #expect(!moved.contains { $0["file"] == "results/attrition.csv" })
    let estimate = try #require(
      moved.first { $0["column"] == "estimate" && $0["row"]?.contains("gcomp") == true })
    func number(_ name: String) throws -> Double {
      try #require(estimate[name].flatMap { Double($0) })
    }
    #expect(try (number("new") - number("old") - number("change")).magnitude < 1e-9)
    let error = CSVRecords(try folder.text("old/results/estimates.csv")).rows.first {
      $0["estimator"] == "gcomp" && $0["analysis"] == "matched"
    }?["std.error"].flatMap { Double($0) }
    let inErrors = try number("change") / #require(error)
    #expect(try (number("change_in_se") - inErrors).magnitude < 1e-6)
    for format in ["table", "md", "json"] {
      #expect(try run(folder, "diff", "old", "new", "--format", format).status == 0)
    }
  }

  @Test func aChangedNumberWithoutACauseIsUnexplained() throws {
    let folder = try Self.project()
    #expect(try run(folder, "run", "study.yaml", "--output", "old", "-q").status == 0)
    try FileManager.default.copyItem(
      at: folder.url.appendingPathComponent("old"), to: folder.url.appendingPathComponent("new"))
    let path = "new/results/balance.csv"
    try folder.write(path, try folder.text(path).replacing("adjusted,0.", with: "adjusted,0.9"))
    let diff = try run(folder, "diff", "old", "new", "--format", "csv")
    #expect(!diff.rows.isEmpty)
    #expect(diff.rows.allSatisfy { $0["because"]?.hasPrefix("unexplained") == true })
  }

  @Test func theCacheIsOffUnlessAskedForAndGivesTheSameBytes() throws {
    let folder = try Self.project()
    #expect(try run(folder, "run", "study.yaml", "--output", "plain", "-q").status == 0)
    #expect(folder.files() == folder.files().filter { !$0.hasSuffix(".part") })
    let inside = try run(folder, "run", "study.yaml", "--output", "out", "--cache", "out/cache")
    #expect(inside.status == 65)
    #expect(inside.errors.contains("disclosure control has not seen"))
    for name in ["first", "second"] {
      let kept = try run(folder, "run", "study.yaml", "--output", name, "--cache", "kept")
      #expect(kept.status == 0, "\(kept.errors)")
      #expect(kept.errors.contains(", 0 ran") == (name == "second"), "\(kept.errors)")
      #expect(try contents(folder, name) == contents(folder, "plain"))
    }
  }
}
