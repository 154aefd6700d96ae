extension SimplexQuadraticProgram {
  /// The columns less the target, scaled so that the longest has length 1.
  struct Hull {
    /// The points, one a column.
    let points: Matrix
    /// The ridge on that scale.
    let ridge: Double
    let tolerance: Double

    init(
      _ matrix: Matrix, _ target: [Double], ridge: Double, isCentred: Bool, tolerance: Double
    ) {
      var points = matrix
      let m = matrix.rows
      for j in 0..<matrix.columns {
        // Differences first: a level common to column and target costs no digits.
        for i in 0..<m { points[i, j] -= target[i] }
        if isCentred, m > 0 {
          let mean = points.column(j).reduce(0, +) / Double(m)
          for i in 0..<m { points[i, j] -= mean }
        }
      }
      let longest =
        (0..<points.columns).map { j in
          points.column(j).reduce(0) { $0 + $1 * $1 }
        }.max() ?? 0
      let scale = longest > 0 ? longest : 1
      self.points = points.scaled(by: 1 / scale.squareRoot())
      self.ridge = ridge / scale
      self.tolerance = tolerance
    }

    /// ∇f at weights: P′Pw + ρw.
    func gradient(_ weights: [Double]) -> [Double] {
      zip(points.transposedTimes(points.times(weights)), weights).map { $0 + ridge * $1 }
    }

    /// The gap w′∇f − min ∇f bounds f(w) − min f from above, because f is convex.
    func certificate(_ weights: [Double]) -> Certificate {
      let gradient = gradient(weights)
      let level = zip(weights, gradient).reduce(0) { $0 + $1.0 * $1.1 }
      let gap = level - (gradient.min() ?? 0)
      return Certificate(
        relativeGap: gap.isFinite ? max(0, gap) : .infinity,
        sumError: (weights.reduce(0, +) - 1).magnitude,
        negativity: max(0, -(weights.min() ?? 0)), tolerance: tolerance)
    }

    /// By non-negative least squares: P and √ρI stacked over a row of ones, target (0, 1).
    func pointNearestOrigin() throws(LinearAlgebraError) -> [Double] {
      let n = points.columns
      guard n > 1 else { return [1] }
      let m = points.rows
      let extra = ridge > 0 ? n : 0
      var stacked = Matrix(rows: m + extra + 1, columns: n)
      for j in 0..<n {
        for i in 0..<m { stacked[i, j] = points[i, j] }
        if extra > 0 { stacked[m + j, j] = ridge.squareRoot() }
        stacked[m + extra, j] = 1
      }
      var target = [Double](repeating: 0, count: stacked.rows)
      target[stacked.rows - 1] = 1
      let raw = try NonnegativeLeastSquares.solve(stacked, target, exchanges: 50 * n + 100)
      let weights = normalized(raw)
      return try polished(weights)
    }

    /// Solves once more on the support, with Σw = 1 put in, which removes the scaling's rounding.
    private func polished(_ weights: [Double]) throws(LinearAlgebraError) -> [Double] {
      let support = weights.indices.filter { weights[$0] > 0 }
      guard support.count > 1,
        let anchor = support.max(by: { weights[$0] < weights[$1] })
      else { return weights }
      let others = support.filter { $0 != anchor }
      let m = points.rows
      let root = ridge.squareRoot()
      let extra = ridge > 0 ? support.count : 0
      var design = Matrix(rows: m + extra, columns: others.count)
      var target = [Double](repeating: 0, count: m + extra)
      for i in 0..<m { target[i] = -points[i, anchor] }
      if extra > 0 { target[m + others.count] = -root }
      for (place, j) in others.enumerated() {
        for i in 0..<m { design[i, place] = points[i, j] - points[i, anchor] }
        if extra > 0 {
          design[m + place, place] = root
          design[m + others.count, place] = -root
        }
      }
      let found = try MinimumNormSolution(design, target, tolerance: 1e-13).solution
      var refined = [Double](repeating: 0, count: weights.count)
      for (place, j) in others.enumerated() { refined[j] = found[place] }
      refined[anchor] = 1 - found.reduce(0, +)
      guard refined.allSatisfy({ $0 >= 0 }) else { return weights }
      return certificate(refined).residual <= certificate(weights).residual ? refined : weights
    }

    /// Among equally good weights the shortest; nil where the given ones are the only ones.
    ///
    /// Every optimum has the same fit and puts weight only where the gradient is smallest; among
    /// those columns `LeastNorm` finds the shortest w ≥ 0 with that fit.
    func shortestAmongOptimal(_ weights: [Double]) throws(LinearAlgebraError) -> [Double]? {
      let fit = points.times(weights)
      let length = fit.reduce(0) { $0 + $1 * $1 }.squareRoot()
      let slope = gradient(weights)
      let lowest = slope.min() ?? 0
      let bound = 1e-9 * length + 1e-13
      let tied = weights.indices.filter { slope[$0] - lowest <= bound || weights[$0] > 0 }
      guard tied.count > 1 else { return nil }
      var system = Matrix(rows: points.rows + 1, columns: tied.count)
      for (place, j) in tied.enumerated() {
        for i in 0..<points.rows { system[i, place] = points[i, j] }
        system[points.rows, place] = 1
      }
      let current = tied.map { weights[$0] }
      guard let short = try LeastNorm.shortest(system, like: current) else { return nil }
      var result = [Double](repeating: 0, count: weights.count)
      for (place, j) in tied.enumerated() { result[j] = short[place] < 1e-14 ? 0 : short[place] }
      result = normalized(result)
      guard zip(result, weights).contains(where: { ($0 - $1).magnitude > 1e-9 }) else { return nil }
      let proof = certificate(result)
      guard proof.holds || proof.residual <= certificate(weights).residual else { return nil }
      return result
    }

    private func normalized(_ weights: [Double]) -> [Double] {
      let sum = weights.reduce(0, +)
      guard sum > 0 else {
        return [Double](repeating: 1 / Double(weights.count), count: weights.count)
      }
      return weights.map { $0 / sum }
    }
  }
}
