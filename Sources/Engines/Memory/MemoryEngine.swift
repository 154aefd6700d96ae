internal import LinearAlgebra
public import Statistics
public import Tables

/// The engine over tables in memory: it interprets the query tree, and is what the others are held against.
///
/// Rows are worked in blocks of fixed size and partial sums added in block order, so that a result has the same
/// bytes on any number of threads.
public final class MemoryEngine: AggregateEngine {
  private var tables: [String: Table]
  private var temporary: [String: Table] = [:]

  static let blockSize = 16_384

  /// An engine over named tables.
  public init(_ tables: [String: Table]) { self.tables = tables }

  /// Which engine it is.
  public var kind: EngineKind { .memory }

  /// The columns of a table.
  public func schema(of source: EngineSource) throws(SiblingError) -> [EngineColumn] {
    try table(source).columns.map { column in
      switch column.values {
      case .integers: EngineColumn(column.name, .integer)
      case .doubles: EngineColumn(column.name, .number)
      case .text: EngineColumn(column.name, .text)
      case .booleans: EngineColumn(column.name, .boolean)
      case .dates: EngineColumn(column.name, .date)
      }
    }
  }

  /// Interprets a query.
  public func aggregate(_ query: AggregateQuery) throws(SiblingError) -> Cells {
    let table = try table(query.source)
    let grouping = try MemoryGrouping(query, table)
    let cells = try grouping.cells()
    if let least = query.minimumCell, cells.counts.contains(where: { $0 > 0 && $0 < least }) {
      throw HeldCells.error(least)
    }
    return cells
  }

  /// Rows in blocks.
  public func stream(
    _ query: RowQuery, _ body: (RowBlock) throws(SiblingError) -> Void
  ) throws(SiblingError) {
    let table = try table(query.source)
    let columns = try MemoryRows(query, table).values()
    let count = columns.first?.count ?? 0
    for range in Parallel.ranges(of: count, size: Self.blockSize) {
      if StopRequest.isRequested { throw Stopped.error }
      try body(RowBlock(columns: columns.map { $0.selecting(Array(range)) }))
    }
  }

  /// Keeps an answer as a table.
  public func createTemporary(_ name: String, _ query: TemporaryQuery) throws(SiblingError) {
    let columns: [Column]
    switch query {
    case .rows(let rows): columns = try MemoryRows(rows, try table(rows.source)).columns()
    case .cells(let query):
      columns = try MemoryGrouping(query, try table(query.source)).columns()
      if let least = query.minimumCell,
        case .integers(let counts)? = columns.first(where: { $0.name == "n" })?.values,
        counts.contains(where: { $0 > 0 && $0 < least })
      {
        throw HeldCells.error(least)
      }
    }
    temporary[name] = try Table(columns)
  }

  /// Forgets a table.
  public func dropTemporary(_ name: String) { temporary[name] = nil }

  /// Forgets all that was kept.
  public func close() { temporary = [:] }

  private func table(_ source: EngineSource) throws(SiblingError) -> Table {
    switch source {
    case .named(let name): if let table = tables[name] { return table }
    case .temporary(let name): if let table = temporary[name] { return table }
    }
    throw SiblingError(
      .engineFailed, "there is no table '\(source.name)'",
      suggestion: nearestName(to: source.name, among: tables.keys.sorted()))
  }
}

/// The error for cells that are too small to leave an engine.
public enum HeldCells {
  /// The error where a cell has fewer rows than may be shown.
  public static func error(_ least: Int) -> SiblingError {
    SiblingError(
      .disclosure,
      "the query was held back: it would return a cell of fewer than \(least) people",
      help: "use wider groups or longer times, or a larger source")
  }
}

/// The error for work that the user stopped.
public enum Stopped {
  /// The error.
  public static var error: SiblingError { SiblingError(.interrupted, "stopped") }
}
