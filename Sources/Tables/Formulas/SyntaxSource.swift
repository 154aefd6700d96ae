internal import Statistics

/// The text that is parsed, and how its errors are worded.
struct SyntaxSource: Sendable, Equatable {
  enum Dialect: Sendable, Equatable {
    case expression
    case formula
  }

  var text: String
  var dialect: Dialect

  /// What errors give as the file.
  var label: String { dialect == .formula ? "<formula>" : "<expression>" }

  /// The place of a 1-based character.
  func location(_ position: Int) -> SiblingError.Location {
    SiblingError.Location(file: label, line: 1, column: position)
  }

  /// A syntax error at a 1-based character, with a caret below it.
  func syntaxError(
    _ message: String, at position: Int, help: String? = nil, suggestion: String? = nil
  ) -> SiblingError {
    error(
      dialect == .formula ? .formulaSyntax : .expressionSyntax, message, at: position, help: help,
      suggestion: suggestion)
  }

  /// An error of any kind that points into the text.
  func error(
    _ code: SiblingError.Code, _ message: String, at position: Int, help: String? = nil,
    suggestion: String? = nil, column: String? = nil
  ) -> SiblingError {
    SiblingError(
      code, message, help: (help.map { $0 + "\n" } ?? "") + caret(position),
      suggestion: suggestion, location: location(position), column: column)
  }

  /// The text with a caret under a character; long texts show the part around it.
  private func caret(_ position: Int) -> String {
    let scalars = text.unicodeScalars.map { $0 == "\n" || $0 == "\t" ? " " : Character($0) }
    let start = max(0, min(position - 50, scalars.count - 76))
    let end = min(scalars.count, start + 76)
    return String(scalars[start..<end]) + "\n"
      + String(repeating: " ", count: max(0, position - 1 - start)) + "^"
  }
}
