import Glibc
import LinearAlgebra
import Statistics
import TestSupport
import Testing

@testable import Matching

@Suite("The covariate balancing propensity score")
struct BalancingScoreTests {
  let lalonde: Lalonde

  init() throws { lalonde = try Lalonde() }

  @Test("ATT: entropy balancing up to the sum, near the peer's loose answer")
  func att() throws {
    let fit = try CovariateBalancingPropensityScore().fit(
      lalonde.design, treatment: lalonde.treatment)
    let entropy = try EntropyBalancing().fit(lalonde.design, treatment: lalonde.treatment)
    #expect(
      close(
        Array(fit.weights.suffix(429)), entropy.weights.suffix(429).map { $0 * 185 / 429 },
        .converged))
    let peer = try Golden.json("balance_weights_effects.json")["cbps_w10"].doubles
    #expect(close(Array(fit.weights.suffix(10)), peer, .init(relative: 2e-4)))
  }

  // A logit that is linear in the covariates and balances them is the solution: it is unique.
  @Test("Exact balance by a logistic score", arguments: [Estimand.att, .atc, .ate, .ato])
  func conditions(estimand: Estimand) throws {
    let treatment = lalonde.treatment
    let fit = try CovariateBalancingPropensityScore(estimand: estimand).fit(
      lalonde.design, treatment: treatment)
    let p = try #require(fit.probability)
    #expect(
      try departure(p.map { log($0 / (1 - $0)) }, lalonde.design, Array(0..<614)) < 1e-7)
    let weights = try PropensityWeights(estimand: estimand).weights(
      treatment: treatment, probability: p)
    #expect(close(weights, fit.weights, .converged))
    let (one, zero) = (
      groupMeans(lalonde.design, treatment, fit.weights, true),
      groupMeans(lalonde.design, treatment, fit.weights, false)
    )
    #expect(distance(lalonde.design, one, zero) < 1e-10)
    func sum(_ group: Bool) -> Double {
      zip(fit.weights, treatment).reduce(0) { $1.1 == group ? $0 + $1.0 : $0 }
    }
    #expect(close(sum(true), sum(false), .converged))
    #expect(fit.largestDifference < 1e-10)
  }

  @Test("Row order, scale, repeated rows", arguments: [Estimand.att, .ate, .ato])
  func properties(estimand: Estimand) throws {
    let score = CovariateBalancingPropensityScore(estimand: estimand)
    let treatment = lalonde.treatment
    let plain = try score.fit(lalonde.design, treatment: treatment).weights
    let order = Array((0..<614).reversed())
    let reversed = try score.fit(
      lalonde.design.selecting(rows: order), treatment: order.map { treatment[$0] }
    ).weights
    #expect(close(order.map { plain[$0] }, reversed, .published))
    let twice = (0..<614).flatMap { $0 % 3 == 0 ? [$0, $0] : [$0] }
    let repeated = try score.fit(
      lalonde.design.selecting(rows: twice), treatment: twice.map { treatment[$0] }
    ).weights
    let weighted = try score.fit(
      lalonde.design, treatment: treatment,
      samplingWeights: (0..<614).map { $0 % 3 == 0 ? 2 : 1 }
    ).weights
    #expect(close(twice.map { weighted[$0] }, repeated, .published))
    let zeros = try score.fit(
      lalonde.design.selecting(rows: Array(0..<614) + [0]), treatment: treatment + [true],
      samplingWeights: [Double](repeating: 1, count: 614) + [0]
    ).weights
    #expect(close(plain + [0], zeros, .published))
  }
}
