import LinearAlgebra
import Statistics
import TestSupport
import Testing

@testable import Matching

/// What a small change of one row's sampling weight does to the weighted difference is the influence
/// that the stacked equations say it has; a refit at two sampling weights tells.
@Suite("Estimating equations of weights")
struct WeightEquationsTests {
  let lalonde: Lalonde
  /// Sampling weights that are not all alike.
  let sampling: [Double]
  let rows: [Int]

  init() throws {
    lalonde = try Lalonde()
    sampling = (0..<614).map { 0.5 + Double($0 % 7) / 4 }
    rows = [0, 3, 90, 184, 185, 300, 450, 613]
  }

  /// Weights without and equations with sampling weights.
  typealias Fit = (weights: [Double], equations: WeightEquations)

  private func difference(_ weights: [Double], _ sampling: [Double]) -> Double {
    func mean(_ group: Bool) -> Double {
      var (sum, total) = (0.0, 0.0)
      for row in weights.indices where lalonde.treatment[row] == group {
        sum += weights[row] * sampling[row] * lalonde.earnings[row]
        total += weights[row] * sampling[row]
      }
      return sum / total
    }
    return mean(true) - mean(false)
  }

  /// The influence of rows by the stacked equations.
  private func influence(_ fit: Fit) -> [Double] {
    let treatment = lalonde.treatment
    let final = zip(fit.weights, sampling).map { $0 * $1 }
    var (totals, sums) = ([0.0, 0.0], [0.0, 0.0])
    for row in final.indices {
      totals[treatment[row] ? 1 : 0] += final[row]
      sums[treatment[row] ? 1 : 0] += final[row] * lalonde.earnings[row]
    }
    // The derivative of the difference in each final weight.
    let slopes = final.indices.map { row -> Double in
      let group = treatment[row] ? 1 : 0
      let gap = (lalonde.earnings[row] - sums[group] / totals[group]) / totals[group]
      return treatment[row] ? gap : -gap
    }
    let gradient = fit.equations.weightGradient.transposedTimes(slopes)
    let inverse = solve(fit.equations.jacobian.transposed, gradient)
    return rows.map { row in
      let own = fit.equations.scores.row(row)
      let indirect = zip(own, inverse).reduce(0) { $0 + $1.0 * $1.1 }
      return slopes[row] * fit.weights[row] - indirect / sampling[row]
    }
  }

  /// The same by refitting.
  private func refitted(_ fit: ([Double]) throws -> Fit) throws -> [Double] {
    try rows.map { row in
      var (up, down) = (sampling, sampling)
      let step = 1e-4
      up[row] += step
      down[row] -= step
      let high = difference(try fit(up).weights, up)
      let low = difference(try fit(down).weights, down)
      return (high - low) / (2 * step)
    }
  }

  private func check(_ fit: ([Double]) throws -> Fit) throws {
    let base = try fit(sampling)
    for column in 0..<base.equations.scores.columns {
      let scores = base.equations.scores.column(column)
      let size = scores.reduce(0) { $0 + $1.magnitude }
      #expect(scores.reduce(0, +).magnitude <= 1e-9 * size + 1e-12)
    }
    #expect(close(influence(base), try refitted(fit), .init(relative: 1e-5, absolute: 1e-6)))
  }

  @Test("Inverse-probability weights", arguments: Estimand.allCases, [Link.logit, .probit])
  func propensity(estimand: Estimand, link: Link) throws {
    for stabilizes in [false, true] {
      try check { sampling in
        let score = try PropensityScore(link: link).fit(
          lalonde.design, treatment: lalonde.treatment, weights: sampling)
        let weights = PropensityWeights(estimand: estimand, stabilizes: stabilizes)
        return (
          try weights.weights(
            treatment: lalonde.treatment, probability: score.probability,
            samplingWeights: sampling),
          try weights.equations(
            treatment: lalonde.treatment, score: score, samplingWeights: sampling)
        )
      }
    }
  }

  @Test("Complementary log-log, whose information is not the derivative")
  func complementaryLogLog() throws {
    try check { sampling in
      let score = try PropensityScore(link: .complementaryLogLog).fit(
        lalonde.design, treatment: lalonde.treatment, weights: sampling)
      let weights = PropensityWeights(estimand: .ato)
      return (
        try weights.weights(
          treatment: lalonde.treatment, probability: score.probability, samplingWeights: sampling),
        try weights.equations(
          treatment: lalonde.treatment, score: score, samplingWeights: sampling)
      )
    }
  }

  @Test("Capped weights are fixed, others are not")
  func capped() throws {
    let score = try PropensityScore().fit(
      lalonde.design, treatment: lalonde.treatment, weights: sampling)
    let trimmed = PropensityWeights(estimand: .att, trimQuantile: 0.9)
    let weights = try trimmed.weights(
      treatment: lalonde.treatment, probability: score.probability, samplingWeights: sampling)
    let some = try trimmed.equations(
      treatment: lalonde.treatment, score: score, samplingWeights: sampling)
    let all = try PropensityWeights(estimand: .att).equations(
      treatment: lalonde.treatment, score: score, samplingWeights: sampling)
    #expect(some.scores == all.scores)
    let cap = weights.suffix(429).max() ?? 0
    for row in 0..<614 {
      let isFixed = row < 185 || weights[row] == cap && score.probability[row] > cap / (1 + cap)
      #expect(
        some.weightGradient.row(row)
          == (isFixed ? [Double](repeating: 0, count: 9) : all.weightGradient.row(row)))
    }
  }

  @Test("The covariate balancing score", arguments: [Estimand.att, .atc, .ate, .ato])
  func balancingScore(estimand: Estimand) throws {
    try check { sampling in
      let fit = try CovariateBalancingPropensityScore(estimand: estimand).fit(
        lalonde.design, treatment: lalonde.treatment, samplingWeights: sampling)
      return (fit.weights, fit.equations())
    }
  }

  @Test(
    "Entropy balancing, whose target is estimated too", arguments: [Estimand.att, .atc, .ate],
    [0, 0.05])
  func entropy(estimand: Estimand, tolerance: Double) throws {
    try check { sampling in
      let fit = try EntropyBalancing(estimand: estimand, tolerance: tolerance).fit(
        lalonde.design, treatment: lalonde.treatment, samplingWeights: sampling)
      return (fit.weights, fit.equations())
    }
  }

  @Test("Site weights: the influence of a site is that of its people together")
  func sites() throws {
    let sites = Factor(
      codes: (0..<614).map { Int32($0 % 31) }, levels: (0..<31).map { "\($0)" })
    let design = lalonde.design.selecting(columns: [0, 1, 2, 5])
    func fit(_ sampling: [Double]) throws -> Fit {
      let fit = try EntropyBalancing(estimand: .ate).fit(
        design, treatment: lalonde.treatment, samplingWeights: sampling, sites: sites)
      return (fit.weights, fit.equations())
    }
    let base = try fit(sampling)
    let treatment = lalonde.treatment
    let members = (0..<614).filter { sites.codes[$0] == 4 && !treatment[$0] }
    var (up, down) = (sampling, sampling)
    for row in members {
      up[row] *= 1 + 1e-4
      down[row] *= 1 - 1e-4
    }
    let expected =
      (difference(try fit(up).weights, up) - difference(try fit(down).weights, down)) / 2e-4
    let all = WeightEquationsTests(copying: self, rows: members)
    let found = zip(all.influence(base), members).reduce(0) { $0 + $1.0 * sampling[$1.1] }
    #expect(close(found, expected, .init(relative: 1e-5)))
  }

  private init(copying other: WeightEquationsTests, rows: [Int]) {
    lalonde = other.lalonde
    sampling = other.sampling
    self.rows = rows
  }

  /// Ax = b by elimination with pivoting.
  private func solve(_ matrix: Matrix, _ right: [Double]) -> [Double] {
    let n = right.count
    var rows = (0..<n).map { matrix.row($0) + [right[$0]] }
    for k in 0..<n {
      let best = (k..<n).max { rows[$0][k].magnitude < rows[$1][k].magnitude } ?? k
      rows.swapAt(k, best)
      for i in (k + 1)..<max(n, k + 1) {
        let factor = rows[i][k] / rows[k][k]
        for j in k...n { rows[i][j] -= factor * rows[k][j] }
      }
    }
    var x = [Double](repeating: 0, count: n)
    for k in (0..<n).reversed() {
      let known = ((k + 1)..<max(n, k + 1)).reduce(0) { $0 + rows[k][$1] * x[$1] }
      x[k] = (rows[k][n] - known) / rows[k][k]
    }
    return x
  }
}
