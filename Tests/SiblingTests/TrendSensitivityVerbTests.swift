import Foundation
import TestSupport
import Testing

@Suite struct TrendSensitivityVerbs {
  private static let counties = [
    "Data/mpdta/mpdta.csv", "--outcome", "lemp", "--unit", "countyreal", "--time", "year",
    "--group", "first.treat", "--where", "first.treat == 2006 | first.treat == 0",
  ]

  /// The golden study from the data and from files of its estimates: the same intervals, within a
  /// grid step of the peer's.
  @Test func relativeMagnitudes() throws {
    let golden = try Golden.json("panels/honestdid_mpdta.json")
    let run = try CommandLineRun(arguments: ["honest-did"] + Self.counties)
    #expect(run.status == 0, Comment(rawValue: run.errors))
    #expect(
      run.rows.map { $0["kind"] } == ["original"] + Array(repeating: "relative-magnitude", count: 4)
    )
    #expect(run.rows[0]["m"] == "")
    let step = 40 * golden["V"][2][2].double.squareRoot() / 1000
    let low = run.numbers("conf.low")
    let high = run.numbers("conf.high")
    let peer = golden["relmag"]
    for (row, (lower, upper)) in zip(peer["lb"].doubles, peer["ub"].doubles).enumerated() {
      #expect((low[row + 1] - lower).magnitude < step && (high[row + 1] - upper).magnitude < step)
    }
    let folder = try TemporaryFolder()
    let (b, v) = ("\(folder.path)/b.csv", "\(folder.path)/v.csv")
    let estimates = zip([-3, -2, 0, 1], golden["b"].doubles).map { "e=\($0),\($1)" }
    try folder.write("b.csv", "term,estimate\n" + estimates.joined(separator: "\n"))
    let matrix = golden["V"].array.map { $0.doubles.map { "\($0)" }.joined(separator: ",") }
    try folder.write("v.csv", "a,b,c,d\n" + matrix.joined(separator: "\n"))
    let given = try CommandLineRun(
      arguments: [
        "honest-did", "--estimates", b, "--covariance", v,
      ])
    #expect(given.status == 0, Comment(rawValue: given.errors))
    #expect(close(given.numbers("conf.low"), low) && close(given.numbers("conf.high"), high))
    #expect(given.errors.contains("covers zero at m = 0"))
    let both = try CommandLineRun(
      arguments: ["honest-did"] + Self.counties + ["--estimates", b])
    #expect(both.status == 64)
    let swapped = try CommandLineRun(
      arguments: [
        "honest-did", "--estimates", v, "--covariance", v,
      ])
    #expect(swapped.status == 65 && swapped.errors.contains("estimate"))
  }

  @Test func smoothness() throws {
    let peer = try Golden.json("panels/honestdid_mpdta.json")["smooth"]
    let run = try CommandLineRun(
      arguments: ["honest-did"] + Self.counties
        + ["--kind", "smoothness", "--m", "0,0.01,0.02,0.03"])
    #expect(run.status == 0, Comment(rawValue: run.errors))
    for (found, wanted) in zip(run.numbers("conf.low").dropFirst(), peer["lb"].doubles) {
      #expect((found - wanted).magnitude < 5e-4)
    }
    // One cohort: group-time effects are the same comparisons, their standard errors without the
    // regression's small-sample factor of 1.004.
    let groupTime = try CommandLineRun(
      arguments: ["honest-did"] + Self.counties
        + ["--method", "callaway-santanna", "--kind", "smoothness", "--m", "0.01"])
    #expect(groupTime.status == 0, Comment(rawValue: groupTime.errors))
    #expect(
      (groupTime.numbers("conf.low")[0] - run.numbers("conf.low")[0]).magnitude < 3e-4)
  }

  @Test func preTrends() throws {
    let reference = try Golden.json("panels/honest_did.json")["pretrends"]
    let run = try CommandLineRun(arguments: ["pretrends"] + Self.counties)
    #expect(run.status == 0, Comment(rawValue: run.errors))
    for entry in reference.array {
      for test in ["individual", "joint"] {
        let rows = run.rows.filter {
          $0["test"] == test && $0["power"].flatMap { Double($0) } == entry["power"].double
        }
        func numbers(_ column: String) -> [Double] {
          rows.map { $0[column].flatMap { Double($0) } ?? .nan }
        }
        let slope = entry[test]["slope"].double
        #expect(close(numbers("slope"), [slope, slope]))
        #expect(close(numbers("bias"), entry[test]["bias"].doubles))
        #expect(close(numbers("bias.passing"), entry[test]["passing"].doubles))
        #expect(numbers("time") == [0, 1])
      }
    }
  }

  @Test(arguments: [
    (["--m", "-1"], "zero up"), (["--target", "9"], "event times after the reference"),
    (["--target", "soon"], "average"), (["--sign", "up"], "positive"),
    (["--lags", "0", "--leads", "1"], "before the reference"),
    (["--control", "not-yet"], "group-time"),
    (["--estimates", "b.csv"], "covariance"),
  ]) func refusals(_ options: [String], _ word: String) throws {
    let run = try CommandLineRun(arguments: ["honest-did"] + Self.counties + options)
    #expect(run.status == 64 || run.status == 65)
    #expect(run.output.isEmpty && run.errors.contains(word), Comment(rawValue: run.errors))
  }

  @Test func needsSomething() throws {
    let run = try CommandLineRun("honest-did")
    #expect(run.status == 64 && run.errors.contains("--outcome"))
  }
}
