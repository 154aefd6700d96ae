internal import Glibc

/// The hypergeometric distribution: marked items in a sample drawn without replacement.
public struct Hypergeometric: SearchableDiscrete, Equatable {
  /// The number of marked items in the population.
  public var marked: Int
  /// The number of unmarked items in the population.
  public var unmarked: Int
  /// The size of the sample, at most the population.
  public var drawn: Int

  /// A hypergeometric distribution.
  public init(marked: Int, unmarked: Int, drawn: Int) {
    self.marked = marked
    self.unmarked = unmarked
    self.drawn = drawn
  }

  private var isValid: Bool {
    marked >= 0 && unmarked >= 0 && drawn >= 0 && drawn <= marked + unmarked
  }
  private var lowest: Int { max(0, drawn - unmarked) }
  private var highest: Int { min(drawn, marked) }

  /// P(X = k).
  public func mass(_ k: Int) -> Double { exp(logMass(k)) }

  /// The natural logarithm of P(X = k).
  public func logMass(_ k: Int) -> Double {
    guard isValid else { return .nan }
    guard k >= lowest, k <= highest else { return -.infinity }
    let total = Double(marked + unmarked)
    guard drawn > 0, total > 0 else { return 0 }
    // Three binomial masses with a common probability, which cancels.
    let (p, q) = (Double(drawn) / total, Double(marked + unmarked - drawn) / total)
    return Binomial.logMass(Double(k), Double(marked), p, q)
      + Binomial.logMass(Double(drawn - k), Double(unmarked), p, q)
      - Binomial.logMass(Double(drawn), total, p, q)
  }

  /// P(X ≤ k).
  public func lowerTail(_ k: Int) -> Double { tails(k).lower }

  /// P(X > k).
  public func upperTail(_ k: Int) -> Double { tails(k).upper }

  /// Both tails by summing outwards from `k` on the smaller side, every term positive.
  private func tails(_ k: Int) -> Tails {
    guard isValid else { return .undefined }
    if k < lowest { return Tails(lower: 0, upper: 1) }
    if k >= highest { return Tails(lower: 1, upper: 0) }
    let mean = Double(drawn) * (Double(marked) / Double(marked + unmarked))
    if Double(k) < mean {
      let lower = min(1, mass(k) * sum(from: k, by: -1))
      return Tails(lower: lower, upper: 1 - lower)
    }
    let upper = min(1, mass(k + 1) * sum(from: k + 1, by: 1))
    return Tails(lower: 1 - upper, upper: upper)
  }

  /// Σ P(X = j)/P(X = k) over j = k, k ± 1, … to the end of the support.
  private func sum(from k: Int, by step: Int) -> Double {
    var (term, sum, j) = (1.0, 1.0, k)
    while step > 0 ? j < highest : j > lowest {
      let i = Double(step > 0 ? j : j - 1)
      let above = (Double(marked) - i) * (Double(drawn) - i)
      let below = (i + 1) * (Double(unmarked - drawn) + i + 1)
      term *= step > 0 ? above / below : below / above
      let next = sum + term
      if next == sum { break }
      sum = next
      j += step
    }
    return sum
  }

  var support: (low: Int, high: Int?)? { isValid ? (lowest, highest) : nil }

  func guess(_ z: Double) -> Double {
    let total = Double(marked + unmarked)
    guard total > 1 else { return 0 }
    let (share, n) = (Double(marked) / total, Double(drawn))
    let variance = n * share * (1 - share) * (total - n) / (total - 1)
    return n * share + z * variance.squareRoot()
  }
}
