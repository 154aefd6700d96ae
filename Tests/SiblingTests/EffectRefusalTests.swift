import Foundation
import TestSupport
import Testing

private let lalonde = "Data/lalonde/lalonde.csv"
private let score = "treat ~ age + educ + race + married + nodegree + re74 + re75"

/// What would be nonsense, or would pass for something else, is refused in words.
@Suite struct EffectRefusals {
  private static let people = """
    t,x,y,b,g,w
    1,1.0,5,1,a,1
    0,1.1,3,0,a,1
    0,2.0,4,0,b,2
    0,0.5,2,0,b,0
    0,1.4,3,0,a,1
    0,0.7,1,0,b,1

    """

  private static let refused: [([String], Int32, String)] = [
    (["--folds", "3"], 64, "folds does not apply to difference"),
    (["--outcome-model", "~ age"], 64, "outcome-model does not apply to difference"),
    (["--bias-adjust", "--method", "aipw"], 64, "bias-adjust does not apply to aipw"),
    (
      ["--method", "gcomp", "--outcome-model", "~ re78"], 65,
      "the outcome, is among the covariates of the outcome model"
    ),
    (
      ["--method", "gcomp", "--outcome-model", "~ treat + age"], 65,
      "the treatment, is among the covariates of the outcome model"
    ),
    (["--imputation", "race"], 65, "copies of one data set have the same"),
    (
      ["--subgroup", "race", "--method", "ipw", "--disclosure", "acro-default"], 64,
      "can't be combined with a disclosure profile"
    ),
  ]

  @Test(arguments: refused.indices) func isRefused(_ index: Int) throws {
    let (options, status, words) = Self.refused[index]
    let run = try CommandLineRun(
      arguments: ["effect", lalonde, score, "--outcome", "re78"] + options)
    #expect(run.status == status, "\(run.errors)")
    #expect(run.errors.contains(words), "\(run.errors)")
    #expect(run.output.isEmpty)
  }

  @Test(arguments: ["nearest", "full"]) func oneRowHasNoUncertainty(_ method: String) throws {
    let run = try CommandLineRun(
      "effect", "-", "t ~ 1", "--outcome", "y", "--method", method, "--where", "x < 1.5",
      input: Self.people)
    #expect(run.status == 65)
    #expect(run.errors.contains("only one treated row is left"), "\(run.errors)")
  }

  @Test func aRatioNeedsEvents() throws {
    let run = try CommandLineRun(
      "effect", lalonde, score, "--outcome", "b", "--derive", "b = treat * married", "--effect",
      "odds-ratio", "--method", "gcomp")
    #expect(run.status == 65)
    #expect(run.errors.contains("no comparison row has the outcome"), "\(run.errors)")
  }

  @Test func aNumberTooLargeToSquare() throws {
    let run = try CommandLineRun(
      "match", "-", "t ~ x", input: "t,x\n1,1e200\n0,2\n1,3\n0,4\n0,1\n")
    #expect(run.status == 65)
    #expect(run.errors.contains("too large for a standard deviation"))
  }

  @Test func aWeightOfZeroLeavesItsRowOut() throws {
    let weighted = try CommandLineRun(
      "match", lalonde, score, "--weights", "z", "--derive", "z = (age > 20) * 1")
    let filtered = try CommandLineRun("match", lalonde, score, "--where", "age > 20")
    #expect(weighted.status == 0, "\(weighted.errors)")
    #expect(weighted.errors.contains("missing values or zero weights"))
    let used = weighted.rows.filter { $0["treated"] != "" }.map { $0["weight"] }
    #expect(used == filtered.rows.map { $0["weight"] })
    let strict = try CommandLineRun(
      "match", lalonde, score, "--weights", "z", "--derive", "z = (age > 20) * 1", "--missing",
      "error")
    #expect(strict.status == 65)
    #expect(strict.errors.contains("a weight is zero"))
  }
}

/// Which standard errors designs get, and what a disclosure profile leaves of notes.
@Suite struct EffectConventions {
  /// R: sandwich HC3 on the weighted regression with all interactions, averaged over the treated.
  @Test func strataAreNoClusters() throws {
    let strata = try CommandLineRun(
      "effect", lalonde, score, "--outcome", "re78", "--method", "subclass", "--method", "gcomp")
    #expect(strata.rows.first?["se_type"]?.hasPrefix("HC3") == true)
    #expect((strata.first("std.error") - 824.6).magnitude < 0.1)
    for method in ["full", "quick", "optimal"] {
      let sets = try CommandLineRun(
        "effect", lalonde, score, "--outcome", "re78", "--method", method)
      #expect(sets.rows.first?["se_type"]?.hasPrefix("CR1 by matched set") == true)
    }
  }

  @Test func notesKeepNoNumbersUnderAProfile() throws {
    let run = try CommandLineRun(
      "effect", lalonde, score, "--outcome", "re78", "--caliper", "0.2", "--disclosure",
      "acro-default", "--where", "age < 25")
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.errors.contains("the estimate is the ATT among the [c] of [c] treated"))
    #expect(run.errors.contains("(Sävje 2022)"))
  }

  /// Treated who are somewhat different, so that weights must differ.
  private static let unlike =
    "id,site,t,x,y\n"
    + (0..<120).map { person in
      let isTreated = person % 3 == 0
      let x = Double((person * 7) % 40) / 40 + (isTreated ? 0.2 : 0)
      return "\(person),s\(person % 10),\(isTreated ? 1 : 0),\(x),\(x + Double(person % 11))\n"
    }.joined()

  @Test func anUnsuitedAnalysisDoesNotCostTheReport() throws {
    let folder = try TemporaryFolder([
      "people.csv": Self.unlike,
      "study.yaml": MadeUpStudy.file(level: "individual")
        .replacingOccurrences(
          of: "formula: \"t ~ x\"", with: "formula: \"t ~ x\"\n  method: entropy")
        + "hidden-bias:\n  rosenbaum: {statistic: wilcoxon, gamma: [1, 2]}\n  robustness: {}\n",
    ])
    let run = try CommandLineRun(
      arguments: ["run", "study.yaml", "--output", "out"], folder: folder.url)
    #expect(run.status == 0, "\(run.errors)")
    let report = try folder.text("out/report.md")
    #expect(report.contains("A robustness value is not given"))
    #expect(report.contains("Rosenbaum's bounds (wilcoxon) are not given"))
    #expect(report.contains("weighted to resemble them on what was recorded"))
  }

  @Test func theHeadlineIsTheDesigns() throws {
    let folder = try TemporaryFolder([
      "people.csv": MadeUpStudy.sites(12, treated: 6),
      "study.yaml": MadeUpStudy.file(
        level: "individual", effect: "    estimators: [aipw, gcomp]"),
    ])
    let run = try CommandLineRun(arguments: ["validate", "study.yaml"], folder: folder.url)
    #expect(run.status != 0)
    #expect(run.errors.contains("put gcomp or difference first"), "\(run.errors)")
  }
}
