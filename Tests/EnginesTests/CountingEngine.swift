import Engines
import Statistics

/// An engine that counts what it is asked and knows which temporary tables are there.
final class CountingEngine: AggregateEngine {
  private let engine: any AggregateEngine
  private(set) var aggregates = 0
  private(set) var tables: Set<String> = []

  init(_ engine: any AggregateEngine) { self.engine = engine }

  var kind: EngineKind { engine.kind }

  func schema(of source: EngineSource) throws(SiblingError) -> [EngineColumn] {
    try engine.schema(of: source)
  }

  func aggregate(_ query: AggregateQuery) throws(SiblingError) -> Cells {
    aggregates += 1
    return try engine.aggregate(query)
  }

  func stream(
    _ query: RowQuery, _ body: (RowBlock) throws(SiblingError) -> Void
  ) throws(SiblingError) {
    try engine.stream(query, body)
  }

  func createTemporary(_ name: String, _ query: TemporaryQuery) throws(SiblingError) {
    try engine.createTemporary(name, query)
    tables.insert(name)
  }

  func dropTemporary(_ name: String) {
    engine.dropTemporary(name)
    tables.remove(name)
  }

  func close() { engine.close() }
}
