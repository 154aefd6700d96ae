internal import Glibc

/// The noncentral t distribution: (Z + δ)/√(χ²ᵥ/v), what a t statistic follows when there is an effect.
///
/// Its tails are the normal's, Φ(tu − δ), averaged over u = √(χ²ᵥ/v) by Gauss–Legendre quadrature on
/// panels cut where Φ turns. All terms are positive, so a small tail keeps its relative precision.
/// Johnson, Kotz & Balakrishnan (1995), *Continuous Univariate Distributions 2*, chapter 31.
public struct NoncentralT: Sendable, Equatable {
  /// Degrees of freedom, at least 1; +∞ is the normal distribution around δ.
  public var degreesOfFreedom: Double
  /// δ, the mean of the normal in the numerator.
  public var noncentrality: Double

  /// A noncentral t distribution.
  public init(degreesOfFreedom: Double, noncentrality: Double) {
    self.degreesOfFreedom = degreesOfFreedom
    self.noncentrality = noncentrality
  }

  /// P(T ≤ t); NaN for degrees of freedom below 1.
  public func lowerTail(_ t: Double) -> Double { tail(t, isUpper: false) }

  /// P(T > t); NaN for degrees of freedom below 1.
  public func upperTail(_ t: Double) -> Double { tail(t, isUpper: true) }

  /// The noncentrality at which P(T > t) is `power`, by bisection.
  ///
  /// `power` lies between 0 and 1 and `t` is finite; else the result is NaN.
  public static func noncentrality(
    exceeding t: Double, power: Double, degreesOfFreedom: Double
  ) -> Double {
    guard power > 0, power < 1, t.isFinite, degreesOfFreedom >= 1 else { return .nan }
    func reach(_ delta: Double) -> Double {
      NoncentralT(degreesOfFreedom: degreesOfFreedom, noncentrality: delta).upperTail(t)
    }
    var step = 1.0
    var (low, high) = (t - 1, t + 1)
    while reach(low) > power, step < 1e300 {
      step *= 2
      low = t - step * max(1, t.magnitude)
    }
    step = 1
    while reach(high) < power, step < 1e300 {
      step *= 2
      high = t + step * max(1, t.magnitude)
    }
    while true {
      let middle = low + (high - low) / 2
      guard middle > low, middle < high else { return middle }
      if reach(middle) < power { low = middle } else { high = middle }
    }
  }

  private func tail(_ t: Double, isUpper: Bool) -> Double {
    let (v, delta) = (degreesOfFreedom, noncentrality)
    guard v >= 1, !t.isNaN, delta.isFinite else { return .nan }
    let normal = Normal.standard
    func inner(_ u: Double) -> Double {
      isUpper ? normal.upperTail(t * u - delta) : normal.lowerTail(t * u - delta)
    }
    // Where u can't be told from 1 the distribution is the normal around δ.
    if v >= 1e15 || t == 0 { return inner(1) }
    if t.isInfinite { return (t > 0) == isUpper ? 0 : 1 }
    let spread = 1 / (2 * v).squareRoot()
    let (low, high) = (max(0, 1 - 13 * spread), 1 + 13 * spread)
    var cuts = (0...8).map { low + (high - low) * Double($0) / 8 }
    cuts += [-8, -4, -2, 0, 2, 4, 8].map { (delta + $0) / t }.filter { $0 > low && $0 < high }
    cuts.sort()
    // The density of u: v^(v/2) u^(v−1) exp(−vu²/2) / (2^(v/2−1) Γ(v/2)), with the exponent taken from
    // its height at 1 so that nothing large cancels.
    let scale =
      v < 30
      ? v / 2 * log(v) - (v / 2 - 1) * log(2) - SpecialFunctions.logGamma(v / 2) - v / 2
      : 0.5 * log(v / Double.pi) - SpecialFunctions.stirlingError(v / 2)
    var sum = 0.0
    for (start, end) in zip(cuts, cuts.dropFirst()) where end > start {
      let (middle, half) = ((start + end) / 2, (end - start) / 2)
      for (node, weight) in NoncentralT.rule {
        let u = middle + half * node
        guard u > 0 else { continue }
        // v (log u − (u² − 1)/2) − log u, written in u − 1 where both parts nearly cancel.
        let offset = u - 1
        let bulk =
          offset > -0.5
          ? SpecialFunctions.log1pMinusIdentity(offset) - offset * offset / 2
          : log(u) - offset * (u + 1) / 2
        let exponent = scale + v * bulk - log(u)
        sum += half * weight * exp(exponent) * inner(u)
      }
    }
    return min(1, sum)
  }

  /// Twenty-four nodes and weights on −1…1, by Newton's method on the Legendre polynomial.
  private static let rule: [(node: Double, weight: Double)] = {
    let count = 24
    return (0..<count).map { k in
      var x = cos(Double.pi * (Double(k) + 0.75) / (Double(count) + 0.5))
      var slope = 1.0
      for _ in 0..<100 {
        var (before, value) = (1.0, x)
        for n in 2...count {
          let next = (Double(2 * n - 1) * x * value - Double(n - 1) * before) / Double(n)
          (before, value) = (value, next)
        }
        slope = Double(count) * (x * value - before) / (x * x - 1)
        let step = value / slope
        x -= step
        if step.magnitude < 1e-16 { break }
      }
      return (x, 2 / ((1 - x * x) * slope * slope))
    }
  }()
}
