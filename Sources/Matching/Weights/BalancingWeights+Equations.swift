internal import LinearAlgebra
internal import Statistics

extension BalancingWeights {
  /// How the weights, times their sampling weights, depend on the parameters that made them.
  ///
  /// Parameters of a covariate balancing score are its coefficients. Those of entropy balancing are,
  /// in this order, the target's mean of each moment that takes part, then for each weighted group
  /// (treated first) the constant and the coefficients of its log weights: the target is estimated
  /// too. Moments are in standardised units whose centre and scale are taken as fixed numbers, which
  /// changes nothing in a sandwich. With a tolerance the moments at its edge take part, with its
  /// width taken as known. Rows excluded with weight zero stay excluded.
  public func equations() -> WeightEquations {
    switch origin {
    case .score(let index): index.equations()
    case .tilting(let table, let target, let tilts, let targetRows):
      Self.tilting(table, target, tilts, targetRows, weights)
    }
  }

  private static func tilting(
    _ table: MomentTable, _ target: [Double], _ tilts: [Tilt], _ targetRows: [Double],
    _ weights: [Double]
  ) -> WeightEquations {
    let n = table.matrix.rows
    let used = Set(tilts.flatMap(\.solution.columns)).sorted()
    let moments = Parallel.mapBlocks(used.count) { place -> [Double] in
      let column = used[place]
      let start = (column + 1) * n
      return (0..<n).map {
        (table.matrix.storage[start + $0] - target[column]) / table.scale[column]
      }
    }
    let count = used.count + tilts.reduce(0) { $0 + 1 + $1.solution.columns.count }
    var equations = WeightEquations(
      scores: Matrix(rows: n, columns: count), jacobian: Matrix(rows: count, columns: count),
      weightGradient: Matrix(rows: n, columns: count))
    let targetTotal = targetRows.reduce(0, +)
    for (place, values) in moments.enumerated() {
      for row in 0..<n { equations.scores.storage[row + place * n] = targetRows[row] * values[row] }
      equations.jacobian[place, place] = -targetTotal
    }
    var first = used.count
    for tilt in tilts {
      let places = tilt.solution.columns.compactMap { used.firstIndex(of: $0) }
      let sampling = table.sampling(of: tilt.group)
      let weighted = zip(sampling, weights).map { $0 * $1 }
      for row in 0..<n {
        equations.scores.storage[row + first * n] = weighted[row] - sampling[row]
        equations.weightGradient.storage[row + first * n] = weighted[row]
      }
      let total = weighted.reduce(0, +)
      for (offset, place) in places.enumerated() {
        let parameter = first + 1 + offset
        let (values, shift) = (moments[place], tilt.solution.shift[offset])
        for row in 0..<n {
          equations.scores.storage[row + parameter * n] = weighted[row] * (values[row] - shift)
          equations.weightGradient.storage[row + parameter * n] = weighted[row] * values[row]
        }
        equations.jacobian[parameter, place] = -total
      }
      let design = Matrix(
        columns: [[Double](repeating: 1, count: n)] + places.map { moments[$0] })
      let gram = Gram.product(design, weights: weighted)
      for i in 0..<gram.rows {
        let shift = i == 0 ? 0 : tilt.solution.shift[i - 1]
        for j in 0..<gram.columns {
          equations.jacobian[first + i, first + j] = gram[i, j] - shift * gram[0, j]
        }
      }
      first += gram.rows
    }
    return equations
  }
}
