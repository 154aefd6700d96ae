internal import Engines
internal import Statistics

/// PostgreSQL as an engine: every question is one statement in a read-only transaction, its answer read bit for
/// bit.
final class PostgreSQLEngine: AggregateEngine {
  private let connection: PostgreSQLConnection
  private let dialect = PostgreSQLDialect()
  /// What is known of sources on this connection.
  private var schemas: [String: [EngineColumn]] = [:]
  /// The columns of temporary tables as they were asked for.
  private var temporaries: [String: [EngineColumn]] = [:]

  /// Rows of one block of a stream.
  private static let blockSize = 16_384
  /// The most values of a row of an answer; the server's own limit is 1664.
  private static let widest = 1500

  /// An engine over a new connection, whose session is set up.
  ///
  /// - Throws: as a statement.
  init(_ connection: PostgreSQLConnection) throws(SiblingError) {
    self.connection = connection
    try connection.run(Self.setup(timeout: connection.timeout))
  }

  var kind: EngineKind { .postgresql }

  /// Settings of the session: those that this server knows.
  ///
  /// Read-only, so that not even a function in a view can change anything; dates and doubles written one way;
  /// backslashes plain; memory for groups, where the server gives less and the connection string doesn't say
  /// (`options='-c work_mem=…'`).
  private static func setup(timeout: Double?) -> String {
    var settings = [
      ("default_transaction_read_only", "on"), ("extra_float_digits", "3"), ("DateStyle", "ISO"),
      ("standard_conforming_strings", "on"), ("transform_null_equals", "off"),
      ("work_mem", "262144"), ("idle_session_timeout", "0"),
    ]
    if let timeout {
      let milliseconds = min(max((timeout * 1000).rounded(.up), 1), 2_147_483_647)
      settings.append(("statement_timeout", "\(Int(milliseconds))"))
    }
    let values = settings.map { "('\($0.0)', '\($0.1)')" }.joined(separator: ", ")
    return
      "SELECT set_config(s.name, w.value, false) FROM pg_settings s JOIN (VALUES \(values)) w(name, value)"
      + " ON s.name = w.name WHERE CASE WHEN s.name <> 'work_mem' THEN true"
      + " ELSE s.source <> 'client' AND CAST(s.setting AS bigint) < CAST(w.value AS bigint) END"
  }

  func schema(of source: EngineSource) throws(SiblingError) -> [EngineColumn] {
    switch source {
    case .temporary(let name):
      if let known = temporaries[name] { return known }
      throw SiblingError(.engineFailed, "there is no temporary table '\(name)'")
    case .named(let name):
      if let known = schemas[name] { return known }
      let catalogue = PostgreSQLCatalogue(connection, dialect)
      let columns = try catalogue.columns(of: name)
      try catalogue.chooseCompilation(for: name)
      schemas[name] = columns
      return columns
    }
  }

  func aggregate(_ query: AggregateQuery) throws(SiblingError) -> Cells {
    let writer = SQLWriter(dialect, schema: try schema(of: query.source))
    let width = max(Self.widest - query.keys.count, 1)
    guard query.sums.count > width else { return try cells(query, writer) }
    // More sums than a row can have: several statements that see the same rows.
    try connection.run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    do throws(SiblingError) {
      var parts: [Cells] = []
      for start in stride(from: 0, to: query.sums.count, by: width) {
        var part = query
        part.sums = Array(query.sums[start..<min(start + width, query.sums.count)])
        parts.append(try cells(part, writer))
      }
      try connection.run("COMMIT")
      return Cells(keys: parts[0].keys, counts: parts[0].counts, sums: parts.flatMap(\.sums))
    } catch {
      connection.rollBack()
      throw error
    }
  }

  private func cells(_ query: AggregateQuery, _ writer: SQLWriter) throws(SiblingError) -> Cells {
    let sums = query.sums.map { _ in BinaryRows.Kind.number }
    var rows = BinaryRows(query.keys.map { BinaryRows.Kind($0) } + [.count] + sums)
    try ask(try writer.text(query)) { piece throws(SiblingError) in try rows.add(piece) }
    if rows.rowCount == 0 { try explainNothing(query, writer) }
    let first = query.keys.count
    return Cells(
      keys: (0..<first).map { rows.values($0) }, counts: rows.counts(first),
      sums: sums.indices.map { rows.numbers(first + 1 + $0) })
  }

  /// Tells an answer that was held back from one that has no cells.
  private func explainNothing(_ query: AggregateQuery, _ writer: SQLWriter) throws(SiblingError) {
    guard let least = query.minimumCell else { return }
    if !query.keys.isEmpty {
      let all = AggregateQuery(query.source, keep: query.keep)
      if try cells(all, writer).rowCount == 0 { return }
    }
    throw HeldCells.error(least)
  }

  func stream(
    _ query: RowQuery, _ body: (RowBlock) throws(SiblingError) -> Void
  ) throws(SiblingError) {
    let writer = SQLWriter(dialect, schema: try schema(of: query.source))
    var rows = BinaryRows(query.columns.map { BinaryRows.Kind($0) })
    func handOn() throws(SiblingError) {
      guard rows.rowCount > 0 else { return }
      let block = RowBlock(columns: query.columns.indices.map { rows.values($0) })
      rows.removeAll()
      try body(block)
    }
    try ask(try writer.text(query)) { piece throws(SiblingError) in
      try rows.add(piece)
      if rows.rowCount >= Self.blockSize { try handOn() }
    }
    try handOn()
  }

  func createTemporary(_ name: String, _ query: TemporaryQuery) throws(SiblingError) {
    let source: EngineSource
    switch query {
    case .rows(let rows): source = rows.source
    case .cells(let cells): source = cells.source
    }
    let writer = SQLWriter(dialect, schema: try schema(of: source))
    let sql = try writer.text(query)
    // Under another name first: the query may read the table that it replaces.
    let draft = "new " + name
    let (new, old) = (dialect.temporary(draft), dialect.temporary(name))
    do throws(SiblingError) {
      try connection.run("BEGIN READ WRITE")
      let made = try connection.run("CREATE TEMPORARY TABLE \(dialect.quoted(draft)) AS \(sql)")
      if made.affected == 0, case .cells(let cells) = query { try explainNothing(cells, writer) }
      if temporaries[name] != nil { try connection.run("DROP TABLE IF EXISTS \(old)") }
      try connection.run("ALTER TABLE \(new) RENAME TO \(dialect.quoted(name))")
      try connection.run("ANALYZE \(old)")
      try connection.run("COMMIT")
    } catch {
      connection.rollBack()
      throw error
    }
    temporaries[name] = SQLWriter.schema(of: query)
  }

  func dropTemporary(_ name: String) {
    guard temporaries.removeValue(forKey: name) != nil else { return }
    do throws(SiblingError) {
      try connection.run("BEGIN READ WRITE")
      try connection.run("DROP TABLE IF EXISTS \(dialect.temporary(name))")
      try connection.run("COMMIT")
    } catch {
      // It is gone with the connection at the latest.
      connection.rollBack()
    }
  }

  func close() {
    connection.close()
    schemas = [:]
    temporaries = [:]
  }

  private func ask(
    _ sql: String, _ body: (UnsafeRawBufferPointer) throws(SiblingError) -> Void
  ) throws(SiblingError) {
    do throws(SiblingError) { try connection.copy(sql, body) } catch {
      // The table may have been altered since it was described.
      schemas = [:]
      throw error
    }
  }
}
