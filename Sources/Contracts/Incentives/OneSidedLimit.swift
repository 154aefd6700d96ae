internal import LinearAlgebra

/// The large-sample variance and bias of one coefficient of a fit to the right of a threshold.
struct OneSidedLimit: Sendable {
  /// The variance, for density 1.
  let variance: Double
  /// The coefficient that the fit gives to u to the power of degree + 1.
  let bias: Double

  /// The limit; nil where there is no solution.
  init?(kernel: LocalPolynomialDensityTest.Kernel, degree: Int, coefficient: Int) {
    var gram = Matrix(rows: degree + 1, columns: degree + 1)
    for j in 0...degree { for k in 0...degree { gram[j, k] = kernel.moment(j + k) } }
    guard (0...degree).contains(coefficient), let factor = try? Cholesky(gram) else { return nil }
    bias = factor.solve((0...degree).map { kernel.moment($0 + degree + 1) })[coefficient]
    let row = factor.solve((0...degree).map { $0 == coefficient ? 1 : 0 })
    variance = zip(GaussLegendre.nodes, GaussLegendre.weights).reduce(0) { sum, point in
      let tail = (0...degree).reduce(0.0) { $0 + row[$1] * kernel.moment($1, from: point.0) }
      return sum + point.1 * tail * tail
    }
  }
}
