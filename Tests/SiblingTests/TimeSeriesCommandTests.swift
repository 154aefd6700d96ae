import Foundation
import TestSupport
import Testing

/// `did-sensitivity`, `its`, and panels with something wrong, through the real binary.
@Suite struct TimeSeriesCommands {
  private static let castle = [
    "Data/castle/castle.csv", "--outcome", "l_homicide", "--unit", "sid", "--time", "year",
  ]
  private static let mpdta = [
    "Data/mpdta/mpdta.csv", "--outcome", "lemp", "--unit", "countyreal", "--time", "year",
  ]
  private static let series = "Tests/Reference/panels/interrupted_series.csv"

  private func succeed(_ arguments: [String]) throws -> CommandLineRun {
    let run = try CommandLineRun(arguments: arguments)
    #expect(run.status == 0, "\(run.errors)")
    return run
  }

  @Test func leavingEachStateOut() throws {
    let run = try succeed(
      ["did-sensitivity"] + Self.castle + [
        "--group", "first_post", "--method", "twfe", "--cluster", "sid", "--leave-out", "unit",
        "--exclude-periods", "2008,2009", "--placebo-dates", "1,2",
      ])
    #expect(run.rows.map { $0["kind"] ?? "" }.filter { $0 == "leave-out" }.count == 50)
    #expect(run.rows.count == 1 + 50 + 3 + 2)
    #expect(run.rows[0]["kind"] == "full" && run.rows[0]["left_out"] == "")
    #expect(close(run.first("estimate"), 0.0693984292839, .published))
    #expect(close(run.first("std.error"), 0.0558596352601, .published))
    #expect(run.errors.contains("leaving out one of 50 in turn"))
    // A row is the same as the verb on the rows that are left.
    let alone = try succeed(
      ["did"] + Self.castle + [
        "--group", "first_post", "--method", "twfe", "--cluster", "sid", "--where", "sid != 42",
      ])
    let left = run.number("estimate", where: "left_out", is: "42")
    #expect(close(left, alone.number("estimate", term: "ATT"), .closedForm))
    let masked = try succeed(
      ["did"] + Self.castle + [
        "--group", "first_post", "--method", "twfe", "--exclude-periods", "2008,2009",
      ])
    let filtered = try succeed(
      ["did"] + Self.castle + [
        "--group", "first_post", "--method", "twfe", "--where", "year != 2008 & year != 2009",
      ])
    #expect(masked.output == filtered.output)
    #expect(masked.errors.contains("leaves out 2008, 2009: 100 of 550 rows"))
    let both = run.number("estimate", where: "left_out", is: "2008,2009")
    #expect(close(both, masked.number("estimate", term: "ATT"), .closedForm))
  }

  @Test func groupTimeEffectsAgain() throws {
    let run = try succeed(
      ["did-sensitivity"] + Self.mpdta + [
        "--group", "first.treat", "--exclude-periods", "2005", "--placebo-dates", "1",
        "--placebo-starts", "2005",
      ])
    #expect(
      run.rows.map { $0["kind"] } == ["full", "exclude-periods", "placebo-date", "placebo-date"])
    #expect(close(run.first("estimate"), -0.0399512752, Tolerance(relative: 1e-8)))
    #expect(close(run.first("std.error"), 0.0120340128, Tolerance(relative: 1e-8)))
    let study = try succeed(
      ["event-study"] + Self.mpdta + ["--group", "first.treat", "--exclude-periods", "2003"])
    #expect(!study.rows.contains { $0["term"] == "e=-4" })
    #expect(study.errors.contains("leaves out 2003"))
  }

  @Test func groupsFromTreatment() throws {
    let told = try succeed(["did"] + Self.castle + ["--treatment", "post", "--method", "twfe"])
    let given = try succeed(["did"] + Self.castle + ["--group", "first_post", "--method", "twfe"])
    #expect(told.output == given.output)
    #expect(told.errors.contains("groups come from 'post'"))
    // An excluded first period of treatment does not move the group.
    let masked = try succeed(
      ["event-study"] + Self.castle + ["--treatment", "post", "--exclude-periods", "2007"])
    let same = try succeed(
      ["event-study"] + Self.castle + ["--group", "first_post", "--exclude-periods", "2007"])
    #expect(masked.output == same.output)
  }

  @Test func interruptedSeries() throws {
    let golden = try Golden.json("panels/interrupted_series.json")
    let base = ["its", Self.series, "--outcome", "y", "--time", "time", "--interruption", "29"]
    let one = try succeed(base + ["--where", "treated == 1", "--at", "8"])
    #expect(
      one.rows.map { $0["term"] } == ["(Intercept)", "time", "level", "slope", "effect(8)"])
    let coefficients = Array(one.numbers("estimate").prefix(4))
    #expect(close(coefficients, golden["nw"]["b"].doubles, .published))
    #expect(
      close(Array(one.numbers("std.error").prefix(4)), golden["nw"]["se"].doubles, .published))
    let effect = golden["nw"]["effect8"].doubles
    #expect(close(one.number("std.error", term: "effect(8)"), effect[1], .published))
    #expect(one.errors.contains("NW, lag 3") && one.errors.contains("Durbin–Watson 0.61906"))
    let winsten = try succeed(base + ["--where", "treated == 1", "--method", "prais-winsten"])
    #expect(close(winsten.numbers("std.error"), golden["pw"]["se"].doubles, .published))
    let two = try succeed(base + ["--comparison", "treated"])
    #expect(close(two.numbers("estimate"), golden["comparison"]["b"].doubles, .published))
    let paths = try succeed(base + ["--comparison", "treated", "--paths"])
    #expect(paths.rows.count == 96)
    let counts = try succeed(
      [
        "its", Self.series, "--outcome", "n", "--time", "time", "--interruption", "29", "--where",
        "treated == 1", "--family", "poisson", "--exposure", "exposure", "--exponentiate",
      ])
    #expect(
      close(
        counts.numbers("estimate").map { log($0) }, golden["countnw"]["b"].doubles, .published))
  }

  @Test func plannedSites() throws {
    let base = [
      "power", "--design", "did", "--sites-treated", "5", "--sites-comparison", "10",
      "--periods-before", "4", "--periods-after", "4", "--sd", "1",
    ]
    let run = try succeed(base)
    // √(1·8/16·(1/5 + 1/10)) and t(13)
    let error = run.number("value", where: "quantity", is: "std.error")
    #expect(close(error, 0.15.squareRoot(), .closedForm))
    let effect = run.number("value", where: "quantity", is: "detectable.effect")
    #expect(close(effect / error, 3.030521, Tolerance(relative: 1e-6)))
    let again = try succeed(base + ["--effect", "\(effect)"])
    #expect(close(again.number("value", where: "quantity", is: "power"), 0.8, .converged))
    for wrong in [["--hazard-ratio", "0.5"], ["--icc", "0.1"], ["--autocorrelation", "2"]] {
      #expect(try CommandLineRun(arguments: base + wrong).status == 64)
    }
    #expect(try CommandLineRun(arguments: Array(base.dropLast(2))).status == 64)
    let other = ["power", "--hazard-ratio", "0.5", "--sd", "1"]
    #expect(try CommandLineRun(arguments: other).status == 64)
  }

  /// Sites, periods, first treated periods, treatment, clusters.
  private static let good = """
    u,t,g,d,c,y
    1,1,3,0,a,1.0
    1,2,3,0,a,1.2
    1,3,3,1,a,2.5
    1,4,3,1,a,2.7
    2,1,0,0,b,0.5
    2,2,0,0,b,0.7
    2,3,0,0,b,0.6
    2,4,0,0,b,0.9
    3,1,0,0,b,0.4
    3,2,0,0,b,0.6
    3,3,0,0,b,0.9
    3,4,0,0,b,1.1

    """
  private static func panel(_ old: String, _ new: String) -> String {
    good.replacingOccurrences(of: old, with: new)
  }
  private static func panelCall(
    _ verb: String, file: String = "d.csv", _ options: [String]
  ) -> [String] {
    [verb, file, "--outcome", "y", "--unit", "u", "--time", "t"] + options
  }

  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var data: String
    var arguments: [String]
    var says: [String]
    var testDescription: String { name }
  }

  static let refused: [Case] = [
    Case(
      name: "a unit twice in a period", data: panel("2,3,0,0,b", "2,2,0,0,b"),
      arguments: panelCall("did", ["--group", "g"]), says: ["d.csv:8", "[duplicate-key]"]),
    Case(
      name: "a group that changes", data: panel("1,3,3,1,a", "1,3,4,1,a"),
      arguments: panelCall("did", ["--group", "g"]),
      says: ["d.csv:4", "[bad-design]", "two groups"]),
    Case(
      name: "a cluster that changes", data: panel("2,3,0,0,b", "2,3,0,0,c"),
      arguments: panelCall("did", ["--group", "g", "--cluster", "c"]),
      says: ["d.csv:8", "[bad-design]", "moves between clusters"]),
    Case(
      name: "treatment that ends", data: panel("1,4,3,1,a", "1,4,3,0,a"),
      arguments: panelCall("did", ["--treatment", "d"]),
      says: ["d.csv:5:7: ", "[bad-design]", "treatment ends"]),
    Case(
      name: "treatment that ends, event study", data: panel("1,4,3,1,a", "1,4,3,0,a"),
      arguments: panelCall("event-study", ["--treatment", "d"]), says: ["d.csv:5:7: "]),
    Case(
      name: "treatment that is neither", data: panel("2,4,0,0,b", "2,4,0,3,b"),
      arguments: panelCall("did", ["--treatment", "d"]), says: ["d.csv:9:7: ", "[bad-value]"]),
    Case(
      name: "nobody treated", data: panel("1,3,3,1,a,2.5\n1,4,3,1", "1,3,3,0,a,2.5\n1,4,3,0"),
      arguments: panelCall("did", ["--treatment", "d"]), says: ["[constant-treatment]"]),
    Case(
      name: "both group and treatment", data: good,
      arguments: panelCall("did", ["--treatment", "d", "--group", "g"]), says: ["[invalid-option]"]),
    Case(
      name: "no such period", data: good,
      arguments: panelCall("did", ["--group", "g", "--exclude-periods", "9"]),
      says: ["[invalid-option]", "the periods are: 1, 2, 3, 4"]),
    Case(
      name: "no period before is left", data: good,
      arguments: panelCall("did", ["--group", "g", "--exclude-periods", "1,2"]),
      says: ["[bad-design]"]),
    Case(
      name: "no cluster to leave out", data: good,
      arguments: panelCall("did-sensitivity", ["--group", "g", "--leave-out", "cluster"]),
      says: ["[invalid-option]", "--cluster"]),
    Case(
      name: "half a period", data: good,
      arguments: panelCall("did-sensitivity", ["--group", "g", "--placebo-dates", "0.5"]),
      says: ["[invalid-option]", "whole numbers"]),
    Case(
      name: "a series twice at a time", data: good,
      arguments: ["its", "d.csv", "--outcome", "y", "--time", "t", "--interruption", "3"],
      says: ["d.csv:6", "[duplicate-key]"]),
    Case(
      name: "too short a series", data: good,
      arguments: [
        "its", "d.csv", "--outcome", "y", "--time", "t", "--interruption", "3", "--where", "u == 1",
      ], says: ["d.csv: ", "[too-few-observations]", "2 points before 3"]),
    Case(
      name: "clusters of one series", data: good,
      arguments: [
        "its", "d.csv", "--outcome", "y", "--time", "t", "--interruption", "3", "--cluster", "u",
      ], says: ["[invalid-option]"]),
  ]

  @Test(arguments: refused) func refuses(_ bad: Case) throws {
    let folder = try TemporaryFolder(["d.csv": bad.data])
    let run = try CommandLineRun(arguments: bad.arguments, folder: folder.url)
    #expect(run.status == 64 || run.status == 65, "\(run.errors)")
    #expect(run.output == "")
    for text in bad.says { #expect(run.errors.contains(text), "\(text) in:\n\(run.errors)") }
    withExtendedLifetime(folder) {}
  }

  /// What is no mistake is told, and counted.
  @Test func toldNotRefused() throws {
    let gap = Self.panel("3,3,0,0,b,0.9\n", "")
    let folder = try TemporaryFolder([
      "gap.csv": gap, "moves.csv": Self.panel("2,3,0,0,b", "2,3,0,0,c"),
      "all.csv": Self.panel("2,1,0,0", "2,1,4,0").replacingOccurrences(of: "2,2,0", with: "2,2,4")
        .replacingOccurrences(of: "2,3,0", with: "2,3,4")
        .replacingOccurrences(of: "2,4,0", with: "2,4,4")
        .replacingOccurrences(of: "3,1,0", with: "3,1,4")
        .replacingOccurrences(of: "3,2,0", with: "3,2,4")
        .replacingOccurrences(of: "3,3,0", with: "3,3,4")
        .replacingOccurrences(of: "3,4,0", with: "3,4,4"),
    ])
    func run(_ file: String, _ options: [String]) throws -> CommandLineRun {
      let run = try CommandLineRun(
        arguments: Self.panelCall("did", file: file, ["--group", "g"] + options),
        folder: folder.url)
      #expect(run.status == 0, "\(run.errors)")
      return run
    }
    #expect(
      try run("gap.csv", []).errors.contains("without a row in some period")
    )
    let regression = try run("gap.csv", ["--method", "twfe"])
    #expect(
      regression.errors.contains("1 unit is without a row in some period, 1 of them with a gap"))
    #expect(try run("all.csv", []).errors.contains("No unit is never treated"))
    let moves = try run("moves.csv", ["--method", "twfe", "--cluster", "c"])
    #expect(moves.errors.contains("1 of 3 units have rows in more than one cluster of 'c'"))
    // Leaving out the only treated site leaves no effect, and the rest is printed.
    let sensitivity = try CommandLineRun(
      arguments: Self.panelCall(
        "did-sensitivity", file: "moves.csv", ["--group", "g", "--method", "twfe"]),
      folder: folder.url)
    #expect(sensitivity.status == 0, "\(sensitivity.errors)")
    #expect(sensitivity.rows.map { $0["estimate"] == "" } == [false, true, false, false])
    #expect(sensitivity.errors.contains("leave-out 1: no estimate"))
    withExtendedLifetime(folder) {}
  }
}
