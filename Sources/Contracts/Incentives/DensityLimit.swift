internal import LinearAlgebra

/// The large-sample variance and bias of the two slopes, for given densities on either side.
///
/// With S = ∫ f r r′K and L(t) = ∫ from t of f r K, the slopes' variance is S⁻¹ (∫ f L L′) S⁻¹ over n h,
/// and the leading bias S⁻¹ ∫ f uᵐ r K times the m-th coefficient, m one above the degree; all f by side.
struct DensityLimit: Sendable {
  /// Variances of the left and right slope and their covariance, times n h.
  let left: Double
  let right: Double
  let covariance: Double
  /// Slopes, left and right, that the fit gives to u to the power of degree + 1.
  let leftBias: Double
  let rightBias: Double

  /// The limit; nil where the densities leave no solution.
  init?(
    _ columns: DensityColumns, kernel: LocalPolynomialDensityTest.Kernel,
    leftDensity: Double, rightDensity: Double
  ) {
    let count = columns.count
    let density = [leftDensity, rightDensity]
    var gram = Matrix(rows: count, columns: count)
    var next = [Double](repeating: 0, count: count)
    for side in 0...1 {
      let isRight = side == 1
      for j in 0..<count {
        guard let a = columns.power(j, isRight: isRight) else { continue }
        let sign = { (power: Int) in isRight || power % 2 == 0 ? 1.0 : -1.0 }
        let top = a + columns.degree + 1
        next[j] += density[side] * sign(top) * kernel.moment(top)
        for k in 0..<count {
          guard let b = columns.power(k, isRight: isRight) else { continue }
          gram[j, k] += density[side] * sign(a + b) * kernel.moment(a + b)
        }
      }
    }
    guard let factor = try? Cholesky(gram) else { return nil }
    let solved = factor.solve(next)
    (leftBias, rightBias) = (solved[columns.leftSlope], solved[columns.rightSlope])
    let rows = [columns.leftSlope, columns.rightSlope].map { slope in
      factor.solve((0..<count).map { $0 == slope ? 1 : 0 })
    }
    var sums = (0.0, 0.0, 0.0)
    for (node, weight) in zip(GaussLegendre.nodes, GaussLegendre.weights) {
      for side in 0...1 {
        let tail = Self.tail(columns, kernel, density, at: node, isRight: side == 1)
        let a = zip(rows[0], tail).reduce(0) { $0 + $1.0 * $1.1 }
        let b = zip(rows[1], tail).reduce(0) { $0 + $1.0 * $1.1 }
        let scale = weight * density[side]
        sums.0 += scale * a * a
        sums.1 += scale * b * b
        sums.2 += scale * a * b
      }
    }
    (left, right, covariance) = sums
  }

  /// L(t) at t = ±node.
  private static func tail(
    _ columns: DensityColumns, _ kernel: LocalPolynomialDensityTest.Kernel, _ density: [Double],
    at node: Double, isRight: Bool
  ) -> [Double] {
    (0..<columns.count).map { column in
      var sum = 0.0
      if let power = columns.power(column, isRight: true) {
        sum += density[1] * kernel.moment(power, from: isRight ? node : 0)
      }
      if !isRight, let power = columns.power(column, isRight: false) {
        let sign = power % 2 == 0 ? 1.0 : -1.0
        sum += density[0] * sign * (kernel.moment(power) - kernel.moment(power, from: node))
      }
      return sum
    }
  }

  /// u to a whole power.
  static func power(_ u: Double, _ power: Int) -> Double {
    var product = 1.0
    for _ in 0..<max(0, power) { product *= u }
    return product
  }
}

/// Sixteen Gauss–Legendre points on [0, 1]: exact for polynomials up to degree 31.
enum GaussLegendre {
  private static let half: [(node: Double, weight: Double)] = [
    (0.09501250983763744, 0.18945061045506864),
    (0.2816035507792589, 0.18260341504492364),
    (0.45801677765722737, 0.16915651939500265),
    (0.6178762444026438, 0.1495959888165767),
    (0.755404408355003, 0.12462897125553407),
    (0.8656312023878318, 0.0951585116824926),
    (0.9445750230732326, 0.062253523938647456),
    (0.9894009349916499, 0.027152459411754176),
  ]
  /// Points in (0, 1).
  static let nodes = half.map { (1 - $0.node) / 2 } + half.map { (1 + $0.node) / 2 }
  /// Their weights, which sum to 1.
  static let weights = half.map { $0.weight / 2 } + half.map { $0.weight / 2 }
}
