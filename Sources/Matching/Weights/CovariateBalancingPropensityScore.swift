internal import Glibc
internal import LinearAlgebra
public import Statistics

/// A logistic propensity score whose weights balance the covariates exactly.
///
/// Instead of the likelihood's equations the coefficients solve, just identified, those of balance:
/// Σ (2t−1)·w(p)·x = 0 over an intercept and the moments, with w the weights of the estimand (Imai,
/// K. and Ratkovic, M. (2014), https://doi.org/10.1111/rssb.12027). Each of these is the gradient of
/// a concave function (Zhao, Q. (2019), https://doi.org/10.1214/18-AOS1698), so that the solution is
/// unique. For ATT and ATC the weights are those of entropy balancing, up to their sum; for ATO the
/// equations are those of the likelihood.
public struct CovariateBalancingPropensityScore: Sendable, Equatable {
  /// The estimand: ATT, ATC, ATE or ATO.
  public var estimand: Estimand

  /// A score for an estimand.
  public init(estimand: Estimand = .att) { self.estimand = estimand }

  /// Fits the score on `moments`, which have one row for each entry of `treatment`.
  ///
  /// An intercept always takes part. Constant columns and combinations of others are dropped and
  /// named.
  /// - Throws: `invalidOption` for ATM, `constantTreatment`, `sizeMismatch`, `missingValue`,
  ///   `badValue`, `badWeight`, `noOverlap` or `separation` naming the terms, `nonConvergence`.
  /// - Complexity: O(n p²) a Newton step, about ten steps.
  public func fit(
    _ moments: DesignMatrix, treatment: [Bool], samplingWeights: [Double]? = nil
  ) throws(SiblingError) -> BalancingWeights {
    let table = try MomentTable(
      moments, treatment: treatment, sampling: samplingWeights, estimand: estimand)
    let found: Found
    switch estimand {
    case .att: found = try tilted(table, group: false)
    case .atc: found = try tilted(table, group: true)
    case .ate: found = try balanced(table)
    case .ato: found = try likelihood(table)
    case .atm:
      throw SiblingError(
        .invalidOption, "a covariate balancing score is for ATT, ATC, ATE or ATO",
        help: "The weights of ATM have a corner, so their balance equations need no solution.",
        column: "estimand")
    }
    var weights = found.predictor
    var index = ScoreIndex(
      matrix: table.matrix, basis: found.basis, scores: weights, curvature: weights,
      slopes: weights)
    for row in weights.indices {
      let sampling = table.sampling[row]
      let (weight, slope) = weightAndSlope(found.predictor[row], treatment[row])
      weights[row] = sampling > 0 ? weight : 0
      index.scores[row] = sampling > 0 ? (treatment[row] ? 1 : -1) * sampling * weight : 0
      index.slopes[row] = sampling > 0 ? sampling * slope : 0
      index.curvature[row] = index.slopes[row].magnitude
    }
    let result = BalancingWeights(
      estimand: estimand, weights: weights, probability: found.predictor.map(Self.logistic),
      table: table, dropped: found.dropped, iterations: found.iterations, index: index)
    guard result.largestDifference <= ExponentialTilting.exactness else {
      throw SiblingError(
        .nonConvergence,
        "the covariate balancing score stopped "
          + "\(ExponentialTilting.short(result.largestDifference)) standard deviations from balance",
        help: "Look for extreme values and nearly collinear covariates.")
    }
    return result
  }

  /// A solution: the linear predictor of every row and the columns that take part.
  private struct Found {
    var predictor: [Double]
    var basis: ColumnBasis
    var dropped: [Int]
    var iterations: Int
  }

  /// ATT and ATC: odds that tilt one group to the means, and the total, of the other.
  private func tilted(_ table: MomentTable, group: Bool) throws(SiblingError) -> Found {
    let rows = table.rows(of: group)
    let other = table.sampling(of: !group)
    let target = table.means(other)
    let base = rows.map { table.sampling[$0] }
    let solution = try ExponentialTilting(
      matrix: table.matrix.selecting(rows: rows), base: base, names: table.names,
      scale: table.scale, target: target, tolerance: 0, mayExclude: false,
      words: group
        ? ("treated", "the comparisons' mean") : ("comparisons", "the treated's mean")
    ).solve()
    let columns = solution.columns
    let basis = ColumnBasis(
      columns: [0] + columns.map { $0 + 1 }, center: [0] + columns.map { target[$0] },
      scale: [1] + columns.map { table.scale[$0] })
    let constant = solution.constant + log(other.reduce(0, +) / base.reduce(0, +))
    let objective = TiltingObjective(matrix: table.matrix, base: [], basis: basis)
    let predictor = objective.predictor([constant] + solution.coefficients)
    // The odds of the comparisons are exp(η), those of the treated exp(−η).
    return Found(
      predictor: group ? predictor.map { -$0 } : predictor, basis: basis,
      dropped: solution.dropped, iterations: solution.iterations)
  }

  private func balanced(_ table: MomentTable) throws(SiblingError) -> Found {
    let varying = table.names.indices.filter { table.scale[$0] > 0 }
    let means = table.means(table.sampling)
    var objective = BalanceObjective(
      matrix: table.matrix,
      basis: ColumnBasis(
        columns: [0] + varying.map { $0 + 1 }, center: [0] + varying.map { means[$0] },
        scale: [1] + varying.map { table.scale[$0] }),
      treatment: table.treatment, sampling: table.sampling)
    let gram = objective.evaluate(
      at: [Double](repeating: 0, count: objective.basis.count)
    ).information
    let rank = ColumnRank(gram: gram)
    objective.basis = objective.basis.selecting(rank.kept)
    var start = [Double](repeating: 0, count: objective.basis.count)
    let share = table.sampling(of: true).reduce(0, +) / table.sampling.reduce(0, +)
    start[0] = log(share / (1 - share))
    let found = try ExponentialTilting.solver.maximise(objective, from: start)
    let wrapped = TiltingObjective(matrix: table.matrix, base: [], basis: objective.basis)
    let predictor = wrapped.predictor(found.coefficients)
    if !found.converged {
      // Without an end: the likelihood's check knows which terms separate the groups.
      _ = try likelihood(table)
    }
    return Found(
      predictor: predictor, basis: objective.basis,
      dropped: rank.dropped.map { objective.droppedColumn(varying, $0) },
      iterations: found.iterations)
  }

  /// ATO: the equations of balance are those of the likelihood.
  private func likelihood(_ table: MomentTable) throws(SiblingError) -> Found {
    let varying = table.names.indices.filter { table.scale[$0] > 0 }
    let design = DesignMatrix(
      matrix: table.matrix.selecting(columns: [0] + varying.map { $0 + 1 }),
      names: ["(Intercept)"] + varying.map { table.names[$0] })
    let fit = try PropensityScore().fit(
      design, treatment: table.treatment, weights: table.sampling
    ).model
    let kept = fit.keptColumns.filter { $0 > 0 }.map { varying[$0 - 1] }
    let means = table.means(table.sampling)
    return Found(
      predictor: fit.linearPredictor,
      basis: ColumnBasis(
        columns: [0] + kept.map { $0 + 1 }, center: [0] + kept.map { means[$0] },
        scale: [1] + kept.map { table.scale[$0] }),
      dropped: varying.filter { !kept.contains($0) }, iterations: fit.iterations)
  }

  /// The estimand's weight at a linear predictor, and its derivative.
  private func weightAndSlope(_ eta: Double, _ treated: Bool) -> (Double, Double) {
    switch (estimand, treated) {
    case (.att, true), (.atc, false): (1, 0)
    case (.att, false): (exp(eta), exp(eta))
    case (.atc, true): (exp(-eta), -exp(-eta))
    case (.ate, true): (1 + exp(-eta), -exp(-eta))
    case (.ate, false): (1 + exp(eta), exp(eta))
    case (_, true): (Self.logistic(-eta), -Self.logistic(eta) * Self.logistic(-eta))
    case (_, false): (Self.logistic(eta), Self.logistic(eta) * Self.logistic(-eta))
    }
  }

  private static func logistic(_ eta: Double) -> Double {
    eta >= 0 ? 1 / (1 + exp(-eta)) : exp(eta) / (1 + exp(eta))
  }
}

/// The concave function whose gradient is the balance of 1/p and 1/(1−p) weights.
private struct BalanceObjective: SmoothObjective {
  var matrix: Matrix
  var basis: ColumnBasis
  var treatment: [Bool]
  var sampling: [Double]

  func evaluate(at coefficients: [Double]) -> ObjectiveValue {
    let sums = treatment.withUnsafeBufferPointer { treatment in
      sampling.withUnsafeBufferPointer { sampling in
        nonisolated(unsafe) let (treatment, sampling) = (treatment, sampling)
        return Gram.pass(matrix, basis: basis, coefficients: coefficients) { range, eta, root in
          var sum = 0.0
          for i in 0..<range.count {
            let row = range.lowerBound + i
            let sign = treatment[row] ? 1.0 : -1.0
            let weight = sampling[row]
            guard weight > 0 else {
              eta[i] = 0
              root[i] = 0
              continue
            }
            let odds = exp(-sign * eta[i])
            sum += weight * (sign * eta[i] - odds)
            eta[i] = sign * weight * (1 + odds)
            root[i] = (weight * odds).squareRoot()
          }
          return sum
        }
      }
    }
    return ObjectiveValue(
      value: sums.value, gradient: sums.gradient, information: sums.product)
  }

  /// The moment at a place of the unreduced basis.
  func droppedColumn(_ varying: [Int], _ place: Int) -> Int { varying[place - 1] }
}
