internal import Glibc
internal import LinearAlgebra

/// The distribution of the greatest of several linear functions of two normal variables.
///
/// In polar coordinates the radius drops out: P(max > c) is the mean over directions u of
/// exp(−c²/2m²), m the greatest function at u where it is positive. Between directions at which the
/// greatest function changes the integrand is smooth, so that Gauss–Legendre panels give all
/// digits. Their sum is one of Owen's T functions.
struct LeastFavorable {
  private let arcs: [(radius: Double, from: Double, to: Double)]

  /// Functions slope·x + before·g of two normal variables with given variances and covariance.
  init(_ functions: [InequalityCombination], xx: Double, xg: Double, gg: Double) {
    // x = l₁₁z₁, g = l₂₁z₁ + l₂₂z₂.
    let l11 = xx.squareRoot()
    let l21 = xg / l11
    let l22 = max(0, gg - l21 * l21).squareRoot()
    let points = functions.map { ($0.slope * l11 + $0.before * l21, $0.before * l22) }
    let polar = points.map { (radius: hypot($0.0, $0.1), angle: atan2($0.1, $0.0)) }
    var breaks: [Double] = [-Double.pi, Double.pi]
    for (i, a) in points.enumerated() {
      for sign in [-1.0, 1] { breaks.append(polar[i].angle + sign * Double.pi / 2) }
      for b in points.dropFirst(i + 1) {
        // Two functions are equal across the direction that joins their points.
        let across = atan2(a.0 - b.0, b.1 - a.1)
        breaks.append(across)
        breaks.append(across + Double.pi)
      }
    }
    let wrapped = breaks.map { remainder($0, 2 * Double.pi) }.sorted()
    var arcs: [(radius: Double, from: Double, to: Double)] = []
    var previous: (function: Int, end: Double)?
    for (from, to) in zip(wrapped, wrapped.dropFirst()) where to - from > 1e-14 {
      let middle = (from + to) / 2
      let height = polar.map { $0.radius * cos(middle - $0.angle) }
      guard let best = height.indices.max(by: { height[$0] < height[$1] }), height[best] > 0
      else { continue }
      // Angles count from the function's own direction, so that no arc is cut at ±π.
      let width = to - from
      let start = remainder(middle - polar[best].angle, 2 * Double.pi) - width / 2
      if let previous, previous.function == best, previous.end == from {
        arcs[arcs.count - 1].to += width
      } else {
        arcs.append((polar[best].radius, start, start + width))
      }
      previous = (best, to)
    }
    self.arcs = arcs
  }

  /// P(max > c) for c ≥ 0, and how fast it falls with c.
  func upperTail(_ c: Double) -> (probability: Double, slope: Double) {
    var sum = 0.0
    var fall = 0.0
    for arc in arcs {
      let panels = max(1, Int(((arc.to - arc.from) / 0.4).rounded(.up)))
      let width = (arc.to - arc.from) / Double(panels)
      for panel in 0..<panels {
        let centre = arc.from + (Double(panel) + 0.5) * width
        for (node, weight) in zip(GaussLegendre.twenty.nodes, GaussLegendre.twenty.weights) {
          let perC = 1 / (arc.radius * cos(centre + node * width / 2))
          let share = weight * width * exp(-c * perC * c * perC / 2)
          sum += share
          fall += share * perC * perC
        }
      }
    }
    return (sum / (4 * Double.pi), -c * fall / (4 * Double.pi))
  }

  /// The c ≥ 0 with P(max > c) = p, by Newton's method on log P within a bracket; 0 where even zero
  /// is exceeded less often.
  func upperQuantile(_ p: Double) -> Double {
    let radius = arcs.reduce(0) { max($0, $1.radius) }
    guard radius > 0, upperTail(0).probability > p else { return 0 }
    var low = 0.0
    var high = radius
    while upperTail(high).probability > p {
      low = high
      high *= 2
    }
    var c = (low + high) / 2
    for _ in 0..<100 {
      let (probability, slope) = upperTail(c)
      if probability > p { low = c } else { high = c }
      var next = c - (log(probability) - log(p)) * probability / slope
      if !(next > low && next < high) { next = (low + high) / 2 }
      if (next - c).magnitude <= 1e-14 * c { return next }
      c = next
    }
    return c
  }
}
