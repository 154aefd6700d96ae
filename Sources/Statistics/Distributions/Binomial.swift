internal import Glibc

/// The binomial distribution: successes among independent trials.
public struct Binomial: SearchableDiscrete, Equatable {
  /// The number of trials, at least 0.
  public var trials: Int
  /// The probability of success in each trial.
  public var probability: Double

  /// A binomial distribution.
  public init(trials: Int, probability: Double) {
    self.trials = trials
    self.probability = probability
  }

  private var isValid: Bool { trials >= 0 && probability >= 0 && probability <= 1 }

  /// P(X = k).
  public func mass(_ k: Int) -> Double {
    guard isValid else { return .nan }
    guard k >= 0, k <= trials else { return 0 }
    return exp(Binomial.logMass(Double(k), Double(trials), probability, 1 - probability))
  }

  /// The natural logarithm of P(X = k).
  public func logMass(_ k: Int) -> Double {
    guard isValid else { return .nan }
    guard k >= 0, k <= trials else { return -.infinity }
    return Binomial.logMass(Double(k), Double(trials), probability, 1 - probability)
  }

  /// The log mass by Loader's saddle point; `k` and `n` need not be whole, q is 1 − p.
  static func logMass(_ k: Double, _ n: Double, _ p: Double, _ q: Double) -> Double {
    if p == 0 { return k == 0 ? 0 : -.infinity }
    if q == 0 { return k == n ? 0 : -.infinity }
    if k == 0 { return n == 0 ? 0 : n * (p < 0.5 ? log1p(-p) : log(q)) }
    if k == n { return n * (p < 0.5 ? log(p) : log1p(-q)) }
    let rest = n - k
    // (n p − k), the distance from the mean, without cancellation
    let distance = p <= q ? (-k).addingProduct(n, p) : rest.addingProduct(-n, q)
    let (left, right) = (distance / k, -distance / rest)
    let leftLog = left > -0.6 ? SpecialFunctions.log1pMinusIdentity(left) : log(n * p / k) - left
    let rightLog =
      right > -0.6 ? SpecialFunctions.log1pMinusIdentity(right) : log(n * q / rest) - right
    let errors =
      SpecialFunctions.stirlingError(n) - SpecialFunctions.stirlingError(k)
      - SpecialFunctions.stirlingError(rest)
    let spread = -0.5 * log(k) - 0.5 * log1p(-k / n) - SpecialFunctions.logSquareRootTwoPi
    return (k * leftLog + rest * rightLog) + (errors + spread)
  }

  /// P(X ≤ k).
  public func lowerTail(_ k: Int) -> Double { tails(k).lower }

  /// P(X > k).
  public func upperTail(_ k: Int) -> Double { tails(k).upper }

  private func tails(_ k: Int) -> Tails {
    guard isValid else { return .undefined }
    if k < 0 { return Tails(lower: 0, upper: 1) }
    if k >= trials { return Tails(lower: 1, upper: 0) }
    // P(X > k) is the incomplete beta function at p with k + 1 and n − k.
    let point = SpecialFunctions.BetaPoint(
      a: Double(k) + 1, b: Double(trials - k), x: probability)
    return SpecialFunctions.incompleteBeta(point).swapped
  }

  var support: (low: Int, high: Int?)? {
    guard isValid else { return nil }
    return (probability == 1 ? trials : 0, probability == 0 ? 0 : trials)
  }

  func guess(_ z: Double) -> Double {
    let n = Double(trials)
    return n * probability + z * (n * probability * (1 - probability)).squareRoot()
  }
}
