import TestSupport
import Testing

/// CR2 and CR3 through the real binary.
@Suite struct ClusterRobustCommandTests {
  private let grunfeld = "Data/grunfeld/grunfeld.csv"
  private let mpdta = "Data/mpdta/mpdta.csv"

  @Test func grunfeldWithAbsorbedEffects() throws {
    let golden = try Golden.json("panels/few_clusters.json")
    let call = [
      "regress", grunfeld, "inv ~ capital", "--absorb", "firm,year", "--cluster", "firm", "--vcov",
    ]
    let two = try CommandLineRun(arguments: call + ["CR2"])
    #expect(two.status == 0, Comment(rawValue: two.errors))
    #expect(close(two.number("estimate", term: "capital"), 0.4138018345953846, .published))
    #expect(
      close(two.number("std.error", term: "capital"), golden["grunfeld_CR2"].double, .published))
    #expect(close(two.number("df", term: "capital"), golden["grunfeld_df"].double, .published))
    #expect((two.number("p.value", term: "capital") - 0.112).magnitude < 5e-4)
    let three = try CommandLineRun(arguments: call + ["CR3"])
    #expect(three.status == 0, Comment(rawValue: three.errors))
    // The third convention's published error is this one times its factor.
    let factor = (10.0 / 9 * 199 / 179).squareRoot()
    #expect((three.number("std.error", term: "capital") * factor - 0.36019).magnitude < 5e-6)
    #expect(three.errors.contains("CR3, G=10, jackknife without a factor, t(9)"))
  }

  /// lm(lemp ~ D + lpop + factor(year)) by county and by countyreal mod 17, as clubSandwich has it.
  @Test func countiesAgreeWithClubSandwich() throws {
    let golden = try Golden.json("did_extra_mpdta.json")
    let csv = try Golden.csv("../../Data/mpdta/mpdta.csv")
    let (county, year) = (Golden.numbers(csv["countyreal"]), Golden.numbers(csv["year"]))
    let first = Golden.numbers(csv["first.treat"])
    var text = "lemp,D,lpop,year,county,few\n"
    for row in county.indices {
      let treated = first[row] > 0 && year[row] >= first[row] ? 1 : 0
      let few = Int(county[row]) % 17
      text += "\(csv["lemp"]?[row] ?? ""),\(treated),\(csv["lpop"]?[row] ?? ""),"
      text += "\(Int(year[row])),\(Int(county[row])),\(few)\n"
    }
    for (cluster, type, key) in [
      ("county", "CR2", "lm_CR2_satt"), ("few", "CR2", "lm_CR2_17clusters"),
      ("county", "CR3", "lm_CR3"),
    ] {
      let run = try CommandLineRun(
        "regress", "-", "lemp ~ D + lpop + factor(year)", "--cluster", cluster, "--vcov", type,
        input: text)
      #expect(run.status == 0, Comment(rawValue: run.errors))
      guard type == "CR2" else {
        let diagonal = golden[key]["var"].array.enumerated().map { $1[$0].double.squareRoot() }
        #expect(close(run.numbers("std.error"), diagonal, .published))
        continue
      }
      #expect(close(run.numbers("std.error"), golden[key]["se"].doubles, .published))
      #expect(close(run.numbers("df"), golden[key]["df"].doubles, .published))
      #expect(close(run.numbers("p.value"), golden[key]["p"].doubles, .published))
    }
  }

  @Test func clustersAreNeededAndOnlyOne() throws {
    let none = try CommandLineRun("regress", grunfeld, "inv ~ capital", "--vcov", "CR2")
    #expect(none.status == 64)
    let two = try CommandLineRun(
      "regress", grunfeld, "inv ~ capital", "--vcov", "CR2", "--cluster", "firm,year")
    #expect(two.status == 64)
    #expect(two.errors.contains("one cluster column"))
  }

  @Test func twoWayEffectsTakeCR2() throws {
    let call = [
      "did", mpdta, "--outcome", "lemp", "--unit", "countyreal", "--time", "year", "--group",
      "first.treat", "--method", "twfe", "--cluster", "countyreal", "--vcov",
    ]
    let two = try CommandLineRun(arguments: call + ["CR2"])
    #expect(two.status == 0, Comment(rawValue: two.errors))
    #expect(close(two.number("estimate", term: "ATT"), -0.0365489366740671, .published))
    // R: clubSandwich on columns with county means taken out.
    #expect(close(two.number("std.error", term: "ATT"), 0.013270429980301, .published))
    #expect(close(two.number("df", term: "ATT"), 279.82622009654, .published))
  }
}
