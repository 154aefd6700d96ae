internal import Glibc
internal import Statistics

/// The distribution of |Z + t| for a standard normal Z.
enum FoldedNormal {
  /// The c with P(|Z + t| ≤ c) = level, by Newton's method kept within a bracket.
  static func quantile(bias: Double, level: Double) -> Double {
    let t = bias.magnitude
    let normal = Normal.standard
    let outside = 1 - level
    // Far from zero only one tail counts.
    var low = t + normal.upperQuantile(outside)
    var high = t + normal.upperQuantile(outside / 2)
    if t > 40 { return low }
    low = max(low, 0)
    var c = high
    for _ in 0..<200 {
      let excess = normal.upperTail(c - t) + normal.upperTail(c + t) - outside
      if excess > 0 { low = c } else { high = c }
      let step = excess / (normal.density(c - t) + normal.density(c + t))
      var next = c + step
      if !(next > low && next < high) { next = (low + high) / 2 }
      if (next - c).magnitude <= 1e-15 * max(1, c) { return next }
      c = next
    }
    return c
  }

  /// How fast the quantile grows with the bias: tanh(ct).
  static func slope(bias: Double, quantile: Double) -> Double { tanh(quantile * bias.magnitude) }
}
