/// Splits an amount by shares to the penny.
///
/// Largest remainder: everyone gets the whole pence of their share, and the pennies that are left
/// go one each to the largest fractions of a penny, the earlier row first where these are equal.
struct ShareSplit: Sendable, Equatable {
  /// A share of everything, in millionths.
  static let whole = 1_000_000

  /// The shares in millionths, which sum to `whole`.
  var millionths: [Int]

  /// The parts of an amount of zero to `ContractTerms.largestAmount`; they sum to it.
  func parts(of amount: Money) -> [Money] {
    if millionths.count == 1 { return [amount] }
    var parts = millionths.map { Money(pence: amount.pence * $0 / Self.whole) }
    var left = amount.pence - parts.reduce(0) { $0 + $1.pence }
    guard left > 0 else { return parts }
    let rests = millionths.map { amount.pence * $0 % Self.whole }
    for place in rests.indices.sorted(by: { (-rests[$0], $0) < (-rests[$1], $1) }) where left > 0 {
      parts[place].pence += 1
      left -= 1
    }
    return parts
  }

  /// The parts of an amount of which a cap has cut something off, none above its part of the whole.
  ///
  /// Alone, the largest remainder of a smaller amount may give someone a penny more than that of a
  /// larger one; here the penny goes to the first who still has room.
  func parts(of amount: Money, within limits: [Money]) -> [Money] {
    var parts = parts(of: amount)
    var left = 0
    for place in parts.indices where parts[place] > limits[place] {
      left += parts[place].pence - limits[place].pence
      parts[place] = limits[place]
    }
    for place in parts.indices where left > 0 {
      let more = min(left, limits[place].pence - parts[place].pence)
      parts[place].pence += more
      left -= more
    }
    return parts
  }
}
