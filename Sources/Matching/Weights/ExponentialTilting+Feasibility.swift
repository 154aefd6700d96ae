internal import Glibc
internal import LinearAlgebra
internal import Statistics

extension ExponentialTilting {
  /// Base weights and moments after the rows are left out that can't have weight.
  ///
  /// Where a target stands at the edge of the group's range (no treated person has a level that
  /// some comparisons have) only the rows at the edge can have weight; a moment that is constant
  /// among the rest and meets its target needs nothing more.
  ///
  /// - Throws: `noOverlap` for a target outside the range of its moment.
  func reduced() throws(SiblingError) -> (base: [Double], columns: [Int]) {
    var base = base
    while true {
      let current = base
      let ranges = Parallel.mapBlocks(names.count) { range(of: $0, current) }
      var columns: [Int] = []
      var edge: (column: Int, value: Double)?
      for column in names.indices where scale[column] > 0 {
        let (low, high) = ranges[column]
        let slack = 1e-10 * scale[column]
        let reach = tolerance * scale[column] + slack
        guard target[column] >= low - reach, target[column] <= high + reach else {
          throw infeasible([column])
        }
        guard high - low > slack else { continue }
        columns.append(column)
        guard tolerance == 0, edge == nil else { continue }
        if target[column] <= low + slack { edge = (column, low) }
        if target[column] >= high - slack { edge = (column, high) }
      }
      guard let edge else { return (base, columns) }
      guard mayExclude else { throw infeasible([edge.column]) }
      for row in base.indices
      where (matrix[row, edge.column + 1] - edge.value).magnitude > 1e-10 * scale[edge.column] {
        base[row] = 0
      }
    }
  }

  private func range(of column: Int, _ base: [Double]) -> (low: Double, high: Double) {
    let start = (column + 1) * matrix.rows
    var (low, high) = (Double.infinity, -Double.infinity)
    matrix.storage.withUnsafeBufferPointer { x in
      for row in base.indices where base[row] > 0 {
        low = min(low, x[start + row])
        high = max(high, x[start + row])
      }
    }
    return (low, high)
  }

  /// Throws when the search proves that no weights meet the target.
  ///
  /// - Throws: `noOverlap` naming the moments.
  func requireFeasible(
    _ objective: TiltingObjective, _ coefficients: [Double], _ final: ObjectiveValue
  ) throws(SiblingError) {
    guard let direction = proof(objective, coefficients, final) else { return }
    let most = direction.map(\.magnitude).max() ?? 0
    var named = direction.indices.filter { direction[$0].magnitude >= 0.05 * most }
    if named.count > 1, objective.matrix.rows * objective.basis.count <= 2_000_000 {
      named = irreducible(objective, direction)
    }
    throw infeasible(named.map { objective.basis.columns[$0] - 1 })
  }

  /// A direction that proves infeasibility, or nil when the search proves nothing.
  ///
  /// Two proofs: all rows lie on one side of a plane through the target; or the dual exceeds the
  /// largest value that the primal can have, which is that of all weight on the rarest row.
  private func proof(
    _ objective: TiltingObjective, _ coefficients: [Double], _ final: ObjectiveValue
  ) -> [Double]? {
    var directions = [coefficients]
    if let factor = try? Cholesky(final.information) {
      directions.append(factor.solve(final.gradient))
    }
    let rarest = objective.base.reduce(1) { $1 > 0 ? min($0, $1) : $0 }
    let dual = final.value - tolerance * coefficients.reduce(0) { $0 + $1.magnitude }
    if dual > -log(rarest) + 1e-9 { return coefficients }
    return directions.first { direction in
      let predictor = objective.predictor(direction)
      var (greatest, size) = (-Double.infinity, 0.0)
      for (row, value) in predictor.enumerated() where objective.base[row] > 0 {
        greatest = max(greatest, value)
        size = max(size, value.magnitude)
      }
      let penalty = tolerance * direction.reduce(0) { $0 + $1.magnitude }
      return size > 1e-4 && greatest + penalty <= 1e-7 * size
    }
  }

  /// Moments none of which can be left out of the proof, by places in the basis.
  ///
  /// Leaves out one moment after another, the least of the proof first, as long as the rest stays
  /// infeasible: what remains tells the reader what to look at.
  private func irreducible(_ objective: TiltingObjective, _ direction: [Double]) -> [Int] {
    let order = direction.indices.sorted {
      (direction[$0].magnitude, $0) < (direction[$1].magnitude, $1)
    }
    var kept = Array(direction.indices)
    for place in order where kept.count > 1 {
      var fewer = objective
      let rest = kept.filter { $0 != place }
      fewer.basis = objective.basis.selecting(rest)
      let point: (coefficients: [Double], final: ObjectiveValue)
      if tolerance > 0 {
        let search = proximal(fewer)
        point = (search.coefficients, search.final)
      } else {
        let zeros = [Double](repeating: 0, count: rest.count)
        guard let found = try? Self.solver.maximise(fewer, from: zeros) else { continue }
        if found.converged, found.final.gradient.allSatisfy({ $0.magnitude < 1e-8 }) { continue }
        point = (found.coefficients, found.final)
      }
      if proof(fewer, point.coefficients, point.final) != nil { kept = rest }
    }
    return kept
  }

  /// The refusal for targets that no weights reach.
  func infeasible(_ columns: [Int]) -> SiblingError {
    let list = columns.map { "`\(names[$0])`" }.joined(separator: ", ")
    let together = columns.count > 1 ? " together" : ""
    let near = tolerance > 0 ? "come within the tolerance of" : "reach"
    return SiblingError(
      .noOverlap,
      "no weights on the \(words.group) \(near) \(words.target) of \(list)\(together): they lie "
        + "outside or at the edge of what the \(words.group) have",
      help: "Leave a covariate or a moment out, merge sparse levels, allow a (larger) tolerance, "
        + "or restrict the sample to where both groups have people.",
      column: columns.first.map { names[$0] })
  }
}
