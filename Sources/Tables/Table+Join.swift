public import Statistics

/// How rows of two tables belong to each other.
public enum JoinCardinality: String, Sendable, CaseIterable {
  /// Several rows of the first may belong to one of the second, as clients to a site.
  case manyToOne = "many-to-one"
  /// A row belongs to one row at most, both ways.
  case oneToOne = "one-to-one"
  /// Several rows of the second may belong to one of the first, which is repeated for each.
  case oneToMany = "one-to-many"
}

/// What becomes of rows of the first table that have none in the second.
public enum JoinUnmatched: String, Sendable, CaseIterable {
  /// They stay, with missing values.
  case keep
  /// They are left out.
  case drop
  /// The first of them is an error.
  case refuse
}

/// A table with the columns of another beside its own, and who found nobody.
public struct JoinedTable: Sendable {
  /// The rows of the first table, in their order.
  public var table: Table
  /// Rows of the first table without one in the second.
  public var unmatched: Int
  /// Those of them that lack a key.
  public var withoutKey: Int
  /// Rows of the second table that belong to none of the first; they are left out.
  public var unused: Int
}

extension Table {
  /// The table with the columns of another, whose rows are found by keys.
  ///
  /// Keys match by value: whole numbers with equal doubles, dates with dates, text with the same text.
  /// Text never matches a number, because `007` and `7` may be two people; declare one type for both.
  /// A row whose key is missing matches nothing.
  ///
  /// `otherKeys` are the keys' names in the second table, where these differ; `suffix` is put behind
  /// names that both tables have, which without it are refused.
  ///
  /// - Throws: `unknownColumn`; `wrongType` for keys of different types; `duplicateKey`, located at
  ///   the second of two rows that the cardinality forbids; `duplicateColumn`; `missingKey` for the
  ///   first unmatched row where these are refused.
  /// - Complexity: O(rows + distinct keys).
  public func joining(
    _ other: Table, by keys: [String], matching otherKeys: [String]? = nil,
    cardinality: JoinCardinality = .manyToOne, unmatched: JoinUnmatched = .keep,
    suffix: String? = nil
  ) throws(SiblingError) -> JoinedTable {
    let theirs = otherKeys ?? keys
    guard !keys.isEmpty, keys.count == theirs.count else {
      throw SiblingError(.badDesign, "a join needs at least one key, the same number on both sides")
    }
    var pair = JoinCodes(own: [], other: [], count: 0)
    for (key, their) in zip(keys, theirs) {
      let next = try JoinCodes(self, key, other, their)
      pair = pair.count == 0 ? next : pair.crossed(with: next)
    }
    if cardinality != .manyToOne {
      try refuseRepeats(pair.own, pair.count, keys, cardinality)
    }
    if cardinality != .oneToMany {
      try other.refuseRepeats(pair.other, pair.count, theirs, cardinality)
    }
    let rows = JoinRows(pair, isOneToMany: cardinality == .oneToMany, unmatched: unmatched)
    if unmatched == .refuse, let row = rows.firstUnmatched {
      throw SiblingError(
        .missingKey,
        "this row's \(keys.joined(separator: ", ")) is not in \(other.source?.file ?? "the other table")",
        help: "add it there, or keep or drop unmatched rows",
        location: location(row: row, column: keys[0]), column: keys[0],
        cell: self[keys[0]]?.selecting([row]).asStrings[0])
    }
    var table = rows.own.map { selecting(rows: $0) } ?? self
    for column in other.columns where !theirs.contains(column.name) {
      var added = column.selecting(filling: rows.other)
      if table[column.name] != nil {
        guard let suffix, table[column.name + suffix] == nil else {
          throw SiblingError(
            .duplicateColumn, "both tables have a column '\(column.name)'",
            help: "give a suffix for those of the second, or leave one out",
            location: other.headerLocation(column.name), column: column.name)
        }
        added.name += suffix
      }
      table = try table.adding(added)
      table.valueLabels[added.name] = other.valueLabels[column.name]
      table.variableLabels[added.name] = other.variableLabels[column.name]
      table.missingReasons[added.name] = other.missingReasons[column.name]
      table.inferenceHints[added.name] = other.inferenceHints[column.name]
    }
    return JoinedTable(
      table: table, unmatched: rows.unmatched,
      withoutKey: pair.own.count { $0 < 0 }, unused: rows.unused)
  }

  /// Refuses a second row with the same keys.
  private func refuseRepeats(
    _ codes: [Int32], _ count: Int, _ keys: [String], _ cardinality: JoinCardinality
  ) throws(SiblingError) {
    var seen = [Bool](repeating: false, count: count)
    for (row, code) in codes.enumerated() where code >= 0 {
      guard seen[Int(code)] else {
        seen[Int(code)] = true
        continue
      }
      let place = location(row: row, column: keys[0])
      throw SiblingError(
        .duplicateKey,
        "a second row has the same \(keys.joined(separator: ", ")), and the join is"
          + " \(cardinality.rawValue)",
        help: "keep one row a key, add a key that tells them apart, or declare another cardinality",
        location: place, row: row, column: keys[0],
        cell: self[keys[0]]?.selecting([row]).asStrings[0])
    }
  }
}

extension Column {
  /// The column of some rows, in the order given; −1 gives a missing value.
  public func selecting(filling rows: [Int]) -> Column {
    func pick<T>(_ values: [T], _ missing: T) -> [T] {
      values.withUnsafeBufferPointer { values in rows.map { $0 < 0 ? missing : values[$0] } }
    }
    let selected: Values =
      switch values {
      case .integers(let values): .integers(pick(values, Int.min))
      case .doubles(let values): .doubles(pick(values, .nan))
      case .text(let factor): .text(Factor(codes: pick(factor.codes, -1), levels: factor.levels))
      case .booleans(let values): .booleans(pick(values, -1))
      case .dates(let values): .dates(pick(values, Int32.min))
      }
    return Column(name: name, values: selected)
  }
}
