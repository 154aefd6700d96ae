import Foundation
import LinearAlgebra
import Matching
import Statistics
import Survival
import TestSupport
import Testing

private let rossi = "Data/rossi/rossi_weekly.csv"
private let score = "fin ~ age + black + wexp + wed + paro + prio"

/// `survival-effect` on the rossi data, coded as the published values are.
private func effect(_ options: String...) throws -> CommandLineRun {
  try CommandLineRun(
    arguments: [
      "survival-effect", rossi, score, "--derive", "black = race == \"black\"", "--derive",
      "wed = mar == \"married\"", "--survival", "Surv(week, arrest)",
    ] + options)
}

extension CommandLineRun {
  /// The numbers of a column in the rows of a scale.
  fileprivate func numbers(_ column: String, scale: String) -> [Double] {
    rows.filter { $0["scale"] == scale }.map { $0[column].flatMap { Double($0) } ?? .nan }
  }
}

@Suite struct SurvivalEffectVerb {
  @Test func publishedWeightedEffects() throws {
    let run = try effect(
      "--method", "ipw", "--estimand", "ATE", "--se", "robust", "--times", "6,26,52")
    #expect(run.status == 0, "\(run.errors)")
    let ratio = run.numbers("estimate", scale: "hazard-ratio")
    #expect(close(log(ratio[0]), -0.360662311566677, .converged))
    #expect(
      close(run.numbers("std.error", scale: "hazard-ratio"), [0.189789928208553], .converged))
    #expect(
      close(
        run.numbers("value_comparison", scale: "survival-difference"),
        [0.970442122094182, 0.846150319228275, 0.692583734328563], .converged))
    #expect(run.numbers("time", scale: "survival-difference") == [6, 26, 52])
    #expect(run.numbers("events_treated", scale: "survival-difference") == [0, 22, 48])
    #expect(run.errors.contains("none of the treated has the event by 6"))
    let difference = run.numbers("estimate", scale: "survival-difference")
    #expect(run.numbers("estimate", scale: "risk-difference") == difference.map { -$0 })
    #expect(run.numbers("e.value", scale: "hazard-ratio")[0] > 1)
  }

  /// M-estimation is the squared derivative of the whole procedure in each person's weight.
  @Test func stackedErrorIsTheJackknifeOfTheWholeProcedure() throws {
    let columns = try Golden.csv("survival/rossi.csv").mapValues {
      Array(Golden.numbers($0).prefix(90))
    }
    let names = ["age", "prio", "paro"]
    let ones = [Double](repeating: 1, count: 90)
    let design = DesignMatrix(
      matrix: Matrix(columns: [ones] + names.map { columns[$0] ?? [] }),
      names: ["(Intercept)"] + names)
    let treated = (columns["fin"] ?? []).map { $0 == 1 }
    let times = try SurvivalTimes(
      time: columns["week"] ?? [], event: (columns["arrest"] ?? []).map { $0 == 1 })
    let method = PropensityWeights(estimand: .ate)
    let estimator = MarginalSurvival(times: [30], tau: 50)
    func procedure(_ counts: [Double]) throws -> (MarginalSurvivalFit, [Double], WeightEquations) {
      let fit = try PropensityScore().fit(design, treatment: treated, weights: counts)
      let weights = try method.weights(
        treatment: treated, probability: fit.probability, samplingWeights: counts)
      let whole = zip(weights, counts).map { $0 * $1 }
      let equations = try method.equations(
        treatment: treated, score: fit, samplingWeights: counts)
      return (try estimator.fit(times, treatment: treated, weights: whole), whole, equations)
    }
    let (fit, weights, equations) = try procedure(ones)
    var squares = [Double](repeating: 0, count: fit.contrasts.count)
    for row in 0..<90 {
      let moved = try [1 + 1e-4, 1 - 1e-4].map { count in
        var counts = ones
        counts[row] = count
        return try procedure(counts).0.contrasts.map(\.estimate)
      }
      for k in squares.indices {
        let slope = (moved[0][k] - moved[1][k]) / 2e-4
        squares[k] += slope * slope
      }
    }
    for (contrast, square) in zip(fit.contrasts, squares) {
      let influence = try equations.influence(slope: contrast.slope, weights: weights)
      let variance = influence.reduce(0) { $0 + $1 * $1 }
      #expect(close(variance, square, Tolerance(relative: 1e-5)))
    }
  }

  @Test func matchedPairsAreClusters() throws {
    let pairs = try effect("--method", "nearest", "--times", "52")
    #expect(pairs.status == 0, "\(pairs.errors)")
    #expect(pairs.rows[0]["se_type"]?.contains("by matched set, G=216") == true)
    // Everybody is matched here, so the difference is the unadjusted one.
    #expect(
      close(
        pairs.numbers("estimate", scale: "survival-difference"), [0.0833333333333333], .converged))
    let own = try effect("--method", "nearest", "--times", "52", "--cluster", "id")
    #expect(
      close(
        own.numbers("std.error", scale: "survival-difference"), [0.0422202593219273], .converged))
    let reused = try effect("--method", "nearest", "--replace", "--times", "52")
    #expect(reused.rows[0]["se_type"]?.contains("by matched set and unit") == true)
    #expect(reused.numbers("std.error", scale: "hazard-ratio")[0] > 0)
  }

  @Test func bootstrapAgreesWithTheSandwich() throws {
    for options in [["--method", "ipw"], ["--method", "nearest", "--caliper", "0.2"]] {
      let call = [
        "survival-effect", rossi, "fin ~ age + prio + paro", "--survival", "Surv(week, arrest)",
        "--times", "26",
      ]
      let plain = try CommandLineRun(arguments: call + options)
      let drawn = try CommandLineRun(arguments: call + options + ["--bootstrap", "200"])
      #expect(drawn.status == 0, "\(drawn.errors)")
      #expect(drawn.numbers("estimate") == plain.numbers("estimate"))
      for (a, b) in zip(plain.numbers("std.error"), drawn.numbers("std.error")) {
        #expect(a / b > 0.8 && a / b < 1.25)
      }
    }
  }

  @Test func sameBytesOnAnyThreads() throws {
    let one = try effect("--method", "ipw", "--bootstrap", "20", "--threads", "1")
    let two = try effect("--method", "ipw", "--bootstrap", "20", "--threads", "2")
    #expect(one.status == 0 && one.output == two.output)
  }

  @Test func refusals() throws {
    func refused(_ options: String..., says text: String) throws {
      let run = try CommandLineRun(arguments: ["survival-effect", rossi] + options)
      #expect(run.status >= 64, "\(options)")
      #expect(run.errors.contains(text), "\(run.errors)")
      #expect(run.output == "")
    }
    let follow = ["--survival", "Surv(week, arrest)"]
    try refused("fin ~ age", says: "--survival is needed")
    try refused("fin ~ age", "--survival", "week", says: "takes Surv(time, event)")
    try refused("fin ~ age + week", follow[0], follow[1], says: "'week' is in the follow-up")
    try refused("fin ~ age", follow[0], follow[1], "--measures", "hazard", says: "measures takes")
    try refused(
      "fin ~ age", follow[0], follow[1], "--se", "m-estimation", says: "estimated weights")
    try refused(
      "fin ~ age", follow[0], follow[1], "--replace", "--bootstrap", "20",
      says: "can't be resampled")
    let late = try effect("--method", "ipw", "--times", "52,60", "--measures", "milestone")
    #expect(late.status == 0)
    #expect(late.errors.contains("survival at 60 is left out"))
    #expect(late.numbers("estimate", scale: "survival-difference")[1].isNaN)
  }
}

private let lung = "Data/lung/lung.csv"

@Suite struct CensoringOptions {
  private static let call = [
    "survival-effect", lung, "sex ~ age + ph.ecog", "--treated", "2", "--method", "ipw",
    "--estimand", "ATE", "--survival", "Surv(time, status)", "--times", "180,365", "--tau", "700",
  ]

  @Test func deltaAddsRowsAndTippingPoints() throws {
    let run = try CommandLineRun(
      arguments: Self.call + ["--delta", "1,2", "--delta-arm", "treated"])
    #expect(run.status == 0, "\(run.errors)")
    func estimates(_ delta: String) -> [Double] {
      run.rows.filter { $0["delta"] == delta && $0["scale"] != "rmst-ratio" }.map {
        $0["estimate"].flatMap { Double($0) } ?? .nan
      }
    }
    // A delta of one is censoring as it is: two milestones on two scales, and the mean.
    let plain = run.rows.filter { ["kaplan-meier", "rmst"].contains($0["estimator"]) }
      .filter { $0["scale"] != "rmst-ratio" }.map { $0["estimate"].flatMap { Double($0) } ?? .nan }
    #expect(plain.count == 5)
    #expect(close(estimates("1"), plain, .closedForm))
    for (worse, known) in zip(estimates("2"), plain) {
      #expect(worse.magnitude < known.magnitude)
    }
    #expect(run.errors.contains("survival at 365: tipping point"))
    #expect(run.errors.contains("among the treated are taken to have delta times"))
  }

  @Test func censoringWeightsAreSaidInWords() throws {
    let run = try CommandLineRun(
      arguments: Self.call + ["--censoring", "~ age + ph.ecog", "--censoring-trim", "0.95"])
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.rows[0]["estimator"] == "cox, ipcw")
    #expect(run.errors.contains("censoring weights assume"))
    #expect(run.errors.contains("their censoring weight cut"))
    // On data whose censoring is all at the end there is nothing to undo.
    let call = ["--method", "ipw", "--times", "26"]
    let plain = try effect(call[0], call[1], call[2], call[3])
    let weighted = try effect(call[0], call[1], call[2], call[3], "--censoring", "~ age")
    #expect(weighted.status == 0, "\(weighted.errors)")
    #expect(close(weighted.numbers("estimate"), plain.numbers("estimate"), .closedForm))
    #expect(close(weighted.numbers("std.error"), plain.numbers("std.error"), .converged))
  }

  @Test func refusals() throws {
    for (options, text) in [
      (["--delta", "-1"], "takes numbers from 0"),
      (["--delta", "2", "--censoring", "~ age"], "can't be combined with --censoring"),
      (["--delta-arm", "treated"], "needs --delta"),
      (["--censoring-trim", "0.9"], "needs --censoring"),
      (["--censoring", "~ sex"], "can't be a covariate of the model of censoring"),
      (["--censoring", "time ~ age"], "takes covariates only"),
    ] {
      let run = try CommandLineRun(arguments: Self.call + options)
      #expect(run.status >= 64, "\(options)")
      #expect(run.errors.contains(text), "\(run.errors)")
    }
  }
}

@Suite struct AdjustedCurveVerb {
  private static let call = [
    "adjusted-curve", rossi, "fin ~ age + race + prio", "--survival", "Surv(week, arrest)",
  ]

  @Test(arguments: ["doubly-robust", "iptw", "cox"]) func differences(_ method: String) throws {
    let run = try CommandLineRun(
      arguments: Self.call + ["--method", method, "--times", "13,26,52"])
    #expect(run.status == 0, "\(run.errors)")
    func survival(_ arm: String) -> [Double] {
      run.rows.filter { $0["arm"] == arm }.map { $0["survival"].flatMap { Double($0) } ?? .nan }
    }
    let (one, zero) = (survival("treated"), survival("comparison"))
    #expect(close(survival("difference"), zip(one, zero).map { $0 - $1 }, .closedForm))
    // The experiment balanced the covariates, so the three agree with the crude curves, roughly.
    #expect((one[2] - 0.7778).magnitude < 0.02 && (zero[2] - 0.6944).magnitude < 0.02)
    let errors = run.numbers("std.error")
    #expect(errors.count == 9 && errors.allSatisfy { $0 > 0.01 && $0 < 0.05 })
    #expect(run.rows.filter { $0["arm"] == "treated" }.map { $0["n_event"] } == ["9", "13", "26"])
  }

  @Test func weightedCurvesAreThoseOfTheEffect() throws {
    let curve = try CommandLineRun(
      arguments: Self.call + ["--method", "iptw", "--times", "26,52"])
    let effect = try CommandLineRun(
      arguments: [
        "survival-effect", rossi, "fin ~ age + race + prio", "--survival", "Surv(week, arrest)",
        "--method", "ipw", "--estimand", "ATE", "--times", "26,52", "--measures", "milestone",
      ])
    let rows = curve.rows.filter { $0["arm"] == "difference" }
    for (column, name) in [("survival", "estimate"), ("std.error", "std.error")] {
      let mine = rows.map { $0[column].flatMap { Double($0) } ?? .nan }
      #expect(close(mine, effect.numbers(name, scale: "survival-difference"), .closedForm))
    }
  }

  @Test func clustersOfOneAndRefusals() throws {
    let plain = try CommandLineRun(arguments: Self.call + ["--times", "26"])
    let own = try CommandLineRun(arguments: Self.call + ["--times", "26", "--cluster", "id"])
    #expect(close(plain.numbers("std.error"), own.numbers("std.error"), .converged))
    for (options, text) in [
      (["--proportional"], "does not apply to doubly-robust"),
      (["--outcome-model", "~ week"], "can't be a covariate of the Cox models"),
      (["--method", "iptw", "--outcome-model", "~ age"], "does not apply to iptw"),
      (["--times", "0"], "takes positive numbers"),
    ] {
      let run = try CommandLineRun(arguments: Self.call + options)
      #expect(run.status >= 64 && run.errors.contains(text), "\(run.errors)")
    }
  }
}

@Suite struct AdjustedMeanOptions {
  @Test func publishedDifference() throws {
    let call = [
      "rmst", lung, "Surv(time, status) ~ sex", "--tau", "365", "--adjust", "~ age + ph.ecog",
    ]
    let run = try CommandLineRun(arguments: call + ["--adjust-method", "ipcw"])
    #expect(run.status == 0, "\(run.errors)")
    #expect(
      close(run.number("estimate", where: "arm", is: "difference"), 56.0177401919683, .converged))
    #expect(
      close(run.number("std.error", where: "arm", is: "difference"), 14.7706598702467, .converged))
    let pseudo = try CommandLineRun(arguments: call)
    #expect(
      close(pseudo.number("estimate", where: "arm", is: "difference"), 51.7305332617077, .converged)
    )
    #expect(pseudo.rows.map { $0["arm"] }.contains("covariate: ph.ecog"))
    for (options, text) in [
      (["--adjust-method", "ipcw"], "needs --adjust"), (["--adjust", "~ sex"], "leave it out"),
    ] {
      let run = try CommandLineRun(arguments: Array(call.prefix(5)) + options)
      #expect(run.status >= 64 && run.errors.contains(text), "\(run.errors)")
    }
  }
}
