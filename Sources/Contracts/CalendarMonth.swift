public import Statistics

/// A month of a year.
public struct CalendarMonth: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// The year, 1900–2199.
  public let year: Int
  /// The month, 1–12.
  public let month: Int

  /// A month from text of the form `2024-09`.
  ///
  /// - Throws: `badValue` when the text is not a year and a month.
  public init(_ text: String) throws(SiblingError) {
    let bytes = Array(text.utf8)
    let digits = bytes.map { Int($0) - 48 }
    guard bytes.count == 7, bytes[4] == 45,
      [0, 1, 2, 3, 5, 6].allSatisfy({ (0...9).contains(digits[$0]) })
    else { throw Self.malformed }
    let year = digits[0] * 1000 + digits[1] * 100 + digits[2] * 10 + digits[3]
    try self.init(year: year, month: digits[5] * 10 + digits[6])
  }

  /// A month from its numbers.
  ///
  /// - Throws: `badValue` when there is no such month from 1900 to 2199.
  public init(year: Int, month: Int) throws(SiblingError) {
    guard (1...12).contains(month), (1900...2199).contains(year) else { throw Self.malformed }
    self.year = year
    self.month = month
  }

  /// Months since the beginning of year 0.
  var index: Int { year * 12 + month - 1 }

  /// The calendar quarter, counted from the beginning of year 0.
  var quarter: Int { index / 3 }

  /// Whether the month is the last of a calendar quarter.
  public var endsQuarter: Bool { month % 3 == 0 }

  /// The last month of the calendar quarter with this number.
  init(endOfQuarter quarter: Int) {
    year = quarter / 4
    month = quarter % 4 * 3 + 3
  }

  /// The month as `2024-09`.
  public var description: String { "\(year)-\(month < 10 ? "0" : "")\(month)" }

  /// Whether one month is before another.
  public static func < (left: CalendarMonth, right: CalendarMonth) -> Bool {
    left.index < right.index
  }

  private static var malformed: SiblingError {
    SiblingError(
      .badValue, "a month is not written as year and month",
      help: "write months as 2024-09, with years from 1900 to 2199")
  }
}
