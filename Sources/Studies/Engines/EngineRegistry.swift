internal import DuckDBEngine
internal import Engines
internal import Glibc
internal import PostgreSQLEngine
internal import SparkEngine
internal import Statistics

/// The engines outside the process, and where each finds its connection.
enum EngineRegistry {
  /// The connectors, in the order in which they are listed.
  static let connectors: [any EngineConnector] = [
    DuckDBConnector(), PostgreSQLConnector(), SparkConnector(),
  ]

  /// The environment variable with an engine's connection.
  static func variable(_ kind: EngineKind) -> String { "SIBLING_" + kind.rawValue.uppercased() }

  /// The connection from the environment; it is never shown.
  static func connection(_ kind: EngineKind) -> String? {
    getenv(variable(kind)).map { String(cString: $0) }
  }

  /// A connection that is made when it is first used.
  ///
  /// - Throws: `internalError` for an engine without a connector.
  static func engine(
    _ kind: EngineKind, timeout: Double?, _ progress: @escaping (String) -> Void = { _ in }
  ) throws(SiblingError) -> ResilientEngine {
    guard let connector = connectors.first(where: { $0.kind == kind }) else {
      throw SiblingError(.internalError, "there is no connector for \(kind.title)")
    }
    var settings = EngineSettings()
    settings.timeout = timeout
    settings.connection = connection(kind)
    // An engine belongs to one thread, the one that shows progress.
    nonisolated(unsafe) let tell = progress
    settings.progress = { tell($0) }
    return ResilientEngine(connector, settings)
  }

  /// What `doctor` says of them.
  static var checks: [Checkup.Check] {
    connectors.map { connector in
      let status = connector.status()
      return Checkup.Check(
        name: connector.kind.title, passed: true, isAbsent: status.version == nil,
        detail: status.version.map { "\($0), for data beyond memory" }
          ?? "not found; for data beyond memory: \(status.advice)")
    }
  }
}
