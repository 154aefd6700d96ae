public import Tables

/// Where rows come from.
public enum EngineSource: Sendable, Hashable {
  /// A table, view or file as the user named it to the engine.
  case named(String)
  /// A table that ``AggregateEngine/createTemporary(_:_:)`` made on this connection.
  case temporary(String)

  /// The name as the user or the program gave it.
  public var name: String {
    switch self {
    case .named(let name), .temporary(let name): name
    }
  }
}

/// A name for what an expression gives.
public struct NamedExpression: Sendable, Hashable {
  /// The name, which later layers may use.
  public let name: String
  /// What is computed.
  public let expression: RowExpression

  /// A named expression.
  public init(_ name: String, _ expression: RowExpression) {
    self.name = name
    self.expression = expression
  }
}

/// What rows are grouped by.
public struct GroupKey: Sendable, Hashable {
  /// The name of the key in the cells.
  public let name: String
  /// Its value.
  public let value: Value

  /// The kinds of key.
  public enum Value: Sendable, Hashable {
    /// A column in its written form: text as it is, numbers and dates as the engine writes them.
    case text(column: String)
    /// A number computed from the row.
    case number(RowExpression)
  }

  /// A key.
  public init(_ name: String, _ value: Value) {
    self.name = name
    self.value = value
  }
}

/// Sums and counts over the rows of a source, by cell: the one question that every engine answers.
///
/// Rows where `keep` is 0 or missing are left out. Each layer of `layers` computes named values that later
/// layers, keys and sums may use (``RowExpression/name(_:)``); where the engine would compute a layer again
/// for each sum it is fenced off. A row whose summand is missing adds nothing to that sum.
public struct AggregateQuery: Sendable, Hashable {
  /// The rows.
  public var source: EngineSource
  /// Which rows count; nil for all.
  public var keep: RowExpression?
  /// Values computed once a row, layer by layer.
  public var layers: [[NamedExpression]]
  /// What rows are grouped by; with none there is one cell, also of no rows.
  public var keys: [GroupKey]
  /// What is summed.
  public var sums: [NamedExpression]
  /// Whether layers are fenced, so that none is computed again for each sum.
  public var isFenced: Bool
  /// The fewest rows that a cell may have: with fewer anywhere nothing leaves the engine.
  public var minimumCell: Int?

  /// A query.
  public init(
    _ source: EngineSource, keep: RowExpression? = nil, layers: [[NamedExpression]] = [],
    keys: [GroupKey] = [], sums: [NamedExpression] = [], isFenced: Bool = true,
    minimumCell: Int? = nil
  ) {
    self.source = source
    self.keep = keep
    self.layers = layers
    self.keys = keys
    self.sums = sums
    self.isFenced = isFenced
    self.minimumCell = minimumCell
  }
}

/// Rows of a source, column by column, in order.
public struct RowQuery: Sendable, Hashable {
  /// The rows.
  public var source: EngineSource
  /// Which rows are wanted; nil for all.
  public var keep: RowExpression?
  /// Values computed once a row, layer by layer.
  public var layers: [[NamedExpression]]
  /// The columns, computed or as they are.
  public var columns: [GroupKey]
  /// The columns of `columns`, by name, that rows are ordered by; none for any order.
  public var order: [String]

  /// A query.
  public init(
    _ source: EngineSource, keep: RowExpression? = nil, layers: [[NamedExpression]] = [],
    columns: [GroupKey], order: [String] = []
  ) {
    self.source = source
    self.keep = keep
    self.layers = layers
    self.columns = columns
    self.order = order
  }
}

/// What a temporary table is made of.
public enum TemporaryQuery: Sendable, Hashable {
  /// Rows with the columns of a row query; its order is not kept.
  case rows(RowQuery)
  /// The cells of an aggregate query: a column for each key, `n` with the count, and one for each sum.
  case cells(AggregateQuery)
}
