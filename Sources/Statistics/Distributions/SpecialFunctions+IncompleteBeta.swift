internal import Glibc

extension SpecialFunctions {
  /// A point of the regularised incomplete beta function with all that must not be rounded twice.
  struct BetaPoint {
    var a: Double
    var b: Double
    /// x and its complement y = 1 − x, each to full relative precision.
    var x: Double
    var y: Double
    /// (a + b) x − a, to full relative precision: the distance from the mean on the count scale.
    var excess: Double

    /// A point given by x itself.
    init(a: Double, b: Double, x: Double) {
      let total = a + b
      let lost = a > b ? b - (total - a) : a - (total - b)
      self.init(
        a: a, b: b, x: x, y: 1 - x, excess: (-a).addingProduct(total, x) + lost * x)
    }

    init(a: Double, b: Double, x: Double, y: Double, excess: Double) {
      self.a = a
      self.b = b
      self.x = x
      self.y = y
      self.excess = excess
    }

    var mirrored: BetaPoint { BetaPoint(a: b, b: a, x: y, y: x, excess: -excess) }
  }

  /// log of xᵃ yᵇ / B(a, b), by the saddle-point deviance.
  static func logBetaPrefactor(_ point: BetaPoint) -> Double {
    let (a, b) = (point.a, point.b)
    let n = a + b
    let left = point.excess / a
    let right = -point.excess / b
    let leftLog = left > -0.6 ? log1pMinusIdentity(left) : log(n * point.x / a) - left
    let rightLog = right > -0.6 ? log1pMinusIdentity(right) : log(n * point.y / b) - right
    let errors = stirlingError(n) - stirlingError(a) - stirlingError(b)
    // ab/(a + b) without overflow or underflow
    let smaller = min(a, b)
    let larger = max(a, b)
    let spread = 0.5 * log(smaller / (1 + smaller / larger)) - logSquareRootTwoPi
    return (a * leftLog + b * rightLog) + (errors + spread)
  }

  /// The regularised incomplete beta function Iₓ(a, b) and its complement.
  ///
  /// Small second parameter: a positive series, or for x near one the expansion in incomplete gamma
  /// functions; otherwise the continued fraction on the side of the mean where it is fast and
  /// positive (DiDonato & Morris 1992, doi 10.1145/131766.131776). Neither tail is got by
  /// subtraction when it is small.
  static func incompleteBeta(_ point: BetaPoint) -> Tails {
    let (a, b) = (point.a, point.b)
    guard a > 0, b > 0, !point.x.isNaN, !point.excess.isNaN else { return .undefined }
    guard point.x > 0 else { return Tails(lower: 0, upper: 1) }
    guard point.y > 0 else { return Tails(lower: 1, upper: 0) }
    if b <= 1 {
      let lower = lowerSmallSecond(point)
      if a <= 1, lower > 0.5 {
        return Tails(lower: lower, upper: lowerSmallSecond(point.mirrored))
      }
      guard a > 1, lower > 0.5 else { return Tails(lower: lower, upper: 1 - lower) }
      return Tails(lower: lower, upper: lowerGeneral(point.mirrored))
    }
    if a <= 1 { return incompleteBeta(point.mirrored).swapped }
    if point.excess <= 0 {
      let lower = lowerGeneral(point)
      return Tails(lower: lower, upper: 1 - lower)
    }
    let upper = lowerGeneral(point.mirrored)
    return Tails(lower: 1 - upper, upper: upper)
  }

  /// Iₓ(a, b) for b > 1, at or below the mean (or the median when a ≤ 1).
  private static func lowerGeneral(_ point: BetaPoint) -> Double {
    if point.a < 1 {
      // Iₓ(a, b) = xᵃyᵇ/(a B(a, b)) + Iₓ(a + 1, b)
      var raised = point
      raised.a += 1
      raised.excess -= point.y
      return exp(logBetaPrefactor(point)) / point.a + lowerGeneral(raised)
    }
    if point.b <= 40, point.x > 0.7 {
      // Iₓ(a, b) = Iₓ(a, b − n) + positive terms
      var reduced = point
      var term = exp(logBetaPrefactor(point))
      var sum = 0.0
      while reduced.b > 1 {
        reduced.b -= 1
        reduced.excess -= point.x
        term *= reduced.b / (point.y * (reduced.a + reduced.b))
        sum += term / reduced.b
      }
      return sum + (reduced.b > 0 ? lowerSmallSecond(reduced) : 0)
    }
    return exp(logBetaPrefactor(point)) / fraction(point)
  }

  /// The denominator of Iₓ(a, b) = xᵃyᵇ/B(a, b) / f, for a, b ≥ 1 at or below the mean.
  private static func fraction(_ point: BetaPoint) -> Double {
    let (a, b, x) = (point.a, point.b, point.x)
    var value = a * (1 - point.excess) / (a + 1)
    var (c, d) = (value, 0.0)
    var m = 1.0
    while m < 1e7 {
      let wide = a + 2 * m - 1
      let shared = m * (b - m) * x / wide
      let numerator = shared * x * ((a + m - 1) / wide) * (a + b + m - 1)
      let third = (a + m) * (1 - point.excess + m * (1 + point.y)) / (a + 2 * m + 1)
      let denominator = m + shared + third
      d = 1 / (denominator + numerator * d)
      c = denominator + numerator / c
      let factor = c * d
      value *= factor
      if (factor - 1).magnitude <= 2e-16 { break }
      m += 1
    }
    return value
  }

  /// Iₓ(a, b) for b ≤ 1, at any x.
  private static func lowerSmallSecond(_ point: BetaPoint) -> Double {
    let (a, b, x) = (point.a, point.b, point.x)
    if x <= 0.8 {
      // xᵃyᵇ/(a B) · ₂F₁(a + b, 1; a + 1; x), every term positive
      var (term, sum, k) = (1.0, 1.0, 0.0)
      while true {
        term *= x * ((a + b + k) / (a + 1 + k))
        let next = sum + term
        if next == sum { break }
        sum = next
        k += 1
      }
      return exp(logBetaPrefactor(point)) / a * sum
    }
    guard a < 20 else { return gammaExpansion(point) }
    var raised = point
    var term = exp(logBetaPrefactor(point))
    var sum = 0.0
    while raised.a < 20 {
      sum += term / raised.a
      term *= x * (raised.a + b) / raised.a
      raised.a += 1
    }
    return sum + gammaExpansion(raised)
  }

  /// Iₓ(a, b) for a ≥ 20 and b ≤ 1 in incomplete gamma functions (DiDonato & Morris 1992, §9).
  private static func gammaExpansion(_ point: BetaPoint) -> Double {
    let (a, b) = (point.a, point.b)
    let centre = a + (b - 1) / 2
    let logarithm = point.y < 0.5 ? log1p(-point.y) : log(point.x)
    let u = -centre * logarithm
    let leading = incompleteGamma(b, u).upper
    let prefactor = exp(logGammaPrefactor(b, u) + log(b))
    let ratio = logGammaRatioScaled(a, b) + b * log1p((b + 1) / (2 * centre))
    let quarter = 4 * centre * centre
    let square = logarithm * logarithm / 4
    var coefficients = [1.0]
    var factorials = [1.0]  // 1/(2n + 1)!
    var (integral, sum, power, shifted) = (leading, leading, 1.0, b)
    for n in 1..<30 {
      let count = Double(n)
      factorials.append(factorials[n - 1] / (2 * count * (2 * count + 1)))
      var value = 0.0
      for m in 1..<max(n, 1) {
        value += (Double(m) * b - count) * coefficients[n - m] * factorials[m]
      }
      value = value / count + (b - 1) * factorials[n]
      coefficients.append(value)
      integral =
        (shifted * (shifted + 1) * integral + (u + shifted + 1) * power * prefactor)
        / quarter
      power *= square
      shifted += 2
      let next = sum + value * integral
      if next == sum { break }
      sum = next
    }
    return min(1, exp(ratio) * sum)
  }
}
