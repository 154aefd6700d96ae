internal import CCurl
public import Engines
public import Statistics

/// Connects to a Spark Connect server.
public struct SparkConnector: EngineConnector {
  /// A connector.
  public init() {}

  /// Spark.
  public var kind: EngineKind { .spark }

  /// A server with its executors takes a minute or more to start.
  public var patience: Double { 180 }

  /// A new session on the server that `settings.connection` names: `sc://host:port/;token=…;use_ssl=true;user_id=…`.
  ///
  /// - Throws: `engineMissing` without an address, or without a libcurl that speaks HTTP/2; `badValue` for what is no
  ///   address; `engineLost` when the server can't be reached, `engineRefused` when it does not let us in.
  public func connect(_ settings: EngineSettings) throws(SiblingError) -> any AggregateEngine {
    guard sibling_curl_open() != 0 else {
      throw SiblingError(
        .engineMissing, "libcurl isn't here, through which Spark is spoken to", help: Self.advice)
    }
    guard sibling_curl_has_http2() != 0 else {
      throw SiblingError(
        .engineMissing, "libcurl \(Self.library ?? "") speaks no HTTP/2", help: Self.advice)
    }
    guard let connection = settings.connection, !connection.isEmpty else {
      throw SiblingError(.engineMissing, "no Spark server is named", help: Self.advice)
    }
    let address = try SparkAddress(connection)
    return SparkEngine(try SparkSession(address, timeout: settings.timeout))
  }

  /// Whether libcurl is here and speaks HTTP/2, and what else is needed.
  public func status() -> EngineStatus {
    let isUsable = sibling_curl_has_http2() != 0
    return EngineStatus(
      .spark, version: isUsable ? Self.library.map { "Spark Connect over libcurl \($0)" } : nil,
      advice: Self.advice)
  }

  private static var library: String? { sibling_curl_version().map { String(cString: $0) } }

  private static let advice =
    "install libcurl with HTTP/2 (Debian and Ubuntu: apt-get install libcurl4), start a Spark Connect server"
    + " of 3.5 or later and set SIBLING_SPARK to sc://host:15002"
}
