public import Statistics

/// Columns of one length, with the place in a file that each row came from.
public struct Table: Sendable {
  /// The columns, in file order.
  public private(set) var columns: [Column]
  /// The number of rows.
  public let rowCount: Int
  /// Where the rows came from; nil for tables made in memory.
  public var source: Source?
  private var index: [String: Int]

  /// Where the rows of a table came from.
  public struct Source: Sendable {
    /// The file as the user named it (`-` is standard input).
    public var file: String
    /// The 1-based line on which each row starts; empty when unknown.
    public var lines: [Int]

    /// A source.
    public init(file: String, lines: [Int]) {
      self.file = file
      self.lines = lines
    }
  }

  /// A table of columns.
  ///
  /// - Throws: `sizeMismatch` when lengths differ, `duplicateColumn` when a name occurs twice.
  public init(_ columns: [Column], source: Source? = nil) throws(SiblingError) {
    rowCount = columns.first?.count ?? 0
    self.source = source
    index = [:]
    for (position, column) in columns.enumerated() {
      guard column.count == rowCount else {
        throw SiblingError(
          .sizeMismatch, "column '\(column.name)' has \(column.count) rows, not \(rowCount)",
          column: column.name)
      }
      guard index.updateValue(position, forKey: column.name) == nil else {
        throw SiblingError(
          .duplicateColumn, "column '\(column.name)' occurs twice",
          location: source.map { SiblingError.Location(file: $0.file, line: 1) },
          column: column.name)
      }
    }
    self.columns = columns
  }

  /// The names of the columns.
  public var names: [String] { columns.map(\.name) }

  /// The column of a name, or nil.
  public subscript(name: String) -> Column? { index[name].map { columns[$0] } }

  /// The column of a name.
  ///
  /// - Throws: `unknownColumn` with the name that may have been meant.
  public func column(_ name: String) throws(SiblingError) -> Column {
    if let column = self[name] { return column }
    throw SiblingError(
      .unknownColumn, "there is no column '\(name)'",
      help: "the columns are: " + names.prefix(30).joined(separator: ", ")
        + (names.count > 30 ? ", …" : ""),
      suggestion: nearestName(to: name, among: names),
      location: source.map { SiblingError.Location(file: $0.file, line: 1) }, column: name)
  }

  /// The place in the file of a row (from zero), for messages.
  public func location(row: Int) -> SiblingError.Location? {
    source.map {
      SiblingError.Location(file: $0.file, line: row < $0.lines.count ? $0.lines[row] : nil)
    }
  }
}
