public import Engines
public import Statistics

/// Connects to DuckDB, whose command runs beside us.
///
/// The connection is a database file, opened for reading only; without one, files are read: Parquet, CSV, and Excel
/// where DuckDB has its extension.
public struct DuckDBConnector: EngineConnector {
  /// A connector.
  public init() {}

  public var kind: EngineKind { .duckdb }

  public func connect(_ settings: EngineSettings) throws(SiblingError) -> any AggregateEngine {
    try DuckDBEngine(try DuckDBCommand.find(), settings)
  }

  public func status() -> EngineStatus {
    let version = (try? DuckDBCommand.find()).flatMap { DuckDBCommand.version($0) }
    return EngineStatus(.duckdb, version: version, advice: DuckDBCommand.advice)
  }
}
