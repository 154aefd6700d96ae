public import Statistics

/// A fixed order of year, month and day in which dates are written, such as `dd/mm/yyyy`.
///
/// `yyyy` is four digits, `mm` and `dd` are two, `m` and `d` one or two, `mmm` an English month
/// abbreviation in any case; every other character stands for itself. Two-digit years are refused,
/// because their century would be a guess.
public struct DateFormat: Sendable, Equatable {
  /// The pattern as it was given.
  public let pattern: String
  private let parts: [Part]

  private enum Part: Equatable {
    case year
    case month(Int)
    case monthName
    case day(Int)
    case literal(UInt8)
  }

  /// The format that a pattern describes.
  ///
  /// - Throws: `badValue` when year, month and day do not each occur once, or when a unit is not one
  ///   of those above.
  public init(_ pattern: String) throws(SiblingError) {
    self.pattern = pattern
    var parts: [Part] = []
    let bytes = Array(pattern.utf8)
    var position = 0
    while position < bytes.count {
      let letter = bytes[position] | 0x20
      var length = 1
      while position + length < bytes.count, bytes[position + length] | 0x20 == letter {
        length += 1
      }
      switch (letter, length) {
      case (UInt8(ascii: "y"), 4): parts.append(.year)
      case (UInt8(ascii: "m"), 1), (UInt8(ascii: "m"), 2): parts.append(.month(length))
      case (UInt8(ascii: "m"), 3): parts.append(.monthName)
      case (UInt8(ascii: "d"), 1), (UInt8(ascii: "d"), 2): parts.append(.day(length))
      case (UInt8(ascii: "a")...UInt8(ascii: "z"), _): throw Self.refusal(pattern)
      default:
        length = 1
        parts.append(.literal(bytes[position]))
      }
      position += length
    }
    let years = parts.count { $0 == .year }
    let months = parts.count { $0 == .monthName || $0 == .month(1) || $0 == .month(2) }
    let days = parts.count { $0 == .day(1) || $0 == .day(2) }
    guard years == 1, months == 1, days == 1 else { throw Self.refusal(pattern) }
    self.parts = parts
  }

  private static func refusal(_ pattern: String) -> SiblingError {
    SiblingError(
      .badValue, "'\(pattern)' is not a date format",
      help: "use yyyy once, mm (or m, mmm) once and dd (or d) once, as in dd/mm/yyyy or yyyymmdd")
  }

  /// The date that a text means under this format, or nil.
  public func date(_ text: String) -> CivilDate? {
    let bytes = Array(text.utf8)
    return bytes.withUnsafeBufferPointer { days($0) }.map { CivilDate(days: $0) }
  }

  /// The text of a date in this format.
  public func text(_ date: CivilDate) -> String {
    let (year, month, day) = date.components
    var bytes: [UInt8] = []
    func append(_ value: Int, _ width: Int) {
      let digits = Array(String(value).utf8)
      bytes += [UInt8](repeating: 48, count: max(0, width - digits.count)) + digits
    }
    for part in parts {
      switch part {
      case .year: append(year, 4)
      case .month(let width): append(month, width)
      case .day(let width): append(day, width)
      case .monthName:
        let name = Self.months[(month - 1) * 3..<month * 3]
        bytes.append((name.first ?? 0) - 0x20)
        bytes += name.dropFirst()
      case .literal(let byte): bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static let months = Array("janfebmaraprmayjunjulaugsepoctnovdec".utf8)

  /// The day number that the bytes mean, or nil.
  func days(_ text: UnsafeBufferPointer<UInt8>) -> Int32? {
    var (year, month, day, position) = (0, 0, 0, 0)
    func number(_ least: Int, _ most: Int) -> Int? {
      var (value, digits) = (0, 0)
      while digits < most, position < text.count, text[position] >= 48, text[position] <= 57 {
        value = value * 10 + Int(text[position]) - 48
        digits += 1
        position += 1
      }
      return digits >= least ? value : nil
    }
    for part in parts {
      switch part {
      case .year:
        guard let value = number(4, 4) else { return nil }
        year = value
      case .month(let width):
        guard let value = number(width, 2) else { return nil }
        month = value
      case .day(let width):
        guard let value = number(width, 2) else { return nil }
        day = value
      case .monthName:
        guard position + 3 <= text.count else { return nil }
        let letters = (0..<3).map { text[position + $0] | 0x20 }
        let found = (0..<12).first { Self.months[$0 * 3..<$0 * 3 + 3].elementsEqual(letters) }
        guard let found else { return nil }
        month = found + 1
        position += 3
      case .literal(let byte):
        guard position < text.count, text[position] == byte else { return nil }
        position += 1
      }
    }
    guard position == text.count else { return nil }
    return CivilDate(year: year, month: month, day: day)?.days
  }
}
