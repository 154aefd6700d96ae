import TestSupport
import Testing

/// Every estimator of effects through a study file, with subgroups in the report.
@Suite struct EffectStudy {
  private static let people: String = {
    var text = "id,t,x,g,site,y\n"
    for number in 1...400 {
      let x = Double((number * 7) % 50) / 50
      let isTreated = (number * 13) % 29 < (x > 0.5 ? 14 : 9)
      let group = number % 3 == 0 ? "b" : "a"
      let noise = Double((number * 37) % 101) / 101
      let y = 2 * x + noise + (isTreated ? 1 : 0)
      text += "\(number),\(isTreated ? 1 : 0),\(x),\(group),s\(number % 40),\(y)\n"
    }
    return text
  }()

  private func folder(_ effect: String) throws -> TemporaryFolder {
    try TemporaryFolder([
      "people.csv": Self.people,
      "study.yaml": MadeUpStudy.file(level: "individual", effect: effect),
    ])
  }

  @Test func estimatorsAndSubgroups() throws {
    let folder = try folder(
      "    estimators: [gcomp, aipw, tmle, dml, abadie-imbens]\n    folds: 4\n    subgroup: g")
    let run = try CommandLineRun(
      arguments: ["run", "study.yaml", "--output", "out"], folder: folder.url)
    #expect(run.status == 0, "\(run.errors)")
    let rows = CSVRecords(try folder.text("out/results/estimates.csv"))
    for method in ["gcomp", "aipw", "tmle", "dml", "abadie-imbens"] {
      let line = try CommandLineRun(
        arguments: [
          "effect", "people.csv", "t ~ x", "--outcome", "y", "--method", method, "--subgroup", "g",
        ] + (method == "dml" ? ["--folds", "4"] : []), folder: folder.url)
      try #require(line.status == 0, "\(line.errors)")
      let matched = rows.number("estimate", ["analysis": "matched", "estimator": method])
      #expect(close(line.numbers("estimate")[0], matched, Tolerance(relative: 1e-9)), "\(method)")
      #expect((matched - 1).magnitude < 0.2, "\(method)")
      for (index, level) in ["a", "b"].enumerated() {
        let inLevel = rows.number(
          "estimate",
          ["analysis": "subgroups", "estimator": method, "subgroup": level, "term": "ATT"])
        #expect(
          close(line.numbers("estimate")[index + 1], inLevel, Tolerance(relative: 1e-9)),
          "\(method) \(level)")
      }
      let test = rows.number(
        "p.value", ["analysis": "subgroups", "estimator": method, "term": "interaction"])
      #expect(close(line.number("p.value", term: "interaction"), test, Tolerance(relative: 1e-9)))
    }
    let report = try folder.text("out/report.md")
    #expect(report.contains("Subgroups") && report.contains("interaction"))
    #expect(report.contains("van der Laan and Rubin"))
  }

  @Test func aStandardErrorForEveryEstimator() throws {
    let folder = try folder("    estimators: [difference]\n    bootstrap: 30")
    let run = try CommandLineRun(
      arguments: ["run", "study.yaml", "--output", "out"], folder: folder.url)
    #expect(run.status == 0, "\(run.errors)")
    let rows = CSVRecords(try folder.text("out/results/estimates.csv"))
    let row = rows.row(["analysis": "matched", "estimator": "difference"])
    #expect(row?["se_type"]?.hasPrefix("bootstrap of") == true)
    let wrong = try self.folder("    estimators: [aimw]")
    let refused = try CommandLineRun(arguments: ["validate", "study.yaml"], folder: wrong.url)
    #expect(refused.status == 65 && refused.errors.contains("aipw"), "\(refused.errors)")
  }
}
