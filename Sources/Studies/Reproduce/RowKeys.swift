/// What tells the rows of a written table apart.
struct RowKeys {
  /// The columns of the key.
  let columns: [String]
  /// The key of each row as `name=value; name=value`; a repeated key gets ` #2`.
  let keys: [String]

  /// The keys of a table.
  ///
  /// - Parameters:
  ///   - rows: the table.
  ///   - labels: the label columns that the manifest names; without them the columns of text are
  ///     taken.
  init(_ rows: WrittenRows, labels: [String]?) {
    let known = labels?.filter { rows.has($0) } ?? []
    columns = known.isEmpty ? Self.texts(rows) : known
    var seen: [String: Int] = [:]
    var keys: [String] = []
    for row in rows.rows.indices {
      let key = rows.key(ofRow: row, by: columns)
      let count = seen[key, default: 0] + 1
      seen[key] = count
      keys.append(count == 1 ? key : "\(key) #\(count)")
    }
    self.keys = keys
  }

  /// Columns of text that say something about a row and not which one it is.
  private static let remarks: Set<String> = [
    "verdict", "status", "se_type", "convention", "gate", "scale", "comparator", "note", "reading",
  ]

  /// The columns that hold no number at all.
  private static func texts(_ rows: WrittenRows) -> [String] {
    rows.columns.enumerated().filter { position, name in
      !remarks.contains(name) && !name.hasSuffix("_flag")
        && rows.rows.allSatisfy { $0[position].isEmpty || Double($0[position]) == nil }
    }.map(\.element)
  }

  /// The greatest magnitude of each column; 0 where it has no number.
  static func scales(_ rows: WrittenRows) -> [Double] {
    rows.columns.indices.map { position in
      rows.rows.reduce(0) { greatest, row in
        guard let value = Double(row[position]), value.isFinite else { return greatest }
        return max(greatest, value.magnitude)
      }
    }
  }
}
