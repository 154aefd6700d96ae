/// A day of the proleptic Gregorian calendar, counted from 1970-01-01.
///
/// Conversion both ways is integer arithmetic on 400-year eras that begin on 1 March (H. Hinnant,
/// "chrono-compatible low-level date algorithms", 2013), so no time zone or locale enters.
public struct CivilDate: Sendable, Hashable, Comparable {
  /// Days since 1970-01-01; negative before it.
  public var days: Int32

  /// The date so many days after 1970-01-01.
  public init(days: Int32) {
    self.days = days
  }

  /// The date of a year, month and day, or nil when there is no such day.
  public init?(year: Int, month: Int, day: Int) {
    guard (-32767...32767).contains(year), (1...12).contains(month), day >= 1,
      day <= Self.length(year: year, month: month)
    else { return nil }
    let shifted = month <= 2 ? year - 1 : year
    let era = (shifted >= 0 ? shifted : shifted - 399) / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    days = Int32(truncatingIfNeeded: era * 146_097 + dayOfEra - 719_468)
  }

  /// The date written `yyyy-mm-dd`, or nil when the text is anything else.
  public init?(iso text: String) {
    let bytes = Array(text.utf8)
    let days = bytes.withUnsafeBufferPointer { Self.isoDays($0) }
    guard let days else { return nil }
    self.days = days
  }

  /// The calendar year, month (1–12) and day of the month.
  public var components: (year: Int, month: Int, day: Int) {
    let shifted = Int(days) + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra =
      (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let marchMonth = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * marchMonth + 2) / 5 + 1
    let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
  }

  /// The text `yyyy-mm-dd`.
  public var isoText: String {
    var bytes: [UInt8] = []
    appendISO(to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Whether one date lies before another.
  public static func < (left: CivilDate, right: CivilDate) -> Bool { left.days < right.days }

  /// The number of days in a month.
  public static func length(year: Int, month: Int) -> Int {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  /// Appends the text `yyyy-mm-dd` to bytes.
  public func appendISO(to bytes: inout [UInt8]) {
    let (year, month, day) = components
    if year < 0 { bytes.append(UInt8(ascii: "-")) }
    let magnitude = abs(year)
    if magnitude > 9999 { bytes.append(48 + UInt8(magnitude / 10_000)) }
    for divisor in [1000, 100, 10, 1] { bytes.append(48 + UInt8(magnitude / divisor % 10)) }
    for part in [month, day] {
      bytes.append(UInt8(ascii: "-"))
      bytes.append(48 + UInt8(part / 10))
      bytes.append(48 + UInt8(part % 10))
    }
  }

  /// The day number of exactly `yyyy-mm-dd`.
  public static func isoDays(_ text: UnsafeBufferPointer<UInt8>) -> Int32? {
    guard text.count == 10, text[4] == 0x2D, text[7] == 0x2D else { return nil }
    var numbers = (0, 0, 0)
    for position in 0..<10 where position != 4 && position != 7 {
      let digit = Int(text[position]) - 48
      guard digit >= 0, digit <= 9 else { return nil }
      if position < 4 {
        numbers.0 = numbers.0 * 10 + digit
      } else if position < 7 {
        numbers.1 = numbers.1 * 10 + digit
      } else {
        numbers.2 = numbers.2 * 10 + digit
      }
    }
    return CivilDate(year: numbers.0, month: numbers.1, day: numbers.2)?.days
  }
}
