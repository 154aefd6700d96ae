// First versions, to be replaced file by file (Normal.swift, StudentT.swift, …).
internal import Glibc

/// The normal distribution.
public struct Normal: ContinuousDistribution, Equatable {
  /// The mean.
  public var mean: Double
  /// The standard deviation, positive.
  public var standardDeviation: Double

  /// A normal distribution; standard normal by default.
  public init(mean: Double = 0, standardDeviation: Double = 1) {
    self.mean = mean
    self.standardDeviation = standardDeviation
  }

  /// Mean 0, standard deviation 1.
  public static let standard = Normal()

  /// The density at `x`.
  public func density(_ x: Double) -> Double {
    let z = (x - mean) / standardDeviation
    return exp(-z * z / 2) / (standardDeviation * (2 * Double.pi).squareRoot())
  }
  /// P(X ≤ x).
  public func lowerTail(_ x: Double) -> Double {
    erfc(-(x - mean) / (standardDeviation * 2.0.squareRoot())) / 2
  }
  /// P(X > x).
  public func upperTail(_ x: Double) -> Double {
    erfc((x - mean) / (standardDeviation * 2.0.squareRoot())) / 2
  }
  /// The x with P(X ≤ x) = p.
  public func quantile(_ p: Double) -> Double {
    bisect(from: -40, to: 40, { Normal.standard.lowerTail($0) }, p) * standardDeviation + mean
  }
  /// The x with P(X > x) = p.
  public func upperQuantile(_ p: Double) -> Double { 2 * mean - quantile(p) }
}

/// Student's t distribution.
public struct StudentT: ContinuousDistribution, Equatable {
  /// Degrees of freedom, positive, not necessarily whole.
  public var degreesOfFreedom: Double

  /// A t distribution.
  public init(degreesOfFreedom: Double) { self.degreesOfFreedom = degreesOfFreedom }

  /// The density at `x`.
  public func density(_ x: Double) -> Double {
    let v = degreesOfFreedom
    return exp(
      lgamma((v + 1) / 2) - lgamma(v / 2) - (v + 1) / 2 * log1p(x * x / v)
        - log(v * Double.pi) / 2)
  }
  /// P(X ≤ x).
  public func lowerTail(_ x: Double) -> Double { upperTail(-x) }
  /// P(X > x).
  public func upperTail(_ x: Double) -> Double {
    let v = degreesOfFreedom
    let tail = betaRatio(v / (v + x * x), v / 2, 0.5) / 2
    return x > 0 ? tail : 1 - tail
  }
  /// The x with P(X ≤ x) = p.
  public func quantile(_ p: Double) -> Double { -upperQuantile(p) }
  /// The x with P(X > x) = p.
  public func upperQuantile(_ p: Double) -> Double {
    if p > 0.5 { return -upperQuantile(1 - p) }
    var top = 1.0
    while upperTail(top) > p { top *= 2 }
    return bisect(from: 0, to: top, { -upperTail($0) }, -p)
  }
}

/// The χ² distribution.
public struct ChiSquared: ContinuousDistribution, Equatable {
  /// Degrees of freedom, positive.
  public var degreesOfFreedom: Double

  /// A χ² distribution.
  public init(degreesOfFreedom: Double) { self.degreesOfFreedom = degreesOfFreedom }

  /// The density at `x`.
  public func density(_ x: Double) -> Double {
    let k = degreesOfFreedom / 2
    return x < 0 ? 0 : exp((k - 1) * log(x / 2) - x / 2 - lgamma(k)) / 2
  }
  /// P(X ≤ x).
  public func lowerTail(_ x: Double) -> Double { 1 - upperTail(x) }
  /// P(X > x).
  public func upperTail(_ x: Double) -> Double { gammaUpper(degreesOfFreedom / 2, x / 2) }
  /// The x with P(X ≤ x) = p.
  public func quantile(_ p: Double) -> Double { upperQuantile(1 - p) }
  /// The x with P(X > x) = p.
  public func upperQuantile(_ p: Double) -> Double {
    var top = 1.0
    while upperTail(top) > p { top *= 2 }
    return bisect(from: 0, to: top, { -upperTail($0) }, -p)
  }
}

/// The F distribution.
public struct FDistribution: ContinuousDistribution, Equatable {
  /// Degrees of freedom of the numerator.
  public var numerator: Double
  /// Degrees of freedom of the denominator.
  public var denominator: Double

  /// An F distribution.
  public init(numerator: Double, denominator: Double) {
    self.numerator = numerator
    self.denominator = denominator
  }

  /// The density at `x`.
  public func density(_ x: Double) -> Double {
    let (a, b) = (numerator / 2, denominator / 2)
    let constant: Double = lgamma(a + b) - lgamma(a) - lgamma(b)
    let power: Double = a * log(numerator / denominator) + (a - 1) * log(x)
    return exp(constant + power - (a + b) * log1p(numerator * x / denominator))
  }
  /// P(X ≤ x).
  public func lowerTail(_ x: Double) -> Double { 1 - upperTail(x) }
  /// P(X > x).
  public func upperTail(_ x: Double) -> Double {
    x <= 0
      ? 1 : betaRatio(denominator / (denominator + numerator * x), denominator / 2, numerator / 2)
  }
  /// The x with P(X ≤ x) = p.
  public func quantile(_ p: Double) -> Double { upperQuantile(1 - p) }
  /// The x with P(X > x) = p.
  public func upperQuantile(_ p: Double) -> Double {
    var top = 1.0
    while upperTail(top) > p { top *= 2 }
    return bisect(from: 0, to: top, { -upperTail($0) }, -p)
  }
}

private func bisect(
  from low: Double, to high: Double, _ f: (Double) -> Double, _ target: Double
) -> Double {
  var (low, high) = (low, high)
  for _ in 0..<200 {
    let middle = (low + high) / 2
    if f(middle) < target { low = middle } else { high = middle }
  }
  return (low + high) / 2
}

private func betaRatio(_ x: Double, _ a: Double, _ b: Double) -> Double {
  if x <= 0 { return 0 }
  if x >= 1 { return 1 }
  if x > (a + 1) / (a + b + 2) { return 1 - betaRatio(1 - x, b, a) }
  let front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x)) / a
  var (c, d, value) = (1.0, 1 / (1 - (a + b) * x / (a + 1)), 1 / (1 - (a + b) * x / (a + 1)))
  for m in 1..<10_000 {
    let k = Double(m)
    for numerator in [
      k * (b - k) * x / ((a + 2 * k - 1) * (a + 2 * k)),
      -(a + k) * (a + b + k) * x / ((a + 2 * k) * (a + 2 * k + 1)),
    ] {
      d = 1 / (1 + numerator * d)
      c = 1 + numerator / c
      value *= c * d
    }
    if (c * d - 1).magnitude < 1e-16 { break }
  }
  return front * value
}

private func gammaUpper(_ a: Double, _ x: Double) -> Double {
  if x <= 0 { return 1 }
  let front = exp(a * log(x) - x - lgamma(a))
  if x < a + 1 {
    var (term, sum) = (1 / a, 1 / a)
    for n in 1..<10_000 {
      term *= x / (a + Double(n))
      sum += term
      if term < sum * 1e-17 { break }
    }
    return 1 - front * sum
  }
  var (b, c, d) = (x + 1 - a, 1e300, 1 / (x + 1 - a))
  var h = d
  for i in 1..<10_000 {
    let an = -Double(i) * (Double(i) - a)
    b += 2
    d = 1 / (an * d + b)
    c = b + an / c
    h *= d * c
    if (d * c - 1).magnitude < 1e-16 { break }
  }
  return front * h
}
