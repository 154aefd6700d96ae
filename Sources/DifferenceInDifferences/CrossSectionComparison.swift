internal import Glibc
internal import LinearAlgebra
internal import Statistics

/// The comparison of treated and controls before and after, different rows in each period.
///
/// The estimators of Sant'Anna & Zhao (2020, doi 10.1016/j.jeconom.2020.06.003) for repeated
/// cross-sections: means and models of each arm and period stand where a panel has changes. Doubly
/// robust ones are the locally efficient forms, with a model of the treated rows' outcome too.
/// Influence functions carry every model's own error; calibration makes those terms vanish in the
/// improved form.
struct CrossSectionComparison {
  /// The models of the outcome and of treatment on all rows of both periods.
  private let pooled: ChangeComparison
  private let after: [Bool]

  init(
    outcome: [Double], treated: [Bool], after: [Bool], weights: [Double]?,
    covariates: DesignMatrix?
  ) {
    pooled = ChangeComparison(
      change: outcome, treated: treated, weights: weights, covariates: covariates)
    self.after = after
  }

  private var rows: Int { pooled.rows }
  private var outcome: [Double] { pooled.changes.storage }
  /// Whether only the intercept is left, so that all estimators with weights of sum one agree.
  var hasNoCovariates: Bool { pooled.names.count == 1 }

  /// The effect on the treated and its influence function, one value a row.
  ///
  /// - Throws: as for changes.
  func solve(_ estimator: AdjustmentEstimator) throws(SiblingError) -> ChangeComparison.Answer {
    switch estimator {
    case .outcomeRegression: try outcomeRegression()
    case .inverseProbability: try inverseProbability()
    case .standardizedInverseProbability: try standardizedInverseProbability()
    case .doublyRobust: try doublyRobust(isImproved: false)
    case .improvedDoublyRobust: try doublyRobust(isImproved: true)
    }
  }

  // MARK: - Parts

  /// A weighted mean and each row's part in its error.
  private struct Average {
    var mean: Double
    var influence: [Double]
  }

  private func average(_ values: [Double], _ weights: [Double]) -> Average {
    let total = weights.reduce(0, +)
    let mean = zip(values, weights).reduce(0) { $0 + $1.0 * $1.1 } / total
    let scale = Double(rows) / total
    return Average(
      mean: mean,
      influence: values.indices.map { weights[$0] * (values[$0] - mean) * scale })
  }

  /// The weights of one period's rows, zero for the other's.
  private func only(_ weights: [Double], after late: Bool) -> [Double] {
    weights.indices.map { after[$0] == late ? weights[$0] : 0 }
  }

  /// The mean of the design under some weights.
  private func centre(_ weights: [Double]) -> [Double] {
    let total = weights.reduce(0, +) / Double(rows)
    return pooled.columnMeans(weights).map { $0 / total }
  }

  /// A regression's predictions, and each row's part in the error of slope′β.
  private struct Line {
    var fitted: [Double]
    var model: ChangeComparison.Regression
    var weights: [Double]

    func contributions(_ slope: [Double]) -> [Double] {
      let reach = model.reach(slope)
      return reach.indices.map { weights[$0] * model.residuals.storage[$0] * reach[$0] }
    }
  }

  private func line(_ weights: [Double], after late: Bool, _ whom: String) throws(SiblingError)
    -> Line
  {
    let own = only(weights, after: late)
    let model = try pooled.regression(own, among: whom)
    return Line(
      fitted: zip(outcome, model.residuals.storage).map { $0 - $1 }, model: model, weights: own)
  }

  private static func plus(_ parts: [(Double, [Double])]) -> [Double] {
    var sum = [Double](repeating: 0, count: parts.first?.1.count ?? 0)
    for (sign, part) in parts { for i in sum.indices { sum[i] += sign * part[i] } }
    return sum
  }

  // MARK: - The five estimators

  private func outcomeRegression() throws(SiblingError) -> ChangeComparison.Answer {
    let (w, c) = (pooled.treatedWeights, pooled.controlRowWeights)
    let late = try line(c, after: true, "controls")
    let early = try line(c, after: false, "controls")
    let gainLate = average(outcome, only(w, after: true))
    let gainEarly = average(outcome, only(w, after: false))
    // The controls' change is predicted for the treated of both periods.
    let drift = average(zip(late.fitted, early.fitted).map { $0 - $1 }, w)
    let slope = centre(w)
    return ChangeComparison.Answer(
      effect: gainLate.mean - gainEarly.mean - drift.mean,
      influence: Self.plus([
        (1, gainLate.influence), (-1, gainEarly.influence), (-1, drift.influence),
        (-1, late.contributions(slope)), (1, early.contributions(slope)),
      ]), propensity: nil, trimmed: 0)
  }

  private func standardizedInverseProbability() throws(SiblingError) -> ChangeComparison.Answer {
    let score = try pooled.propensity()
    let odds = try pooled.controlWeights(score.fitted)
    var parts: [(Double, [Double])] = []
    var effect = 0.0
    var slope = [Double](repeating: 0, count: pooled.design.columns)
    for late in [true, false] {
      let sign: Double = late ? 1 : -1
      let own = only(odds.weights, after: late)
      let gain = average(outcome, only(pooled.treatedWeights, after: late))
      let drift = average(outcome, own)
      effect += sign * (gain.mean - drift.mean)
      parts += [(sign, gain.influence), (-sign, drift.influence)]
      let moved = pooled.columnMeans(drift.influence)
      for j in slope.indices { slope[j] += sign * moved[j] }
    }
    parts.append((-1, lean(score, slope)))
    return ChangeComparison.Answer(
      effect: effect, influence: Self.plus(parts), propensity: score.fitted,
      trimmed: odds.trimmed)
  }

  /// Each row's part in the error of slope′γ of the propensity score.
  private func lean(_ score: ChangeComparison.Propensity, _ slope: [Double]) -> [Double] {
    let reach = score.reach(Matrix(rows: slope.count, columns: 1, storage: slope)).storage
    return zip(score.scores, reach).map { $0 * $1 }
  }

  /// Abadie's (2005) form: weights as they come, and the share of rows that are later.
  private func inverseProbability() throws(SiblingError) -> ChangeComparison.Answer {
    let score = try pooled.propensity()
    let odds = try pooled.controlWeights(score.fitted)
    let (w, o, n) = (pooled.treatedWeights, odds.weights, Double(rows))
    let weights = pooled.weights
    let share = only(weights, after: true).reduce(0, +) / n
    let treated = w.reduce(0, +) / n
    let spread = share * (1 - share)
    var (effect, pull) = (0.0, 0.0)
    var terms = outcome
    for i in terms.indices {
      let late: Double = after[i] ? 1 : 0
      let sign = (late - share) / spread
      terms[i] = (w[i] - o[i]) * sign * outcome[i]
      effect += terms[i] / (n * treated)
      // How the share of later rows moves the effect.
      let slope = -1 / spread - (late - share) * (1 - 2 * share) / (spread * spread)
      pull += (w[i] - o[i]) * slope * outcome[i] / n
    }
    let moved = outcome.indices.map { i in
      o[i] * ((after[i] ? 1 : 0) - share) / spread * outcome[i]
    }
    let lean = lean(score, pooled.columnMeans(moved))
    let influence = terms.indices.map { i -> Double in
      let late = after[i] ? weights[i] : 0
      return (terms[i] - w[i] * effect + pull * (late - share * weights[i]) - lean[i]) / treated
    }
    return ChangeComparison.Answer(
      effect: effect, influence: influence, propensity: score.fitted, trimmed: odds.trimmed)
  }

  private func doublyRobust(isImproved: Bool) throws(SiblingError) -> ChangeComparison.Answer {
    var score: ChangeComparison.Propensity?
    let probability: [Double]
    if isImproved {
      probability = try CalibratedPropensity.fit(pooled)
    } else {
      let fit = try pooled.propensity()
      probability = fit.fitted
      score = fit
    }
    let odds = try pooled.controlWeights(probability)
    let w = pooled.treatedWeights
    // The improved form regresses the controls with the odds as weights.
    let c =
      isImproved
      ? probability.indices.map { i in
        pooled.controlRowWeights[i] * probability[i] / (1 - probability[i])
      } : pooled.controlRowWeights
    var parts: [(Double, [Double])] = []
    var effect = 0.0
    var slope = [Double](repeating: 0, count: pooled.design.columns)
    let everyone = centre(w)
    for late in [true, false] {
      let sign: Double = late ? 1 : -1
      let control = try line(c, after: late, "controls")
      let treated = try line(w, after: late, "treated")
      let (own, other) = (only(w, after: late), only(odds.weights, after: late))
      let excess = control.model.residuals.storage
      let gap = zip(treated.fitted, control.fitted).map { $0 - $1 }
      let gain = average(excess, own)
      let drift = average(excess, other)
      // The treated of both periods tell more of who is treated than those of one.
      let whole = average(gap, w)
      let part = average(gap, own)
      effect += sign * (gain.mean - drift.mean + whole.mean - part.mean)
      parts += [
        (sign, gain.influence), (-sign, drift.influence), (sign, whole.influence),
        (-sign, part.influence),
      ]
      guard !isImproved else { continue }
      let (mine, theirs) = (centre(own), centre(other))
      parts += [
        (sign, control.contributions(zip(theirs, everyone).map { $0 - $1 })),
        (sign, treated.contributions(zip(everyone, mine).map { $0 - $1 })),
      ]
      let moved = pooled.columnMeans(drift.influence)
      for j in slope.indices { slope[j] += sign * moved[j] }
    }
    if let score { parts.append((-1, lean(score, slope))) }
    return ChangeComparison.Answer(
      effect: effect, influence: Self.plus(parts), propensity: probability,
      trimmed: odds.trimmed)
  }
}
