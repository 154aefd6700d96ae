internal import Statistics

/// Turns tokens into a tree by R's precedence.
///
/// From loose to tight: `~`, `|`, `&`, `!`, comparisons (which do not chain), `+ -`, `* /`,
/// `%in% %% %/%`, `:`, unary minus, and `^`, which groups to the right.
struct SyntaxParser {
  private let source: SyntaxSource
  private let tokens: [Token]
  private var next = 0
  private var nesting = 0

  private static let comparisonLevel = 5
  private static let signLevel = 10

  init(_ source: SyntaxSource) throws(SiblingError) {
    self.source = source
    var tokenizer = Tokenizer(source)
    tokens = try tokenizer.tokens()
  }

  private var token: Token { tokens[min(next, tokens.count - 1)] }

  /// Parses the whole text as one expression.
  static func expression(_ source: SyntaxSource) throws(SiblingError) -> Syntax {
    var parser = try SyntaxParser(source)
    let result = try parser.expression(0)
    try parser.expectEnd()
    return result
  }

  /// Parses `left ~ right` or `~ right`.
  static func formula(_ source: SyntaxSource) throws(SiblingError) -> (left: Syntax?, right: Syntax)
  {
    var parser = try SyntaxParser(source)
    var left: Syntax?
    if parser.token.kind != .sign("~") { left = try parser.expression(0) }
    guard parser.token.kind == .sign("~") else {
      if parser.token.kind == .end {
        throw source.syntaxError(
          "a formula needs a ~", at: parser.token.position,
          help: "write the outcome, ~ and the terms: y ~ a + b")
      }
      throw parser.unexpected()
    }
    parser.next += 1
    let right = try parser.expression(0)
    if parser.token.kind == .sign("~") {
      throw source.syntaxError("a formula has one ~", at: parser.token.position)
    }
    try parser.expectEnd()
    return (left, right)
  }

  /// Parses `name = expression`.
  static func derivation(_ source: SyntaxSource) throws(SiblingError) -> (String, Syntax) {
    var parser = try SyntaxParser(source)
    guard case .name(let name, _) = parser.token.kind else {
      throw source.syntaxError(
        "a new column's name is expected", at: parser.token.position,
        help: "write name = expression, such as: logwage = log(wage)")
    }
    parser.next += 1
    guard parser.token.kind == .sign("=") else {
      throw source.syntaxError(
        "= is expected after the new column's name", at: parser.token.position,
        help: "write name = expression, such as: logwage = log(wage)")
    }
    parser.next += 1
    let result = try parser.expression(0)
    try parser.expectEnd()
    return (name, result)
  }

  private func level(_ kind: Token.Kind) -> Int? {
    guard case .sign(let sign) = kind else { return nil }
    return switch sign {
    case "|", "||": 2
    case "&", "&&": 3
    case "==", "!=", "<", "<=", ">", ">=": Self.comparisonLevel
    case "+", "-": 6
    case "*", "/": 7
    case "%in%", "%%", "%/%": 8
    case ":": 9
    case "^": 11
    default: nil
    }
  }

  private mutating func expression(_ minimum: Int) throws(SiblingError) -> Syntax {
    nesting += 1
    defer { nesting -= 1 }
    try bound(nesting, 200)
    var left = try operand()
    while let level = level(token.kind), level >= minimum, case .sign(let sign) = token.kind {
      let position = token.position
      next += 1
      let right = try expression(sign == "^" ? level : level + 1)
      left = Syntax(.infix(sign, left, right), at: position)
      try bound(left.depth, 1500)
      if level == Self.comparisonLevel, self.level(token.kind) == level {
        throw source.syntaxError(
          "comparisons cannot be chained", at: token.position,
          help: "join them with &: 18 <= age & age < 65")
      }
    }
    return left
  }

  private func bound(_ depth: Int, _ limit: Int) throws(SiblingError) {
    if depth > limit {
      throw source.syntaxError("the text is nested too deeply", at: token.position)
    }
  }

  private mutating func operand() throws(SiblingError) -> Syntax {
    let start = token
    switch start.kind {
    case .number(let value, let written):
      next += 1
      return Syntax(.number(value, written), at: start.position)
    case .text(let string):
      next += 1
      return Syntax(.text(string), at: start.position)
    case .name(let name, let quoted):
      next += 1
      if token.kind == .sign("("), !quoted { return try call(name, at: start.position) }
      if !quoted {
        switch name {
        case "TRUE": return Syntax(.logical(true), at: start.position)
        case "FALSE": return Syntax(.logical(false), at: start.position)
        case "NA": return Syntax(.logical(nil), at: start.position)
        case "Inf": return Syntax(.number(.infinity, "Inf"), at: start.position)
        default: break
        }
      }
      return Syntax(.name(name), at: start.position)
    case .sign("("):
      next += 1
      let inner = try expression(0)
      try close(start.position)
      return Syntax(.parenthesis(inner), at: start.position)
    case .sign("-"), .sign("+"):
      next += 1
      return Syntax(
        .prefix(start.kind == .sign("-") ? "-" : "+", try expression(Self.signLevel)),
        at: start.position)
    case .sign("!"):
      next += 1
      return Syntax(.prefix("!", try expression(4)), at: start.position)
    default: throw unexpected()
    }
  }

  private mutating func close(_ opened: Int) throws(SiblingError) {
    guard token.kind == .sign(")") else {
      if token.kind == .end {
        throw source.syntaxError("a parenthesis is not closed", at: opened)
      }
      throw unexpected()
    }
    next += 1
  }

  private mutating func call(_ name: String, at position: Int) throws(SiblingError) -> Syntax {
    try Functions.check(name, at: position, in: source)
    let opened = token.position
    next += 1
    var arguments: [Syntax.Argument] = []
    if token.kind != .sign(")") {
      while true {
        var label: String?
        if case .name(let word, _) = token.kind, next + 1 < tokens.count,
          tokens[next + 1].kind == .sign("=")
        {
          label = word
          next += 2
        }
        arguments.append(Syntax.Argument(name: label, value: try expression(0)))
        guard token.kind == .sign(",") else { break }
        next += 1
      }
    }
    try close(opened)
    try Functions.check(name, arguments, at: position, in: source)
    return Syntax(.call(name, arguments), at: position)
  }

  private func expectEnd() throws(SiblingError) {
    if token.kind != .end { throw unexpected() }
  }

  /// The error for a token that cannot stand where it does.
  private func unexpected() -> SiblingError {
    let position = token.position
    // A value is expected at the start, after an operator and after an opening parenthesis.
    let previous = next > 0 ? tokens[next - 1].kind : .sign("(")
    let wantsValue: Bool
    switch previous {
    case .sign(")"), .number, .text, .name, .end: wantsValue = false
    case .sign: wantsValue = true
    }
    switch token.kind {
    case .end:
      return source.syntaxError(
        tokens.count == 1 ? "there is nothing here" : "something is missing at the end",
        at: position, help: "a column, number, text or function is expected")
    case .sign("="):
      return source.syntaxError(
        "= does not compare", at: position, help: "write == to compare")
    case .sign("~"):
      return source.syntaxError("~ only stands in formulas", at: position)
    case .sign(let sign):
      return source.syntaxError(
        "'\(sign)' cannot stand here", at: position,
        help: wantsValue ? "a column, number, text or function is expected before it" : nil)
    case .name(let word, false) where ["and", "or", "not", "in", "AND", "OR"].contains(word):
      return source.syntaxError(
        "an operator is expected before '\(word)'", at: position,
        help: "write & for and, | for or, ! for not, %in% for in")
    case .name(let word, _):
      return source.syntaxError(
        "an operator is expected before '\(word)'", at: position,
        help: "put names with spaces between backticks: `my column`")
    case .number, .text:
      return source.syntaxError("an operator is expected here", at: position)
    }
  }
}
