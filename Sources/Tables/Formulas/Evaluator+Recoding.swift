internal import Statistics

/// Functions that make categories and read dates: `recode`, `cut`, `year`, `quarter`, `month`, `days`,
/// `as.Date`.
extension Evaluator {
  /// The value of such a function; nil for any other name.
  func category(
    _ name: String, _ arguments: [Syntax.Argument], _ syntax: Syntax
  ) throws(SiblingError) -> Evaluated? {
    switch name {
    case "recode": return try recode(arguments.map(\.value), syntax)
    case "cut": return try cut(arguments.map(\.value), syntax)
    case "year": return try datePart(arguments[0].value) { $0.year }
    case "quarter": return try datePart(arguments[0].value) { ($0.month - 1) / 3 + 1 }
    case "month": return try datePart(arguments[0].value) { $0.month }
    case "days":
      let (from, to) = (try dates(arguments[0].value), try dates(arguments[1].value))
      return arithmetic(try numbers(to, arguments[1].value), try numbers(from, arguments[0].value))
      {
        $0 - $1
      }
    case "as.Date": return try dates(arguments[0].value, fromNumbers: true)
    default: return nil
    }
  }

  /// The dates of an argument: a date, text written yyyy-mm-dd, or days since 1970-01-01.
  private func dates(
    _ syntax: Syntax, fromNumbers: Bool = false
  ) throws(SiblingError) -> Evaluated {
    let value = try evaluate(syntax)
    switch value.values {
    case .dates: return value
    case .text(let factor):
      var days: [Int32] = []
      for (code, level) in factor.levels.enumerated() {
        if let date = CivilDate(iso: level) {
          days.append(date.days)
          continue
        }
        days.append(Int32.min)
        guard let row = factor.codes.firstIndex(of: Int32(code)) else { continue }
        if value.isConstant {
          throw source.error(
            .wrongType, "`\(syntax.text)` is not a date", at: syntax.position,
            help: "write dates as \"YYYY-MM-DD\"")
        }
        throw SiblingError(
          .badCell, "`\(syntax.text)` holds text that is not a date written yyyy-mm-dd",
          help: "declare how its dates are written: --date-format name=dd/mm/yyyy",
          location: table.location(row: row, of: syntax), row: row,
          column: syntax.columnNames.first, cell: level)
      }
      return Evaluated(
        .dates(factor.codes.map { $0 < 0 ? Int32.min : days[Int($0)] }),
        constant: value.isConstant)
    case .numbers(let values) where fromNumbers:
      // Beyond the years that a calendar date can have there is nothing to give.
      let days = values.map {
        $0.isNaN || $0.magnitude > 1.1e7 ? Int32.min : Int32($0.rounded(.down))
      }
      if let row = values.firstIndex(where: { Evaluated.isInvalid($0) || $0.magnitude > 1.1e7 }) {
        throw Expression.failure(syntax, row: value.isConstant ? 0 : row, in: table)
      }
      return Evaluated(.dates(days), constant: value.isConstant)
    case .logicals where value.isNA:
      return Evaluated(.dates([Int32.min]), constant: true)
    case .numbers, .logicals:
      throw source.error(
        .wrongType, "`\(syntax.text)` is a \(value.typeName) where a date is needed",
        at: syntax.position,
        help: "declare the column a date, or write dates as \"YYYY-MM-DD\"",
        column: syntax.columnNames.first)
    }
  }

  private func datePart(
    _ syntax: Syntax, _ part: ((year: Int, month: Int, day: Int)) -> Int
  ) throws(SiblingError) -> Evaluated {
    let value = try dates(syntax)
    guard case .dates(let days) = value.values else { return value }
    return Evaluated(
      .numbers(
        days.map { $0 == Int32.min ? .nan : Double(part(CivilDate(days: $0).components)) }),
      constant: value.isConstant)
  }

  /// `cut(x, 16, 25)`: under 16, 16 to under 25, 25 and over.
  private func cut(_ arguments: [Syntax], _ syntax: Syntax) throws(SiblingError) -> Evaluated {
    var breaks: [Double] = []
    for argument in arguments.dropFirst() {
      let listed = try Literals(argument, source)
      guard listed.texts.isEmpty, !listed.hasNA else {
        throw source.syntaxError(
          "cut() takes numbers after the column: cut(age, 25, 50)", at: argument.position)
      }
      breaks += listed.numbers
    }
    guard !breaks.isEmpty, zip(breaks, breaks.dropFirst()).allSatisfy({ $0 < $1 }) else {
      throw source.syntaxError(
        "the numbers of cut() must rise: cut(age, 25, 50)", at: syntax.position)
    }
    let x = try numbers(try evaluate(arguments[0]), arguments[0])
    var levels = ["under \(numberText(breaks[0]))"]
    for (low, high) in zip(breaks, breaks.dropFirst()) {
      levels.append("\(numberText(low)) to under \(numberText(high))")
    }
    levels.append("\(numberText(breaks[breaks.count - 1])) and over")
    if let row = x.values.firstIndex(where: { Evaluated.isInvalid($0) }) {
      throw Expression.failure(arguments[0], row: x.constant ? 0 : row, in: table)
    }
    let codes = x.values.map { value -> Int32 in
      value.isNaN ? -1 : Int32(breaks.count { $0 <= value })
    }
    return Evaluated(.text(Factor(codes: codes, levels: levels)), constant: x.constant)
  }
}
