internal import LinearAlgebra

extension Absorption {
  /// Columns with the effects removed, and how well.
  public struct Residuals: Sendable {
    /// The residual columns, in the order given.
    public var columns: [[Double]]
    /// The length √(Σwx²) of each column about its mean, before.
    public var lengths: [Double]
    /// The largest share of a column's length that another projection on a factor would remove.
    public var normalEquationResidual: Double
    /// The most iterations that a column took; zero where the solution is direct.
    public var iterations: Int
  }

  /// The columns with the effects of all factors removed.
  ///
  /// - Throws: `sizeMismatch`; `nonConvergence` when the projections do not reach the tolerance,
  ///   a share of each column's length, in `maximumIterations`.
  public func residuals(
    of columns: [[Double]], tolerance: Double = 1e-12, maximumIterations: Int = 10_000
  ) throws(SiblingError) -> Residuals {
    guard columns.allSatisfy({ $0.count == rows }) else {
      throw SiblingError(.sizeMismatch, "A column has not as many rows as the absorbed factors.")
    }
    let parts = Parallel.mapBlocks(columns.count) { index in
      residual(of: columns[index], tolerance, maximumIterations)
    }
    let worst = parts.reduce(0) { max($0, $1.error) }
    let iterations = parts.reduce(0) { max($0, $1.iterations) }
    guard worst <= max(1e-9, 10 * tolerance) else {
      throw SiblingError(
        .nonConvergence,
        "The absorbed effects did not converge in \(iterations) projections.",
        help: "The absorbed columns are nearly collinear; absorb fewer of them.")
    }
    return Residuals(
      columns: parts.map(\.column), lengths: parts.map(\.length), normalEquationResidual: worst,
      iterations: iterations)
  }

  private struct Part: Sendable {
    var column: [Double]
    var length = 0.0
    var error = 0.0
    var iterations = 0
  }

  private func residual(of column: [Double], _ tolerance: Double, _ limit: Int) -> Part {
    var part = Part(column: centred(column))
    let length = norm(part.column)
    part.length = length
    guard length > 0, length.isFinite else { return part }
    switch method {
    case .oneWay:
      demean(&part.column, 0)
      demean(&part.column, 0)
    case .balanced:
      removeBalanced(&part.column)
    case .eliminated(let larger, let smaller, let factor, let grounded):
      for _ in 0..<4 {
        eliminate(&part.column, larger, smaller, factor, grounded)
        part.error = error(part.column) / length
        if part.error <= tolerance / 100 { break }
      }
    case .iterated:
      part.iterations = iterate(&part.column, tolerance * length, limit)
    }
    part.error = error(part.column) / length
    return part
  }

  /// The column less its weighted mean, so that rounding is relative to its spread.
  private func centred(_ column: [Double]) -> [Double] {
    var (sum, total) = (0.0, 0.0)
    column.withUnsafeBufferPointer { x in
      if let weights {
        for row in 0..<rows {
          sum += weights[row] * x[row]
          total += weights[row]
        }
      } else {
        for row in 0..<rows { sum += x[row] }
        total = Double(rows)
      }
    }
    let mean = sum / total
    return column.map { $0 - mean }
  }

  func norm(_ column: [Double]) -> Double { dot(column, column).squareRoot() }

  private func dot(_ left: [Double], _ right: [Double]) -> Double {
    var sum = 0.0
    if let weights {
      for row in 0..<rows { sum += weights[row] * left[row] * right[row] }
    } else {
      for row in 0..<rows { sum += left[row] * right[row] }
    }
    return sum
  }

  /// Σwx within each level.
  private func sums(_ column: [Double], _ factor: Int) -> [Double] {
    var sums = [Double](repeating: 0, count: levels[factor])
    column.withUnsafeBufferPointer { x in
      codes[factor].withUnsafeBufferPointer { codes in
        sums.withUnsafeMutableBufferPointer { sums in
          if let weights {
            for row in 0..<rows { sums[Int(codes[row])] += weights[row] * x[row] }
          } else {
            for row in 0..<rows { sums[Int(codes[row])] += x[row] }
          }
        }
      }
    }
    return sums
  }

  private func subtract(_ effects: [Double], from column: inout [Double], _ factor: Int) {
    column.withUnsafeMutableBufferPointer { x in
      codes[factor].withUnsafeBufferPointer { codes in
        effects.withUnsafeBufferPointer { effects in
          for row in 0..<rows { x[row] -= effects[Int(codes[row])] }
        }
      }
    }
  }

  private func means(_ column: [Double], _ factor: Int) -> [Double] {
    var means = sums(column, factor)
    for level in means.indices { means[level] /= totals[factor][level] }
    return means
  }

  func demean(_ column: inout [Double], _ factor: Int) {
    subtract(means(column, factor), from: &column, factor)
  }

  /// x − x̄ᵢ − x̄ₜ + x̄, where x̄ is zero already; twice, so that means vanish to rounding.
  private func removeBalanced(_ column: inout [Double]) {
    for _ in 0..<2 {
      var first = [Double](repeating: 0, count: levels[0])
      var second = [Double](repeating: 0, count: levels[1])
      column.withUnsafeMutableBufferPointer { x in
        codes[0].withUnsafeBufferPointer { a in
          codes[1].withUnsafeBufferPointer { b in
            first.withUnsafeMutableBufferPointer { first in
              second.withUnsafeMutableBufferPointer { second in
                for row in 0..<rows {
                  first[Int(a[row])] += x[row]
                  second[Int(b[row])] += x[row]
                }
                let (width, height) = (Double(second.count), Double(first.count))
                for level in first.indices { first[level] /= width }
                for level in second.indices { second[level] /= height }
                for row in 0..<rows { x[row] -= first[Int(a[row])] + second[Int(b[row])] }
              }
            }
          }
        }
      }
    }
  }

  private func eliminate(
    _ column: inout [Double], _ larger: Int, _ smaller: Int, _ factor: Cholesky, _ grounded: [Bool]
  ) {
    demean(&column, larger)
    var right = sums(column, smaller)
    for level in right.indices where grounded[level] { right[level] = 0 }
    subtract(factor.solve(right), from: &column, smaller)
    demean(&column, larger)
  }

  /// The largest length of a projection on one factor.
  private func error(_ column: [Double]) -> Double {
    var largest = 0.0
    for factor in codes.indices {
      var square = 0.0
      for (level, sum) in sums(column, factor).enumerated() {
        square += sum * sum / totals[factor][level]
      }
      largest = max(largest, square)
    }
    return largest.squareRoot()
  }

  /// Conjugate gradients on (I − S)d = (I − S)x, S the symmetric sweep over all factors.
  private func iterate(_ column: inout [Double], _ bound: Double, _ limit: Int) -> Int {
    func sweptAway(_ x: [Double]) -> [Double] {
      var swept = x
      for factor in codes.indices { demean(&swept, factor) }
      for factor in codes.indices.dropLast().reversed() { demean(&swept, factor) }
      for row in 0..<rows { swept[row] = x[row] - swept[row] }
      return swept
    }
    var residual = sweptAway(column)
    var direction = residual
    var square = dot(residual, residual)
    var steps = 0
    while steps < limit, square.squareRoot() > bound / 10 {
      let image = sweptAway(direction)
      let curvature = dot(direction, image)
      guard curvature > 0 else { break }
      let length = square / curvature
      for row in 0..<rows {
        column[row] -= length * direction[row]
        residual[row] -= length * image[row]
      }
      steps += 1
      // Recursive residuals drift; every so often they are computed again.
      if steps % 50 == 0 { residual = sweptAway(column) }
      let next = dot(residual, residual)
      let share = next / square
      for row in 0..<rows { direction[row] = residual[row] + share * direction[row] }
      square = next
      if error(column) <= bound / 10 { break }
    }
    return steps
  }
}
