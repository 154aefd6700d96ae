/// What differs between the engines' SQL: quoting, types, literals and fences, and nothing else.
public protocol SQLDialect: Sendable {
  /// A name in quotes, with quotes inside it doubled.
  func quoted(_ name: String) -> String
  /// The rows of what the user named: a table, a view, or a file where the engine reads files.
  func source(_ name: String) -> String
  /// A constant of double precision that keeps every digit.
  func literal(_ value: Double) -> String
  /// A constant of text.
  func literal(_ text: String) -> String
  /// The name of the type of double precision.
  var doubleType: String { get }
  /// The name of the type of text.
  var textType: String { get }
  /// Days since 1970-01-01 of a column of dates.
  func days(_ column: String) -> String
  /// What follows a subquery's rows so that its values are not computed again for every sum.
  var fence: String { get }
  /// Text in the order of code points.
  func byCodePoint(_ text: String) -> String
  /// A table that lives as long as the connection.
  func temporary(_ name: String) -> String
  /// A column of text such that two values are equal only where their code points are.
  func exact(_ column: String) -> String
  /// A column of numbers in its written form: `3` and not `3.0`.
  func written(_ column: String) -> String
  /// The power of e where nothing bounds the exponent.
  func exponential(_ exponent: String) -> String
}

extension SQLDialect {
  /// A name in quotes, with quotes inside it doubled.
  public func quoted(_ name: String) -> String {
    "\"" + name.replacing("\"", by: "\"\"") + "\""
  }

  /// A text in quotes, with quotes inside it doubled.
  public func literal(_ text: String) -> String { "'" + text.replacing("'", by: "''") + "'" }

  /// The text as it is: for engines that compare by code point.
  public func byCodePoint(_ text: String) -> String { text }

  /// In quotes like any other.
  public func temporary(_ name: String) -> String { quoted(name) }

  /// The column as it is.
  public func exact(_ column: String) -> String { column }

  /// As the engine writes it.
  public func written(_ column: String) -> String { "CAST(\(column) AS \(textType))" }

  /// The function as it is.
  public func exponential(_ exponent: String) -> String { "EXP(\(exponent))" }

  /// The digits of a double with an exponent, so that no engine takes it for a decimal.
  public func digits(_ value: Double) -> String {
    let text = "\(value)"
    return text.contains("e") ? text : text + "e0"
  }
}

extension String {
  /// The text with every occurrence of a code point replaced.
  ///
  /// By code points and not by characters: a quote with an accent on it is one character, and still ends a
  /// quotation in SQL.
  func replacing(_ old: Unicode.Scalar, by new: String) -> String {
    var result = String.UnicodeScalarView()
    for scalar in unicodeScalars {
      if scalar == old {
        result.append(contentsOf: new.unicodeScalars)
      } else {
        result.append(scalar)
      }
    }
    return String(result)
  }
}
