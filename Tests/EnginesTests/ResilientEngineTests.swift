import EngineConformance
import Engines
import Statistics
import Tables
import Testing

/// How long a connection that is lost is waited for.
@Suite struct ResilientEngines {
  private static let query = AggregateQuery(.named(ConformanceData.name))

  private static func settings(retries: Int, patience: Double?) -> EngineSettings {
    var settings = EngineSettings()
    settings.pause = 0.001
    settings.retries = retries
    settings.patience = patience
    return settings
  }

  @Test func aServerThatHasGoneIsWaitedForLongerThanItIsTriedAtFirst() throws {
    let connector = AbsentConnector(refusals: [0, 6])
    let engine = ResilientEngine(connector, Self.settings(retries: 1, patience: 30))
    try engine.createTemporary(
      "kept",
      .rows(RowQuery(Self.query.source, columns: [GroupKey("x", .number(.column("x")))])))
    connector.log.breaks = 1
    #expect(try engine.aggregate(AggregateQuery(.temporary("kept"))).rowCount == 2000)
    #expect(connector.log.tries == 8)
  }

  @Test func aServerThatWasNeverThereIsTriedAFewTimesOnly() {
    let connector = AbsentConnector(refusals: [.max])
    let engine = ResilientEngine(connector, Self.settings(retries: 2, patience: 30))
    let error = #expect(throws: SiblingError.self) { try engine.aggregate(Self.query) }
    #expect(error?.code == .engineLost)
    #expect(connector.log.tries == 3)
  }

  @Test func aServerThatDoesNotComeBackIsGivenUp() throws {
    let connector = AbsentConnector(refusals: [0, .max])
    let engine = ResilientEngine(connector, Self.settings(retries: 3, patience: 0.05))
    #expect(try engine.aggregate(Self.query).rowCount == 2000)
    connector.log.breaks = 1
    let error = #expect(throws: SiblingError.self) { try engine.aggregate(Self.query) }
    #expect(error?.code == .engineLost)
  }

  @Test func aRefusalIsFinal() throws {
    let connector = AbsentConnector(refusals: [1], code: .engineRefused)
    let engine = ResilientEngine(connector, Self.settings(retries: 3, patience: 30))
    let error = #expect(throws: SiblingError.self) { try engine.aggregate(Self.query) }
    #expect(error?.code == .engineRefused)
    #expect(connector.log.tries == 1)
    #expect(try engine.aggregate(Self.query).rowCount == 2000)
  }
}

/// A connector that can't connect a number of times before each of its connections.
private struct AbsentConnector: EngineConnector {
  final class Log: @unchecked Sendable {
    var tries = 0
    /// How many questions break their connection.
    var breaks = 0
    var refusals: [Int]
    init(_ refusals: [Int]) { self.refusals = refusals }
  }

  let log: Log
  let code: SiblingError.Code
  var kind: EngineKind { .duckdb }

  init(refusals: [Int], code: SiblingError.Code = .engineLost) {
    log = Log(refusals)
    self.code = code
  }

  func connect(_ settings: EngineSettings) throws(SiblingError) -> any AggregateEngine {
    log.tries += 1
    if let left = log.refusals.first {
      guard left == 0 else {
        log.refusals[0] = left - 1
        throw SiblingError(code, "not there")
      }
      log.refusals.removeFirst()
    }
    return FragileEngine(MemoryEngine([ConformanceData.name: try ConformanceData.table()]), log)
  }

  func status() -> EngineStatus { EngineStatus(kind, version: nil, advice: "") }
}

private final class FragileEngine: AggregateEngine {
  let inner: MemoryEngine
  let log: AbsentConnector.Log
  init(_ inner: MemoryEngine, _ log: AbsentConnector.Log) { (self.inner, self.log) = (inner, log) }

  var kind: EngineKind { .duckdb }

  func schema(of source: EngineSource) throws(SiblingError) -> [EngineColumn] {
    try inner.schema(of: source)
  }

  func aggregate(_ query: AggregateQuery) throws(SiblingError) -> Cells {
    if log.breaks > 0 {
      log.breaks -= 1
      throw SiblingError(.engineLost, "gone")
    }
    return try inner.aggregate(query)
  }

  func stream(
    _ query: RowQuery, _ body: (RowBlock) throws(SiblingError) -> Void
  ) throws(SiblingError) { try inner.stream(query, body) }

  func createTemporary(_ name: String, _ query: TemporaryQuery) throws(SiblingError) {
    try inner.createTemporary(name, query)
  }

  func dropTemporary(_ name: String) { inner.dropTemporary(name) }

  func close() { inner.close() }
}
