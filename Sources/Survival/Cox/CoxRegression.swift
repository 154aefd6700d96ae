internal import LinearAlgebra
public import Statistics

/// Cox's proportional-hazards regression by partial likelihood.
///
/// Rows may be stratified, left-truncated (start, stop], weighted, offset and clustered. The
/// coefficients are log hazard ratios. Newton's method runs to full convergence, further than most
/// software does. The variance is the inverse information; with a cluster, weights that are not
/// whole numbers, or an id with more than one event (or on request) a robust one is added: D′D,
/// D the cluster sums of weighted score residuals times the naive variance, without a small-sample
/// factor.
///
/// Cox (1972), doi:10.1111/j.2517-6161.1972.tb00899.x; Efron (1977),
/// doi:10.1080/01621459.1977.10480613; Lin & Wei (1989), doi:10.1080/01621459.1989.10478874.
/// - Complexity: O((n + m) p²) a Newton step, for m distinct event times, whatever the ties.
public struct CoxRegression: Sendable {
  /// How events at one time are treated.
  public enum Ties: String, Sendable, CaseIterable {
    /// Efron's approximation: the deaths leave the risk set by equal parts.
    case efron = "efron"
    /// Breslow's approximation: all deaths see the whole risk set.
    case breslow = "breslow"
  }

  /// How events at one time are treated.
  public var ties: Ties
  /// Whether a robust variance is made; nil decides as the type says.
  public var robust: Bool?
  /// The solver and its limits.
  public var solver: NewtonSolver

  /// A regression with Efron's ties.
  public init(ties: Ties = .efron, robust: Bool? = nil, solver: NewtonSolver = NewtonSolver()) {
    self.ties = ties
    self.robust = robust
    self.solver = solver
  }

  /// Fits the model.
  ///
  /// An intercept in the design is left out. Columns that are combinations of earlier ones get NaN
  /// and a note; a coefficient that runs to infinity gets a note and stands in `infiniteTerms`.
  /// `cluster` names rows whose residuals are summed before they are squared, and `id` rows of one
  /// person; `id` serves as the cluster when there is none.
  /// - Throws: `size-mismatch`, `missing-value`, `bad-value`, `bad-weight`, `no-events`,
  ///   `bad-design` (no covariates), `rank-deficient` (no column varies within the risk sets) or
  ///   `non-convergence`.
  public func fit(
    _ times: SurvivalTimes, _ design: DesignMatrix, strata: Factor? = nil,
    weights: [Double]? = nil, offset: [Double]? = nil, cluster: Factor? = nil, id: Factor? = nil
  ) throws(SiblingError) -> CoxFit {
    let design = design.removingIntercept()
    try check(times, design, strata, weights, offset, cluster, id)
    let sets = RiskSets(times, strata: strata)
    let full = CoxData(
      times, sets, design.matrix, strata: strata, weights: weights, offset: offset, ties: ties)
    let first = CoxObjective(full)
    let rank = try Self.independentColumns(first, design.names)
    let objective =
      rank.dropped.isEmpty ? first : CoxObjective(full.selecting(rank.kept))
    let solution = try solver.maximise(
      objective, from: [Double](repeating: 0, count: rank.kept.count))
    let people = cluster ?? id
    let robust =
      self.robust
      ?? (cluster != nil || Checks.fractional(weights)
        || Self.repeatedEvents(times.event, id))
    return try CoxFit.make(
      CoxFit.Parts(
        times: times, design: design, objective: objective, rank: rank, solution: solution,
        strata: strata, weights: weights, offset: offset, cluster: robust ? people : nil,
        robust: robust))
  }

  private func check(
    _ times: SurvivalTimes, _ design: DesignMatrix, _ strata: Factor?, _ weights: [Double]?,
    _ offset: [Double]?, _ cluster: Factor?, _ id: Factor?
  ) throws(SiblingError) {
    try Checks.count(design.rows, is: times.count, "the design")
    try Checks.factor(strata, rows: times.count, "stratum")
    try Checks.factor(cluster, rows: times.count, "cluster")
    try Checks.factor(id, rows: times.count, "id")
    try Checks.weights(weights, rows: times.count, allowingZero: false)
    guard design.columns > 0 else {
      throw SiblingError(.badDesign, "the model has no covariates", help: "name at least one term")
    }
    guard times.event.contains(true) else {
      throw SiblingError(
        .noEvents, "no row ends with the event",
        help: "check the event column: 1 is the event, 0 censored")
    }
    try Checks.finite(design.matrix, design.names)
    if let offset {
      try Checks.count(offset.count, is: times.count, "the offset")
      if let row = offset.firstIndex(where: { !$0.isFinite }) {
        throw SiblingError(
          .badValue, "an offset is missing or infinite", row: row, column: "offset")
      }
    }
  }

  /// Columns that the risk sets can tell apart, found from the information at zero.
  private static func independentColumns(
    _ objective: CoxObjective, _ names: [String]
  ) throws(SiblingError) -> ColumnRank {
    let p = objective.data.x.columns
    var information = objective.evaluate(at: [Double](repeating: 0, count: p)).information
    for j in 0..<p where !(information[j, j] > 1e-13 * objective.uncancelled[j]) {
      // What is left of such a column is rounding: it is constant in every risk set.
      for k in 0..<p { (information[j, k], information[k, j]) = (0, 0) }
    }
    let rank = ColumnRank(gram: information, tolerance: 1e-6)
    guard !rank.kept.isEmpty else {
      throw SiblingError(
        .rankDeficient, "no covariate varies among the rows at risk when an event happens",
        help: "check that the terms are not constant, nor constant within strata",
        column: names.first)
    }
    return rank
  }

  private static func repeatedEvents(_ event: [Bool], _ id: Factor?) -> Bool {
    guard let id else { return false }
    var seen = [Bool](repeating: false, count: id.levels.count)
    for (row, code) in id.codes.enumerated() where event[row] {
      if seen[Int(code)] { return true }
      seen[Int(code)] = true
    }
    return false
  }
}

extension CoxData {
  /// The model of the named columns.
  func selecting(_ columns: [Int]) -> CoxData {
    CoxData(
      sets: sets, ties: ties, x: x.selecting(columns: columns), offset: offset,
      offsetLevel: offsetLevel, weights: weights, event: event, deathWeight: deathWeight,
      eventSum: columns.map { eventSum[$0] },
      centres: centres.selecting(columns: columns), strata: strata)
  }

  private init(
    sets: RiskSets, ties: CoxRegression.Ties, x: Matrix, offset: [Double]?, offsetLevel: Double,
    weights: [Double]?, event: [Bool], deathWeight: [Double], eventSum: [Double], centres: Matrix,
    strata: [Int32]?
  ) {
    self.sets = sets
    self.ties = ties
    self.x = x
    self.offset = offset
    self.offsetLevel = offsetLevel
    self.weights = weights
    self.event = event
    self.deathWeight = deathWeight
    self.eventSum = eventSum
    self.centres = centres
    self.strata = strata
  }
}
