internal import Glibc
internal import Statistics

/// Turns parsed expressions into what an engine can compute from a row.
struct SymbolicTranslator {
  let columns: [String: SymbolicColumn.Kind]
  let names: [String]
  let definitions: [String: SymbolicDefinition]
  let source: SyntaxSource

  init(
    _ columns: [SymbolicColumn], _ definitions: [String: SymbolicDefinition],
    _ source: SyntaxSource
  ) {
    self.columns = Dictionary(columns.map { ($0.name, $0.kind) }) { first, _ in first }
    names = columns.map(\.name)
    self.definitions = definitions
    self.source = source
  }

  func value(_ syntax: Syntax) throws(SiblingError) -> SymbolicValue {
    switch syntax.kind {
    case .number(let value, _): return .number(.constant(value))
    case .text(let text): return .word(text)
    case .logical(let truth): return .truth(truth.map { .constant($0 ? 1 : 0) } ?? .missing)
    case .name(let name): return try column(name, syntax)
    case .parenthesis(let inner): return try value(inner)
    case .prefix("!", let inner): return .truth(try truth(inner).negated)
    case .prefix("-", let inner):
      if let number = syntax.literalNumber { return .number(.constant(number)) }
      return .number(-(try number(inner)))
    case .prefix(_, let inner): return .number(try number(inner))
    case .infix(let sign, let left, let right): return try infix(sign, left, right, syntax)
    case .call(let name, let arguments): return try call(name, arguments, syntax)
    }
  }

  /// The value as a number; truth values are 1 and 0, dates days.
  func number(_ syntax: Syntax) throws(SiblingError) -> RowExpression {
    switch try value(syntax) {
    case .number(let expression), .truth(let expression), .date(let expression):
      return expression
    case .factor, .word:
      throw source.error(
        .wrongType, "`\(syntax.bare.text)` is text where a number is needed",
        at: syntax.bare.position, column: syntax.columnNames.first)
    }
  }

  /// The value as a truth value; numbers other than 0 are true.
  func truth(_ syntax: Syntax) throws(SiblingError) -> RowExpression {
    switch try value(syntax) {
    case .truth(let expression): return expression
    case .number(let expression): return .comparison(.unequal, expression, .constant(0))
    case .date, .factor, .word:
      throw source.error(
        .wrongType, "`\(syntax.bare.text)` is not true or false", at: syntax.bare.position,
        help: "compare it with a value", column: syntax.columnNames.first)
    }
  }

  private func column(_ name: String, _ syntax: Syntax) throws(SiblingError) -> SymbolicValue {
    if let defined = definitions[name] { return defined.value }
    switch columns[name] {
    case .integer, .number: return .number(.column(name))
    case .boolean: return .truth(.column(name))
    case .date: return .date(.column(name))
    case .text: return .factor(.text(column: name))
    case nil:
      throw source.error(
        .unknownColumn, "there is no column '\(name)'", at: syntax.position,
        suggestion: nearestName(to: name, among: names + definitions.keys.sorted()), column: name)
    }
  }

  private func infix(
    _ sign: String, _ left: Syntax, _ right: Syntax, _ whole: Syntax
  ) throws(SiblingError) -> SymbolicValue {
    switch sign {
    case "&", "&&": return .truth(.both(try truth(left), try truth(right)))
    case "|", "||": return .truth(.either(try truth(left), try truth(right)))
    case "==", "!=", "<", "<=", ">", ">=":
      return .truth(try comparison(sign, left, right, whole))
    case "%in%": return .truth(try membership(left, right))
    case "^": return .number(try power(left, right, whole))
    case "+": return .number(try number(left) + number(right))
    case "-": return .number(try number(left) - number(right))
    case "*": return .number(try number(left) * number(right))
    case "/": return .number(try number(left) / number(right))
    case "%/%": return .number(.function(.floor, try number(left) / number(right)))
    case "%%":
      let (a, b) = (try number(left), try number(right))
      return .number(a - .function(.floor, a / b) * b)
    default: throw unsupported("'\(sign)'", whole)
    }
  }

  private func power(
    _ left: Syntax, _ right: Syntax, _ whole: Syntax
  ) throws(SiblingError) -> RowExpression {
    let base = try number(left)
    guard let exponent = right.literalNumber else {
      throw unsupported("a power that is not a plain number", whole)
    }
    if exponent == 0.5 { return .function(.squareRoot, base) }
    if exponent == -1 { return .constant(1) / base }
    guard exponent == exponent.rounded(), (1...8).contains(exponent) else {
      throw unsupported("a power other than 0.5, −1 and 1 to 8", whole)
    }
    return (1..<Int(exponent)).reduce(base) { product, _ in product * base }
  }

  private func comparison(
    _ sign: String, _ left: Syntax, _ right: Syntax, _ whole: Syntax
  ) throws(SiblingError) -> RowExpression {
    let (a, b) = (try value(left), try value(right))
    switch (a, b) {
    case (.factor(let factor), .word(let word)), (.word(let word), .factor(let factor)):
      switch sign {
      case "==": return try condition(factor, word, whole)
      case "!=": return try condition(factor, word, whole).negated
      default: throw unsupported("text compared by order", whole)
      }
    case (.date(let x), .word(let word)):
      return compared(sign, x, .constant(try day(word, right)))
    case (.word(let word), .date(let y)):
      return compared(sign, .constant(try day(word, left)), y)
    case (.factor, .factor), (.word, .word):
      throw unsupported("two texts compared with each other", whole)
    default: return compared(sign, try number(left), try number(right))
    }
  }

  private func compared(
    _ sign: String, _ a: RowExpression, _ b: RowExpression
  ) -> RowExpression {
    switch sign {
    case "==": .comparison(.equal, a, b)
    case "!=": .comparison(.unequal, a, b)
    case "<": .comparison(.less, a, b)
    case "<=": .comparison(.atMost, a, b)
    case ">": .comparison(.greater, a, b)
    default: .comparison(.atLeast, a, b)
    }
  }

  /// 1 where a factor has a level, missing where it is missing.
  func condition(
    _ factor: SymbolicFactor, _ level: String, _ whole: Syntax
  ) throws(SiblingError) -> RowExpression {
    switch factor {
    case .text(let column): return .level(level, of: column)
    case .number(let expression):
      guard let number = Double(level) else { throw unsupported("a category of numbers", whole) }
      return .comparison(.equal, expression, .constant(number))
    case .cases(let cases):
      let places = cases.indices.filter { cases[$0].level == level }
      guard !places.isEmpty else {
        return .chosen(factor.isMissing, then: .missing, otherwise: .constant(0))
      }
      return places.dropFirst().reduce(
        RowExpression.comparison(.equal, factor.index, .constant(Double(places[0])))
      ) { .either($0, .comparison(.equal, factor.index, .constant(Double($1)))) }
    }
  }

  private func day(_ text: String, _ syntax: Syntax) throws(SiblingError) -> Double {
    guard let day = CivilDate(iso: text)?.days else {
      throw source.error(
        .wrongType, "`\(syntax.text)` is not a date", at: syntax.position,
        help: "write dates as \"YYYY-MM-DD\"")
    }
    return Double(day)
  }

  private func membership(
    _ left: Syntax, _ right: Syntax
  ) throws(SiblingError) -> RowExpression {
    let listed = try Literals(right, source)
    let a = try value(left)
    var tests: [RowExpression] = []
    switch a {
    case .factor(let factor):
      for text in listed.texts { tests.append(try condition(factor, text, left)) }
    case .date(let expression):
      for text in listed.texts {
        tests.append(.comparison(.equal, expression, .constant(try day(text, right))))
      }
    default:
      let expression = try number(left)
      for number in listed.numbers {
        tests.append(.comparison(.equal, expression, .constant(number)))
      }
    }
    // As in R a missing value is a member of nothing.
    let missing: RowExpression
    switch a {
    case .factor(let factor): missing = factor.isMissing
    default: missing = .isMissing(try number(left))
    }
    let any = tests.reduce(RowExpression.constant(0)) { $0 == .constant(0) ? $1 : .either($0, $1) }
    return .chosen(missing, then: .constant(listed.hasNA ? 1 : 0), otherwise: any)
  }

  /// The error for what a row's number can't be made of.
  func unsupported(_ what: String, _ syntax: Syntax) -> SiblingError {
    source.error(
      .unsupportedFormat, "\(what) can't be computed by an engine", at: syntax.position,
      help: "compute it as a column of the source, or work in memory (--engine memory)",
      column: syntax.columnNames.first)
  }
}
