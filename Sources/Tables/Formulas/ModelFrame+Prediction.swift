internal import LinearAlgebra
public import Statistics

extension ModelFrame {
  /// One row of the design, for a person of given values, and what was taken for columns not given.
  public struct Person: Sendable {
    /// The design of one row, columns as in the frame's.
    public let design: DesignMatrix
    /// Columns that were not given and the value taken for each, in the order of the formula.
    public let assumed: [(column: String, value: String)]
  }

  /// The design row of a person whose columns have the given values, written as in a data file.
  ///
  /// A number or date that is not given has its mean over the rows used, a factor its first level,
  /// a truth value false.
  /// - Throws: `unknownColumn` for a column that the formula does not read; `badValue` or
  ///   `unknownLevel` when a column can't have the value.
  public func person(_ values: [(column: String, value: String)]) throws(SiblingError) -> Person {
    var names: [String] = []
    for variable in variables {
      for name in variable?.syntax.columnNames ?? [] where !names.contains(name) {
        names.append(name)
      }
    }
    for (column, _) in values where !names.contains(column) {
      throw SiblingError(
        .unknownColumn, "the formula has no term with column '\(column)'",
        help: "its terms read: " + names.joined(separator: ", "),
        suggestion: nearestName(to: column, among: names), column: column)
    }
    var columns: [Column] = []
    var assumed: [(column: String, value: String)] = []
    for name in names {
      if let text = values.last(where: { $0.column == name })?.value {
        columns.append(try single(name, text))
      } else {
        let (column, text) = try usual(name)
        columns.append(column)
        assumed.append((name, text))
      }
    }
    let table = try Table(columns)
    var changed = self.variables
    for (index, variable) in variables.enumerated() {
      changed[index] = try variable?.evaluated(again: table, rows: [0], source: formula.source)
    }
    let row = layout.updating(
      design.selecting(rows: [0]), changed, changed.map { $0 != nil }, rows: [0], of: 1)
    return Person(design: row, assumed: assumed)
  }

  /// A column of one value.
  private func single(_ name: String, _ text: String) throws(SiblingError) -> Column {
    let refusal = SiblingError(
      .badValue, "column '\(name)' can't have the value '\(text)'",
      help: "give numbers as 1.5, truth values as true or false, dates as days", column: name)
    switch try table.column(name).values {
    case .integers:
      if let whole = Int(text) { return Column(name: name, values: .integers([whole])) }
      fallthrough
    case .doubles:
      guard let value = Double(text), value.isFinite else { throw refusal }
      return Column(name: name, values: .doubles([value]))
    case .booleans:
      let word = text.lowercased()
      guard ["true", "false", "1", "0"].contains(word) else { throw refusal }
      return Column(name: name, values: .booleans([word == "true" || word == "1" ? 1 : 0]))
    case .dates:
      guard let day = Int32(text) else { throw refusal }
      return Column(name: name, values: .dates([day]))
    case .text(let factor):
      guard factor.levels.contains(text) else {
        throw SiblingError(
          .unknownLevel, "column '\(name)' has no level '\(text)'",
          help: "its levels are: " + factor.levels.prefix(20).joined(separator: ", "),
          suggestion: nearestName(to: text, among: factor.levels), column: name)
      }
      return Column(name: name, values: .text(Factor([text])))
    }
  }

  /// The value of a column when none is given.
  private func usual(_ name: String) throws(SiblingError) -> (column: Column, text: String) {
    // Inside factor() a mean is no level.
    for case .some(let variable) in variables where variable.syntax.columnNames == [name] {
      if case .codes(_, let levels) = variable.storage, let level = levels.first,
        let column = try? single(name, level)
      {
        return (column, level)
      }
    }
    let column = try table.column(name)
    switch column.values {
    case .text(let factor):
      let level = factor.selecting(rows).droppingUnusedLevels().levels.first ?? ""
      return (Column(name: name, values: .text(Factor([level]))), level)
    case .booleans: return (Column(name: name, values: .booleans([0])), "false")
    case .integers, .doubles, .dates:
      let numbers = try numbers(of: name)
      let mean = numbers.reduce(0, +) / Double(numbers.count)
      if case .dates = column.values, let day = Int32(exactly: mean.rounded()) {
        return (Column(name: name, values: .dates([day])), "\(day)")
      }
      let shown = (mean * 10_000).rounded() / 10_000
      return (Column(name: name, values: .doubles([mean])), "\(shown)")
    }
  }
}
