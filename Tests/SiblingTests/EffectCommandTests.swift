import Foundation
import TestSupport
import Testing

private let lalonde = "Data/lalonde/lalonde.csv"
private let experiment = "Data/nsw/nsw_experiment.csv"
private let covariates = "treat ~ age + educ + race + married + nodegree + re74 + re75"
private let published = """
  treat ~ age + I(age^2) + educ + I(educ^2) + black + hisp + marr + nodegree + re74 + I(re74^2) + \
  re75 + I(re75^2) + I(re74 == 0) + I(re75 == 0)
  """

/// `effect` with every estimator, standard error, subgroups and imputations, by the real binary.
@Suite struct EffectCommand {
  private func run(_ options: String..., formula: String = covariates, data: String = lalonde)
    throws -> CommandLineRun
  {
    try CommandLineRun(arguments: ["effect", data, formula, "--outcome", "re78"] + options)
  }

  @Test func abadieImbens() throws {
    let known = try run(
      "--method", "abadie-imbens", "--score-known", formula: published, data: experiment)
    #expect(known.status == 0, "\(known.errors)")
    #expect(close(known.first("estimate"), 2165.203370014))
    #expect(close(known.first("std.error"), 829.781057491))
    let corrected = try run(
      "--method", "abadie-imbens", formula: published, data: experiment)
    let golden = try Golden.json("effect_estimators.json")
    #expect(close(corrected.first("estimate"), 2165.203370014))
    #expect(
      close(
        corrected.first("std.error"), golden["ai_ATT_m1_j0_adj0_corr1"]["se"].double))
    let adjusted = try run(
      "--method", "abadie-imbens", "--bias-adjust", "--variance-neighbours", "2", "--score-known",
      formula: published, data: experiment)
    let expected = golden["ai_ATT_m1_j2_adj1_corr0"]
    #expect(close(adjusted.first("estimate"), expected["estimate"].double))
    #expect(close(adjusted.first("std.error"), expected["se"].double))
  }

  @Test(arguments: ["aipw", "tmle"], ["ATE", "ATT", "ATC"])
  func doublyRobust(method: String, estimand: String) throws {
    let found = try run("--method", method, "--estimand", estimand, "--se", "robust")
    let expected = try Golden.json("effect_estimators.json")["\(method)_\(estimand)"]
    #expect(found.status == 0, "\(found.errors)")
    #expect(close(found.first("estimate"), expected["diff"].double))
    #expect(close(found.first("std.error"), expected["se"].double))
    #expect(found.rows.first?["term"] == estimand)
    #expect(found.rows.first?["estimator"] == method)
    #expect(found.first("n_treated") == 185)
    #expect(found.rows.first?["se_type"] == "influence function, models taken as known, z")
  }

  @Test(arguments: ["ATE", "ATT", "ATC"])
  func augmentedWeightingKnowsThatItsModelsWereFitted(estimand: String) throws {
    let golden = try Golden.json("effect_estimators.json")
    let found = try run("--method", "aipw", "--estimand", estimand)
    #expect(found.status == 0, "\(found.errors)")
    #expect(close(found.first("estimate"), golden["m_aipw_\(estimand)"]["diff"].double))
    #expect(close(found.first("std.error"), golden["m_aipw_\(estimand)"]["se"].double))
    #expect(
      found.rows.first?["se_type"] == "M-estimation, score and outcome models estimated, z")
    let asked = try run("--method", "aipw", "--estimand", estimand, "--se", "m-estimation")
    #expect(asked.output == found.output)
    let clustered = try run("--method", "aipw", "--estimand", estimand, "--cluster", "educ")
    #expect(close(clustered.first("std.error"), golden["m_aipw_educ_\(estimand)"]["se"].double))
  }

  @Test func weightsKnowThatTheyWereEstimated() throws {
    let golden = try Golden.json("effect_estimators.json")
    for estimand in ["ATE", "ATT", "ATC", "ATO"] {
      for (method, name) in [("difference", "diff"), ("gcomp", "gcomp")] {
        let found = try run("--method", "ipw", "--method", method, "--estimand", estimand)
        let expected = golden["m_\(name)_\(estimand)"]
        #expect(close(found.first("std.error"), expected["se"].double), "\(estimand) \(method)")
        #expect(found.rows.first?["se_type"] == "M-estimation, weights estimated, z")
      }
    }
    let robust = try run("--method", "ipw", "--se", "robust", "--estimand", "ATE")
    #expect(robust.rows.first?["se_type"] == "HC1, weights taken as known, z")
  }

  @Test(
    arguments: [
      ["--method", "dml", "--folds", "4", "--repetitions", "2"],
      ["--method", "ipw", "--bootstrap", "40"], ["--method", "aipw", "--bootstrap", "30"],
      ["--method", "nearest", "--method", "gcomp", "--bootstrap", "30"],
    ])
  func sameBytes(_ options: [String]) throws {
    let arguments = ["effect", lalonde, covariates, "--outcome", "re78", "--seed", "7"] + options
    let runs = try ["1", "2"].map { threads in
      try CommandLineRun(arguments: arguments + ["--threads", threads])
    }
    #expect(runs[0].status == 0, "\(runs[0].errors)")
    #expect(runs[0].output == runs[1].output)
    let other = try CommandLineRun(
      arguments: arguments.map { $0 == "7" ? "8" : $0 } + ["--threads", "2"])
    #expect(other.output != runs[0].output)
  }

  @Test func subgroups() throws {
    let found = try run("--subgroup", "married", "--method", "ipw", "--method", "difference")
    #expect(found.status == 0, "\(found.errors)")
    #expect(found.rows.map { $0["subgroup"] } == ["", "0", "1", ""])
    #expect(found.rows.map { $0["term"] } == ["ATT", "ATT", "ATT", "interaction"])
    // Weights fitted for all; two levels: the test is about the square of their difference.
    let estimates = found.numbers("estimate")
    #expect(estimates[1] != estimates[2] && estimates[3].isNaN)
    #expect(found.numbers("df")[3] == 1)
    let whole = try run("--method", "ipw", "--method", "difference")
    #expect(found.first("std.error") == whole.first("std.error"))
    // Strata that do not share rows or pairs: a plain two-sample comparison of effects.
    let apart = try run("--subgroup", "married", "--method", "abadie-imbens", "--score-known")
    let (values, errors) = (apart.numbers("estimate"), apart.numbers("std.error"))
    let square =
      (values[1] - values[2]) * (values[1] - values[2])
      / (errors[1] * errors[1] + errors[2] * errors[2])
    #expect(close(apart.numbers("statistic")[3], square))
    let paired = try run("--subgroup", "married")
    #expect(paired.errors.contains("cross levels of married"))
    let rare = try run(
      "--subgroup", "old", "--derive", "old = age > 47", "--method", "aipw")
    #expect(rare.errors.contains("old="))
  }

  @Test func imputations() throws {
    let folder = try TemporaryFolder()
    let text = try String(
      contentsOf: Golden.projectFolder.appendingPathComponent(lalonde), encoding: .utf8)
    var lines = text.split(whereSeparator: \.isNewline).map(String.init)
    let header = lines.removeFirst()
    func file(_ copies: [(String, Int)], _ name: String) throws -> String {
      var stacked = ["imp," + header]
      // Every copy leaves out another person, so that copies differ.
      for (copy, dropped) in copies {
        for (row, line) in lines.enumerated() where row != dropped {
          stacked.append("\(copy),\(line)")
        }
      }
      let path = folder.path + "/" + name
      try stacked.joined(separator: "\n").write(toFile: path, atomically: true, encoding: .utf8)
      return path
    }
    let path = try file([("0", -1), ("1", 3), ("2", 50), ("3", 170)], "stacked.csv")
    let pooled = try run("--imputation", "imp", "--method", "aipw", data: path)
    #expect(pooled.status == 0, "\(pooled.errors)")
    var (estimates, variances) = ([Double](), [Double]())
    for copy in 1...3 {
      let one = try run("--where", "imp == \(copy)", "--method", "aipw", data: path)
      estimates.append(one.first("estimate"))
      variances.append(one.first("std.error") * one.first("std.error"))
    }
    let mean = estimates.reduce(0, +) / 3
    let between = estimates.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 2
    let within = variances.reduce(0, +) / 3
    let total = within + 4 / 3 * between
    #expect(close(pooled.first("estimate"), mean))
    #expect(close(pooled.first("std.error"), total.squareRoot()))
    let lambda = 4 / 3 * between / total
    #expect(close(pooled.first("df"), 2 / (lambda * lambda)))
    #expect(pooled.errors.contains("imputation 0"))
    #expect(pooled.rows.first?["se_type"]?.hasSuffix("Rubin, m=3") == true)
    let single = try file([("1", 3)], "single.csv")
    #expect(try run("--imputation", "imp", data: single).status == 65)
  }

  @Test(
    arguments: [
      (["--method", "abadie-imbens", "--bootstrap", "50"], Int32(64), "Abadie and Imbens 2008"),
      (["--replace", "--bootstrap", "50"], 64, "Abadie and Imbens 2008"),
      (["--method", "dml", "--se", "bootstrap"], 64, "dml"),
      (["--se", "m-estimation"], 64, "m-estimation"),
      (["--method", "tmle", "--se", "m-estimation"], 64, "m-estimation is for aipw"),
      (["--method", "abadie-imbens", "--se", "m-estimation"], 64, "m-estimation"),
      (["--method", "ipw", "--se", "robust", "--bootstrap", "9"], 64, "bootstrap"),
      (["--method", "aipw", "--method", "nearest"], 64, "design"),
      (["--method", "aipw", "--caliper", "0.2"], 64, "caliper"),
      (["--method", "tmle", "--estimand", "ATO"], 64, "ATE, ATT or ATC"),
      (["--method", "abadie-imbens", "--cluster", "educ"], 64, "cluster"),
      (["--method", "aimw"], 64, "aipw"),
      (["--method", "score"], 64, "method"),
      (["--method", "dml", "--folds", "1"], 64, "folds"),
      (["--subgroup", "colour"], 65, "colour"),
      (["--method", "aipw", "--effect", "odds-ratio"], 65, "odds ratio"),
    ])
  func refusals(_ options: [String], _ status: Int32, _ word: String) throws {
    let run = try CommandLineRun(
      arguments: ["effect", lalonde, covariates, "--outcome", "re78"] + options)
    #expect(run.status == status, "\(run.errors)")
    #expect(run.errors.contains(word), "\(run.errors)")
    #expect(run.output.isEmpty)
  }
}
