internal import Statistics

/// A word of an expression with the 1-based character at which it starts.
struct Token: Sendable, Equatable {
  enum Kind: Sendable, Equatable {
    case number(Double, String)
    case text(String)
    case name(String, Bool)
    case sign(String)
    case end
  }

  var kind: Kind
  var position: Int
}

/// Cuts text into tokens by R's rules.
struct Tokenizer {
  private let source: SyntaxSource
  private let scalars: [Unicode.Scalar]
  private var next = 0

  init(_ source: SyntaxSource) {
    self.source = source
    scalars = Array(source.text.unicodeScalars)
  }

  static func continuesName(_ scalar: Unicode.Scalar) -> Bool {
    scalar == "." || scalar == "_" || isDigit(scalar) || scalar.properties.isAlphabetic
  }

  private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }

  private func peek(_ ahead: Int = 0) -> Unicode.Scalar? {
    next + ahead < scalars.count ? scalars[next + ahead] : nil
  }

  mutating func tokens() throws(SiblingError) -> [Token] {
    var tokens: [Token] = []
    while true {
      while let scalar = peek(), scalar.properties.isWhitespace { next += 1 }
      let token = try token()
      tokens.append(token)
      if token.kind == .end { return tokens }
      if tokens.count > 20_000 {
        throw source.syntaxError("the text is too long", at: token.position)
      }
    }
  }

  private mutating func token() throws(SiblingError) -> Token {
    let position = next + 1
    guard let scalar = peek() else { return Token(kind: .end, position: position) }
    if Self.isDigit(scalar) || (scalar == "." && peek(1).map(Self.isDigit) == true) {
      return Token(kind: try number(), position: position)
    }
    if scalar == "." || scalar.properties.isAlphabetic {
      let start = next
      while let scalar = peek(), Self.continuesName(scalar) { next += 1 }
      return Token(kind: .name(string(start, next), false), position: position)
    }
    if scalar == "'" || scalar == "\"" || scalar == "`" {
      let content = try quoted(scalar)
      return Token(kind: scalar == "`" ? .name(content, true) : .text(content), position: position)
    }
    return Token(kind: .sign(try sign(scalar)), position: position)
  }

  private func string(_ from: Int, _ to: Int) -> String {
    var view = String.UnicodeScalarView()
    view.append(contentsOf: scalars[from..<to])
    return String(view)
  }

  private mutating func number() throws(SiblingError) -> Token.Kind {
    let start = next
    while let scalar = peek(), Self.isDigit(scalar) { next += 1 }
    if peek() == "." { next += 1 }
    while let scalar = peek(), Self.isDigit(scalar) { next += 1 }
    if peek() == "e" || peek() == "E" {
      let signed = peek(1) == "+" || peek(1) == "-"
      if let digit = peek(signed ? 2 : 1), Self.isDigit(digit) {
        next += signed ? 2 : 1
        while let scalar = peek(), Self.isDigit(scalar) { next += 1 }
      }
    }
    let written = string(start, next)
    let isInteger = peek() == "L"
    if isInteger { next += 1 }
    if let scalar = peek(), Self.continuesName(scalar) {
      throw source.syntaxError(
        "a number runs into '\(scalar)'", at: next + 1,
        help: "write * between factors, and backticks around names that start with a digit")
    }
    guard let value = Double(written), value.isFinite else {
      throw source.syntaxError("'\(written)' is not a number that can be held", at: start + 1)
    }
    return .number(value, isInteger ? written + "L" : numberText(value))
  }

  private mutating func quoted(_ mark: Unicode.Scalar) throws(SiblingError) -> String {
    let start = next
    var view = String.UnicodeScalarView()
    next += 1
    while let scalar = peek() {
      next += 1
      if scalar == mark {
        if mark == "`", view.isEmpty {
          throw source.syntaxError("the name between backticks is empty", at: start + 1)
        }
        return String(view)
      }
      if scalar == "\\", let escaped = peek() {
        next += 1
        switch escaped {
        case "n": view.append("\n")
        case "t": view.append("\t")
        case "\\", "'", "\"", "`": view.append(escaped)
        default:
          throw source.syntaxError(
            "'\\\(escaped)' is not an escape", at: next - 1, help: "write \\\\ for a backslash")
        }
      } else {
        view.append(scalar)
      }
    }
    throw source.syntaxError(
      mark == "`" ? "a backtick is not closed" : "a quotation mark is not closed", at: start + 1)
  }

  private mutating func sign(_ scalar: Unicode.Scalar) throws(SiblingError) -> String {
    let position = next + 1
    if scalar == "%" {
      var end = next + 1
      while end < scalars.count, scalars[end] != "%", !scalars[end].properties.isWhitespace {
        end += 1
      }
      let written = end < scalars.count ? string(next, end + 1) : "%"
      guard ["%in%", "%%", "%/%"].contains(written) else {
        throw source.syntaxError(
          "there is no operator here", at: position,
          help: "the operators with % are %in%, %% and %/%")
      }
      next = end + 1
      return written
    }
    let pair = next + 1 < scalars.count ? string(next, next + 2) : ""
    if ["==", "!=", "<=", ">=", "&&", "||", "**", "::"].contains(pair) {
      if pair == "::" {
        throw source.syntaxError(
          "a package name is not needed", at: position, help: "write the function's name alone")
      }
      next += 2
      return pair == "**" ? "^" : pair
    }
    next += 1
    switch scalar {
    case "+", "-", "*", "/", "^", ":", "<", ">", "&", "|", "!", "(", ")", ",", "=", "~":
      return String(scalar)
    case "\u{2018}", "\u{2019}", "\u{201C}", "\u{201D}":
      throw source.syntaxError(
        "a curved quotation mark stands here", at: position, help: "use straight marks: ' or \"")
    case "$", "[", "]":
      throw source.syntaxError(
        "'\(scalar)' has no meaning here", at: position, help: "write the column's name alone")
    default:
      throw source.syntaxError(
        "'\(scalar)' has no meaning here", at: position,
        help: "put names with unusual characters between backticks: `my column`")
    }
  }
}
