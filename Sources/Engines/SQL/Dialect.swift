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
}

extension SQLDialect {
  public func quoted(_ name: String) -> String {
    "\"" + name.replacing("\"", by: "\"\"") + "\""
  }

  public func literal(_ text: String) -> String { "'" + text.replacing("'", by: "''") + "'" }

  public func byCodePoint(_ text: String) -> String { text }

  /// The digits of a double with an exponent, so that no engine takes it for a decimal.
  public func digits(_ value: Double) -> String {
    let text = "\(value)"
    return text.contains("e") ? text : text + "e0"
  }
}

extension String {
  /// The text with every occurrence of a character's text replaced.
  func replacing(_ old: Character, by new: String) -> String {
    var result = ""
    for character in self { if character == old { result += new } else { result.append(character) } }
    return result
  }
}
