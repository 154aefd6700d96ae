public import Statistics

/// Renders errors and notes as a compiler would.
public struct DiagnosticRenderer: Sendable {
  /// Whether cells of the data may be shown.
  public var isPublic: Bool
  /// Whether to colour the words `error`, `help` and `note` for a terminal.
  public var isColoured: Bool

  /// A renderer.
  public init(isPublic: Bool = false, isColoured: Bool = false) {
    self.isPublic = isPublic
    self.isColoured = isColoured
  }

  /// The text of an error: place, code, message, offending cell (masked unless public), help.
  public func render(_ error: SiblingError) -> String {
    var lines: [String] = []
    let head = "\(paint("error", "1;31")) [\(error.code.rawValue)]: \(error.message)"
    if let location = error.location {
      lines.append("\(place(location)): \(head)")
    } else {
      lines.append(head)
    }
    if let cell = error.cell {
      let shown =
        isPublic ? "'\(cell)'" : "'\(masked(cell))' (masked; declare the data public to see it)"
      lines.append("  cell: \(shown)")
    }
    if let suggestion = error.suggestion {
      lines.append("  \(paint("help", "1;36")): did you mean '\(suggestion)'?")
    }
    if let help = error.help { lines.append("  \(paint("help", "1;36")): \(help)") }
    return lines.joined(separator: "\n")
  }

  /// The text of a note.
  public func render(note: String) -> String { "\(paint("note", "1;34")): \(note)" }

  /// `file:line:column`, as far as it is known.
  public func place(_ location: SiblingError.Location) -> String {
    var text = location.file
    if let line = location.line { text += ":\(line)" }
    if location.line != nil, let column = location.column { text += ":\(column)" }
    return text
  }

  /// The shape of a cell without its content: letters become x, digits 9.
  func masked(_ cell: String) -> String {
    String(
      cell.prefix(24).map { character in
        character.isNumber ? "9" : character.isLetter ? "x" : character
      })
  }

  private func paint(_ word: String, _ code: String) -> String {
    isColoured ? "\u{1B}[\(code)m\(word)\u{1B}[0m" : word
  }
}
