internal import LinearAlgebra

extension GeneralizedLinearModel {
  /// Throws for the first response that the family cannot have.
  func requireRange(_ response: [Double]) throws(SiblingError) {
    switch family {
    case .gaussian: return
    case .binomial:
      guard let row = response.firstIndex(where: { $0 < 0 || $0 > 1 }) else { return }
      throw SiblingError(
        .badValue, "A binomial outcome must lie between 0 and 1.",
        help: "Code the outcome 0/1, or give proportions with their counts as weights.", row: row)
    case .poisson:
      guard let row = response.firstIndex(where: { $0 < 0 }) else { return }
      throw SiblingError(
        .badValue, "A Poisson outcome must not be negative.", help: "Give counts.", row: row)
    }
  }

  /// Refuses columns whose squares no number holds.
  ///
  /// - Throws: `badValue`.
  func requireScales(_ basis: ColumnBasis, _ design: DesignMatrix) throws(SiblingError) {
    guard let place = basis.scale.firstIndex(where: { $0.isInfinite }) else { return }
    let name = design.names[basis.columns[place]]
    throw SiblingError(
      .badValue, "The values of `\(name)` are too large for a standard deviation.",
      help: "Look for a mistyped cell, or rescale the column.", column: name)
  }

  /// The error for fewer rows than the model needs.
  func tooFew(_ rows: Int, _ columns: Int) -> SiblingError {
    SiblingError(
      .tooFewObservations, "The model has \(columns) coefficients but only \(rows) rows.",
      help: "Use fewer terms or more rows.")
  }

  /// The error for a search that ended without an answer.
  func notConverged(_ message: String) -> SiblingError {
    SiblingError(
      .nonConvergence, message,
      help: link == family.canonicalLink
        ? "Look for extreme values and nearly collinear terms."
        : "Try the family's canonical link, `\(family.canonicalLink.rawValue)`.")
  }

  /// Tells a maximum from a likelihood that only rises towards infinity.
  ///
  /// Where terms separate the outcome, each step moves the predictors of the separated rows on by
  /// about as much as the last while the likelihood stands still. Such a step proves separation
  /// when no row's likelihood falls along it.
  func requireMaximum(
    _ solution: NewtonSolver.Solution, _ objective: LikelihoodPass, _ design: DesignMatrix
  ) throws(SiblingError) {
    let final = solution.final
    guard final.value.isFinite, final.gradient.allSatisfy(\.isFinite) else {
      throw notConverged("The likelihood could not be evaluated.")
    }
    if family != .gaussian {
      for candidate in directions(solution) {
        if let rows = separated(candidate, objective) {
          throw separation(candidate.step, rows, objective, design)
        }
      }
    }
    guard solution.converged else {
      throw notConverged(
        solution.singular
          ? "The model's information became singular before it converged."
          : "The model did not converge in \(solution.iterations) steps.")
    }
  }

  /// A direction along which the likelihood may rise without end, and how far rows may object.
  private struct Direction {
    var step: [Double]
    var allowedLoss: Double
  }

  /// The step that Newton's method would take next, when it is one to notice, and both ways along
  /// the flattest direction when the information is all but singular.
  private func directions(_ solution: NewtonSolver.Solution) -> [Direction] {
    let final = solution.final
    var candidates: [Direction] = []
    if let factor = try? Cholesky(final.information) {
      let step = factor.solve(final.gradient)
      let reach = step.map(\.magnitude).max() ?? 0
      let size = solution.coefficients.map(\.magnitude).max() ?? 0
      if reach > 1e-7 * (1 + size) || !solution.converged {
        candidates.append(Direction(step: step, allowedLoss: 0.02))
      }
    }
    let scale = final.information.diagonal.map { $0 > 0 ? 1 / $0.squareRoot() : 1 }
    var scaled = final.information
    for j in scale.indices { for i in scale.indices { scaled[i, j] *= scale[i] * scale[j] } }
    guard let eigen = try? SymmetricEigen(scaled), let least = eigen.values.first, least < 1e-9
    else { return candidates }
    let flattest = zip(scale, eigen.vectors.column(0)).map { $0 * $1 }
    let size = flattest.map(\.magnitude).max() ?? 1
    for sign in [1.0, -1.0] {
      candidates.append(Direction(step: flattest.map { sign * $0 / size }, allowedLoss: 1e-6))
    }
    return candidates
  }

  /// The rows that a direction separates, or nil when it is no proof of separation.
  private func separated(_ direction: Direction, _ objective: LikelihoodPass) -> [Int]? {
    var unshifted = objective
    unshifted.offset = nil
    let change = unshifted.predictor(direction.step)
    var (gain, loss) = (0.0, 0.0)
    for (row, step) in change.enumerated() where objective.weights?[row] ?? 1 > 0 {
      let y = objective.response[row]
      let (mayRise, mayFall) = (family == .binomial && y == 1, y == 0)
      if step > 0 {
        if mayRise { gain = max(gain, step) } else { loss = max(loss, step) }
      } else {
        if mayFall { gain = max(gain, -step) } else { loss = max(loss, -step) }
      }
    }
    guard gain > 1e-4, loss <= direction.allowedLoss * gain else { return nil }
    // Rows that both outcomes share move as far one way as the other: no further than the loss.
    let noise = max(2 * loss, 1e-6 * gain)
    return change.indices.filter {
      objective.weights?[$0] ?? 1 > 0 && change[$0].magnitude > noise
    }
  }

  private func separation(
    _ direction: [Double], _ rows: [Int], _ objective: LikelihoodPass, _ design: DesignMatrix
  ) -> SiblingError {
    let basis = objective.basis
    let moved = (0..<basis.count).filter { basis.columns[$0] > 0 || !design.hasIntercept }
    let largest = moved.map { direction[$0].magnitude }.max() ?? 0
    let names = moved.filter { direction[$0].magnitude >= 0.05 * largest }
      .map { basis.columns[$0] }
    let list = names.map { "`\(design.names[$0])`" }.joined(separator: ", ")
    let positive = (0..<design.rows).filter { objective.weights?[$0] ?? 1 > 0 }
    let cells = names.compactMap { emptyCell(design, $0, objective.response, positive) }
    let verb = names.count == 1 ? "predicts" : "together predict"
    let part =
      rows.count == positive.count ? "the outcome of every row" : "the outcome of some rows"
    return SiblingError(
      .separation,
      "\(list) \(verb) \(part) without error, so the estimates are infinite"
        + (cells.isEmpty ? "." : ": " + cells.joined(separator: "; ") + "."),
      help: "Leave the term out, merge sparse levels, or restrict the sample to where both "
        + "outcomes occur.",
      column: names.first.map { design.names[$0] })
  }

  /// The combination of a 0/1 column and the outcome that no row has.
  private func emptyCell(
    _ design: DesignMatrix, _ column: Int, _ response: [Double], _ rows: [Int]
  ) -> String? {
    var seen = [[false, false], [false, false]]
    for row in rows {
      let x = design.matrix[row, column]
      guard x == 0 || x == 1 else { return nil }
      seen[Int(x)][response[row] > 0 ? 1 : 0] = true
      if family == .binomial, response[row] < 1 { seen[Int(x)][0] = true }
    }
    for x in [1, 0] {
      for y in [0, 1] where !seen[x][y] && seen[x][1 - y] {
        let outcome = family == .poisson && y == 1 ? "an outcome above 0" : "outcome \(y)"
        return "no row with `\(design.names[column])` = \(x) has \(outcome)"
      }
    }
    return nil
  }
}
