internal import Glibc

/// The inversion of a tail in a coordinate z in which the distribution covers the whole line.
///
/// Newton's method on the logarithm of the smaller tail, held inside a bracket that shrinks at
/// every step; it ends when the step is below rounding, so it cannot hang.
enum QuantileSolver {
  /// Which tail a probability belongs to, the smaller of the two for precision.
  struct Target {
    var probability: Double
    var isUpper: Bool

    /// The target of P(X ≤ x) = lower and P(X > x) = upper, which sum to one.
    init(lower: Double, upper: Double) {
      isUpper = upper < lower
      probability = isUpper ? upper : lower
    }
  }

  /// The z at which a tail has the target probability.
  ///
  /// `tails` gives both tails at z, `logSlope` the logarithm of the density with respect to z.
  static func solve(
    _ target: Target, from start: Double, lowest: Double = -750, highest: Double = 750,
    tails: (Double) -> Tails, logSlope: (Double) -> Double
  ) -> Double {
    var (low, high) = (lowest, highest)
    var z = min(max(start.isFinite ? start : 0, low), high)
    let wanted = log(target.probability)
    for _ in 0..<200 {
      let pair = tails(z)
      let tail = target.isUpper ? pair.upper : pair.lower
      let gap = log(tail) - wanted
      if gap == 0 { return z }
      if gap.isNaN { return .nan }
      if (gap > 0) == target.isUpper { low = z } else { high = z }
      let slope = exp(logSlope(z) - log(tail))
      var next = target.isUpper ? z + gap / slope : z - gap / slope
      if !next.isFinite || next <= low || next >= high {
        // Outside the bracket: halve it, geometrically when it is still wide.
        next = low + (high - low) / 2
        if next <= low || next >= high { return z }
      } else if (next - z).magnitude <= 2e-16 * max(z.magnitude, 0.5) {
        return next
      }
      z = next
    }
    return z
  }
}
