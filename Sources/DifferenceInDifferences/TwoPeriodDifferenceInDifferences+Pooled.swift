internal import Glibc
internal import LinearAlgebra
public import Statistics

extension TwoPeriodDifferenceInDifferences {
  /// The same effect by pooled least squares on both periods' rows.
  ///
  /// The outcome of 2n rows on treatment arm, period, their product (the effect) and the covariates,
  /// which shift levels and not changes. Standard errors are HC0 times √(2n/(2n − 1)); with clusters
  /// CR1 and t(G − 1). The estimator of the configuration is not used.
  /// - Throws: as `fit`, and what least squares throws.
  public func fitPooled(
    before: [Double], after: [Double], treated: [Bool], covariates: DesignMatrix? = nil,
    weights: [Double]? = nil, clusters: Factor? = nil
  ) throws(SiblingError) -> TwoPeriodResult {
    let data = TwoPeriodData(
      before: before, after: after, treated: treated, covariates: covariates, weights: weights)
    try data.check()
    let clusters = try InfluenceFunction.checked(clusters, rows: treated.count)
    let n = treated.count
    let arm = treated.map { $0 ? 1.0 : 0 }
    let zeros = [Double](repeating: 0, count: n)
    let ones = [Double](repeating: 1, count: n)
    var columns = [ones + ones, zeros + arm, zeros + ones, arm + arm]
    var names = ["(Intercept)", "ATT", "after", "treated"]
    if let covariates {
      for j in 0..<covariates.columns where covariates.names[j] != "(Intercept)" {
        let column = covariates.matrix.column(j)
        columns.append(column + column)
        names.append(covariates.names[j])
      }
    }
    let fit = try LeastSquares().fit(
      DesignMatrix(matrix: Matrix(columns: columns), names: names), response: before + after,
      weights: weights.map { $0 + $0 })
    let estimator = clusters.map { clusters in
      CovarianceEstimator.cluster(
        .cr1, [Factor(codes: clusters.codes + clusters.codes, levels: clusters.levels)])
    }
    let covariance = try fit.covariance(estimator ?? .heteroskedastic(.hc0))
    guard let place = fit.keptColumns.firstIndex(of: 1) else {
      throw SiblingError(
        .rankDeficient, "The effect cannot be told from the other terms.",
        help: "Check the treatment column and the covariates.")
    }
    let rows = Double(2 * n)
    let factor = clusters == nil ? (rows / (rows - 1)).squareRoot() : 1
    var estimate = Estimate(
      term: "ATT", estimate: fit.coefficients[1],
      standardError: covariance.standardErrors[place] * factor,
      degreesOfFreedom: clusters == nil ? nil : covariance.degreesOfFreedom, level: level,
      convention: "pooled least squares, "
        + (clusters == nil ? "HC0 √(2n/(2n − 1)), z" : covariance.convention))
    let plain = try data.comparison(adjusted: false).solve(.outcomeRegression)
    var unadjusted = Estimate(
      term: "ATT", estimate: plain.effect,
      standardError: InfluenceFunction.standardError(plain.influence, clusters: clusters),
      level: level, convention: "difference in differences of means, influence function, z")
    var notes = fit.notes
    if let note = data.smallArm(clusters) {
      (unadjusted, estimate) = (SmallGroups.withheld(unadjusted), SmallGroups.withheld(estimate))
      notes.append(note)
    }
    return TwoPeriodResult(
      estimate: estimate, unadjusted: unadjusted,
      cells: data.cells(), influence: plain.influence, propensity: nil, trimmedControls: 0,
      units: n, clusters: clusters?.levels.count, notes: notes)
  }
}
