import Foundation
import TestSupport
import Testing

private let lalonde = "Data/lalonde/lalonde.csv"
private let score = "treat ~ age + educ + race + married + nodegree + re74 + re75"

/// Cardinality matching from the command line.
@Suite struct CardinalityDesigns {
  @Test func keepsTheLargestBalancedSamples() throws {
    let run = try CommandLineRun(
      arguments: ["match", lalonde, score, "--method", "cardinality", "--estimand", "ATE"])
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.errors.contains("118 units kept, upper bound 118"))
    for group in ["0", "1"] {
      #expect(run.rows.count { $0["treated"] == group && $0["weight"] == "1" } == 118)
    }
    #expect(run.rows.allSatisfy { $0["subclass"] == "" })
    let profile = try CommandLineRun(
      arguments: ["match", lalonde, score, "--method", "cardinality", "--tolerance", "0.1"])
    #expect(profile.rows.count { $0["treated"] == "1" && $0["weight"] == "1" } == 185)
    #expect(profile.rows.count { $0["treated"] == "0" && $0["weight"] == "1" } == 106)
  }

  @Test func balanceHoldsAndErrorsAreRobust() throws {
    let options = ["--method", "cardinality", "--ratio", "1", "--tolerance", "0.1"]
    let balance = try CommandLineRun(arguments: ["balance", lalonde, score] + options)
    let adjusted = balance.rows.filter { $0["stage"] == "adjusted" }
      .compactMap { $0["smd"].flatMap { Double($0) } }
    #expect(adjusted.count == 9)
    #expect(adjusted.allSatisfy { $0.magnitude <= 0.1 + 1e-8 })
    for method in ["difference", "gcomp"] {
      let effect = try CommandLineRun(
        arguments: ["effect", lalonde, score, "--outcome", "re78", "--method", method] + options)
      #expect(effect.status == 0, "\(effect.errors)")
      #expect(effect.rows.first?["se_type"]?.hasPrefix("HC1") == true)
    }
  }

  @Test func refusals() throws {
    let cases: [([String], Int32, String)] = [
      (["--pairs"], 64, "which makes none"),
      (["--exact", "race"], 64, "exact does not apply to cardinality"),
      (["--ratio", "1.5"], 64, "whole number for cardinality"),
      (["--estimand", "ATO"], 64, "ATO and ATM need weighting"),
      (["--weights", "age"], 64, "takes no sampling weights"),
      (["--tolerance", "-1"], 64, "tolerance takes a number"),
    ]
    for (options, status, words) in cases {
      let run = try CommandLineRun(
        arguments: ["match", lalonde, score, "--method", "cardinality"] + options)
      #expect(run.status == status, "\(options): \(run.errors)")
      #expect(run.errors.contains(words), "\(options): \(run.errors)")
      #expect(run.output == "")
    }
  }
}
