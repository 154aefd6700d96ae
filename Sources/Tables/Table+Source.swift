public import Statistics

extension Table {
  /// Where the rows of a table came from.
  public struct Source: Sendable {
    /// The file as the user named it (`-` is standard input).
    public var file: String
    /// The 1-based line on which each row starts, or the row's number where a file has no lines; empty
    /// when unknown.
    public var lines: [Int]
    /// Whether the file is text, with lines.
    var isText = true
    var places: Places?

    /// A source.
    public init(file: String, lines: [Int]) {
      self.init(file: file, lines: lines, places: nil)
    }

    init(file: String, lines: [Int], places: Places?) {
      self.file = file
      self.lines = lines
      self.places = places
    }

    /// The line on which the header stands.
    var headerLine: Int? { places?.headerLine ?? (isText ? 1 : nil) }

    /// The source of some of the rows.
    func selecting(_ rows: [Int]) -> Source {
      var source = self
      if !lines.isEmpty { source.lines = rows.map { lines[$0] } }
      if let places { source.places?.offsets = rows.map { places.offsets[$0] } }
      return source
    }
  }
}

extension Table.Source {
  /// What finds a field again: the bytes, and where each row starts in them.
  struct Places: Sendable {
    var source: ByteSource
    var separator: UInt8
    /// The names of the header, in the order of the fields.
    var fields: [String]
    var offsets: [Int]
    var headerOffset: Int
    var headerLine: Int

    /// Line and byte column of a field of the row that starts at an offset.
    func field(_ number: Int, from offset: Int, line: Int) -> (line: Int, column: Int)? {
      guard offset < source.count else { return nil }
      var cursor = Cursor(position: source.base + offset, line: line)
      for _ in 0..<number {
        guard case .field(let field) = CSVField.read(cursor.position, separator) else {
          return nil
        }
        cursor.pass(field)
        guard cursor.position.pointee == separator else { return nil }
        cursor.position += 1
      }
      let position = cursor.position - source.base
      var lineStart = position
      while lineStart > 0, source.base[lineStart - 1] != 10, source.base[lineStart - 1] != 13 {
        lineStart -= 1
      }
      if lineStart == 0, source.bytes(0, min(3, source.count)).elementsEqual([0xEF, 0xBB, 0xBF]) {
        lineStart = 3
      }
      return (cursor.line, position - lineStart + 1)
    }
  }
}

extension Table {
  /// The place in the file of a row (from zero), for messages: its line, or the file with the row's
  /// number where there are no lines.
  public func location(row: Int) -> SiblingError.Location? {
    source.map {
      if !$0.isText, $0.lines.indices.contains(row) {
        return SiblingError.Location(file: "\($0.file) (row \($0.lines[row]))")
      }
      return SiblingError.Location(
        file: $0.file, line: $0.lines.indices.contains(row) ? $0.lines[row] : nil)
    }
  }

  /// The place in the file of a cell: its line, and the field's first byte in it.
  ///
  /// A column that the file does not have, a derived one, gives the place of the row.
  /// - Complexity: O(length of the row); the row is read again.
  public func location(row: Int, column: String) -> SiblingError.Location? {
    guard let source, let places = source.places, source.lines.indices.contains(row),
      places.offsets.indices.contains(row), let number = places.fields.firstIndex(of: column),
      let found = places.field(number, from: places.offsets[row], line: source.lines[row])
    else { return location(row: row) }
    return SiblingError.Location(file: source.file, line: found.line, column: found.column)
  }

  /// The place in the file of a column's name in the header.
  public func headerLocation(_ column: String) -> SiblingError.Location? {
    guard let source else { return nil }
    guard let places = source.places, let number = places.fields.firstIndex(of: column),
      let found = places.field(number, from: places.headerOffset, line: places.headerLine)
    else { return SiblingError.Location(file: source.file, line: source.headerLine) }
    return SiblingError.Location(file: source.file, line: found.line, column: found.column)
  }

  /// An error of an estimator with its row and column turned into a place in the file.
  ///
  /// `rows` gives, for each row that the estimator saw, its row in this table; nil when it saw all.
  public func locating(_ error: SiblingError, rows: [Int]? = nil) -> SiblingError {
    guard error.location == nil else { return error }
    guard let row = error.row else { return placing(error) }
    let own = rows.map { $0.indices.contains(row) ? $0[row] : -1 } ?? row
    guard own >= 0, own < rowCount else { return error }
    return error.located(
      error.column.map { location(row: own, column: $0) } ?? location(row: own))
  }

  /// An error about no row in particular, placed at its column's name or else at the file.
  ///
  /// Errors about how a verb was called are not in the data and keep their place.
  private func placing(_ error: SiblingError) -> SiblingError {
    guard let source, error.code.exitStatus == 65 else { return error }
    if let column = error.column, self[column] != nil {
      return error.located(headerLocation(column))
    }
    return error.located(SiblingError.Location(file: source.file))
  }
}
