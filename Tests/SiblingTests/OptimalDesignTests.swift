import Foundation
import TestSupport
import Testing

private let lalonde = "Data/lalonde/lalonde.csv"
private let score = "treat ~ age + educ + race + married + nodegree + re74 + re75"

/// Optimal, full and generalised full matching and pruned strata from the command line.
@Suite struct OptimalDesigns {
  /// The number that follows a phrase on standard error.
  private func number(after phrase: String, in text: String) -> Double {
    guard let range = text.range(of: phrase) else { return .nan }
    let digits = text[range.upperBound...].prefix { "0123456789.e-".contains($0) }
    return Double(digits) ?? .nan
  }

  @Test func publishedObjectives() throws {
    let cases: [([String], Double, Double)] = [
      (["--method", "optimal"], 39.692798784962, 1e-8),
      (["--method", "full"], 2.1416162168770, 1e-8),
      (["--method", "full", "--distance", "probit"], 2.16978146, 3e-9),
    ]
    for (options, golden, digits) in cases {
      let run = try CommandLineRun(arguments: ["match", lalonde, score, "--pairs"] + options)
      #expect(run.status == 0, "\(run.errors)")
      let told = number(after: "total distance ", in: run.errors)
      #expect(close(told, golden, Tolerance(relative: digits)))
      #expect(close(number(after: "lower bound ", in: run.errors), told, .converged))
      let sum = run.rows.compactMap { $0["distance"].flatMap { Double($0) } }.reduce(0, +)
      #expect(close(sum, golden, Tolerance(relative: digits)))
    }
  }

  @Test func caliperReportsTheSmallest() throws {
    let run = try CommandLineRun(
      arguments: ["match", lalonde, score, "--method", "optimal", "--caliper", "0.2"])
    #expect(run.status == 0, "\(run.errors)")
    let width = number(after: "nobody short of a match is ", in: run.errors)
    #expect(run.errors.contains("of 185 matches could be made"))
    let wide = try CommandLineRun(
      arguments: [
        "match", lalonde, score, "--method", "optimal", "--caliper", "\(width)", "--caliper-raw",
      ])
    #expect(wide.rows.filter { $0["treated"] == "1" && $0["weight"] == "1" }.count == 185)
    #expect(!wide.errors.contains("matches could be made"))
  }

  @Test func everyMethodWeighsAndEstimates() throws {
    let cases: [[String]] = [
      ["optimal"], ["optimal", "--ratio", "2", "--exact", "race"],
      ["full", "--min-ratio", "0.2", "--max-ratio", "12"],
      ["full", "--caliper", "0.1", "--covariate-caliper", "age=10", "--caliper-raw"],
      ["full", "--estimand", "ATE", "--anti-exact", "married"], ["quick", "--exact", "married"],
      ["cem", "--k2k"],
    ]
    for options in cases {
      let balance = try CommandLineRun(
        arguments: ["balance", lalonde, score, "--method"] + options)
      #expect(balance.status == 0, "\(options): \(balance.errors)")
      let effect = try CommandLineRun(
        arguments: ["effect", lalonde, score, "--outcome", "re78", "--method"] + options)
      #expect(effect.status == 0, "\(options): \(effect.errors)")
      let estimate = effect.rows.first?["estimate"].flatMap { Double($0) } ?? .nan
      #expect(estimate.isFinite, "\(options)")
    }
  }

  @Test func prunedStrataAreBalanced() throws {
    let run = try CommandLineRun(
      arguments: ["match", lalonde, score, "--method", "cem", "--k2k", "--pairs"])
    #expect(run.status == 0, "\(run.errors)")
    let whole = try CommandLineRun(arguments: ["match", lalonde, score, "--method", "cem"])
    // Each stratum keeps as many pairs as its smaller group allows.
    var sizes: [String: (Int, Int)] = [:]
    for row in whole.rows {
      guard let stratum = row["subclass"], !stratum.isEmpty else { continue }
      if row["treated"] == "1" {
        sizes[stratum, default: (0, 0)].0 += 1
      } else {
        sizes[stratum, default: (0, 0)].1 += 1
      }
    }
    #expect(run.rows.count == sizes.values.reduce(0) { $0 + min($1.0, $1.1) })
    #expect(Set(run.rows.map { $0["comparison_row"] }).count == run.rows.count)
  }

  @Test func refusals() throws {
    let cases: [([String], Int32, String)] = [
      (["--method", "optimal", "--estimand", "ATE"], 64, "ATT or ATC for optimal pair matching"),
      (["--method", "optimal", "--ratio", "1.5"], 64, "whole number"),
      (["--method", "optimal", "--replace"], 64, "replace does not apply to optimal"),
      (["--method", "optimal", "--order", "data"], 64, "order does not apply"),
      (["--method", "full", "--min-ratio", "3"], 65, "the maximum not below"),
      (["--method", "full", "--min-ratio", "0.7"], 64, "one over a whole number"),
      (["--method", "nearest", "--min-ratio", "0.5", "--max-ratio", "2"], 64, "whole number"),
      (["--method", "quick", "--caliper", "0.2"], 64, "caliper does not apply to generalised"),
      (["--method", "quick", "--pairs"], 64, "which makes strata"),
      (["--method", "cem", "--k2k", "--estimand", "ATE"], 64, "ATT or ATC with --k2k"),
      (["--method", "exact", "--k2k"], 64, "k2k does not apply to exact"),
      (["--method", "full", "--estimand", "ATO"], 64, "ATO and ATM need weighting"),
    ]
    for (options, status, words) in cases {
      let run = try CommandLineRun(arguments: ["match", lalonde, score] + options)
      #expect(run.status == status, "\(options): \(run.errors)")
      #expect(run.errors.contains(words), "\(options): \(run.errors)")
      #expect(run.output == "")
    }
  }
}
