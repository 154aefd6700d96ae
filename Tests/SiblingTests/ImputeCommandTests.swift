import Foundation
import TestSupport
import Testing

/// `impute`, and `--imputation` of other verbs, by the real binary.
@Suite struct ImputeCommand {
  private static let lung = "Data/lung/lung.csv"
  private static let call = [
    "impute", lung, "--columns", "ph.ecog,ph.karno,pat.karno,meal.cal,wt.loss", "--predictors",
    "time,status,age,sex", "--imputations", "3", "--iterations", "3",
  ]

  @Test func stackedRows() throws {
    let run = try CommandLineRun(arguments: Self.call + ["--include-original"])
    #expect(run.status == 0, "\(run.errors)")
    let rows = run.rows
    #expect(rows.count == 4 * 228)
    let before = rows.prefix(228)
    #expect(before.allSatisfy { $0[".imp"] == "0" })
    for copy in 1...3 {
      let after = rows[(copy * 228)..<((copy + 1) * 228)]
      for (old, new) in zip(before, after) {
        #expect(new[".imp"] == "\(copy)")
        #expect(new[".row"] == old[".row"])
        for name in ["ph.ecog", "ph.karno", "pat.karno", "meal.cal", "wt.loss"] {
          #expect(new[name]?.isEmpty == false)
          if old[name]?.isEmpty == false { #expect(new[name] == old[name]) }
        }
        // Donors give whole numbers of people that were seen.
        #expect(new["wt.loss"]?.contains(".") == false)
      }
    }
    #expect(run.errors.contains("'meal.cal': 47 of 228 missing"))
    #expect(run.errors.contains("R-hat") || run.errors.contains("too few"))
    #expect(run.errors.contains("keep their gaps: inst"))
    let again = try CommandLineRun(
      arguments: Self.call + ["--include-original", "--threads", "1"])
    #expect(again.output == run.output)
    let other = try CommandLineRun(arguments: Self.call + ["--include-original", "--seed", "2"])
    #expect(other.output != run.output)
  }

  @Test func traces() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/traces.csv"
    let run = try CommandLineRun(arguments: Self.call + ["--traces", path])
    #expect(run.status == 0, "\(run.errors)")
    let rows = CSVRecords(try folder.text("traces.csv")).rows
    // Five columns, three copies, three iterations.
    #expect(rows.count == 45)
    let stacked = run.rows.filter { $0[".imp"] == "2" }
    let lung = try CommandLineRun(arguments: Self.call + ["--include-original"]).rows.prefix(228)
    let filled = zip(lung, stacked).filter { $0.0["meal.cal"]?.isEmpty == true }
      .compactMap { Double($0.1["meal.cal"] ?? "") }
    let last = rows.first {
      $0["column"] == "meal.cal" && $0[".imp"] == "2" && $0["iteration"] == "3"
    }
    #expect(
      close(
        Double(last?["mean"] ?? "") ?? .nan, filled.reduce(0, +) / Double(filled.count),
        .converged))
  }

  @Test func nothingMissing() throws {
    let text = "a,b\n" + (0..<20).map { "\($0),\(($0 * 7) % 5)\n" }.joined()
    let run = try CommandLineRun(
      "impute", "-", "--columns", "a,b", "--imputations", "2", input: text)
    #expect(run.status == 0)
    #expect(run.rows.count == 40)
    #expect(run.errors.contains("nothing is missing"))
  }

  @Test(
    arguments: [
      (["--columns", "wt.loss,wt.loss"], Int32(64), "columns takes"),
      ([], 64, "--columns is needed"),
      (["--columns", "wt.los"], 65, "wt.loss"),
      (["--columns", "wt.loss", "--predictors", "meal.cal"], 65, "impute it too"),
      (["--columns", "wt.loss", "--methods", "wt.loss=mean"], 64, "methods takes"),
      (["--columns", "wt.loss", "--methods", "wt.loss=polyreg"], 64, "is for categories"),
      (["--columns", "wt.loss", "--methods", "age=pmm"], 64, "not among the columns"),
      (["--columns", "wt.loss", "--site", "inst"], 65, "a row has no site"),
      (["--columns", "meal.cal", "--site", "age"], 65, "no observed value"),
      (["--columns", "wt.loss", "--weights", "age"], 64, "weights takes no effect"),
      (["--columns", "wt.loss", "--imputation", "sex"], 64, "imputation takes no effect"),
      (["--columns", "wt.loss", "--disclosure", "acro-default"], 3, "single people"),
      (["--columns", "wt.loss", "--where", "is.na(wt.loss)"], 65, "no observed value at all"),
      (["--columns", "wt.loss", "--where", "time == 306"], 65, "wt.loss"),
    ])
  func refusals(_ options: [String], _ status: Int32, _ word: String) throws {
    let run = try CommandLineRun(arguments: ["impute", Self.lung] + options)
    #expect(run.status == status, "\(run.errors)")
    #expect(run.errors.contains(word), "\(run.errors)")
    #expect(run.output.isEmpty)
  }
}

/// Pooled rows of any verb equal Rubin's rules worked by hand on the rows of each copy.
@Suite struct PooledVerb {
  /// Imputed copies of a bundled file in a file of their own.
  private static func stacked(
    _ folder: TemporaryFolder, _ name: String, _ arguments: [String]
  ) throws -> String {
    let path = folder.path + "/" + name
    let run = try CommandLineRun(
      arguments: ["impute"] + arguments + [
        "--imputations", "3", "--iterations", "2", "--include-original", "--output", path,
      ])
    #expect(run.status == 0, "\(run.errors)")
    return path
  }

  /// Pools by hand and compares with what the verb prints, row by row.
  private func compare(
    _ call: [String], logarithm: Bool = false, error: String = "std.error"
  ) throws {
    let pooled = try CommandLineRun(arguments: call + ["--imputation", ".imp"])
    try #require(pooled.status == 0, "\(pooled.errors)")
    #expect(pooled.errors.contains("pooled over 3 imputations"))
    #expect(pooled.errors.contains("imputation 0"))
    let copies = try (1...3).map {
      try CommandLineRun(arguments: call + ["--where", ".imp == \($0)"])
    }
    for copy in copies { try #require(copy.status == 0, "\(copy.errors)") }
    let count = copies[0].rows.count
    #expect(pooled.rows.count == count)
    for row in 0..<count {
      let values = copies.map {
        logarithm ? log($0.numbers("estimate")[row]) : $0.numbers("estimate")[row]
      }
      let errors = copies.map { $0.numbers(error)[row] }
      let mean = values.reduce(0, +) / 3
      let between = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 2
      let within = errors.reduce(0) { $0 + $1 * $1 } / 3
      let total = within + 4 / 3 * between
      let lambda = 4 / 3 * between / total
      let old = lambda > 0 ? 2 / (lambda * lambda) : .infinity
      let complete = copies.map { $0.numbers("df")[row] }.min() ?? .nan
      let observed = (complete + 1) / (complete + 3) * complete * (1 - lambda)
      let degrees =
        complete.isNaN ? old : old.isFinite ? old * observed / (old + observed) : observed
      let found = pooled.numbers("estimate")[row]
      #expect(close(logarithm ? log(found) : found, mean, .converged))
      #expect(close(pooled.numbers(error)[row], total.squareRoot(), .converged))
      if degrees.isFinite { #expect(close(pooled.numbers("df")[row], degrees, .published)) }
      #expect(pooled.numbers("imputations")[row] == 3)
      let statistic = mean / total.squareRoot()
      #expect(close(pooled.numbers("statistic")[row], statistic, .converged))
      let fmi = pooled.numbers("fmi")[row]
      #expect(fmi >= 0 && fmi < 1)
    }
  }

  @Test func regressionAndCox() throws {
    let folder = try TemporaryFolder()
    let path = try Self.stacked(
      folder, "lung.csv",
      [
        "Data/lung/lung.csv", "--columns", "ph.ecog,meal.cal,wt.loss", "--predictors",
        "time,status,age,sex",
      ])
    try compare(["regress", path, "wt.loss ~ age + sex + meal.cal"])
    try compare(["regress", path, "wt.loss ~ age + sex + meal.cal", "--vcov", "HC3"])
    try compare(["regress", path, "wt.loss ~ sex + meal.cal", "--cluster", "age", "--vcov", "CR2"])
    let survival = "Surv(time, status) ~ age + wt.loss + ph.ecog"
    try compare(["cox", path, survival])
    try compare(["cox", path, survival, "--exponentiate"], logarithm: true)
    try compare(["cox", path, survival, "--robust"], error: "robust.se")
    let curve = try CommandLineRun(
      "km", path, "Surv(time, status) ~ sex", "--times", "180,360", "--imputation", ".imp")
    #expect(curve.status == 0, "\(curve.errors)")
    // Time and sex are complete, so that the copies' curves are one.
    let plain = try CommandLineRun(
      "km", "Data/lung/lung.csv", "Surv(time, status) ~ sex", "--times", "180,360")
    #expect(close(curve.numbers("survival"), plain.numbers("survival"), .converged))
    #expect(close(curve.numbers("std.error"), plain.numbers("std.error"), .converged))
    let study = try StudyDoor.rows(folder, path)
    let line = try CommandLineRun(
      "regress", path, "wt.loss ~ age + sex + meal.cal", "--imputation", ".imp")
    for (left, right) in zip(study, line.rows) {
      for name in ["estimate", "std.error", "df", "fmi"] {
        #expect(close(Double(left[name] ?? "") ?? .nan, Double(right[name] ?? "") ?? .nan))
      }
    }
    #expect(study.count == line.rows.count)
  }

  @Test func differences() throws {
    let folder = try TemporaryFolder()
    let source = try String(
      contentsOf: Golden.projectFolder.appendingPathComponent("Data/mpdta/mpdta.csv"),
      encoding: .utf8)
    var lines = source.split(whereSeparator: \.isNewline).map(String.init)
    let header = lines[0].split(separator: ",").map(String.init)
    let place = try #require(header.firstIndex { $0.contains("lemp") })
    for line in stride(from: 5, to: lines.count, by: 9) {
      var cells = lines[line].split(separator: ",", omittingEmptySubsequences: false).map(
        String.init)
      cells[place] = ""
      lines[line] = cells.joined(separator: ",")
    }
    let gaps = folder.path + "/gaps.csv"
    try lines.joined(separator: "\n").write(toFile: gaps, atomically: true, encoding: .utf8)
    let path = try Self.stacked(
      folder, "mpdta.csv", [gaps, "--columns", "lemp", "--predictors", "year,lpop,first.treat"])
    let panel = [
      "--outcome", "lemp", "--unit", "countyreal", "--time", "year", "--group", "first.treat",
    ]
    try compare(["did", path] + panel + ["--method", "twfe", "--cluster", "countyreal"])
    try compare(["did", path] + panel + ["--aggregate", "dynamic"])
  }

  @Test(
    arguments: [
      (["balance", "treat ~ age + educ"], Int32(64), "can't be pooled"),
      (["match", "treat ~ age + educ"], 64, "people and not estimates"),
      (["weight", "treat ~ age + educ"], 64, "people and not estimates"),
      (["regress", "re78 ~ treat", "--where", "race == \"black\""], 65, "one imputed copy"),
      (["regress", "re78 ~ treat"], 65, "copies of one data set have the same"),
    ])
  func refusals(_ call: [String], _ status: Int32, _ word: String) throws {
    let stacked = status == 64
    let folder = try TemporaryFolder()
    var path = "Data/lalonde/lalonde.csv"
    if stacked {
      path = try Self.stacked(
        folder, "lalonde.csv",
        [path, "--columns", "re74,re75,re78", "--predictors", "age,educ,treat"])
    }
    let arguments =
      [call[0], path] + call.dropFirst() + ["--imputation", stacked ? ".imp" : "race"]
    let run = try CommandLineRun(arguments: arguments)
    #expect(run.status == status, "\(run.errors)")
    #expect(run.errors.contains(word), "\(run.errors)")
    #expect(run.output.isEmpty)
  }
}

/// The same pooling in a study file.
private enum StudyDoor {
  static func rows(_ folder: TemporaryFolder, _ data: String) throws -> [[String: String]] {
    let study = """
      study: pooled
      title: Pooled
      question: What do the copies say together?
      public: true
      data: {file: "\(data)"}
      analyses:
        - name: one
          verb: regress
          label: weight loss
          formula: "wt.loss ~ age + sex + meal.cal"
          imputation: .imp

      """
    try study.write(toFile: folder.path + "/study.yaml", atomically: true, encoding: .utf8)
    let run = try CommandLineRun(
      arguments: ["run", "study.yaml", "--output", "out"], folder: folder.url)
    #expect(run.status == 0, "\(run.errors)")
    return CSVRecords(try folder.text("out/results/analysis_one.csv")).rows
  }
}

/// The section of a study file that runs its effects on imputed copies.
@Suite struct ImputationStudy {
  /// People in sites with a covariate that has gaps, and every so often no outcome.
  private static func data() -> String {
    let lines = MadeUpStudy.sites(8, treated: 4).split(separator: "\n").map(String.init)
    return
      ([lines[0]]
      + lines.dropFirst().enumerated().map { index, line in
        var cells = line.split(separator: ",").map(String.init)
        if (index * 7) % 11 == 3 { cells[3] = "" }
        if (index * 5) % 13 == 1 { cells[4] = "" }
        return cells.joined(separator: ",")
      }).joined(separator: "\n") + "\n"
  }

  @Test func runs() throws {
    let section = "imputation: {imputations: 5, iterations: 3}"
    let file = MadeUpStudy.file()
      .replacingOccurrences(
        of: "attrition:\n  - rule: The outcome is known\n    keep: \"!is.na(y)\"\n", with: "")
    let folder = try TemporaryFolder([
      "study.yaml": file + section + "\n", "people.csv": Self.data(),
    ])
    let run = try CommandLineRun(
      arguments: ["run", "study.yaml", "--output", "out"], folder: folder.url)
    try #require(run.status == 0, "\(run.errors)")
    let rows = CSVRecords(try folder.text("out/results/imputed_effects.csv")).rows
    #expect(rows.map { $0["estimator"] } == ["difference, by site", "gcomp", "difference"])
    let estimates = CSVRecords(try folder.text("out/results/estimates.csv")).rows
    for row in rows {
      let complete = estimates.first {
        row["estimator"] == "difference, by site"
          ? $0["analysis"] == "few-sites"
          : $0["analysis"] == "matched" && $0["estimator"] == row["estimator"]
      }
      #expect(row["complete.estimate"] == complete?["estimate"])
      // The effect is 1 in everybody.
      let estimate = Double(row["estimate"] ?? "") ?? .nan
      #expect((estimate - 1).magnitude < 0.3)
      let fmi = Double(row["fmi"] ?? "") ?? .nan
      #expect(fmi > 0 && fmi < 1)
      #expect(row["imputations"] == "5")
    }
    let report = try folder.text("out/report.md")
    #expect(report.contains("Missing values filled in"))
    #expect(report.contains("Rubin's rules"))
    let columns = CSVRecords(try folder.text("out/results/imputed_columns.csv")).rows
    #expect(Set(columns.compactMap { $0["column"] }) == ["x", "y"])
  }

  @Test(
    arguments: [
      ("imputation: {imputations: 1}", "imputations"),
      ("imputation: {methods: {x: mean}}", "methods takes"),
      ("imputation: {site-effects: mixed}", "site-effects"),
      ("imputation: {colums: [x]}", "colums"),
    ])
  func refusals(_ section: String, _ word: String) throws {
    let folder = try TemporaryFolder([
      "study.yaml": MadeUpStudy.file() + section + "\n", "people.csv": Self.data(),
    ])
    let run = try CommandLineRun(arguments: ["validate", "study.yaml"], folder: folder.url)
    #expect(run.status != 0)
    #expect(run.errors.contains(word), "\(run.errors)")
  }
}
