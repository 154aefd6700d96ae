internal import Statistics

/// The functions of expressions and formulas.
enum Functions {
  /// How many arguments each elementwise function takes.
  private static let elementwise: [String: ClosedRange<Int>] = [
    "log": 1...2, "log2": 1...1, "log10": 1...1, "log1p": 1...1, "exp": 1...1, "expm1": 1...1,
    "sqrt": 1...1, "abs": 1...1, "round": 1...2, "floor": 1...1, "ceiling": 1...1, "trunc": 1...1,
    "min": 2...50, "max": 2...50, "pmin": 2...50, "pmax": 2...50, "ifelse": 3...3, "is.na": 1...1,
    "factor": 1...2, "as.factor": 1...1, "as.numeric": 1...1, "as.integer": 1...1,
    "as.character": 1...1, "c": 0...1000, "recode": 3...401, "cut": 2...100, "year": 1...1,
    "quarter": 1...1, "month": 1...1, "days": 2...2, "as.Date": 1...1,
  ]

  /// The functions that only formulas have.
  private static let terms: [String: ClosedRange<Int>] = [
    "I": 1...1, "relevel": 2...2, "poly": 1...3, "ns": 1...4, "strata": 1...20, "offset": 1...1,
    "cluster": 1...1, "Surv": 1...4,
  ]

  /// Functions of a whole column, which an elementwise expression cannot mean.
  private static let summaries = ["mean", "sum", "sd", "var", "median", "length", "scale"]

  private static func arity(_ name: String, _ dialect: SyntaxSource.Dialect) -> ClosedRange<Int>? {
    elementwise[name] ?? (dialect == .formula ? terms[name] : nil)
  }

  /// Refuses functions that the dialect does not have.
  static func check(
    _ name: String, at position: Int, in source: SyntaxSource
  ) throws(SiblingError) {
    if arity(name, source.dialect) != nil { return }
    if summaries.contains(name) {
      throw source.syntaxError(
        "\(name)() summarises a whole column", at: position,
        help: "expressions work row by row; write the summary's value as a number")
    }
    if terms[name] != nil {
      throw source.syntaxError("\(name)() only stands in formulas", at: position)
    }
    var known = elementwise.keys.sorted()
    if source.dialect == .formula { known += terms.keys.sorted() }
    throw source.syntaxError(
      "there is no function '\(name)'", at: position,
      help: "the functions are: " + known.joined(separator: ", "),
      suggestion: nearestName(to: name, among: known))
  }

  /// Refuses a wrong number of arguments and argument names that do not exist.
  static func check(
    _ name: String, _ arguments: [Syntax.Argument], at position: Int, in source: SyntaxSource
  ) throws(SiblingError) {
    guard let arity = arity(name, source.dialect) else { return }
    if arguments.count == 1, ["min", "max", "pmin", "pmax"].contains(name) {
      throw source.syntaxError(
        "\(name)() compares two or more values row by row", at: position,
        help: "write \(name)(a, b)")
    }
    guard arity.contains(arguments.count) else {
      let wanted =
        arity.lowerBound == arity.upperBound
        ? "\(arity.lowerBound)" : "\(arity.lowerBound) to \(arity.upperBound)"
      throw source.syntaxError(
        "\(name)() takes \(wanted) argument\(wanted == "1" ? "" : "s"), not \(arguments.count)",
        at: position)
    }
    let names = parameters[name] ?? []
    for argument in arguments {
      guard let label = argument.name, !names.contains(label) else { continue }
      throw source.syntaxError(
        "\(name)() has no argument '\(label)'", at: argument.value.position,
        help: names.isEmpty ? nil : "its arguments are: " + names.joined(separator: ", "),
        suggestion: nearestName(to: label, among: names))
    }
  }

  private static let parameters: [String: [String]] = [
    "log": ["x", "base"], "round": ["x", "digits"], "factor": ["x", "levels"],
    "ifelse": ["test", "yes", "no"], "relevel": ["x", "ref"], "poly": ["x", "degree", "raw"],
    "ns": ["x", "df", "knots", "Boundary.knots"], "Surv": ["time", "time2", "event", "type"],
  ]

  /// The arguments of a call by parameter: named ones first, the others in order, as R matches.
  static func matched(_ name: String, _ arguments: [Syntax.Argument]) -> [String: Syntax] {
    let names = parameters[name] ?? ["x"]
    var result: [String: Syntax] = [:]
    for argument in arguments {
      if let label = argument.name { result[label] = argument.value }
    }
    var free = names.filter { result[$0] == nil }
    for argument in arguments where argument.name == nil && !free.isEmpty {
      result[free.removeFirst()] = argument.value
    }
    return result
  }
}
