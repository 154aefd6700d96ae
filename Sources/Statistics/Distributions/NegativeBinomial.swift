internal import Glibc

/// The negative binomial distribution: failures before the given number of successes.
public struct NegativeBinomial: SearchableDiscrete, Equatable {
  /// The number of successes waited for, positive, not necessarily whole (the dispersion).
  public var size: Double
  /// The probability of success in each trial, in (0, 1].
  public var probability: Double

  /// A negative binomial distribution by size and probability.
  public init(size: Double, probability: Double) {
    self.size = size
    self.probability = probability
  }

  /// A negative binomial distribution by size and mean; its variance is mean + mean²/size.
  public init(size: Double, mean: Double) {
    self.init(size: size, probability: size / (size + mean))
  }

  private var isValid: Bool {
    size > 0 && size < .infinity && probability > 0 && probability <= 1
  }

  /// P(X = k).
  public func mass(_ k: Int) -> Double { exp(logMass(k)) }

  /// The natural logarithm of P(X = k).
  public func logMass(_ k: Int) -> Double {
    guard isValid else { return .nan }
    if k < 0 { return -.infinity }
    if k == 0 { return size * log(probability) }
    if probability == 1 { return -.infinity }
    let n = size + Double(k)
    return log(size / n) + Binomial.logMass(size, n, probability, 1 - probability)
  }

  /// P(X ≤ k).
  public func lowerTail(_ k: Int) -> Double { tails(k).lower }

  /// P(X > k).
  public func upperTail(_ k: Int) -> Double { tails(k).upper }

  private func tails(_ k: Int) -> Tails {
    guard isValid else { return .undefined }
    if k < 0 { return Tails(lower: 0, upper: 1) }
    return SpecialFunctions.incompleteBeta(
      SpecialFunctions.BetaPoint(a: size, b: Double(k) + 1, x: probability))
  }

  var support: (low: Int, high: Int?)? {
    guard isValid else { return nil }
    return (0, probability == 1 ? 0 : nil)
  }

  func guess(_ z: Double) -> Double {
    let mean = size * (1 - probability) / probability
    return mean + z * (mean / probability).squareRoot()
  }
}
