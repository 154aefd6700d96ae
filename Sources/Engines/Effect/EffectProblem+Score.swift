internal import Glibc
internal import LinearAlgebra
internal import Statistics
internal import Tables

extension EffectProblem {
  /// Fits the score by Newton's method, one query a step.
  mutating func fitScore() throws(SiblingError) {
    var objective = ArmLogit(
      data: data, layers: [base], design: scoreSums, response: Self.t, weight: sampling, arm: nil,
      map: .separate(score.count, arms: 1))
    objective.map = objective.map.selecting(score.varying)
    let share = arms[1].weight / (arms[0].weight + arms[1].weight)
    let fit = try LogitSearch(objective, what: "the score").solve { place in
      place == 0 && score.hasIntercept ? EffectProblem.logit(share) : 0
    }
    kept = fit.kept.map { score.varying[$0] }
    coefficients = [Double](repeating: 0, count: score.count)
    for (place, column) in kept.enumerated() { coefficients[column] = fit.coefficients[place] }
    information = fit.factor
    let dropped = score.names.indices.filter { !kept.contains($0) }.map { score.names[$0] }
    try refuse(fit, objective, names: score.names)
    if !dropped.isEmpty {
      notes.append("left out of the score: \(dropped.joined(separator: ", "))")
    }
  }

  static func logit(_ share: Double) -> Double {
    let held = min(max(share, 1e-6), 1 - 1e-6)
    return log(held / (1 - held))
  }

  /// Refuses a model along whose flattest direction no row objects: its estimates are infinite.
  ///
  /// One query where there is such a direction.
  ///
  /// - Throws: `separation`.
  func refuse(
    _ fit: LogitSearch.Result, _ objective: ArmLogit, names: [String]
  ) throws(SiblingError) {
    guard let flat = fit.flat else { return }
    let directions = objective.map.selecting(fit.kept).coefficients(flat.direction)
    let moves = directions.map { EffectAlgebra.predictor(objective.columns, $0) }
    let moved: RowExpression =
      objective.arm.map { .chosen($0, then: moves[1], otherwise: moves[0]) } ?? moves[0]
    let towards = RowExpression.name("towards")
    let cells = try data.aggregate(
      layers: objective.layers + [
        [NamedExpression("towards", moved * (objective.response * .constant(2) - .constant(1)))]
      ],
      sums: [
        NamedExpression("gain", .comparison(.greater, towards, .constant(1e-4))),
        NamedExpression("loss", .comparison(.less, towards, .constant(-flat.loss))),
        NamedExpression("back", .comparison(.less, towards, .constant(-1e-4))),
        NamedExpression("own", .comparison(.greater, towards, .constant(flat.loss))),
      ])
    let counts = cells.sums.map { $0[0] }
    // A direction of unknown sign may be walked either way.
    let isSeparated =
      (counts[0] > 0 && counts[1] == 0) || (flat.isTwoSided && counts[2] > 0 && counts[3] == 0)
    guard isSeparated else { return }
    let sizes = names.indices.map { column in
      objective.columns[column] == .constant(1)
        ? 0 : directions.map { $0[column].magnitude }.max() ?? 0
    }
    let largest = sizes.max() ?? 0
    let list = names.indices.filter { sizes[$0] > 0 && sizes[$0] >= 0.05 * largest }
      .map { names[$0] }
    throw SiblingError(
      .separation,
      list.map { "`\($0)`" }.joined(separator: ", ")
        + " \(list.count == 1 ? "predicts" : "together predict") the outcome of some rows without"
        + " error, so the estimates are infinite",
      help: "Leave the term out, merge sparse levels, or restrict the sample to where both"
        + " outcomes occur.",
      column: list.first)
  }
}

/// A logit model fitted by sums, with dependent columns left out.
struct LogitSearch {
  private let objective: ArmLogit
  private let what: String

  /// A direction in which the likelihood is all but flat.
  struct Flat {
    var direction: [Double]
    /// How far rows may object.
    var loss: Double
    var isTwoSided: Bool
  }

  struct Result {
    var coefficients: [Double]
    /// The independent parameters.
    var kept: [Int]
    var factor: Cholesky
    /// A direction to look at for separation.
    var flat: Flat?
  }

  init(_ objective: ArmLogit, what: String) {
    self.objective = objective
    self.what = what
  }

  /// Starts from `start` of each parameter.
  ///
  /// - Throws: `nonConvergence`; the engine's failures.
  func solve(from start: (Int) -> Double) throws(SiblingError) -> Result {
    let all = Array(0..<objective.map.parameters)
    objective.data.progress?("fitting \(what)")
    var value = try objective.evaluate(at: all.map(start))
    let rank = ColumnRank(gram: value.information)
    var chosen = objective
    let kept = rank.kept
    if !rank.dropped.isEmpty {
      chosen.map = objective.map.selecting(kept)
      value = ObjectiveValue(
        value: value.value, gradient: kept.map { value.gradient[$0] },
        information: value.information.selecting(both: kept))
    }
    let begin = kept.map(start)
    let known = Known(objective: chosen, start: begin, value: value, what: what)
    let solution = try NewtonSolver().maximise(known, from: begin)
    guard let factor = try? Cholesky(solution.final.information) else {
      throw SiblingError(
        .nonConvergence, "the information of \(what) is singular at its solution",
        help: "Look for extreme values and nearly collinear terms.")
    }
    let flat = Self.flat(solution, factor)
    guard solution.converged || flat != nil else {
      throw SiblingError(
        .nonConvergence, "\(what) did not converge in \(solution.iterations) steps",
        help: "Look for extreme values and nearly collinear terms.")
    }
    return Result(
      coefficients: solution.coefficients, kept: kept, factor: factor, flat: flat)
  }

  private static func flat(_ solution: NewtonSolver.Solution, _ factor: Cholesky) -> Flat? {
    let step = factor.solve(solution.final.gradient)
    let reach = step.map(\.magnitude).max() ?? 0
    let size = solution.coefficients.map(\.magnitude).max() ?? 0
    if reach > 1e-7 * (1 + size) || !solution.converged {
      guard reach > 0 else { return nil }
      return Flat(direction: step.map { $0 / reach }, loss: 0.02, isTwoSided: false)
    }
    let information = solution.final.information
    let scale = information.diagonal.map { $0 > 0 ? 1 / $0.squareRoot() : 1 }
    var scaled = information
    for j in scale.indices { for i in scale.indices { scaled[i, j] *= scale[i] * scale[j] } }
    guard let eigen = try? SymmetricEigen(scaled), let least = eigen.values.first, least < 1e-9
    else { return nil }
    let flattest = zip(scale, eigen.vectors.column(0)).map { $0 * $1 }
    let length = flattest.map(\.magnitude).max() ?? 1
    return Flat(direction: flattest.map { $0 / length }, loss: 1e-6, isTwoSided: true)
  }

  /// An objective whose value at the start is known.
  private struct Known: SmoothObjective {
    var objective: ArmLogit
    var start: [Double]
    var value: ObjectiveValue
    var what: String

    func evaluate(at coefficients: [Double]) throws(SiblingError) -> ObjectiveValue {
      if coefficients == start { return value }
      objective.data.progress?("fitting \(what)")
      return try objective.evaluate(at: coefficients)
    }
  }
}
