import Foundation
import TestSupport
import Testing

private let lalonde = "Data/lalonde/lalonde.csv"
private let score = "treat ~ age + educ + race + married + nodegree + re74 + re75"
private let columns =
  "analysis,covariate,level,stage,mean_treated,mean_comparison,smd,var_ratio,ecdf_mean,ks,overlap"
  + ",smd_denominator"

/// What `balance` measures on request.
@Suite struct BalanceVerb {
  private func header(_ run: CommandLineRun) -> String {
    run.output.split(separator: "\n").first.map(String.init) ?? ""
  }

  @Test func thresholdsAddColumnsOnlyWhenAsked() throws {
    let plain = try CommandLineRun("balance", lalonde, score)
    #expect(header(plain) == columns)
    let judged = try CommandLineRun(
      "balance", lalonde, score, "--caliper", "0.2", "--threshold", "0.1", "--threshold-ks", "0.2",
      "--threshold-ratio", "2")
    #expect(judged.status == 0, Comment(rawValue: judged.errors))
    #expect(header(judged) == columns + ",smd_status,var_ratio_status,ks_status")
    var exceeding = 0
    for row in judged.rows where row["covariate"] != "ess" {
      let smd = row["smd"].flatMap { Double($0) } ?? .nan
      #expect(row["smd_status"] == (smd.magnitude <= 0.1 ? "balanced" : "not balanced"))
      #expect((row["var_ratio_status"] == "") == (row["var_ratio"] == ""))
      if row["stage"] == "adjusted", row["covariate"] != "distance", smd.magnitude > 0.1 {
        exceeding += 1
      }
    }
    #expect(
      judged.errors.contains(
        "\(exceeding) of 9 covariates exceed a standardised mean difference of 0.1 after"),
      Comment(rawValue: judged.errors))
  }

  @Test func interactionsAndPowers() throws {
    let run = try CommandLineRun(
      "balance", lalonde, score, "--method", "ipw", "--interactions", "--squares", "--powers", "3")
    #expect(run.status == 0, Comment(rawValue: run.errors))
    let names = Set(run.rows.map { ($0["covariate"] ?? "") + "|" + ($0["level"] ?? "") })
    for name in ["age^2|", "age^3|", "age:educ|", "age:race|black", "race:married|white"] {
      #expect(names.contains(name), "\(name)")
    }
    // The same numbers as a column made in the data.
    let made = try CommandLineRun(
      "balance", lalonde, score + " + age:educ", "--method", "ipw", "--distance", "logit")
    func treated(_ run: CommandLineRun) -> String? {
      run.rows.first { $0["covariate"] == "age:educ" && $0["stage"] == "unadjusted" }?["smd"]
    }
    let pair = [treated(run), treated(made)].compactMap { $0.flatMap { Double($0) } }
    #expect(pair.count == 2 && close(pair[0], pair[1], .closedForm))
  }

  @Test func perSubclass() throws {
    let run = try CommandLineRun(
      "balance", lalonde, score, "--method", "subclass", "--per-subclass")
    #expect(run.status == 0, Comment(rawValue: run.errors))
    #expect(header(run) == columns)
    let parts = Set(run.rows.map { $0["analysis"] ?? "" })
    #expect(parts == Set(["balance"] + (1...6).map { "subclass=\($0)" }))
    let sizes = run.rows.filter { $0["covariate"] == "ess" && $0["analysis"] != "balance" }
    #expect(sizes.reduce(0) { $0 + (Double($1["mean_treated"] ?? "") ?? .nan) } == 185)
    #expect(sizes.reduce(0) { $0 + (Double($1["mean_comparison"] ?? "") ?? .nan) } == 429)
    let refused = try CommandLineRun("balance", lalonde, score, "--per-subclass")
    #expect(refused.status == 64 && refused.errors.contains("per-subclass"))
  }

  @Test func siteMeans() throws {
    let folder = try TemporaryFolder(["people.csv": MadeUpStudy.sites(8, treated: 3)])
    let run = try CommandLineRun(
      "balance", "people.csv", "t ~ x", "--site", "site", folder: folder.url)
    #expect(run.status == 0, Comment(rawValue: run.errors))
    #expect(run.errors.contains("3 treated and 5 comparison sites before"))
    let sizes = run.rows.first { $0["covariate"] == "ess" && $0["stage"] == "unadjusted" }
    #expect(sizes?["mean_treated"] == "3" && sizes?["mean_comparison"] == "5")
    let mixed = try CommandLineRun("balance", lalonde, score, "--site", "race")
    #expect(mixed.status == 65)
    #expect(mixed.errors.contains("both treated and comparison rows"))
    withExtendedLifetime(folder) {}
  }

  @Test func quantilesAndDensities() throws {
    let run = try CommandLineRun(
      "balance", lalonde, score, "--caliper", "0.2", "--qq", "re74,distance")
    #expect(run.status == 0, Comment(rawValue: run.errors))
    #expect(
      header(run) == "covariate,stage,probability,quantile_treated,quantile_comparison")
    #expect(run.rows.count == 2 * 2 * 99)
    let data = CSVRecords(
      try String(contentsOf: Golden.projectFolder.appendingPathComponent(lalonde), encoding: .utf8))
    let earnings = data.rows.filter { $0["treat"] == "1" }
      .compactMap { $0["re74"].flatMap { Double($0) } }.sorted()
    for row in run.rows where row["covariate"] == "re74" && row["stage"] == "unadjusted" {
      let probability = Double(row["probability"] ?? "") ?? .nan
      let place = Int((probability * 185 - 1e-9).rounded(.up)) - 1
      #expect(Double(row["quantile_treated"] ?? "") == earnings[place])
    }
    let density = try CommandLineRun("balance", lalonde, score, "--density", "age")
    #expect(density.status == 0, Comment(rawValue: density.errors))
    #expect(header(density) == "covariate,stage,arm,value,density")
    #expect(density.rows.count > 4 * 50)
    let both = try CommandLineRun(
      "balance", lalonde, score, "--density", "age", "--qq", "age")
    #expect(both.status == 64)
    let unknown = try CommandLineRun("balance", lalonde, score, "--qq", "re73")
    #expect(unknown.status == 65 && unknown.errors.contains("re7"))
  }

  /// Rows that rest on few people vanish under a profile, with what was made from them.
  @Test func disclosure() throws {
    let run = try CommandLineRun(
      "balance", lalonde, score, "--caliper", "0.2", "--interactions", "--threshold", "0.1",
      "--disclosure", "acro-default")
    #expect(run.status == 0, Comment(rawValue: run.errors))
    let withheld = run.rows.filter { $0["smd_flag"] == "c" }
    #expect(!withheld.isEmpty && withheld.count < run.rows.count)
    for row in withheld {
      #expect(row["smd"] == "" && row["smd_status"] == "" && row["smd_status_flag"] == "c")
    }
    // Fewer than ten treated are Hispanic and married, though both are columns of many.
    let few = run.rows.filter { $0["covariate"] == "race:married" && $0["level"] == "hispan" }
    #expect(few.count == 2 && few.allSatisfy { $0["mean_treated"] == "" })
    let quantiles = try CommandLineRun(
      "balance", lalonde, score, "--qq", "re75", "--disclosure", "acro-default")
    #expect(quantiles.status == 0, Comment(rawValue: quantiles.errors))
    // 185 treated: eighteen steps of ten people at least, none of them finer.
    #expect(quantiles.rows.count == 2 * 17)
    #expect(quantiles.rows.contains { $0["quantile_treated"] != "" })
    let ends = quantiles.rows.filter { $0["probability"].flatMap { Double($0) } == 1.0 / 18 }
    #expect(ends.count == 2)
    // Too few people for any quantile: none is shown.
    let hispanic = try CommandLineRun(
      "balance", lalonde, "treat ~ educ + married", "--qq", "age", "--where", "race == 'hispan'",
      "--disclosure", "acro-default")
    #expect(hispanic.status == 0, Comment(rawValue: hispanic.errors))
    #expect(!hispanic.rows.isEmpty)
    #expect(hispanic.rows.allSatisfy { $0["quantile_treated"] == "" })
  }

  @Test(arguments: [
    ["--threshold", "-1"], ["--threshold-ratio", "0.5"], ["--powers", "1"], ["--powers", "2.5"],
    ["--qq", "age", "--interactions"], ["--site", "race", "--by", "race"],
  ]) func refusals(_ options: [String]) throws {
    let run = try CommandLineRun(arguments: ["balance", lalonde, score] + options)
    #expect(run.status == 64 && run.output.isEmpty, Comment(rawValue: run.errors))
  }

  @Test func theStudyFileAsksForTheSame() throws {
    let study = MadeUpStudy.file(level: "site").replacing(
      "  formula: \"t ~ x\"",
      with: "  formula: \"t ~ x\"\n  interactions: true\n  squares: true\n  qq: [x]\n"
        + "  density: [x]\n  threshold: 0.25\nlabels:\n  x: Readiness")
    let folder = try TemporaryFolder([
      "people.csv": MadeUpStudy.sites(10, treated: 5), "study.yaml": study,
    ])
    let run = try CommandLineRun(
      "run", "study.yaml", "--output", "out", "-q", folder: folder.url)
    #expect(run.status == 0 || run.status == 2, Comment(rawValue: run.errors))
    let balance = CSVRecords(try folder.text("out/results/balance.csv"))
    #expect(Set(balance.rows.map { $0["analysis"] ?? "" }) == ["matched", "sites"])
    #expect(balance.rows.contains { $0["covariate"] == "x^2" && $0["analysis"] == "matched" })
    let report = try folder.text("out/report.md")
    #expect(report.contains("| Readiness |") && report.contains("| Readiness² |"))
    #expect(!report.contains("| x |"))
    #expect(report.contains("beyond 0.25"))
    #expect(report.contains("figures/qq_1.svg") && report.contains("figures/density_1.svg"))
    #expect(report.contains("5 treated and 5 comparison sites"))
    #expect(folder.files(below: "out/figures").contains("qq_1.svg"))
    withExtendedLifetime(folder) {}
  }
}
