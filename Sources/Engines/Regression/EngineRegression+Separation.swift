internal import Glibc
internal import LinearAlgebra
internal import Statistics
internal import Tables

extension EngineRegression {
  /// Tells a maximum from a likelihood that only rises towards infinity.
  ///
  /// As in memory a direction proves separation when no row's likelihood falls along it; how far rows move is
  /// asked of the engine by steps of a twentieth.
  /// - Throws: `separation` naming the terms; `nonConvergence`.
  func requireMaximum(
    _ solution: NewtonSolver.Solution, _ sums: ModelSums
  ) throws(SiblingError) {
    let final = solution.final
    guard final.value.isFinite, final.gradient.allSatisfy(\.isFinite) else {
      throw notConverged("The likelihood could not be evaluated.")
    }
    if family != .gaussian {
      for candidate in directions(solution) {
        if let isEverywhere = try separates(candidate, sums) {
          throw try separation(candidate.step, isEverywhere, sums)
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

  /// Newton's next step when it is one to notice, and both ways along the flattest direction when the
  /// information is all but singular.
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

  /// Whether a direction separates every row (true) or some (false); nil when it is no proof.
  private func separates(
    _ direction: Direction, _ sums: ModelSums
  ) throws(SiblingError) -> Bool? {
    let prepared = sums.prepared
    let y = prepared.response
    let change = RowExpression.name("change")
    let rises = RowExpression.comparison(.greater, change, .constant(0))
    let mayRise: RowExpression =
      family == .binomial ? .comparison(.equal, y, .constant(1)) : .constant(0)
    let mayFall = RowExpression.comparison(.equal, y, .constant(0))
    let isGain = RowExpression.chosen(rises, then: mayRise, otherwise: mayFall)
    // The logarithm of how far a row moves, in steps of a twentieth; rows that stand still below all.
    let magnitude = RowExpression.chosen(rises, then: change, otherwise: -change)
    let still = RowExpression.comparison(.less, magnitude, .constant(1e-300))
    let size = RowExpression.function(
      .floor, .constant(20) * .function(.logarithm, magnitude))
    let layers =
      prepared.layers + [
        [NamedExpression("change", .predictor(sums.columns, direction.step))],
        [
          NamedExpression("gains", isGain),
          NamedExpression("size", .chosen(still, then: .constant(-1e6), otherwise: size)),
        ],
      ]
    let cells = try prepared.rows.engine.aggregate(
      AggregateQuery(
        prepared.rows.source, keep: prepared.rows.all(prepared.rows.keep, prepared.counted),
        layers: layers,
        keys: [
          GroupKey("gains", .number(.name("gains"))), GroupKey("size", .number(.name("size"))),
        ]))
    let reach = cells.numbers(1).map { $0 <= -1e6 ? 0 : exp(($0 + 1) / 20) }
    var (gain, loss) = (0.0, 0.0)
    for (cell, isGain) in cells.numbers(0).enumerated() {
      if isGain == 1 { gain = max(gain, reach[cell]) } else { loss = max(loss, reach[cell]) }
    }
    guard gain > 1e-4, loss <= direction.allowedLoss * gain else { return nil }
    let noise = max(2 * loss, 1e-6 * gain)
    let moved = cells.counts.indices.filter { reach[$0] > noise }
      .reduce(0) { $0 + cells.counts[$1] }
    return moved == cells.rowCount
  }

  private func separation(
    _ direction: [Double], _ isEverywhere: Bool, _ sums: ModelSums
  ) throws(SiblingError) -> SiblingError {
    let basis = sums.prepared.basis
    let moved = sums.kept.indices.filter { !basis.isIntercept(sums.kept[$0]) }
    let largest = moved.map { direction[$0].magnitude }.max() ?? 0
    let chosen = moved.filter { direction[$0].magnitude >= 0.05 * largest }.map { sums.kept[$0] }
    let list = chosen.map { "`\(basis.names[$0])`" }.joined(separator: ", ")
    let empty = try emptyCells(chosen, sums.prepared)
    let verb = chosen.count == 1 ? "predicts" : "together predict"
    let part = isEverywhere ? "the outcome of every row" : "the outcome of some rows"
    return SiblingError(
      .separation,
      "\(list) \(verb) \(part) without error, so the estimates are infinite"
        + (empty.isEmpty ? "." : ": " + empty.joined(separator: "; ") + "."),
      help: "Leave the term out, merge sparse levels, or restrict the sample to where both "
        + "outcomes occur.",
      column: chosen.first.map { basis.names[$0] })
  }

  /// The combinations of 0/1 columns and the outcome that no row has.
  private func emptyCells(
    _ columns: [Int], _ prepared: PreparedDesign
  ) throws(SiblingError) -> [String] {
    let y = prepared.response
    let above = RowExpression.comparison(.greater, y, .constant(0))
    let below =
      family == .binomial
      ? RowExpression.comparison(.less, y, .constant(1))
      : RowExpression.comparison(.equal, y, .constant(0))
    var sums: [NamedExpression] = []
    for j in columns {
      // In standard units 0 and 1 are these two numbers, up to rounding.
      let zero = -prepared.basis.center[j] / prepared.basis.scale[j]
      let one = (1 - prepared.basis.center[j]) / prepared.basis.scale[j]
      func near(_ value: Double) -> RowExpression {
        let gap = prepared.columns[j] - .constant(value)
        return .comparison(.less, gap * gap, .constant(1e-18 * (1 + value * value)))
      }
      for (place, value) in [zero, one].enumerated() {
        sums.append(NamedExpression("n\(j)_\(place)_0", .both(near(value), below)))
        sums.append(NamedExpression("n\(j)_\(place)_1", .both(near(value), above)))
      }
      sums.append(NamedExpression("r\(j)", .both(near(zero).negated, near(one).negated)))
    }
    guard !sums.isEmpty else { return [] }
    let cells = try prepared.rows.engine.aggregate(
      AggregateQuery(
        prepared.rows.source, keep: prepared.rows.all(prepared.rows.keep, prepared.counted),
        layers: prepared.layers, sums: sums))
    let values = cells.sums.map { $0.first ?? 0 }
    return columns.enumerated().compactMap { index, j in
      let counts = Array(values[(5 * index)..<(5 * index + 5)])
      guard counts[4] == 0 else { return nil }
      for x in [1, 0] {
        for y in [0, 1] where counts[2 * x + y] == 0 && counts[2 * x + 1 - y] > 0 {
          let outcome = family == .poisson && y == 1 ? "an outcome above 0" : "outcome \(y)"
          return "no row with `\(prepared.basis.names[j])` = \(x) has \(outcome)"
        }
      }
      return nil
    }
  }
}
