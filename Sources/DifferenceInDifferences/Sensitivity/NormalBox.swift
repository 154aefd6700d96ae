internal import Glibc
internal import LinearAlgebra
internal import Statistics

/// The probability that normal variables lie in a box around zero, and their means given that they
/// do, without random numbers.
///
/// One variable after the other is taken given those before it, and the last is integrated in closed
/// form. Up to six variables the others are integrated by a product of Gauss–Legendre rules (errors
/// below 1e-9 up to five variables with correlations up to 0.9, below 1e-5 at six); beyond, after
/// Genz's change to a unit cube (1992, doi 10.1080/10618600.1992.10477010), by a fixed rank-1
/// lattice with the tent transformation (errors of 1e-4 to 3e-4).
struct NormalBox {
  private let dimensions: Int
  /// Points in the unit cube, one after the other, and their weights.
  private let points: [Double]
  private let shares: [Double]
  private let lower: [[Double]]
  private let halfWidth: [Double]
  /// Whether points are places between limits rather than shares of probability.
  private let isProduct: Bool

  /// |X_i| ≤ halfWidth_i for X with a covariance.
  ///
  /// - Throws: `notPositiveDefinite`.
  init(covariance: Matrix, halfWidth: [Double]) throws(LinearAlgebraError) {
    let factor = try Cholesky(covariance).lower
    lower = (0..<halfWidth.count).map { factor.row($0) }
    self.halfWidth = halfWidth
    dimensions = halfWidth.count - 1
    let nodes = [1, 48, 40, 20, 14, 9]
    isProduct = dimensions < nodes.count
    if isProduct {
      (points, shares) = Self.product(GaussLegendre(nodes[dimensions]), dimensions)
    } else {
      points = Self.lattice(dimensions)
      let count = points.count / dimensions
      shares = [Double](repeating: 1 / Double(count), count: count)
    }
  }

  private static func product(
    _ rule: GaussLegendre, _ dimensions: Int
  ) -> (points: [Double], shares: [Double]) {
    var count = 1
    for _ in 0..<dimensions { count *= rule.nodes.count }
    var points: [Double] = []
    var shares: [Double] = []
    points.reserveCapacity(count * dimensions)
    for index in 0..<count {
      var rest = index
      var share = 1.0
      for _ in 0..<dimensions {
        let node = rest % rule.nodes.count
        rest /= rule.nodes.count
        points.append((1 + rule.nodes[node]) / 2)
        share *= rule.weights[node] / 2
      }
      shares.append(share)
    }
    return (points, shares)
  }

  /// A lattice whose steps are the powers of one generator (Korobov), folded so that opposite faces
  /// agree.
  private static func lattice(_ dimensions: Int) -> [Double] {
    let count = 16384
    let generator = 6229
    var steps: [Int] = [1]
    while steps.count < dimensions { steps.append(steps[steps.count - 1] * generator % count) }
    return (0..<count).flatMap { k in
      steps.map { step in
        let u = (Double(k * step % count) + 0.5) / Double(count)
        return 1 - (2 * u - 1).magnitude
      }
    }
  }

  /// The probability of the box, and the means of the variables within it.
  func moments(mean: [Double]) -> (probability: Double, means: [Double]) {
    let n = halfWidth.count
    let normal = Normal.standard
    var probability = 0.0
    // Of the independent normals that the variables are made of.
    var sums = [Double](repeating: 0, count: n)
    var z = [Double](repeating: 0, count: n)
    for index in shares.indices {
      var weight = shares[index]
      for i in 0..<n where weight > 0 {
        var shift = mean[i]
        let row = lower[i]
        for j in 0..<i { shift += row[j] * z[j] }
        let (a, b) = ((-halfWidth[i] - shift) / row[i], (halfWidth[i] - shift) / row[i])
        if i < n - 1 {
          let point = points[index * dimensions + i]
          weight *= isProduct ? Self.place(point, a, b, &z[i]) : Self.share(point, a, b, &z[i])
        } else {
          let inside = Self.between(a, b)
          z[i] = inside > 0 ? (normal.density(a) - normal.density(b)) / inside : 0
          weight *= inside
        }
      }
      guard weight > 0 else { continue }
      probability += weight
      for i in 0..<n { sums[i] += weight * z[i] }
    }
    let means = (0..<n).map { i in
      (0...i).reduce(mean[i]) { $0 + lower[i][$1] * sums[$1] / probability }
    }
    return (probability, means)
  }

  /// The z at a share of the way between two limits, and the density's mass there.
  private static func place(_ point: Double, _ a: Double, _ b: Double, _ z: inout Double) -> Double
  {
    // Beyond 8.5 there is nothing: less than 1e-17.
    let (from, to) = (max(a, -8.5), min(b, 8.5))
    guard to > from else { return 0 }
    z = from + point * (to - from)
    return exp(-z * z / 2) * (to - from) / (2 * Double.pi).squareRoot()
  }

  /// The z below which a share of the probability between two limits lies, and that probability.
  private static func share(_ point: Double, _ a: Double, _ b: Double, _ z: inout Double) -> Double
  {
    let normal = Normal.standard
    // In the tail where digits are kept.
    let flips = a > 0
    let from = normal.lowerTail(flips ? -b : a)
    let inside = normal.lowerTail(flips ? -a : b) - from
    guard inside > 0 else { return 0 }
    let inner = normal.quantile(from + point * inside)
    z = flips ? -inner : inner
    return inside
  }

  private static func between(_ a: Double, _ b: Double) -> Double {
    let normal = Normal.standard
    return a > 0
      ? normal.upperTail(a) - normal.upperTail(b) : normal.lowerTail(b) - normal.lowerTail(a)
  }
}
