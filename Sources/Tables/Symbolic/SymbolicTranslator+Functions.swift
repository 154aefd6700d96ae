internal import Glibc
internal import Statistics

extension SymbolicTranslator {
  /// A function of values of one row.
  func call(
    _ name: String, _ arguments: [Syntax.Argument], _ whole: Syntax
  ) throws(SiblingError) -> SymbolicValue {
    let given = Functions.matched(name, arguments)
    guard let first = given["x"] ?? arguments.first?.value else {
      throw unsupported("\(name)()", whole)
    }
    switch name {
    case "I": return try value(first)
    case "log":
      let inner = RowExpression.function(.logarithm, try number(first))
      guard let base = given["base"] else { return .number(inner) }
      guard let number = base.literalNumber, number > 0 else {
        throw unsupported("log() with a base that is not a plain number", whole)
      }
      return .number(inner / .constant(log(number)))
    case "log2": return .number(.function(.logarithm, try number(first)) / .constant(log(2)))
    case "log10": return .number(.function(.logarithm, try number(first)) / .constant(log(10)))
    case "log1p": return .number(.function(.logarithm, .constant(1) + (try number(first))))
    case "exp": return .number(.function(.exponential, try number(first)))
    case "sqrt": return .number(.function(.squareRoot, try number(first)))
    case "floor": return .number(.function(.floor, try number(first)))
    case "ceiling": return .number(-(.function(.floor, -(try number(first)))))
    case "abs":
      let x = try number(first)
      return .number(.chosen(.comparison(.less, x, .constant(0)), then: -x, otherwise: x))
    case "min", "pmin": return .number(try extreme(.atMost, arguments))
    case "max", "pmax": return .number(try extreme(.atLeast, arguments))
    case "is.na": return .truth(try missing(first))
    case "as.numeric", "as.integer":
      let x = try number(first)
      guard name == "as.integer" else { return .number(x) }
      return .number(
        .chosen(
          .comparison(.less, x, .constant(0)), then: -(.function(.floor, -x)),
          otherwise: .function(.floor, x)))
    case "as.character", "as.factor": return .factor(try factor(first))
    case "factor":
      guard arguments.count == 1 else { throw unsupported("factor() with levels", whole) }
      return .factor(try factor(first))
    case "as.Date":
      switch try value(first) {
      case .date(let expression): return .date(expression)
      case .word(let text):
        return .date(try day(text, first))
      default: throw unsupported("as.Date() of a column", whole)
      }
    case "days":
      guard arguments.count == 2 else { throw unsupported("days()", whole) }
      return .number(try day(arguments[1].value) - day(arguments[0].value))
    case "year", "month", "quarter": return .number(try calendar(name, try number(first)))
    case "ifelse":
      guard arguments.count == 3 else { throw unsupported("ifelse()", whole) }
      return try chosen(
        given["test"] ?? arguments[0].value, given["yes"] ?? arguments[1].value,
        given["no"] ?? arguments[2].value)
    default: throw unsupported("\(name)()", whole)
    }
  }

  /// The day of a date or of a written one.
  private func day(_ syntax: Syntax) throws(SiblingError) -> RowExpression {
    switch try value(syntax) {
    case .word(let text): return try day(text, syntax)
    case .factor: throw unsupported("days() of text", syntax)
    default: return try number(syntax)
    }
  }

  /// The day of a written date.
  private func day(_ text: String, _ syntax: Syntax) throws(SiblingError) -> RowExpression {
    guard let day = CivilDate(iso: text)?.days else {
      throw source.error(
        .wrongType, "`\(syntax.text)` is not a date", at: syntax.position,
        help: "write dates as \"YYYY-MM-DD\"")
    }
    return .constant(Double(day))
  }

  /// 1 where the value is missing.
  func missing(_ syntax: Syntax) throws(SiblingError) -> RowExpression {
    switch try value(syntax) {
    case .factor(let factor): return factor.isMissing
    case .word: return .constant(0)
    case .number(.column(let name)), .truth(.column(let name)), .date(.column(let name)):
      return .isAbsent(name)
    case .number(let expression), .truth(let expression), .date(let expression):
      return .isMissing(expression)
    }
  }

  /// The value as a category.
  func factor(_ syntax: Syntax) throws(SiblingError) -> SymbolicFactor {
    switch try value(syntax) {
    case .factor(let factor): return factor
    case .truth(.column(let name)), .date(.column(let name)): return .text(column: name)
    case .truth(let test):
      return .cases([
        SymbolicFactor.Case("FALSE", test.negated), SymbolicFactor.Case("TRUE", test),
      ])
    case .number(let expression), .date(let expression): return .number(expression)
    case .word(let text): return .cases([SymbolicFactor.Case(text, .constant(1))])
    }
  }

  private func extreme(
    _ comparison: RowExpression.Comparison, _ arguments: [Syntax.Argument]
  ) throws(SiblingError) -> RowExpression {
    var result = try number(arguments[0].value)
    for argument in arguments.dropFirst() {
      let other = try number(argument.value)
      result = .chosen(.comparison(comparison, result, other), then: result, otherwise: other)
    }
    return result
  }

  private func chosen(
    _ test: Syntax, _ yes: Syntax, _ no: Syntax
  ) throws(SiblingError) -> SymbolicValue {
    let condition = try truth(test)
    let (a, b) = (try value(yes), try value(no))
    func isText(_ value: SymbolicValue) -> Bool {
      switch value {
      case .factor, .word: true
      default: false
      }
    }
    guard isText(a) || isText(b) else {
      let chosen = RowExpression.chosen(
        condition, then: try number(yes), otherwise: try number(no))
      switch (a, b) {
      case (.truth, .truth): return .truth(chosen)
      case (.date, .date): return .date(chosen)
      default: return .number(chosen)
      }
    }
    return .factor(
      .cases(
        try cases(a, where: condition, yes) + cases(b, where: condition.negated, no)))
  }

  /// The levels of one branch of a choice between texts.
  private func cases(
    _ value: SymbolicValue, where condition: RowExpression, _ syntax: Syntax
  ) throws(SiblingError) -> [SymbolicFactor.Case] {
    switch value {
    case .word(let text): return [SymbolicFactor.Case(text, condition)]
    case .factor(.cases(let cases)):
      // Earlier cases of the branch go first, as they did inside it.
      return cases.map { SymbolicFactor.Case($0.level, .both(condition, $0.condition)) }
    case .truth(.missing): return []
    default: throw unsupported("a choice between a text and a column", syntax)
    }
  }

  /// Parts of a civil date from days since 1970-01-01, in the proleptic Gregorian calendar.
  private func calendar(_ part: String, _ days: RowExpression) throws(SiblingError) -> RowExpression
  {
    func floor(_ a: RowExpression, _ b: Double) -> RowExpression {
      .function(.floor, a / .constant(b))
    }
    // Years from 1 March of year 0 in eras of 400 years (Hinnant, "chrono-compatible low-level date
    // algorithms").
    let z = days + .constant(719_468)
    let era = floor(z, 146_097)
    let day = z - era * .constant(146_097)
    let year = floor(
      day - floor(day, 1460) + floor(day, 36_524) - floor(day, 146_096), 365)
    let dayOfYear =
      day - (.constant(365) * year + floor(year, 4) - floor(year, 100))
    let shifted = floor(.constant(5) * dayOfYear + .constant(2), 153)
    let month = RowExpression.chosen(
      .comparison(.less, shifted, .constant(10)), then: shifted + .constant(3),
      otherwise: shifted - .constant(9))
    switch part {
    case "month": return month
    case "quarter": return floor(month + .constant(2), 3)
    default:
      return year + era * .constant(400)
        + .comparison(.atLeast, shifted, .constant(10))
    }
  }
}
