import Glibc
import LinearAlgebra
import Statistics
import TestSupport
import Testing

@testable import Matching

/// The experimental sample with the score that is published with it.
struct ExperimentalSample {
  let treatment: [Bool]
  let outcome: [Double]
  let design: DesignMatrix
  let fit: PropensityScoreFit

  init() throws {
    let data = try Golden.csv("../../Data/nsw/nsw_experiment.csv")
    func column(_ name: String) -> [Double] { Golden.numbers(data[name]) }
    func square(_ values: [Double]) -> [Double] { values.map { $0 * $0 } }
    func isZero(_ values: [Double]) -> [Double] { values.map { $0 == 0 ? 1 : 0 } }
    treatment = column("treat").map { $0 == 1 }
    outcome = column("re78")
    let columns = [
      [Double](repeating: 1, count: treatment.count), column("age"), square(column("age")),
      column("educ"), square(column("educ")), column("black"), column("hisp"), column("marr"),
      column("nodegree"), column("re74"), square(column("re74")), column("re75"),
      square(column("re75")), isZero(column("re74")), isZero(column("re75")),
    ]
    design = DesignMatrix(
      matrix: Matrix(columns: columns),
      names: ["(Intercept)"] + (1..<columns.count).map { "x\($0)" })
    fit = try PropensityScore().fit(design, treatment: treatment)
  }
}

@Suite("Abadie-Imbens matching")
struct AbadieImbensTests {
  let sample: ExperimentalSample
  let golden: JSON

  init() throws {
    sample = try ExperimentalSample()
    golden = try Golden.json("effect_estimators.json")
  }

  func effect(
    _ matching: AbadieImbensMatching, corrected: Bool = false, adjusted: Bool = false,
    order: [Int]? = nil
  ) throws -> EffectEstimate {
    let rows = order ?? Array(sample.treatment.indices)
    let treatment = rows.map { sample.treatment[$0] }
    let design = sample.design.selecting(rows: rows)
    let fit = try PropensityScore().fit(design, treatment: treatment)
    return try matching.estimate(
      outcome: rows.map { sample.outcome[$0] }, treatment: treatment,
      distance: .score(fit.score), score: corrected ? fit : nil, adjusting: adjusted ? design : nil)
  }

  @Test("The published effect on the experimental sample, its score taken as known")
  func published() throws {
    let effect = try effect(AbadieImbensMatching())
    #expect(close(effect.estimate.estimate, 2165.203370014))
    #expect(close(effect.estimate.standardError ?? .nan, 829.781057491))
    #expect(effect.treatedRows == 185)
    #expect(effect.estimate.term == "ATT")
    #expect(effect.estimate.convention == "Abadie-Imbens, one variance, score taken as known, z")
  }

  @Test(
    "Every estimand, number of matches, variance, adjustment and correction, as by brute force",
    arguments: [Estimand.att, .atc, .ate], [(1, 0), (1, 2), (3, 1)])
  func bruteForce(estimand: Estimand, setting: (Int, Int)) throws {
    let (matches, neighbors) = setting
    for adjusted in [false, true] {
      for corrected in [false, true] {
        let found = try effect(
          AbadieImbensMatching(
            estimand: estimand, matches: matches, varianceNeighbors: neighbors),
          corrected: corrected, adjusted: adjusted)
        let key =
          "ai_\(estimand.rawValue)_m\(matches)_j\(neighbors)_adj\(adjusted ? 1 : 0)"
          + "_corr\(corrected ? 1 : 0)"
        let expected = golden[key]
        #expect(close(found.estimate.estimate, expected["estimate"].double), "\(key)")
        #expect(close(found.estimate.standardError ?? .nan, expected["se"].double), "\(key)")
      }
    }
  }

  @Test("Neighbours, sums and gifts on a coarse grid equal a plain reading", arguments: 0..<40)
  func neighbors(seed: Int) {
    var stream = RandomStream(seed: UInt64(seed), name: "neighbors")
    let n = 3 + stream.integer(below: 150)
    let levels = 1 + stream.integer(below: 12)
    let score = (0..<n).map { _ in Double(stream.integer(below: levels)) / 4 }
    let group = (0..<n).filter { _ in stream.bernoulli(0.6) }.map { Int32($0) }
    guard !group.isEmpty else { return }
    let count = 1 + stream.integer(below: group.count)
    let values = (0..<n).map { _ in stream.normal() }
    let lists = NeighborLists(score: score, group: group, count: count)
    let points = NeighborLists(
      coordinates: Matrix(columns: [score]), group: group, count: count)
    var sums = [Double](repeating: 0, count: n)
    var gifts = sums
    for row in 0..<n {
      let distances = group.map { (score[Int($0)] - score[row]).magnitude }
      let reach = distances.sorted()[count - 1]
      let nearest = group.filter { (score[Int($0)] - score[row]).magnitude <= reach }
      for list in [lists, points] {
        let found = list.members[list.lower[row]..<list.upper[row]].sorted()
        #expect(found == nearest.sorted())
      }
      for member in nearest {
        sums[row] += values[Int(member)]
        gifts[Int(member)] += values[row]
      }
    }
    #expect(close(lists.sums(of: values), sums, .converged))
    #expect(close(lists.gifts(values), gifts, .converged))
    #expect(close(points.gifts(values), gifts, .converged))
  }

  @Test("Row order, the outcome's scale and exchanged groups")
  func invariances() throws {
    let matching = AbadieImbensMatching(estimand: .att, matches: 2, varianceNeighbors: 1)
    let base = try effect(matching, corrected: true)
    let turned = try effect(
      matching, corrected: true, order: Array(sample.treatment.indices.reversed()))
    #expect(close(base.estimate.estimate, turned.estimate.estimate))
    #expect(
      close(base.estimate.standardError ?? .nan, turned.estimate.standardError ?? .nan))
    let scaled = try matching.estimate(
      outcome: sample.outcome.map { 3 - 2 * $0 }, treatment: sample.treatment,
      distance: .score(sample.fit.score), score: sample.fit)
    #expect(close(scaled.estimate.estimate, -2 * base.estimate.estimate))
    #expect(
      close(scaled.estimate.standardError ?? .nan, 2 * (base.estimate.standardError ?? .nan)))
    let opposite = sample.treatment.map { !$0 }
    let other = try PropensityScore(scale: .linearPredictor).fit(
      sample.design, treatment: opposite)
    let exchanged = try AbadieImbensMatching(
      estimand: .atc, matches: 2, varianceNeighbors: 1
    ).estimate(
      outcome: sample.outcome, treatment: opposite, distance: .score(sample.fit.score),
      score: other)
    #expect(close(exchanged.estimate.estimate, -base.estimate.estimate))
    #expect(
      close(exchanged.estimate.standardError ?? .nan, base.estimate.standardError ?? .nan))
  }

  @Test("Coordinates of one column are a score; the same bytes on any number of threads")
  func coordinates() throws {
    let before = Parallel.threads
    defer { Parallel.setThreads(before) }
    let base = try effect(AbadieImbensMatching(estimand: .ate))
    var found: [EffectEstimate] = []
    for threads in [1, 4] {
      Parallel.setThreads(threads)
      found.append(
        try AbadieImbensMatching(estimand: .ate).estimate(
          outcome: sample.outcome, treatment: sample.treatment,
          distance: .coordinates(Matrix(columns: [sample.fit.score]))))
    }
    #expect(found[0] == found[1])
    #expect(close(found[0].estimate.estimate, base.estimate.estimate))
    #expect(
      close(found[0].estimate.standardError ?? .nan, base.estimate.standardError ?? .nan))
  }

  @Test(
    "The correction for an estimated score gives the spread over samples, which without it is missed",
    arguments: [Estimand.att, .ate, .atc])
  func correction(estimand: Estimand) throws {
    // The data of Abadie and Imbens (2016): the score's direction and the outcomes' differ.
    var (values, corrected, uncorrected) = ([Double](), 0.0, 0.0)
    let (samples, n) = (200, 1500)
    for seed in 0..<samples {
      var stream = RandomStream(seed: UInt64(seed), name: "estimated-score")
      var (x, z, outcome, treatment) = ([Double](), [Double](), [Double](), [Bool]())
      for _ in 0..<n {
        let (a, b) = (stream.uniform() - 0.5, stream.uniform() - 0.5)
        let isTreated = stream.bernoulli(1 / (1 + exp(-(a + 2 * b))))
        x.append(a)
        z.append(b)
        treatment.append(isTreated)
        outcome.append((isTreated ? 5 + 5 * a + b : 3 * a - 3 * b) + stream.normal())
      }
      let design = DesignMatrix(
        matrix: Matrix(columns: [[Double](repeating: 1, count: n), x, z]),
        names: ["(Intercept)", "x", "z"])
      let fit = try PropensityScore().fit(design, treatment: treatment)
      let matching = AbadieImbensMatching(estimand: estimand, varianceNeighbors: 2)
      let with = try matching.estimate(
        outcome: outcome, treatment: treatment, distance: .score(fit.score), score: fit)
      let without = try matching.estimate(
        outcome: outcome, treatment: treatment, distance: .score(fit.score))
      values.append(with.estimate.estimate)
      let errors = (with.estimate.standardError ?? .nan, without.estimate.standardError ?? .nan)
      corrected += errors.0 * errors.0 / Double(samples)
      uncorrected += errors.1 * errors.1 / Double(samples)
    }
    let mean = values.reduce(0, +) / Double(samples)
    let spread = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(samples - 1))
      .squareRoot()
    let ratio = (corrected.squareRoot() / spread, uncorrected.squareRoot() / spread)
    #expect((0.88...1.12).contains(ratio.0), "\(ratio)")
    #expect(ratio.1 > ratio.0 + 0.05, "\(ratio)")
  }

  @Test("Ratios follow from the same covariance; a binary outcome is counted")
  func ratios() throws {
    let employed = sample.outcome.map { $0 > 0 ? 1.0 : 0 }
    func effect(_ scale: MatchedEffect.Scale) throws -> EffectEstimate {
      try AbadieImbensMatching(estimand: .ate, scale: scale).estimate(
        outcome: employed, treatment: sample.treatment, distance: .score(sample.fit.score))
    }
    let (difference, ratio, odds) = (
      try effect(.difference), try effect(.ratio), try effect(.oddsRatio)
    )
    let (one, zero) = (difference.meanTreated, difference.meanComparison)
    #expect(close(difference.estimate.estimate, one - zero, .closedForm))
    #expect(close(ratio.estimate.estimate, one / zero, .closedForm))
    #expect(close(odds.estimate.estimate, one / (1 - one) / (zero / (1 - zero)), .closedForm))
    #expect(
      difference.treatedEvents
        == (0..<445).count {
          sample.treatment[$0] && employed[$0] == 1
        })
  }

  @Test("Bad input is refused")
  func refusals() {
    func code(
      _ matching: AbadieImbensMatching, outcome: [Double]? = nil, treatment: [Bool]? = nil
    ) -> SiblingError.Code? {
      do throws(SiblingError) {
        _ = try matching.estimate(
          outcome: outcome ?? sample.outcome, treatment: treatment ?? sample.treatment,
          distance: .score(sample.fit.score))
        return nil
      } catch {
        return error.code
      }
    }
    var missing = sample.outcome
    missing[7] = .nan
    #expect(code(.init(), outcome: missing) == .missingValue)
    #expect(code(.init(), outcome: sample.outcome.map { _ in 1 }) == .constantOutcome)
    #expect(code(.init(), outcome: [1]) == .sizeMismatch)
    #expect(code(.init(estimand: .ato)) == .invalidOption)
    #expect(code(.init(matches: 0)) == .invalidOption)
    #expect(code(.init(matches: 300)) == .tooFewObservations)
    #expect(code(.init(level: 1)) == .invalidOption)
    #expect(code(.init(), treatment: sample.treatment.map { _ in true }) == .constantTreatment)
    // One treated unit still has a match; its variance by neighbours has none.
    let single = sample.treatment.indices.map { $0 == 3 }
    #expect(code(.init(), treatment: single) == nil)
    #expect(code(.init(varianceNeighbors: 1), treatment: single) == .tooFewObservations)
    #expect(code(.init(scale: .oddsRatio)) == .badValue)
  }
}
