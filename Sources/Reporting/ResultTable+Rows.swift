import Statistics

extension ResultTable {
  /// Whether the named columns of a row have the given values.
  public func row(_ row: Int, matches match: [String: Cell]) -> Bool {
    match.allSatisfy { self[row, $0.key] == $0.value }
  }

  /// The first row whose columns have the given values.
  public func firstRow(where match: [String: Cell]) -> Int? {
    rows.indices.first { row($0, matches: match) }
  }

  /// The cells of a column; empty when there is no such column.
  public func cells(_ column: String) -> [Cell] {
    guard let position = position(of: column) else { return [] }
    return rows.map { $0[position] }
  }

  /// Whether any cell of a column was withheld.
  public func isSuppressed(anywhereIn column: String) -> Bool {
    cells(column).contains(.suppressed)
  }

  func keeping(rows positions: [Int]) -> ResultTable {
    var table = self
    table.rows = positions.map { rows[$0] }
    return table
  }

  /// The table with some of its rows.
  public func keepingRows(_ positions: [Int]) -> ResultTable { keeping(rows: positions) }

  /// Rows that agree in some labels, in the order in which the groups occur.
  ///
  /// - Parameters:
  ///   - labels: the columns; one that the table lacks tells no rows apart.
  ///   - chosen: the rows that are grouped, in their order; all when nil.
  /// - Returns: the rows of each group.
  public func blocks(by labels: [String], among chosen: [Int]? = nil) -> [[Int]] {
    var order: [[Cell]: Int] = [:]
    var groups: [[Int]] = []
    for row in chosen ?? Array(rows.indices) {
      let key = labels.map { self[row, $0] }
      if let group = order[key] {
        groups[group].append(row)
      } else {
        order[key] = groups.count
        groups.append([row])
      }
    }
    return groups
  }

  func withoutHiddenColumns() -> ResultTable {
    let kept = columns.indices.filter {
      columns[$0].role != .hiddenCount && !columns[$0].isHidden
    }
    if kept.count == columns.count { return self }
    // Roles that name a hidden column may stay: they document the rule and are not looked up again.
    var table = ResultTable(
      unchecked: name, summary: summary, columns: kept.map { columns[$0] }, sums: sums,
      curve: curve, residual: residual, hold: hold, hasRowsOfPeople: hasRowsOfPeople)
    table.rows = rows.map { row in kept.map { row[$0] } }
    table.isHeld = isHeld
    table.roundingNote = roundingNote
    table.curveRounding = curveRounding
    return table
  }

  func requireDistinctKeys() throws(SiblingError) {
    var seen: Set<String> = []
    for row in rows.indices where !seen.insert(key(ofRow: row)).inserted {
      throw SiblingError(
        .duplicateKey, "two rows of \(path) have the key '\(key(ofRow: row))'",
        help: "every result needs labels of its own, so that sentences can point to it", row: row)
    }
  }
}
