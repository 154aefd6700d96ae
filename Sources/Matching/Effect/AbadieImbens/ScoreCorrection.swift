internal import LinearAlgebra
internal import Statistics

/// What estimating the score does to the variance of matching on it (Abadie and Imbens 2016).
///
/// Matching on a fitted score is more precise than matching on the true one by c′I⁻¹c, where c is
/// how the matched means move with the covariance of covariates and outcomes among rows of equal
/// score; for ATT and ATC the target population moves with the score too, which adds g′I⁻¹g.
struct ScoreCorrection {
  /// The score's design over the columns that were kept.
  let design: Matrix
  /// (X′WX)⁻¹ of the score's regression.
  let bread: Matrix
  /// The probability of treatment.
  let probability: [Double]
  /// dp/dη, the slope of the probability in the linear predictor.
  let slope: [Double]

  init(_ fit: PropensityScoreFit, rows: [Int]) {
    design = fit.model.equations.design.selecting(columns: fit.model.keptColumns)
      .selecting(rows: rows)
    bread = fit.model.unscaledCovariance
    probability = rows.map { fit.probability[$0] }
    // The information weight is (dp/dη)²/(p(1 − p)).
    slope = rows.map { row in
      let p = fit.probability[row]
      let prior = fit.model.weights?[row] ?? 1
      return prior > 0 ? (fit.model.workingWeights[row] / prior * p * (1 - p)).squareRoot() : 0
    }
  }

  /// What is added to the covariance of the two means.
  func adjustment(
    _ problem: AbadieImbensProblem, filled: (one: [Double], zero: [Double]),
    means: (one: Double, zero: Double), neighbors: Int
  ) -> Matrix {
    let estimand = problem.settings.estimand
    let p = probability
    let rows = problem.treatment.indices
    let focal = Double(rows.count { problem.isFocal($0) })
    var matched: [[Double]] = []
    var moved: [[Double]] = []
    for arm in [true, false] {
      let lists = problem.neighbors(
        in: arm ? problem.groups.treated : problem.groups.comparison, count: neighbors)
      // A mean of this arm falls when the other arm's chance rises, hence the sign.
      let sign = arm ? 1.0 : -1.0
      let odds = rows.map { row -> Double in
        let own = arm ? p[row] : 1 - p[row]
        switch estimand {
        case .att: return slope[row] * (arm ? 1 : -p[row] / (1 - p[row]))
        case .atc: return slope[row] * (arm ? (1 - p[row]) / p[row] : -1)
        default: return sign * slope[row] / own
        }
      }
      var c = covariances(lists, problem.outcome, odds)
      guard estimand == .att || estimand == .atc else {
        matched.append(c.map { $0 / focal })
        continue
      }
      // The target population's own shift: more of the treated (fewer comparisons) where p rises.
      let values = arm ? filled.one : filled.zero
      let mean = arm ? means.one : means.zero
      let towards = estimand == .att ? 1.0 : -1.0
      let shift = design.transposedTimes(
        rows.map { towards * slope[$0] * (values[$0] - mean) })
      let within = covariances(lists, problem.outcome, rows.map { towards * slope[$0] })
      for k in c.indices { c[k] += shift[k] }
      matched.append(c.map { $0 / focal })
      moved.append(zip(shift, within).map { ($0 + $1) / focal })
    }
    var result = form(matched).scaled(by: -1)
    if !moved.isEmpty { result = result + form(moved) }
    return result
  }

  /// Σ aᵢ cov(X, Y) among each row's neighbours, a number for each column of the design.
  ///
  /// The covariance has n − 1 below it. What each neighbour gives to the sum is gathered first, so
  /// that the design is passed once.
  private func covariances(
    _ lists: NeighborLists, _ outcome: [Double], _ amounts: [Double]
  ) -> [Double] {
    let sums = lists.sums(of: outcome)
    let shares = amounts.indices.map { amounts[$0] / Double(lists.count($0) - 1) }
    let given = lists.gifts(shares)
    let levels = lists.gifts(
      shares.indices.map { shares[$0] * sums[$0] / Double(lists.count($0)) })
    return design.transposedTimes(
      outcome.indices.map { outcome[$0] * given[$0] - levels[$0] })
  }

  /// The 2 × 2 matrix of vᵢ′I⁻¹vⱼ.
  private func form(_ vectors: [[Double]]) -> Matrix {
    var result = Matrix(rows: 2, columns: 2)
    for (i, left) in vectors.enumerated() {
      let solved = bread.times(left)
      for (j, right) in vectors.enumerated() {
        result[i, j] = zip(solved, right).reduce(0) { $0 + $1.0 * $1.1 }
      }
    }
    return result
  }
}
