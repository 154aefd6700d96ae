public import Engines
public import Statistics

/// Connects to PostgreSQL.
public struct PostgreSQLConnector: EngineConnector {
  /// A connector.
  public init() {}

  public var kind: EngineKind { .postgresql }

  public func connect(_ settings: EngineSettings) throws(SiblingError) -> any AggregateEngine {
    throw SiblingError(.engineMissing, "PostgreSQL can't be reached yet")
  }

  public func status() -> EngineStatus { EngineStatus(.postgresql, version: nil, advice: "") }
}
