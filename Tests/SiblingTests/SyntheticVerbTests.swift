import Foundation
import TestSupport
import Testing

@Suite struct SyntheticVerb {
  private static let california = [
    "synth", "Tests/Reference/panels/california_prop99.csv", "--outcome", "packs", "--unit",
    "state", "--time", "year", "--group", "start",
  ]
  private static let castle = [
    "synth", "Data/castle/castle.csv", "--outcome", "homicide", "--unit", "sid", "--time", "year",
    "--group", "first_post",
  ]

  @Test func california() throws {
    let golden = try Golden.json("panels/synthetic_california.json")
    let run = try CommandLineRun(arguments: Self.california + ["--gaps"])
    #expect(run.status == 0, Comment(rawValue: run.errors))
    #expect(close(run.number("estimate", term: "ATT"), golden["control"]["att"].double, .converged))
    #expect(run.number("std.error", term: "ATT") > 0)
    #expect(close(run.number("p.value", term: "rmspe.ratio"), 3.0 / 39, .closedForm))
    let gaps = run.rows.filter { $0["term"]?.hasPrefix("t=") == true }
    #expect(gaps.count == 31 && gaps.first?["time"] == "1970" && gaps.first?["group"] == "1989")
    #expect(
      close(
        gaps.map { $0["estimate"].flatMap { Double($0) } ?? .nan },
        golden["control"]["gaps"].doubles, .converged))
    #expect(run.errors.contains("smallest attainable p-value is 0.0256"))
    #expect(run.errors.contains("duality gap"))
    #expect(run.errors.contains("6 of 38 donors have weight"))
    let sdid = try CommandLineRun(
      arguments: Self.california + ["--method", "sdid", "--inference", "none"])
    #expect(close(sdid.number("estimate", term: "ATT"), golden["sdid"]["att"].double, .converged))
    let early = try CommandLineRun(
      arguments: Self.california + [
        "--method", "sdid", "--inference", "none", "--solver", "frank-wolfe",
      ])
    #expect(close(early.number("estimate", term: "ATT"), -15.603827872733893, .converged))
    let did = try CommandLineRun(
      arguments: Self.california + ["--method", "did", "--inference", "none"])
    #expect((did.number("estimate", term: "ATT") + 27.349111083615).magnitude < 1e-9)
  }

  @Test func weightsFile() throws {
    let folder = try TemporaryFolder()
    let path = folder.url.appendingPathComponent("weights.csv").path
    let run = try CommandLineRun(
      arguments: Self.castle + [
        "--method", "sdid", "--inference", "none", "--weights-out", path,
      ])
    #expect(run.status == 0, Comment(rawValue: run.errors))
    let rows = CSVRecords(try String(contentsOfFile: path, encoding: .utf8)).rows
    #expect(Set(rows.compactMap { $0["weights"] }) == ["unit", "period"])
    for cohort in Set(rows.compactMap { $0["treated"] }) {
      for kind in ["unit", "period"] {
        let weights = rows.filter { $0["treated"] == cohort && $0["weights"] == kind }.map {
          $0["weight"].flatMap { Double($0) } ?? .nan
        }
        #expect(close(weights.reduce(0, +), 1, .converged), "\(cohort) \(kind)")
      }
    }
    // Cohorts are averaged by their treated unit-periods.
    #expect(run.rows.contains { $0["term"] == "g=2006" })
    #expect(run.rows.contains { $0["term"] == "g=2009" })
    let clash = try CommandLineRun(
      arguments: Self.castle + ["--weights-out", path, "--output", path])
    #expect(clash.status == 64)
    let lost = try CommandLineRun(
      arguments: Self.castle + [
        "--inference", "none", "--weights-out", path + "/absent/weights.csv",
      ])
    #expect(lost.status == 1 && lost.output.isEmpty)
    let released = try CommandLineRun(
      arguments: Self.castle + ["--weights-out", path, "--disclosure", "acro-default"])
    #expect(released.status == 64 && released.errors.contains("weights-out"))
  }

  @Test func refusals() throws {
    let cases: [([String], Int32, String)] = [
      (["--where", "first_post == 2006"], 65, "no donors"),
      (["--where", "first_post == 0 | first_post == 2006", "--inference", "jackknife"], 65, "one"),
      (["--inference", "conformal"], 65, "several periods"),
      (["--cluster", "sid"], 64, "cluster"), (["--weights", "popwt"], 64, "weights"),
      (["--method", "did", "--solver", "exact"], 64, "solver"),
      (["--draws", "1"], 64, "draws takes"),
    ]
    for (options, status, text) in cases {
      let run = try CommandLineRun(arguments: Self.castle + options)
      #expect(run.status == status, "\(options): \(run.errors)")
      #expect(run.errors.contains(text), "\(options): \(run.errors)")
      #expect(run.output.isEmpty)
    }
  }

  @Test func severalTreatedUnits() throws {
    let run = try CommandLineRun(
      arguments: Self.castle + [
        "--where", "first_post == 0 | first_post == 2007", "--inference", "none",
      ])
    let units = run.rows.filter { $0["term"]?.hasPrefix("unit=") == true }
    let values = units.map { $0["estimate"].flatMap { Double($0) } ?? .nan }
    #expect(units.count > 1)
    #expect(
      close(
        run.number("estimate", term: "ATT"), values.reduce(0, +) / Double(values.count),
        .converged))
  }
}
