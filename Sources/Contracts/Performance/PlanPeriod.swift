public import Statistics

/// A calendar quarter.
public struct PlanQuarter: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// Quarters since the beginning of year 0.
  let number: Int

  init(number: Int) { self.number = number }

  /// The year.
  public var year: Int { number / 4 }

  /// The last month.
  public var lastMonth: CalendarMonth { CalendarMonth(endOfQuarter: number) }

  /// The quarter as `2019-Q2`.
  public var description: String { "\(number / 4)-Q\(number % 4 + 1)" }

  /// Whether one quarter is before another.
  public static func < (left: PlanQuarter, right: PlanQuarter) -> Bool {
    left.number < right.number
  }
}

/// The month or quarter that a target or a count is of.
public struct PlanPeriod: Sendable, Hashable, CustomStringConvertible {
  /// The calendar quarter, the month's own for a month.
  public let quarter: PlanQuarter
  /// The months of the quarter that it covers: one bit each.
  let months: UInt8

  /// All three months of a quarter.
  static let whole: UInt8 = 0b111

  /// A period from text: `2019-Q2` or `2019Q2` for a quarter, `2019-04` or `2019-04-01` for a month.
  ///
  /// - Throws: `badValue` when the text is neither.
  public init(_ text: String) throws(SiblingError) {
    let bytes = Array(text.utf8)
    let tail = bytes.dropFirst(4).filter { $0 != 45 && $0 != 32 }
    if tail.count == 2, tail[0] | 0x20 == 0x71, (49...52).contains(tail[1]) {
      let last = try CalendarMonth(year: Self.year(bytes), month: (Int(tail[1]) - 48) * 3)
      self.init(quarter: PlanQuarter(number: last.quarter), months: Self.whole)
      return
    }
    // A month is also written as its first day.
    let isDay = bytes.count == 10 && text.hasSuffix("-01")
    let month: CalendarMonth
    do throws(SiblingError) {
      month = try CalendarMonth(isDay ? String(text.dropLast(3)) : text)
    } catch { throw Self.malformed }
    self.init(month)
  }

  /// A month.
  public init(_ month: CalendarMonth) {
    self.init(
      quarter: PlanQuarter(number: month.quarter), months: 1 << UInt8((month.month - 1) % 3))
  }

  private init(quarter: PlanQuarter, months: UInt8) {
    self.quarter = quarter
    self.months = months
  }

  /// The period's month on which a day lies.
  ///
  /// - Throws: `badValue` for a day before 1900 or after 2199.
  public init(monthOf day: Int32) throws(SiblingError) {
    let (year, month, _) = CivilDate(days: day).components
    self.init(try CalendarMonth(year: year, month: month))
  }

  /// The last day, since 1970-01-01.
  public var lastDay: Int32 {
    let month = quarter.lastMonth.month - (months & 0b100 != 0 ? 0 : months & 0b010 != 0 ? 1 : 2)
    let length = CivilDate.length(year: quarter.year, month: month)
    return CivilDate(year: quarter.year, month: month, day: length)?.days ?? .max
  }

  /// The period as text.
  public var description: String {
    guard months != Self.whole else { return quarter.description }
    let place = months & 0b001 != 0 ? 2 : months & 0b010 != 0 ? 1 : 0
    let month = quarter.lastMonth.month - place
    return "\(quarter.year)-\(month < 10 ? "0" : "")\(month)"
  }

  private static func year(_ bytes: [UInt8]) throws(SiblingError) -> Int {
    let digits = bytes.prefix(4).map { Int($0) - 48 }
    guard digits.count == 4, digits.allSatisfy({ (0...9).contains($0) }) else { throw malformed }
    return digits.reduce(0) { $0 * 10 + $1 }
  }

  private static var malformed: SiblingError {
    SiblingError(
      .badValue, "a period is not written as a month or a quarter",
      help: "write quarters as 2019-Q2 and months as 2019-04, with years from 1900 to 2199")
  }
}
