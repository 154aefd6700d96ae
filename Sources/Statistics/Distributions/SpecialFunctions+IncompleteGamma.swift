internal import Glibc

extension SpecialFunctions {
  /// The regularised incomplete gamma functions P(a, x) and Q(a, x), for a > 0.
  ///
  /// Series below the mean, Legendre's continued fraction above it, Temme's uniform expansion
  /// (1979, doi 10.1137/0510071) for large a near the mean, and for a ≤ 1 a series for Q that does
  /// not subtract from one.
  static func incompleteGamma(_ a: Double, _ x: Double) -> Tails {
    guard a > 0, !x.isNaN else { return .undefined }
    guard x > 0 else { return Tails(lower: 0, upper: 1) }
    guard x < .infinity else { return Tails(lower: 1, upper: 0) }
    guard a < .infinity else { return Tails(lower: 0, upper: 1) }
    if a >= 1000, (x - a).magnitude < 0.4 * a { return temme(a, x) }
    if a <= 1, x < 1.5 {
      return Tails(lower: lowerSeries(a, x), upper: upperSmall(a, x))
    }
    if x < a {
      let lower = lowerSeries(a, x)
      return Tails(lower: lower, upper: 1 - lower)
    }
    let upper = upperFraction(a, x)
    return Tails(lower: 1 - upper, upper: upper)
  }

  /// P by its power series; every term is positive.
  private static func lowerSeries(_ a: Double, _ x: Double) -> Double {
    var (term, sum, shifted) = (1.0, 1.0, a)
    while true {
      shifted += 1
      term *= x / shifted
      let next = sum + term
      if next == sum { break }
      sum = next
    }
    return exp(logGammaPrefactor(a, x)) * sum
  }

  /// Q for a ≤ 1 and x below about 1.5: 1 − xᵃ/Γ(1 + a) by `expm1`, then an alternating series.
  private static func upperSmall(_ a: Double, _ x: Double) -> Double {
    let exponent = a * log(x) - logGammaOnePlus(a)
    var (term, sum, k) = (1.0, 0.0, 1.0)
    while k < 100 {
      term *= -x / k
      let next = sum + term / (a + k)
      if next == sum { break }
      sum = next
      k += 1
    }
    return -expm1(exponent) - exp(exponent) * a * sum
  }

  /// Q by Legendre's continued fraction (modified Lentz).
  private static func upperFraction(_ a: Double, _ x: Double) -> Double {
    var b = x + 1 - a
    var (c, d) = (1e300, 1 / b)
    var value = d
    var i = 1.0
    while i < 1e6 {
      let numerator = -i * (i - a)
      b += 2
      d = 1 / (numerator * d + b)
      c = b + numerator / c
      let factor = c * d
      value *= factor
      if (factor - 1).magnitude <= 2e-16 { break }
      i += 1
    }
    return exp(logGammaPrefactor(a, x) + log(a)) * value
  }

  /// Temme's uniform expansion; both tails share the exponential, so neither loses precision.
  private static func temme(_ a: Double, _ x: Double) -> Tails {
    let ratio = (x - a) / a
    let half = -log1pMinusIdentity(ratio)  // η²/2
    let eta = ratio < 0 ? -(2 * half).squareRoot() : (2 * half).squareRoot()
    let reach = eta * (a / 2).squareRoot()
    var (scale, correction) = (1.0, 0.0)
    for row in temmeCoefficients {
      var inner = 0.0
      for coefficient in row.reversed() { inner = inner * eta + coefficient }
      correction += inner * scale
      scale /= a
    }
    correction *= exp(-a * half) / (2 * Double.pi * a).squareRoot()
    return Tails(lower: erfc(-reach) / 2 - correction, upper: erfc(reach) / 2 + correction)
  }

  /// Taylor coefficients in η of Temme's c₀ … c₅, by the recurrences of DLMF 8.12.10–8.12.13.
  private static let temmeCoefficients: [[Double]] = {
    let (orders, terms) = (6, 26)
    var alpha = [0.0, 1.0, 1.0 / 3]
    for n in 3...(terms + 2 * orders + 2) {
      var value = alpha[n - 1]
      for k in 2..<n { value -= Double(k) * alpha[k] * alpha[n - k + 1] }
      alpha.append(value / Double(n + 1))
    }
    let stirling = [
      1.0, 1.0 / 12, 1.0 / 288, -139.0 / 51840, -571.0 / 2_488_320, 163_879.0 / 209_018_880,
    ]
    let width = terms + 2 * orders
    // c₀ = 1/μ − 1/η, whose constant term breaks the pattern of the others.
    var first = (0..<width).map { Double($0 + 2) * alpha[$0 + 2] }
    first[0] = -1.0 / 3
    var rows = [first]
    for k in 1..<orders {
      let sign: Double = k % 2 == 0 ? 1 : -1
      rows.append(
        (0..<(width - 2 * k)).map { n in
          sign * stirling[k] * first[n] + Double(n + 2) * rows[k - 1][n + 2]
        })
    }
    return rows.map { Array($0.prefix(terms)) }
  }()
}
