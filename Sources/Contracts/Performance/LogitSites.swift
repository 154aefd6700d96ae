internal import Glibc
internal import Statistics

/// Sites' rates on the logit scale with the variance that chance gives each.
struct LogitSites {
  var values: [Double]
  var variances: [Double]

  /// A random-effects mean.
  struct Pooled {
    var mean: Double
    var interval: ConfidenceInterval
    var between: Double
    var inconsistency: Double
    var prediction: ConfidenceInterval?
  }

  private var degrees: Double { Double(values.count - 1) }

  /// The weighted sum of squares around the weighted mean when sites differ by this variance.
  private func spread(_ between: Double) -> (mean: Double, weight: Double, squares: Double) {
    var (weight, sum) = (0.0, 0.0)
    for (value, variance) in zip(values, variances) {
      weight += 1 / (variance + between)
      sum += value / (variance + between)
    }
    let mean = sum / weight
    var squares = 0.0
    for (value, variance) in zip(values, variances) {
      squares += (value - mean) * (value - mean) / (variance + between)
    }
    return (mean, weight, squares)
  }

  func pooled(level: Double) -> Pooled {
    let fixed = spread(0)
    let squaredWeights = variances.reduce(0) { $0 + 1 / ($1 * $1) }
    let scale = fixed.weight - squaredWeights / fixed.weight
    let between = max(0, (fixed.squares - degrees) / scale)
    let random = spread(between)
    // Below 1 the adjustment would claim more precision than the sites' own counts have.
    let factor = max(1, random.squares / degrees)
    let error = (factor / random.weight).squareRoot()
    let tail = (1 - level) / 2
    let reach = StudentT(degreesOfFreedom: degrees).upperQuantile(tail) * error
    var prediction: ConfidenceInterval?
    if degrees > 1 {
      let t = StudentT(degreesOfFreedom: degrees - 1).upperQuantile(tail)
      let far = t * (between + error * error).squareRoot()
      prediction = ConfidenceInterval(
        low: random.mean - far, high: random.mean + far, level: level)
    }
    return Pooled(
      mean: random.mean,
      interval: ConfidenceInterval(
        low: random.mean - reach, high: random.mean + reach, level: level), between: between,
      inconsistency: fixed.squares > 0 ? max(0, 1 - degrees / fixed.squares) : 0,
      prediction: prediction)
  }

  /// The variances between sites at which the spread is no surprise: it falls as they grow.
  func profile(level: Double) -> ConfidenceInterval {
    let law = ChiSquared(degreesOfFreedom: degrees)
    let tail = (1 - level) / 2
    return ConfidenceInterval(
      low: root(law.upperQuantile(tail)), high: root(law.quantile(tail)), level: level)
  }

  /// The variance at which the spread has fallen to a value; 0 where it is below from the start.
  private func root(_ value: Double) -> Double {
    guard spread(0).squares > value else { return 0 }
    var (low, high) = (0.0, 1.0)
    while spread(high).squares > value {
      (low, high) = (high, high * 2)
      guard high < 1e12 else { return .infinity }
    }
    for _ in 0..<200 {
      let middle = (low + high) / 2
      guard middle > low, middle < high else { break }
      if spread(middle).squares > value { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }
}
