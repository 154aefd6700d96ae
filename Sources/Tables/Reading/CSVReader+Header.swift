internal import LinearAlgebra
internal import Statistics

/// Where things stand in a file of delimited text.
struct CSVLayout {
  var separator: UInt8
  var encoding: TextEncoding
  var names: [String]
  var headerStart: Int
  var headerLine: Int
  var bodyStart: Int
  var bodyLine: Int
  /// Where the last row ends; blank lines after it are left out.
  var end: Int
  var notes: [String]
}

extension CSVReader {
  private static let foreign: [(suffixes: [String], name: String, export: String)] = [
    (
      [".xlsx", ".xls", ".xlsm", ".ods"], "a spreadsheet",
      "in Excel or LibreOffice choose File > Save As > CSV UTF-8"
    ),
    (
      [".dta"], "a Stata file",
      "in Stata: export delimited using data.csv"
    ),
    (
      [".sav", ".zsav", ".por"], "an SPSS file",
      "in SPSS: File > Save As > CSV"
    ),
    ([".sas7bdat", ".xpt"], "a SAS file", "in SAS: proc export dbms=csv, or dbms=dta"),
    (
      [".rds", ".rdata", ".rda"], "an R file",
      "in R: write.csv(data, \"data.csv\", row.names = FALSE)"
    ),
    (
      [".parquet", ".feather", ".arrow"], "a columnar file",
      "in Python: pandas.read_parquet(…).to_csv(\"data.csv\", index=False)"
    ),
    ([".gz", ".zip", ".bz2", ".xz", ".zst"], "a compressed file", "unpack it first"),
    ([".pdf", ".docx", ".doc"], "a document", "copy its table to a CSV file"),
  ]

  static func refuseForeignName(_ path: String) throws(SiblingError) {
    let name = path.lowercased()
    for kind in foreign where kind.suffixes.contains(where: { name.hasSuffix($0) }) {
      throw refusal(kind.name, kind.export, path)
    }
  }

  static func refuseForeignContent(_ source: ByteSource, _ name: String) throws(SiblingError) {
    func begins(_ signature: [UInt8]) -> Bool {
      source.count >= signature.count
        && source.bytes(0, signature.count).elementsEqual(signature)
    }
    let signatures: [([UInt8], Int)] = [
      ([0x50, 0x4B, 0x03, 0x04], 0), ([0xD0, 0xCF, 0x11, 0xE0], 0),
      (Array("<stata_dta>".utf8), 1), (Array("$FL2".utf8), 2), (Array("$FL3".utf8), 2),
      (Array("PAR1".utf8), 5), ([0x1F, 0x8B], 6), (Array("%PDF-".utf8), 7),
    ]
    for (signature, kind) in signatures where begins(signature) {
      throw refusal(foreign[kind].name, foreign[kind].export, name)
    }
    if begins([0xFF, 0xFE]) || begins([0xFE, 0xFF]) {
      throw SiblingError(
        .badEncoding, "the file is UTF-16 text", help: "save it as CSV UTF-8",
        location: .init(file: name, line: 1, column: 1))
    }
  }

  private static func refusal(_ kind: String, _ export: String, _ name: String) -> SiblingError {
    SiblingError(
      .unsupportedFormat,
      "this is \(kind); CSV text, Stata (.dta) and SPSS (.sav) files can be read",
      help: "export it as CSV: " + export, location: .init(file: name))
  }

  /// Finds encoding, separator and names, and where the rows begin and end.
  func header(of source: ByteSource, name: String) throws(SiblingError) -> CSVLayout {
    let base = source.base
    let hasMark = source.count >= 3 && source.bytes(0, 3).elementsEqual([0xEF, 0xBB, 0xBF])
    let start = hasMark ? 3 : 0
    var end = source.count
    while end > start, base[end - 1] == 10 || base[end - 1] == 13 { end -= 1 }
    guard end > start else {
      throw SiblingError(
        .emptyFile, "the file is empty", help: "a header line with the column names is needed",
        location: .init(file: name))
    }
    let census = CSVScan.census(source, start, source.count)
    if census.contains(where: \.hasNul) {
      let offset = (start..<source.count).first { base[$0] == 0 } ?? start
      throw SiblingError(
        .badEncoding, "a zero byte stands here, so this is not plain text",
        help: "save the data as CSV UTF-8", location: place(offset, source, name))
    }
    var notes: [String] = []
    let encoding =
      census.contains(where: \.hasHighBit)
      ? try self.encoding(of: source, start, hasMark, name, &notes) : .utf8
    var cursor = Cursor(position: base + start, line: 1)
    while cursor.position.pointee == 10 || cursor.position.pointee == 13 { cursor.passLineEnd() }
    var given = separator
    if let declared = Self.declaredSeparator(cursor.position) {
      given = given ?? declared
      cursor.position += 5
      cursor.passLineEnd()
      // The declaration alone leaves nothing to read.
      end = max(end, cursor.position - base)
    }
    let headerLine = cursor.line
    let headerStart = cursor.position - base
    let separator = given ?? Self.detectSeparator(cursor.position)
    let names = try names(&cursor, separator, encoding, source, name)
    return CSVLayout(
      separator: separator, encoding: encoding, names: names, headerStart: headerStart,
      headerLine: headerLine, bodyStart: cursor.position - base, bodyLine: cursor.line, end: end,
      notes: notes)
  }

  private func encoding(
    of source: ByteSource, _ start: Int, _ hasMark: Bool, _ name: String, _ notes: inout [String]
  ) throws(SiblingError) -> TextEncoding {
    if encoding != .cp1252 {
      switch TextEncoding.validate(source, from: start) {
      case .valid: return .utf8
      case .cut(let offset):
        throw SiblingError(
          .truncatedFile, "the file ends in the middle of a character",
          help: "it may have been cut short: copy or export it again",
          location: place(offset, source, name))
      case .invalid(let offset):
        if hasMark || encoding == .utf8 {
          throw SiblingError(
            .badEncoding, "these bytes are not UTF-8", help: "save the data as CSV UTF-8",
            location: place(offset, source, name))
        }
      }
    }
    if let offset = TextEncoding.firstUndefinedInCP1252(source) {
      throw SiblingError(
        .badEncoding, "these bytes are neither UTF-8 nor Windows-1252",
        help: "save the data as CSV UTF-8", location: place(offset, source, name))
    }
    if encoding == .automatic {
      notes.append("\(name) is not UTF-8; it was read as Windows-1252")
    }
    return .cp1252
  }

  /// The separator of a first line `sep=;`, which spreadsheets write.
  private static func declaredSeparator(_ start: UnsafePointer<UInt8>) -> UInt8? {
    for (offset, byte) in "sep=".utf8.enumerated() where start[offset] != byte { return nil }
    let byte = start[4]
    guard byte != 0, byte != 10, byte != 13, byte != 34 else { return nil }
    return start[5] == 10 || start[5] == 13 ? byte : nil
  }

  /// The commonest of comma, semicolon and tab outside quotes in the header line.
  private static func detectSeparator(_ start: UnsafePointer<UInt8>) -> UInt8 {
    let candidates = [UInt8(ascii: ","), UInt8(ascii: ";"), 9]
    var counts = [0, 0, 0]
    var (p, quoted) = (start, false)
    while p.pointee != 0, quoted || p.pointee != 10 && p.pointee != 13 {
      if p.pointee == 34 { quoted.toggle() }
      if !quoted, let index = candidates.firstIndex(of: p.pointee) { counts[index] += 1 }
      p += 1
    }
    let most = counts.max() ?? 0
    return candidates[counts.firstIndex(of: most) ?? 0]
  }

  /// The column names; the cursor moves behind the header line.
  private func names(
    _ cursor: inout Cursor, _ separator: UInt8, _ encoding: TextEncoding, _ source: ByteSource,
    _ file: String
  ) throws(SiblingError) -> [String] {
    var names: [String] = []
    var seen = Set<String>()
    while true {
      let location = place(cursor.position - source.base, source, file)
      switch CSVField.read(cursor.position, separator) {
      case .unterminated: throw Self.unterminated(location)
      case .textAfterQuote: throw Self.textAfterQuote(location)
      case .field(let field):
        let content = field.unescaped.withUnsafeBufferPointer {
          encoding.string(CSVField.trimmed($0))
        }
        try Self.check(content, names.count + 1, &seen, location)
        names.append(content)
        cursor.pass(field)
      }
      if cursor.position.pointee != separator { break }
      cursor.position += 1
    }
    cursor.passLineEnd()
    return names
  }

  private static func check(
    _ name: String, _ number: Int, _ seen: inout Set<String>, _ location: SiblingError.Location
  ) throws(SiblingError) {
    if name.isEmpty {
      throw SiblingError(
        .badValue, "column \(number) has no name in the header",
        help: "name it, or remove it (R: write.csv(row.names = FALSE)) or its stray separator",
        location: location)
    }
    guard seen.insert(name).inserted else {
      throw SiblingError(
        .duplicateColumn, "column '\(name)' occurs twice in the header",
        help: "rename or remove one of the two", location: location, column: name)
    }
  }
}
