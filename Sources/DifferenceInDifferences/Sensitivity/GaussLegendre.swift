internal import Glibc

/// Gauss–Legendre nodes and weights on [−1, 1].
struct GaussLegendre {
  let nodes: [Double]
  let weights: [Double]

  static let twenty = GaussLegendre(20)

  /// The rule of `count` nodes, by Newton's method on the Legendre polynomial.
  init(_ count: Int) {
    var nodes = [Double](repeating: 0, count: count)
    var weights = nodes
    for i in 0..<count {
      var x = cos(Double.pi * (Double(i) + 0.75) / (Double(count) + 0.5))
      var slope = 1.0
      for _ in 0..<100 {
        var before = 1.0
        var value = x
        for k in 2..<(max(count, 1) + 1) {
          (before, value) = (
            value, (Double(2 * k - 1) * x * value - Double(k - 1) * before) / Double(k)
          )
        }
        slope = Double(count) * (x * value - before) / (x * x - 1)
        let step = value / slope
        x -= step
        if step.magnitude < 1e-16 { break }
      }
      nodes[i] = x
      weights[i] = 2 / ((1 - x * x) * slope * slope)
    }
    self.nodes = nodes
    self.weights = weights
  }
}
