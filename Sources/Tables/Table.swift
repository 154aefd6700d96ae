public import Statistics

/// Columns of one length, with the place in a file that each row came from.
public struct Table: Sendable {
  /// The columns, in file order.
  public internal(set) var columns: [Column]
  /// The number of rows.
  public let rowCount: Int
  /// Where the rows came from; nil for tables made in memory.
  public var source: Source?
  /// What the reader has to say that is not an error, such as an encoding it had to assume.
  public var notes: [String] = []
  /// For columns of text that are nearly numbers, what stands in the way.
  public var inferenceHints: [String: InferenceHint] = [:]
  var index: [String: Int]

  /// A table of columns.
  ///
  /// - Throws: `sizeMismatch` when lengths differ, `duplicateColumn` when a name occurs twice.
  public init(_ columns: [Column], source: Source? = nil) throws(SiblingError) {
    rowCount = columns.first?.count ?? 0
    self.source = source
    index = [:]
    for (position, column) in columns.enumerated() {
      guard column.count == rowCount else {
        throw Self.sizeMismatch(column, rowCount)
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

  /// A table whose columns are known to fit together.
  init(trusted columns: [Column], rowCount: Int, like other: Table) {
    self.columns = columns
    self.rowCount = rowCount
    source = other.source
    notes = other.notes
    inferenceHints = other.inferenceHints
    index = [:]
    for (position, column) in columns.enumerated() { index[column.name] = position }
  }

  static func sizeMismatch(_ column: Column, _ rowCount: Int) -> SiblingError {
    SiblingError(
      .sizeMismatch, "column '\(column.name)' has \(column.count) rows, not \(rowCount)",
      column: column.name)
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
      location: source.map { SiblingError.Location(file: $0.file, line: $0.headerLine) },
      column: name)
  }
}
