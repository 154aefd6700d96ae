public import Statistics
public import Tables

/// Rows of an engine with a few of their columns and a score, fetched in a fixed order: all that matching needs.
///
/// A number takes 8 bytes a row, a text 4; nothing else of a row is held.
public struct StreamedRows {
  /// The rows.
  public let data: EngineData
  /// The columns that are fetched as they are.
  public var columns: [String]
  /// Columns that are computed, with what must be computed first.
  public var computed: [NamedExpression] = []
  /// What must be computed before them.
  public var layers: [[NamedExpression]] = []
  /// The column that rows are ordered by; nil for the order of their values, or where rows have an order, for that.
  public var key: String?

  /// Rows with some columns.
  public init(_ data: EngineData, columns: [String]) {
    self.data = data
    self.columns = columns
  }

  /// Whether rows come in an order of their own.
  private var haveOrder: Bool { data.engine.kind == .memory && key == nil }

  /// Fetches the rows as a table of the columns and then the computed ones, in order.
  ///
  /// By the key where there is one, rows of one key by all values. Rows that agree in everything that is fetched have no order, and need none.
  ///
  /// - Throws: `unknownColumn`; the engine's failures.
  public func table() throws(SiblingError) -> Table {
    data.progress?("fetching rows")
    var names = columns
    if let key, !names.contains(key) { names.append(key) }
    var keys: [GroupKey] = []
    var kinds: [RowColumn.Kind] = []
    for (index, name) in names.enumerated() {
      let factor = try data.factor(name)
      keys.append(factor.key("c\(index)"))
      kinds.append(RowColumn.Kind(factor, data.columns.first { $0.name == name }?.kind))
    }
    for (index, value) in computed.enumerated() {
      keys.append(GroupKey("d\(index)", .number(value.expression)))
      kinds.append(.number)
    }
    var order: [String] = []
    if !haveOrder {
      let first = key.flatMap { names.firstIndex(of: $0) }.map { "c\($0)" }
      order = (first.map { [$0] } ?? []) + keys.map(\.name).filter { $0 != first }
    }
    var columns = kinds.map { RowColumn($0) }
    let query = RowQuery(
      data.source, keep: data.keep, layers: layers, columns: keys, order: order)
    try data.engine.stream(query) { block throws(SiblingError) in
      for (index, values) in block.columns.enumerated() { columns[index].append(values) }
    }
    let all = names + computed.map(\.name)
    return try Table(zip(all, columns).map { Column(name: $0, values: $1.values) })
  }
}
