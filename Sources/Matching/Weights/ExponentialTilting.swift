internal import Glibc
internal import LinearAlgebra
internal import Statistics

/// Weights of one group, nearest to its base weights, under which its means meet a target.
///
/// Of all weights with those means the ones that minimise Σ w log(w/q) are q·exp(z′λ), and λ
/// maximises −log Σ q exp(z′λ), with z the distances from the target (Hainmueller 2012; Zhao, Q. and
/// Percival, D. (2017), https://doi.org/10.1515/jci-2016-0010). The dual is smooth and concave.
struct ExponentialTilting: Sendable {
  /// Ones, then the moments, of the group's rows.
  var matrix: Matrix
  /// The base weights of the rows.
  var base: [Double]
  /// The names of the moments.
  var names: [String]
  /// The unit of each moment; 0 for those left out.
  var scale: [Double]
  /// The means to meet.
  var target: [Double]
  /// How far from the target a mean may stay, in units.
  var tolerance: Double
  /// Whether rows may get weight zero where a target stands at the edge of the group's range.
  var mayExclude: Bool
  /// The group and whose means are met, for messages.
  var words: (group: String, target: String)

  /// What a tilting found.
  struct Solution: Sendable {
    /// Weights of the rows, without the base weights; their mean under these is one.
    var weights: [Double]
    /// The moments that take part.
    var columns: [Int]
    /// λ, one a column in `columns`, in standardised units.
    var coefficients: [Double]
    /// log w = constant + z′λ.
    var constant: Double
    /// By how much each of `columns` misses its target, in units: zero when exact.
    var shift: [Double]
    /// Moments that are combinations of others in this group.
    var dropped: [Int]
    /// Rows whose weight is zero.
    var excluded: Int
    /// Newton steps.
    var iterations: Int
  }

  /// The largest distance from the target that counts as exact, in units.
  static let exactness = 1e-10

  /// Solves the dual.
  ///
  /// - Throws: `noOverlap` naming the moments that no weights can bring to the target,
  ///   `nonConvergence`.
  /// - Complexity: O(n p²) a step, about ten steps.
  func solve() throws(SiblingError) -> Solution {
    let edge = try reduced()
    var objective = TiltingObjective(
      matrix: matrix, base: Self.normalized(edge.base),
      basis: ColumnBasis(
        columns: edge.columns.map { $0 + 1 }, center: edge.columns.map { target[$0] },
        scale: edge.columns.map { scale[$0] }))
    var dropped: [Int] = []
    if tolerance == 0 {
      let start = objective.evaluate(at: [Double](repeating: 0, count: objective.basis.count))
      let rank = ColumnRank(gram: start.information)
      dropped = rank.dropped.map { edge.columns[$0] }
      objective.basis = objective.basis.selecting(rank.kept)
    }
    var solution =
      tolerance == 0 ? try exact(objective, dropped) : try approximate(objective)
    solution.excluded = edge.base.count { $0 == 0 } - base.count { $0 == 0 }
    return solution
  }

  private static func normalized(_ base: [Double]) -> [Double] {
    let total = base.reduce(0, +)
    return base.map { $0 / total }
  }

  private func exact(
    _ objective: TiltingObjective, _ dropped: [Int]
  ) throws(SiblingError) -> Solution {
    let found = try Self.solver.maximise(objective, from: objective.sampleStart())
    var solution = finish(objective, found.coefficients)
    solution.dropped = dropped
    solution.iterations = found.iterations
    let gaps = distances(solution.weights, objective.base)
    guard let worst = gaps.indices.max(by: { gaps[$0] < gaps[$1] }) else { return solution }
    guard !(gaps[worst] <= Self.exactness) else { return solution }
    try requireFeasible(objective, found.coefficients, found.final)
    if found.converged, let column = dropped.first(where: { gaps[$0] > 1e-8 }) {
      throw infeasible([column])
    }
    throw SiblingError(
      .nonConvergence,
      "entropy balancing stopped with `\(names[worst])` \(Self.short(gaps[worst])) standard "
        + "deviations from its target",
      help: "Look for extreme values and nearly collinear covariates, or allow a tolerance.",
      column: names[worst])
  }

  static let solver = NewtonSolver(tolerance: 1e-22, maximumIterations: 200)

  /// The weights at coefficients, by sums in which equal rows get equal weights.
  func finish(_ objective: TiltingObjective, _ coefficients: [Double]) -> Solution {
    let predictor = objective.predictor(coefficients)
    var greatest = -Double.infinity
    for (row, value) in predictor.enumerated() where objective.base[row] > 0 {
      greatest = max(greatest, value)
    }
    var weights = predictor
    var sum = 0.0
    for row in weights.indices {
      weights[row] = objective.base[row] > 0 ? exp(predictor[row] - greatest) : 0
      sum += objective.base[row] * weights[row]
    }
    for row in weights.indices { weights[row] /= sum }
    return Solution(
      weights: weights, columns: objective.basis.columns.map { $0 - 1 },
      coefficients: coefficients, constant: -greatest - log(sum),
      shift: [Double](repeating: 0, count: coefficients.count), dropped: [], excluded: 0,
      iterations: 0)
  }

  /// How far each moment's mean stays from its target, in units.
  func distances(_ weights: [Double], _ base: [Double]) -> [Double] {
    let sums = matrix.transposedTimes(zip(weights, base).map { $0 * $1 })
    return names.indices.map {
      scale[$0] == 0 ? 0 : ((sums[$0 + 1] / sums[0] - target[$0]) / scale[$0]).magnitude
    }
  }

  static func short(_ value: Double) -> String {
    guard value.isFinite, value > 0 else { return "\(value)" }
    let digits = pow(10, 2 - floor(log10(value)))
    return "\((value * digits).rounded() / digits)"
  }
}

/// The dual of exponential tilting as sums over the group's rows.
struct TiltingObjective: SmoothObjective, Sendable {
  var matrix: Matrix
  /// Base weights that sum to one.
  var base: [Double]
  /// The moments, centred at the target.
  var basis: ColumnBasis

  func evaluate(at coefficients: [Double]) -> ObjectiveValue {
    let p = basis.count
    let sums = base.withUnsafeBufferPointer { base in
      nonisolated(unsafe) let base = base
      return Gram.pass(matrix, basis: basis, coefficients: coefficients) { range, eta, root in
        var sum = 0.0
        for i in 0..<range.count {
          let q = base[range.lowerBound + i]
          let weight = q > 0 ? q * exp(eta[i]) : 0
          sum += weight
          eta[i] = weight
          root[i] = weight.squareRoot()
        }
        return sum
      }
    }
    let means = sums.gradient.map { $0 / sums.value }
    var information = sums.product.scaled(by: 1 / sums.value)
    for j in 0..<p { for i in 0..<p { information[i, j] -= means[i] * means[j] } }
    return ObjectiveValue(
      value: -log(sums.value), gradient: means.map { -$0 }, information: information)
  }

  /// z′λ of every row.
  func predictor(_ coefficients: [Double]) -> [Double] {
    [Double](unsafeUninitializedCapacity: matrix.rows) { output, initialized in
      nonisolated(unsafe) let out = output
      _ = Gram.pass(matrix, basis: basis, coefficients: coefficients, order: .values) {
        range, eta, _ in
        for i in 0..<range.count { out[range.lowerBound + i] = eta[i] }
        return 0
      }
      initialized = matrix.rows
    }
  }

  /// Where the search starts: the solution of evenly spaced rows when there are very many.
  func sampleStart() -> [Double] {
    let zeros = [Double](repeating: 0, count: basis.count)
    guard matrix.rows >= 131_072 else { return zeros }
    let rows = Array(stride(from: 0, to: matrix.rows, by: 16))
    var sample = self
    sample.matrix = matrix.selecting(rows: rows)
    sample.base = rows.map { base[$0] }
    let total = sample.base.reduce(0, +)
    guard total > 0 else { return zeros }
    for row in sample.base.indices { sample.base[row] /= total }
    let solver = NewtonSolver(tolerance: 1e-6, maximumIterations: 20)
    guard let found = try? solver.maximise(sample, from: zeros), found.converged else {
      return zeros
    }
    return found.coefficients
  }
}
