internal import Statistics

/// A constant that stands in an expression.
private enum Constant {
  case text(String)
  case number(Double)
  case logical(Bool)
  case missing

  init(_ syntax: Syntax, _ source: SyntaxSource) throws(SiblingError) {
    switch syntax.bare.kind {
    case .text(let text): self = .text(text)
    case .logical(let value): self = value.map { .logical($0) } ?? .missing
    default:
      guard let number = syntax.bare.literalNumber else {
        throw source.syntaxError(
          "recode() takes constants after the column", at: syntax.position,
          help: "write recode(x, \"old\", \"new\", \"another\", \"new\", \"all others\")")
      }
      self = .number(number)
    }
  }

  var type: String? {
    switch self {
    case .text: "text"
    case .number: "numbers"
    case .logical: "truth values"
    case .missing: nil
    }
  }
}

extension Evaluator {
  /// `recode(x, "old", "new", …, otherwise)`: other values stay unless the last argument says what
  /// becomes of them; missing values stay missing unless `NA` is among the old ones.
  func recode(_ arguments: [Syntax], _ syntax: Syntax) throws(SiblingError) -> Evaluated {
    let value = try evaluate(arguments[0])
    let rest = Array(arguments.dropFirst())
    var (old, new): ([Constant], [Constant]) = ([], [])
    for pair in 0..<rest.count / 2 {
      old.append(try Constant(rest[2 * pair], source))
      new.append(try Constant(rest[2 * pair + 1], source))
    }
    let otherwise = rest.count % 2 == 1 ? try Constant(rest[rest.count - 1], source) : nil
    let types = Set((new + [otherwise].compactMap { $0 }).compactMap(\.type))
    guard types.count <= 1 else {
      throw source.syntaxError(
        "recode() gives values of one type, not \(types.sorted().joined(separator: " and "))",
        at: syntax.position)
    }
    // For each row the place among the new values: −1 others, −2 missing.
    let places = try places(value, old, rest, arguments[0])
    let own = otherwise == nil ? value : nil
    let kept = places.contains(-1) ? own : nil
    if let kept, let type = types.first {
      let ownType = Self.plural(kept)
      guard ownType == type else {
        throw source.error(
          .wrongType, "recode() gives \(type), and values that it does not name are \(ownType)",
          at: syntax.position,
          help: "name every value, or give a last argument for all others, such as NA",
          column: arguments[0].columnNames.first)
      }
    }
    return result(places, new, otherwise, kept, type: types.first, value)
  }

  private static func plural(_ value: Evaluated) -> String {
    switch value.values {
    case .text: "text"
    case .numbers: "numbers"
    case .logicals: "truth values"
    case .dates: "dates"
    }
  }

  private func places(
    _ value: Evaluated, _ old: [Constant], _ syntaxes: [Syntax], _ column: Syntax
  ) throws(SiblingError) -> [Int] {
    var texts: [String: Int] = [:]
    var numbers: [Double: Int] = [:]
    var missing = -2
    let isText = if case .text = value.values { true } else { false }
    let isDate = if case .dates = value.values { true } else { false }
    for (place, constant) in old.enumerated() {
      let position = syntaxes[2 * place].position
      var isNew = true
      switch constant {
      case .missing:
        isNew = missing == -2
        missing = place
      case .text(let text) where isText: isNew = texts.updateValue(place, forKey: text) == nil
      case .text(let text) where isDate:
        guard let day = CivilDate(iso: text)?.days else {
          throw source.syntaxError("write dates as \"YYYY-MM-DD\"", at: position)
        }
        isNew = numbers.updateValue(place, forKey: Double(day)) == nil
      case .number(let number) where !isText && !isDate:
        isNew = numbers.updateValue(place, forKey: number) == nil
      case .logical(let truth) where !isText && !isDate:
        isNew = numbers.updateValue(place, forKey: truth ? 1 : 0) == nil
      default:
        throw source.error(
          .wrongType, "`\(column.text)` is \(value.typeName), and this value is not",
          at: position, help: "text stands in quotes, numbers without",
          column: column.columnNames.first)
      }
      guard isNew else { throw source.syntaxError("a value is recoded twice", at: position) }
    }
    if case .text(let factor) = value.values {
      let ofLevel = factor.levels.map { texts[$0] ?? -1 }
      return factor.codes.map { $0 < 0 ? missing : ofLevel[Int($0)] }
    }
    let x = try self.numbers(value, column)
    if let row = x.values.firstIndex(where: { Evaluated.isInvalid($0) }) {
      throw Expression.failure(column, row: x.constant ? 0 : row, in: table)
    }
    return x.values.map { $0.isNaN ? missing : numbers[$0] ?? -1 }
  }

  private func result(
    _ places: [Int], _ new: [Constant], _ otherwise: Constant?, _ kept: Evaluated?,
    type: String?, _ value: Evaluated
  ) -> Evaluated {
    /// Every row's new value; `own` are the values that stay.
    func chosen<T>(_ missing: T, own: [T], _ from: (Constant) -> T?) -> [T] {
      let values = new.map { from($0) ?? missing }
      let others = otherwise.map { from($0) ?? missing }
      return places.indices.map { row in
        switch places[row] {
        case -2: missing
        case -1: others ?? (kept == nil ? missing : own[row])
        default: values[places[row]]
        }
      }
    }
    let constant = value.isConstant
    // Where only missing values are given, the column keeps its type.
    switch type ?? Self.plural(value) {
    case "text":
      var (levels, index): ([String], [String: Int32]) = ([], [:])
      func code(_ text: String) -> Int32 {
        if let code = index[text] { return code }
        index[text] = Int32(levels.count)
        levels.append(text)
        return Int32(levels.count - 1)
      }
      var own: [Int32] = []
      if case .text(let factor) = kept?.values {
        let renumbered = factor.levels.map(code)
        own = factor.codes.map { $0 < 0 ? -1 : renumbered[Int($0)] }
      }
      let codes = chosen(-1, own: own) { if case .text(let text) = $0 { code(text) } else { nil } }
      let factor = Factor(codes: codes, levels: levels).droppingUnusedLevels()
      return Evaluated(.text(factor.sortedByCodePoint()), constant: constant)
    case "truth values":
      var own: [Int8] = []
      if case .logicals(let values) = kept?.values { own = values }
      let truths = chosen(-1, own: own) {
        if case .logical(let truth) = $0 { truth ? 1 : 0 } else { nil }
      }
      return Evaluated(.logicals(truths), constant: constant)
    case "dates":
      var own: [Int32] = []
      if case .dates(let values) = kept?.values { own = values }
      return Evaluated(.dates(chosen(Int32.min, own: own) { _ in nil }), constant: constant)
    default:
      var own: [Double] = []
      if case .numbers(let values) = kept?.values { own = values }
      let numbers = chosen(Double.nan, own: own) {
        if case .number(let number) = $0 { number } else { nil }
      }
      return Evaluated(.numbers(numbers), constant: constant)
    }
  }
}
