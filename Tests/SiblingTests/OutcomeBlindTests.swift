import Foundation
import TestSupport
import Testing

/// The design of a study can't see outcomes, and what may be said of them doesn't leak.
@Suite("The design is blind to outcomes") struct OutcomeBlindTests {
  private func folder(
    _ people: String, _ study: String = MadeUpStudy.file(), more: String = ""
  ) throws -> TemporaryFolder {
    try TemporaryFolder(["people.csv": people, "study.yaml": study + more])
  }

  private func run(_ folder: TemporaryFolder) throws -> CommandLineRun {
    try CommandLineRun(
      arguments: ["run", "study.yaml", "--output", "out"], folder: folder.url)
  }

  /// The made-up people with their outcomes put in another order and scale.
  private func poisoned(_ text: String) -> String {
    var lines = text.split(separator: "\n").map(String.init)
    let outcomes = lines.dropFirst().map { $0.split(separator: ",").last.map(String.init) ?? "" }
    for (place, outcome) in outcomes.reversed().enumerated() {
      var fields = lines[place + 1].split(separator: ",").map(String.init)
      fields[4] = "\(-1000 * (Double(outcome) ?? 0))"
      lines[place + 1] = fields.joined(separator: ",")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  @Test("poisoned outcomes leave every table of the design as it is, byte by byte")
  func poison() throws {
    let people = MadeUpStudy.sites(12, treated: 6)
    let clean = try folder(people)
    let other = try folder(poisoned(people))
    #expect(try run(clean).status == 0)
    #expect(try run(other).status == 0)
    #expect(clean.files() == other.files())
    for file in ["attrition", "balance", "diagnostics"] {
      let path = "out/results/\(file).csv"
      #expect(try clean.bytes(path) == other.bytes(path), "\(file)")
    }
    // The trap works: the effects have changed.
    #expect(
      try clean.bytes("out/results/estimates.csv") != other.bytes("out/results/estimates.csv"))
    let plans = try [clean, other].map {
      try CommandLineRun(
        arguments: ["plan", "study.yaml", "--format", "csv"], folder: $0.url
      ).output
    }
    // Only the file's size differs in what is planned.
    let rows = plans.map { CSVRecords($0).rows.filter { $0["part"] != "data" } }
    #expect(rows[0] == rows[1])
    #expect(rows[0].count > 10)
  }

  @Test(
    "a design that names an outcome is refused where it does",
    arguments: [
      ("  formula: \"t ~ x\"", "  formula: \"t ~ x + y\"", 25, "'y' is an outcome"),
      ("  formula: \"t ~ x\"", "  formula: \"t ~ x + log(1 + y)\"", 25, "'y' is an outcome"),
      ("  formula: \"t ~ x\"", "  formula: \"t ~ x\"\n  distance: y", 26, "'y' is an outcome"),
      (
        "  formula: \"t ~ x\"", "  formula: \"t ~ x\"\n  covariate-caliper: {y: 1}", 26,
        "'y' is an outcome"
      ),
      (
        "  formula: \"t ~ x\"",
        "  formula: \"t ~ x\"\n  alternatives: [{name: other, exact: [site, y]}]", 26,
        "'y' is an outcome"
      ),
      (
        "  id: id", "  id: id\n  derive: [rich = y > 1, richer = 1 * rich]\nseed: 1", 27, ""
      ),
    ])
  func refused(_ from: String, _ into: String, _ line: Int, _ words: String) throws {
    var text = MadeUpStudy.file().replacingOccurrences(of: from, with: into)
    if words.isEmpty { text = text.replacingOccurrences(of: "t ~ x", with: "t ~ x + richer") }
    let folder = try folder(MadeUpStudy.sites(10, treated: 5), text)
    for verb in [
      ["run", "study.yaml", "--output", "out"], ["plan", "study.yaml"], ["validate", "study.yaml"],
    ] {
      let run = try CommandLineRun(arguments: verb, folder: folder.url)
      #expect(run.status == 65)
      #expect(run.output == "")
      #expect(
        run.errors.contains(words.isEmpty ? "'richer' is computed from 'rich'" : words),
        "\(run.errors)")
      #expect(run.errors.contains("the design may not see it"), "\(run.errors)")
      #expect(run.errors.contains("study.yaml:\(line):"), "\(run.errors)")
    }
    #expect(folder.files() == ["people.csv", "study.yaml"])
  }

  @Test("a dot in the formula stands for what was recorded before")
  func dot() throws {
    let dotted = MadeUpStudy.file().replacingOccurrences(of: "t ~ x", with: "t ~ . - id - site")
    let folder = try folder(MadeUpStudy.sites(12, treated: 6), dotted)
    let run = try run(folder)
    #expect(run.status == 0, "\(run.errors)")
    let balance = CSVRecords(try folder.text("out/results/balance.csv")).rows
    #expect(Set(balance.compactMap { $0["covariate"] }).contains("x"))
    #expect(!balance.contains { $0["covariate"] == "y" })
  }

  @Test("a rule that chooses by an outcome is warned of; one that asks whether it is known is not")
  func rules() throws {
    let people = MadeUpStudy.sites(12, treated: 6)
    let known = try folder(people)
    #expect(try run(known).status == 0)
    #expect(
      CSVRecords(try known.text("out/results/diagnostics.csv")).row([
        "check": "rules that read outcomes"
      ]) == nil)
    let chosen = try folder(
      people,
      MadeUpStudy.file().replacingOccurrences(of: "!is.na(y)", with: "!is.na(y) & y > 0.2"))
    #expect(try run(chosen).status == 0)
    let checks = CSVRecords(try chosen.text("out/results/diagnostics.csv"))
    #expect(checks.row(["check": "rules that read outcomes"])?["status"] == "WARN")
    #expect(try chosen.text("out/summary.md").contains("chooses people by what happened"))
  }

  @Test("a rule that leaves out unknown outcomes does not hide how many there are")
  func unknown() throws {
    var lines = MadeUpStudy.sites(12, treated: 6).split(separator: "\n").map(String.init)
    // Of the treated every second outcome is unknown, of the others none.
    for place in lines.indices.dropFirst() where place % 2 == 0 && place <= 240 {
      lines[place] = lines[place].split(separator: ",").dropLast().joined(separator: ",") + ","
    }
    let folder = try folder(lines.joined(separator: "\n") + "\n")
    let run = try run(folder)
    #expect(run.status == 2, "\(run.errors)")
    let checks = CSVRecords(try folder.text("out/results/diagnostics.csv"))
    #expect(checks.number("value", ["check": "missing evidence"]) == 0.5)
    #expect(checks.row(["check": "missing evidence"])?["status"] == "FAIL")
    #expect(checks.number("value", ["check": "missing evidence by arm"]) == 0.5)
  }
}
