public import Engines
public import Statistics

/// Connects to Spark.
public struct SparkConnector: EngineConnector {
  /// A connector.
  public init() {}

  public var kind: EngineKind { .spark }

  public func connect(_ settings: EngineSettings) throws(SiblingError) -> any AggregateEngine {
    throw SiblingError(.engineMissing, "Spark can't be reached yet")
  }

  public func status() -> EngineStatus { EngineStatus(.spark, version: nil, advice: "") }
}
