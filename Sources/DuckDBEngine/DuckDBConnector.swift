public import Engines
public import Statistics

/// Connects to DuckDB.
public struct DuckDBConnector: EngineConnector {
  /// A connector.
  public init() {}

  public var kind: EngineKind { .duckdb }

  public func connect(_ settings: EngineSettings) throws(SiblingError) -> any AggregateEngine {
    throw SiblingError(.engineMissing, "DuckDB can't be reached yet")
  }

  public func status() -> EngineStatus { EngineStatus(.duckdb, version: nil, advice: "") }
}
