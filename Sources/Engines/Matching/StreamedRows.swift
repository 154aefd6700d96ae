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

/// A column that grows block by block.
struct RowColumn {
  enum Kind {
    case number
    case integer
    case boolean
    case date
    case text
    /// A place among names.
    case cases([String])

    init(_ factor: SymbolicFactor, _ column: SymbolicColumn.Kind?) {
      switch factor {
      case .text: self = .text
      case .cases(let cases): self = .cases(cases.map(\.level))
      case .number:
        switch column {
        case .integer: self = .integer
        case .boolean: self = .boolean
        case .date: self = .date
        default: self = .number
        }
      }
    }
  }

  private let kind: Kind
  private var numbers: [Double] = []
  private var integers: [Int] = []
  private var small: [Int32] = []
  private var levels: [String: Int32] = [:]

  init(_ kind: Kind) {
    self.kind = kind
    if case .cases(let names) = kind {
      for name in names where levels[name] == nil { levels[name] = Int32(levels.count) }
    }
  }

  mutating func append(_ values: EngineValues) {
    switch (kind, values) {
    case (.number, .numbers(let values)): numbers += values
    case (.integer, .numbers(let values)):
      for value in values { integers.append(Int(exactly: value) ?? Int.min) }
    case (.boolean, .numbers(let values)), (.date, .numbers(let values)):
      for value in values { small.append(Int32(exactly: value) ?? Int32.min) }
    case (.cases(let names), .numbers(let values)):
      for value in values {
        small.append(Int(exactly: value).flatMap { levels[names[$0]] } ?? -1)
      }
    case (_, .text(let values)):
      for value in values { small.append(value.map { code($0) } ?? -1) }
    case (.text, .numbers(let values)):
      for value in values { small.append(value.isNaN ? -1 : code(numberKeyText(value))) }
    }
  }

  private mutating func code(_ text: String) -> Int32 {
    if let known = levels[text] { return known }
    let new = Int32(levels.count)
    levels[text] = new
    return new
  }

  /// The values; levels of text in order, those that no row has left out.
  var values: Column.Values {
    switch kind {
    case .number: return .doubles(numbers)
    case .integer: return .integers(integers)
    case .boolean: return .booleans(small.map { $0 == Int32.min ? -1 : Int8($0 == 0 ? 0 : 1) })
    case .date: return .dates(small)
    case .text, .cases:
      var seen = [Bool](repeating: false, count: levels.count)
      for code in small where code >= 0 { seen[Int(code)] = true }
      let names = Factor(levels.filter { seen[Int($0.value)] }.map { Optional($0.key) }).levels
      var place = [Int32](repeating: -1, count: levels.count)
      for (index, name) in names.enumerated() { place[Int(levels[name] ?? 0)] = Int32(index) }
      return .text(Factor(codes: small.map { $0 < 0 ? -1 : place[Int($0)] }, levels: names))
    }
  }
}
