import Foundation
import TestSupport
import Testing

@Suite struct FixedEffectCommandTests {
  private static let panel = [
    "Data/mpdta/mpdta.csv", "--outcome", "lemp", "--unit", "countyreal", "--time", "year",
    "--group", "first.treat",
  ]

  private func did(_ options: String...) throws -> CommandLineRun {
    let run = try CommandLineRun(arguments: ["did"] + Self.panel + options)
    #expect(run.status == 0, Comment(rawValue: run.errors))
    return run
  }

  @Test func sunAbrahamIsThePeers() throws {
    let golden = try Golden.json("fixest_mpdta.json")
    let simple = try did("--method", "sun-abraham", "--aggregate", "simple")
    #expect(simple.rows.count == 1)
    #expect(close(simple.number("estimate", term: "overall"), golden["sunab_att"]["coef"].double))
    #expect(close(simple.number("std.error", term: "overall"), golden["sunab_att"]["se"].double))
    for (aggregate, key, letter) in [
      ("dynamic", "sunab_period", "e"), ("group", "sunab_cohort", "g"),
    ] {
      let run = try did("--method", "sun-abraham", "--aggregate", aggregate)
      for (place, name) in golden[key]["names"].array.compactMap(\.string).enumerated() {
        let term = letter + "=" + (name.components(separatedBy: "::").last ?? "")
        #expect(close(run.number("estimate", term: term), golden[key]["coef"].doubles[place]))
        #expect(close(run.number("std.error", term: term), golden[key]["se"].doubles[place]))
      }
      #expect(run.rows.last?["term"] == "overall")
    }
    let cells = try did("--method", "sun-abraham")
    #expect(cells.rows.count == 12)
    #expect(cells.number("group", term: "ATT(2006,2007)") == 2006)
    #expect(cells.number("time", term: "ATT(2006,2007)") == 2007)
    #expect(close(cells.number("estimate", term: "ATT(2006,2007)"), -0.0412244715, .stopsEarly))
    let refused = try CommandLineRun(
      arguments: ["did"] + Self.panel + ["--method", "sun-abraham", "--control", "not-yet"])
    #expect(refused.status == 64 && refused.errors.contains("does not apply to sun-abraham"))
  }

  @Test func everyConventionOfThePeer() throws {
    let golden = try Golden.json("fixest_mpdta.json")
    let cluster = ["--cluster", "countyreal"]
    for (options, key) in [
      ([], "twfe_se_iid"), (["--vcov", "HC1"], "twfe_se_hetero"),
      (["--vcov", "HC1"], "twfe_se_HC1"),
      (cluster, "twfe_se_cl"), (["--cluster", "countyreal,year"], "twfe_se_twoway"),
      (cluster + ["--small-sample", "nested"], "twfe_cl_adjT_nested"),
      (cluster + ["--small-sample", "none"], "twfe_cl_adjT_none"),
      (cluster + ["--small-sample", "full"], "twfe_cl_adjT_full"),
      (cluster + ["--small-sample", "off"], "twfe_cl_adjF"),
    ] {
      let run = try CommandLineRun(
        arguments: ["did"] + Self.panel + ["--method", "twfe"] + options)
      #expect(run.status == 0, Comment(rawValue: run.errors))
      #expect(close(run.number("estimate", term: "ATT"), golden["twfe_coef"].double))
      #expect(close(run.number("std.error", term: "ATT"), golden[key].double), "\(key)")
    }
    let events = try CommandLineRun(
      arguments: ["event-study"] + Self.panel + cluster)
    for (place, name) in golden["eventstudy_i"]["names"].array.compactMap(\.string).enumerated() {
      let term = "e=" + (name.components(separatedBy: "::").last ?? "")
      #expect(
        close(events.number("estimate", term: term), golden["eventstudy_i"]["coef"].doubles[place]))
      #expect(
        close(events.number("std.error", term: term), golden["eventstudy_i"]["se"].doubles[place]))
    }
    let robust = try CommandLineRun(
      arguments: ["did"] + Self.panel + ["--method", "twfe", "--small-sample", "full"])
    #expect(robust.status == 64 && robust.errors.contains("small-sample is for clustered"))
  }

  /// mpdta with employment as a count, treatment and lpop by year.
  private func counties() throws -> String {
    let file = try Golden.csv("../../Data/mpdta/mpdta.csv")
    let years = Golden.numbers(file["year"])
    let starts = Golden.numbers(file["first.treat"])
    let employment = Golden.numbers(file["lemp"])
    var lines = ["year,countyreal,lpop,lemp,first,count,D"]
    for row in years.indices {
      let isTreated = starts[row] > 0 && years[row] >= starts[row]
      let text = ["year", "countyreal", "lpop", "lemp", "first.treat"].map { file[$0]?[row] ?? "" }
      lines.append(
        (text + ["\(exp(employment[row]))", isTreated ? "1" : "0"]).joined(separator: ","))
    }
    return lines.joined(separator: "\n") + "\n"
  }

  @Test func poissonAndSlopesByYear() throws {
    let golden = try Golden.json("fixest_mpdta.json")
    let data = try counties()
    let regress = try CommandLineRun(
      "regress", "-", "count ~ D", "--absorb", "countyreal,year", "--family", "poisson",
      "--cluster", "countyreal", input: data)
    #expect(regress.status == 0, Comment(rawValue: regress.errors))
    #expect(close(regress.number("estimate", term: "D"), golden["fepois"]["coef"].double))
    #expect(close(regress.number("std.error", term: "D"), golden["fepois"]["se"].double))
    let did = try CommandLineRun(
      "did", "-", "--outcome", "count", "--unit", "countyreal", "--time", "year", "--group",
      "first", "--method", "twfe", "--family", "poisson", "--cluster", "countyreal", input: data)
    #expect(did.status == 0, Comment(rawValue: did.errors))
    #expect(close(did.number("estimate", term: "ATT"), golden["fepois"]["coef"].double))
    #expect(close(did.number("std.error", term: "ATT"), golden["fepois"]["se"].double))
    // Slopes by year but for the last, which unit effects explain.
    let slopes = try CommandLineRun(
      "regress", "-", "lemp ~ D + factor(year):lpop", "--absorb", "countyreal,year", "--cluster",
      "countyreal", input: data)
    #expect(slopes.status == 0, Comment(rawValue: slopes.errors))
    #expect(close(slopes.number("estimate", term: "D"), golden["twfe_lpop"]["coef"].doubles[0]))
    #expect(close(slopes.number("std.error", term: "D"), golden["twfe_lpop"]["se"].doubles[0]))
    let binomial = try CommandLineRun(
      "regress", "-", "D ~ lpop", "--absorb", "year", "--family", "binomial", input: data)
    #expect(binomial.status == 64)
  }

  @Test func castleDoctrine() throws {
    let panel = [
      "did", "Data/castle/castle.csv", "--outcome", "l_homicide", "--unit", "sid", "--time", "year",
      "--group", "first_post", "--method", "twfe",
    ]
    let iid = try CommandLineRun(arguments: panel)
    #expect(iid.status == 0, Comment(rawValue: iid.errors))
    #expect(close(iid.number("estimate", term: "ATT"), 0.0693984292839))
    #expect(close(iid.number("std.error", term: "ATT"), 0.0334258232023))
    let states = try CommandLineRun(arguments: panel + ["--cluster", "sid"])
    #expect(close(states.number("std.error", term: "ATT"), 0.0558596352601))
  }

  @Test func neweyWestOfOneSeriesAndOfFirms() throws {
    let golden = try Golden.json("newey_west_grunfeld.json")
    let one = try CommandLineRun(
      "regress", "Data/grunfeld/grunfeld.csv", "inv ~ value + capital", "--where", "firm == 1",
      "--vcov", "NW:3", "--time", "year")
    #expect(one.status == 0, Comment(rawValue: one.errors))
    let variances = golden["series_lag3_adjusted"].doubles
    #expect(close(one.number("std.error", term: "value"), variances[4].squareRoot()))
    #expect(close(one.number("std.error", term: "capital"), variances[8].squareRoot()))
    #expect(one.number("df", term: "value") == 17)
    let firms = try CommandLineRun(
      "regress", "Data/grunfeld/grunfeld.csv", "inv ~ value + capital", "--vcov", "NW:2",
      "--time", "year", "--unit", "firm")
    let factor = (200.0 / 197).squareRoot()
    let panel = golden["panel_lag2"].doubles
    #expect(close(firms.number("std.error", term: "value"), panel[4].squareRoot() * factor))
    let twice = try CommandLineRun(
      "regress", "Data/grunfeld/grunfeld.csv", "inv ~ value", "--vcov", "NW:2", "--time", "year")
    #expect(twice.status != 0 && twice.errors.contains("Name the units too"))
    let bad = try CommandLineRun(
      "regress", "Data/grunfeld/grunfeld.csv", "inv ~ value", "--vcov", "NW:x")
    #expect(bad.status == 64 && bad.errors.contains("vcov takes one of"))
    let useless = try CommandLineRun(
      "regress", "Data/grunfeld/grunfeld.csv", "inv ~ value", "--time", "year")
    #expect(useless.status == 64 && useless.errors.contains("is for --vcov NW:LAG"))
  }

  @Test func uniformBandsAreRepeatable() throws {
    let wide = ["event-study"] + Self.panel + ["--bands", "uniform"]
    let (first, second) = (
      try CommandLineRun(arguments: wide), try CommandLineRun(arguments: wide)
    )
    let plain = try CommandLineRun(arguments: ["event-study"] + Self.panel)
    #expect(first.status == 0 && first.output == second.output)
    #expect(first.number("conf.low", term: "e=0") < plain.number("conf.low", term: "e=0"))
    #expect(first.number("p.value", term: "e=0") == plain.number("p.value", term: "e=0"))
  }
}
