internal import LinearAlgebra
public import Statistics

/// Fine and Gray's regression of the subdistribution hazard of one cause.
///
/// A coefficient is the log ratio of the hazards that rule the cause's cumulative incidence: whoever
/// left for another cause stays in the risk set, with weight A(t)/A(T), where A is the estimated
/// chance of being still under observation. No row is repeated: running sums go forward through the
/// rows under observation and backward through those who left. Ties are Breslow's. Strata have a
/// baseline and a censoring distribution of their own; with left truncation the weights are Geskus's.
///
/// The standard error is Fine and Gray's, which allows for the estimated censoring distribution;
/// with left truncation the weights are taken as known. With clusters, or weights that are not whole
/// numbers, a robust one stands beside it, from the cluster sums of the same influences.
///
/// Fine & Gray (1999), doi:10.1080/01621459.1999.10474144; Kawaguchi et al. (2021),
/// doi:10.32614/RJ-2021-010; Geskus (2011), doi:10.1111/j.1541-0420.2010.01420.x.
/// - Complexity: O(n p²) a Newton step after the sort, whatever the ties.
public struct FineGray: Sendable {
  /// How the censoring distribution is estimated where events and censoring share a time.
  public enum Censoring: String, Sendable, CaseIterable {
    /// Rows with an event at a time are at risk of censoring at it, and weights count: as in
    /// `cmprsk`'s `crr`.
    case cmprsk = "cmprsk"
    /// Events come before censoring, and weights do not count: as in `survival`'s `finegray`.
    case survival = "survival"
  }

  /// How the censoring distribution is estimated.
  public var censoring: Censoring
  /// Whether a robust variance is made; nil decides as the type says.
  public var robust: Bool?
  /// The solver and its limits.
  public var solver: NewtonSolver

  /// A regression, by default with `crr`'s censoring distribution.
  public init(
    censoring: Censoring = .cmprsk, robust: Bool? = nil, solver: NewtonSolver = NewtonSolver()
  ) {
    self.censoring = censoring
    self.robust = robust
    self.solver = solver
  }

  /// Fits the model of one cause.
  ///
  /// `causes` is coded as for `AalenJohansen`, `cause` is one of its levels. An intercept in the
  /// design is left out; columns that are combinations of earlier ones get NaN and a note.
  /// - Throws: `size-mismatch`, `missing-value`, `bad-value`, `bad-weight`, `unknown-level` (the
  ///   cause), `no-events`, `bad-design`, `rank-deficient`, `bad-interval` (late entry across a time
  ///   when nobody is at risk) or `non-convergence`.
  public func fit(
    _ times: SurvivalTimes, causes: Factor, cause: String, _ design: DesignMatrix,
    strata: Factor? = nil, weights: [Double]? = nil, cluster: Factor? = nil
  ) throws(SiblingError) -> FineGrayFit {
    let design = design.removingIntercept()
    let code = try check(times, causes, cause, design, strata, weights, cluster)
    let full = try FineGrayData(
      times, causes, cause: code, design.matrix, strata: strata, weights: weights,
      convention: censoring)
    let first = FineGrayObjective(full)
    let rank = try Self.independentColumns(first, design.names)
    let objective =
      rank.dropped.isEmpty ? first : FineGrayObjective(full.selecting(rank.kept))
    let solution = try solver.maximise(
      objective, from: [Double](repeating: 0, count: rank.kept.count))
    objective.state.update(solution.coefficients)
    let robust = self.robust ?? (cluster != nil || Checks.fractional(weights))
    return try FineGrayFit.make(
      FineGrayFit.Parts(
        times: times, causes: causes, cause: cause, names: design.names, objective: objective,
        rank: rank, solution: solution, cluster: robust ? cluster : nil, robust: robust,
        strata: strata))
  }

  private func check(
    _ times: SurvivalTimes, _ causes: Factor, _ cause: String, _ design: DesignMatrix,
    _ strata: Factor?, _ weights: [Double]?, _ cluster: Factor?
  ) throws(SiblingError) -> Int32 {
    try Checks.count(design.rows, is: times.count, "the design")
    try Checks.factor(strata, rows: times.count, "stratum")
    try Checks.factor(cluster, rows: times.count, "cluster")
    try Checks.weights(weights, rows: times.count, allowingZero: false)
    try AalenJohansen.check(times, causes)
    guard design.columns > 0 else {
      throw SiblingError(.badDesign, "the model has no covariates", help: "name at least one term")
    }
    guard let code = causes.levels.firstIndex(of: cause) else {
      throw SiblingError(
        .unknownLevel, "there is no cause '\(cause)'",
        help: "causes are: " + causes.levels.joined(separator: ", "), column: "cause")
    }
    guard causes.codes.contains(Int32(code)) else {
      throw SiblingError(
        .noEvents, "no row ends with the cause '\(cause)'",
        help: "causes are: " + causes.levels.joined(separator: ", "))
    }
    try Checks.finite(design.matrix, design.names)
    return Int32(code)
  }

  /// Columns that the risk sets can tell apart, found from the information at zero.
  private static func independentColumns(
    _ objective: FineGrayObjective, _ names: [String]
  ) throws(SiblingError) -> ColumnRank {
    let p = objective.data.x.columns
    var information = objective.evaluate(at: [Double](repeating: 0, count: p)).information
    for j in 0..<p where !(information[j, j] > 1e-13 * objective.uncancelledAtZero[j]) {
      // What is left of such a column is rounding: it is constant in every risk set.
      for k in 0..<p { (information[j, k], information[k, j]) = (0, 0) }
    }
    let rank = ColumnRank(gram: information, tolerance: 1e-6)
    guard !rank.kept.isEmpty else {
      throw SiblingError(
        .rankDeficient, "no covariate varies among the rows at risk at an exit for the cause",
        help: "check that the terms are not constant, nor constant within strata",
        column: names.first)
    }
    return rank
  }
}
