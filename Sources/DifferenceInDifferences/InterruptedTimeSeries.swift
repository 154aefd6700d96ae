internal import LinearAlgebra
public import Statistics

/// The change of level and slope of a series where something began: segmented regression.
///
/// y = β₀ + β₁(t − t₁) + Σⱼ [levelⱼ·1(t ≥ cⱼ) + slopeⱼ·(t − cⱼ)·1(t ≥ cⱼ)] + season + covariates, with
/// t₁ the first time. `level` is the change in the first period after the interruption c, `slope` the
/// change of slope per unit of time; the effect k after c is level + slope·k (Wagner, Soumerai,
/// Zhang & Ross-Degnan 2002, doi 10.1046/j.1365-2710.2002.00430.x). With a comparison series every
/// term but season and covariates has a partner with `:treated`, and those partners of level and
/// slope are the effect, what the treated series did beyond the comparison.
public struct InterruptedTimeSeries: Sendable, Equatable {
  /// How serial correlation is dealt with.
  public enum Errors: Sendable, Equatable {
    /// Not at all: least squares with classical errors.
    case independent
    /// Least squares with Newey–West errors; without a lag, ⌊4(T/100)^(2/9)⌋ for T times.
    case neweyWest(lag: Int?)
    /// Generalised least squares for first-order autocorrelation, all points kept.
    case praisWinsten
    /// The same without the first point of each series.
    case cochraneOrcutt
  }

  /// What repeats every year.
  public enum Season: Sendable, Equatable {
    /// One sine and cosine a harmonic, of a season so many periods long.
    case harmonics(Int, of: Int)
    /// An indicator for each place in the season but the first.
    case indicators(of: Int)
  }

  /// The first times after each interruption, on the scale of the times.
  public var interruptions: [Double]
  /// Times left out of the fit, such as a phase-in.
  public var excluded: [Double]
  /// How serial correlation is dealt with.
  public var errors: Errors
  /// What repeats; nil for nothing.
  public var season: Season?
  /// Whether the outcome is a count, by quasi-Poisson regression with a log link.
  public var isCount: Bool
  /// The confidence level of intervals.
  public var level: Double

  /// Segments have at least so many points, or the fit is refused.
  static let fewestPoints = 3
  /// Segments of fewer points than this are noted.
  static let fewPoints = 8

  /// An interrupted time series.
  public init(
    interruptions: [Double], excluded: [Double] = [], errors: Errors = .neweyWest(lag: nil),
    season: Season? = nil, isCount: Bool = false, level: Double = 0.95
  ) {
    self.interruptions = interruptions
    self.excluded = excluded
    self.errors = errors
    self.season = season
    self.isCount = isCount
    self.level = level
  }

  /// Fits one series, or two where `treated` says which rows are the treated series'.
  ///
  /// One entry a row, in any order. `exposure` divides counts (its logarithm is the offset);
  /// weights are analytic, a row's variance being σ²/w. Statistics follow t(n − k).
  /// - Throws: `sizeMismatch`; `missingValue`; `invalidOption` for interruptions or seasons that make
  ///   no sense; `duplicateKey` for two rows of one series and time; `tooFewObservations` where a
  ///   segment has fewer than three points; `badDesign` for times coded as years and months, or
  ///   uneven ones where spacing matters; `constantTreatment` for a single series where two are
  ///   told; `rankDeficient` where something else takes a change's place; `nonConvergence`.
  /// - Complexity: O(n p²) a step, few steps.
  public func fit(
    time: [Double], outcome: [Double], treated: [Bool]? = nil, covariates: DesignMatrix? = nil,
    exposure: [Double]? = nil, weights: [Double]? = nil
  ) throws(SiblingError) -> InterruptedTimeSeriesResult {
    let data = try SegmentedSeries(
      self, time: time, outcome: outcome, treated: treated, covariates: covariates,
      exposure: exposure, weights: weights)
    let lag = data.lag(errors)
    let model: SegmentedFit
    do throws(SiblingError) {
      model = isCount ? try count(data, lag) : try linear(data, lag)
    } catch {
      // The regression saw the rows sorted, and only those used.
      var error = error
      error.row = error.row.flatMap { data.used.indices.contains($0) ? data.givenRow($0) : nil }
      throw error
    }
    for term in data.changes where !model.kept.contains(term) {
      throw SiblingError(
        .rankDeficient,
        "'\(data.design.names[term])' cannot be told from other terms of the model.",
        help: "Leave out covariates or seasonal terms that change with the interruption.")
    }
    return InterruptedTimeSeriesResult(self, data, model, lag: lag)
  }

  private func count(
    _ data: SegmentedSeries, _ lag: Int?
  ) throws(SiblingError) -> SegmentedFit {
    if errors == .praisWinsten || errors == .cochraneOrcutt {
      throw SiblingError(
        .invalidOption, "Counts have no Prais–Winsten or Cochrane–Orcutt regression.",
        help: "Use Newey–West, or a rate as a continuous outcome.")
    }
    let fit = try GeneralizedLinearModel(family: .poisson, link: .log).fit(
      data.design, response: data.outcome, weights: data.weights, offset: data.offset)
    guard fit.residualDegreesOfFreedom > 0 else { throw data.tooFew(fit.keptColumns.count) }
    var pearson = [Double](repeating: 0, count: fit.fitted.count)
    var chiSquared = 0.0
    for row in pearson.indices {
      pearson[row] = (data.outcome[row] - fit.fitted[row]) / fit.fitted[row].squareRoot()
      chiSquared += (data.weights?[row] ?? 1) * pearson[row] * pearson[row]
    }
    var equations = fit.equations
    equations.dispersion = chiSquared / Double(fit.residualDegreesOfFreedom)
    equations.usesStudentT = true
    return SegmentedFit(
      coefficients: fit.coefficients, kept: fit.keptColumns, residuals: pearson,
      covariance: try data.covariance(lag).estimate(equations), family: "quasi-Poisson",
      notes: fit.notes)
  }

  private func linear(
    _ data: SegmentedSeries, _ lag: Int?
  ) throws(SiblingError) -> SegmentedFit {
    let fit = try LeastSquares().fit(data.design, response: data.outcome, weights: data.weights)
    var model = SegmentedFit(
      coefficients: fit.coefficients, kept: fit.keptColumns, residuals: fit.residuals,
      covariance: try data.covariance(lag).estimate(fit.equations), family: "least squares",
      notes: fit.notes)
    let method: AutoregressiveLeastSquares.Method
    switch errors {
    case .independent, .neweyWest: return model
    case .praisWinsten: method = .praisWinsten
    case .cochraneOrcutt: method = .cochraneOrcutt
    }
    if data.weights != nil {
      throw SiblingError(
        .invalidOption, "\(method.rawValue) regression takes no weights.",
        help: "Use Newey–West with weights.")
    }
    let found = try AutoregressiveLeastSquares(method).fit(
      data.design.selecting(columns: fit.keptColumns), response: data.outcome,
      series: data.runs, first: fit)
    model.coefficients = fit.coefficients
    for (place, column) in fit.keptColumns.enumerated() {
      model.coefficients[column] = found.coefficients[place]
    }
    model.covariance = found.covariance
    model.autocorrelation = found.autocorrelation
    model.iterations = found.iterations
    model.notes += found.notes
    return model
  }
}

/// A segmented regression solved.
struct SegmentedFit: Sendable {
  /// A coefficient for each column; NaN for dropped ones.
  var coefficients: [Double]
  var kept: [Int]
  /// Residuals of the least squares fit (Pearson's for counts), by row.
  var residuals: [Double]
  var covariance: CovarianceEstimate
  var family: String
  var notes: [String]
  var autocorrelation: Double?
  var iterations = 0
}
