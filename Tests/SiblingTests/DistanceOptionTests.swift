import TestSupport
import Testing

private let lalonde = "Data/lalonde/lalonde.csv"
private let score = "treat ~ age + educ + race + married + nodegree + re74 + re75"

@Suite struct DistanceOptions {
  @Test func mahalanobis() throws {
    let pairs = try CommandLineRun(
      "match", lalonde, score, "--distance", "mahalanobis", "--pairs")
    #expect(pairs.status == 0, Comment(rawValue: pairs.errors))
    #expect(close(pairs.numbers("distance").reduce(0, +), 343.2444168170, .published))
    let rows = try CommandLineRun("match", lalonde, score, "--distance", "mahalanobis")
    #expect(rows.rows.count == 614)
    #expect(rows.rows.allSatisfy { ($0["distance"] ?? "").isEmpty })
    let effect = try CommandLineRun(
      "effect", lalonde, score, "--distance", "mahalanobis", "--outcome", "re78")
    #expect(effect.number("n_comparison", term: "ATT") == 185)
    let balance = try CommandLineRun("balance", lalonde, score, "--distance", "mahalanobis")
    #expect(!balance.rows.contains { $0["covariate"] == "distance" })
  }

  @Test func pairingWithinTheScore() throws {
    let options = ["--mahalanobis-on", "~ age + educ + re74", "--caliper", "0.2"]
    let run = try CommandLineRun(arguments: ["match", lalonde, score] + options)
    #expect(run.status == 0, Comment(rawValue: run.errors))
    #expect(run.rows.allSatisfy { !($0["distance"] ?? "").isEmpty })
    #expect(run.rows.count { $0["treated"] == "1" && $0["weight"] == "1" } == 113)
    let pairs = try CommandLineRun(arguments: ["match", lalonde, score, "--pairs"] + options)
    #expect(pairs.rows.count == 113)
    #expect(pairs.numbers("distance").max() ?? 0 > 1)
  }

  @Test func preferredLevel() throws {
    let run = try CommandLineRun("match", lalonde, score, "--prefer", "race")
    #expect(run.status == 0, Comment(rawValue: run.errors))
    // As many as agree exactly (a published value), and then everybody else.
    #expect(run.errors.contains("185 pairs"))
    #expect(run.errors.contains("116 pairs within the preferred level"))
  }

  @Test(arguments: [
    (["--distance", "mahalanobis", "--caliper", "0.2"], "in standard deviations needs a score"),
    (["--distance", "euclidean", "--discard", "both"], "needs a score"),
    (["--distance", "euclidean", "--order", "largest"], "by score needs one"),
    (["--distance", "mahalanobis", "--ratio", "2", "--max-ratio", "3"], "by score"),
    (["--distance", "mahalanobis", "--method", "subclass"], "is a score or a column"),
    (["--distance", "mahalanobis", "--mahalanobis-on", "~ age"], "needs a score"),
    (["--method", "cem", "--prefer", "race"], "does not apply"),
  ])
  func refusals(_ options: [String], _ words: String) throws {
    let run = try CommandLineRun(arguments: ["match", lalonde, score] + options)
    #expect(run.status == 64)
    #expect(run.errors.contains(words), Comment(rawValue: run.errors))
  }

  @Test func weightingNeedsAScore() throws {
    let run = try CommandLineRun(
      "balance", lalonde, score, "--distance", "mahalanobis", "--method", "ipw")
    #expect(run.status == 64)
    let treated = try CommandLineRun("match", lalonde, score, "--mahalanobis-on", "~ age + treat")
    #expect(treated.status == 65)
    #expect(treated.errors.contains("among the covariates of --mahalanobis-on"))
  }
}
