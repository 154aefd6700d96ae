import Tables

/// Numbers as the report writes them, on the number writer of Tables.
enum FixedText {
  /// The significant digits of a number in a result file.
  static let digits = 12

  /// The decimal with at most this many significant digits.
  static func significant(_ value: Double, digits: Int = digits) -> String {
    NumberText.significant(value, digits: digits)
  }

  /// A fixed number of decimal places; a value that rounds to zero has no sign.
  static func decimals(_ value: Double, _ places: Int) -> String {
    NumberText.fixed(value, decimals: places)
  }

  /// Fixed decimals with commas between thousands.
  static func grouped(_ value: Double, _ places: Int = 0) -> String {
    NumberText.grouped(value, decimals: places)
  }
}
