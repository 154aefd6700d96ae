import LinearAlgebra
import Statistics
import TestSupport
import Testing

@testable import Matching

@Suite("Standard errors that know the weights were estimated")
struct WeightUncertaintyTests {
  let lalonde: Lalonde
  let score: PropensityScoreFit
  let golden: JSON

  init() throws {
    lalonde = try Lalonde()
    score = try PropensityScore().fit(lalonde.design, treatment: lalonde.treatment)
    golden = try Golden.json("effect_estimators.json")
  }

  /// The score equations of the logistic score, and what its coefficients do to the weights.
  func equations(_ estimand: Estimand) -> WeightEquations {
    let x = lalonde.design.matrix
    let p = score.probability
    var scores = x
    var gradient = x
    for row in 0..<x.rows {
      let isTreated = lalonde.treatment[row]
      let slope: Double =
        switch estimand {
        case .ate: isTreated ? -(1 - p[row]) / p[row] : p[row] / (1 - p[row])
        case .att: isTreated ? 0 : p[row] / (1 - p[row])
        case .atc: isTreated ? -(1 - p[row]) / p[row] : 0
        default: (isTreated ? -1 : 1) * p[row] * (1 - p[row])
        }
      for column in 0..<x.columns {
        scores[row, column] *= (isTreated ? 1 : 0) - p[row]
        gradient[row, column] *= slope
      }
    }
    return WeightEquations(
      scores: scores, jacobian: Gram.product(x, weights: p.map { $0 * (1 - $0) }).scaled(by: -1),
      weightGradient: gradient)
  }

  func effect(
    _ estimand: Estimand, _ method: MatchedEffect.Method, employed: Bool = false,
    cluster: Factor? = nil, equations: WeightEquations?, order: [Int]? = nil
  ) throws -> EffectEstimate {
    let weights = try PropensityWeights(estimand: estimand).weights(
      treatment: lalonde.treatment, probability: score.probability)
    let design =
      employed ? lalonde.design.selecting(columns: [0, 1, 2, 5, 6, 7, 8]) : lalonde.design
    return try MatchedEffect(method: method).estimate(
      outcome: employed ? lalonde.employed : lalonde.earnings, treatment: lalonde.treatment,
      weights: weights, estimand: estimand, design: .interacted(design), cluster: cluster,
      equations: equations)
  }

  @Test(
    "Differences and g-computation agree with the stacked system",
    arguments: [Estimand.ate, .att, .atc, .ato])
  func goldenValues(estimand: Estimand) throws {
    let schooling = Factor(lalonde.column("educ").map { "\(Int($0))" })
    let equations = equations(estimand)
    let cases: [(String, EffectEstimate)] = [
      ("diff", try effect(estimand, .difference, equations: equations)),
      ("gcomp", try effect(estimand, .gComputation, equations: equations)),
      ("diff_educ", try effect(estimand, .difference, cluster: schooling, equations: equations)),
      (
        "gcomp_employed",
        try effect(estimand, .gComputation, employed: true, equations: equations)
      ),
    ]
    for (name, found) in cases {
      let expected = golden["m_\(name)_\(estimand.rawValue)"]
      #expect(close(found.estimate.estimate, expected["diff"].double), "\(name)")
      #expect(close(found.estimate.standardError ?? .nan, expected["se"].double), "\(name)")
    }
    #expect(cases[0].1.estimate.convention == "M-estimation, weights estimated, z")
    #expect(
      cases[2].1.estimate.convention == "M-estimation, weights estimated, by cluster, G=19, z")
    #expect(cases[2].1.notes.contains { $0.hasPrefix("there are only 19 clusters") })
  }

  @Test("Weights that do not depend on parameters give the sandwich without correction")
  func knownWeights() throws {
    var fixed = equations(.ate)
    fixed.weightGradient = Matrix(rows: 614, columns: 9)
    let found = try effect(.ate, .difference, equations: fixed).estimate
    let robust = try effect(.ate, .difference, equations: nil).estimate
    // HC1 enlarges by n/(n − 2).
    let factor = (612.0 / 614).squareRoot()
    #expect(
      close(found.standardError ?? .nan, (robust.standardError ?? .nan) * factor, .converged))
  }

  @Test("The bootstrap of people, weights fitted again, comes near")
  func bootstrap() throws {
    let (design, treatment, earnings) = (lalonde.design, lalonde.treatment, lalonde.earnings)
    let sample = try Bootstrap(replicates: 200, seed: 5).sample(rows: 614) {
      (counts) throws(SiblingError) in
      let score = try PropensityScore().fit(
        design, treatment: treatment, weights: counts)
      let weights = try PropensityWeights(estimand: .att).weights(
        treatment: treatment, probability: score.probability)
      let effect = try MatchedEffect().estimate(
        outcome: earnings, treatment: treatment,
        weights: zip(weights, counts).map { $0 * $1 }, estimand: .att)
      return [effect.estimate.estimate]
    }
    let stacked = try effect(.att, .difference, equations: equations(.att)).estimate
    let ratio = sample.covariance[0][0].squareRoot() / (stacked.standardError ?? .nan)
    #expect(ratio > 0.8 && ratio < 1.25, "\(ratio)")
  }

  @Test("Equations that do not fit, or can't be solved, are refused")
  func refusals() {
    func code(_ equations: WeightEquations) -> SiblingError.Code? {
      do {
        _ = try effect(.ate, .difference, equations: equations)
        return nil
      } catch {
        return (error as? SiblingError)?.code
      }
    }
    var short = equations(.ate)
    short.scores = Matrix(rows: 3, columns: 9)
    #expect(code(short) == .sizeMismatch)
    var singular = equations(.ate)
    singular.jacobian = Matrix(rows: 9, columns: 9)
    #expect(code(singular) == .rankDeficient)
  }

  @Test("A small system that is not symmetric")
  func linearSystem() throws {
    let matrix = Matrix(rows: 2, columns: 2, storage: [0, 2e6, 3, 1])
    // Columns (0, 2e6) and (3, 1): the transposed system is 2e6·y = 4e6 and 3x + y = 5.
    let found = try #require(LinearSystem.solveTransposed(matrix, [4e6, 5]))
    #expect(close(found, [1, 2], .closedForm))
    let singular = Matrix(rows: 2, columns: 2, storage: [1, 2, 2, 4])
    #expect(LinearSystem.solveTransposed(singular, [1, 2]) == nil)
  }
}
