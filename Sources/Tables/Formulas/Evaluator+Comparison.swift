internal import Statistics

extension Evaluator {
  /// A comparison of numbers, of text by code point, of dates, or of truth values.
  func comparison(
    _ sign: String, _ a: Evaluated, _ left: Syntax, _ b: Evaluated, _ right: Syntax,
    at position: Int
  ) throws(SiblingError) -> Evaluated {
    switch (a.values, b.values) {
    case (.text(let x), .text(let y)):
      return compare(sign, text: (x, a.isConstant), (y, b.isConstant))
    case (.dates, .text(let y)) where b.isConstant:
      return try comparison(sign, a, left, try date(y, right), right, at: position)
    case (.text(let x), .dates) where a.isConstant:
      return try comparison(sign, try date(x, left), left, b, right, at: position)
    case (.text, _) where !b.isNA, (_, .text) where !a.isNA:
      var help = "compare text with text in quotes, and numbers with numbers without"
      if case .logicals = a.values { help = "write == TRUE or == FALSE, without quotes" }
      if case .dates = a.values { help = "compare dates with text such as \"2024-01-31\"" }
      throw source.error(
        .wrongType,
        "`\(left.text)` is \(a.typeName), `\(right.text)` is \(b.typeName): they cannot be compared",
        at: position, help: help, column: left.columnNames.first ?? right.columnNames.first)
    case (.text, _), (_, .text):
      // Whatever is compared with NA is missing.
      let constant = a.isConstant && b.isConstant
      return Evaluated(
        .logicals([Int8](repeating: -1, count: a.isConstant ? b.count : a.count)),
        constant: constant)
    default:
      return compare(sign, numbers: try numbers(a, left), try numbers(b, right))
    }
  }

  private func date(_ factor: Factor, _ syntax: Syntax) throws(SiblingError) -> Evaluated {
    guard let code = factor.codes.first, code >= 0 else {
      return Evaluated(.dates([Int32.min]), constant: true)
    }
    guard let number = CivilDate(iso: factor.levels[Int(code)])?.days else {
      throw source.error(
        .wrongType, "`\(syntax.text)` is not a date", at: syntax.position,
        help: "write dates as \"YYYY-MM-DD\"")
    }
    return Evaluated(.dates([number]), constant: true)
  }

  private func compare(_ sign: String, numbers x: Numbers, _ y: Numbers) -> Evaluated {
    switch sign {
    case "==": compare(x, y) { $0 == $1 }
    case "!=": compare(x, y) { $0 != $1 }
    case "<": compare(x, y) { $0 < $1 }
    case "<=": compare(x, y) { $0 <= $1 }
    case ">": compare(x, y) { $0 > $1 }
    default: compare(x, y) { $0 >= $1 }
    }
  }

  @inline(__always)
  private func compare(
    _ x: Numbers, _ y: Numbers, _ holds: (Double, Double) -> Bool
  ) -> Evaluated {
    let count = x.constant ? y.values.count : x.values.count
    let (stepX, stepY) = (x.constant ? 0 : 1, y.constant ? 0 : 1)
    let result = x.values.withUnsafeBufferPointer { a in
      y.values.withUnsafeBufferPointer { b in
        [Int8](unsafeUninitializedCapacity: count) { output, initialized in
          for i in 0..<count {
            let (u, v) = (a[i * stepX], b[i * stepY])
            if u.isNaN || v.isNaN {
              let missing =
                (u.isNaN && !Evaluated.isInvalid(u)) || (v.isNaN && !Evaluated.isInvalid(v))
              output[i] = missing ? -1 : -2
            } else {
              output[i] = holds(u, v) ? 1 : 0
            }
          }
          initialized = count
        }
      }
    }
    return Evaluated(.logicals(result), constant: x.constant && y.constant)
  }

  /// Compares by the rank of each level in code-point order among the levels of both.
  private func compare(
    _ sign: String, text x: (Factor, Bool), _ y: (Factor, Bool)
  ) -> Evaluated {
    let all = Set(x.0.levels + y.0.levels).sorted(by: Factor.precedes)
    var rank: [String: Double] = [:]
    for (index, level) in all.enumerated() { rank[level] = Double(index) }
    func ranks(_ factor: Factor) -> [Double] {
      let ofLevel = factor.levels.map { rank[$0] ?? .nan }
      return factor.codes.map { $0 < 0 ? .nan : ofLevel[Int($0)] }
    }
    return compare(sign, numbers: (ranks(x.0), x.1), (ranks(y.0), y.1))
  }

  /// `x %in% c(…)`: never missing, as in R.
  func membership(_ left: Syntax, _ right: Syntax) throws(SiblingError) -> Evaluated {
    let value = try evaluate(left)
    let listed = try Literals(right, source)
    switch value.values {
    case .text(let factor):
      guard listed.numbers.isEmpty else { throw mixed(left, "text", right) }
      let wanted = Set(listed.texts)
      let isMember = factor.levels.map { Int8(wanted.contains($0) ? 1 : 0) }
      let missing: Int8 = listed.hasNA ? 1 : 0
      return Evaluated(
        .logicals(factor.codes.map { $0 < 0 ? missing : isMember[Int($0)] }),
        constant: value.isConstant)
    case .dates(let days):
      guard listed.numbers.isEmpty else { throw mixed(left, "a date", right) }
      var wanted: Set<Int32> = listed.hasNA ? [Int32.min] : []
      for text in listed.texts {
        guard let day = CivilDate(iso: text)?.days else { throw mixed(left, "a date", right) }
        wanted.insert(day)
      }
      return Evaluated(
        .logicals(days.map { wanted.contains($0) ? 1 : 0 }), constant: value.isConstant)
    case .numbers, .logicals:
      guard listed.texts.isEmpty else { throw mixed(left, "not text", right) }
      let x = try numbers(value, left)
      let wanted = Set(listed.numbers)
      let missing: Int8 = listed.hasNA ? 1 : 0
      return Evaluated(
        .logicals(
          x.values.map {
            Evaluated.isInvalid($0) ? -2 : $0.isNaN ? missing : wanted.contains($0) ? 1 : 0
          }), constant: x.constant)
    }
  }

  private func mixed(_ left: Syntax, _ type: String, _ right: Syntax) -> SiblingError {
    source.error(
      .wrongType, "`\(left.text)` is \(type) and cannot be looked up in `\(right.text)`",
      at: right.position,
      help: "list text in quotes, numbers without, dates as \"YYYY-MM-DD\"",
      column: left.columnNames.first)
  }
}

/// The constants of `c("a", "b")`, `c(1, 2)`, `1:5` or a single constant.
struct Literals {
  var numbers: [Double] = []
  var texts: [String] = []
  var hasNA = false

  init(_ syntax: Syntax, _ source: SyntaxSource) throws(SiblingError) {
    try add(syntax, source)
    if !numbers.isEmpty, !texts.isEmpty {
      throw source.syntaxError("a list holds either numbers or text", at: syntax.position)
    }
  }

  private mutating func add(_ syntax: Syntax, _ source: SyntaxSource) throws(SiblingError) {
    switch syntax.bare.kind {
    case .call("c", let arguments):
      for argument in arguments { try add(argument.value, source) }
    case .text(let string): texts.append(string)
    case .logical(let value):
      if let value { numbers.append(value ? 1 : 0) } else { hasNA = true }
    case .infix(":", let low, let high):
      guard let from = low.literalNumber, let to = high.literalNumber, from <= to,
        to - from < 1_000_000
      else {
        throw source.syntaxError("a range runs from a smaller number to a larger", at: low.position)
      }
      numbers += stride(from: from, through: to, by: 1)
    default:
      guard let number = syntax.bare.literalNumber else {
        throw source.syntaxError(
          "only constants can be listed here", at: syntax.position,
          help: "write c(\"a\", \"b\") or c(1, 2)")
      }
      numbers.append(number)
    }
  }
}
