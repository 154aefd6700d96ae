internal import Glibc

/// The Poisson distribution.
public struct Poisson: SearchableDiscrete, Equatable {
  /// The mean, at least 0.
  public var mean: Double

  /// A Poisson distribution.
  public init(mean: Double) { self.mean = mean }

  private var isValid: Bool { mean >= 0 && mean < .infinity }

  /// P(X = k).
  public func mass(_ k: Int) -> Double { exp(logMass(k)) }

  /// The natural logarithm of P(X = k).
  public func logMass(_ k: Int) -> Double {
    guard isValid else { return .nan }
    if k < 0 { return -.infinity }
    if k == 0 { return -mean }
    return mean == 0 ? -.infinity : SpecialFunctions.logGammaPrefactor(Double(k), mean)
  }

  /// P(X ≤ k).
  public func lowerTail(_ k: Int) -> Double { tails(k).lower }

  /// P(X > k).
  public func upperTail(_ k: Int) -> Double { tails(k).upper }

  private func tails(_ k: Int) -> Tails {
    guard isValid else { return .undefined }
    if k < 0 { return Tails(lower: 0, upper: 1) }
    return SpecialFunctions.incompleteGamma(Double(k) + 1, mean).swapped
  }

  var support: (low: Int, high: Int?)? {
    guard isValid else { return nil }
    return (0, mean == 0 ? 0 : nil)
  }

  func guess(_ z: Double) -> Double { mean + z * mean.squareRoot() + (z * z - 1) / 6 }
}
