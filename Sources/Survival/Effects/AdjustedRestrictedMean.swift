internal import LinearAlgebra
public import Statistics

/// The restricted mean adjusted for covariates: a linear model of the time without the event up to τ.
///
/// `pseudo` regresses jackknife pseudo-observations, made within each arm so that censoring may
/// differ between arms, with heteroskedasticity- or cluster-robust errors (Andersen, Hansen & Klein
/// 2004, doi:10.1007/s10985-004-4771-0). `ipcw` weights the rows whose time is known by the inverse
/// probability of being uncensored and carries the estimated censoring in its variance (Tian, Zhao & Wei
/// 2014, doi:10.1093/biostatistics/kxt050), as survRM2's adjusted analysis does. Both take censoring
/// as independent of the covariates within an arm.
public struct AdjustedRestrictedMean: Sendable, Equatable {
  /// How censoring is dealt with.
  public enum Method: String, Sendable, CaseIterable {
    /// Pseudo-observations.
    case pseudo = "pseudo"
    /// Inverse-probability-of-censoring weights.
    case weighting = "ipcw"
  }

  /// How censoring is dealt with.
  public var method: Method
  /// The horizon; nil chooses it as `RestrictedMean` does.
  public var tau: Double?
  /// The confidence level.
  public var level: Double

  /// An estimator by pseudo-observations.
  public init(method: Method = .pseudo, tau: Double? = nil, level: Double = 0.95) {
    self.method = method
    self.tau = tau
    self.level = level
  }

  /// Fits the model with a difference for each later arm and a slope for each covariate.
  ///
  /// An intercept in `covariates` is replaced by the model's own; columns that are combinations of
  /// earlier ones get NaN and a note. With weights that are not whole numbers, or late entry, the
  /// pseudo-observations are those of the infinitesimal jackknife.
  /// - Throws: `size-mismatch`, `missing-value`, `bad-weight`, `bad-interval` (a negative time, or late
  ///   entry with `ipcw`), `invalid-option`, `too-few-observations`, `too-few-clusters`.
  /// - Complexity: O(n p²).
  public func fit(
    _ times: SurvivalTimes, by group: Factor? = nil, adjustingFor covariates: DesignMatrix,
    weights: [Double]? = nil, cluster: Factor? = nil
  ) throws(SiblingError) -> AdjustedRestrictedMeanFit {
    try check(times, group, covariates, weights, cluster)
    let levels = group?.levels ?? ["all"]
    let grouped = GroupedRows(times.order, codes: group?.codes, levels: levels.count)
    let present = levels.indices.filter { grouped.begins[$0] < grouped.begins[$0 + 1] }
    let arms = present.map { grouped.rows[grouped.begins[$0]..<grouped.begins[$0 + 1]] }
    let steps = arms.map { RiskSteps(times, rows: $0, weights: weights) }
    let horizon =
      tau ?? steps.reduce(steps[0]) { RestrictedMean.nearer($0, $1) }.times.last ?? 0
    guard horizon > 0, horizon.isFinite else {
      throw SiblingError(.invalidOption, "the horizon tau must be a positive number")
    }
    let names = present.map { levels[$0] }
    let design = Self.design(
      covariates.removingIntercept(), group, present, names: names.dropFirst().map { "arm \($0)" })
    let solution =
      method == .pseudo
      ? try pseudo(times, steps, design, weights, cluster, horizon)
      : try weighted(times, arms, design, weights, cluster, horizon)
    return AdjustedRestrictedMeanFit(
      tau: horizon, arms: means(solution, design, names, weights),
      differences: names.indices.dropFirst().map { k in
        solution.estimate(column: k, term: names[k], level)
      },
      covariates: (names.count..<design.columns).map { column in
        solution.estimate(column: column, term: design.names[column], level)
      },
      reference: names[0], observations: times.count,
      clusters: cluster.map(\.occupiedLevels),
      notes: solution.notes + RestrictedMean.notes(names, steps, horizon))
  }

  private func check(
    _ times: SurvivalTimes, _ group: Factor?, _ covariates: DesignMatrix, _ weights: [Double]?,
    _ cluster: Factor?
  ) throws(SiblingError) {
    try Checks.level(level)
    try Checks.factor(group, rows: times.count, "arm")
    try Checks.factor(cluster, rows: times.count, "cluster")
    try Checks.weights(weights, rows: times.count, allowingZero: false)
    try Checks.count(covariates.rows, is: times.count, "the covariates")
    try Checks.finite(covariates.matrix, covariates.names)
    if let row = times.time.firstIndex(where: { $0 < 0 }) {
      throw SiblingError(
        .badInterval, "a time is negative: a restricted mean counts from zero", row: row,
        column: "time")
    }
    if method == .weighting, times.start != nil {
      throw SiblingError(
        .badInterval, "ipcw takes no late entry", help: "use pseudo-observations", column: "start")
    }
  }

  /// Intercept, a column for each later arm, and the covariates.
  private static func design(
    _ covariates: DesignMatrix, _ group: Factor?, _ present: [Int], names: [String]
  ) -> DesignMatrix {
    let n = covariates.rows
    var storage = [Double](repeating: 1, count: n)
    storage.reserveCapacity(n * (1 + names.count + covariates.columns))
    for level in present.dropFirst() {
      storage += (group?.codes ?? []).map { Int($0) == level ? 1 : 0 }
    }
    storage += covariates.matrix.storage
    return DesignMatrix(
      matrix: Matrix(rows: n, columns: 1 + names.count + covariates.columns, storage: storage),
      names: ["(Intercept)"] + names + covariates.names)
  }

  private func pseudo(
    _ times: SurvivalTimes, _ steps: [RiskSteps], _ design: DesignMatrix, _ weights: [Double]?,
    _ cluster: Factor?, _ tau: Double
  ) throws(SiblingError) -> LinearMeans {
    let isExact = times.start == nil && !Checks.fractional(weights)
    var values = [Double](repeating: 0, count: times.count)
    for step in steps {
      if isExact {
        PseudoValues.jackknife(step, tau: tau, into: &values)
      } else {
        PseudoValues.infinitesimal(step, tau: tau, into: &values)
      }
    }
    let fit = try LeastSquares().fit(design, response: values, weights: weights)
    let covariance = try fit.covariance(
      cluster.map { .cluster(.cr0, [$0]) } ?? .heteroskedastic(.hc0))
    return LinearMeans(
      kept: fit.keptColumns, coefficients: fit.keptColumns.map { fit.coefficients[$0] },
      covariance: covariance.matrix,
      convention: (isExact ? "jackknife" : "infinitesimal jackknife")
        + " pseudo-observations, \(cluster == nil ? "HC0" : "CR0"), z",
      notes: fit.notes + covariance.notes)
  }

  private func weighted(
    _ times: SurvivalTimes, _ arms: [ArraySlice<Int32>], _ design: DesignMatrix,
    _ cases: [Double]?, _ cluster: Factor?, _ tau: Double
  ) throws(SiblingError) -> LinearMeans {
    let means = CensoredMeans(times, arms: arms, weights: cases, tau: tau)
    let fit = try LeastSquares().fit(design, response: means.response, weights: means.weights)
    let columns = design.matrix.selecting(columns: fit.keptColumns)
    let scores = means.scores(columns, residuals: fit.residuals)
    var sums = scores
    if let cluster {
      sums = Matrix(rows: cluster.levels.count, columns: scores.columns)
      for j in 0..<scores.columns {
        for (row, code) in cluster.codes.enumerated() { sums[Int(code), j] += scores[row, j] }
      }
    }
    guard let factor = try? Cholesky(Gram.product(columns, weights: cases)) else {
      throw SiblingError(.rankDeficient, "the covariates are combinations of one another")
    }
    let half = factor.solve(Gram.product(sums))
    return LinearMeans(
      kept: fit.keptColumns, coefficients: fit.keptColumns.map { fit.coefficients[$0] },
      covariance: factor.solve(half.transposed),
      convention: "inverse probability of censoring, "
        + "\(cluster == nil ? "robust" : "cluster-robust"), z",
      notes: fit.notes)
  }

  /// The mean of each arm at the sample's mean covariates.
  private func means(
    _ solution: LinearMeans, _ design: DesignMatrix, _ names: [String], _ weights: [Double]?
  ) -> [Estimate] {
    let ones = weights ?? [Double](repeating: 1, count: design.rows)
    let total = ones.reduce(0, +)
    let average = design.matrix.transposedTimes(ones).map { $0 / total }
    return names.indices.map { arm in
      var point = average
      for k in names.indices.dropFirst() { point[k] = k == arm ? 1 : 0 }
      return solution.estimate(at: point, term: names[arm], level)
    }
  }
}

/// Coefficients of a linear model with their covariance, over the columns that were kept.
private struct LinearMeans {
  var kept: [Int]
  var coefficients: [Double]
  var covariance: Matrix
  var convention: String
  var notes: [String]

  func estimate(column: Int, term: String, _ level: Double) -> Estimate {
    let place = kept.firstIndex(of: column)
    return Estimate(
      term: term, estimate: place.map { coefficients[$0] } ?? .nan,
      standardError: place.map { Swift.max(0, covariance[$0, $0]).squareRoot() }, level: level,
      convention: convention)
  }

  func estimate(at point: [Double], term: String, _ level: Double) -> Estimate {
    let part = kept.map { point[$0] }
    return Estimate(
      term: term, estimate: zip(part, coefficients).reduce(0) { $0 + $1.0 * $1.1 },
      standardError: Swift.max(0, covariance.quadraticForm(part)).squareRoot(), level: level,
      convention: convention + ", at the mean covariates")
  }
}

/// Restricted means adjusted for covariates.
public struct AdjustedRestrictedMeanFit: Sendable, Equatable {
  /// The horizon.
  public let tau: Double
  /// The mean of each arm that has rows, at the sample's mean covariates.
  public let arms: [Estimate]
  /// Each later arm less the first; the term is the arm.
  public let differences: [Estimate]
  /// What one unit of each covariate adds to the mean.
  public let covariates: [Estimate]
  /// The first arm.
  public let reference: String
  /// The rows used.
  public let observations: Int
  /// The clusters that have rows, when the variances are clustered.
  public let clusters: Int?
  /// Things the reader must know.
  public let notes: [String]
}
