import Foundation
import TestSupport
import Testing

/// `sibling plan`, the lock that it writes, and the deviations that a run lists.
@Suite("The plan of a study") struct PlanCommandTests {
  private func folder(_ more: String = "") throws -> TemporaryFolder {
    try TemporaryFolder([
      "people.csv": MadeUpStudy.sites(10, treated: 5), "study.yaml": MadeUpStudy.file() + more,
    ])
  }

  private func sibling(_ folder: TemporaryFolder, _ arguments: String...) throws -> CommandLineRun {
    try CommandLineRun(arguments: arguments, folder: folder.url)
  }

  @Test("the plan says what would run and leaves outcomes to the run")
  func listing() throws {
    let folder = try folder("gate: {smallest-effect: {y: 0.5}}\n")
    let run = try sibling(folder, "plan", "study.yaml", "--format", "json")
    #expect(run.status == 0, "\(run.errors)")
    let rows =
      try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [[String: String]] ?? []
    func what(_ part: String, _ name: String) -> String? {
      rows.first { $0["part"] == part && $0["name"] == name }?["what"]
    }
    #expect(what("design", "t ~ x")?.contains("nearest-neighbour") == true)
    #expect(what("effect", "y")?.contains("gcomp, difference") == true)
    #expect(what("gate", "balance") != nil)
    for check in ["missing evidence", "minimum detectable effect"] {
      #expect(what("gate", check)?.contains("left to the run") == true, "\(check)")
    }
    #expect(what("disclosure", "none") != nil)
    #expect(what("left out", "survival") != nil)
    #expect(what("plan", "sha256")?.count == 64)
    #expect(folder.files() == ["people.csv", "study.yaml"])
  }

  @Test("a plan is fixed once, and a run of the same study departs from nothing")
  func lockAndRun() throws {
    let folder = try folder()
    let first = try sibling(
      folder, "plan", "study.yaml", "--lock", "plan.lock.yaml", "--date", "2026-01-31", "-q")
    #expect(first.status == 0, "\(first.errors)")
    let lock = try folder.text("plan.lock.yaml")
    #expect(
      lock.contains("date: \"2026-01-31\"") && lock.contains("\"matching.formula\": \"t ~ x\""))
    let again = try sibling(folder, "plan", "study.yaml", "--lock", "plan.lock.yaml")
    #expect(again.status == 1)
    #expect(again.errors.contains("is not written over"))
    #expect(try folder.text("plan.lock.yaml") == lock)
    let study = try folder.text("study.yaml")
    try folder.write("study.yaml", study + "plan: {file: plan.lock.yaml}\n")
    let run = try sibling(folder, "run", "study.yaml", "--output", "out")
    #expect(run.status == 0, "\(run.errors)")
    #expect(!folder.files().contains("out/results/deviations.csv"))
    let report = try folder.text("out/report.md")
    #expect(report.contains("nothing has changed"))
    #expect(report.contains("on 2026-01-31 as its author states"))
    let manifest = JSONText(try folder.text("out/manifest.json"))
    let hash = try #require(manifest["plan_sha256"])
    #expect(lock.contains(hash))
    #expect(manifest["study_sha256"]?.count == 64 && manifest["study_sha256"] != hash)
    #expect(
      try sibling(folder, "plan", "study.yaml", "--lock", "plan.lock.yaml", "--replace").status == 0
    )
    #expect(try folder.text("plan.lock.yaml").contains(hash))
  }

  @Test("what has changed since is listed, and warned of where no reason is given")
  func deviations() throws {
    let folder = try folder()
    #expect(try sibling(folder, "plan", "study.yaml", "--lock", "p.yaml", "-q").status == 0)
    let study = try folder.text("study.yaml")
    func run(_ more: String) throws -> (rows: CSVRecords, summary: String) {
      let text = study.replacingOccurrences(
        of: "  formula: \"t ~ x\"", with: "  formula: \"t ~ x\"\n  exact: x")
      try folder.write("study.yaml", text + more)
      let run = try sibling(folder, "run", "study.yaml", "--output", "out")
      #expect(run.status == 0, "\(run.errors)")
      return (
        CSVRecords(try folder.text("out/results/deviations.csv")),
        try folder.text("out/summary.md")
      )
    }
    let (rows, summary) = try run("plan: {file: p.yaml}\n")
    #expect(rows.rows.compactMap { $0["key"] } == ["matching.exact", "design"])
    #expect(rows.row(["key": "matching.exact"])?["now"] == "x")
    #expect(rows.row(["key": "matching.exact"])?["change"] == "added")
    #expect(rows.row(["key": "design"])?["change"] == "changed")
    #expect(
      summary.contains("**WARN**, plan: the study departs from its locked plan without a reason"))
    let (explained, told) = try run(
      """
      plan:
        file: p.yaml
        deviations:
          - {key: matching, reason: pairs were too far apart, outcomes-seen: false}
          - {key: design, reason: as its pairs were changed}

      """)
    #expect(explained.row(["key": "matching.exact"])?["reason"] == "pairs were too far apart")
    #expect(explained.row(["key": "matching.exact"])?["outcomes_seen"] == "no")
    #expect(!told.contains("**WARN**, plan"))
    #expect(told.contains("for reasons that are given"))
    #expect(try folder.text("out/report.md").contains("pairs were too far apart"))
  }

  @Test("a lock that is none, changed or another study's is refused before data are read")
  func refusals() throws {
    let folder = try folder("plan: {file: p.yaml}\n")
    try folder.write("people.csv", "not,read\n1,2\n")
    let absent = try sibling(folder, "run", "study.yaml", "--output", "out")
    #expect(absent.status == 65)
    #expect(absent.errors.contains("can't read the locked plan"))
    #expect(absent.errors.contains("study.yaml:29:14: "), "\(absent.errors)")
    try folder.write("p.yaml", "just: text\n")
    #expect(
      try sibling(folder, "run", "study.yaml", "--output", "out").errors.contains("no locked plan"))
    let whole = try self.folder()
    #expect(try sibling(whole, "plan", "study.yaml", "--lock", "p.yaml", "-q").status == 0)
    let lock = try whole.text("p.yaml")
    try folder.write("p.yaml", lock.replacingOccurrences(of: "\"t ~ x\"", with: "\"t ~ w\""))
    #expect(
      try sibling(folder, "run", "study.yaml", "--output", "out").errors.contains(
        "changed after it was written"))
    try folder.write(
      "p.yaml", lock.replacingOccurrences(of: "study: \"made\"", with: "study: \"b\""))
    #expect(
      try sibling(folder, "run", "study.yaml", "--output", "out").errors.contains("another study"))
    for arguments in [["--replace"], ["--date", "2026-01-31"]] {
      let run = try CommandLineRun(
        arguments: ["plan", "study.yaml"] + arguments, folder: whole.url)
      #expect(run.status == 64)
    }
    let date = try sibling(whole, "plan", "study.yaml", "--lock", "q.yaml", "--date", "tomorrow")
    #expect(date.status == 64)
    #expect(!whole.files().contains("q.yaml"))
  }
}
