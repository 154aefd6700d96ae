internal import Engines

/// PostgreSQL's SQL.
struct PostgreSQLDialect: SQLDialect {
  /// The most bytes of a name; the server cuts longer ones off, and then two may be the same.
  static let longestName = 63

  var doubleType: String { "double precision" }
  var textType: String { "text" }
  /// A subquery with an offset is not merged into the one around it.
  ///
  /// The 0 must be of the offset's own type. Another is converted, and the planner, which looks before it
  /// has done so, takes it for an offset that may skip rows and gives the subquery to one process alone.
  var fence: String { " OFFSET int8 '0'" }

  func quoted(_ name: String) -> String {
    "\"" + doublingQuotes(name.utf8.count > Self.longestName ? shortened(name) : name) + "\""
  }

  /// A table's name: parts separated by dots, each taken as it is written; a part with a dot in it stands in
  /// double quotes.
  func source(_ name: String) -> String { Self.parts(name).map(quoted).joined(separator: ".") }

  static func parts(_ name: String) -> [String] {
    var parts = [""]
    var isQuoted = false
    var previous: Unicode.Scalar?
    for scalar in name.unicodeScalars {
      if scalar == "\"" {
        // Two quotes inside quotes are one.
        if !isQuoted, previous == "\"" { parts[parts.count - 1].unicodeScalars.append(scalar) }
        isQuoted.toggle()
      } else if scalar == ".", !isQuoted {
        parts.append("")
      } else {
        parts[parts.count - 1].unicodeScalars.append(scalar)
      }
      previous = scalar
    }
    return parts
  }

  func literal(_ value: Double) -> String { "float8 '\(value)'" }

  func days(_ column: String) -> String { "(\(column) - DATE '1970-01-01')" }

  func byCodePoint(_ text: String) -> String { "\(text) COLLATE \"C\"" }

  func temporary(_ name: String) -> String { "pg_temp." + quoted(name) }

  /// Byte by byte, whatever the collation of the column; enumerations, padded text and the like become text.
  func exact(_ column: String) -> String { "CAST(\(column) AS text) COLLATE \"C\"" }

  /// Through a double, since a decimal keeps its trailing zeros; adding 0 takes the sign of −0.
  func written(_ column: String) -> String {
    "CAST(NULLIF(CAST(\(column) AS float8), float8 'NaN') + float8 '0' AS text)"
  }

  /// Where `EXP` would be an error: too large is infinite, too small is 0.
  func exponential(_ exponent: String) -> String {
    "CASE WHEN \(exponent) > float8 '709.78' THEN float8 'inf' WHEN \(exponent) < float8 '-745.13' THEN"
      + " float8 '0' ELSE EXP(\(exponent)) END"
  }

  private func doublingQuotes(_ name: String) -> String {
    var result = String.UnicodeScalarView()
    for scalar in name.unicodeScalars {
      result.append(scalar)
      if scalar == "\"" { result.append(scalar) }
    }
    return String(result)
  }

  /// The beginning of a long name and a number made of all of it (FNV-1a, 64 bits).
  private func shortened(_ name: String) -> String {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    let digits = String(hash, radix: 16)
    var start = String.UnicodeScalarView()
    var length = 0
    for scalar in name.unicodeScalars {
      length += UTF8.width(scalar)
      if length > Self.longestName - digits.utf8.count - 1 { break }
      start.append(scalar)
    }
    return String(start) + "~" + digits
  }
}
