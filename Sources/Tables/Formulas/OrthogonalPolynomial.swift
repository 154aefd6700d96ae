internal import Statistics

/// Polynomials orthonormal over a set of points, with positive leading coefficients.
///
/// The three-term recurrence of Kennedy & Gentle, *Statistical Computing* (1980), chapter 8.
struct OrthogonalPolynomial: Sendable {
  let degree: Int
  /// The mean of the points, taken off first so that high powers keep their digits.
  private let centre: Double
  private var shift: [Double] = []
  /// Sums of squares of each polynomial before normalising, from degree 0.
  private var norm: [Double] = []

  init(_ x: [Double], degree: Int) throws(SiblingError) {
    self.degree = degree
    guard Self.hasDistinct(x, degree + 1) else {
      throw SiblingError(
        .badDesign, "a polynomial of degree \(degree) needs more than \(degree) distinct values",
        help: "lower the degree")
    }
    let n = Double(x.count)
    var mean = x.reduce(0, +) / n
    mean += x.reduce(0) { $0 + ($1 - mean) } / n
    centre = mean
    let z = x.map { $0 - mean }
    var before = [Double](repeating: 0, count: z.count)
    var current = [Double](repeating: 1, count: z.count)
    norm = [n]
    for k in 0..<degree {
      var sum = 0.0
      for i in z.indices { sum += z[i] * current[i] * current[i] }
      let a = sum / norm[k]
      let b = k == 0 ? 0 : norm[k] / norm[k - 1]
      shift.append(a)
      var square = 0.0
      for i in z.indices {
        let next = (z[i] - a) * current[i] - b * before[i]
        before[i] = current[i]
        current[i] = next
        square += next * next
      }
      norm.append(square)
    }
  }

  private static func hasDistinct(_ x: [Double], _ wanted: Int) -> Bool {
    var found: [Double] = []
    for value in x where !found.contains(value) {
      found.append(value)
      if found.count == wanted { return true }
    }
    return false
  }

  func evaluate(_ x: [Double]) -> [Double] {
    var result: [Double] = []
    result.reserveCapacity(x.count * degree)
    var before = [Double](repeating: 0, count: x.count)
    var current = [Double](repeating: 1, count: x.count)
    for k in 0..<degree {
      let b = k == 0 ? 0 : norm[k] / norm[k - 1]
      let scale = norm[k + 1].squareRoot()
      for i in x.indices {
        let next = (x[i] - centre - shift[k]) * current[i] - b * before[i]
        before[i] = current[i]
        current[i] = next
      }
      for value in current { result.append(value / scale) }
    }
    return result
  }
}
