internal import Glibc
internal import Statistics

/// Evaluates expressions on whole columns.
struct Evaluator {
  let table: Table
  let source: SyntaxSource

  func evaluate(_ syntax: Syntax) throws(SiblingError) -> Evaluated {
    if syntax.depth > 250 {
      throw source.syntaxError("the expression is nested too deeply", at: syntax.position)
    }
    switch syntax.kind {
    case .number(let value, _): return Evaluated(.numbers([value]), constant: true)
    case .text(let string):
      return Evaluated(.text(Factor(codes: [0], levels: [string])), constant: true)
    case .logical(let value):
      return Evaluated(.logicals([value.map { $0 ? 1 : 0 } ?? -1]), constant: true)
    case .name(let name): return Evaluated(try column(name, at: syntax.position))
    case .parenthesis(let inner): return try evaluate(inner)
    case .prefix("!", let inner):
      let operand = try logicals(try evaluate(inner), inner)
      return Evaluated(
        .logicals(operand.values.map { $0 < 0 ? $0 : 1 - $0 }), constant: operand.constant)
    case .prefix(let sign, let inner):
      let operand = try numbers(try evaluate(inner), inner)
      return sign == "-"
        ? Evaluated(.numbers(operand.values.map { -$0 }), constant: operand.constant)
        : Evaluated(.numbers(operand.values), constant: operand.constant)
    case .infix(let sign, let left, let right): return try infix(sign, left, right, syntax)
    case .call(let name, let arguments): return try call(name, arguments, syntax)
    }
  }

  /// A column of the table; the advice knows words of other languages.
  func column(_ name: String, at position: Int) throws(SiblingError) -> Column {
    do {
      return try table.column(name)
    } catch {
      var error = error
      let truths = ["true": "TRUE", "false": "FALSE", "T": "TRUE", "F": "FALSE", "na": "NA"]
      if let meant = truths[name] {
        error.suggestion = meant
      } else if let summary = error.help {
        let pointed = source.error(.unknownColumn, "", at: position, help: summary)
        error.help = pointed.help
      }
      if error.location == nil { error.location = source.location(position) }
      throw error
    }
  }

  private func infix(
    _ sign: String, _ left: Syntax, _ right: Syntax, _ whole: Syntax
  ) throws(SiblingError) -> Evaluated {
    switch sign {
    case "%in%": return try membership(left, right)
    case ":", "~":
      throw source.syntaxError(
        "'\(sign)' has no meaning inside an expression", at: whole.position,
        help: sign == ":" ? "write * to multiply" : nil)
    default: break
    }
    let (a, b) = (try evaluate(left), try evaluate(right))
    switch sign {
    case "&", "&&":
      return try logical(a, left, b, right) { x, y in
        x == 0 || y == 0 ? 0 : x == 1 ? y : y == 1 ? x : max(x, y)
      }
    case "|", "||":
      return try logical(a, left, b, right) { x, y in
        x == 1 || y == 1 ? 1 : x == 0 ? y : y == 0 ? x : max(x, y)
      }
    case "==", "!=", "<", "<=", ">", ">=":
      return try comparison(sign, a, left, b, right, at: whole.position)
    default: break
    }
    let (x, y) = (try numbers(a, left), try numbers(b, right))
    switch sign {
    case "+": return arithmetic(x, y) { $0 + $1 }
    case "-": return arithmetic(x, y) { $0 - $1 }
    case "*": return arithmetic(x, y) { $0 * $1 }
    case "/": return arithmetic(x, y) { $0 / $1 }
    case "^": return arithmetic(x, y) { $1 == 2 ? $0 * $0 : pow($0, $1) }
    case "%%":
      return arithmetic(x, y) { a, b in
        let remainder = fmod(a, b)
        return remainder != 0 && (remainder < 0) != (b < 0) ? remainder + b : remainder
      }
    case "%/%":
      return arithmetic(x, y) { a, b in
        if b == 0 { return a / b }
        var remainder = fmod(a, b)
        if remainder != 0 && (remainder < 0) != (b < 0) { remainder += b }
        return ((a - remainder) / b).rounded()
      }
    default: throw source.syntaxError("'\(sign)' has no meaning here", at: whole.position)
    }
  }

  typealias Numbers = (values: [Double], constant: Bool)
  typealias Logicals = (values: [Int8], constant: Bool)

  /// The value as numbers: truth values are 0 and 1, dates are days since 1970-01-01.
  func numbers(_ value: Evaluated, _ syntax: Syntax) throws(SiblingError) -> Numbers {
    switch value.values {
    case .numbers(let values): return (values, value.isConstant)
    case .logicals(let values):
      return (
        values.map { $0 == -2 ? Evaluated.invalid : $0 < 0 ? .nan : Double($0) }, value.isConstant
      )
    case .dates(let values):
      return (values.map { $0 == Int32.min ? .nan : Double($0) }, value.isConstant)
    case .text: throw textWhereNumber(syntax)
    }
  }

  /// The error for text where a number is needed; it points into the file when the column is nearly
  /// numbers.
  func textWhereNumber(_ syntax: Syntax) -> SiblingError {
    let inner = syntax.bare
    if case .name(let name) = inner.kind, table.inferenceHints[name] != nil,
      let column = table[name]
    {
      return table.wrongType(column, wanted: "a number")
    }
    return source.error(
      .wrongType, "`\(inner.text)` is text where a number is needed", at: inner.position,
      help: "as.numeric(\(inner.text)) reads numbers out of text",
      column: inner.columnNames.first)
  }

  /// The value as truth values: numbers other than 0 are true.
  func logicals(_ value: Evaluated, _ syntax: Syntax) throws(SiblingError) -> Logicals {
    switch value.values {
    case .logicals(let values): return (values, value.isConstant)
    case .numbers(let values):
      return (
        values.map { $0.isNaN ? (Evaluated.isInvalid($0) ? -2 : -1) : $0 != 0 ? 1 : 0 },
        value.isConstant
      )
    case .text, .dates:
      let inner = syntax.bare
      throw source.error(
        .wrongType, "`\(inner.text)` is \(value.typeName) where true or false is needed",
        at: inner.position, help: "compare it with a value, such as \(inner.text) == \"…\"",
        column: inner.columnNames.first)
    }
  }

  /// Applies an operation to two columns of numbers, row by row.
  ///
  /// Missing goes before invalid, and a NaN that neither side had is invalid.
  @inline(__always)
  func arithmetic(
    _ x: Numbers, _ y: Numbers, _ operation: (Double, Double) -> Double
  ) -> Evaluated {
    let count = x.constant ? y.values.count : x.values.count
    let (stepX, stepY) = (x.constant ? 0 : 1, y.constant ? 0 : 1)
    let result = x.values.withUnsafeBufferPointer { a in
      y.values.withUnsafeBufferPointer { b in
        [Double](unsafeUninitializedCapacity: count) { output, initialized in
          var failed = false
          for i in 0..<count {
            let value = operation(a[i * stepX], b[i * stepY])
            output[i] = value
            failed = failed || value.isNaN
          }
          if failed {
            for i in 0..<count where output[i].isNaN {
              output[i] = Self.failure(a[i * stepX], b[i * stepY])
            }
          }
          initialized = count
        }
      }
    }
    return Evaluated(.numbers(result), constant: x.constant && y.constant)
  }

  @inline(never)
  private static func failure(_ a: Double, _ b: Double) -> Double {
    let missing =
      (a.isNaN && !Evaluated.isInvalid(a)) || (b.isNaN && !Evaluated.isInvalid(b))
    return missing ? .nan : Evaluated.invalid
  }

  /// Applies an elementwise function of one number.
  @inline(__always)
  func map(_ x: Numbers, _ function: (Double) -> Double) -> Evaluated {
    var result = x.values
    result.withUnsafeMutableBufferPointer { values in
      for i in values.indices {
        let given = values[i]
        let value = function(given)
        values[i] = value.isNaN ? (given.isNaN ? given : Evaluated.invalid) : value
      }
    }
    return Evaluated(.numbers(result), constant: x.constant)
  }

  private func logical(
    _ a: Evaluated, _ left: Syntax, _ b: Evaluated, _ right: Syntax,
    _ operation: (Int8, Int8) -> Int8
  ) throws(SiblingError) -> Evaluated {
    let (x, y) = (try logicals(a, left), try logicals(b, right))
    let count = x.constant ? y.values.count : x.values.count
    let (stepX, stepY) = (x.constant ? 0 : 1, y.constant ? 0 : 1)
    let result = [Int8](unsafeUninitializedCapacity: count) { output, initialized in
      for i in 0..<count { output[i] = operation(x.values[i * stepX], y.values[i * stepY]) }
      initialized = count
    }
    return Evaluated(.logicals(result), constant: x.constant && y.constant)
  }
}
