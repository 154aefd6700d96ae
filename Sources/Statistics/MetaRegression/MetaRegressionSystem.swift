internal import Glibc
internal import LinearAlgebra

/// The equations of a meta-regression for any variance between sites and any order of the doses.
///
/// Columns are made orthonormal and effects are divided by the median standard error, so that units
/// neither overflow nor lose digits.
struct MetaRegressionSystem: Sendable {
  let count: Int
  let columns: Int
  /// The unit of effects: the median standard error.
  let unit: Double
  /// The orthonormal columns, row by row.
  let basis: [Double]
  /// The inverse of the upper triangle that turns columns into the basis, row by row.
  let inverseTriangle: [Double]
  /// Effects and their variances in that unit.
  let response, variance: [Double]

  /// - Throws: `rankDeficient` with the column that follows from those before it.
  init(
    _ effects: [Double], _ standardErrors: [Double], _ design: DesignMatrix
  ) throws(SiblingError) {
    let (n, p) = (design.rows, design.columns)
    let sorted = standardErrors.sorted()
    let unit = sorted[n / 2]
    var orthonormal: [[Double]] = []
    var triangle = [Double](repeating: 0, count: p * p)
    for j in 0..<p {
      var column = design.matrix.column(j)
      let size = column.map(\.magnitude).max() ?? 0
      guard size > 0 else { throw Self.dependent(design, j) }
      column = column.map { $0 / size }
      let before = Self.norm(column)
      // Twice is enough for columns to be orthogonal to the last digits.
      for _ in 0..<2 {
        for (k, other) in orthonormal.enumerated() {
          var product = 0.0
          for i in 0..<n { product += column[i] * other[i] }
          for i in 0..<n { column[i] -= product * other[i] }
          triangle[k * p + j] += product * size
        }
      }
      let length = Self.norm(column)
      guard length > 1e-10 * before else { throw Self.dependent(design, j) }
      triangle[j * p + j] = length * size
      orthonormal.append(column.map { $0 / length })
    }
    var inverse = [Double](repeating: 0, count: p * p)
    for j in 0..<p {
      inverse[j * p + j] = 1 / triangle[j * p + j]
      for i in stride(from: j - 1, through: 0, by: -1) {
        var sum = 0.0
        for k in (i + 1)...j { sum += triangle[i * p + k] * inverse[k * p + j] }
        inverse[i * p + j] = -sum / triangle[i * p + i]
      }
    }
    count = n
    columns = p
    self.unit = unit
    basis = (0..<n).flatMap { i in orthonormal.map { $0[i] } }
    inverseTriangle = inverse
    response = effects.map { $0 / unit }
    variance = standardErrors.map { ($0 / unit) * ($0 / unit) }
  }

  private static func norm(_ values: [Double]) -> Double {
    var sum = 0.0
    for value in values { sum += value * value }
    return sum.squareRoot()
  }

  private static func dependent(_ design: DesignMatrix, _ column: Int) -> SiblingError {
    SiblingError(
      .rankDeficient,
      "'\(design.names[column])' is the same at every site or follows from the other columns",
      help: "leave it out", column: design.names[column])
  }

  /// The equations at one variance between sites.
  struct Solution {
    /// Coefficients of the basis.
    var coefficients: [Double]
    /// The inverse of X′WX, row by row.
    var inverse: [Double]
    /// Weighted residual sum of squares; sums of weights, of their squares times squared residuals.
    var residual = 0.0
    var squares = 0.0
    /// The restricted log likelihood but for a constant, and its derivative.
    var logLikelihood = -Double.infinity
    var score = 0.0
    /// The traces of P and of PP, where P projects and weighs.
    var trace = 0.0
    var isDefined = false
    var lower: [Double]
    var gram: [Double]
    var squared: [Double]

    init(columns: Int) {
      coefficients = [Double](repeating: 0, count: columns)
      inverse = [Double](repeating: 0, count: columns * columns)
      (lower, gram, squared) = (inverse, inverse, inverse)
    }
  }

  /// Solves for a variance between sites; `order` names the basis row that each site is given.
  func solve(_ between: Double, order: [Int32]? = nil, into s: inout Solution) {
    let p = columns
    for k in 0..<p * p { (s.gram[k], s.squared[k]) = (0, 0) }
    for k in 0..<p { s.coefficients[k] = 0 }
    var (logs, weights) = (0.0, 0.0)
    for i in 0..<count {
      let total = variance[i] + between
      let w = 1 / total
      logs += log(total)
      weights += w
      let start = (order.map { Int($0[i]) } ?? i) * p
      for a in 0..<p {
        let weighted = w * basis[start + a]
        s.coefficients[a] += weighted * response[i]
        for b in 0...a {
          let product = weighted * basis[start + b]
          s.gram[a * p + b] += product
          s.squared[a * p + b] += w * product
        }
      }
    }
    s.isDefined = factor(&s)
    guard s.isDefined else { return }
    var determinant = 0.0
    for a in 0..<p { determinant += 2 * log(s.lower[a * p + a]) }
    invert(&s)
    let right = s.coefficients
    for a in 0..<p {
      var sum = 0.0
      for b in 0..<p { sum += s.inverse[a * p + b] * right[b] }
      s.coefficients[a] = sum
    }
    (s.residual, s.squares) = (0, 0)
    for i in 0..<count {
      let start = (order.map { Int($0[i]) } ?? i) * p
      var fitted = 0.0
      for a in 0..<p { fitted += basis[start + a] * s.coefficients[a] }
      let (w, e) = (1 / (variance[i] + between), response[i] - fitted)
      s.residual += w * e * e
      s.squares += w * w * e * e
    }
    var lost = 0.0
    for a in 0..<p {
      for b in 0..<a { s.squared[b * p + a] = s.squared[a * p + b] }
    }
    for k in 0..<p * p { lost += s.inverse[k] * s.squared[k] }
    s.trace = weights - lost
    s.logLikelihood = -0.5 * (logs + determinant + s.residual)
    s.score = 0.5 * (s.squares - s.trace)
    s.isDefined = s.logLikelihood.isFinite && s.score.isFinite
  }

  /// The Cholesky factor of the Gram matrix.
  private func factor(_ s: inout Solution) -> Bool {
    let p = columns
    for a in 0..<p {
      for b in 0...a {
        var sum = s.gram[a * p + b]
        for k in 0..<b { sum -= s.lower[a * p + k] * s.lower[b * p + k] }
        if a == b {
          guard sum > 0, sum.isFinite else { return false }
          s.lower[a * p + a] = sum.squareRoot()
        } else {
          s.lower[a * p + b] = sum / s.lower[b * p + b]
        }
      }
    }
    return true
  }

  private func invert(_ s: inout Solution) {
    let p = columns
    for j in 0..<p {
      // Forward, then backward, for a column of the identity.
      for a in 0..<p {
        var sum = a == j ? 1.0 : 0
        for k in 0..<a { sum -= s.lower[a * p + k] * s.inverse[k * p + j] }
        s.inverse[a * p + j] = sum / s.lower[a * p + a]
      }
      for a in stride(from: p - 1, through: 0, by: -1) {
        var sum = s.inverse[a * p + j]
        for k in (a + 1)..<max(p, a + 1) { sum -= s.lower[k * p + a] * s.inverse[k * p + j] }
        s.inverse[a * p + j] = sum / s.lower[a * p + a]
      }
    }
  }

  /// The system without one site.
  ///
  /// - Throws: `rankDeficient` when a column can't be told from others any more.
  static func leavingOut(
    _ site: Int, _ effects: [Double], _ errors: [Double], _ design: DesignMatrix
  ) throws(SiblingError) -> MetaRegressionSystem {
    let kept = effects.indices.filter { $0 != site }
    return try MetaRegressionSystem(
      kept.map { effects[$0] }, kept.map { errors[$0] }, design.selecting(rows: kept))
  }
}
