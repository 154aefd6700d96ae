internal import Engines
internal import Statistics
internal import Tables

/// A CSV file, or several, loaded with the types that Sibling's own reader would give its columns.
///
/// DuckDB's own detection looks at a sample and knows other words for truth and dates. Here every cell is looked at
/// as text, once, and the table is then made with the types that all cells of a column have.
struct DuckDBTextFile {
  private let shell: DuckDBShell
  private let relation: String
  private let names: [String]

  /// What a cell may be; the bits are joined over a column.
  private enum Kind {
    static let integer = 1
    static let number = 2
    static let boolean = 4
    static let date = 8
    static let text = 16
  }

  /// Looks at the header of a file, or of the first that fits a pattern.
  ///
  /// - Throws: `engineFailed` for a file that isn't there; the engine's failures.
  init(_ path: String, _ shell: DuckDBShell) throws(SiblingError) {
    self.shell = shell
    let header = try Self.header(path, shell)
    let separator = Self.separator(header)
    var parser = DelimitedParser(separator: separator)
    var found: [String] = []
    _ = parser.read(Array((header + "\n").utf8)[...]) { record in
      found = (0..<record.count).map { Self.trimmed(record.text($0)) }
      return false
    }
    if let empty = found.firstIndex(of: "") {
      throw SiblingError(.badValue, "column \(empty + 1) has no name in the header")
    }
    if let twice = Dictionary(grouping: found, by: { $0.lowercased() }).values.first(where: {
      $0.count > 1
    }) {
      throw SiblingError(
        .duplicateColumn, "column '\(twice[1])' occurs twice in the header",
        help:
          "rename or remove one of the two; DuckDB takes capitals for the same as small letters",
        column: twice[1])
    }
    names = found
    let columns = found.map { "\(DuckDBSource.literal($0)): 'VARCHAR'" }.joined(separator: ", ")
    relation =
      "read_csv(\(DuckDBSource.literal(path)), header = true, auto_detect = false, delim = "
      + DuckDBSource.literal(String(UnicodeScalar(separator)))
      + ", quote = '\"', escape = '\"', strict_mode = true, columns = {\(columns)})"
  }

  /// Makes a temporary table of the file.
  ///
  /// - Throws: the engine's failures, such as a row with too few fields.
  func load(into table: String) throws(SiblingError) {
    let kinds = names.map { "BIT_OR(\(Self.kind(DuckDBSource.quoted($0))))" }
    var found: [Int] = []
    try shell.ask("SELECT \(kinds.joined(separator: ", ")) FROM \(relation)") { record in
      found = (0..<record.count).map { Int(record.text($0)) ?? 0 }
    }
    let columns = zip(names, found).map { name, kind in
      "\(Self.value(DuckDBSource.quoted(name), kind)) AS \(DuckDBSource.quoted(name))"
    }
    try shell.run(
      "CREATE OR REPLACE TEMP TABLE \(DuckDBSource.quoted(table)) AS SELECT "
        + "\(columns.joined(separator: ", ")) FROM \(relation)")
  }

  /// The cell without blanks at its ends; NULL where it is missing.
  private static func present(_ column: String) -> String {
    let missing = CSVReader.standardMissingWords.filter { !$0.isEmpty }
      .map(DuckDBSource.literal).joined(separator: ", ")
    let trimmed = "TRIM(\(column), E' \\t')"
    return "CASE WHEN \(trimmed) <> '' AND \(trimmed) NOT IN (\(missing)) THEN \(trimmed) END"
  }

  /// The bit of what a cell is; NULL where it is missing.
  private static func kind(_ column: String) -> String {
    let cell = "TRIM(\(column), E' \\t')"
    let isWhole = "REGEXP_FULL_MATCH(\(cell), '[+-]?[0-9]+')"
    let isNumber =
      "REGEXP_FULL_MATCH(\(cell), '[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?')"
    // A needless zero before the digits is how identifiers are written.
    let isPadded = "REGEXP_FULL_MATCH(\(cell), '[+-]?0[0-9]+')"
    return
      "CASE WHEN (\(present(column))) IS NULL THEN NULL WHEN \(isWhole) THEN CASE WHEN \(isPadded)"
      + " THEN \(Kind.text) WHEN TRY_CAST(\(unsigned(cell)) AS BIGINT) IS NULL THEN \(Kind.number)"
      + " ELSE \(Kind.integer) END WHEN \(isNumber) THEN CASE WHEN"
      + " ISINF(CAST(\(unsigned(cell)) AS DOUBLE)) THEN \(Kind.text) ELSE \(Kind.number) END"
      + " WHEN \(cell) IN ('true', 'TRUE', 'false', 'FALSE') THEN \(Kind.boolean)"
      + " WHEN REGEXP_FULL_MATCH(\(cell), '[0-9]{4}-[0-9]{2}-[0-9]{2}')"
      + " AND TRY_CAST(\(cell) AS DATE) IS NOT NULL THEN \(Kind.date) ELSE \(Kind.text) END"
  }

  /// A column's value when all its cells are of these kinds.
  private static func value(_ column: String, _ kinds: Int) -> String {
    let cell = present(column)
    switch kinds {
    case Kind.integer: return "CAST(\(unsigned(cell)) AS BIGINT)"
    case 0, Kind.number, Kind.number | Kind.integer: return "CAST(\(unsigned(cell)) AS DOUBLE)"
    case Kind.boolean: return "CAST(\(cell) AS BOOLEAN)"
    case Kind.date: return "CAST(\(cell) AS DATE)"
    default: return "CASE WHEN (\(cell)) IS NOT NULL THEN \(column) END"
    }
  }

  /// Without a plus sign, which casts may refuse.
  private static func unsigned(_ cell: String) -> String { "LTRIM(\(cell), '+')" }

  /// The first line of the first file.
  private static func header(
    _ path: String, _ shell: DuckDBShell
  ) throws(SiblingError) -> String {
    var lines: [String] = []
    // Read as text of one column, whatever it holds: a byte that no text has separates.
    try shell.ask(
      "SELECT '=' || line FROM read_csv(\(DuckDBSource.literal(path)), header = false,"
        + " auto_detect = false, delim = E'\\x01', quote = '', escape = '', columns ="
        + " {'line': 'VARCHAR'}, strict_mode = false, max_line_size = 10000000) LIMIT 1"
    ) { lines.append(String($0.text(0).dropFirst())) }
    guard let line = lines.first else {
      throw SiblingError(
        .emptyFile, "the file is empty", help: "a header line with the column names is needed")
    }
    return line
  }

  /// The commonest of comma, semicolon and tab outside quotes.
  static func separator(_ header: String) -> UInt8 {
    let candidates = [UInt8(ascii: ","), UInt8(ascii: ";"), 9]
    var counts = [0, 0, 0]
    var isQuoted = false
    for byte in header.utf8 {
      if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
      if !isQuoted, let index = candidates.firstIndex(of: byte) { counts[index] += 1 }
    }
    let most = counts.max() ?? 0
    return candidates[counts.firstIndex(of: most) ?? 0]
  }

  private static func trimmed(_ text: String) -> String {
    var bytes = Array(text.utf8)[...]
    while let last = bytes.last, last == 32 || last == 9 { bytes.removeLast() }
    while let first = bytes.first, first == 32 || first == 9 { bytes.removeFirst() }
    return String(decoding: bytes, as: UTF8.self)
  }
}
