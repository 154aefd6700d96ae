public import Engines
public import Statistics

/// A Spark cluster behind a Spark Connect server.
///
/// Temporary tables are views of the session whose rows Spark keeps, in memory and on disk; each gets a name of
/// its own on the server, so that one may be made from its predecessor of the same name.
public final class SparkEngine: AggregateEngine {
  private let session: SparkSession
  private var dialect = SparkDialect()
  private var schemas: [EngineSource: [EngineColumn]] = [:]
  /// The views behind the temporary tables.
  private var temporaries: [String: String] = [:]
  private var viewCount = 0

  init(_ session: SparkSession) { self.session = session }

  /// Spark.
  public var kind: EngineKind { .spark }

  /// Spark's version.
  public var version: String { session.version }

  /// The columns of a table or file, read once a session.
  ///
  /// - Throws: `engineFailed` with the server's message; the engine's failures.
  public func schema(of source: EngineSource) throws(SiblingError) -> [EngineColumn] {
    if let known = schemas[source] { return known }
    let columns: [EngineColumn]
    switch source {
    case .temporary(let name): throw missing(temporary: name)
    case .named(let name):
      do throws(SiblingError) {
        try openFile(name)
        columns = try session.schema("SELECT * FROM \(dialect.source(name))")
      } catch {
        throw hinted(error, name)
      }
    }
    schemas[source] = columns
    return columns
  }

  /// Sums and counts by cell.
  ///
  /// - Throws: `disclosure` for a cell that is too small; the engine's failures.
  public func aggregate(_ query: AggregateQuery) throws(SiblingError) -> Cells {
    let sql = try writer(query.source).text(placed(query))
    let answer = Answer(query.keys.map(Self.isText) + [false] + query.sums.map { _ in false })
    try session.query(sql) { batch throws(SiblingError) in try answer.append(batch) }
    if let least = query.minimumCell, answer.columns[query.keys.count].count == 0 {
      // No cells, or cells that were held back? Only the number of all rows is asked for.
      var plain = AggregateQuery(query.source, keep: query.keep)
      plain.isFenced = query.isFenced
      guard !query.keys.isEmpty, try aggregate(plain).rowCount == 0 else {
        throw HeldCells.error(least)
      }
    }
    func numbers(_ index: Int) -> [Double] {
      if case .numbers(let values) = answer.columns[index] { return values }
      return []
    }
    let keys = query.keys.count
    return Cells(
      keys: Array(answer.columns[..<keys]), counts: numbers(keys).map { Int($0) },
      sums: query.sums.indices.map { numbers(keys + 1 + $0) })
  }

  /// Rows in the server's batches.
  ///
  /// - Throws: what `body` throws; the engine's failures.
  public func stream(
    _ query: RowQuery, _ body: (RowBlock) throws(SiblingError) -> Void
  ) throws(SiblingError) {
    let sql = try writer(query.source).text(placed(query))
    let isText = query.columns.map(Self.isText)
    let session = session
    let result = withoutActuallyEscaping(body) { body -> Result<Void, SiblingError> in
      Result { () throws(SiblingError) in
        try session.query(sql) { batch throws(SiblingError) in
          let columns = try Answer.typed(batch, isText)
          if columns.first?.count ?? 0 > 0 { try body(RowBlock(columns: columns)) }
        }
      }
    }
    try result.get()
  }

  /// Keeps an answer on the server until the session ends.
  ///
  /// - Throws: the engine's failures.
  public func createTemporary(_ name: String, _ query: TemporaryQuery) throws(SiblingError) {
    let sql: String
    switch query {
    case .rows(let rows): sql = try writer(rows.source).text(.rows(placed(rows)))
    case .cells(let cells): sql = try writer(cells.source).text(.cells(placed(cells)))
    }
    let view = freshView()
    let quoted = dialect.quoted(view)
    try session.command("CREATE OR REPLACE TEMPORARY VIEW \(quoted) AS \(sql)")
    try session.command("CACHE TABLE \(quoted)")
    dropTemporary(name)
    temporaries[name] = view
    schemas[.temporary(name)] = SQLWriter.schema(of: query)
  }

  /// Lets the server forget the rows of a temporary table.
  public func dropTemporary(_ name: String) {
    schemas[.temporary(name)] = nil
    guard let view = temporaries.removeValue(forKey: name) else { return }
    // The view itself stays until the session ends: another may have been made from it, and Spark reads that one's
    // text again should its kept rows be lost. A failure leaves rows in Spark's store, which it lets go by itself.
    try? session.command("UNCACHE TABLE IF EXISTS \(dialect.quoted(view))")
  }

  /// Ends the session.
  public func close() {
    for name in temporaries.keys.sorted() { dropTemporary(name) }
    session.close()
  }

  private func freshView() -> String {
    viewCount += 1
    return "sibling_\(viewCount)"
  }

  /// A view of a CSV file, whose reading needs options that a query can't give.
  private func openFile(_ name: String) throws(SiblingError) {
    guard dialect.views[name] == nil, SparkFile(name) == .csv else { return }
    let view = freshView()
    let separator = name.lowercased().contains(".tsv") ? "\\t" : ","
    try session.command(
      "CREATE OR REPLACE TEMPORARY VIEW \(dialect.quoted(view)) USING csv OPTIONS ("
        + "path \(dialect.literal(name)), header 'true', inferSchema 'true', sep '\(separator)',"
        + " quote '\"', escape '\"')")
    dialect.views[name] = view
  }

  private func writer(_ source: EngineSource) throws(SiblingError) -> SQLWriter {
    let schema = try schema(of: source)
    return SQLWriter(dialect, schema: schema)
  }

  /// The query on the view that stands for a temporary table.
  private func placed(_ query: AggregateQuery) -> AggregateQuery {
    var query = query
    query.source = placed(query.source)
    return query
  }

  private func placed(_ query: RowQuery) -> RowQuery {
    var query = query
    query.source = placed(query.source)
    return query
  }

  private func placed(_ source: EngineSource) -> EngineSource {
    guard case .temporary(let name) = source, let view = temporaries[name] else { return source }
    return .temporary(view)
  }

  private static func isText(_ key: GroupKey) -> Bool {
    if case .text = key.value { return true }
    return false
  }

  private func missing(temporary name: String) -> SiblingError {
    SiblingError(.internalError, "there is no temporary table '\(name)'")
  }

  /// An error about a table with the name of one that may have been meant.
  private func hinted(_ error: SiblingError, _ name: String) -> SiblingError {
    guard error.message.contains("TABLE_OR_VIEW_NOT_FOUND") else { return error }
    var error = error
    error.message = "Spark has no table '\(name)'"
    let names = Answer([true, true, false])
    try? session.query("SHOW TABLES") { batch throws(SiblingError) in try names.append(batch) }
    if case .text(let tables) = names.columns[1] {
      error.suggestion = nearestName(to: name, among: tables.compactMap { $0 })
    }
    return error
  }
}

/// The columns of an answer, put together from its batches.
private final class Answer {
  private let isText: [Bool]
  private(set) var columns: [EngineValues]

  init(_ isText: [Bool]) {
    self.isText = isText
    columns = isText.map { $0 ? .text([]) : .numbers([]) }
  }

  func append(_ batch: [EngineValues]) throws(SiblingError) {
    for (index, values) in try Self.typed(batch, isText).enumerated() {
      switch (columns[index], values) {
      case (.numbers(var all), .numbers(let more)):
        columns[index] = .numbers([])
        all += more
        columns[index] = .numbers(all)
      case (.text(var all), .text(let more)):
        columns[index] = .text([])
        all += more
        columns[index] = .text(all)
      default: break
      }
    }
  }

  /// A batch with columns of the types that were asked for; one of nothing but NULL may come without any.
  ///
  /// - Throws: `engineFailed` for another number of columns.
  static func typed(
    _ batch: [EngineValues], _ isText: [Bool]
  ) throws(SiblingError) -> [EngineValues] {
    guard batch.count == isText.count else { throw Garbled.error("a batch") }
    return zip(batch, isText).map { values, isText in
      switch values {
      case .numbers where !isText: values
      case .text where isText: values
      case .numbers(let numbers): .text(numbers.map { $0.isNaN ? nil : numberKeyText($0) })
      case .text(let texts): .numbers(texts.map { $0.flatMap(Double.init) ?? .nan })
      }
    }
  }
}
