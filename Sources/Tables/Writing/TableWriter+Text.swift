/// The forms that people read.
extension TableWriter {
  func markdown(_ columns: [Column], _ rows: Int) -> [UInt8] {
    var text = "|"
    for column in columns { text += " \(Self.markdownCell(column.name)) |" }
    text += "\n|"
    for column in columns { text += Self.isRightAligned(column) ? "---:|" : "---|" }
    text += "\n"
    var bytes = Array(text.utf8)
    let levels = columns.map {
      Self.levels($0) { Array(Self.markdownCell(String(decoding: $0, as: UTF8.self)).utf8) }
    }
    let absent = Array(missing.utf8)
    Self.blocks(rows, into: &bytes) { row, part in
      part.append(UInt8(ascii: "|"))
      for index in columns.indices {
        part.append(32)
        if !append(columns[index].values, levels[index], row, to: &part) {
          part.append(contentsOf: absent)
        }
        part.append(contentsOf: " |".utf8)
      }
      part.append(10)
    }
    return bytes
  }

  func aligned(_ columns: [Column], _ rows: Int) -> [UInt8] {
    let cells = columns.map { column -> [String] in
      let levels = Self.levels(column) {
        Array(Self.singleLine(String(decoding: $0, as: UTF8.self)).utf8)
      }
      return [Self.singleLine(column.name)]
        + (0..<rows).map { row in
          var bytes: [UInt8] = []
          let present = append(column.values, levels, row, to: &bytes)
          return present ? String(decoding: bytes, as: UTF8.self) : missing
        }
    }
    let widths = cells.map { $0.map(\.count).max() ?? 0 }
    let right = columns.map(Self.isRightAligned)
    var text = ""
    for row in 0...rows {
      var line = ""
      for index in columns.indices {
        let cell = cells[index][row]
        let padding = String(repeating: " ", count: widths[index] - cell.count)
        if index > 0 { line += "  " }
        line += right[index] ? padding + cell : cell + padding
      }
      while line.last == " " { line.removeLast() }
      text += line + "\n"
    }
    return Array(text.utf8)
  }

  private static func isRightAligned(_ column: Column) -> Bool {
    switch column.values {
    case .integers, .doubles: true
    case .text, .booleans, .dates: false
    }
  }

  /// Text that cannot break a pipe table.
  private static func markdownCell(_ text: String) -> String {
    var cell = ""
    for character in singleLine(text) {
      if character == "|" || character == "\\" { cell.append("\\") }
      cell.append(character)
    }
    return cell
  }

  /// Text whose line ends, tabs and control characters have become blanks.
  private static func singleLine(_ text: String) -> String {
    var line = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      let isControl = scalar.value < 32 || scalar.value >= 127 && scalar.value < 160
      line.append(isControl ? " " : scalar)
    }
    return String(line)
  }
}
