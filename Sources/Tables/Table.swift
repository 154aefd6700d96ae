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
  /// What the codes of a column mean, by column, for files that say so.
  public internal(set) var valueLabels: [String: [ValueLabel]] = [:]
  /// What each column is about, for files that say so.
  public internal(set) var variableLabels: [String: String] = [:]
  /// Why values of a column are missing, by column, counted over all rows of the file.
  public internal(set) var missingReasons: [String: [MissingReason]] = [:]
  /// Columns of numbers that held exactly 1 and 2 before rows were left out, so that a code of an
  /// event means the same in some rows as in all.
  public private(set) var oneTwoColumns: Set<String> = []
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
    valueLabels = other.valueLabels
    variableLabels = other.variableLabels
    missingReasons = other.missingReasons
    oneTwoColumns = other.oneTwoColumns
    index = [:]
    for (position, column) in columns.enumerated() { index[column.name] = position }
  }

  /// The table with what its codes are, for when rows are left out.
  public func rememberingCodes() -> Table {
    var table = self
    for column in columns {
      let codes: (one: Bool, two: Bool, other: Bool)
      switch column.values {
      case .integers(let values):
        codes = Self.codes(values.lazy.filter { $0 != .min }.map { Double($0) })
      case .doubles(let values): codes = Self.codes(values.lazy.filter { !$0.isNaN })
      default: continue
      }
      if codes.one, codes.two, !codes.other { table.oneTwoColumns.insert(column.name) }
    }
    return table
  }

  private static func codes(_ values: some Sequence<Double>) -> (one: Bool, two: Bool, other: Bool)
  {
    var (one, two) = (false, false)
    for value in values {
      guard value == 1 || value == 2 else { return (one, two, true) }
      if value == 1 { one = true } else { two = true }
    }
    return (one, two, false)
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
