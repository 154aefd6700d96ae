import Statistics

/// The standard distribution of a location–scale family: log density and log survivor function of z
/// with two derivatives.
protocol ErrorKernel: SendableMetatype {
  static func density(_ z: Double) -> ErrorDerivatives
  static func survivor(_ z: Double) -> ErrorDerivatives
}

/// A function of z with its first derivative and minus its second.
struct ErrorDerivatives {
  var value: Double
  var slope: Double
  var bend: Double
}

/// The smallest extreme value: Weibull and exponential times, the hazard scale of splines.
enum ExtremeValueKernel: ErrorKernel {
  @inline(__always) static func density(_ z: Double) -> ErrorDerivatives {
    let w = exponential(z)
    return ErrorDerivatives(value: z - w, slope: 1 - w, bend: w)
  }

  @inline(__always) static func survivor(_ z: Double) -> ErrorDerivatives {
    let w = exponential(z)
    return ErrorDerivatives(value: -w, slope: -w, bend: w)
  }
}

/// The logistic: log-logistic times, the odds scale of splines.
enum LogisticKernel: ErrorKernel {
  @inline(__always) static func density(_ z: Double) -> ErrorDerivatives {
    let tail = survivor(z)
    return ErrorDerivatives(
      value: z + 2 * tail.value, slope: 1 + 2 * tail.slope, bend: 2 * tail.bend)
  }

  @inline(__always) static func survivor(_ z: Double) -> ErrorDerivatives {
    // Neither exponential overflows, and small tails keep their digits.
    let w = exponential(-z.magnitude)
    let share = z > 0 ? 1 / (1 + w) : w / (1 + w)
    return ErrorDerivatives(
      value: -(Swift.max(z, 0) + logarithmOnePlus(w)), slope: -share,
      bend: w / ((1 + w) * (1 + w)))
  }
}

/// The normal: log-normal times, the normal scale of splines.
enum NormalKernel: ErrorKernel {
  static let halfLogTwoPi = 0.918938533204672741780329736406

  @inline(__always) static func density(_ z: Double) -> ErrorDerivatives {
    ErrorDerivatives(value: -0.5 * z * z - halfLogTwoPi, slope: -z, bend: 1)
  }

  static func survivor(_ z: Double) -> ErrorDerivatives {
    if z < 5 {
      let tail = complementaryError(z * 0.5.squareRoot()) / 2
      let ratio = exponential(-0.5 * z * z - halfLogTwoPi) / tail
      let value =
        z < -1
        ? logarithmOnePlus(-complementaryError(-z * 0.5.squareRoot()) / 2) : logarithm(tail)
      return ErrorDerivatives(value: value, slope: -ratio, bend: ratio * (ratio - z))
    }
    // Laplace's continued fraction for φ/(1 − Φ) = z + 1/(z + 2/(z + 3/…)); the part after z is kept
    // apart, since ratio − z would cancel.
    var excess = 0.0
    for k in stride(from: 60, through: 1, by: -1) { excess = Double(k) / (z + excess) }
    let ratio = z + excess
    return ErrorDerivatives(
      value: -0.5 * z * z - halfLogTwoPi - logarithm(ratio), slope: -ratio, bend: ratio * excess)
  }
}
