internal import LinearAlgebra
public import Statistics
public import Tables

/// Generalised linear regression from sums: least squares, logit, probit, complementary log-log and Poisson.
///
/// The counterpart of `LeastSquares` and `GeneralizedLinearModel` for rows that an engine has: the same steps in
/// the same standardised basis, each one aggregate. Where the design has few distinct rows they are grouped once
/// and the steps taken in memory.
public struct EngineRegression: Sendable {
  /// The family of the outcome.
  public var family: Family
  /// The link of the mean.
  public var link: Link
  /// Whether identical rows of the design are grouped first.
  public var grouping: Grouping
  /// Whether the model's columns are kept in a temporary table; nil leaves it to the engine.
  public var keepsColumns: Bool?

  /// Whether identical rows of the design are grouped.
  public enum Grouping: Sendable {
    /// Where there are few enough.
    case whereFew
    /// Never.
    case never
  }

  /// A regression; the link is the family's canonical one unless given.
  public init(family: Family, link: Link? = nil) {
    self.family = family
    self.link = link ?? family.canonicalLink
    grouping = .whereFew
    keepsColumns = nil
  }

  /// Columns whose part beyond earlier ones is below this share of their length are dropped.
  ///
  /// Wider than in memory: plain sums of very many rows leave more of a dependent column.
  static let rankTolerance = 3e-6

  /// Whether a link of a family can be had from sums.
  public static func supports(_ family: Family, _ link: Link) -> Bool {
    ModelMean(family, link) != nil
  }

  /// Fits the frame's outcome, or another one, on its design.
  ///
  /// `name` names the temporary table of the model's columns; two fits that are used at the same time need
  /// two names. The fit keeps it until ``EngineRegressionFit/release()``.
  /// - Throws: as the estimators in memory: `badValue`, `badWeight`, `constantOutcome`,
  ///   `tooFewObservations`, `separation` naming the terms, `nonConvergence`; `invalidOption` for a link without
  ///   sums; the engine's failures.
  public func fit(
    _ frame: EngineFrame, response: RowExpression? = nil, name: String = "model_rows"
  ) throws(SiblingError) -> EngineRegressionFit {
    guard let model = ModelMean(family, link) else {
      throw SiblingError(
        .invalidOption,
        "a \(family.rawValue) model with a `\(link.rawValue)` link can't be had from sums",
        help: "choose another link, or work in memory")
    }
    guard let outcome = response ?? frame.response else {
      throw SiblingError(
        .formulaSyntax, "the formula needs an outcome on its left side",
        help: "for example y ~ a + b")
    }
    var (response, offset) = (outcome, frame.formula.offset)
    if family == .gaussian, let known = offset {
      response = outcome - known
      offset = nil
    }
    let prepared = try PreparedDesign(
      frame, response: response, family: family, offset: offset, name: name,
      isKept: keepsColumns)
    do throws(SiblingError) {
      return try fit(prepared, model)
    } catch {
      prepared.release()
      throw error
    }
  }

  private func fit(
    _ prepared: PreparedDesign, _ model: ModelMean
  ) throws(SiblingError) -> EngineRegressionFit {
    if grouping == .whereFew, let patterns = try PatternTable.make(prepared, family),
      let fit = try patterns.fit(prepared, model)
    {
      return fit
    }
    let tell = prepared.rows.progress
    var sums = ModelSums(
      prepared: prepared, model: model, kept: Array(prepared.columns.indices))
    var start = start(prepared, sums.kept, model)
    var title = "fitting the \(link.rawValue) model"
    if family == .gaussian { title = "fitting the regression" }
    var told = ToldObjective(wrapped: sums, tell: tell, title: title)
    var value = try told.evaluate(at: start)
    guard value.information.storage.allSatisfy(\.isFinite) else {
      throw notConverged("The model could not be evaluated at its starting values.")
    }
    let rank = ColumnRank(gram: value.information, tolerance: Self.rankTolerance)
    if !rank.dropped.isEmpty {
      sums = ModelSums(prepared: prepared, model: model, kept: rank.kept)
      start = self.start(prepared, sums.kept, model)
      value = ObjectiveValue(
        value: value.value, gradient: rank.kept.map { value.gradient[$0] },
        information: value.information.selecting(both: rank.kept))
      told = ToldObjective(wrapped: sums, tell: tell, title: title)
    }
    let (observations, parameters) = (prepared.moments.observations, sums.kept.count)
    if observations < parameters + (family == .gaussian ? 1 : 0) {
      throw SiblingError(
        .tooFewObservations,
        "The model has \(parameters) coefficients but only \(observations) rows.",
        help: "Use fewer terms or more rows.")
    }
    let solver = NewtonSolver(tolerance: link == family.canonicalLink ? 1e-14 : 1e-22)
    let primed = KnownStart(wrapped: told, start: start, value: value)
    let solution = try solver.maximise(primed, from: start)
    try requireMaximum(solution, sums)
    guard let factor = try? Cholesky(solution.final.information) else {
      throw notConverged("The model's information is singular at its solution.")
    }
    var dispersion = 1.0
    if family == .gaussian {
      dispersion = -2 * solution.final.value / Double(observations - parameters)
    }
    return EngineRegressionFit(
      prepared: prepared, model: model, kept: sums.kept, standardised: solution.coefficients,
      bread: factor.inverse, dispersion: dispersion, iterations: solution.iterations)
  }

  private func start(
    _ prepared: PreparedDesign, _ kept: [Int], _ model: ModelMean
  ) -> [Double] {
    var start = [Double](repeating: 0, count: kept.count)
    if prepared.basis.hasIntercept, prepared.offset == nil, kept.first == 0, family != .gaussian {
      start[0] = model.predictor(prepared.moments.mean)
    }
    return start
  }

  /// The error for a search that ended without an answer.
  func notConverged(_ message: String) -> SiblingError {
    SiblingError(
      .nonConvergence, message,
      help: link == family.canonicalLink
        ? "Look for extreme values and nearly collinear terms."
        : "Try the family's canonical link, `\(family.canonicalLink.rawValue)`.")
  }
}

/// An objective whose value at the starting point is known already.
struct KnownStart<Wrapped: SmoothObjective>: SmoothObjective {
  let wrapped: Wrapped
  let start: [Double]
  let value: ObjectiveValue

  func evaluate(at coefficients: [Double]) throws(SiblingError) -> ObjectiveValue {
    coefficients == start ? value : try wrapped.evaluate(at: coefficients)
  }
}
