/// A distribution on whole numbers with separate functions for each tail.
///
/// Parameters outside their range give NaN, and so do probabilities outside [0, 1]. Quantiles are
/// whole numbers held as doubles, so that the end of an unbounded support is +∞.
public protocol DiscreteDistribution: Sendable {
  /// P(X = k).
  func mass(_ k: Int) -> Double
  /// P(X ≤ k).
  func lowerTail(_ k: Int) -> Double
  /// P(X > k), without cancellation.
  func upperTail(_ k: Int) -> Double
  /// The smallest k with P(X ≤ k) ≥ p, allowing p a rounding error of 64 ulps.
  func quantile(_ p: Double) -> Double
  /// The smallest k with P(X > k) ≤ p, allowing p a rounding error of 64 ulps; accurate for small p.
  func upperQuantile(_ p: Double) -> Double
}

/// What the search for a discrete quantile needs to know.
protocol SearchableDiscrete: DiscreteDistribution {
  /// The smallest and, where there is one, the largest value; nil for parameters out of range.
  var support: (low: Int, high: Int?)? { get }
  /// A guess at the quantile with the given upper-tail normal deviate.
  func guess(_ z: Double) -> Double
}

extension SearchableDiscrete {
  private static var slack: Double { 64 * 0x1p-53 }

  /// The smallest k with P(X ≤ k) ≥ p, allowing p a rounding error of 64 ulps.
  public func quantile(_ p: Double) -> Double {
    guard let support, p >= 0, p <= 1 else { return .nan }
    if p == 0 { return Double(support.low) }
    if p == 1 { return support.high.map(Double.init) ?? .infinity }
    let target = p * (1 - Self.slack)
    return search(support, Normal.standard.quantile(p)) { lowerTail($0) >= target }
  }

  /// The smallest k with P(X > k) ≤ p, allowing p a rounding error of 64 ulps; accurate for small p.
  public func upperQuantile(_ p: Double) -> Double {
    guard let support, p >= 0, p <= 1 else { return .nan }
    if p == 0 { return support.high.map(Double.init) ?? .infinity }
    if p == 1 { return Double(support.low) }
    let target = p * (1 + Self.slack)
    return search(support, Normal.standard.upperQuantile(p)) { upperTail($0) <= target }
  }

  /// The smallest k in the support where a condition holds that stays true once it is.
  private func search(
    _ support: (low: Int, high: Int?), _ z: Double, _ reached: (Int) -> Bool
  ) -> Double {
    let top = support.high ?? 1 << 62
    let guessed = guess(z)
    let start = guessed.isFinite && guessed < Double(top) ? max(guessed, -1e18) : Double(top)
    var probe = min(max(Int(start), support.low), top)
    var (low, high) = (support.low - 1, probe)
    var step = 1
    if reached(probe) {
      while true {
        let below = high - step
        guard below >= support.low else { break }
        guard reached(below) else {
          low = below
          break
        }
        high = below
        step *= 2
      }
    } else {
      low = probe
      while true {
        guard probe < top else { return Double(top) }
        probe = top - probe < step ? top : probe + step
        if reached(probe) { break }
        low = probe
        step *= 2
      }
      high = probe
    }
    while high - low > 1 {
      let middle = low + (high - low) / 2
      if reached(middle) { high = middle } else { low = middle }
    }
    return Double(high)
  }
}
