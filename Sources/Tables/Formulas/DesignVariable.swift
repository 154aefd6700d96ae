internal import Statistics

/// A variable of the terms on the rows that are used, with what the data gave it: its levels, or
/// the constants of its basis.
struct DesignVariable: Sendable {
  enum Storage: Sendable {
    /// One number for each row of the table.
    case doubles([Double])
    case integers([Int])
    /// A code for each row used.
    case codes([Int32], levels: [String])
    /// Columns one after the other, over the rows used.
    case basis([Double], Basis)
  }

  var label: String
  var syntax: Syntax
  var storage: Storage

  var isFactor: Bool {
    if case .codes = storage { return true }
    return false
  }

  /// The ends of its column names.
  func suffixes(full: Bool) -> [String] {
    switch storage {
    case .doubles, .integers: [""]
    case .codes(_, let levels): Array(levels.dropFirst(full ? 0 : 1))
    case .basis(_, let basis):
      basis.columns == 1 ? [""] : (1...basis.columns).map { String($0) }
    }
  }

  /// Writes one of its columns, or multiplies what stands there by it.
  func fill(
    _ output: UnsafeMutableBufferPointer<Double>, column: Int, full: Bool, rows: [Int],
    of count: Int, multiplying: Bool
  ) {
    let whole = rows.count == count
    switch storage {
    case .doubles(let values):
      values.withUnsafeBufferPointer { values in
        rows.withUnsafeBufferPointer { rows in
          switch (whole, multiplying) {
          case (true, false): for i in output.indices { output[i] = values[i] }
          case (true, true): for i in output.indices { output[i] *= values[i] }
          case (false, false): for i in output.indices { output[i] = values[rows[i]] }
          case (false, true): for i in output.indices { output[i] *= values[rows[i]] }
          }
        }
      }
    case .integers(let values):
      values.withUnsafeBufferPointer { values in
        rows.withUnsafeBufferPointer { rows in
          switch (whole, multiplying) {
          case (true, false): for i in output.indices { output[i] = Double(values[i]) }
          case (true, true): for i in output.indices { output[i] *= Double(values[i]) }
          case (false, false): for i in output.indices { output[i] = Double(values[rows[i]]) }
          case (false, true): for i in output.indices { output[i] *= Double(values[rows[i]]) }
          }
        }
      }
    case .codes(let codes, _):
      let wanted = Int32(full ? column : column + 1)
      codes.withUnsafeBufferPointer { codes in
        if multiplying {
          for i in output.indices { output[i] = codes[i] == wanted ? output[i] : 0 }
        } else {
          for i in output.indices { output[i] = codes[i] == wanted ? 1 : 0 }
        }
      }
    case .basis(let values, _):
      values.withUnsafeBufferPointer { values in
        let base = column * rows.count
        if multiplying {
          for i in output.indices { output[i] *= values[base + i] }
        } else {
          for i in output.indices { output[i] = values[base + i] }
        }
      }
    }
  }
}

extension DesignVariable {
  /// A variable before the rows are chosen.
  struct Draft: Sendable {
    var label: String
    var syntax: Syntax
    var values: FrameValues
    var basis: Basis.Request?
  }

  /// Evaluates a variable over all rows of a table.
  static func draft(
    _ label: String, _ syntax: Syntax, in table: Table, _ source: SyntaxSource
  ) throws(SiblingError) -> Draft {
    if let request = try Basis.Request(syntax, source) {
      let values = try FrameValues(request.inner, in: table, source)
      if case .factor = values {
        throw Evaluator(table: table, source: source).textWhereNumber(request.inner)
      }
      return Draft(label: label, syntax: syntax, values: values, basis: request)
    }
    // A column with a few cells that are not numbers must not turn into a factor unnoticed.
    if case .name(let name) = syntax.bare.kind, let hint = table.inferenceHints[name],
      hint.offending > 0
    {
      var error = Evaluator(table: table, source: source).textWhereNumber(syntax)
      error.help =
        (error.help.map { $0 + "; " } ?? "")
        + "if it is a category, write factor(\(Syntax.symbol(name)))"
      throw error
    }
    return Draft(
      label: label, syntax: syntax, values: try FrameValues(syntax, in: table, source), basis: nil)
  }

  /// The variable on the rows used; levels that no such row has are gone.
  init(_ draft: Draft, rows: [Int], table: Table, _ source: SyntaxSource) throws(SiblingError) {
    label = draft.label
    syntax = draft.syntax
    try draft.values.checkFinite(draft.syntax, rows: rows, table: table)
    if let request = draft.basis {
      // As R does, the basis is set on every row that has its variable.
      let all = Self.present(draft.values)
      let basis = try request.basis(all, source)
      let used = try draft.values.numbers(request.inner.text, rows: rows, table: table)
      storage = .basis(basis.evaluate(used), basis)
      return
    }
    switch draft.values {
    case .doubles(let values): storage = .doubles(values)
    case .integers(let values): storage = .integers(values)
    case .dates(let values): storage = .integers(values.map { Int($0) })
    case .booleans(let values):
      storage = .codes(rows.map { Int32(values[$0]) }, levels: ["FALSE", "TRUE"])
    case .factor(let factor):
      let used = (rows.count == factor.count ? factor : factor.selecting(rows))
        .droppingUnusedLevels()
      storage = .codes(used.codes, levels: used.levels)
    }
  }

  private static func present(_ values: FrameValues) -> [Double] {
    switch values {
    case .integers(let values): values.filter { $0 != Int.min }.map { Double($0) }
    case .doubles(let values): values.filter { $0.isFinite }
    case .booleans(let values): values.filter { $0 >= 0 }.map { Double($0) }
    case .dates(let values): values.filter { $0 != Int32.min }.map { Double($0) }
    case .factor: []
    }
  }

  /// The variable computed from another table, with the levels and basis it has.
  func evaluated(
    again table: Table, rows: [Int], source: SyntaxSource
  ) throws(SiblingError) -> DesignVariable {
    let draft = try Self.draft(label, syntax, in: table, source)
    var result = self
    try draft.values.checkFinite(syntax, rows: rows, table: table)
    switch (storage, draft.values) {
    case (.basis(_, let basis), let values):
      result.storage = .basis(
        basis.evaluate(try values.numbers(label, rows: rows, table: table)), basis)
    case (.codes(_, let levels), .factor(let factor)):
      var place: [Int32] = []
      var used = [Bool](repeating: false, count: factor.levels.count)
      for row in rows where factor.codes[row] >= 0 { used[Int(factor.codes[row])] = true }
      for (code, level) in factor.levels.enumerated() {
        guard let index = levels.firstIndex(of: level) else {
          guard !used[code] else {
            throw SiblingError(
              .unknownLevel, "the value set is not among the levels of `\(label)`",
              column: syntax.columnNames.first)
          }
          place.append(-1)
          continue
        }
        place.append(Int32(index))
      }
      result.storage = .codes(
        rows.map { factor.codes[$0] < 0 ? -1 : place[Int(factor.codes[$0])] }, levels: levels)
    case (.codes(_, let levels), .booleans(let values)):
      result.storage = .codes(rows.map { Int32(values[$0]) }, levels: levels)
    case (_, .doubles(let values)): result.storage = .doubles(values)
    case (_, .integers(let values)): result.storage = .integers(values)
    case (_, .dates(let values)): result.storage = .integers(values.map { Int($0) })
    case (_, .booleans), (_, .factor):
      throw SiblingError(
        .internalError, "`\(label)` changed its type", column: syntax.columnNames.first)
    }
    if draft.values.firstMissing(rows) != nil {
      throw SiblingError(
        .badValue, "`\(label)` is missing when the column is set to this value",
        column: syntax.columnNames.first)
    }
    return result
  }
}
