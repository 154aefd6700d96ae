import TestSupport
import Testing

/// The verb `dose-response` and the section of that name.
@Suite struct DoseResponseVerbTests {
  private static let trials = ["dose-response", "Data/bcg/trials.csv"]

  /// τ², R² and the slope of the textbook example, as metafor has them.
  @Test func published() throws {
    let run = try CommandLineRun(
      arguments: Self.trials + [
        "log_risk_ratio ~ latitude", "--std-error", "std_error", "--permutations", "0", "--at",
        "33.5",
      ])
    #expect(run.status == 0, "\(run.errors)")
    func number(_ column: String, _ term: String) -> Double {
      run.number(column, where: "term", is: term)
    }
    #expect(close(number("estimate", "latitude"), -0.0291017250116492, .published))
    #expect(close(number("std.error", "latitude"), 0.00820141741103757, .published))
    #expect(number("df", "latitude") == 11)
    #expect(close(number("estimate", "tau2"), 0.0763479639552553, .published))
    #expect(close(number("estimate", "R2"), 0.756266218116049, .published))
    #expect(close(number("conf.low", "prediction(latitude=33.5)"), -1.38890926544767, .published))
    #expect(run.errors.contains("exploratory"))
    #expect(!run.output.contains("permutation:"))
  }

  @Test(
    "what can't be estimated is refused",
    arguments: [
      (["effect ~ dose", "--std-error", "se"], "too few for a slope", 65),
      (["effect ~ dose"], "--std-error is needed", 64),
      (["effect ~ dose", "--std-error", "sf"], "sf", 65),
      (["effect ~ dose", "--std-error", "zero"], "must be a positive number", 65),
      (["effect ~ dose", "--std-error", "se", "--cluster", "dose"], "does not apply", 64),
      (["effect ~ dose", "--std-error", "se", "--method", "rem"], "takes one of", 64),
      (["~ dose", "--std-error", "se"], "left side", 64),
    ] as [([String], String, Int32)])
  func refusals(_ arguments: [String], _ words: String, _ status: Int32) throws {
    let folder = try TemporaryFolder([
      "sites.csv": "effect,se,zero,dose\n1,0.5,1,1\n2,0.5,0,2\n3,0.4,1,4\n"
    ])
    let run = try CommandLineRun(
      arguments: ["dose-response", "sites.csv"] + arguments, folder: folder.url)
    #expect(run.status == status, "\(run.errors)")
    #expect(run.errors.contains(words), "\(run.errors)")
    #expect(run.output == "")
  }

  @Test func severalCovariates() throws {
    let run = try CommandLineRun(
      arguments: Self.trials + [
        "log_risk_ratio ~ latitude + year", "--std-error", "std_error", "--permutations", "20",
      ])
    #expect(run.status == 0, "\(run.errors)")
    for term in ["permutation:year", "leave-one-out:latitude", "detectable:year", "prediction"] {
      #expect(run.output.contains(term))
    }
    let at = try CommandLineRun(
      arguments: Self.trials + [
        "log_risk_ratio ~ latitude + year", "--std-error", "std_error", "--at", "3",
      ])
    #expect(at.status == 64)
    #expect(at.errors.contains("one covariate"))
  }
}
