public import Statistics

/// Anything that can answer sums and counts by cell over rows of any number: the one seam for data beyond
/// memory.
///
/// An engine belongs to one thread. Estimators ask it for sums and do their own algebra, so that none knows
/// whether a table in memory, a database or a cluster answers. Sums of engines that add in parallel differ
/// in the last digits from call to call.
public protocol AggregateEngine: AnyObject {
  /// Which engine it is.
  var kind: EngineKind { get }

  /// The columns of a source, in order.
  ///
  /// - Throws: `engineFailed` with the server's message for a source that isn't there.
  func schema(of source: EngineSource) throws(SiblingError) -> [EngineColumn]

  /// Sums and counts by cell.
  ///
  /// - Throws: `disclosure` when a cell has fewer rows than the query allows; the engine's failures.
  func aggregate(_ query: AggregateQuery) throws(SiblingError) -> Cells

  /// Rows in blocks, in the order asked for.
  ///
  /// - Throws: what `body` throws; the engine's failures.
  func stream(
    _ query: RowQuery, _ body: (RowBlock) throws(SiblingError) -> Void
  ) throws(SiblingError)

  /// Keeps the answer of a query for this connection under a name; one of that name is replaced.
  ///
  /// - Throws: the engine's failures.
  func createTemporary(_ name: String, _ query: TemporaryQuery) throws(SiblingError)

  /// Forgets a temporary table, if it is there.
  func dropTemporary(_ name: String)

  /// Ends the connection; temporary tables are gone then.
  func close()
}

/// The engines there are.
public enum EngineKind: String, Sendable, CaseIterable {
  case memory
  case duckdb
  case postgresql
  case spark

  /// What it is called in sentences.
  public var title: String {
    switch self {
    case .memory: "memory"
    case .duckdb: "DuckDB"
    case .postgresql: "PostgreSQL"
    case .spark: "Spark"
    }
  }
}

/// How an engine is spoken to.
public struct EngineSettings: Sendable {
  /// The most seconds that one query may take; nil for no limit.
  public var timeout: Double?
  /// How often a step is tried again after the connection was lost.
  public var retries = 3
  /// Seconds before the first of those tries; each next one waits twice as long.
  public var pause = 0.5
  /// How many seconds a server that has gone is waited for; nil for what its connector says.
  public var patience: Double?
  /// Where the engine is: a connection string or a path, from the environment; never shown.
  public var connection: String?
  /// Told of each step that takes a while.
  public var progress: (@Sendable (String) -> Void)?

  /// The usual settings.
  public init() {}
}

/// Makes connections to one kind of engine, and knows whether it can.
public protocol EngineConnector: Sendable {
  /// Which engine it connects to.
  var kind: EngineKind { get }

  /// How many seconds the engine may take to come back after it has gone.
  var patience: Double { get }

  /// A new connection.
  ///
  /// - Throws: `engineMissing` when a program or library isn't there, `engineRefused` when the server does not let
  ///   us in, `engineLost` when it can't be reached.
  func connect(_ settings: EngineSettings) throws(SiblingError) -> any AggregateEngine

  /// Whether the engine can be used here, and how to get it.
  func status() -> EngineStatus
}

extension EngineConnector {
  /// What starts at once is back at once.
  public var patience: Double { 5 }
}

/// What `doctor` says of an engine.
public struct EngineStatus: Sendable {
  /// Which engine.
  public let kind: EngineKind
  /// Its version, or nil when it isn't there.
  public let version: String?
  /// How to install or reach it.
  public let advice: String

  /// A status.
  public init(_ kind: EngineKind, version: String?, advice: String) {
    self.kind = kind
    self.version = version
    self.advice = advice
  }
}
