internal import LinearAlgebra
public import Statistics
public import Survival
internal import Tables

/// Cox regression of an engine's rows, from cells of identical people or from sums by time.
///
/// Where covariates have few patterns, one query fetches how many people of each pattern leave at each time, and
/// the regression runs on these cells in memory. Otherwise each Newton step is one aggregate by stratum and
/// time. Both are the estimates of ``CoxRegression`` on the rows themselves, robust variances included.
public struct CoxFromSums {
  /// How the model is fitted; exact ties and a ridge penalty need rows.
  public var regression: CoxRegression
  /// The column of the people who rows belong to.
  public var id: String?
  /// Whether the concordance is wanted; from sums by time it needs each row's score, which is fetched.
  public var wantsConcordance = false
  /// How the sums are made.
  public var way = Way.best

  /// The two ways of summing.
  public enum Way: Sendable {
    /// By pattern where there are few, else by time.
    case best
    /// One fetch of cells by pattern of covariates and time.
    case patterns
    /// One aggregate a step by time.
    case times
  }

  /// A regression.
  public init(_ regression: CoxRegression, id: String? = nil) {
    (self.regression, self.id) = (regression, id)
  }

  /// The most rows of which patterns are always fetched, and the most cells that they may fall into otherwise.
  private static let (fewRows, mostCells) = (20_000, 400_000.0)

  /// Fits the model of a frame.
  ///
  /// - Throws: as ``CoxRegression/fit(_:_:strata:weights:offset:cluster:id:)``, without rows; `invalidOption` for
  ///   exact ties or a penalty; the engine's failures.
  public func fit(_ frame: EngineFrame) throws(SiblingError) -> (fit: CoxSummary, notes: [String]) {
    guard regression.ties != .exact, regression.ridge ?? 0 == 0 else {
      throw SiblingError(.invalidOption, "exact ties and ridge penalties need rows in memory")
    }
    guard frame.formula.time != nil else {
      throw SiblingError(
        .formulaSyntax, "the left side of the formula must be Surv(time, event)",
        help: "for example Surv(weeks, ended) ~ arm")
    }
    let clusters = try SurvivalCells.clusters(frame)
    let design = frame.design.removingIntercept()
    guard !design.columns.isEmpty else {
      throw SiblingError(.badDesign, "the model has no covariates", help: "name at least one term")
    }
    let survey = try CoxSurvey(frame, design)
    let isSmall = frame.rowCount <= Self.fewRows
    let mayBePatterns = way != .times && frame.data.minimumCell == nil
    if way == .patterns || mayBePatterns && isSmall {
      return try byPattern(frame, design)
    }
    let known = Known(frame: frame, design: design, survey: survey, clusters: clusters)
    let cells = try timeCells(known)
    let units = Double(clusters.first?.levels.names.count ?? 1)
    let most = survey.patterns * Double(cells.times.count) * units
    if mayBePatterns, id == nil, most <= Self.mostCells { return try byPattern(frame, design) }
    return (try byTime(known, cells), cells.times.notes)
  }

  /// What is known before the fit.
  struct Known {
    let frame: EngineFrame
    let design: SymbolicDesign
    let survey: CoxSurvey
    let clusters: [EngineFactor]
  }

  private func byPattern(
    _ frame: EngineFrame, _ design: SymbolicDesign
  ) throws(SiblingError) -> (CoxSummary, [String]) {
    var division = SurvivalCells.Division()
    division.strata = true
    division.clusters = true
    division.id = id
    division.values = design.columns + (frame.formula.offset.map { [$0] } ?? [])
    let cells = try SurvivalCells(frame, by: division, most: 10 * SurvivalCells.limit)
    let p = design.columns.count
    let matrix = DesignMatrix(
      matrix: Matrix(columns: Array(cells.values.prefix(p))), names: design.names,
      assignment: design.assignment, terms: design.terms)
    do throws(SiblingError) {
      let fit = try regression.fit(
        cells.times, matrix, strata: cells.strata, weights: cells.weights,
        offset: frame.formula.offset == nil ? nil : cells.values[p], cluster: cells.cluster,
        id: cells.people)
      return (CoxSummary(fit, concordance: wantsConcordance), cells.times.notes)
    } catch {
      throw error.withoutRow
    }
  }

  /// The cells by stratum, end and time, with the weighted sums of centred covariates and offset.
  private func timeCells(_ known: Known) throws(SiblingError) -> SurvivalCells {
    let frame = known.frame
    let weight = frame.weights ?? .constant(1)
    var division = SurvivalCells.Division()
    division.strata = true
    for (index, column) in known.design.columns.enumerated() {
      division.sums.append(
        NamedExpression("x\(index)", weight * (column - .constant(known.survey.centres[index]))))
    }
    if let offset = frame.formula.offset {
      division.sums.append(
        NamedExpression("offset", weight * (offset - .constant(known.survey.offsetCentre))))
    }
    let cells = try SurvivalCells(frame, by: division)
    guard cells.times.events > 0 else {
      throw SiblingError(
        .noEvents, "no row ends with the event",
        help: "check the event column: 1 is the event, 0 censored")
    }
    return cells
  }

  private func byTime(
    _ known: Known, _ cells: SurvivalCells
  ) throws(SiblingError) -> CoxSummary {
    let frame = known.frame
    let spells = try spells(frame)
    let robust =
      regression.robust
      ?? (!known.clusters.isEmpty || cells.times.people?.isFractional == true || spells.repeated)
    var unit: GroupKey?
    if robust {
      unit = known.clusters.first?.key
      if unit == nil, let id { unit = try frame.data.factor(id).key("person") }
    }
    let rows = try CoxRows(frame, known.survey, known.design.columns, cluster: unit)
    defer { rows.drop() }
    let first = CoxSums(rows, cells, isEfron: regression.ties == .efron)
    let rank = try Self.independentColumns(first, known.design.names)
    let sums = rank.dropped.isEmpty ? first : CoxSums(first, keeping: rank.kept)
    // Sums that an engine adds in parallel differ in the last digits, so many halvings would chase noise.
    var solver = regression.solver
    solver.maximumHalvings = Swift.min(solver.maximumHalvings, 12)
    let zero = [Double](repeating: 0, count: rank.kept.count)
    let solution = try solver.maximise(sums, from: zero)
    var summary = CoxSummary.Parts(
      names: known.design.names, kept: rank.kept, ties: regression.ties, solution: solution,
      observations: frame.rowCount, events: cells.times.events)
    summary.infinite = sums.infiniteColumns(solution, summary.variance)
    guard solution.converged || !summary.infinite.isEmpty else {
      throw SiblingError(
        .nonConvergence, "the Cox model did not converge in \(solution.iterations) steps",
        help: "rescale covariates of very different sizes, or leave some out")
    }
    if robust {
      if let unit = rows.cluster {
        let scores = try sums.clusterScores(at: solution.coefficients, by: unit)
        summary.robust = (scores.final.outer, scores.zero.outer, scores.zero.total)
        summary.clusters = scores.clusters
      } else {
        let scores = try sums.ownScores(at: solution.coefficients)
        summary.robust = (scores.final.outer, scores.zero.outer, scores.zero.total)
      }
    }
    var infinite: [(term: String, empty: String?)] = []
    for k in summary.infinite {
      infinite.append(
        (known.design.names[rank.kept[k]], try emptyValue(known, rank.kept[k])))
    }
    summary.notes =
      CoxFit.notes(
        dropped: rank.dropped.map { known.design.names[$0] }, infinite: infinite,
        events: cells.times.events, parameters: rank.kept.count, clusters: summary.clusters)
      + spells.notes
    if wantsConcordance {
      summary.concordance = try sums.concordance(at: solution.coefficients, known.survey.centres)
    }
    return CoxSummary(summary)
  }
}
