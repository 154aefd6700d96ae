internal import Engines
internal import Glibc
internal import LinearAlgebra
internal import Statistics

/// One connection to DuckDB: a running `duckdb` command.
final class DuckDBEngine: AggregateEngine {
  private let shell: DuckDBShell
  private let folder: WorkFolder
  private var sources: [String: DuckDBSource] = [:]
  private var temporaries: [String: Temporary] = [:]
  private var filesMade = 0

  /// A temporary table: a Parquet file with a view on it.
  ///
  /// DuckDB reads that as fast as a table of its own, and without holding it in memory.
  private struct Temporary {
    let columns: [EngineColumn]
    let file: String
  }

  private static let blockSize = 16_384

  /// Starts the command.
  ///
  /// - Throws: `engineMissing`; `engineRefused` for a database that can't be opened.
  init(_ path: String, _ settings: EngineSettings) throws(SiblingError) {
    shell = try DuckDBShell(path, database: settings.connection, timeout: settings.timeout)
    folder = WorkFolder()
    let memory = DuckDBCommand.environment("SIBLING_DUCKDB_MEMORY") ?? "800MB"
    do throws(SiblingError) {
      for statement in [
        // The prompts of the interactive command would stand among the answers; its greeting ends without a line end.
        ".prompt \"\" \"\"\n.print",
        "SET threads = \(Parallel.threads)",
        "SET memory_limit = \(DuckDBSource.literal(memory))",
        "SET temp_directory = \(DuckDBSource.literal(folder.path))",
        "SET preserve_insertion_order = false",
        "SET enable_progress_bar = false",
        "SET autoinstall_known_extensions = false",
        "SELECT 1",
      ] { try shell.run(statement) }
    } catch {
      close()
      guard settings.connection != nil, error.code == .engineFailed || error.code == .engineLost
      else { throw error }
      let isThere = settings.connection.map { access($0, F_OK) == 0 } ?? true
      throw SiblingError(
        .engineRefused,
        isThere
          ? "the database that SIBLING_DUCKDB names can't be opened"
          : "there is no file where SIBLING_DUCKDB says that the database is",
        help: isThere
          ? "is it a file of this DuckDB or an older one, and does no other program write to it?"
          : "check its path; files such as Parquet need no database")
    }
  }

  deinit { close() }

  var kind: EngineKind { .duckdb }

  /// The process, for tests that kill it.
  var processIdentifier: pid_t { shell.processIdentifier }

  func schema(of source: EngineSource) throws(SiblingError) -> [EngineColumn] {
    switch source {
    case .named(let name):
      if let known = sources[name] { return known.schema }
      let found = try DuckDBSource(name, shell, number: sources.count + 1)
      sources[name] = found
      return found.schema
    case .temporary(let name):
      if let known = temporaries[name] { return known.columns }
      throw SiblingError(
        .engineFailed, "there is no temporary table '\(name)'",
        suggestion: nearestName(to: name, among: temporaries.keys.sorted()))
    }
  }

  func aggregate(_ query: AggregateQuery) throws(SiblingError) -> Cells {
    let text = try writer(query.source).text(query)
    var collector = ColumnCollector(
      query.keys.map(\.isText) + [false] + query.sums.map { _ in false })
    try shell.ask(collector.select(text)) { collector.add($0) }
    let columns = collector.take()
    let width = query.keys.count
    if let least = query.minimumCell, columns[width].count == 0 {
      try checkHeld(query, least)
    }
    return Cells(
      keys: Array(columns[..<width]),
      counts: columns[width].numbers.map { Int($0) },
      sums: columns[(width + 1)...].map(\.numbers))
  }

  func stream(
    _ query: RowQuery, _ body: (RowBlock) throws(SiblingError) -> Void
  ) throws(SiblingError) {
    var inner = query
    var collector = ColumnCollector(query.columns.map(\.isText))
    if collector.hasText { inner.order = [] }
    let order = query.order.compactMap { name in query.columns.firstIndex { $0.name == name } }
    let statement = collector.select(try writer(query.source).text(inner), order: order)
    try shell.ask(statement) { record throws(SiblingError) in
      collector.add(record)
      if collector.count == Self.blockSize { try body(RowBlock(columns: collector.take())) }
    }
    if collector.count > 0 { try body(RowBlock(columns: collector.take())) }
  }

  func createTemporary(_ name: String, _ query: TemporaryQuery) throws(SiblingError) {
    let source: EngineSource
    var query = query
    var least: Int?
    switch query {
    case .rows(let rows): source = rows.source
    case .cells(var cells):
      source = cells.source
      least = cells.minimumCell
      cells.minimumCell = nil
      query = .cells(cells)
    }
    let text = try writer(source).text(query)
    filesMade += 1
    let file = "\(folder.path)/\(filesMade).parquet"
    do throws(SiblingError) {
      try shell.run(
        "COPY (\(text)) TO \(DuckDBSource.literal(file)) (FORMAT parquet, COMPRESSION uncompressed)"
      )
      if let least { try checkCells(of: file, least) }
      try shell.run(
        "CREATE OR REPLACE TEMP VIEW \(DuckDBSource.quoted(name)) AS SELECT * FROM read_parquet("
          + "\(DuckDBSource.literal(file)))")
    } catch {
      unlink(file)
      throw error
    }
    let new = Temporary(columns: SQLWriter.schema(of: query), file: file)
    if let old = temporaries.updateValue(new, forKey: name) { unlink(old.file) }
  }

  /// Refuses a file of cells of which one is too small.
  private func checkCells(of file: String, _ least: Int) throws(SiblingError) {
    var smallest = Double.nan
    try shell.ask("SELECT MIN(n) FROM read_parquet(\(DuckDBSource.literal(file))) WHERE n > 0") {
      smallest = $0.number(0)
    }
    if smallest < Double(least) { throw HeldCells.error(least) }
  }

  func dropTemporary(_ name: String) {
    guard let old = temporaries.removeValue(forKey: name) else { return }
    // A view that can't be dropped goes with the connection.
    try? shell.run("DROP VIEW IF EXISTS temp.\(DuckDBSource.quoted(name))")
    unlink(old.file)
  }

  func close() {
    shell.close()
    folder.remove()
  }

  private func writer(_ source: EngineSource) throws(SiblingError) -> SQLWriter {
    let schema = try schema(of: source)
    return SQLWriter(DuckDBDialect(relations: sources.mapValues(\.relation)), schema: schema)
  }

  /// No cells came back: either there are none, or they were held back.
  private func checkHeld(_ query: AggregateQuery, _ least: Int) throws(SiblingError) {
    var count = query
    (count.keys, count.sums, count.layers, count.minimumCell) = ([], [], [], nil)
    if try aggregate(count).rowCount > 0 || query.keys.isEmpty { throw HeldCells.error(least) }
  }
}

extension GroupKey {
  /// Whether the key is text.
  fileprivate var isText: Bool {
    if case .text = value { return true }
    return false
  }
}

extension EngineValues {
  /// The numbers; none where it is text.
  fileprivate var numbers: [Double] {
    if case .numbers(let values) = self { return values }
    return []
  }
}

/// Records put together as columns.
struct ColumnCollector {
  private let isText: [Bool]
  private var numbers: [[Double]]
  private var texts: [[String?]]
  /// How many records there are since they were taken.
  private(set) var count = 0

  /// A collector of columns of numbers and text.
  init(_ isText: [Bool]) {
    self.isText = isText
    numbers = isText.map { _ in [] }
    texts = isText.map { _ in [] }
  }

  /// Whether any column is text.
  var hasText: Bool { isText.contains(true) }

  /// The statement around a query that marks text, so that empty text and none are told apart.
  ///
  /// Columns go by their place: two may have the same name.
  func select(_ query: String, order: [Int] = []) -> String {
    guard hasText else { return query }
    let columns = isText.enumerated().map { $0.element ? "'=' || c\($0.offset)" : "c\($0.offset)" }
    let sorted =
      order.isEmpty
      ? "" : " ORDER BY " + order.map { "c\($0) NULLS LAST" }.joined(separator: ", ")
    return "SELECT \(columns.joined(separator: ", ")) FROM (\(query))"
      + " q(\(isText.indices.map { "c\($0)" }.joined(separator: ", ")))\(sorted)"
  }

  /// Adds a record.
  mutating func add(_ record: DelimitedRecord) {
    for field in isText.indices {
      if !isText[field] {
        numbers[field].append(record.number(field))
      } else if record[field].isEmpty {
        texts[field].append(nil)
      } else {
        texts[field].append(String(decoding: record[field].dropFirst(), as: UTF8.self))
      }
    }
    count += 1
  }

  /// The columns, which are empty afterwards.
  mutating func take() -> [EngineValues] {
    defer {
      numbers = isText.map { _ in [] }
      texts = isText.map { _ in [] }
      count = 0
    }
    return isText.indices.map { isText[$0] ? .text(texts[$0]) : .numbers(numbers[$0]) }
  }
}
