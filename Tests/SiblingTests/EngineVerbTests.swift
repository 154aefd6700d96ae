import Foundation
import TestSupport
import Testing

/// One line gives the same rows whether a file is read into memory or an engine is asked for sums.
@Suite struct EngineVerbs {
  /// A verb's words after DATA.
  struct Line: Sendable, CustomTestStringConvertible {
    let data: String
    let verb: String
    let words: [String]
    var testDescription: String { "\(verb) \(words.joined(separator: " "))" }

    init(_ verb: String, _ data: String, _ words: String...) {
      (self.verb, self.data, self.words) = (verb, data, words)
    }
  }

  private static let nsw = "Data/nsw/nsw_experiment.csv"
  private static let rossi = "Data/rossi/rossi_weekly.csv"
  private static let score = "treat ~ age + I(age^2) + educ + black + marr + re74"

  static let lines = [
    Line("regress", nsw, "treat ~ age + educ + black + log(1 + re74)", "--family", "binomial"),
    Line("regress", nsw, "treat ~ age + educ + black", "--family", "binomial", "--link", "probit"),
    Line("regress", nsw, "re78 ~ treat + age * black", "--vcov", "HC1"),
    Line("regress", rossi, "arrest ~ fin + age", "--family", "poisson", "--cluster", "educ"),
    Line("regress", rossi, "arrest ~ fin + prio", "--absorb", "educ,race"),
    Line("balance", nsw, score),
    Line("balance", nsw, score, "--method", "ipw", "--estimand", "ATT"),
    Line("effect", nsw, score, "--outcome", "re78", "--method", "ipw", "--estimand", "ATE"),
    Line("effect", nsw, score, "--outcome", "re78", "--method", "aipw"),
    Line("effect", nsw, score, "--outcome", "re78", "--caliper", "0.2"),
    Line("km", rossi, "Surv(week, arrest) ~ fin"),
    Line("km", rossi, "Surv(week, arrest) ~ race", "--weights", "educ", "--cluster", "id"),
    Line("logrank", rossi, "Surv(week, arrest) ~ fin + strata(race)", "--rho", "1"),
    Line("cox", rossi, "Surv(week, arrest) ~ fin + age + prio"),
    Line("cox", rossi, "Surv(week, arrest) ~ fin + age + strata(race)", "--cluster", "educ"),
    Line("cox", rossi, "Surv(week, arrest) ~ fin + age", "--ties", "breslow", "--weights", "educ"),
    Line(
      "did", "Data/mpdta/mpdta.csv", "--outcome", "lemp", "--unit", "countyreal", "--time", "year",
      "--group", "first.treat"),
    Line(
      "did", "Data/mpdta/mpdta.csv", "--outcome", "lemp", "--unit", "countyreal", "--time", "year",
      "--group", "first.treat", "--covariates", "~ lpop", "--aggregate", "dynamic"),
    Line(
      "did", "Data/mpdta/mpdta.csv", "--outcome", "lemp", "--unit", "countyreal", "--time", "year",
      "--group", "first.treat", "--covariates", "~ lpop + I(lpop^2)", "--estimator", "std-ipw",
      "--control", "not-yet", "--base", "universal", "--weights", "lpop"),
    Line(
      "did", "Data/launch/launch.csv", "--outcome", "rate", "--unit", "site", "--time", "quarter",
      "--group", "launch", "--method", "twfe", "--cluster", "site"),
    Line(
      "event-study", "Data/launch/launch.csv", "--outcome", "rate", "--unit", "site", "--time",
      "quarter", "--group", "launch"),
    Line("rmst", rossi, "Surv(week, arrest) ~ fin", "--tau", "40"),
    Line("rmst", rossi, "Surv(week, arrest) ~ race", "--weights", "educ", "--cluster", "age"),
    Line("rmst", rossi, "Surv(week, arrest) ~ fin", "--tau", "40", "--adjust", "~ age"),
    Line("milestones", rossi, "Surv(week, arrest) ~ fin", "--times", "13,26,52"),
    Line(
      "milestones", rossi, "Surv(week, arrest) ~ fin", "--times", "13,26", "--robust",
      "--estimator", "fleming-harrington", "--quantity", "event"),
    Line("regress", nsw, "re78 ~ treat + poly(age, 2)", "--where", "educ > 5"),
    Line(
      "regress", nsw, "re78 ~ treat + n", "--derive",
      "n = age * days(\"2020-02-28\", \"2020-03-01\") + educ"),
    Line("regress", nsw, "re78 ~ treat + band", "--derive", "band = cut(age, 25, 35)"),
  ]

  /// In memory and DuckDB, whose command the test set-up installs; PostgreSQL and Spark answer the questions of
  /// `EngineConformance` in their own tests.
  static let engines = ["memory", "duckdb"]

  /// The duckdb command that `make test` installs, where no other is named.
  private static let command: Void = {
    let own = Golden.projectFolder.appendingPathComponent(".build-engines/venv/bin/duckdb")
    if FileManager.default.isExecutableFile(atPath: own.path) {
      setenv("SIBLING_DUCKDB_COMMAND", own.path, 0)
    }
  }()

  @Test(arguments: lines, engines)
  func givesTheSameRows(_ line: Line, _ engine: String) throws {
    Self.command
    let own = try CommandLineRun(arguments: [line.verb, line.data] + line.words + ["-q"])
    #expect(own.status == 0, "\(own.errors)")
    // Rows of a database have no order: a key settles ties of matches as the file's order does.
    let key = line.verb == "effect" && line.words.contains("--caliper") ? ["--row-key", "id"] : []
    let other = try CommandLineRun(
      arguments: [line.verb] + line.words + key
        + ["-q", "--engine", engine, "--source", line.data])
    #expect(other.status == 0, "\(other.errors)")
    let (a, b) = (CSVRecords(own.output), CSVRecords(other.output))
    #expect(a.header == b.header)
    #expect(a.records.count == b.records.count)
    for (row, (left, right)) in zip(a.records, b.records).enumerated() {
      for (column, (x, y)) in zip(left, right).enumerated() where x != y {
        let name = column < a.header.count ? a.header[column] : ""
        let (p, q) = (Double(x) ?? .nan, Double(y) ?? .nan)
        #expect(
          !p.isNaN && (p - q).magnitude <= 1e-9 * max(p.magnitude, q.magnitude, 1e-3),
          "row \(row + 1), \(name): \(x) and \(y)")
      }
    }
  }

  @Test(arguments: ["dr", "ipw", "reg"]) func covariatesOfAPanelFetchNoRows(
    _ estimator: String
  ) throws {
    let run = try CommandLineRun(arguments: [
      "did", "--outcome", "lemp", "--unit", "countyreal", "--time", "year", "--group",
      "first.treat", "--covariates", "~ lpop", "--estimator", estimator, "--engine", "duckdb",
      "--source", "Data/mpdta/mpdta.csv",
    ])
    #expect(run.status == 0, "\(run.errors)")
    // The notes of the panel are there, and none says that rows were fetched.
    #expect(run.errors.contains("pre-test"))
    #expect(!run.errors.contains("were fetched"))
  }
}
