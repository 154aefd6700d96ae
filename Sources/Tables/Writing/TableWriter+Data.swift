/// The forms that programs read.
extension TableWriter {
  func delimited(_ columns: [Column], _ rows: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    for (index, column) in columns.enumerated() {
      if index > 0 { bytes.append(UInt8(ascii: ",")) }
      bytes.append(contentsOf: Self.quoted(Array(column.name.utf8)))
    }
    bytes.append(10)
    let levels = columns.map { Self.levels($0, Self.quoted) }
    // An empty line would not be read back as a row.
    let absent = missing.isEmpty && columns.count == 1 ? Array("\"\"".utf8) : Array(missing.utf8)
    Self.blocks(rows, into: &bytes) { row, part in
      for index in columns.indices {
        if index > 0 { part.append(UInt8(ascii: ",")) }
        if !append(columns[index].values, levels[index], row, to: &part) {
          part.append(contentsOf: absent)
        }
      }
      part.append(10)
    }
    return bytes
  }

  func json(_ columns: [Column], _ rows: Int) -> [UInt8] {
    guard rows > 0 else { return Array("[]\n".utf8) }
    var bytes = Array("[".utf8)
    let keys = columns.enumerated().map { index, column in
      (index > 0 ? ", " : "").utf8 + Self.jsonString(Array(column.name.utf8)) + ": ".utf8
    }
    let levels = columns.map { Self.levels($0, Self.jsonString) }
    let isDate = columns.map { if case .dates = $0.values { true } else { false } }
    Self.blocks(rows, into: &bytes) { row, part in
      part.append(contentsOf: (row > 0 ? ",\n  {" : "\n  {").utf8)
      for index in columns.indices {
        part.append(contentsOf: keys[index])
        if columns[index].isMissing(row) {
          part.append(contentsOf: "null".utf8)
          continue
        }
        if isDate[index] { part.append(UInt8(ascii: "\"")) }
        if !append(columns[index].values, levels[index], row, to: &part) {
          part.append(contentsOf: "null".utf8)
        }
        if isDate[index] { part.append(UInt8(ascii: "\"")) }
      }
      part.append(UInt8(ascii: "}"))
    }
    bytes.append(contentsOf: "\n]\n".utf8)
    return bytes
  }

  /// A field as RFC 4180 writes it: in quotes when it holds a separator, a quote or a line end.
  ///
  /// Blanks at its ends are quoted too, for readers that would trim them.
  static func quoted(_ text: [UInt8]) -> [UInt8] {
    let blank: Set<UInt8> = [32, 9]
    let needs =
      text.contains { $0 == 44 || $0 == 34 || $0 == 10 || $0 == 13 }
      || blank.contains(text.first ?? 0) || blank.contains(text.last ?? 0)
    guard needs else { return text }
    var bytes: [UInt8] = [34]
    for byte in text {
      if byte == 34 { bytes.append(34) }
      bytes.append(byte)
    }
    bytes.append(34)
    return bytes
  }

  /// A string as JSON writes it, in its quotes.
  static func jsonString(_ text: [UInt8]) -> [UInt8] {
    var bytes: [UInt8] = [34]
    for byte in text {
      switch byte {
      case 34, 92: bytes += [92, byte]
      case 8: bytes += [92, UInt8(ascii: "b")]
      case 9: bytes += [92, UInt8(ascii: "t")]
      case 10: bytes += [92, UInt8(ascii: "n")]
      case 12: bytes += [92, UInt8(ascii: "f")]
      case 13: bytes += [92, UInt8(ascii: "r")]
      case 0..<32, 127:
        let hex = Array("0123456789abcdef".utf8)
        bytes += Array("\\u00".utf8) + [hex[Int(byte >> 4)], hex[Int(byte & 15)]]
      default: bytes.append(byte)
      }
    }
    bytes.append(34)
    return bytes
  }
}
