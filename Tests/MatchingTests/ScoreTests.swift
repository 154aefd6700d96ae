import LinearAlgebra
import Statistics
import TestSupport
import Testing

@testable import Matching

@Suite("Propensity scores and their weights")
struct ScoreTests {
  let lalonde: Lalonde

  init() throws { lalonde = try Lalonde() }

  @Test("The converged logistic score")
  func logistic() throws {
    let fit = try PropensityScore().fit(lalonde.design, treatment: lalonde.treatment)
    #expect(close(fit.model.coefficients[0], -1.6632815977328, .converged))
    #expect(close(fit.model.coefficients[4], -3.0653677409713, .converged))
    let kept = [Bool](repeating: true, count: 614)
    #expect(close(Moments.standardDeviation(fit.score, kept: kept), 0.29031337241746, .converged))
    #expect(close(fit.score, lalonde.score, .stopsEarly))
    #expect(fit.score == fit.probability)
    let linear = try PropensityScore(scale: .linearPredictor).fit(
      lalonde.design, treatment: lalonde.treatment)
    #expect(linear.score == linear.linearPredictor)
    #expect(close(linear.score, lalonde.linear, .stopsEarly))
  }

  @Test("Other links keep the treated share in mind")
  func links() throws {
    for link in [Link.probit, .complementaryLogLog] {
      let fit = try PropensityScore(link: link).fit(lalonde.design, treatment: lalonde.treatment)
      #expect(fit.score.allSatisfy { $0 > 0 && $0 < 1 })
      #expect(close(fit.score.reduce(0, +) / 614, 185.0 / 614, .init(relative: 0.01)))
      #expect(fit.score != lalonde.score)
    }
  }

  @Test("How far the scores overlap")
  func overlap() throws {
    let overlap = try PropensityScore().fit(
      lalonde.design, treatment: lalonde.treatment
    ).overlap
    let scores = zip(lalonde.score, lalonde.treatment)
    #expect(overlap.treatedAboveHalf == scores.count { $0 > 0.5 && $1 })
    #expect(overlap.treatedOutside == 8)
    #expect(close(overlap.comparison.high, scores.filter { !$1 }.map(\.0).max() ?? 0, .stopsEarly))
  }

  @Test("A treatment that a term separates is refused by name")
  func separation() {
    #expect(throws: SiblingError.self) {
      try PropensityScore().fit(
        DesignMatrix(
          matrix: .init(columns: [[1, 1, 1, 1, 1, 1], [0, 1, 2, 3, 4, 5]]),
          names: ["(Intercept)", "x"]),
        treatment: [false, false, false, true, true, true])
    }
    do throws(SiblingError) {
      _ = try PropensityScore().fit(lalonde.design, treatment: [true, false])
      Issue.record("sizes differ")
    } catch {
      #expect(error.code == .sizeMismatch)
    }
  }

  static let hajek: [(Estimand, Double)] = [
    (.ate, 224.676309104), (.att, 1214.071223293), (.atc, -186.915899841),
    (.ato, 1242.200635940), (.atm, 1119.521192510),
  ]

  @Test("Weights, their balance, and the Hájek difference, as WeightIt", arguments: hajek)
  func weights(estimand: Estimand, expected: Double) throws {
    let golden = try Golden.json("balance_weights_effects.json")["weightit_\(estimand.rawValue)"]
    let score = try PropensityScore().fit(lalonde.design, treatment: lalonde.treatment)
    let weights = try PropensityWeights(estimand: estimand).weights(
      treatment: lalonde.treatment, probability: score.probability)
    #expect(close(Array(weights.prefix(10)), golden["w10"].doubles, .stopsEarly))
    #expect(close(weights.reduce(0, +), golden["sum"].double, .stopsEarly))
    let effect = try MatchedEffect().estimate(
      outcome: lalonde.earnings, treatment: lalonde.treatment, weights: weights,
      estimand: estimand)
    #expect(close(effect.estimate.estimate, expected))
    #expect(effect.estimate.term == estimand.rawValue)
    let balance = try BalanceAssessment(estimand: estimand).assess(
      treatment: lalonde.treatment, weights: weights, covariates: lalonde.balanceCovariates,
      score: score.probability)
    for (offset, stage) in [(0, Balance.Stage.unadjusted), (3, .adjusted)] {
      for (row, expected) in zip(balance.covariates(stage), golden["m"].array.map(\.doubles)) {
        #expect(
          close(row.standardizedMeanDifference ?? .nan, expected[offset], .stopsEarly),
          "\(row.covariate)")
        #expect(close(row.varianceRatio ?? .nan, expected[offset + 1], .stopsEarly))
        #expect(close(row.kolmogorovSmirnov ?? .nan, expected[offset + 2], .stopsEarly))
      }
    }
    let sizes = try #require(balance.effectiveSampleSizes(.adjusted))
    #expect(close(sizes.comparison, golden["ess"][1][0].double, .stopsEarly))
    #expect(close(sizes.treated, golden["ess"][1][1].double, .stopsEarly))
  }

  @Test("Trimming caps, stabilising scales")
  func trimming() throws {
    let plain = try PropensityWeights(estimand: .att).weights(
      treatment: lalonde.treatment, probability: lalonde.score)
    let trimmed = try PropensityWeights(estimand: .att, trimQuantile: 0.95).weights(
      treatment: lalonde.treatment, probability: lalonde.score)
    // 429 comparisons: the quantile of type 3 is the 408th in order.
    let sorted = zip(plain, lalonde.treatment).filter { !$1 }.map(\.0).sorted()
    #expect(zip(trimmed, plain).allSatisfy { $0 <= $1 })
    #expect(zip(trimmed, lalonde.treatment).filter { !$1 }.map(\.0).max() == sorted[407])
    #expect(trimmed.prefix(185).allSatisfy { $0 == 1 })
    let stable = try PropensityWeights(estimand: .ate, stabilizes: true).weights(
      treatment: lalonde.treatment, probability: lalonde.score)
    #expect(close(stable.reduce(0, +), 614, .init(relative: 0.1)))
    #expect(throws: SiblingError.self) {
      try PropensityWeights(trimQuantile: 1.5).weights(
        treatment: lalonde.treatment, probability: lalonde.score)
    }
    #expect(throws: SiblingError.self) {
      try PropensityWeights().weights(treatment: [true, false], probability: [0.5, 1])
    }
  }
}
