import Foundation
import TestSupport
import Testing

/// Every template is a study that is sound and runs, and nothing is ever written over.
@Suite struct InitCommandTests {
  @Test(arguments: ["mhep", "psm", "did", "survival"])
  func aTemplateRunsAsItIs(_ name: String) throws {
    let folder = try TemporaryFolder()
    let study = folder.url.appendingPathComponent("new")
    let made = try CommandLineRun("init", study.path, "--template", name)
    #expect(made.status == 0, "\(made.errors)")
    let file = study.appendingPathComponent("study.yaml").path
    let checked = try CommandLineRun("validate", file)
    #expect(checked.status == 0, "\(checked.errors)")
    let report = folder.url.appendingPathComponent("report").path
    let run = try CommandLineRun("run", file, "--output", report, "-q")
    #expect(run.status == 0, "\(run.errors)")
    let summary = try String(contentsOfFile: report + "/summary.md", encoding: .utf8)
    #expect(!summary.contains("No result"))
  }

  @Test func theSameTemplateGivesTheSameBytes() throws {
    let folder = try TemporaryFolder()
    for name in ["one", "two"] {
      let path = folder.url.appendingPathComponent(name).path
      #expect(try CommandLineRun("init", path, "--template", "mhep", "-q").status == 0)
    }
    let files = try FileManager.default.subpathsOfDirectory(
      atPath: folder.url.appendingPathComponent("one").path)
    #expect(files.count > 10)
    for file in files where file.hasSuffix(".csv") || file.hasSuffix(".yaml") {
      let (a, b) = ("one/\(file)", "two/\(file)")
      #expect(
        try Data(contentsOf: folder.url.appendingPathComponent(a))
          == Data(contentsOf: folder.url.appendingPathComponent(b)))
    }
  }

  @Test func whatIsThereIsLeftAlone() throws {
    let folder = try TemporaryFolder()
    let own = folder.url.appendingPathComponent("notes.txt")
    try Data("mine".utf8).write(to: own)
    let run = try CommandLineRun("init", folder.path)
    #expect(run.status == 1)
    #expect(run.errors.contains("not empty"))
    #expect(try String(contentsOf: own, encoding: .utf8) == "mine")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["notes.txt"])
  }

  @Test func anUnknownTemplateIsRefused() throws {
    let run = try CommandLineRun("init", "/nowhere/at/all", "--template", "survivl")
    #expect(run.status == 64)
    #expect(run.errors.contains("survival"))
  }
}
