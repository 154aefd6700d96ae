import Foundation
import TestSupport
import Testing

private let lalonde = "Data/lalonde/lalonde.csv"
private let score = "treat ~ age + educ + race + married + nodegree + re74 + re75"

@Suite struct PublishedWeightValues {
  static let hajek: [(estimand: String, value: Double)] = [
    ("ATE", 224.676309104), ("ATT", 1214.071223293), ("ATC", -186.915899841),
    ("ATO", 1242.200635940), ("ATM", 1119.521192510),
  ]

  @Test(arguments: hajek) func inverseProbability(_ estimand: String, _ value: Double) throws {
    let golden = try Golden.json("balance_weights_effects.json")["weightit_\(estimand)"]
    let effect = try CommandLineRun(
      "effect", lalonde, score, "--outcome", "re78", "--method", "ipw", "--method", "difference",
      "--estimand", estimand)
    #expect(close(effect.number("estimate", term: estimand), value, .published))
    let run = try CommandLineRun("weight", lalonde, score, "--estimand", estimand)
    #expect(run.status == 0, "\(run.errors)")
    let weights = run.numbers("weight")
    #expect(close(Array(weights.prefix(10)), golden["w10"].doubles, .stopsEarly))
    #expect(close(weights.reduce(0, +), golden["sum"].double, .stopsEarly))
    #expect(run.numbers("propensity").allSatisfy { $0 > 0 && $0 < 1 })
    // The denominators of the whole table, and the table itself.
    let balance = try CommandLineRun(
      "balance", lalonde, score, "--method", "ipw", "--estimand", estimand)
    for (offset, stage) in [(0, "unadjusted"), (3, "adjusted")] {
      let rows = balance.rows.filter { $0["stage"] == stage && $0["covariate"] != "ess" }
      #expect(rows.count == golden["m"].array.count)
      for (row, expected) in zip(rows, golden["m"].array.map(\.doubles)) {
        let found = row["smd"].flatMap { Double($0) } ?? .nan
        #expect(close(found, expected[offset], .stopsEarly), "\(row)")
      }
    }
    if estimand == "ATO" {
      let age = balance.rows.first { $0["covariate"] == "age" && $0["stage"] == "unadjusted" }
      let smd = age?["smd"].flatMap { Double($0) } ?? .nan
      #expect((smd + 0.245693).magnitude < 5e-7)
    }
  }

  @Test func entropyBalancing() throws {
    let effect = try CommandLineRun(
      "effect", lalonde, score, "--outcome", "re78", "--method", "entropy", "--method", "difference"
    )
    #expect(close(effect.number("estimate", term: "ATT"), 1273.261813912, .published))
    let balance = try CommandLineRun("balance", lalonde, score, "--method", "entropy")
    let ess = balance.rows.first { $0["covariate"] == "ess" && $0["stage"] == "adjusted" }
    let found = ess?["mean_comparison"].flatMap { Double($0) } ?? .nan
    #expect((found - 98.457834).magnitude < 1e-6)
    for row in balance.rows where row["stage"] == "adjusted" && row["covariate"] != "ess" {
      #expect((row["smd"].flatMap { Double($0) } ?? .nan).magnitude < 1e-10)
    }
    // Loosely converged peers.
    let golden = try Golden.json("balance_weights_effects.json")
    for (method, key) in [("entropy", "ebal_w10"), ("cbps", "cbps_w10")] {
      let run = try CommandLineRun(
        "weight", lalonde, score, "--method", method, "--estimand", "ATT")
      #expect(
        close(
          Array(run.numbers("weight").suffix(10)), golden[key].doubles, .init(relative: 2e-4)))
    }
  }

  @Test func balancingScore() throws {
    for estimand in ["ATT", "ATC", "ATE", "ATO"] {
      let balance = try CommandLineRun(
        "balance", lalonde, score, "--method", "cbps", "--estimand", estimand)
      #expect(balance.status == 0, "\(balance.errors)")
      for row in balance.rows
      where row["stage"] == "adjusted" && !["ess", "distance"].contains(row["covariate"]) {
        #expect((row["smd"].flatMap { Double($0) } ?? .nan).magnitude < 1e-10)
      }
    }
  }
}

@Suite struct WeightVerb {
  private let data = """
    site,t,x,y,s
    a,1,1,3,1
    a,1,2,4,2
    b,0,1,2,1
    b,0,3,1,1
    c,0,2,2,0
    c,0,,5,1
    d,0,0,2,1
    d,0,4,2,1
    e,1,2,2,1
    """

  @Test func everyRowStands() throws {
    let run = try CommandLineRun("weight", "-", "t ~ x", input: data)
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.rows.map { $0["row"] } == (1...9).map { "\($0)" })
    #expect(run.rows[5]["treated"] == "")
    #expect(run.rows[5]["propensity"] == "")
    #expect(run.rows[5]["weight"] == "")
    #expect(run.errors.contains("effective sample sizes: "))
    #expect(run.errors.contains("1 of 9 rows left out"))
    // Everybody's effect unless something else is asked for.
    let first = try #require(run.rows.first)
    let p = try #require(first["propensity"].flatMap { Double($0) })
    let w = try #require(first["weight"].flatMap { Double($0) })
    #expect(close(w, 1 / p, .closedForm))
  }

  @Test func samplingWeightsMultiply() throws {
    for method in ["ipw", "entropy", "cbps"] {
      let run = try CommandLineRun(
        "weight", "-", "t ~ x", "--method", method, "--estimand", "ATT", "--weights", "s",
        input: data)
      #expect(run.status == 0, "\(run.errors)")
      #expect(run.rows[0]["weight"] == "1")
      #expect(run.rows[1]["weight"] == "2")
      // A weight of zero leaves its row out.
      #expect(run.rows[4]["weight"] == "")
      #expect(run.errors.contains("missing values or zero weights"))
      #expect(run.errors.contains("weights include the sampling weights 's'"))
      #expect((run.rows[0]["propensity"] == "") == (method == "entropy"))
    }
  }

  @Test func stabiliseAndTrim() throws {
    let plain = try CommandLineRun("weight", lalonde, score).numbers("weight")
    let stable = try CommandLineRun("weight", lalonde, score, "--stabilise").numbers("weight")
    for row in [0, 184] { #expect(close(stable[row], plain[row] * 185 / 614, .closedForm)) }
    #expect(close(stable[613], plain[613] * 429 / 614, .closedForm))
    let capped = try CommandLineRun("weight", lalonde, score, "--trim", "0.9").numbers("weight")
    // The quantile of type 3 of 614 weights is the 553rd in order.
    #expect(capped.max() == plain.sorted()[552])
  }

  @Test func momentsToleranceAndSites() throws {
    let second = try CommandLineRun(
      "weight", lalonde, "treat ~ age + educ + married", "--method", "entropy", "--moments", "2",
      "--moment-products", "--estimand", "ATT")
    #expect(second.status == 0, "\(second.errors)")
    #expect(second.errors.contains("8 moments balanced within"))
    let near = try CommandLineRun(
      "balance", lalonde, score, "--method", "entropy", "--tolerance", "0.1")
    let worst =
      near.rows.filter { $0["stage"] == "adjusted" && $0["covariate"] != "ess" }
      .compactMap { $0["smd"].flatMap { Double($0) }?.magnitude }.max() ?? .nan
    #expect(close(worst, 0.1, .init(relative: 1e-9)))
    let sites = try CommandLineRun(
      "weight", "-", "t ~ x", "--method", "entropy", "--estimand", "ATT", "--site-weights", "site",
      "--where", "s > 0", input: data)
    #expect(sites.status == 65)
    #expect(sites.errors.contains("no-overlap"))
  }

  @Test func siteWeightsAreSharedAndClusterEffects() throws {
    var text = "site,t,x,y\n"
    for site in 0..<12 {
      for person in 0..<4 {
        let x = (site * 7) % 10 + (person * person) % 5
        text += "s\(site),\(site % 3 == 0 ? 1 : 0),\(x),\((site * person) % 6)\n"
      }
    }
    let run = try CommandLineRun(
      "weight", "-", "t ~ x", "--method", "entropy", "--estimand", "ATT", "--site-weights", "site",
      input: text)
    #expect(run.status == 0, "\(run.errors)")
    let weights = run.numbers("weight")
    for site in 0..<12 { #expect(Set(weights[(4 * site)..<(4 * site + 4)]).count == 1) }
    #expect(run.errors.contains("8 of 8 comparison sites have weight"))
    let effect = try CommandLineRun(
      "effect", "-", "t ~ x", "--outcome", "y", "--method", "entropy", "--site-weights", "site",
      input: text)
    #expect(effect.first("n_clusters") == 12)
    let few = try CommandLineRun(
      "weight", "-", "t ~ x", "--method", "entropy", "--estimand", "ATT", "--moments", "3",
      "--site-weights", "site", "--where", #"site == "s0" | site == "s1" | site == "s2""#,
      input: text)
    #expect(few.status == 65)
    #expect(few.errors.contains("too-few-clusters"))
    #expect(few.errors.contains("3 moments can't be balanced by the weights of 2 comparison sites"))
  }

  @Test func refusals() throws {
    let far = try CommandLineRun(
      "weight", "-", "t ~ x", "--method", "entropy", "--estimand", "ATT",
      input: "t,x\n1,9\n1,8\n0,1\n0,2\n0,3\n")
    #expect(far.status == 65)
    #expect(far.errors.contains("no-overlap"))
    #expect(far.errors.contains("the treated's mean of `x`"))
    for (options, words) in [
      (["--method", "entropy", "--trim", "0.9"], "trim does not apply to entropy balancing"),
      (["--method", "ipw", "--moments", "2"], "moments does not apply to"),
      (["--method", "entropy", "--estimand", "ATO"], "estimand is ATT, ATC or ATE"),
      (["--method", "cbps", "--estimand", "ATM"], "estimand is ATT, ATC, ATE or ATO"),
      (["--method", "cbps", "--tolerance", "0.1"], "tolerance does not apply to"),
      (["--method", "entropy", "--moments", "4"], "moments takes a whole number from 1 to 3"),
      (["--method", "entropie"], "did you mean"),
    ] {
      let run = try CommandLineRun(arguments: ["weight", "-", "t ~ x"] + options, input: data)
      #expect(run.status == 64, "\(options)")
      #expect(run.errors.contains(words), "\(run.errors)")
    }
    let rows = try CommandLineRun(
      "weight", lalonde, score, "--disclosure", "acro-default")
    #expect(rows.status == 3)
  }
}

@Suite struct WeightedStudies {
  /// The same options in a study file give the same effect, and the report names the method.
  @Test(arguments: [
    ["method: entropy", "moments: 2"], ["method: entropy", "tolerance: 0.05"],
    ["method: entropy", "site-weights: site"], ["method: cbps", "estimand: ATE"],
    ["method: ipw", "estimand: ATO"],
  ])
  func studyFile(_ settings: [String]) throws {
    let lines = settings.map { "  \($0)\n" }.joined()
    let folder = try TemporaryFolder([
      "people.csv": MadeUpStudy.sites(12, treated: 6),
      "study.yaml": MadeUpStudy.file().replacingOccurrences(
        of: "  formula: \"t ~ x\"\n", with: "  formula: \"t ~ x\"\n" + lines),
    ])
    let run = try CommandLineRun(
      arguments: ["run", "study.yaml", "--output", "out", "-q"], folder: folder.url)
    #expect(run.status == 0, "\(run.errors)")
    let options = settings.flatMap { setting in
      let parts = setting.split(separator: ":")
      return ["--\(parts[0])", parts[1].trimmingCharacters(in: .whitespaces)]
    }
    let shell = try CommandLineRun(
      arguments: ["effect", "people.csv", "t ~ x", "--outcome", "y", "--method", "difference"]
        + options, folder: folder.url)
    let estimates = CSVRecords(try folder.text("out/results/estimates.csv"))
    let found = estimates.number(
      "estimate", ["analysis": "matched", "estimator": "difference"])
    #expect(close(shell.first("estimate"), found, .init(relative: 1e-11)))
    let report = try folder.text("out/report.md")
    #expect(report.contains("Hainmueller 2012") == settings[0].contains("entropy"))
    #expect(report.contains("Imai and Ratkovic 2014") == settings[0].contains("cbps"))
  }
}
