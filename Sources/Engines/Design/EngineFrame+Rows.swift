internal import Statistics
internal import Tables

extension EngineFrame {
  /// The rows that miss nothing, how many they are, and what is said of the others.
  static func complete(
    _ data: EngineData, _ formula: SymbolicFormula, _ options: Options
  ) throws(SiblingError) -> ((data: EngineData, count: Int), [String]) {
    var needed = formula.formula.columnNames.filter { data.names.contains($0) }
    needed += options.clusters + options.absorbed + options.alsoComplete
    if let weights = options.weights { needed.append(weights) }
    var seen: Set<String> = []
    needed = needed.filter { seen.insert($0).inserted }
    var sums = [NamedExpression("complete", formula.isComplete ?? .constant(1))]
    for (index, name) in needed.enumerated() {
      sums.append(NamedExpression("absent\(index)", try data.factor(name).isMissing))
    }
    let undefined = UndefinedValues(formula)
    let first = sums.count
    sums += undefined.sums
    let cells = try data.aggregate(sums: sums)
    try undefined.check(cells.sums[first...].map { $0[0] }, mayCount: data.minimumCell == nil)
    let total = cells.rowCount
    let count = Int((cells.sums.first?.first ?? 0).rounded())
    guard total > 0 else {
      throw SiblingError(
        .noRows, "there are no rows to analyse", help: "check the source and --where")
    }
    var notes: [String] = []
    let absent = needed.indices.map { (needed[$0], Int(cells.sums[$0 + 1][0].rounded())) }
      .filter { $0.1 > 0 }
    if count < total {
      if options.missingIsError, let first = absent.first {
        throw SiblingError(
          .missingValue, "column '\(first.0)' is missing in \(first.1) rows",
          help: "fill it in, or leave such rows out with --missing drop", column: first.0)
      }
      let detail = absent.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
      notes.append("\(total - count) of \(total) rows left out for missing values (\(detail))")
    }
    guard count > 0 else {
      throw SiblingError(
        .noRows, "no row is complete: every one of the \(total) misses something",
        column: absent.max { $0.1 < $1.1 }?.0)
    }
    var complete = data
    if count < total, let condition = formula.isComplete { complete.restrict(to: condition) }
    return ((complete, count), notes)
  }

  /// The outcome as a number.
  static func response(
    _ part: SymbolicFormula.Part, _ treated: String?, _ notes: inout [String],
    _ levels: (SymbolicFactor) throws(SiblingError) -> SymbolicLevels
  ) throws(SiblingError) -> RowExpression {
    if let number = part.number {
      guard let treated, let level = Self.number(treated) else { return number }
      let found = try levels(.number(number)).numbers
      guard found.count == 2, found.contains(level) else { return number }
      return .comparison(.equal, number, .constant(level))
    }
    let found = try levels(part.factor)
    guard found.names.count <= 2 else {
      throw SiblingError(
        .wrongType,
        "`\(part.label)` is text with \(found.names.count) levels where a number is needed",
        help: "write a comparison, such as \(part.label) == \"…\"", column: part.label)
    }
    guard let treated else {
      guard found.names.count == 2 else {
        throw SiblingError(
          .constantOutcome, "`\(part.label)` has one level in the rows used", column: part.label)
      }
      notes.append(
        "\(part.label): \"\(found.names[1])\" counts as 1, \"\(found.names[0])\" as 0")
      return part.factor.indicator(1, found)
    }
    guard let place = found.names.firstIndex(of: treated) else {
      throw SiblingError(
        .unknownLevel, "`\(part.label)` has no level '\(treated)' in the rows used",
        suggestion: nearestName(to: treated, among: found.names), column: part.label)
    }
    return part.factor.indicator(place, found)
  }

  private static func number(_ level: String) -> Double? {
    switch level {
    case "TRUE", "true", "True": 1
    case "FALSE", "false", "False": 0
    default: Double(level)
    }
  }

  /// 1 where a row has the event: 0/1, truth values, or exactly {1, 2} where 2 is the event.
  static func event(
    _ part: SymbolicFormula.Part, _ notes: inout [String],
    _ levels: (SymbolicFactor) throws(SiblingError) -> SymbolicLevels
  ) throws(SiblingError) -> RowExpression {
    guard let number = part.number else {
      throw SiblingError(
        .wrongType, "the event `\(part.label)` is text, not 0/1 or true/false",
        help: "write it as a comparison: \(part.label) == \"…\"", column: part.label)
    }
    if part.isTruth { return number }
    let found = Set(try levels(.number(number)).numbers)
    if found.isSubset(of: [0, 1]) {
      if found == [1] { notes.append("\(part.label) is 1 throughout: every row has the event") }
      return number
    }
    guard found == [1, 2] else {
      throw SiblingError(
        .badValue, "the event `\(part.label)` is neither 0/1 nor exactly 1/2",
        help: "write it as a comparison: Surv(time, \(part.label) == 2)", column: part.label)
    }
    notes.append("\(part.label): 2 is the event, 1 is censored")
    return .comparison(.equal, number, .constant(2))
  }
}
