internal import Statistics

/// Exact intervals and tests of counts.
enum ExactInference {
  /// The mean of a Poisson count: the central exact interval of Garwood (1936).
  static func poissonMean(_ count: Int, level: Double) -> ConfidenceInterval {
    let tail = (1 - level) / 2
    let x = Double(count)
    let low = count == 0 ? 0 : ChiSquared(degreesOfFreedom: 2 * x).quantile(tail) / 2
    let high = ChiSquared(degreesOfFreedom: 2 * x + 2).upperQuantile(tail) / 2
    return ConfidenceInterval(low: low, high: high, level: level)
  }

  /// Twice the smaller Poisson tail at a fixed mean, at most 1.
  ///
  /// P(X ≤ x) is the upper tail of χ² with 2x + 2 degrees of freedom at twice the mean, P(X ≥ x)
  /// the lower tail of χ² with 2x.
  static func poissonTwoSided(_ count: Int, mean: Double) -> Double {
    let x = Double(count)
    let atMost = ChiSquared(degreesOfFreedom: 2 * x + 2).upperTail(2 * mean)
    let atLeast = count == 0 ? 1 : ChiSquared(degreesOfFreedom: 2 * x).lowerTail(2 * mean)
    return min(1, 2 * min(atMost, atLeast))
  }

  /// A binomial proportion: the exact interval of Clopper and Pearson (1934), from F quantiles.
  static func proportion(_ successes: Int, of trials: Int, level: Double) -> ConfidenceInterval {
    let tail = (1 - level) / 2
    let (x, rest) = (Double(successes), Double(trials - successes))
    var (low, high) = (0.0, 1.0)
    if successes > 0 {
      let f = FDistribution(numerator: 2 * (rest + 1), denominator: 2 * x).upperQuantile(tail)
      low = x / (x + (rest + 1) * f)
    }
    if successes < trials {
      let f = FDistribution(numerator: 2 * (x + 1), denominator: 2 * rest).upperQuantile(tail)
      high = (x + 1) * f / (rest + (x + 1) * f)
    }
    return ConfidenceInterval(low: low, high: high, level: level)
  }
}
