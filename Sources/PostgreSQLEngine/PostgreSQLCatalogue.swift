internal import Engines
internal import Statistics

/// What the server knows of its tables.
struct PostgreSQLCatalogue {
  let connection: PostgreSQLConnection
  let dialect: PostgreSQLDialect

  init(_ connection: PostgreSQLConnection, _ dialect: PostgreSQLDialect) {
    self.connection = connection
    self.dialect = dialect
  }

  /// The columns of a table, view, materialised view, partitioned or foreign table.
  ///
  /// A domain counts as the type below it, an enumeration as text. Timestamps are ``EngineColumn/Kind/other``: a
  /// view that casts them to a date says which day is meant.
  /// - Throws: `engineFailed` with the nearest name when there is no such table.
  func columns(of name: String) throws(SiblingError) -> [EngineColumn] {
    let described: TextRows
    do throws(SiblingError) {
      described = try connection.run("SELECT * FROM \(dialect.source(name)) LIMIT 0")
    } catch {
      guard ["42P01", "3F000"].contains(connection.lastState) else { throw error }
      throw try absent(name)
    }
    let unknown = Set(described.types.filter { Self.kinds[$0] == nil })
    let categories = try categories(unknown)
    return zip(described.names, described.types).map { name, type in
      let kind = Self.kinds[type] ?? (["E", "S"].contains(categories[type] ?? "") ? .text : .other)
      return EngineColumn(name, kind)
    }
  }

  /// Types by the number that every server gives them (pg_type.dat).
  private static let kinds: [UInt32: EngineColumn.Kind] = [
    16: .boolean, 20: .integer, 21: .integer, 23: .integer, 26: .integer, 700: .number,
    701: .number,
    1700: .number, 18: .text, 19: .text, 25: .text, 1042: .text, 1043: .text, 2950: .text,
    1082: .date,
  ]

  /// The categories of types that a server has of its own: E for enumerations, S for kinds of text.
  private func categories(_ types: Set<UInt32>) throws(SiblingError) -> [UInt32: String] {
    guard !types.isEmpty else { return [:] }
    let list = types.sorted().map(String.init).joined(separator: ", ")
    let answer = try connection.run(
      "SELECT oid, typcategory FROM pg_catalog.pg_type WHERE oid IN (\(list))")
    var categories: [UInt32: String] = [:]
    for row in answer.rows {
      if let type = row[0].flatMap({ UInt32($0) }) { categories[type] = row[1] }
    }
    return categories
  }

  /// Has the server compile expressions where a source is so large that it pays.
  ///
  /// Compiling 54 sums takes each process 0.9 s and saves it 0.5 µs a row. What the
  /// connection string says of it stays.
  ///
  /// - Throws: as a statement.
  func chooseCompilation(for name: String) throws(SiblingError) {
    let plan = try connection.run("EXPLAIN SELECT * FROM \(dialect.source(name))")
    guard let first = plan.rows.first?[0], let label = first.firstRange(of: " rows=") else {
      return
    }
    let rows = Double(first[label.upperBound...].prefix { $0.isNumber }) ?? 0
    try connection.run(
      "SELECT set_config('jit', '\(rows >= Self.compiledRows ? "on" : "off")', false) FROM pg_settings"
        + " WHERE name = 'jit' AND source <> 'client'")
  }

  /// The rows from which compiling pays.
  private static let compiledRows = 5e6

  /// The error for a table that isn't there.
  private func absent(_ name: String) throws(SiblingError) -> SiblingError {
    let answer = try connection.run(
      "SELECT c.relname, n.nspname || '.' || c.relname, pg_catalog.pg_table_is_visible(c.oid)"
        + " FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
        + " WHERE c.relkind IN ('r', 'v', 'm', 'f', 'p')"
        + " AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') ORDER BY 2 LIMIT 10000"
    )
    let plain = answer.rows.compactMap { $0[2] == "t" ? $0[0] : $0[1] }
    let full = answer.rows.compactMap { $0[1] }
    let listed = plain.prefix(20).joined(separator: ", ")
    return SiblingError(
      .engineFailed, "PostgreSQL has no table '\(name)' in this database",
      help: plain.isEmpty
        ? "the database has no tables that this user can see"
        : "it has: \(listed)\(plain.count > 20 ? ", …" : ""); names are written as they are stored",
      suggestion: nearestName(to: name, among: plain) ?? nearestName(to: name, among: full))
  }
}
