import Foundation
import TestSupport
import Testing

/// Group-time effects from the command line: every stored value of the peer, bands, refusals.
@Suite struct GroupTimeCommandTests {
  private static let data = "Data/mpdta/mpdta.csv"
  private static let columns = [
    "--outcome", "lemp", "--time", "year", "--group", "first.treat",
  ]

  private func run(_ options: [String], unit: Bool = true) throws -> CommandLineRun {
    let run = try CommandLineRun(
      arguments: ["did", Self.data] + Self.columns
        + (unit ? ["--unit", "countyreal"] : []) + options)
    #expect(run.status == 0, "\(options) \(run.errors)")
    return run
  }

  private func options(_ key: String) -> [String] {
    let parts = key.split(separator: "_").map(String.init)
    // The peer's ipw is the standardised one.
    return ["--estimator", parts[0] == "ipw" ? "std-ipw" : parts[0]]
      + ["--control", parts[1] == "nevertreated" ? "never" : "not-yet"]
      + (parts[2] == "lpop" ? ["--covariates", "~ lpop"] : []) + ["--base", parts[3]]
  }

  private static let keys: [String] = {
    var keys: [String] = []
    for estimator in ["dr", "reg", "ipw"] {
      for control in ["nevertreated", "notyettreated"] {
        for base in estimator == "dr" ? ["varying", "universal"] : ["varying"] {
          keys += ["nox", "lpop"].map { "\(estimator)_\(control)_\($0)_\(base)" }
        }
      }
    }
    return keys
  }()

  @Test func allStoredSettingsAreTested() throws {
    let stored = try Golden.json("did_mpdta.json").keys.filter {
      $0.hasSuffix("_varying") || $0.hasSuffix("_universal")
    }
    #expect(stored == Self.keys.sorted())
  }

  @Test(arguments: keys) func storedSettings(_ key: String) throws {
    let golden = try Golden.json("did_mpdta.json")
    let theirs = golden[key]
    let tolerance: Tolerance =
      key.contains("lpop") && !key.hasPrefix("reg") ? .stopsEarly : .published
    let cells = try run(options(key))
    #expect(cells.numbers("group") == theirs["group"].doubles, "\(key)")
    #expect(cells.numbers("time") == theirs["t"].doubles, "\(key)")
    #expect(close(cells.numbers("estimate"), theirs["att"].doubles, tolerance), "\(key)")
    #expect(close(cells.numbers("std.error"), theirs["se"].doubles, tolerance), "\(key)")
    for kind in ["simple", "dynamic", "group", "calendar"] {
      let expected = theirs["agg"][kind]
      let rows = try run(options(key) + ["--aggregate", kind])
      let name = Comment(rawValue: "\(key) \(kind)")
      #expect(
        close(rows.number("estimate", term: "overall"), expected["overall"].double, tolerance),
        name)
      #expect(
        close(
          rows.number("std.error", term: "overall"), expected["overall_se"].double, tolerance),
        name)
      guard kind != "simple" else { continue }
      #expect(
        close(Array(rows.numbers("estimate").dropLast()), expected["att"].doubles, tolerance),
        name)
      #expect(
        close(Array(rows.numbers("std.error").dropLast()), expected["se"].doubles, tolerance),
        name)
    }
  }

  @Test func anticipationAndRepeatedCrossSections() throws {
    let golden = try Golden.json("did_mpdta.json")
    let early = try run(["--covariates", "~ lpop", "--anticipation", "1"])
    #expect(close(early.numbers("estimate"), golden["anticip1"]["att"].doubles, .stopsEarly))
    #expect(close(early.numbers("std.error"), golden["anticip1"]["se"].doubles, .stopsEarly))
    for estimator in ["dr", "reg", "std-ipw"] {
      let people = try run(
        ["--repeated-cross-sections", "--estimator", estimator], unit: false)
      #expect(close(people.numbers("estimate"), golden["rc_dr_nox"]["att"].doubles, .published))
      #expect(close(people.numbers("std.error"), golden["rc_dr_nox"]["se"].doubles, .published))
    }
    // Rows are people also when a unit is named.
    let named = try run(["--repeated-cross-sections"])
    #expect(close(named.numbers("std.error"), golden["rc_dr_nox"]["se"].doubles, .published))
    let rows = try Golden.json("panels/did_rows_mpdta.json")
    let covariates = try run(
      ["--repeated-cross-sections", "--covariates", "~ lpop", "--aggregate", "group"], unit: false)
    let expected = rows["rc_dr_lpop"]["agg"]["group"]
    #expect(
      close(
        covariates.number("std.error", term: "overall"), expected["overall_se"].double, .stopsEarly)
    )
  }

  @Test func unbalancedPanels() throws {
    let kept = ["--where", "!(year == 2005 & countyreal %% 7 == 0)"]
    let golden = try Golden.json("panels/did_rows_mpdta.json")["unbalanced_reg_lpop"]
    let all = try run(
      kept + ["--unbalanced", "--estimator", "reg", "--covariates", "~ lpop"])
    #expect(close(all.numbers("estimate"), golden["att"].doubles, .published))
    #expect(close(all.numbers("std.error"), golden["se"].doubles, .published))
    let complete = try run(kept)
    #expect(complete.errors.contains("units without a row in some period were left out"))
    #expect(!all.errors.contains("were left out"))
  }

  @Test func uniformBandsKeepEstimatesAndWidenIntervals() throws {
    for extra in [[String](), ["--bootstrap", "500"]] {
      let narrow = try run(["--aggregate", "dynamic"] + extra)
      let wide = try run(["--aggregate", "dynamic", "--bands", "uniform"] + extra)
      #expect(wide.numbers("estimate") == narrow.numbers("estimate"))
      #expect(wide.numbers("std.error") == narrow.numbers("std.error"))
      #expect(wide.numbers("p.value") == narrow.numbers("p.value"))
      let pairs = zip(wide.numbers("conf.low"), narrow.numbers("conf.low"))
      #expect(pairs.dropLast().allSatisfy { $0 < $1 })
      #expect(wide.numbers("conf.low").last == narrow.numbers("conf.low").last)
      #expect(wide.errors.contains("uniform band at level 0.95 over all rows but overall"))
      #expect(wide.errors.contains("multiplier bootstrap, 500") == !extra.isEmpty)
    }
    let golden = try Golden.json("did_mpdta.json")["boot25000_dr_lpop"]
    let drawn = try run(
      ["--covariates", "~ lpop", "--bootstrap", "5000", "--bands", "uniform", "--seed", "9"])
    for (ours, theirs) in zip(drawn.numbers("std.error"), golden["se"].doubles) {
      #expect((ours / theirs - 1).magnitude < 0.08)
    }
    let half = zip(drawn.numbers("conf.high"), drawn.numbers("estimate")).map { $0 - $1 }
    for (reach, error) in zip(half, drawn.numbers("std.error")) {
      #expect((reach / error - golden["crit"].double).magnitude < 0.1)
    }
  }

  @Test(arguments: [["--bootstrap", "300"], ["--repeated-cross-sections"], ["--unbalanced"]])
  func sameBytesOnAnyThreads(_ extra: [String]) throws {
    let options = ["--covariates", "~ lpop", "--bands", "uniform"] + extra
    let one = try run(options + ["--threads", "1"])
    let two = try run(options + ["--threads", "3"])
    #expect(one.output == two.output && one.errors == two.errors)
    #expect(!one.rows.isEmpty)
  }

  @Test(arguments: [
    (["--unbalanced", "--repeated-cross-sections"], "people seen once"),
    (["--bootstrap", "10"], "bootstrap takes a whole number from 100"),
    (["--bands", "wide"], "bands takes one of: pointwise, uniform"),
    (["--method", "twfe", "--bands", "uniform"], "does not apply to two-way fixed effects"),
    (["--cluster", "year"], "A unit moves between clusters"),
  ])
  func refusals(_ options: [String], _ says: String) throws {
    let run = try CommandLineRun(
      arguments: ["did", Self.data] + Self.columns + ["--unit", "countyreal"] + options)
    #expect(run.status != 0 && run.output.isEmpty)
    #expect(run.errors.contains(says), "\(run.errors)")
  }

  @Test func aUnitIsNeededForAPanel() throws {
    let run = try CommandLineRun(arguments: ["did", Self.data] + Self.columns)
    #expect(run.status == 64 && run.errors.contains("--unit is needed here"))
  }
}
