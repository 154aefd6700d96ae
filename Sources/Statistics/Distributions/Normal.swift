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

  private func standardised(_ x: Double) -> Double {
    standardDeviation > 0 ? (x - mean) / standardDeviation : .nan
  }

  /// The density at `x`.
  public func density(_ x: Double) -> Double {
    let z = standardised(x)
    // exp(−z²/2) with the square's rounding error put back.
    let square = z * z
    let lost = (-square).addingProduct(z, z)
    let height = exp(-square / 2)
    let corrected = lost.isFinite ? height - height * lost / 2 : height
    return corrected / (standardDeviation * (2 * Double.pi).squareRoot())
  }

  /// The natural logarithm of the density at `x`.
  public func logDensity(_ x: Double) -> Double {
    let z = standardised(x)
    return -z * z / 2 - log(standardDeviation) - SpecialFunctions.logSquareRootTwoPi
  }

  /// P(X ≤ x).
  public func lowerTail(_ x: Double) -> Double { Normal.tail(-standardised(x)) }

  /// P(X > x).
  public func upperTail(_ x: Double) -> Double { Normal.tail(standardised(x)) }

  /// log P(X > x), finite where the tail itself underflows.
  public func logUpperTail(_ x: Double) -> Double {
    let z = standardised(x)
    if z < -1 { return log1p(-Normal.tail(-z)) }
    if z < 35 { return log(Normal.tail(z)) }
    let w = 1 / (z * z)
    let series = 1 - w * (1 - 3 * w * (1 - 5 * w * (1 - 7 * w * (1 - 9 * w))))
    return -z * z / 2 - SpecialFunctions.logSquareRootTwoPi - log(z) + log(series)
  }

  /// log P(X ≤ x), finite where the tail itself underflows.
  public func logLowerTail(_ x: Double) -> Double {
    Normal.standard.logUpperTail(-standardised(x))
  }

  /// The x with P(X ≤ x) = p.
  public func quantile(_ p: Double) -> Double {
    standardDeviation > 0 ? Normal.deviate(p) * standardDeviation + mean : .nan
  }

  /// The x with P(X > x) = p.
  public func upperQuantile(_ p: Double) -> Double {
    standardDeviation > 0 ? mean - Normal.deviate(p) * standardDeviation : .nan
  }

  /// P(Z > z); z/√2 is carried with its rounding error, which the far tail would magnify.
  private static func tail(_ z: Double) -> Double {
    let w = z * 0.7071067811865476
    let value = erfc(w) / 2
    guard z > 3, value > 0 else { return value }
    // 1/√2 = 0.7071067811865476 − 4.833646656726457e-17
    let lost = (-w).addingProduct(z, 0.7071067811865476) - z * 4.833646656726457e-17
    return value - lost * exp(-w * w) / Double.pi.squareRoot()
  }

  /// The standard normal quantile by Wichura's rational functions (algorithm AS 241, 1988,
  /// doi 10.2307/2347330), good to about 1e-16.
  private static func deviate(_ p: Double) -> Double {
    guard p >= 0, p <= 1 else { return .nan }
    if p == 0 { return -.infinity }
    if p == 1 { return .infinity }
    let q = p - 0.5
    if q.magnitude <= 0.425 {
      let r = 0.180625 - q * q
      return q * horner(r, centralAbove) / horner(r, centralBelow)
    }
    var r = (-log(q < 0 ? p : 1 - p)).squareRoot()
    let value: Double
    if r <= 5 {
      r -= 1.6
      value = horner(r, middleAbove) / horner(r, middleBelow)
    } else {
      r -= 5
      value = horner(r, farAbove) / horner(r, farBelow)
    }
    return q < 0 ? -value : value
  }

  private typealias Coefficients = (
    Double, Double, Double, Double, Double, Double, Double, Double
  )

  @inline(__always)
  private static func horner(_ r: Double, _ c: Coefficients) -> Double {
    let high = ((c.7 * r + c.6) * r + c.5) * r + c.4
    return (((high * r + c.3) * r + c.2) * r + c.1) * r + c.0
  }

  private static let centralAbove: Coefficients = (
    3.3871328727963666080, 133.14166789178437745, 1971.5909503065514427, 13731.693765509461125,
    45921.953931549871457, 67265.770927008700853, 33430.575583588128105, 2509.0809287301226727
  )
  private static let centralBelow: Coefficients = (
    1, 42.313330701600911252, 687.18700749205790830, 5394.1960214247511077, 21213.794301586595867,
    39307.895800092710610, 28729.085735721942674, 5226.4952788528545610
  )
  private static let middleAbove: Coefficients = (
    1.42343711074968357734, 4.63033784615654529590, 5.76949722146069140550, 3.64784832476320460504,
    1.27045825245236838258, 0.241780725177450611770, 0.0227238449892691845833,
    7.74545014278341407640e-4
  )
  private static let middleBelow: Coefficients = (
    1, 2.05319162663775882187, 1.67638483018380384940, 0.689767334985100004550,
    0.148103976427480074590, 0.0151986665636164571966, 5.47593808499534494600e-4,
    1.05075007164441684324e-9
  )
  private static let farAbove: Coefficients = (
    6.65790464350110377720, 5.46378491116411436990, 1.78482653991729133580,
    0.296560571828504891230, 0.0265321895265761230930, 1.24266094738807843860e-3,
    2.71155556874348757815e-5, 2.01033439929228813265e-7
  )
  private static let farBelow: Coefficients = (
    1, 0.599832206555887937690, 0.136929880922735805310, 0.0148753612908506148525,
    7.86869131145613259100e-4, 1.84631831751005468180e-5, 1.42151175831644588870e-7,
    2.04426310338993978564e-15
  )
}
