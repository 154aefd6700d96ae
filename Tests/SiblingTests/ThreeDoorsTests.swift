import Foundation
import Studies
import TestSupport
import Testing

/// A Swift call, a line in the shell and a study file give the same number.
@Suite struct ThreeDoors {
  private func twelve(_ value: Double) -> Double { Double(String(format: "%.12g", value)) ?? .nan }

  private func check(
    _ verb: Verb, _ path: String, _ formula: String?, _ options: [(String, String)],
    row: Int = 0, column: String = "estimate", study: Double
  ) throws {
    var values = OptionValues()
    var arguments = [verb.name, path] + (formula.map { [$0] } ?? [])
    for (name, text) in options {
      values.set(try #require(verb.key(name)), to: text)
      arguments += ["--\(name)", text]
    }
    let swift = try AnalysisRequest(verb: verb, path: path, formula: formula, options: values).run()
    let rendered = CSVRecords(try swift.rendered(as: .csv))
    let shell = try CommandLineRun(arguments: arguments)
    #expect(shell.status == 0, "\(shell.errors)")
    let number = shell.numbers(column)[row]
    // The command may start itself again with another processor kernel, which this test can't.
    let called = rendered.rows[row][column].flatMap { Double($0) } ?? .nan
    #expect(close(called, number, Tolerance(relative: 1e-9, absolute: 0)))
    #expect(twelve(number) == study)
  }

  private func estimates(_ study: String, _ folder: TemporaryFolder) throws -> CSVRecords {
    let run = try CommandLineRun(
      "run", "Data/\(study)/study.yaml", "--output", "\(folder.path)/\(study)", "-q")
    #expect(run.status == 0, "\(run.errors)")
    return CSVRecords(try folder.text("\(study)/results/estimates.csv"))
  }

  @Test func doors() throws {
    let folder = try TemporaryFolder()
    let top = Golden.projectFolder.path
    let nsw = try estimates("nsw", folder)
    let score = """
      treat ~ age + I(age^2) + educ + I(educ^2) + black + hisp + marr + nodegree + re74 + \
      I(re74^2) + re75 + I(re75^2) + I(re74 == 0) + I(re75 == 0)
      """
    for method in ["gcomp", "difference"] {
      try check(
        .effect, "\(top)/Data/nsw/nsw_cps.csv", score,
        [
          ("where", "!is.na(re78) & age >= 16 & age <= 55"), ("outcome", "re78"),
          ("caliper", "0.2"), ("method", method),
        ], study: nsw.number("estimate", ["analysis": "matched", "estimator": method]))
    }
    let mpdta = try estimates("mpdta", folder)
    try check(
      .did, "\(top)/Data/mpdta/mpdta.csv", nil,
      [
        ("outcome", "lemp"), ("unit", "countyreal"), ("time", "year"), ("group", "first.treat"),
        ("method", "twfe"), ("cluster", "countyreal"),
      ], study: mpdta.number("estimate", ["estimator": "twfe"]))
    withExtendedLifetime(folder) {}
  }
}
