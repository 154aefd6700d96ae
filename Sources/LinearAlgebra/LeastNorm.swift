/// The shortest non-negative solution of linear equations.
enum LeastNorm {
  /// The shortest w ≥ 0 with Mw = Mv, v ≥ 0 given; nil where v is the only solution.
  static func shortest(
    _ system: Matrix, like given: [Double]
  ) throws(LinearAlgebraError) -> [Double]? {
    let right = system.times(given)
    // One more column than rows is free in any case; else the rank decides.
    if system.columns <= system.rows {
      let rank = try MinimumNormSolution(system, right, tolerance: 1e-10).rank
      guard rank < system.columns else { return nil }
    }
    if let found = try byDual(system, right) { return found }
    return try byNullSpace(system, given)
  }

  /// By Newton's method on the dual: w = max(0, M′μ), where Mw = c.
  ///
  /// The dual ½‖max(0, M′μ)‖² − c′μ has as many variables as equations and is quadratic piece by
  /// piece, so that few steps end in the right piece; there the equations are solved again without
  /// squaring them. Such a w is optimal by its form. Nil where it did not settle.
  static func byDual(
    _ system: Matrix, _ right: [Double]
  ) throws(LinearAlgebraError) -> [Double]? {
    var multipliers = [Double](repeating: 0, count: system.rows)
    multipliers[system.rows - 1] = 1 / Double(system.columns)
    func value(_ slope: [Double], _ at: [Double]) -> Double {
      slope.reduce(0) { $0 + ($1 > 0 ? $1 * $1 : 0) } / 2
        - zip(right, at).reduce(0) { $0 + $1.0 * $1.1 }
    }
    var slope = system.transposedTimes(multipliers)
    for _ in 0..<100 {
      let support = slope.indices.filter { slope[$0] > 0 }
      guard !support.isEmpty else { return nil }
      let part = system.selecting(columns: support)
      let residual = zip(right, part.times(support.map { slope[$0] })).map { $0 - $1 }
      let size = residual.map(\.magnitude).max() ?? 0
      if size <= 1e-9 {
        let found = try MinimumNormSolution(part, right, tolerance: 1e-12).solution
        let errors = zip(right, part.times(found)).map { ($0 - $1).magnitude }
        guard found.allSatisfy({ $0 >= 0 }), (errors.max() ?? 0) <= 1e-13 else { return nil }
        var result = [Double](repeating: 0, count: system.columns)
        for (place, j) in support.enumerated() { result[j] = found[place] }
        return result
      }
      let direction = try MinimumNormSolution(
        Gram.product(part.transposed), residual, tolerance: 1e-14
      ).solution
      let ascent = zip(residual, direction).reduce(0) { $0 + $1.0 * $1.1 }
      guard ascent > 0 else { return nil }
      let start = value(slope, multipliers)
      var step = 1.0
      while true {
        let trial = zip(multipliers, direction).map { $0 + step * $1 }
        let next = system.transposedTimes(trial)
        if value(next, trial) <= start - 1e-4 * step * ascent {
          (multipliers, slope) = (trial, next)
          break
        }
        step /= 2
        if step < 1e-10 { return nil }
      }
    }
    return nil
  }

  /// By a least-distance problem in the null space (Lawson & Hanson 1974, chapter 23).
  ///
  /// What the equations fix, plus a free part z: w = fixed + Nz, and ‖w‖² = ‖fixed‖² + ‖z‖².
  static func byNullSpace(
    _ system: Matrix, _ given: [Double]
  ) throws(LinearAlgebraError) -> [Double]? {
    let free = try NullSpace.basis(system, tolerance: 1e-10)
    guard free.columns > 0 else { return nil }
    let part = free.times(free.transposedTimes(given))
    let fixed = zip(given, part).map { $0 - $1 }
    guard (fixed.min() ?? 0) < -1e-14 else { return fixed }
    let q = free.columns
    var dual = Matrix(rows: q + 1, columns: system.columns)
    for j in 0..<system.columns {
      for k in 0..<q { dual[k, j] = free[j, k] }
      dual[q, j] = -fixed[j]
    }
    var unit = [Double](repeating: 0, count: q + 1)
    unit[q] = 1
    let multipliers = try NonnegativeLeastSquares.solve(
      dual, unit, exchanges: 50 * system.columns + 100)
    let residual = zip(dual.times(multipliers), unit).map { $0 - $1 }
    guard residual[q] < -1e-12 else { return nil }
    let step = (0..<q).map { -residual[$0] / residual[q] }
    var short = zip(fixed, free.times(step)).map { $0 + $1 }
    // Where a constraint binds the weight is zero, not a rounding.
    for j in short.indices where multipliers[j] > 0 { short[j] = 0 }
    return short
  }
}
