internal import Engines
internal import Statistics
internal import Tables

/// What the user named, as rows of DuckDB.
struct DuckDBSource {
  /// What stands after FROM.
  let relation: String
  /// The columns.
  let schema: [EngineColumn]

  /// Finds a source: a Parquet, CSV or Excel file, or a table or view.
  ///
  /// - Throws: `engineFailed` for what isn't there; the engine's failures.
  init(_ name: String, _ shell: DuckDBShell, number: Int) throws(SiblingError) {
    let path = name.lowercased()
    if try Self.isTable(name, shell) {
      self = try Self.described(Self.quoted(name), shell)
    } else if Self.has(path, [".parquet", ".pq"]) {
      self = try Self.described("read_parquet(\(Self.literal(name)))", shell)
    } else if Self.has(path, [".xlsx"]) {
      self = try Self.described("read_xlsx(\(Self.literal(name)))", shell)
    } else if Self.has(path, [".csv", ".tsv", ".txt", ".csv.gz"]) {
      let table = "sibling csv \(number)"
      try DuckDBTextFile(name, shell).load(into: table)
      self = try Self.described(Self.quoted(table), shell)
    } else {
      self = try Self.table(name, shell)
    }
  }

  private init(relation: String, schema: [EngineColumn]) {
    self.relation = relation
    self.schema = schema
  }

  /// The columns of a relation; those of types that queries can't use as they are are read as ones that they can.
  ///
  /// - Throws: the engine's failures.
  static func described(_ relation: String, _ shell: DuckDBShell) throws(SiblingError) -> Self {
    var schema: [EngineColumn] = []
    var replaced: [String] = []
    try shell.ask("DESCRIBE SELECT * FROM \(relation)") { record in
      let (name, type) = (record.text(0), record.text(1))
      let kind = kind(type)
      schema.append(EngineColumn(name, kind))
      if kind == .text, type != "VARCHAR" {
        replaced.append("CAST(\(quoted(name)) AS VARCHAR) AS \(quoted(name))")
      } else if kind == .date, type != "DATE" {
        replaced.append("CAST(\(quoted(name)) AS DATE) AS \(quoted(name))")
      }
    }
    guard !replaced.isEmpty else { return Self(relation: relation, schema: schema) }
    return Self(
      relation: "(SELECT * REPLACE (\(replaced.joined(separator: ", "))) FROM \(relation))",
      schema: schema)
  }

  /// A type as queries know it; times of day are left out of dates.
  static func kind(_ type: String) -> EngineColumn.Kind {
    switch type {
    case "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER": .integer
    case "DOUBLE", "FLOAT", "HUGEINT", "UHUGEINT", "UBIGINT": .number
    case "VARCHAR", "UUID": .text
    case "BOOLEAN": .boolean
    case "DATE": .date
    default:
      if type.hasSuffix("]") {
        .other
      } else if type.hasPrefix("DECIMAL") {
        .number
      } else if type.hasPrefix("ENUM") {
        .text
      } else if type.hasPrefix("TIMESTAMP") {
        .date
      } else {
        .other
      }
    }
  }

  /// A table or view by its name, which may have its schema before it.
  private static func table(_ name: String, _ shell: DuckDBShell) throws(SiblingError) -> Self {
    let parts = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    do throws(SiblingError) {
      return try described(parts.map(quoted).joined(separator: "."), shell)
    } catch {
      guard error.code == .engineFailed else { throw error }
      let tables = try names(shell)
      var failure = SiblingError(
        .engineFailed, "DuckDB has no table or view '\(name)'",
        help: tables.isEmpty
          ? "name a file (.parquet, .csv, .xlsx), or a database with SIBLING_DUCKDB=FILE"
          : "there are: " + tables.prefix(30).joined(separator: ", "))
      failure.suggestion = nearestName(to: name, among: tables)
      throw failure
    }
  }

  private static func isTable(_ name: String, _ shell: DuckDBShell) throws(SiblingError) -> Bool {
    try names(shell).contains(name)
  }

  private static func names(_ shell: DuckDBShell) throws(SiblingError) -> [String] {
    var names: [String] = []
    try shell.ask(
      "SELECT '=' || table_name FROM information_schema.tables WHERE table_name NOT LIKE 'sibling csv %'"
    ) { names.append(String($0.text(0).dropFirst())) }
    return names.sorted()
  }

  private static func has(_ path: String, _ endings: [String]) -> Bool {
    endings.contains { path.hasSuffix($0) }
  }

  private static let plain = DuckDBDialect(relations: [:])
  static func quoted(_ name: String) -> String { plain.quoted(name) }
  static func literal(_ text: String) -> String { plain.literal(text) }
}
