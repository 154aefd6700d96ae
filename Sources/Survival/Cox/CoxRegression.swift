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
/// - Complexity: O((n + m) p²) a Newton step, for m distinct event times, whatever the ties;
///   exact ties take O(n d p²), d the most events at one time.
public struct CoxRegression: Sendable {
  /// How events at one time are treated.
  public enum Ties: String, Sendable, CaseIterable {
    /// Efron's approximation: the deaths leave the risk set by equal parts.
    case efron = "efron"
    /// Breslow's approximation: all deaths see the whole risk set.
    case breslow = "breslow"
    /// The exact likelihood of discrete times, as `clogit` has it for matched sets. Its residuals
    /// and baseline hazard are made as Breslow's are, at its coefficients; it has no robust
    /// variance and takes no case weights.
    case exact = "exact"
  }

  /// How events at one time are treated.
  public var ties: Ties
  /// Whether a robust variance is made; nil decides as the type says.
  public var robust: Bool?
  /// The θ of a ridge penalty θ/2·Σβ² on the coefficients as they stand, unscaled; nil for none.
  ///
  /// Variances are then those of the penalised information V, and tests of all coefficients have
  /// the trace of V times the unpenalised information as degrees of freedom.
  public var ridge: Double?
  /// The solver and its limits.
  public var solver: NewtonSolver

  /// A regression with Efron's ties.
  public init(
    ties: Ties = .efron, robust: Bool? = nil, ridge: Double? = nil,
    solver: NewtonSolver = NewtonSolver()
  ) {
    self.ties = ties
    self.ridge = ridge
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
    try fit(
      times, design, strata: strata, weights: weights, offset: offset, cluster: cluster, id: id,
      before: nil)
  }

  /// The same; `before` is what is known of data that were cut in pieces.
  func fit(
    _ times: SurvivalTimes, _ design: DesignMatrix, strata: Factor?, weights: [Double]?,
    offset: [Double]?, cluster: Factor?, id: Factor?, before: Before?
  ) throws(SiblingError) -> CoxFit {
    let design = design.removingIntercept()
    try check(times, design, strata, weights, offset, cluster, id)
    var spells = before?.notes ?? []
    if before == nil { spells = try Spells.check(times, id, strata: strata) }
    let sets = RiskSets(times, strata: strata)
    let full = CoxData(
      times, sets, design.matrix, strata: strata, weights: weights, offset: offset, ties: ties)
    let first = CoxObjective(full)
    let firstExact = ties == .exact ? ExactTies(full, first.state) : nil
    let rank = try Self.independentColumns(
      first, firstExact, design.names, ridge: ridge ?? 0)
    let whole = rank.dropped.isEmpty
    let objective = whole ? first : CoxObjective(full.selecting(rank.kept))
    let zero = [Double](repeating: 0, count: rank.kept.count)
    let solution: NewtonSolver.Solution
    if let firstExact {
      let exact = whole ? firstExact : ExactTies(objective.data, objective.state)
      // At zero the spread of the covariates is asked of Breslow's sums.
      _ = objective.evaluate(at: zero)
      solution = try maximise(exact, from: zero)
    } else {
      solution = try maximise(objective, from: zero)
    }
    let people = cluster ?? id
    let robust =
      self.robust
      ?? (cluster != nil || times.isFractional(weights)
        || before?.several ?? Self.repeatedEvents(times, id))
    return try CoxFit.make(
      CoxFit.Parts(
        times: times, design: design, objective: objective, rank: rank, solution: solution,
        strata: strata, weights: weights, offset: offset, cluster: robust ? people : nil,
        robust: robust, ridge: ridge ?? 0, notes: spells,
        observations: before?.observations ?? times.peopleCount))
  }

  private func maximise(
    _ objective: some SmoothObjective, from zero: [Double]
  ) throws(SiblingError) -> NewtonSolver.Solution {
    guard let ridge, ridge > 0 else { return try solver.maximise(objective, from: zero) }
    return try solver.maximise(RidgePenalty(base: objective, theta: ridge), from: zero)
  }

  func check(
    _ times: SurvivalTimes, _ design: DesignMatrix, _ strata: Factor?, _ weights: [Double]?,
    _ offset: [Double]?, _ cluster: Factor?, _ id: Factor?
  ) throws(SiblingError) {
    try Checks.count(design.rows, is: times.count, "the design")
    try Checks.factor(strata, rows: times.count, "stratum")
    try Checks.factor(cluster, rows: times.count, "cluster")
    try Checks.factor(id, rows: times.count, "id")
    try Checks.weights(weights, rows: times.count, allowingZero: false)
    if let ridge, !(ridge >= 0 && ridge.isFinite) {
      throw SiblingError(
        .invalidOption, "the ridge penalty must be zero or more", column: "ridge")
    }
    try checkExact(times, weights, cluster, id)
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

  /// What the exact likelihood can't be combined with.
  private func checkExact(
    _ times: SurvivalTimes, _ weights: [Double]?, _ cluster: Factor?, _ id: Factor?
  ) throws(SiblingError) {
    guard ties == .exact else { return }
    if let row = weights?.firstIndex(where: { $0 != 1 }) {
      throw SiblingError(
        .invalidOption, "the exact likelihood of ties takes no case weights",
        help: "use efron ties", row: row, column: "weights")
    }
    if robust == true || cluster != nil || Self.repeatedEvents(times, id) {
      throw SiblingError(
        .invalidOption, "the exact likelihood of ties has no robust variance",
        help: "use efron ties with clusters, or leave them out", column: "ties")
    }
  }

  /// Columns that the risk sets can tell apart, found from the information at zero.
  static func independentColumns(
    _ objective: CoxObjective, _ exact: ExactTies?, _ names: [String], ridge: Double
  ) throws(SiblingError) -> ColumnRank {
    let p = objective.data.x.columns
    let zero = [Double](repeating: 0, count: p)
    var information = objective.evaluate(at: zero).information
    if let exact { information = exact.evaluate(at: zero).information }
    for j in 0..<p where !(information[j, j] > 1e-13 * objective.uncancelled[j]) {
      // What is left of such a column is rounding: it is constant in every risk set.
      for k in 0..<p { (information[j, k], information[k, j]) = (0, 0) }
    }
    // A penalty tells combinations of columns apart.
    for j in 0..<p where information[j, j] != 0 { information[j, j] += ridge }
    let rank = ColumnRank(gram: information, tolerance: 1e-6)
    guard !rank.kept.isEmpty else {
      throw SiblingError(
        .rankDeficient, "no covariate varies among the rows at risk when an event happens",
        help: "check that the terms are not constant, nor constant within strata",
        column: names.first)
    }
    return rank
  }

  static func repeatedEvents(_ times: SurvivalTimes, _ id: Factor?) -> Bool {
    guard let id else { return false }
    var seen = [Bool](repeating: false, count: id.levels.count)
    for (row, code) in id.codes.enumerated() where times.event[row] {
      if seen[Int(code)] || times.people?.counts[row] ?? 1 > 1 { return true }
      seen[Int(code)] = true
    }
    return false
  }
}

extension CoxRegression {
  /// What rows that belong to people tell before a model is fitted: notes, and whether a person has several events.
  ///
  /// - Throws: `bad-interval` where two spells of one person overlap within a stratum.
  public static func spells(
    _ times: SurvivalTimes, id: Factor, strata: Factor?
  ) throws(SiblingError) -> (notes: [String], repeated: Bool) {
    (try Spells.check(times, id, strata: strata), repeatedEvents(times, id))
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
