internal import LinearAlgebra
public import Statistics

/// The declared type of a column.
public enum ColumnType: String, Sendable, CaseIterable {
  /// Whole numbers.
  case integer
  /// Doubles.
  case number
  /// `true` and `false`, or 1 and 0.
  case boolean
  /// Days, written yyyy-mm-dd unless a format is declared.
  case date
  /// Text as it stands.
  case text
}

/// Reads delimited text (CSV) into a table of typed columns.
///
/// The first line names the columns. Fields may be quoted, with doubled quotes inside; quoted fields
/// may hold separators and line ends. Lines end with LF, CRLF or CR. Blank lines are passed over,
/// except that in a file of one column a blank line before the last row is a missing cell.
///
/// A column that is not declared takes the narrowest type that all its cells have: integer, number,
/// boolean (true, false, TRUE, FALSE), date (yyyy-mm-dd), else text. Integers with leading zeros are
/// identifiers and stay text; integers beyond 64 bits become numbers. Numbers are decimal, as in
/// `-1.5`, `.5`, `+3`, `1e-7`; words such as `inf` are not numbers. A column without any value is a
/// number column of missing values. Values do not depend on the number of threads.
public struct CSVReader: Sendable {
  /// The byte between fields; nil finds comma, semicolon or tab by the header line.
  public var separator: UInt8?
  /// How characters are stored.
  public var encoding = Encoding.automatic
  /// The words, blanks around them aside, that stand for a missing value.
  public var missingWords = CSVReader.standardMissingWords
  /// Declared column types; a cell of another type is an error.
  public var types: [String: ColumnType] = [:]
  /// How the dates of a column are written, as in `dd/mm/yyyy`; this declares the column a date.
  public var dateFormats: [String: String] = [:]

  /// Bytes to a block; tests make blocks small.
  var blockSize = CSVScan.blockSize

  /// How characters are stored in a file.
  public enum Encoding: Sendable {
    /// UTF-8, and Windows code page 1252 when the bytes are not UTF-8; the table then has a note.
    case automatic
    /// UTF-8 only.
    case utf8
    /// Windows code page 1252.
    case cp1252
  }

  /// The words that stand for a missing value unless others are given.
  public static let standardMissingWords = ["", "NA", "NaN", "null", "NULL", "."]

  /// A reader of comma-, semicolon- or tab-separated text with inferred types.
  public init() {}

  /// Reads a file; `-` is standard input.
  ///
  /// - Throws: every error with file, line and column where there is one: `unreadableFile`,
  ///   `emptyFile`, `unsupportedFormat`, `badEncoding`, `raggedRow`, `truncatedFile`, `badQuote`,
  ///   `duplicateColumn`, `badCell`, `unknownColumn` for a declared column that is not there.
  /// - Complexity: O(bytes), plus sorting the distinct texts of each text column.
  public func read(path: String) throws(SiblingError) -> Table {
    try Self.refuseForeignName(path)
    return try read(ByteSource.open(path), name: path)
  }

  /// Reads bytes as though they were a file of that name.
  ///
  /// - Throws: as `read(path:)`.
  public func read(bytes: [UInt8], name: String) throws(SiblingError) -> Table {
    try read(ByteSource(bytes), name: name)
  }

  /// Reads text from a source that is known to be no file of a statistical package.
  func read(text source: ByteSource, name: String) throws(SiblingError) -> Table {
    try read(source, name: name)
  }

  private func read(_ source: ByteSource, name: String) throws(SiblingError) -> Table {
    try Self.refuseForeignContent(source, name)
    let layout = try header(of: source, name: name)
    let plans = try plans(for: layout, name: name)
    let blocks = blocks(source, layout)
    let parser = CSVBlockParser(
      source: source, separator: layout.separator, plans: plans,
      missing: MissingWords(missingWords))
    let results = try parse(parser, blocks, layout, name)
    var assembly = CSVAssembly(
      parser: parser, blocks: blocks, results: results, layout: layout)
    let columns = assembly.columns()
    let (offsets, lines) = assembly.rowPlaces()
    let places = Table.Source.Places(
      source: source, separator: layout.separator, fields: layout.names, offsets: offsets,
      headerOffset: layout.headerStart, headerLine: layout.headerLine)
    var table = try Table(columns, source: Table.Source(file: name, lines: lines, places: places))
    table.notes = layout.notes
    table.inferenceHints = assembly.hints(table)
    source.release()
    return table
  }

  private func plans(
    for layout: CSVLayout, name: String
  ) throws(SiblingError) -> [ColumnPlan] {
    let declared = Set(types.keys).union(dateFormats.keys).subtracting(layout.names)
    if let absent = declared.min() {
      throw SiblingError(
        .unknownColumn, "there is no column '\(absent)', for which a type is declared",
        help: "the columns are: " + layout.names.prefix(30).joined(separator: ", "),
        suggestion: nearestName(to: absent, among: layout.names),
        location: .init(file: name, line: layout.headerLine), column: absent)
    }
    var plans: [ColumnPlan] = []
    for column in layout.names {
      var plan = ColumnPlan(declared: types[column])
      if let pattern = dateFormats[column] {
        if let type = types[column], type != .date {
          throw SiblingError(
            .badValue, "column '\(column)' is declared \(type.rawValue) and has a date format",
            column: column)
        }
        plan = ColumnPlan(declared: .date, dateFormat: try DateFormat(pattern))
      }
      plans.append(plan)
    }
    return plans
  }

  private func blocks(
    _ source: ByteSource, _ layout: CSVLayout
  ) -> [CSVBlock] {
    guard layout.bodyStart < layout.end else { return [] }
    let census = CSVScan.census(source, layout.bodyStart, layout.end, blockSize: blockSize)
    if census.contains(where: \.hasQuote) {
      return CSVScan.quotedBlocks(
        source, layout.bodyStart, layout.end, line: layout.bodyLine, separator: layout.separator,
        blockSize: blockSize)
    }
    return CSVScan.blocks(
      source, layout.bodyStart, layout.end, line: layout.bodyLine, census: census,
      blockSize: blockSize)
  }

  private func parse(
    _ parser: CSVBlockParser, _ blocks: [CSVBlock], _ layout: CSVLayout, _ name: String
  ) throws(SiblingError) -> [CSVBlockResult] {
    guard let first = blocks.first else { return [] }
    let start = parser.plans.map { plan -> CellKind in
      switch plan.declared {
      case nil: .none
      case .integer: .integer
      case .number: .double
      case .boolean: .boolean
      case .date: .date
      case .text: .text
      }
    }
    // What the first block finds spares the others false starts; the joined kinds stay the same.
    let opening = parser.parse(first, kinds: start)
    if let failure = opening.failure {
      throw located(failure, parser.source, layout, name)
    }
    let likely = opening.kinds.map { $0 == .mixed ? CellKind.text : $0 }
    let others = Array(blocks.dropFirst())
    let results =
      [opening] + Parallel.mapBlocks(others.count) { parser.parse(others[$0], kinds: likely) }
    for result in results {
      if let failure = result.failure { throw located(failure, parser.source, layout, name) }
    }
    return results
  }
}
