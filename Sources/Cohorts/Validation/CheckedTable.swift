internal import Statistics
internal import Tables

/// A table under its description, with columns as the checks want them.
///
/// A column that is not there gives nil; a cell of another type is missing here, and the check of
/// types says so.
struct CheckedTable: Sendable {
  let schema: SchemaTable
  let table: Table
  /// The identifiers, which several checks read.
  private let identifiers: [String: Factor]

  var name: String { schema.name }
  var count: Int { table.rowCount }

  init?(_ tables: [String: Table], _ schema: SchemaTable) {
    guard let table = tables[schema.name] else { return nil }
    (self.schema, self.table) = (schema, table)
    var identifiers: [String: Factor] = [:]
    for field in schema.fields where field.kind == .identifier {
      identifiers[field.name] = table[field.name].map { Self.identifier($0) }
    }
    self.identifiers = identifiers
  }

  /// Days since 1970, `missingDay` where missing; nil where there is no column with values.
  func dates(_ name: String) -> [Int32]? {
    guard let column = table[name] else { return nil }
    switch column.values {
    case .dates(let days): return days
    case .text(let factor):
      let days = factor.levels.map { CivilDate(iso: $0)?.days ?? missingDay }
      return factor.codes.map { $0 < 0 ? missingDay : days[Int($0)] }
    default: return nil
    }
  }

  /// Numbers, NaN where missing.
  func numbers(_ name: String) -> [Double]? {
    guard let column = table[name] else { return nil }
    if let values = column.asDoubles { return values }
    guard case .text(let factor) = column.values else { return nil }
    let numbers = factor.levels.map { Double($0) ?? .nan }
    return factor.codes.map { $0 < 0 ? .nan : numbers[Int($0)] }
  }

  /// Codes and levels; code −1 is missing.
  func factor(_ name: String) -> Factor? { identifiers[name] ?? table[name]?.asFactor }

  /// Whole numbers that lie close together are counted, not looked up.
  private static func identifier(_ column: Column) -> Factor {
    guard case .integers(let values) = column.values,
      let least = values.lazy.filter({ $0 != .min }).min(), let most = values.max(),
      most.subtractingReportingOverflow(least).partialValue >= 0,
      most.subtractingReportingOverflow(least).partialValue < 4 * values.count
    else { return column.asFactor }
    var codes = [Int32](repeating: -1, count: most - least + 1)
    for value in values where value != .min { codes[value - least] = 0 }
    var levels: [String] = []
    for place in codes.indices where codes[place] == 0 {
      codes[place] = Int32(truncatingIfNeeded: levels.count)
      levels.append(String(least + place))
    }
    return Factor(
      codes: values.map { $0 == .min ? -1 : codes[$0 - least] }, levels: levels)
  }

  /// The place of each value among some names, −1 where it is none of them.
  func codes(_ name: String, among names: [String]) -> [Int8]? {
    guard let factor = factor(name) else { return nil }
    let places = factor.levels.map { level in
      Int8(truncatingIfNeeded: names.firstIndex(of: level) ?? -1)
    }
    return factor.codes.map { $0 < 0 ? -1 : places[Int($0)] }
  }

  /// Truth values: 1, 0, and −1 where missing.
  func flags(_ name: String) -> [Int8]? {
    guard let column = table[name] else { return nil }
    if case .booleans(let values) = column.values { return values }
    let factor = column.asFactor
    let values = factor.levels.map { Self.flag($0) ?? -1 }
    return factor.codes.map { $0 < 0 ? -1 : values[Int($0)] }
  }

  /// What a word for yes or no means.
  static func flag(_ text: String) -> Int8? {
    switch text.lowercased() {
    case "y", "yes", "true", "1": 1
    case "n", "no", "false", "0": 0
    default: nil
    }
  }

  /// First and last day of each row's period; nil where it is missing or none.
  func periods(_ name: String) -> [SchemaPeriod?]? {
    guard let factor = factor(name) else { return nil }
    let periods = factor.levels.map { SchemaPeriod($0) }
    return factor.codes.map { $0 < 0 ? nil : periods[Int($0)] }
  }
}

extension Column {
  /// The rows in which a value is missing.
  func missingRows() -> RowList {
    var rows = RowList()
    forEachMissing { rows.add($0) }
    return rows
  }

  /// Calls `body` with each row in which a value is missing, in order.
  func forEachMissing(_ body: (Int) -> Void) {
    switch values {
    case .integers(let values):
      for row in values.indices where values[row] == Int.min { body(row) }
    case .doubles(let values):
      for row in values.indices where values[row].isNaN { body(row) }
    case .text(let factor):
      for row in factor.codes.indices where factor.codes[row] < 0 { body(row) }
    case .booleans(let values):
      for row in values.indices where values[row] < 0 { body(row) }
    case .dates(let values):
      for row in values.indices where values[row] == Int32.min { body(row) }
    }
  }

  /// What stands in a row, as text; nil where it is missing.
  func text(_ row: Int) -> String? {
    guard row < count, !isMissing(row) else { return nil }
    return switch values {
    case .integers(let values): String(values[row])
    case .doubles(let values): Int(exactly: values[row]).map(String.init) ?? "\(values[row])"
    case .text(let factor): factor.levels[Int(factor.codes[row])]
    case .booleans(let values): values[row] == 1 ? "true" : "false"
    case .dates(let values): CivilDate(days: values[row]).isoText
    }
  }
}
