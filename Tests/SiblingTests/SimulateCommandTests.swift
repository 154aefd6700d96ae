import Foundation
import Testing

/// `sibling simulate`: the folder, its refusals and the same bytes again.
@Suite struct SimulateCommandTests {
  private static let small = [
    "--world", "effect", "--clients", "300", "--sites", "8", "--seed", "4",
  ]

  @Test func theFolderIsWholeAndTheSameAgain() throws {
    let folder = try TemporaryFolder()
    let first = folder.path + "/one"
    let second = folder.path + "/two"
    let run = try CommandLineRun(
      arguments: ["simulate"] + Self.small + ["--output", first, "--threads", "1"])
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.output.isEmpty)
    #expect(
      try CommandLineRun(
        arguments: ["simulate"] + Self.small + ["--output", second, "--threads", "3", "--quiet"]
      ).status == 0)
    let names = folder.files(below: "one")
    #expect(
      names == [
        "README.md", "claims.csv", "clients.csv", "contracts.csv", "costs.csv", "jobs.csv",
        "payer_shares.csv", "site_periods.csv", "sites.csv", "targets.csv", "tariffs.csv",
        "truth.csv",
      ])
    for name in names {
      let one = try Data(contentsOf: URL(fileURLWithPath: first + "/" + name))
      #expect(try one == Data(contentsOf: URL(fileURLWithPath: second + "/" + name)), "\(name)")
    }
    // Simulated data may be replaced by others.
    let again = try CommandLineRun(
      "simulate", "--world", "null", "--clients", "100", "--sites", "8", "--output", first)
    #expect(again.status == 0, "\(again.errors)")
    let truth = try String(contentsOfFile: first + "/truth.csv", encoding: .utf8)
    #expect(truth.contains("null,att,job_start,sib,0"))
  }

  @Test func otherFoldersAreLeftAlone() throws {
    let folder = try TemporaryFolder(["thesis.md": "years of work"])
    let run = try CommandLineRun(
      arguments: ["simulate"] + Self.small + ["--output", folder.path])
    #expect(run.status == 1)
    #expect(run.errors.contains("left alone"))
    #expect(folder.files() == ["thesis.md"])
  }

  @Test func refusals() throws {
    let folder = try TemporaryFolder()
    let output = ["--output", folder.path + "/out"]
    let calls: [([String], String)] = [
      (["--world", "efect"] + output, "effect"), (output, "no world is named"),
      (["--world", "null"], "no folder is named"),
      (["--world", "null", "--sites", "3"] + output, "3 sites"),
      (["--world", "null", "--clients", "0"] + output, "0 clients"),
      (["--world", "null", "--clients", "many"] + output, "--clients takes"),
      (["--world", "null", "--seed", "-1"] + output, "--seed takes"),
      (["--world", "null", "--sites", "10", "--sib-sites", "9"] + output, "9 of 10"),
    ]
    for (arguments, message) in calls {
      let run = try CommandLineRun(arguments: ["simulate"] + arguments)
      #expect(run.status == 64, "\(arguments)")
      #expect(run.errors.contains(message), "\(run.errors)")
    }
    #expect(folder.files().isEmpty)
  }

  @Test func theListNamesEveryWorld() throws {
    let run = try CommandLineRun("simulate", "--list")
    #expect(run.status == 0)
    let names = run.output.split(separator: "\n").map { String($0.prefix { $0 != ":" }) }
    #expect(
      names == [
        "effect", "null", "creaming", "gaming", "evidence-loss", "covid", "site-shock",
      ])
  }
}
