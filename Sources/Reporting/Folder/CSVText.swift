/// A released table as the bytes of its CSV file.
enum CSVText {
  /// UTF-8, comma, LF; numbers with twelve significant digits; a withheld cell is blank and a
  /// column `<name>_flag` beside it says so, present only when something in the column is withheld.
  static func text(_ table: ResultTable) -> String {
    let flagged = table.columns.map { table.isSuppressed(anywhereIn: $0.name) }
    var output = ""
    for (position, column) in table.columns.enumerated() {
      output += (position == 0 ? "" : ",") + field(column.name)
      if flagged[position] { output += "," + field(column.name + "_flag") }
    }
    output += "\n"
    for row in table.rows {
      for (position, cell) in row.enumerated() {
        output += (position == 0 ? "" : ",") + field(cell.plainText)
        if flagged[position] { output += cell == .suppressed ? ",suppressed" : "," }
      }
      output += "\n"
    }
    return output
  }

  static func field(_ text: String) -> String {
    let needsQuotes = text.utf8.contains { $0 == 44 || $0 == 34 || $0 == 10 || $0 == 13 }
    return needsQuotes ? "\"" + text.replacing("\"", with: "\"\"") + "\"" : text
  }
}
