extension SimplexQuadraticProgram.Hull {
  /// The weights by exchanging blocks of columns; nil where it did not settle.
  ///
  /// With H = P′P + ρI positive definite the weights are y/Σy, where y ≥ 0 and Hy − 1 ≥ 0 are
  /// complementary. When the number of violations no longer falls, only the last violating column
  /// is exchanged, which ends after finitely many steps.
  func exchanged() throws(LinearAlgebraError) -> [Double]? {
    let n = points.columns
    var isIn = [Bool](repeating: true, count: n)
    var fewest = n + 1
    var patience = 3
    for _ in 0..<(20 * n + 100) {
      let support = (0..<n).filter { isIn[$0] }
      guard let part = try unconstrained(support) else { return nil }
      var y = [Double](repeating: 0, count: n)
      for (place, j) in support.enumerated() { y[j] = part[place] }
      let slope = gradient(y)
      let wrong = (0..<n).filter { isIn[$0] ? y[$0] < 0 : slope[$0] < 1 - 1e-13 }
      if wrong.isEmpty {
        let sum = y.reduce(0, +)
        return sum > 0 ? y.map { $0 / sum } : nil
      }
      if wrong.count < fewest {
        fewest = wrong.count
        patience = 3
      } else {
        patience -= 1
      }
      if patience >= 0 {
        for j in wrong { isIn[j].toggle() }
      } else if let last = wrong.last {
        isIn[last].toggle()
      }
    }
    return nil
  }

  /// y with (P′P + ρI)y = 1 on a support, by the smaller of two systems.
  private func unconstrained(_ support: [Int]) throws(LinearAlgebraError) -> [Double]? {
    guard !support.isEmpty else { return [] }
    let chosen = points.selecting(columns: support)
    let ones = [Double](repeating: 1, count: support.count)
    let isWide = support.count > points.rows
    var system = isWide ? Gram.product(chosen.transposed) : Gram.product(chosen)
    for i in 0..<system.rows { system[i, i] += ridge }
    guard let factor = try? Cholesky(system) else { return nil }
    guard isWide else { return factor.solve(ones) }
    let inner = chosen.transposedTimes(factor.solve(chosen.times(ones)))
    return inner.map { (1 - $0) / ridge }
  }
}
