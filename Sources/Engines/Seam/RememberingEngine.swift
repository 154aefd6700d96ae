public import Statistics

/// An engine that is asked each question once: answers to the same question are remembered, and a temporary table
/// that is asked for again is still there.
///
/// A study fits one score for several outcomes and looks at the same groups in several sections; on data that
/// nobody changes meanwhile the answers are the same. Small answers only are kept, the oldest forgotten first.
public final class RememberingEngine: AggregateEngine {
  private let engine: any AggregateEngine
  private var answers: [AggregateQuery: Cells] = [:]
  private var order: [AggregateQuery] = []
  private var held = 0
  private var schemas: [EngineSource: [EngineColumn]] = [:]
  /// The engine's temporary tables, oldest first, each with what it was made of.
  private var tables: [(query: TemporaryQuery, name: String)] = []
  /// The engine's name of each table that is in use.
  private var names: [String: String] = [:]
  private var made = 0

  /// The most numbers of one answer, and of all, that are kept.
  private static let (largest, most) = (400_000, 4_000_000)
  /// The most tables that are kept though nobody uses them.
  private static let spare = 3

  /// Remembers what another engine says.
  public init(_ engine: any AggregateEngine) { self.engine = engine }

  /// Which engine it is.
  public var kind: EngineKind { engine.kind }

  /// The columns of a source, asked for once.
  public func schema(of source: EngineSource) throws(SiblingError) -> [EngineColumn] {
    let source = try placed(source)
    if let known = schemas[source] { return known }
    let columns = try engine.schema(of: source)
    schemas[source] = columns
    return columns
  }

  /// The answer, remembered where it was given before.
  public func aggregate(_ query: AggregateQuery) throws(SiblingError) -> Cells {
    let query = try placed(query)
    if let known = answers[query] { return known }
    let cells = try engine.aggregate(query)
    let size = (cells.count + 1) * (query.keys.count + query.sums.count + 1)
    guard size <= Self.largest else { return cells }
    answers[query] = cells
    order.append(query)
    held += size
    while held > Self.most, let oldest = order.first { forget(oldest) }
    return cells
  }

  private func forget(_ query: AggregateQuery) {
    order.removeAll { $0 == query }
    guard let cells = answers.removeValue(forKey: query) else { return }
    held -= (cells.count + 1) * (query.keys.count + query.sums.count + 1)
  }

  /// Rows, which are not remembered.
  public func stream(
    _ query: RowQuery, _ body: (RowBlock) throws(SiblingError) -> Void
  ) throws(SiblingError) {
    try engine.stream(try placed(query), body)
  }

  /// Keeps an answer under a name; one that is there already only gets the name.
  public func createTemporary(_ name: String, _ query: TemporaryQuery) throws(SiblingError) {
    let query: TemporaryQuery =
      switch query {
      case .rows(let rows): .rows(try placed(rows))
      case .cells(let cells): .cells(try placed(cells))
      }
    if let known = tables.first(where: { $0.query == query }) {
      names[name] = known.name
      return
    }
    made += 1
    let own = "\(name)_\(made)"
    try engine.createTemporary(own, query)
    names[name] = own
    tables.append((query, own))
    trim()
  }

  /// Lets a table go, which stays for whoever asks for the same one soon.
  public func dropTemporary(_ name: String) {
    names[name] = nil
    trim()
  }

  /// Drops tables that nobody uses, the oldest first, and at once those made of other such tables: after a loss
  /// they could not be made anew without them.
  private func trim() {
    let used = Set(names.values)
    var unused = tables.filter { !used.contains($0.name) }
    while let gone = unused.first(where: \.query.isOfTemporary)
      ?? (unused.count > Self.spare ? unused.first : nil)
    {
      unused.removeAll { $0.name == gone.name }
      tables.removeAll { $0.name == gone.name }
      let source = EngineSource.temporary(gone.name)
      schemas[source] = nil
      for query in order where query.source == source { forget(query) }
      engine.dropTemporary(gone.name)
    }
  }

  /// Forgets everything and ends the connection.
  public func close() {
    (answers, order, held, schemas, tables, names) = ([:], [], 0, [:], [], [:])
    engine.close()
  }

  private func placed(_ source: EngineSource) throws(SiblingError) -> EngineSource {
    guard case .temporary(let name) = source else { return source }
    guard let own = names[name] else {
      throw SiblingError(.internalError, "there is no temporary table '\(name)'")
    }
    return .temporary(own)
  }

  private func placed(_ query: AggregateQuery) throws(SiblingError) -> AggregateQuery {
    var query = query.pruned
    query.source = try placed(query.source)
    return query
  }

  private func placed(_ query: RowQuery) throws(SiblingError) -> RowQuery {
    var query = query.pruned
    query.source = try placed(query.source)
    return query
  }
}

extension TemporaryQuery {
  /// Whether it reads another temporary table.
  fileprivate var isOfTemporary: Bool {
    let source: EngineSource
    switch self {
    case .rows(let query): source = query.source
    case .cells(let query): source = query.source
    }
    if case .temporary = source { return true }
    return false
  }
}
