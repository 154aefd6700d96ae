internal import LinearAlgebra

/// Generalised linear regression by maximum likelihood.
///
/// Fisher scoring, which is Newton's method for canonical links, carried to full convergence in a
/// standardised basis (McCullagh & Nelder 1989). Each step is one pass over the rows. On large data
/// the first steps are taken on an evenly spaced sample of the rows, which changes where the search
/// starts and not where it ends.
public struct GeneralizedLinearModel: Sendable {
  /// The family of the response.
  public var family: Family
  /// The link of the mean.
  public var link: Link
  /// The bound on the relative Newton decrement at which one last step is taken.
  public var tolerance: Double
  /// The most steps before the fit is given up.
  public var maximumIterations: Int

  /// A model; the link is the family's canonical one unless given.
  public init(
    family: Family, link: Link? = nil, tolerance: Double = 1e-14, maximumIterations: Int = 100
  ) {
    self.family = family
    self.link = link ?? family.canonicalLink
    self.tolerance = tolerance
    self.maximumIterations = maximumIterations
  }

  /// Fits the model to a design with n rows and a response of n numbers.
  ///
  /// Prior weights multiply each row's log-likelihood; rows of weight zero have no influence and
  /// are not counted. The offset is added to the linear predictor. Columns that are combinations
  /// of earlier ones are dropped by the order of columns, as R does, and named in the notes.
  ///
  /// - Throws: `sizeMismatch`, `missingValue`, `badWeight`, `badValue` (a response outside the
  ///   family's range), `constantOutcome`, `tooFewObservations`, `separation`, `nonConvergence`,
  ///   `invalidOption` (a link that the family has not).
  /// - Complexity: O(n p²) a step, about five steps.
  public func fit(
    _ design: DesignMatrix, response: [Double], weights: [Double]? = nil, offset: [Double]? = nil
  ) throws(SiblingError) -> GeneralizedLinearFit {
    guard family.links.contains(link) else {
      let names = family.links.map { "`\($0.rawValue)`" }.joined(separator: ", ")
      throw SiblingError(
        .invalidOption, "The \(family.rawValue) family has no `\(link.rawValue)` link.",
        help: "Choose one of \(names).")
    }
    try requireRange(response)
    let input = try RegressionInput(design, response, weights, offset)
    let basis = StandardizedBasis.make(design.matrix)
    try requireScales(basis, design)
    var objective = LikelihoodPass(
      family: family, link: link, design: design.matrix, basis: basis, response: response,
      weights: weights,
      offset: offset)
    var first = try prime(&objective, design, input)
    if input.observations < objective.basis.count + (family == .gaussian ? 1 : 0) {
      throw tooFew(input.observations, objective.basis.count)
    }
    let bound = link == family.canonicalLink ? tolerance : tolerance * 1e-8
    let solver = NewtonSolver(tolerance: bound, maximumIterations: maximumIterations)
    first.wrapped = objective
    let solution = try solver.maximise(first, from: first.start)
    try requireMaximum(solution, objective, design)
    return try finish(solution, objective, design, input)
  }

  /// Finds the starting point, evaluates there and drops dependent columns.
  private func prime(
    _ objective: inout LikelihoodPass, _ design: DesignMatrix, _ input: RegressionInput
  ) throws(SiblingError) -> PrimedObjective {
    var start = try startingPoint(objective, design, input)
    var value = objective.evaluate(at: start)
    guard value.information.storage.allSatisfy(\.isFinite) else {
      try RegressionInput.requireFinite(design)
      throw notConverged("The model could not be evaluated at its starting values.")
    }
    let rank = ColumnRank(gram: value.information)
    if !rank.dropped.isEmpty {
      objective.basis = objective.basis.selecting(rank.kept)
      start = try startingPoint(objective, design, input)
      value = objective.evaluate(at: start)
    }
    return PrimedObjective(wrapped: objective, start: start, value: value)
  }

  private func startingPoint(
    _ objective: LikelihoodPass, _ design: DesignMatrix, _ input: RegressionInput
  ) throws(SiblingError) -> [Double] {
    if let start = sampleStart(objective, design, input) { return start }
    var start = [Double](repeating: 0, count: objective.basis.count)
    let searching: Bool =
      switch (family, link) {
      case (.gaussian, .log), (.binomial, .log), (.poisson, .identity): true
      default: false
      }
    if searching {
      let sums = objective.start()
      let rank = ColumnRank(gram: sums.information)
      guard rank.dropped.isEmpty, let factor = try? Cholesky(sums.information) else {
        return start
      }
      return factor.solve(sums.gradient)
    }
    let centred = objective.basis.center.contains { $0 != 0 } || design.hasIntercept
    if centred, objective.offset == nil, objective.basis.columns.first == 0, family != .gaussian {
      start[0] = link.predictor(input.mean)
    }
    return start
  }

  /// The fit of evenly spaced rows, when there are very many.
  private func sampleStart(
    _ objective: LikelihoodPass, _ design: DesignMatrix, _ input: RegressionInput
  ) -> [Double]? {
    guard family != .gaussian, design.rows >= 131_072 else { return nil }
    let rows = Array(stride(from: 0, to: design.rows, by: 16))
    var sample = objective
    sample.design = design.matrix.selecting(rows: rows)
    sample.response = rows.map { objective.response[$0] }
    sample.weights = objective.weights.map { weights in rows.map { weights[$0] } }
    sample.offset = objective.offset.map { offset in rows.map { offset[$0] } }
    var start = [Double](repeating: 0, count: objective.basis.count)
    if design.hasIntercept, objective.offset == nil, objective.basis.columns.first == 0 {
      start[0] = link.predictor(input.mean)
    }
    let initial = sample.evaluate(at: start)
    guard initial.information.storage.allSatisfy(\.isFinite),
      ColumnRank(gram: initial.information).dropped.isEmpty
    else { return nil }
    let solver = NewtonSolver(tolerance: 1e-6, maximumIterations: 12)
    guard let solution = try? solver.maximise(sample, from: start), solution.converged else {
      return nil
    }
    return solution.coefficients
  }
}

/// An objective whose value at the starting point is known already.
struct PrimedObjective: SmoothObjective {
  var wrapped: LikelihoodPass
  var start: [Double]
  var value: ObjectiveValue

  func evaluate(at coefficients: [Double]) -> ObjectiveValue {
    coefficients == start ? value : wrapped.evaluate(at: coefficients)
  }
}
