import LinearAlgebra
public import Statistics

/// Parametric survival regression by maximum likelihood.
///
/// Accelerated failure times log T = Xβ + σW: coefficients are log time ratios, positive ones mean
/// longer. Gompertz: coefficients are log hazard ratios, positive ones mean shorter. Rows may be
/// left-truncated, (start, stop]: such a row contributes its likelihood given survival to `start`.
/// They may be weighted, offset and clustered. Derivatives are analytic and Newton's method runs to
/// full convergence. A robust variance is made with a cluster, with weights that are not whole
/// numbers, or on request, without a small-sample factor.
///
/// Kalbfleisch & Prentice (2002), doi:10.1002/9781118032985; the generalised gamma as Prentice (1974),
/// doi:10.1093/biomet/61.3.539, and Cox et al. (2007), doi:10.1002/sim.2836.
/// - Complexity: O(n p²) a Newton step; gamma and generalised gamma integrate each tail by 40 to 120
/// nodes.
public struct SurvivalRegression: Sendable {
  /// The distribution of times.
  public var family: FailureTimeFamily
  /// Whether a robust variance is made; nil decides as the type says.
  public var robust: Bool?

  /// A regression of one family.
  public init(family: FailureTimeFamily = .weibull, robust: Bool? = nil) {
    self.family = family
    self.robust = robust
  }

  /// Fits the model.
  ///
  /// The design brings its own intercept. Terms follow the design; then `Log(scale)`, for the
  /// generalised gamma before it `Q`, for Gompertz `shape` (a rate of change per unit of time).
  /// Rows of weight zero are left out.
  /// - Throws: `size-mismatch`, `missing-value`, `bad-value`, `bad-weight`, `bad-interval` (a time of
  ///   zero or less) with the row, `no-events`, `bad-design` (no column at all), `rank-deficient`,
  ///   `separation` (an estimate runs to infinity) or `non-convergence`.
  public func fit(
    _ times: SurvivalTimes, _ design: DesignMatrix, weights: [Double]? = nil,
    offset: [Double]? = nil, cluster: Factor? = nil
  ) throws(SiblingError) -> ParametricFit {
    let input = try LikelihoodInput(
      times, design, weights: weights, offset: offset, cluster: cluster)
    guard design.columns > 0 else {
      throw SiblingError(
        .badDesign, "the model has neither an intercept nor covariates",
        help: "leave the intercept in, or name a term")
    }
    return try fitted(input).fit
  }

  /// A fit with what predictions need.
  struct Fitted {
    let fit: ParametricFit
    let columns: LikelihoodColumns
    let parameters: [Double]
    let variance: Matrix
    let unit: Double
  }

  func fitted(_ input: LikelihoodInput) throws(SiblingError) -> Fitted {
    let columns = try LikelihoodColumns(input.design)
    let rows = FailureTimeRows(input)
    let (likelihood, solution) = maximised(rows, columns)
    let p = columns.count
    let extras = family.ancillaryNames.count
    var back = Matrix(rows: p + extras, columns: p + extras)
    let designBack = columns.back
    for j in 0..<p { for i in 0..<p { back[i, j] = designBack[i, j] } }
    switch family {
    case .generalizedGamma: (back[p, p + 1], back[p + 1, p]) = (1, 1)
    case .gompertz: back[p, p] = 1 / rows.unit
    default: for k in 0..<extras { back[p + k, p + k] = 1 }
    }
    let places = columns.kept + (0..<extras).map { columns.names.count + $0 }
    // A density per unit of time, where Gompertz counts in units of the mean time.
    let weight = input.event.indices.reduce(0.0) {
      $0 + (input.event[$1] ? input.weights?[$1] ?? 1 : 0)
    }
    let parts = ParametricFit.Parts(
      names: columns.names + family.ancillaryNames, places: places, back: back,
      level: [Double](repeating: 0, count: p + extras),
      constant: family == .gompertz ? -weight * logarithm(rows.unit) : 0,
      scale: (family.isProportionalHazards ? "log hazard ratio, " : "log time ratio, ")
        + family.rawValue,
      model: family.rawValue, notes: columns.notes, robust: robust,
      predictor: .family(family))
    let fit = try ParametricFit.make(likelihood, solution, input, parts)
    let variance = (try? Cholesky(solution.value.information))?.inverse
    return Fitted(
      fit: fit, columns: columns, parameters: solution.parameters,
      variance: variance ?? Matrix(rows: p + extras, columns: p + extras), unit: rows.unit)
  }
}

extension SurvivalRegression {
  private func maximised(
    _ rows: FailureTimeRows, _ columns: LikelihoodColumns
  ) -> (FailureTimeLikelihood, LikelihoodMaximiser.Solution) {
    let likelihood = FailureTimeLikelihood(family: family, rows: rows, columns: columns)
    let maximiser = LikelihoodMaximiser()
    switch family {
    case .weibull, .exponential, .lognormal, .loglogistic, .gamma:
      let (beta, spread) = columns.leastSquares(rows.logTime)
      let start = beta + (family == .exponential ? [] : [logarithm(spread)])
      return (likelihood, maximiser.maximise(likelihood, rows: rows.count, from: start))
    case .generalizedGamma:
      // From both neighbours whose likelihood is easy, the log-normal and the Weibull.
      var best: LikelihoodMaximiser.Solution?
      for (neighbour, shape) in [(FailureTimeFamily.lognormal, 0.0), (.weibull, 1)] {
        let (_, near) = SurvivalRegression(family: neighbour).maximised(rows, columns)
        let solution = maximiser.maximise(
          likelihood, rows: rows.count, from: near.parameters + [shape])
        guard solution.value.value.isFinite else { continue }
        if best.map({ solution.value.value > $0.value.value + 1e-9 || !$0.converged }) ?? true {
          best = solution
        }
      }
      let start = [Double](repeating: 0, count: columns.count + 2)
      return (likelihood, best ?? maximiser.maximise(likelihood, rows: rows.count, from: start))
    case .gompertz:
      // The exponential model is Gompertz's with shape 0; its time ratios are inverse hazard ratios.
      let (_, near) = SurvivalRegression(family: .exponential).maximised(rows, columns)
      let start = near.parameters.map { -$0 } + [0]
      return (likelihood, maximiser.maximise(likelihood, rows: rows.count, from: start))
    }
  }
}
