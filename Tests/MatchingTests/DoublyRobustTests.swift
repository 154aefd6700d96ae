import Glibc
import LinearAlgebra
import Statistics
import TestSupport
import Testing

@testable import Matching

@Suite("Doubly robust effects")
struct DoublyRobustTests {
  let lalonde: Lalonde
  let golden: JSON

  init() throws {
    lalonde = try Lalonde()
    golden = try Golden.json("effect_estimators.json")
  }

  /// All treated men of one race had earnings: with race a logistic model separates.
  var withoutRace: DesignMatrix { lalonde.design.selecting(columns: [0, 1, 2, 5, 6, 7, 8]) }

  func effect(
    _ estimator: DoublyRobustEffect, employed: Bool = false, weights: [Double]? = nil,
    cluster: Factor? = nil
  ) throws -> EffectEstimate {
    try estimator.estimate(
      outcome: employed ? lalonde.employed : lalonde.earnings, treatment: lalonde.treatment,
      score: lalonde.design, covariates: employed ? withoutRace : lalonde.design,
      weights: weights, cluster: cluster)
  }

  @Test(
    "Earnings and employment on every scale", arguments: [Estimand.ate, .att, .atc],
    [DoublyRobustEffect.Method.augmentedWeighting, .targetedLearning])
  func goldenValues(estimand: Estimand, method: DoublyRobustEffect.Method) throws {
    for (name, employed) in [("", false), ("employed_", true)] {
      let expected = golden["\(method.rawValue)_\(name)\(estimand.rawValue)"]
      for (scale, value, error) in [
        (MatchedEffect.Scale.difference, "diff", "se"), (.ratio, "logrr", "serr"),
        (.oddsRatio, "logor", "seor"),
      ] where scale != .oddsRatio || employed {
        let found = try effect(
          DoublyRobustEffect(
            method: method, estimand: estimand, scale: scale, standardError: .influence),
          employed: employed)
        #expect(close(found.onErrorScale, expected[value].double), "\(name)\(scale)")
        #expect(
          close(found.estimate.standardError ?? .nan, expected[error].double), "\(name)\(scale)")
      }
    }
  }

  @Test("Clusters and sampling weights")
  func clustersAndWeights() throws {
    let schooling = Factor(lalonde.column("educ").map { "\(Int($0))" })
    for estimand in [Estimand.ate, .att, .atc] {
      let found = try effect(
        DoublyRobustEffect(estimand: estimand, standardError: .influence), cluster: schooling)
      let expected = golden["aipw_educ_\(estimand.rawValue)"]
      #expect(close(found.estimate.standardError ?? .nan, expected["se"].double))
      #expect(found.notes.contains { $0.hasPrefix("there are only 19 clusters") })
      #expect(
        found.estimate.convention
          == "influence function, models taken as known, by cluster, G=19, z")
    }
    let weights = lalonde.column("age").map { 0.5 + Double(Int($0) % 7) / 4 }
    let found = try effect(DoublyRobustEffect(standardError: .influence), weights: weights)
    #expect(close(found.estimate.estimate, golden["aipw_weighted_ATE"]["diff"].double))
    #expect(close(found.estimate.standardError ?? .nan, golden["aipw_weighted_ATE"]["se"].double))
  }

  @Test(
    "Row order, the outcome's scale, and a row twice for a row of weight two",
    arguments: [DoublyRobustEffect.Method.augmentedWeighting, .targetedLearning])
  func invariances(method: DoublyRobustEffect.Method) throws {
    let estimator = DoublyRobustEffect(method: method, estimand: .att)
    let base = try effect(estimator).estimate
    func estimate(_ rows: [Int], _ outcome: [Double], _ weights: [Double]?) throws -> Estimate {
      try estimator.estimate(
        outcome: rows.map { outcome[$0] }, treatment: rows.map { lalonde.treatment[$0] },
        score: lalonde.design.selecting(rows: rows),
        covariates: lalonde.design.selecting(rows: rows), weights: weights
      ).estimate
    }
    let all = Array(0..<614)
    let turned = try estimate(all.reversed(), lalonde.earnings, nil)
    #expect(close(turned.estimate, base.estimate, .converged))
    #expect(close(turned.standardError ?? .nan, base.standardError ?? .nan, .converged))
    let scaled = try estimate(all, lalonde.earnings.map { 5 - 3 * $0 }, nil)
    #expect(close(scaled.estimate, -3 * base.estimate))
    #expect(close(scaled.standardError ?? .nan, 3 * (base.standardError ?? .nan)))
    let repeated = try estimate(all + [5, 400], lalonde.earnings, nil)
    let weights = all.map { $0 == 5 || $0 == 400 ? 2.0 : 1 }
    let weighted = try estimate(all, lalonde.earnings, weights)
    #expect(close(repeated.estimate, weighted.estimate))
    // A row of weight zero is not there.
    let without = try estimate(Array(1..<614), lalonde.earnings, nil)
    let zero = try estimate(all, lalonde.earnings, all.map { $0 == 0 ? 0 : 1 })
    #expect(close(without.estimate, zero.estimate))
    #expect(close(without.standardError ?? .nan, zero.standardError ?? .nan))
  }

  @Test("Targeted predictions stay in the outcome's range, though weights are extreme")
  func bounded() throws {
    let found = try effect(
      DoublyRobustEffect(method: .targetedLearning, estimand: .atc), employed: true)
    #expect((0...1).contains(found.meanTreated))
    #expect((0...1).contains(found.meanComparison))
  }

  @Test("Cross-fitting: seeded, the same on any number of threads, medians, whole clusters")
  func crossFitting() throws {
    let before = Parallel.threads
    defer { Parallel.setThreads(before) }
    var estimator = DoublyRobustEffect(
      method: .doubleMachineLearning, estimand: .att, folds: 4, repetitions: 3, seed: 11)
    var found: [EffectEstimate] = []
    for threads in [1, 4] {
      Parallel.setThreads(threads)
      found.append(try effect(estimator))
    }
    #expect(found[0] == found[1])
    #expect(found[0].estimate.convention.contains("4 folds, median of 3"))
    estimator.repetitions = 1
    let once = try effect(estimator).estimate
    let plain = try effect(DoublyRobustEffect(estimand: .att)).estimate
    #expect((once.estimate - plain.estimate).magnitude < (plain.standardError ?? 0) / 2)
    estimator.seed = 12
    #expect(try effect(estimator).estimate.estimate != once.estimate)
    let sites = Factor((0..<614).map { "\($0 % 30)" })
    let problem = try DoublyRobustProblem(
      estimator, lalonde.earnings, lalonde.treatment, lalonde.design, lalonde.design, nil, sites,
      nil)
    let folds = problem.folds(repetition: 0)
    for row in 0..<614 { #expect(folds[row] == folds[row % 30]) }
    #expect(Set(folds).count == 4)
  }

  /// Data of a known effect: one of the models may be given the wrong covariate.
  struct World {
    var treatment: [Bool] = []
    var outcome: [Double] = []
    var right: DesignMatrix
    var wrong: DesignMatrix

    init(seed: UInt64, rows: Int) {
      var stream = RandomStream(seed: seed, name: "world")
      var (x, z) = ([Double](), [Double]())
      for _ in 0..<rows {
        let (a, b) = (stream.normal(), stream.normal())
        let isTreated = stream.bernoulli(1 / (1 + exp(-(0.8 * a - 0.5 * b))))
        treatment.append(isTreated)
        outcome.append(1 + 2 * a + b + (isTreated ? 1 : 0) + stream.normal())
        x.append(a)
        z.append(b)
      }
      let one = [Double](repeating: 1, count: rows)
      right = DesignMatrix(matrix: Matrix(columns: [one, x, z]), names: ["(Intercept)", "x", "z"])
      let squares = x.map { $0 * $0 }
      wrong = DesignMatrix(matrix: Matrix(columns: [one, squares]), names: ["(Intercept)", "x2"])
    }
  }

  @Test(
    "Either model may be wrong, but not both",
    arguments: DoublyRobustEffect.Method.allCases, [Estimand.ate, .att, .atc])
  func doubleRobustness(method: DoublyRobustEffect.Method, estimand: Estimand) throws {
    let world = World(seed: 3, rows: 8000)
    let estimator = DoublyRobustEffect(
      method: method, estimand: estimand,
      outcomeModel: method == .targetedLearning ? .automatic : .linear)
    func miss(_ score: DesignMatrix, _ covariates: DesignMatrix) throws -> Double {
      let found = try estimator.estimate(
        outcome: world.outcome, treatment: world.treatment, score: score, covariates: covariates
      ).estimate
      return (found.estimate - 1).magnitude
    }
    #expect(try miss(world.right, world.right) < 0.12)
    #expect(try miss(world.right, world.wrong) < 0.25)
    // A logistic model of a bounded outcome is itself only nearly right.
    #expect(try miss(world.wrong, world.right) < (method == .targetedLearning ? 0.3 : 0.12))
    #expect(try miss(world.wrong, world.wrong) > 0.6)
  }

  @Test("Intervals of 95% hold the effect about as often")
  func coverage() throws {
    var held = 0
    for seed in 0..<200 {
      let world = World(seed: UInt64(1000 + seed), rows: 300)
      let found = try DoublyRobustEffect(outcomeModel: .linear).estimate(
        outcome: world.outcome, treatment: world.treatment, score: world.right,
        covariates: world.right)
      if let interval = found.estimate.interval, interval.low <= 1, interval.high >= 1 { held += 1 }
    }
    #expect((178...198).contains(held), "\(held) of 200")
  }

  @Test("An effect in a subgroup averages that subgroup alone")
  func subgroup() throws {
    let young = lalonde.column("age").map { $0 < 25 }
    let estimator = DoublyRobustEffect(estimand: .att, standardError: .influence)
    func part(_ mask: [Bool]) throws -> EffectEstimate {
      try estimator.estimate(
        outcome: lalonde.earnings, treatment: lalonde.treatment, score: lalonde.design,
        covariates: lalonde.design, within: mask)
    }
    let (one, two) = (try part(young), try part(young.map { !$0 }))
    let all = try effect(estimator)
    #expect(one.treatedRows + two.treatedRows == 185)
    let mixed =
      (Double(one.treatedRows) * one.estimate.estimate
        + Double(two.treatedRows) * two.estimate.estimate) / 185
    #expect(close(mixed, all.estimate.estimate, .converged))
    for (row, value) in (one.influence ?? []).enumerated() where !young[row] {
      #expect(value == 0)
    }
  }

  @Test("Bad input is refused")
  func refusals() throws {
    func code(
      _ estimator: DoublyRobustEffect, outcome: [Double]? = nil, treatment: [Bool]? = nil,
      score: DesignMatrix? = nil, weights: [Double]? = nil, cluster: Factor? = nil
    ) -> SiblingError.Code? {
      do throws(SiblingError) {
        _ = try estimator.estimate(
          outcome: outcome ?? lalonde.earnings, treatment: treatment ?? lalonde.treatment,
          score: score ?? lalonde.design, covariates: lalonde.design, weights: weights,
          cluster: cluster)
        return nil
      } catch {
        return error.code
      }
    }
    var missing = lalonde.earnings
    missing[3] = .nan
    #expect(code(.init(), outcome: missing) == .missingValue)
    #expect(
      code(.init(), outcome: missing, weights: (0..<614).map { $0 == 3 ? 0 : 1 }) == nil)
    #expect(code(.init(), outcome: missing.map { _ in 2 }) == .constantOutcome)
    #expect(code(.init(estimand: .ato)) == .invalidOption)
    for method in [DoublyRobustEffect.Method.targetedLearning, .doubleMachineLearning] {
      #expect(code(.init(method: method, standardError: .stacked)) == .invalidOption)
    }
    #expect(code(.init(folds: 1)) == .invalidOption)
    #expect(code(.init(outcomeModel: .logit)) == .badValue)
    #expect(code(.init(scale: .oddsRatio)) == .badValue)
    #expect(code(.init(), weights: [Double](repeating: 0, count: 614)) == .noMatches)
    #expect(code(.init(), weights: (0..<614).map { $0 == 0 ? -1 : 1 }) == .badWeight)
    #expect(
      code(.init(), cluster: Factor([String](repeating: "a", count: 614))) == .tooFewClusters)
    // A column that is the treatment separates.
    let copy = DesignMatrix(
      matrix: Matrix(columns: [
        [Double](repeating: 1, count: 614), lalonde.treatment.map { $0 ? 1 : 0 },
      ]), names: ["(Intercept)", "copy"])
    #expect(code(.init(), score: copy) == .separation)
    // One treated row: its outcome is the whole of its model, and the scores' model may separate.
    #expect(code(.init(), treatment: (0..<614).map { $0 == 0 }) != nil)
  }
}
