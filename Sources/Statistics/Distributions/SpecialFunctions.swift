internal import Glibc
internal import RealModule

/// Building blocks of densities and tails that keep full precision for large parameters.
///
/// Γ and powers are never taken apart: a density is written as a Gaussian-like prefactor times
/// exp(−deviance), with the deviance computed without cancellation (Loader 2000, "Fast and
/// accurate computation of binomial probabilities").
enum SpecialFunctions {
  static let logSquareRootTwoPi = 0.918938533204672741780329736406

  /// log Γ(x) for positive x.
  static func logGamma(_ x: Double) -> Double { Double.logGamma(x) }

  /// log(1 + u) − u, without cancellation for small u; u > −1.
  static func log1pMinusIdentity(_ u: Double) -> Double {
    let s = u / (2 + u)
    guard s.magnitude < 0.3 else { return log1p(u) - u }
    // log(1 + u) = 2 artanh s, and u − 2s = us.
    let square = s * s
    var (power, sum, odd) = (1.0, 0.0, 3.0)
    while true {
      let next = sum + power / odd
      if next == sum { break }
      sum = next
      power *= square
      odd += 2
    }
    return 2 * s * square * sum - u * s
  }

  /// The saddle-point deviance x log(x/m) + m − x for positive x and m.
  static func deviance(_ x: Double, _ m: Double) -> Double {
    if x == 0 { return m }
    if !x.isFinite || !m.isFinite || m == 0 { return .infinity }
    let u = (m - x) / x
    guard u > -0.6, u < 1e10 else { return x * log(x / m) + (m - x) }
    return -x * log1pMinusIdentity(u)
  }

  /// The error of Stirling's formula: log Γ(z + 1) − (z + ½) log z + z − ½ log 2π, z > 0.
  static func stirlingError(_ z: Double) -> Double {
    if z >= 16 {
      let w = 1 / (z * z)
      let tail = 1.0 / 1188 - w * (691.0 / 360_360 - w * (1.0 / 156 - w * 3617.0 / 122_400))
      let middle = 1.0 / 360 - w * (1.0 / 1260 - w * (1.0 / 1680 - w * tail))
      return (1.0 / 12 - w * middle) / z
    }
    if z <= 1 {
      return logGammaOnePlus(z) - (z + 0.5) * log(z) + z - logSquareRootTwoPi
    }
    // δ(z) = δ(z + 1) + (z + ½) log(1 + 1/z) − 1, each step exact to rounding.
    var (shifted, sum) = (z, 0.0)
    while shifted < 16 {
      let u = 1 / shifted
      sum += (shifted + 0.5) * log1pMinusIdentity(u) + 0.5 * u
      shifted += 1
    }
    return stirlingError(shifted) + sum
  }

  /// log Γ(1 + a) with full relative precision for small a ≥ 0.
  static func logGammaOnePlus(_ a: Double) -> Double {
    guard a < 0.0625 else { return logGamma(1 + a) }
    // Σ (−1)ᵏ ζ(k) aᵏ / k
    let zeta = [
      1.644934066848226437, 1.202056903159594285, 1.082323233711138192, 1.036927755143369926,
      1.017343061984449140, 1.008349277381922827, 1.004077356197944339, 1.002008392826082214,
      1.000994575127818085, 1.000494188604119465, 1.000246086553308048, 1.000122713347578489,
    ]
    var sum = 0.0
    for k in stride(from: zeta.count + 1, through: 2, by: -1) {
      let term = zeta[k - 2] / Double(k)
      sum = sum * a + (k % 2 == 0 ? term : -term)
    }
    return a * (a * sum - 0.577215664901532861)
  }

  /// log Γ(a + b) − log Γ(a) − b log(a + b) for a ≥ 10 and b ≥ 0, without cancellation.
  static func logGammaRatioScaled(_ a: Double, _ b: Double) -> Double {
    let u = b / a
    let leading = a * log1pMinusIdentity(u) - 0.5 * log1p(u)
    return leading + stirlingError(a + b) - stirlingError(a)
  }

  /// The Poisson-like prefactor xᵃ e⁻ˣ / Γ(a + 1) as a logarithm, for a > 0 and x > 0.
  static func logGammaPrefactor(_ a: Double, _ x: Double) -> Double {
    -deviance(a, x) - stirlingError(a) - 0.5 * log(a) - logSquareRootTwoPi
  }

  /// log(1 − eˣ) for x < 0.
  static func log1mExp(_ x: Double) -> Double {
    x > -0.6931471805599453 ? log(-expm1(x)) : log1p(-exp(x))
  }
}

/// The two tails of a distribution at a point, each to full relative precision.
struct Tails {
  var lower: Double
  var upper: Double

  static let undefined = Tails(lower: .nan, upper: .nan)

  var swapped: Tails { Tails(lower: upper, upper: lower) }
}
