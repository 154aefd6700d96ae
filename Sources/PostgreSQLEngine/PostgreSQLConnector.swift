public import Engines
public import Statistics

/// Connects to PostgreSQL through its own client library, which is opened when it is first used.
///
/// The connection is a string or URI of that library (`postgresql://user@host/database`,
/// `host=… dbname=…`); without one its environment variables (`PGHOST`, `PGUSER`, `PGDATABASE`, …) and password
/// file hold.
public struct PostgreSQLConnector: EngineConnector {
  /// A connector.
  public init() {}

  /// PostgreSQL.
  public var kind: EngineKind { .postgresql }

  /// A server that was ended hard reads its log again before it lets anybody in.
  public var patience: Double { 60 }

  /// A new connection; its session is read-only but for temporary tables.
  ///
  /// - Throws: `engineMissing` without the client library, `invalidOption` for a string that is none, `engineRefused`
  ///   and `engineLost` without the server.
  public func connect(_ settings: EngineSettings) throws(SiblingError) -> any AggregateEngine {
    try PostgreSQLEngine(try PostgreSQLConnection(settings))
  }

  /// The version of the client library, and how to get it.
  public func status() -> EngineStatus {
    EngineStatus(.postgresql, version: PostgreSQLLibrary.version, advice: PostgreSQLLibrary.advice)
  }
}
