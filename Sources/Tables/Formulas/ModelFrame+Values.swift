internal import LinearAlgebra
public import Statistics

extension ModelFrame {
  /// The design's columns for one combination of values, for predictions: intercept first.
  ///
  /// Every column that the right side reads must be named. Numbers are written as in data, texts by
  /// level, truth values as true or false. Levels, polynomials and splines keep what the data gave
  /// them.
  /// - Throws: `invalidOption` when a column is not named or is not in the formula; `badValue` when
  ///   the column can't hold the value; `unknownLevel` for a level that the rows used don't have.
  public func designRow(
    at values: [(column: String, text: String)]
  ) throws(SiblingError) -> [Double] {
    var needed: [String] = []
    for variable in variables {
      for name in variable?.syntax.columnNames ?? [] where !needed.contains(name) {
        needed.append(name)
      }
    }
    var changed = table
    for (column, text) in values {
      guard needed.contains(column) else {
        throw SiblingError(
          .invalidOption, "the formula has no column '\(column)'",
          help: "name these: " + needed.joined(separator: ", "), column: column)
      }
      changed = try changed.replacing(
        Column(name: column, values: try changed.constant(column, text)))
    }
    if let missing = needed.first(where: { name in !values.contains { $0.column == name } }) {
      throw SiblingError(
        .invalidOption, "no value is given for '\(missing)'",
        help: "name each of: " + needed.joined(separator: ", "), column: missing)
    }
    var again = variables
    for (index, variable) in variables.enumerated() {
      guard let variable else { continue }
      again[index] = try variable.evaluated(again: changed, rows: rows, source: formula.source)
    }
    let all = layout.updating(
      design, again, [Bool](repeating: true, count: again.count), rows: rows, of: table.rowCount)
    return all.matrix.row(0)
  }
}

extension Table {
  /// A column of one value, as its type is written.
  fileprivate func constant(_ name: String, _ text: String) throws(SiblingError) -> Column.Values {
    func refusal(_ rule: String) -> SiblingError {
      SiblingError(
        .badValue, "column '\(name)' cannot be set to '\(text)'", help: rule, column: name)
    }
    switch try column(name).values {
    case .integers, .doubles:
      guard let number = Double(text), number.isFinite else { throw refusal("it takes numbers") }
      if let whole = Int(exactly: number), case .integers = try column(name).values {
        return .integers([Int](repeating: whole, count: rowCount))
      }
      return .doubles([Double](repeating: number, count: rowCount))
    case .booleans:
      guard text == "true" || text == "false" else { throw refusal("it takes true or false") }
      return .booleans([Int8](repeating: text == "true" ? 1 : 0, count: rowCount))
    case .text(let factor):
      guard let code = factor.levels.firstIndex(of: text) else {
        throw SiblingError(
          .unknownLevel, "column '\(name)' has no level '\(text)'",
          help: "levels are: " + factor.levels.prefix(20).joined(separator: ", "), column: name)
      }
      return .text(
        Factor(codes: [Int32](repeating: Int32(code), count: rowCount), levels: factor.levels))
    case .dates: throw refusal("predictions at a date are not made")
    }
  }
}
