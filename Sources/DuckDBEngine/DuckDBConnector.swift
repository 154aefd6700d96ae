public import Engines
public import Statistics

/// Connects to DuckDB, whose command runs beside us.
///
/// The connection is a database file, opened for reading only; without one, files are read: Parquet, CSV, and Excel
/// where DuckDB has its extension.
public struct DuckDBConnector: EngineConnector {
  /// A connector.
  public init() {}

  /// DuckDB.
  public var kind: EngineKind { .duckdb }

  /// Starts the command.
  ///
  /// - Throws: `engineMissing` where there is none; `engineRefused` for a database that can't be opened.
  public func connect(_ settings: EngineSettings) throws(SiblingError) -> any AggregateEngine {
    try DuckDBEngine(try DuckDBCommand.find(), settings)
  }

  /// Whether the command is there, and which version.
  public func status() -> EngineStatus {
    let version = (try? DuckDBCommand.find()).flatMap { DuckDBCommand.version($0) }
    return EngineStatus(.duckdb, version: version, advice: DuckDBCommand.advice)
  }
}
