import Statistics
import Tables

/// A released table as the bytes of its CSV file.
enum CSVText {
  /// UTF-8, comma, LF; numbers with twelve significant digits; a withheld cell is blank and a
  /// column `<name>_flag` beside it says so, present only when something in the column is withheld.
  ///
  /// - Throws: `sizeMismatch`, never for a table of this room.
  static func bytes(_ table: ResultTable) throws(SiblingError) -> [UInt8] {
    var columns: [Column] = []
    for (position, column) in table.columns.enumerated() {
      let cells = table.rows.map { $0[position] }
      columns.append(Column(name: column.name, values: values(cells, column.type)))
      if cells.contains(.suppressed) {
        let flags = cells.map { $0 == .suppressed ? "suppressed" : nil }
        columns.append(Column(name: column.name + "_flag", values: .text(Factor(flags))))
      }
    }
    return try TableWriter(.csv, numbers: .significant(FixedText.digits)).bytes(columns)
  }

  private static func values(
    _ cells: [ResultTable.Cell], _ type: ResultTable.ValueType
  ) -> Column.Values {
    switch type {
    case .number: .doubles(cells.map { $0.number ?? .nan })
    case .text, .date: .text(Factor(cells.map(\.text)))
    case .flag: .booleans(cells.map { cell in cell.flag.map { $0 ? 1 : 0 } ?? -1 })
    }
  }
}
