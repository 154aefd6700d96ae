internal import Statistics

/// A column or computed value over all rows of a table, before rows are chosen.
enum FrameValues: Sendable {
  case integers([Int])
  case doubles([Double])
  case booleans([Int8])
  case factor(Factor)
  case dates([Int32])

  init(_ column: Column) {
    switch column.values {
    case .integers(let values): self = .integers(values)
    case .doubles(let values): self = .doubles(values)
    case .booleans(let values): self = .booleans(values)
    case .text(let factor): self = .factor(factor)
    case .dates(let values): self = .dates(values)
    }
  }

  init(
    _ syntax: Syntax, in table: Table, _ source: SyntaxSource
  ) throws(SiblingError) {
    let evaluator = Evaluator(table: table, source: source)
    if case .name(let name) = syntax.bare.kind {
      self.init(try evaluator.column(name, at: syntax.position))
      return
    }
    switch try evaluator.evaluate(syntax).expanded(to: table.rowCount).values {
    case .numbers(let values): self = .doubles(values)
    case .logicals(let values): self = .booleans(values)
    case .text(let factor): self = .factor(factor)
    case .dates(let values): self = .dates(values)
    }
  }

  var typeName: String {
    switch self {
    case .integers: "integer"
    case .doubles: "number"
    case .booleans: "boolean"
    case .factor: "text"
    case .dates: "date"
    }
  }

  /// Clears the rows that miss a value and returns their number.
  func clearMissing(_ complete: inout [Bool]) -> Int {
    switch self {
    case .integers(let values): Self.clear(&complete, values) { $0 == Int.min }
    case .doubles(let values):
      Self.clear(&complete, values) { $0.isNaN && !Evaluated.isInvalid($0) }
    case .booleans(let values): Self.clear(&complete, values) { $0 == -1 }
    case .factor(let factor): Self.clear(&complete, factor.codes) { $0 < 0 }
    case .dates(let values): Self.clear(&complete, values) { $0 == Int32.min }
    }
  }

  @inline(__always)
  private static func clear<T>(
    _ complete: inout [Bool], _ values: [T], _ isMissing: (T) -> Bool
  ) -> Int {
    values.withUnsafeBufferPointer { values in
      var count = 0
      for i in values.indices where isMissing(values[i]) { count += 1 }
      guard count > 0 else { return 0 }
      for i in values.indices where isMissing(values[i]) { complete[i] = false }
      return count
    }
  }

  /// The first of `rows` that misses a value.
  func firstMissing(_ rows: [Int]) -> Int? {
    switch self {
    case .integers(let values): rows.first { values[$0] == Int.min }
    case .doubles(let values): rows.first { values[$0].isNaN && !Evaluated.isInvalid(values[$0]) }
    case .booleans(let values): rows.first { values[$0] == -1 }
    case .factor(let factor): rows.first { factor.codes[$0] < 0 }
    case .dates(let values): rows.first { values[$0] == Int32.min }
    }
  }

  /// Refuses values on the used rows that are infinite or could not be computed.
  func checkFinite(_ syntax: Syntax, rows: [Int], table: Table) throws(SiblingError) {
    switch self {
    case .doubles(let values):
      let isFinite = values.withUnsafeBufferPointer { values in
        // A sum of zeros unless something is infinite or NaN.
        var sum = 0.0
        if rows.count == values.count {
          for value in values { sum += value * 0 }
        } else {
          for row in rows { sum += values[row] * 0 }
        }
        return sum == 0
      }
      if isFinite { return }
      guard let row = rows.first(where: { !values[$0].isFinite }) else { return }
      if values[row].isNaN { throw Expression.failure(syntax, row: row, in: table) }
      throw SiblingError(
        .badValue, "`\(syntax.text)` is infinite in this row",
        help:
          "the logarithm of 0 and division by 0 are infinite; leave such rows out with --where, "
          + "or shift the values, as in log(x + 1)",
        location: table.location(row: row, of: syntax), row: row,
        column: syntax.columnNames.first)
    case .booleans(let values):
      guard let row = rows.first(where: { values[$0] == -2 }) else { return }
      throw Expression.failure(syntax, row: row, in: table)
    case .integers, .factor, .dates: return
    }
  }

  /// The numbers of the used rows.
  func numbers(
    _ name: String, rows: [Int], table: Table, refusesMissing: Bool = false
  ) throws(SiblingError) -> [Double] {
    if refusesMissing { try refuseMissing(name, rows, table) }
    switch self {
    case .integers(let values): return rows.map { Double(values[$0]) }
    case .booleans(let values): return rows.map { Double(values[$0]) }
    case .dates(let values): return rows.map { Double(values[$0]) }
    case .doubles(let values):
      try checkFinite(Syntax(.name(name), at: 1), rows: rows, table: table)
      return rows.count == values.count ? values : rows.map { values[$0] }
    case .factor:
      throw table[name].map { table.wrongType($0, wanted: "a number") }
        ?? SiblingError(
          .wrongType, "`\(name)` is text where a number is needed",
          help: "as.numeric() reads numbers out of text", column: name)
    }
  }

  /// The factor of the used rows, without unused levels.
  func factor(
    _ name: String, rows: [Int], table: Table, refusesMissing: Bool = false
  ) throws(SiblingError) -> Factor {
    if refusesMissing { try refuseMissing(name, rows, table) }
    let whole = rows.count == table.rowCount
    switch self {
    case .integers(let values):
      return Factor(integers: whole ? values : rows.map { values[$0] })
    case .doubles(let values): return Factor(numbers: whole ? values : rows.map { values[$0] })
    case .booleans(let values):
      return Factor(booleans: whole ? values : rows.map { values[$0] }).droppingUnusedLevels()
    case .dates(let values): return Factor(dates: whole ? values : rows.map { values[$0] })
    case .factor(let factor):
      return (whole ? factor : factor.selecting(rows)).droppingUnusedLevels()
    }
  }

  private func refuseMissing(
    _ name: String, _ rows: [Int], _ table: Table
  ) throws(SiblingError) {
    guard let row = firstMissing(rows) else { return }
    throw SiblingError(
      .missingValue, "column '\(name)' is missing in this row",
      location: table.location(row: row, column: name), row: row, column: name)
  }
}

extension Table {
  /// The place of a row; of the cell when the expression reads one column.
  func location(row: Int, of syntax: Syntax) -> SiblingError.Location? {
    let names = syntax.columnNames
    return names.count == 1 ? location(row: row, column: names[0]) : location(row: row)
  }
}
