public import Statistics

/// An amount of pounds sterling, held as whole pence.
///
/// Sums of payments must reconcile to the penny, which binary fractions can't promise.
public struct Money: Sendable, Equatable, Comparable, Hashable, CustomStringConvertible {
  /// The amount in pence.
  public var pence: Int

  /// No money.
  public static let zero = Money(pence: 0)

  /// An amount in pence.
  public init(pence: Int) { self.pence = pence }

  /// The amount that a number of pounds, read from text of at most two decimals, stands for.
  ///
  /// - Throws: `badValue` when it isn't finite, is no whole number of pence, or exceeds 10¹² pounds.
  public init(pounds: Double) throws(SiblingError) {
    guard pounds.isFinite, pounds.magnitude <= 1e12 else {
      throw SiblingError(.badValue, "an amount of money is not a number of a possible size")
    }
    let pence = (pounds * 100).rounded()
    // A text of two decimals is read to the nearest double: far nearer to the penny than this.
    guard (pounds * 100 - pence).magnitude <= 1e-3 else {
      throw SiblingError(
        .badValue, "an amount of money is not a whole number of pence",
        help: "give pounds with at most two decimals")
    }
    self.pence = Int(pence)
  }

  /// The amount in pounds, the double nearest to it.
  public var pounds: Double { Double(pence) / 100 }

  /// The amount in pounds with two decimals, without a currency sign: `-1234.50`.
  public var description: String {
    let size = pence.magnitude
    let rest = size % 100
    return "\(pence < 0 ? "-" : "")\(size / 100).\(rest < 10 ? "0" : "")\(rest)"
  }

  /// The amount for reading: `£1,234.50`, without pence when there are none.
  public var text: String {
    let size = pence.magnitude
    var digits = Array(String(size / 100))
    var place = digits.count - 3
    while place > 0 {
      digits.insert(",", at: place)
      place -= 3
    }
    let rest = size % 100
    let decimals = rest == 0 ? "" : ".\(rest < 10 ? "0" : "")\(rest)"
    return "\(pence < 0 ? "−" : "")£\(String(digits))\(decimals)"
  }

  /// The sum of two amounts.
  public static func + (left: Money, right: Money) -> Money {
    Money(pence: left.pence + right.pence)
  }

  /// The difference of two amounts.
  public static func - (left: Money, right: Money) -> Money {
    Money(pence: left.pence - right.pence)
  }

  /// Whether one amount is smaller than another.
  public static func < (left: Money, right: Money) -> Bool { left.pence < right.pence }
}
