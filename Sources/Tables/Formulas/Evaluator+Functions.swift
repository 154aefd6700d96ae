internal import Glibc
internal import Statistics

extension Evaluator {
  func call(
    _ name: String, _ arguments: [Syntax.Argument], _ syntax: Syntax
  ) throws(SiblingError) -> Evaluated {
    let given = Functions.matched(name, arguments)
    guard let first = given["x"] ?? given["test"] ?? arguments.first?.value else {
      throw source.syntaxError("\(name)() has nothing to work on", at: syntax.position)
    }
    if let value = try category(name, arguments, syntax) { return value }
    switch name {
    case "I": return try evaluate(first)
    case "is.na": return isMissing(try evaluate(first))
    case "ifelse":
      guard let yes = given["yes"], let no = given["no"] else { break }
      return try choose(first, yes, no)
    case "pmin", "min": return try extreme(arguments) { $1 < $0 ? $1 : $0 }
    case "pmax", "max": return try extreme(arguments) { $1 > $0 ? $1 : $0 }
    case "factor", "as.factor": return try factor(first, levels: given["levels"])
    case "as.character": return try factor(first, levels: nil)
    case "relevel":
      guard let reference = given["ref"] else { break }
      return try relevel(first, reference)
    case "as.numeric": return try parsedNumbers(first)
    case "as.integer":
      let value = try parsedNumbers(first)
      return map(try numbers(value, first)) { $0.rounded(.towardZero) }
    case "log":
      let x = try numbers(try evaluate(first), first)
      guard let base = given["base"] else { return map(x) { log($0) } }
      let b = try numbers(try evaluate(base), base)
      return arithmetic(x, b) { $1 == 10 ? log10($0) : $1 == 2 ? log2($0) : log($0) / log($1) }
    case "round":
      let x = try numbers(try evaluate(first), first)
      guard let digits = given["digits"] else { return map(x) { $0.rounded(.toNearestOrEven) } }
      guard let count = digits.literalNumber, count == count.rounded(), abs(count) <= 15 else {
        throw source.syntaxError(
          "the number of digits is a whole number from -15 to 15", at: digits.position)
      }
      return map(x) { rounded($0, digits: Int(count)) }
    default:
      let x = try numbers(try evaluate(first), first)
      switch name {
      case "log2": return map(x) { log2($0) }
      case "log10": return map(x) { log10($0) }
      case "log1p": return map(x) { log1p($0) }
      case "exp": return map(x) { exp($0) }
      case "expm1": return map(x) { expm1($0) }
      case "sqrt": return map(x) { $0.squareRoot() }
      case "abs": return map(x) { $0.magnitude }
      case "floor": return map(x) { $0.rounded(.down) }
      case "ceiling": return map(x) { $0.rounded(.up) }
      case "trunc": return map(x) { $0.rounded(.towardZero) }
      default: break
      }
    }
    throw source.syntaxError(
      name == "c"
        ? "c() only lists constants, after %in% and in levels or knots"
        : "\(name)() stands on its own as a term, not inside an expression",
      at: syntax.position)
  }

  private func isMissing(_ value: Evaluated) -> Evaluated {
    let result: [Int8] =
      switch value.values {
      case .numbers(let values): values.map { $0.isNaN ? 1 : 0 }
      case .logicals(let values): values.map { $0 < 0 ? 1 : 0 }
      case .text(let factor): factor.codes.map { $0 < 0 ? 1 : 0 }
      case .dates(let values): values.map { $0 == Int32.min ? 1 : 0 }
      }
    return Evaluated(.logicals(result), constant: value.isConstant)
  }

  private func extreme(
    _ arguments: [Syntax.Argument], _ pick: (Double, Double) -> Double
  ) throws(SiblingError) -> Evaluated {
    var result = try numbers(try evaluate(arguments[0].value), arguments[0].value)
    for argument in arguments.dropFirst() {
      let other = try numbers(try evaluate(argument.value), argument.value)
      let next = arithmetic(result, other) { $0.isNaN || $1.isNaN ? .nan : pick($0, $1) }
      guard case .numbers(let values) = next.values else { continue }
      result = (values, next.isConstant)
    }
    return Evaluated(.numbers(result.values), constant: result.constant)
  }

  private func choose(
    _ test: Syntax, _ yes: Syntax, _ no: Syntax
  ) throws(SiblingError) -> Evaluated {
    let condition = try logicals(try evaluate(test), test)
    let (a, b) = (try evaluate(yes), try evaluate(no))
    let constant = condition.constant && a.isConstant && b.isConstant
    let count = constant ? 1 : table.rowCount
    let step = condition.constant ? 0 : 1
    func pick<T>(_ x: [T], _ y: [T], missing: T, invalid: T) -> [T] {
      let (stepX, stepY) = (a.isConstant ? 0 : 1, b.isConstant ? 0 : 1)
      return [T](unsafeUninitializedCapacity: count) { output, initialized in
        for i in 0..<count {
          let value: T =
            switch condition.values[i * step] {
            case 1: x[i * stepX]
            case 0: y[i * stepY]
            case -2: invalid
            default: missing
            }
          output.initializeElement(at: i, to: value)
        }
        initialized = count
      }
    }
    switch (a.values, b.values) {
    case (.text(let x), .text(let y)):
      let levels = Set(x.levels + y.levels).sorted(by: Factor.precedes)
      var index: [String: Int32] = [:]
      for (code, level) in levels.enumerated() { index[level] = Int32(code) }
      func recoded(_ factor: Factor) -> [Int32] {
        let place = factor.levels.map { index[$0] ?? -1 }
        return factor.codes.map { $0 < 0 ? -1 : place[Int($0)] }
      }
      let codes = pick(recoded(x), recoded(y), missing: -1, invalid: -1)
      return Evaluated(.text(Factor(codes: codes, levels: levels)), constant: constant)
    case (.text(let x), _) where b.isNA:
      let codes = pick(x.codes, [Int32](repeating: -1, count: b.count), missing: -1, invalid: -1)
      return Evaluated(.text(Factor(codes: codes, levels: x.levels)), constant: constant)
    case (_, .text(let y)) where a.isNA:
      let codes = pick([Int32](repeating: -1, count: a.count), y.codes, missing: -1, invalid: -1)
      return Evaluated(.text(Factor(codes: codes, levels: y.levels)), constant: constant)
    case (.text, _), (_, .text):
      throw source.error(
        .wrongType, "ifelse() gives text in one case and a \(number(a, b)) in the other",
        at: no.position, help: "give both cases one type")
    case (.logicals(let x), .logicals(let y)):
      return Evaluated(.logicals(pick(x, y, missing: -1, invalid: -2)), constant: constant)
    case (.dates(let x), .dates(let y)):
      return Evaluated(
        .dates(pick(x, y, missing: Int32.min, invalid: Int32.min)), constant: constant)
    default:
      let (x, y) = (try numbers(a, yes), try numbers(b, no))
      return Evaluated(
        .numbers(pick(x.values, y.values, missing: .nan, invalid: Evaluated.invalid)),
        constant: constant)
    }
  }

  private func number(_ a: Evaluated, _ b: Evaluated) -> String {
    if case .text = a.values { return b.typeName }
    return a.typeName
  }

  private func factor(_ inner: Syntax, levels: Syntax?) throws(SiblingError) -> Evaluated {
    let value: Evaluated
    let result: Factor
    if case .name(let name) = inner.bare.kind {
      // Straight from the column, so that whole numbers are written in full.
      let column = try column(name, at: inner.position)
      value = Evaluated(.logicals([]))
      result = Factor(column)
    } else {
      value = try evaluate(inner)
      switch value.values {
      case .text(let factor): result = factor
      case .numbers(let numbers): result = Factor(numbers: numbers)
      case .logicals(let values): result = Factor(booleans: values)
      case .dates(let values): result = Factor(dates: values)
      }
    }
    guard let levels else { return Evaluated(.text(result), constant: value.isConstant) }
    let listed = try Literals(levels, source)
    let names = listed.texts + listed.numbers.map(numberText)
    guard Set(names).count == names.count else {
      throw source.syntaxError("a level is listed twice", at: levels.position)
    }
    var index: [String: Int32] = [:]
    for (code, level) in names.enumerated() { index[level] = Int32(code) }
    let place = result.levels.map { index[$0] ?? -1 }
    return Evaluated(
      .text(Factor(codes: result.codes.map { $0 < 0 ? -1 : place[Int($0)] }, levels: names)),
      constant: value.isConstant)
  }

  private func relevel(_ inner: Syntax, _ reference: Syntax) throws(SiblingError) -> Evaluated {
    let value = try evaluate(inner)
    guard case .text(let factor) = value.values else {
      throw source.error(
        .wrongType, "relevel() needs a factor, and `\(inner.text)` is a \(value.typeName)",
        at: inner.position,
        help: "write relevel(factor(\(inner.text)), \(reference.text))",
        column: inner.columnNames.first)
    }
    let name: String
    switch reference.bare.kind {
    case .text(let string): name = string
    case .number(let number, _): name = numberText(number)
    default:
      throw source.syntaxError("the reference level is a text in quotes", at: reference.position)
    }
    guard let first = factor.levels.firstIndex(of: name) else {
      throw source.error(
        .unknownLevel, "`\(inner.text)` has no level \(reference.text)", at: reference.position,
        suggestion: nearestName(to: name, among: factor.levels),
        column: inner.columnNames.first)
    }
    var order = Array(factor.levels.indices)
    order.remove(at: first)
    order.insert(first, at: 0)
    var place = [Int32](repeating: 0, count: order.count)
    for (new, old) in order.enumerated() { place[old] = Int32(new) }
    return Evaluated(
      .text(
        Factor(
          codes: factor.codes.map { $0 < 0 ? -1 : place[Int($0)] },
          levels: order.map { factor.levels[$0] })), constant: value.isConstant)
  }

  /// Numbers read out of text, level by level; other types as they are.
  private func parsedNumbers(_ inner: Syntax) throws(SiblingError) -> Evaluated {
    let value = try evaluate(inner)
    guard case .text(let factor) = value.values else {
      let x = try numbers(value, inner)
      return Evaluated(.numbers(x.values), constant: x.constant)
    }
    var parsed: [Double] = []
    for (code, level) in factor.levels.enumerated() {
      let allowed = level.utf8.allSatisfy { "0123456789+-.eE".utf8.contains($0) }
      guard allowed, let number = Double(level) else {
        let row = value.isConstant ? nil : factor.codes.firstIndex(of: Int32(code))
        if !value.isConstant, row == nil {
          parsed.append(.nan)
          continue
        }
        throw SiblingError(
          .badCell, "`\(inner.text)` holds text that is not a number",
          help: "turn such entries into missing first: ifelse(x == \"…\", NA, x)",
          location: row.flatMap { table.location(row: $0, of: inner) }
            ?? source.location(inner.position),
          row: row, column: inner.columnNames.first, cell: level)
      }
      parsed.append(number)
    }
    return Evaluated(
      .numbers(factor.codes.map { $0 < 0 ? .nan : parsed[Int($0)] }), constant: value.isConstant)
  }

  /// Rounds to decimal digits: the nearer of the two candidates, ties to the even last digit.
  private func rounded(_ x: Double, digits: Int) -> Double {
    if digits == 0 || !x.isFinite { return x.rounded(.toNearestOrEven) }
    if digits < 0 {
      let unit = pow(10, Double(-digits))
      return (x / unit).rounded(.toNearestOrEven) * unit
    }
    let scale = pow(10, Double(digits))
    let below = (x * scale).rounded(.down)
    if !below.isFinite { return x }
    let (low, high) = (below / scale, (x * scale).rounded(.up) / scale)
    let (toLow, toHigh) = (x - low, high - x)
    let evenLow = below.remainder(dividingBy: 2) == 0
    return toLow < toHigh || (toLow == toHigh && evenLow) ? low : high
  }
}
