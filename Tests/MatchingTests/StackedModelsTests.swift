import Glibc
import LinearAlgebra
import Statistics
import TestSupport
import Testing

@testable import Matching

@Suite("The standard error of AIPW that knows its models were fitted")
struct StackedModelsTests {
  let lalonde: Lalonde
  let golden: JSON
  /// Sampling weights of the golden values.
  let weights: [Double]

  init() throws {
    lalonde = try Lalonde()
    golden = try Golden.json("effect_estimators.json")
    weights = lalonde.column("age").map { 0.5 + Double(Int($0) % 7) / 4 }
  }

  func effect(
    _ estimator: DoublyRobustEffect, employed: Bool = false, weights: [Double]? = nil,
    cluster: Factor? = nil, within: [Bool]? = nil, rows: [Int]? = nil
  ) throws -> EffectEstimate {
    let rows = rows ?? Array(0..<614)
    let outcome = employed ? lalonde.employed : lalonde.earnings
    let design = lalonde.design.selecting(rows: rows)
    return try estimator.estimate(
      outcome: rows.map { outcome[$0] }, treatment: rows.map { lalonde.treatment[$0] },
      score: design,
      covariates: employed ? design.selecting(columns: [0, 1, 2, 5, 6, 7, 8]) : design,
      weights: weights, cluster: cluster, within: within)
  }

  func error(_ effect: EffectEstimate) -> Double { effect.estimate.standardError ?? .nan }

  @Test("The stacked system on every scale, clusters, weights, subgroups", arguments: 0..<3)
  func goldenValues(_ which: Int) throws {
    let estimand = [Estimand.ate, .att, .atc][which]
    func expected(_ name: String) -> JSON { golden["m_aipw_\(name)\(estimand.rawValue)"] }
    for (name, employed) in [("", false), ("employed_", true)] {
      for (scale, key) in [
        (MatchedEffect.Scale.difference, "se"), (.ratio, "serr"), (.oddsRatio, "seor"),
      ] where scale != .oddsRatio || employed {
        let found = try effect(
          DoublyRobustEffect(estimand: estimand, scale: scale), employed: employed)
        #expect(close(error(found), expected(name)[key].double), "\(name)\(scale)")
      }
    }
    let estimator = DoublyRobustEffect(estimand: estimand)
    // The same system with its Jacobian by central differences, which are good to about 1e-10.
    let plain = try effect(estimator)
    #expect(close(error(plain), expected("")["steps"].double))
    #expect(plain.estimate.convention == "M-estimation, score and outcome models estimated, z")
    let schooling = Factor(lalonde.column("educ").map { "\(Int($0))" })
    let clustered = try effect(estimator, cluster: schooling)
    #expect(close(error(clustered), expected("educ_")["se"].double))
    #expect(
      clustered.estimate.convention
        == "M-estimation, score and outcome models estimated, by cluster, G=19, z")
    let weighted = try effect(estimator, weights: weights)
    #expect(close(weighted.estimate.estimate, expected("weighted_")["diff"].double))
    #expect(close(error(weighted), expected("weighted_")["se"].double))
    let young = try effect(
      estimator, weights: weights, within: lalonde.column("age").map { $0 < 25 })
    #expect(close(young.estimate.estimate, expected("young_")["diff"].double))
    #expect(close(error(young), expected("young_")["se"].double))
  }

  @Test(
    "A row's influence is what its weight does to the estimate when everything is fitted again",
    arguments: [Link.logit, .probit, .complementaryLogLog], [Estimand.ate, .att, .atc])
  func infinitesimalRefit(link: Link, estimand: Estimand) throws {
    let young = lalonde.column("age").map { $0 < 25 }
    for (employed, scale, within) in [
      (false, MatchedEffect.Scale.difference, nil), (false, .ratio, young),
      (true, .oddsRatio, nil),
    ] {
      let estimator = DoublyRobustEffect(estimand: estimand, scale: scale, link: link)
      let found = try effect(estimator, employed: employed, weights: weights, within: within)
      let influence = try #require(found.influence)
      let size = influence.reduce(0) { max($0, $1.magnitude) }
      for row in [0, 7, 61, 184, 185, 300, 444, 613] {
        let step = 1e-3
        let sides = try [step, -step].map { change in
          var changed = weights
          changed[row] *= 1 + change
          return try effect(estimator, employed: employed, weights: changed, within: within)
            .onErrorScale
        }
        let slope = (sides[0] - sides[1]) / (2 * step)
        #expect(
          close(influence[row], slope, Tolerance(relative: 1e-5, absolute: 1e-5 * size)),
          "row \(row), \(scale)")
      }
    }
  }

  @Test("With intercepts alone it is the variance of two means")
  func twoMeans() throws {
    let one = DesignMatrix(
      matrix: Matrix(columns: [[Double](repeating: 1, count: 614)]), names: ["(Intercept)"])
    var variance = 0.0
    for group in [true, false] {
      let values = zip(lalonde.earnings, lalonde.treatment).filter { $1 == group }.map(\.0)
      let n = Double(values.count)
      let mean = values.reduce(0, +) / n
      variance += values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (n * n)
    }
    for estimand in [Estimand.ate, .att, .atc] {
      let found = try DoublyRobustEffect(estimand: estimand).estimate(
        outcome: lalonde.earnings, treatment: lalonde.treatment, score: one, covariates: one)
      #expect(close(error(found), variance.squareRoot(), .closedForm), "\(estimand)")
    }
  }

  @Test(
    "Row order, threads, units, and rows twice for weight two", arguments: [false, true],
    [Estimand.ate, .att, .atc])
  func invariances(employed: Bool, estimand: Estimand) throws {
    let estimator = DoublyRobustEffect(estimand: estimand)
    let all = Array(0..<614)
    let base = try effect(estimator, employed: employed)
    let turned = try effect(estimator, employed: employed, rows: all.reversed())
    #expect(close(error(turned), error(base), .converged))
    let before = Parallel.threads
    defer { Parallel.setThreads(before) }
    for threads in [1, 3] {
      Parallel.setThreads(threads)
      #expect(try effect(estimator, employed: employed) == base)
    }
    // Twice the weight for all changes nothing; all rows twice halve the variance.
    let heavy = try effect(
      estimator, employed: employed, weights: [Double](repeating: 2, count: 614))
    #expect(close(error(heavy), error(base), .converged))
    let doubled = try effect(estimator, employed: employed, rows: all + all)
    #expect(close(error(doubled) * 2.squareRoot(), error(base), .converged))
    // A row that stands there twice, both in one cluster, is a row of weight two.
    let twice = [5, 61, 400]
    let repeated = try effect(
      estimator, employed: employed, cluster: Factor((all + twice).map { "\($0)" }),
      rows: all + twice)
    let weighted = try effect(
      estimator, employed: employed, weights: all.map { twice.contains($0) ? 2 : 1 },
      cluster: Factor(all.map { "\($0)" }))
    #expect(close(error(repeated), error(weighted), .converged))
    // A row of weight zero is not there.
    let without = try effect(estimator, employed: employed, rows: Array(1..<614))
    let zero = try effect(estimator, employed: employed, weights: all.map { $0 == 0 ? 0 : 1 })
    #expect(close(error(without), error(zero), .converged))
  }

  @Test("A row without weight may have any covariates", arguments: [Estimand.ate, .att, .atc])
  func wildRowWithoutWeight(estimand: Estimand) throws {
    let estimator = DoublyRobustEffect(estimand: estimand)
    let base = try effect(estimator)
    let names = lalonde.design.names
    for (treated, age) in [(true, 1e6), (true, -1e6), (false, 1e6), (false, -1e6)] {
      let columns = (0..<names.count).map { column in
        lalonde.design.matrix.column(column) + [column == 0 ? 1 : column == 1 ? age : 0]
      }
      let design = DesignMatrix(matrix: Matrix(columns: columns), names: names)
      let found = try estimator.estimate(
        outcome: lalonde.earnings + [0], treatment: lalonde.treatment + [treated], score: design,
        covariates: design, weights: [Double](repeating: 1, count: 614) + [0])
      #expect(close(found.estimate.estimate, base.estimate.estimate))
      #expect(close(error(found), error(base)))
    }
  }

  @Test("A group whose outcome never varies has no outcome model to be uncertain of")
  func constantGroup() throws {
    let outcome = zip(lalonde.employed, lalonde.treatment).map { $1 ? 1 : $0 }
    let found = try DoublyRobustEffect(outcomeModel: .linear).estimate(
      outcome: outcome, treatment: lalonde.treatment, score: lalonde.design,
      covariates: lalonde.design)
    #expect(found.meanTreated == 1)
    // The other mean is as uncertain as alone.
    let moving = lalonde.treatment.map { !$0 }
    let other = try DoublyRobustEffect(outcomeModel: .linear).estimate(
      outcome: zip(outcome, moving).map { $1 ? $0 : 0 }, treatment: lalonde.treatment,
      score: lalonde.design, covariates: lalonde.design)
    #expect(error(found) > 0 && close(error(found), error(other), .converged))
  }

  @Test("It is nearer the estimates' spread than the influence function where a model is wrong")
  func spread() throws {
    for (scoreIsRight, outcomeIsRight) in [(true, false), (false, true)] {
      var (estimates, stacked, plain) = ([Double](), 0.0, 0.0)
      let runs = 200
      for seed in 0..<runs {
        let world = DoublyRobustTests.World(seed: UInt64(5000 + seed), rows: 1000)
        var estimator = DoublyRobustEffect(outcomeModel: .linear)
        func run() throws -> EffectEstimate {
          try estimator.estimate(
            outcome: world.outcome, treatment: world.treatment,
            score: scoreIsRight ? world.right : world.wrong,
            covariates: outcomeIsRight ? world.right : world.wrong)
        }
        let found = try run()
        estimates.append(found.estimate.estimate)
        stacked += error(found) / Double(runs)
        estimator.standardError = .influence
        plain += error(try run()) / Double(runs)
      }
      let mean = estimates.reduce(0, +) / Double(runs)
      let squares = estimates.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      let spread = (squares / Double(runs - 1)).squareRoot()
      #expect((stacked - spread).magnitude < (plain - spread).magnitude)
      #expect((stacked / spread - 1).magnitude < 0.15)
    }
  }
}
