internal import Engines
internal import Statistics

/// An engine that gives sums but no rows, for profiles that keep rows where they are and studies by sums.
///
/// Temporary tables stay in the engine and may be made.
final class RowlessEngine: AggregateEngine {
  private let engine: any AggregateEngine

  init(_ engine: any AggregateEngine) { self.engine = engine }

  var kind: EngineKind { engine.kind }

  func schema(of source: EngineSource) throws(SiblingError) -> [EngineColumn] {
    try engine.schema(of: source)
  }

  func aggregate(_ query: AggregateQuery) throws(SiblingError) -> Cells {
    try engine.aggregate(query)
  }

  func stream(
    _ query: RowQuery, _ body: (RowBlock) throws(SiblingError) -> Void
  ) throws(SiblingError) {
    throw SiblingError(
      .disclosure, "this needs single rows, and none may leave the engine here",
      help:
        "choose what works from sums alone, such as weights (ipw), or a profile and a study that"
        + " work by rows")
  }

  func createTemporary(_ name: String, _ query: TemporaryQuery) throws(SiblingError) {
    try engine.createTemporary(name, query)
  }

  func dropTemporary(_ name: String) { engine.dropTemporary(name) }

  func close() { engine.close() }
}
