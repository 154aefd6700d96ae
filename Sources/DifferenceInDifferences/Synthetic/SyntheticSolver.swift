internal import LinearAlgebra
internal import Statistics

/// How the weights of synthetic controls are computed.
public enum SyntheticSolver: String, Sendable, CaseIterable {
  /// An active set with a certificate of optimality.
  case exact
  /// The published iteration with its early stop, for agreement with synthdid.
  ///
  /// At most 10,000 Frank–Wolfe steps with exact line search, from equal weights, until a step
  /// lowers the objective (mean squared error plus ζ²‖w‖²) by less than (10⁻⁵σ̂)²: first 100 steps,
  /// then weights of at most a quarter of the largest are set to zero, and it starts again
  /// (Arkhangelsky et al. 2021 and the documentation of their package).
  case frankWolfe = "frank-wolfe"

  /// ζ/σ̂ of a synthetic control: nought, and 10⁻⁶ as published for the iteration.
  var controlRegularization: Double { self == .exact ? 0 : 1e-6 }
}

/// One problem of weights: ‖Aw + a − b‖² + ρ‖w‖² on the simplex.
struct SyntheticWeights {
  let ridge: Double
  let hasIntercept: Bool
  let noise: Double
  let solver: SyntheticSolver

  /// Weights with what proves them.
  struct Solution {
    var weights: [Double]
    var certificate: SimplexQuadraticProgram.Certificate
    var isTieBroken: Bool
    var isUnfinished: Bool
  }

  /// The weights.
  ///
  /// - Throws: `nonConvergence` where the exact solution's certificate does not hold.
  func solve(_ matrix: Matrix, _ target: [Double]) throws(SiblingError) -> Solution {
    let program = SimplexQuadraticProgram(ridge: ridge, hasIntercept: hasIntercept)
    guard solver == .exact else {
      let (weights, isUnfinished) = frankWolfe(matrix, target)
      return Solution(
        weights: weights,
        certificate: program.evaluate(weights, matrix, target: target).certificate,
        isTieBroken: false, isUnfinished: isUnfinished)
    }
    guard let solution = try? program.solve(matrix, target: target), solution.certificate.holds
    else {
      throw SiblingError(
        .nonConvergence, "The weights could not be proved optimal, so they are not used.",
        help: "Look for outcomes of wildly different size, or rescale the outcome.")
    }
    return Solution(
      weights: solution.weights, certificate: solution.certificate,
      isTieBroken: solution.isTieBroken, isUnfinished: false)
  }

  private func frankWolfe(_ matrix: Matrix, _ target: [Double]) -> ([Double], Bool) {
    let (a, b) = (hasIntercept ? Self.centred(matrix) : matrix, target)
    let mean = b.reduce(0, +) / Double(max(1, b.count))
    let right = hasIntercept ? b.map { $0 - mean } : b
    let n = matrix.columns
    var weights = [Double](repeating: 1 / Double(n), count: n)
    _ = descend(a, right, &weights, steps: 100)
    let largest = weights.max() ?? 0
    weights = weights.map { $0 <= largest / 4 ? 0 : $0 }
    let sum = weights.reduce(0, +)
    weights = weights.map { $0 / sum }
    let stopped = descend(a, right, &weights, steps: 10_000)
    return (weights, !stopped)
  }

  private static func centred(_ matrix: Matrix) -> Matrix {
    var result = matrix
    let m = matrix.rows
    for j in 0..<matrix.columns {
      let mean = (0..<m).reduce(0) { $0 + matrix[$1, j] } / Double(max(1, m))
      for i in 0..<m { result[i, j] -= mean }
    }
    return result
  }

  /// Steps towards the vertex of steepest descent; true where the stopping rule ended it.
  private func descend(
    _ a: Matrix, _ b: [Double], _ weights: inout [Double], steps: Int
  ) -> Bool {
    let rows = Double(max(1, a.rows))
    let least = 1e-10 * noise * noise
    var fit = a.times(weights)
    var previous = Double.infinity
    for step in 1...steps {
      let residual = zip(fit, b).map { $0 - $1 }
      let slope = zip(a.transposedTimes(residual), weights).map { $0 + ridge * $1 }
      var vertex = 0
      for j in slope.indices where slope[j] < slope[vertex] { vertex = j }
      var direction = weights.map { -$0 }
      direction[vertex] += 1
      let column = a.column(vertex)
      let change = zip(column, fit).map { $0 - $1 }
      let curvature =
        change.reduce(0) { $0 + $1 * $1 } + ridge * direction.reduce(0) { $0 + $1 * $1 }
      let descent = zip(slope, direction).reduce(0) { $0 + $1.0 * $1.1 }
      let length = curvature > 0 ? min(1, max(0, -descent / curvature)) : 0
      for j in weights.indices { weights[j] += length * direction[j] }
      for i in fit.indices { fit[i] += length * change[i] }
      let errors = zip(fit, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
      let value = (errors + ridge * weights.reduce(0) { $0 + $1 * $1 }) / rows
      if step > 1, previous - value <= least { return true }
      previous = value
    }
    return false
  }
}
