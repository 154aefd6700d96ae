internal import Glibc

/// The geometric distribution: failures before the first success.
public struct Geometric: SearchableDiscrete, Equatable {
  /// The probability of success in each trial, in (0, 1].
  public var probability: Double

  /// A geometric distribution.
  public init(probability: Double) { self.probability = probability }

  private var isValid: Bool { probability > 0 && probability <= 1 }

  /// P(X = k).
  public func mass(_ k: Int) -> Double {
    guard isValid else { return .nan }
    if k < 0 { return 0 }
    return k == 0 ? probability : probability * exp(Double(k) * log1p(-probability))
  }

  /// P(X ≤ k).
  public func lowerTail(_ k: Int) -> Double {
    guard isValid else { return .nan }
    return k < 0 ? 0 : -expm1((Double(k) + 1) * log1p(-probability))
  }

  /// P(X > k).
  public func upperTail(_ k: Int) -> Double {
    guard isValid else { return .nan }
    return k < 0 ? 1 : exp((Double(k) + 1) * log1p(-probability))
  }

  var support: (low: Int, high: Int?)? {
    guard isValid else { return nil }
    return (0, probability == 1 ? 0 : nil)
  }

  func guess(_ z: Double) -> Double {
    Normal.standard.logUpperTail(z) / log1p(-probability) - 1
  }
}
