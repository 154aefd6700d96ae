public import Statistics

extension Column {
  /// The column of some rows, in the order given; a factor keeps its levels.
  public func selecting(_ rows: [Int]) -> Column {
    let selected: Values
    switch values {
    case .integers(let values): selected = .integers(rows.map { values[$0] })
    case .doubles(let values): selected = .doubles(rows.map { values[$0] })
    case .text(let factor): selected = .text(factor.selecting(rows))
    case .booleans(let values): selected = .booleans(rows.map { values[$0] })
    case .dates(let values): selected = .dates(rows.map { values[$0] })
    }
    return Column(name: name, values: selected)
  }
}

extension Table {
  /// The table of some rows (from zero), in the order given; they keep their places in the file.
  public func selecting(rows: [Int]) -> Table {
    var table = Table(
      trusted: columns.map { $0.selecting(rows) }, rowCount: rows.count, like: self)
    table.source = source?.selecting(rows)
    return table
  }

  /// The table of some columns, in the order given.
  ///
  /// - Throws: `unknownColumn`, `duplicateColumn`.
  public func selecting(columns names: [String]) throws(SiblingError) -> Table {
    var chosen: [Column] = []
    for name in names {
      if names.count(where: { $0 == name }) > 1 {
        throw SiblingError(
          .duplicateColumn, "column '\(name)' is asked for twice", column: name)
      }
      chosen.append(try column(name))
    }
    return Table(trusted: chosen, rowCount: rowCount, like: self)
  }

  /// The table with one more column at its end.
  ///
  /// - Throws: `duplicateColumn` when the name is taken, `sizeMismatch`.
  public func adding(_ column: Column) throws(SiblingError) -> Table {
    guard self[column.name] == nil else {
      throw SiblingError(
        .duplicateColumn, "there is a column '\(column.name)' already",
        help: "choose another name", location: headerLocation(column.name), column: column.name)
    }
    return try replacing(column)
  }

  /// The table with a column in the place of the one of that name, or at the end.
  ///
  /// - Throws: `sizeMismatch`.
  public func replacing(_ column: Column) throws(SiblingError) -> Table {
    guard columns.isEmpty || column.count == rowCount else {
      throw Self.sizeMismatch(column, rowCount)
    }
    var changed = columns
    if let place = index[column.name] { changed[place] = column } else { changed.append(column) }
    var table = Table(trusted: changed, rowCount: column.count, like: self)
    table.inferenceHints[column.name] = nil
    table.valueLabels[column.name] = nil
    table.variableLabels[column.name] = nil
    table.missingReasons[column.name] = nil
    return table
  }

  /// The table without a column.
  ///
  /// - Throws: `unknownColumn`.
  public func dropping(_ name: String) throws(SiblingError) -> Table {
    _ = try column(name)
    return Table(trusted: columns.filter { $0.name != name }, rowCount: rowCount, like: self)
  }

  /// The table without some columns; names that it does not have change nothing.
  public func dropping(columns names: Set<String>) -> Table {
    Table(trusted: columns.filter { !names.contains($0.name) }, rowCount: rowCount, like: self)
  }

  /// The table with the columns of another of the same rows that it lacks, in the other's order.
  ///
  /// - Throws: `sizeMismatch` when the other has another number of rows.
  public func filledUp(from other: Table) throws(SiblingError) -> Table {
    if let column = other.columns.first, column.count != rowCount {
      throw Self.sizeMismatch(column, rowCount)
    }
    let filled = other.columns.map { self[$0.name] ?? $0 }
    let own = columns.filter { other[$0.name] == nil }
    return Table(trusted: filled + own, rowCount: rowCount, like: other)
  }

  /// For each row whether none of the named columns is missing.
  ///
  /// - Throws: `unknownColumn`.
  public func isComplete(_ names: [String]) throws(SiblingError) -> [Bool] {
    var complete = [Bool](repeating: true, count: rowCount)
    for name in names {
      switch try column(name).values {
      case .integers(let values):
        for row in 0..<rowCount where values[row] == Int.min { complete[row] = false }
      case .doubles(let values):
        for row in 0..<rowCount where values[row].isNaN { complete[row] = false }
      case .text(let factor):
        for row in 0..<rowCount where factor.codes[row] < 0 { complete[row] = false }
      case .booleans(let values):
        for row in 0..<rowCount where values[row] < 0 { complete[row] = false }
      case .dates(let values):
        for row in 0..<rowCount where values[row] == Int32.min { complete[row] = false }
      }
    }
    return complete
  }

  /// The rows (from zero, ascending) in which none of the named columns is missing.
  ///
  /// - Throws: `unknownColumn`.
  public func completeRows(_ names: [String]) throws(SiblingError) -> [Int] {
    let complete = try isComplete(names)
    return complete.indices.filter { complete[$0] }
  }
}
