public import Statistics
public import Tables

/// Rows of an engine as an analysis sees them: a source with derived columns and a filter.
public struct EngineData {
  /// The engine.
  public let engine: any AggregateEngine
  /// Where the rows are.
  public let source: EngineSource
  /// The source's columns.
  public let schema: [EngineColumn]
  /// Columns that are computed from others, by name.
  public private(set) var definitions: [String: SymbolicDefinition] = [:]
  /// Which rows count; nil for all.
  public private(set) var keep: RowExpression?
  /// The fewest rows that a cell may have which leaves the engine; nil where a profile does not ask.
  public var minimumCell: Int?
  /// Told of each step of a fit.
  public var progress: ((String) -> Void)?

  /// The rows of a source.
  ///
  /// - Throws: the engine's failures; `expressionSyntax`, `unknownColumn` or `wrongType` for derivations and filter.
  public init(
    _ engine: any AggregateEngine, _ source: EngineSource, derivations: [String] = [],
    filter: String? = nil
  ) throws(SiblingError) {
    self.engine = engine
    self.source = source
    schema = try engine.schema(of: source)
    for text in derivations {
      let derivation = try Derivation(parsing: text)
      definitions[derivation.name] = try derivation.symbolic(
        over: columns, defining: definitions)
    }
    if let filter { try restrict(to: filter) }
  }

  /// Leaves out rows where an expression is not true.
  ///
  /// - Throws: what is wrong with the expression.
  public mutating func restrict(to filter: String) throws(SiblingError) {
    restrict(to: try Expression(parsing: filter).symbolic(over: columns, defining: definitions))
  }

  /// Leaves out rows where an expression is 0 or missing.
  public mutating func restrict(to condition: RowExpression) {
    keep = keep.map { .both($0, condition) } ?? condition
  }

  /// Adds a column that is computed from others.
  ///
  /// - Throws: what is wrong with the derivation.
  public mutating func derive(_ text: String) throws(SiblingError) {
    let derivation = try Derivation(parsing: text)
    definitions[derivation.name] = try derivation.symbolic(over: columns, defining: definitions)
  }

  /// The source's columns that analyses can use.
  public var columns: [SymbolicColumn] {
    schema.compactMap { column in
      switch column.type {
      case .integer: SymbolicColumn(column.name, .integer)
      case .number: SymbolicColumn(column.name, .number)
      case .text: SymbolicColumn(column.name, .text)
      case .boolean: SymbolicColumn(column.name, .boolean)
      case .date: SymbolicColumn(column.name, .date)
      case .other: nil
      }
    }
  }

  /// The names of all columns, derived ones last.
  public var names: [String] {
    let own = columns.map(\.name)
    return own + definitions.keys.sorted().filter { !own.contains($0) }
  }

  /// A column's number in a row.
  ///
  /// - Throws: `unknownColumn` or `wrongType`.
  public func number(_ column: String) throws(SiblingError) -> RowExpression {
    try part(column) { (part) in
      guard let number = part.number else { return nil }
      return number
    }
  }

  /// A column as a category.
  ///
  /// - Throws: `unknownColumn`.
  public func factor(_ column: String) throws(SiblingError) -> SymbolicFactor {
    try part(column) { $0.factor }
  }

  private func part<Value>(
    _ column: String, _ read: (SymbolicFormula.Part) -> Value?
  ) throws(SiblingError) -> Value {
    guard names.contains(column) else {
      throw SiblingError(
        .unknownColumn, "there is no column '\(column)'",
        help: "the columns are: " + names.prefix(30).joined(separator: ", "),
        suggestion: nearestName(to: column, among: names), column: column)
    }
    let formula = try Formula(parsing: "`\(column)` ~ 1")
    let symbolic = try SymbolicFormula(formula, over: columns, defining: definitions)
    guard let part = symbolic.response, let value = read(part) else {
      throw SiblingError(
        .wrongType, "column '\(column)' is text where a number is needed", column: column)
    }
    return value
  }

  /// Sums by cell over the rows that count, or those of them that `also` keeps.
  ///
  /// - Throws: `disclosure` for cells that are too small; the engine's failures.
  public func aggregate(
    also condition: RowExpression? = nil, layers: [[NamedExpression]] = [],
    keys: [GroupKey] = [], sums: [NamedExpression] = []
  ) throws(SiblingError) -> Cells {
    try engine.aggregate(
      AggregateQuery(
        source, keep: all(keep, condition), layers: layers, keys: keys, sums: sums,
        minimumCell: minimumCell
      ).pruned)
  }

  /// The levels that a factor has among the rows that count, or those of them that `also` keeps.
  ///
  /// - Throws: the engine's failures; `badDesign` for more than 100,000 levels.
  public func levels(
    of factor: SymbolicFactor, also condition: RowExpression? = nil
  ) throws(SiblingError) -> SymbolicLevels {
    let cells = try aggregate(also: condition, keys: [factor.key("level")])
    guard cells.count <= 100_000 else {
      throw SiblingError(
        .badDesign, "a factor has \(cells.count) levels, too many to divide rows by")
    }
    return factor.levels(cells, key: 0)
  }

  /// Both conditions, where they are there.
  func all(_ a: RowExpression?, _ b: RowExpression?) -> RowExpression? {
    guard let a, let b else { return a ?? b }
    return .both(a, b)
  }
}

extension SymbolicFactor {
  /// The factor as a key of groups.
  public func key(_ name: String) -> GroupKey {
    switch self {
    case .text(let column): GroupKey(name, .text(column: column))
    case .number(let expression): GroupKey(name, .number(expression))
    case .cases: GroupKey(name, .number(index))
    }
  }

  /// The levels in one key of cells, missing left out.
  public func levels(_ cells: Cells, key: Int) -> SymbolicLevels {
    switch self {
    case .text: return SymbolicLevels(Factor(cells.text(key)).levels)
    case .number:
      return SymbolicLevels(numbers: Set(cells.numbers(key).filter { !$0.isNaN }).sorted())
    case .cases(let cases):
      let present = Set(cells.numbers(key).filter { !$0.isNaN })
      let names = present.map { cases[Int($0)].level }
      return SymbolicLevels(Factor(names).levels)
    }
  }

  /// For each cell the place of its level among `levels`; −1 where it is missing.
  public func codes(_ cells: Cells, key: Int, _ levels: SymbolicLevels) -> [Int] {
    switch self {
    case .text:
      var place: [String: Int] = [:]
      for (index, name) in levels.names.enumerated() { place[name] = index }
      return cells.text(key).map { $0.flatMap { place[$0] } ?? -1 }
    case .number:
      var place: [Double: Int] = [:]
      for (index, number) in levels.numbers.enumerated() { place[number] = index }
      return cells.numbers(key).map { place[$0] ?? -1 }
    case .cases(let cases):
      var place: [String: Int] = [:]
      for (index, name) in levels.names.enumerated() { place[name] = index }
      return cells.numbers(key).map { $0.isNaN ? -1 : place[cases[Int($0)].level] ?? -1 }
    }
  }
}
