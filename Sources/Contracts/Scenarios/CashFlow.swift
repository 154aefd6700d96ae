internal import Glibc
public import Statistics

/// Payments over time as seen by one party: what it gets is positive, what it pays negative.
///
/// Amounts are doubles of any currency: present values are no payments that have to reconcile.
public struct CashFlow: Sendable, Equatable {
  /// The amounts.
  public let amounts: [Double]
  /// When each is paid, in periods (or years) from the first.
  public let times: [Double]

  /// The greatest number of payments.
  static let most = 100_000

  /// Payments one period apart, the first at once.
  ///
  /// - Throws: `badValue` naming an amount that is not finite or above 10¹², or for more than 100,000 payments.
  public init(periodic amounts: [Double]) throws(SiblingError) {
    try self.init(amounts: amounts, times: amounts.indices.map(Double.init))
  }

  /// Payments on days since 1970-01-01, in any order; times are in years of 365 days from the first.
  ///
  /// - Throws: as `init(periodic:)` does; `sizeMismatch` when there are not as many days.
  public init(dated amounts: [Double], days: [Int32]) throws(SiblingError) {
    guard amounts.count == days.count else {
      throw SiblingError(
        .sizeMismatch, "\(amounts.count) payments have \(days.count) days: one a payment is needed")
    }
    let first = days.min() ?? 0
    try self.init(
      amounts: amounts, times: days.map { (Double($0) - Double(first)) / 365 })
  }

  private init(amounts: [Double], times: [Double]) throws(SiblingError) {
    guard amounts.count <= CashFlow.most else {
      throw SiblingError(.badValue, "a cash flow has at most \(CashFlow.most) payments")
    }
    if let row = amounts.firstIndex(where: { !($0.magnitude <= 1e12) }) {
      throw SiblingError(
        .badValue, "a payment is not a number of a possible size", row: row, column: "amount")
    }
    guard zip(times, times.dropFirst()).contains(where: { $0 >= $1 }) else {
      (self.amounts, self.times) = (amounts, times)
      return
    }
    // Payments of one moment are one payment, so that signs are counted as they are felt.
    let order = amounts.indices.sorted { (times[$0], $0) < (times[$1], $1) }
    var sums: [Double] = []
    var moments: [Double] = []
    for index in order {
      if let last = moments.last, last == times[index] {
        sums[sums.count - 1] += amounts[index]
      } else {
        sums.append(amounts[index])
        moments.append(times[index])
      }
    }
    (self.amounts, self.times) = (sums, moments)
  }

  /// The value at the first moment, Σ aₜ (1 + rate)⁻ᵗ.
  ///
  /// - Parameter rate: the rate a period (0.08 is 8%), above −1.
  /// - Returns: the value, in the unit of the amounts.
  /// - Throws: `badValue` for a rate of −1 or less, or a value too large to hold.
  public func presentValue(rate: Double) throws(SiblingError) -> Double {
    guard rate > -1, rate < .infinity else {
      throw SiblingError(.badValue, "a rate of discount must be a number above −1")
    }
    let force = log1p(rate)
    var sum = 0.0
    for (amount, time) in zip(amounts, times) where amount != 0 {
      sum += amount * exp(-force * time)
    }
    guard sum.isFinite else {
      throw SiblingError(.badValue, "the present value is too large at so low a rate of discount")
    }
    return sum
  }

  /// How often the amounts change their sign; nothing counts as no sign.
  public var signChanges: Int {
    let signs = amounts.filter { $0 != 0 }.map { $0 > 0 }
    return zip(signs, signs.dropFirst()).count { $0 != $1 }
  }

  /// The internal rate of return of a cash flow.
  public enum InternalRate: Sendable, Equatable {
    /// The one rate a period at which the present value is nought.
    case rate(Double)
    /// Nothing is paid in, or nothing comes back: no rate makes the present value nought.
    case none
    /// The signs change this often, so several rates or none may do: no one rate describes the flow.
    case ambiguous(signChanges: Int)

    /// The rate, when there is one.
    public var value: Double? { if case .rate(let rate) = self { rate } else { nil } }
  }

  /// The rate a period at which the present value is nought.
  ///
  /// A flow whose sign changes once has exactly one such rate above −1 (Descartes' rule of signs);
  /// it is found by Newton steps that are kept inside a bracket. Any other flow has none that means
  /// something, and gets none.
  public func internalRate() -> InternalRate {
    let changes = signChanges
    guard changes > 0 else { return .none }
    guard changes == 1 else { return .ambiguous(signChanges: changes) }
    let leading = amounts.first { $0 != 0 } ?? 0
    // Seen from the investor's side: first paid in, then paid back.
    let sign = leading < 0 ? 1.0 : -1.0
    let turn = amounts.firstIndex { $0 * leading < 0 } ?? 0
    let pivot = times[max(0, turn - 1)]
    let scale = amounts.map(\.magnitude).max() ?? 1
    let flows = zip(amounts, times).filter { $0.0 != 0 }.map {
      (amount: sign * $0.0 / scale, time: $0.1 - pivot)
    }
    // Valued at the turn, the sum falls in the force of interest without end: no overflow can change
    // its sign, as what comes before is negative and grows, what comes after positive and shrinks.
    func value(_ force: Double) -> (sum: Double, slope: Double) {
      var (sum, slope) = (0.0, 0.0)
      for flow in flows {
        let part = flow.amount * exp(-force * flow.time)
        sum += part
        slope -= flow.time * part
      }
      return (sum, slope)
    }
    let span = max(times.last ?? 1, 1e-3)
    var (low, high) = (-1.0 / span, 1.0 / span)
    for _ in 0..<64 where value(low).sum < 0 { low *= 2 }
    for _ in 0..<64 where value(high).sum > 0 { high *= 2 }
    var force = (low + high) / 2
    for _ in 0..<200 {
      let (sum, slope) = value(force)
      if sum == 0 { break }
      if sum > 0 { low = force } else { high = force }
      let step = force - sum / slope
      let next = step > low && step < high ? step : (low + high) / 2
      if next == force || (next - force).magnitude <= 1e-16 * max(1, force.magnitude) { break }
      force = next
    }
    let rate = expm1(force)
    return rate.isFinite ? .rate(rate) : .none
  }
}
