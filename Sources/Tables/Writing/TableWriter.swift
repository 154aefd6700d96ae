internal import LinearAlgebra
public import Statistics

/// Writes columns as CSV, JSON, a Markdown table or aligned text.
///
/// Lines end with "\n". NaN and infinite numbers are missing values. Dates are written yyyy-mm-dd,
/// booleans as true and false. A table without rows gives its header (JSON: an empty array). The
/// bytes do not depend on the number of threads.
public struct TableWriter: Sendable {
  /// What is written.
  public var format: Format
  /// How numbers are written.
  public var numbers: NumberFormat
  /// What stands for a missing value in CSV, Markdown and aligned text; JSON has null.
  public var missing: String

  /// The forms a table can take.
  public enum Format: String, Sendable, CaseIterable {
    /// Comma-separated values, quoted as RFC 4180 says.
    case csv
    /// An array of one object a row, keys in column order.
    case json
    /// A Markdown pipe table.
    case md
    /// Text aligned for a terminal.
    case table
  }

  /// How numbers become text.
  public enum NumberFormat: Sendable, Equatable {
    /// The shortest text that reads back to the same double.
    case shortest
    /// At most so many significant digits.
    case significant(Int)
    /// Exactly so many digits after the point.
    case fixed(Int)
  }

  /// A writer of a format.
  public init(_ format: Format, numbers: NumberFormat = .shortest, missing: String = "") {
    self.format = format
    self.numbers = numbers
    self.missing = missing
  }

  /// The text of columns of one length.
  ///
  /// - Throws: `sizeMismatch` when lengths differ.
  public func text(_ columns: [Column]) throws(SiblingError) -> String {
    String(decoding: try bytes(columns), as: UTF8.self)
  }

  /// The UTF-8 bytes of columns of one length.
  ///
  /// - Throws: `sizeMismatch` when lengths differ.
  public func bytes(_ columns: [Column]) throws(SiblingError) -> [UInt8] {
    let rows = columns.first?.count ?? 0
    for column in columns where column.count != rows { throw Table.sizeMismatch(column, rows) }
    switch format {
    case .csv: return delimited(columns, rows)
    case .json: return json(columns, rows)
    case .md: return markdown(columns, rows)
    case .table: return aligned(columns, rows)
    }
  }

  /// Writes the columns to a file, which appears whole or not at all.
  ///
  /// - Throws: `sizeMismatch`, `writeFailure`.
  public func write(_ columns: [Column], to path: String) throws(SiblingError) {
    try AtomicFile.write(try bytes(columns), to: path)
  }

  // MARK: cells

  func append(_ value: Double, to bytes: inout [UInt8]) {
    switch numbers {
    case .shortest: NumberText.appendShortest(value, to: &bytes)
    case .significant(let digits):
      NumberText.appendSignificant(value, digits: digits, to: &bytes)
    case .fixed(let decimals): NumberText.appendFixed(value, decimals: decimals, to: &bytes)
    }
  }

  /// Appends a cell; `levels` are the column's texts as this format writes them.
  ///
  /// Returns false, with nothing appended, when the cell is missing.
  func append(
    _ values: Column.Values, _ levels: [[UInt8]], _ row: Int, to bytes: inout [UInt8]
  ) -> Bool {
    switch values {
    case .doubles(let values):
      guard values[row].isFinite else { return false }
      append(values[row], to: &bytes)
    case .integers(let values):
      guard values[row] != Int.min else { return false }
      NumberText.appendInteger(values[row], to: &bytes)
    case .text(let factor):
      guard factor.codes[row] >= 0 else { return false }
      bytes.append(contentsOf: levels[Int(factor.codes[row])])
    case .booleans(let values):
      guard values[row] >= 0 else { return false }
      bytes.append(contentsOf: (values[row] == 1 ? "true" : "false").utf8)
    case .dates(let values):
      guard values[row] != Int32.min else { return false }
      CivilDate(days: values[row]).appendISO(to: &bytes)
    }
    return true
  }

  static func levels(_ column: Column, _ change: ([UInt8]) -> [UInt8]) -> [[UInt8]] {
    guard case .text(let factor) = column.values else { return [] }
    return factor.levels.map { change(Array($0.utf8)) }
  }

  /// Rows written block by block, put together in order.
  static func blocks(
    _ rows: Int, into bytes: inout [UInt8], _ write: @Sendable (Int, inout [UInt8]) -> Void
  ) {
    let ranges = Parallel.ranges(of: rows, size: 4096)
    let parts = Parallel.mapBlocks(ranges.count) { block -> [UInt8] in
      var part: [UInt8] = []
      for row in ranges[block] { write(row, &part) }
      return part
    }
    bytes.reserveCapacity(bytes.count + parts.reduce(0) { $0 + $1.count })
    for part in parts { bytes.append(contentsOf: part) }
  }
}
