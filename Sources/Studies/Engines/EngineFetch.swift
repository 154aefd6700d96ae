internal import Engines
internal import Glibc
internal import Statistics
internal import Tables

/// Rows of an engine as a table in memory, for what can't be had from sums.
///
/// Engines give rows in any order. They are put in order here, by the columns that say so and then by all
/// others from the first on, so that the same rows give the same table on every engine.
struct EngineFetch {
  let engine: any AggregateEngine
  let source: EngineSource
  /// The columns that a table can hold.
  let schema: [EngineColumn]
  /// Columns to compute after the fetch; the filter may read them.
  var derivations: [String] = []
  /// Which rows are wanted; the engine applies it where it can.
  var filter: String?
  private let progress: (String) -> Void

  /// What was fetched.
  struct Found {
    var table: Table
    /// Whether the engine applied the filter.
    var isFiltered: Bool
    var notes: [String]
  }

  /// The columns of a source.
  ///
  /// - Throws: the engine's failures.
  init(
    _ engine: any AggregateEngine, _ source: EngineSource,
    progress: @escaping (String) -> Void = { _ in }
  ) throws(SiblingError) {
    self.engine = engine
    self.source = source
    self.progress = progress
    schema = try engine.schema(of: source).filter { $0.type != .other }
  }

  /// The names of the columns, in the engine's order.
  var names: [String] { schema.map(\.name) }

  /// The columns that some texts name, as whole words; one too many does no harm.
  func columns(namedIn texts: [String]) -> [String] {
    EngineWords(texts).columns(among: names)
  }

  /// Fetches columns of the rows that are wanted.
  ///
  /// - Throws: `usage` for more rows than fit; `wrongType` for whole numbers that no double holds; the
  ///   engine's failures.
  func table(
    _ wanted: [String], order: [String] = [], because reason: String
  ) throws(SiblingError) -> Found {
    // A verb that names no column still counts rows, which one column carries.
    let wanted = wanted.isEmpty ? Array(names.prefix(1)) : wanted
    let columns = schema.filter { wanted.contains($0.name) }
    // An expression that only memory understands, or that is wrong, is told of there.
    let keep = filter.flatMap { _ in
      try? EngineData(engine, source, derivations: derivations, filter: filter).keep
    }
    progress("counting rows")
    let all = try counted(nil)
    let kept = try keep.map { condition throws(SiblingError) in try counted(condition) }
    let count = keep == nil ? all : kept ?? all
    try Self.requireRoom(for: count, because: reason)
    progress("fetching \(count) rows of \(columns.count) columns")
    var made = columns.map { FetchedColumn($0, capacity: count) }
    let query = RowQuery(
      source, keep: keep,
      columns: columns.map { column in
        GroupKey(
          column.name,
          column.type == .text
            ? .text(column: column.name) : .number(.column(column.name)))
      })
    try engine.stream(query) { block throws(SiblingError) in
      for index in made.indices { try made[index].append(block.columns[index]) }
    }
    let table = try Table(made.map { $0.column }).ordered(by: order)
    var notes = [
      "\(table.rowCount) rows × \(columns.count) columns were fetched, because \(reason)"
    ]
    if keep != nil {
      notes.append("--where keeps \(count) of \(all) rows (\(all - count) left out)")
    }
    return Found(table: table, isFiltered: keep != nil, notes: notes)
  }

  private func counted(_ condition: RowExpression?) throws(SiblingError) -> Int {
    try engine.aggregate(AggregateQuery(source, keep: condition)).rowCount
  }

  /// The variable with the most rows that are fetched.
  static let limitVariable = "SIBLING_ENGINE_ROWS"
  /// The most rows that are fetched unless it says otherwise.
  static let usualLimit = 20_000_000

  /// The most rows that are fetched.
  ///
  /// - Throws: `usage` when the variable holds no whole number.
  static func limit() throws(SiblingError) -> Int {
    guard let text = getenv(limitVariable).map({ String(cString: $0) }) else { return usualLimit }
    guard let limit = Int(text), limit >= 0 else {
      throw SiblingError(.usage, "\(limitVariable) takes a whole number of rows")
    }
    return limit
  }

  private static func requireRoom(
    for count: Int, because reason: String
  ) throws(SiblingError) {
    let limit = try limit()
    guard count > limit else { return }
    throw SiblingError(
      .usage,
      "\(count) rows would be fetched, because \(reason), and the limit is \(limit)",
      help:
        "keep fewer rows with --where, choose what works from sums (a study: 'by: sums'), or raise"
        + " \(limitVariable) if they fit in memory")
  }
}

/// A column that grows block by block.
private struct FetchedColumn {
  private let source: EngineColumn
  private var numbers: [Double] = []
  private var codes: [Int32] = []
  private var places: [String: Int32] = [:]
  private var levels: [String] = []

  init(_ source: EngineColumn, capacity: Int) {
    self.source = source
    if source.type == .text {
      codes.reserveCapacity(capacity)
    } else {
      numbers.reserveCapacity(capacity)
    }
  }

  mutating func append(_ values: EngineValues) throws(SiblingError) {
    switch values {
    case .numbers(let block):
      if source.type == .integer, block.contains(where: { $0.magnitude >= 9_007_199_254_740_992 }) {
        throw SiblingError(
          .wrongType,
          "column '\(source.name)' holds whole numbers from 2^53 up, which would lose digits",
          help: "give it as text in a view", column: source.name)
      }
      numbers += block
    case .text(let block):
      for text in block {
        guard let text else {
          codes.append(-1)
          continue
        }
        if let known = places[text] {
          codes.append(known)
        } else {
          let code = Int32(levels.count)
          places[text] = code
          levels.append(text)
          codes.append(code)
        }
      }
    }
  }

  /// The column, with its type as the engine gives it.
  var column: Column {
    func make(_ values: Column.Values) -> Column { Column(name: source.name, values: values) }
    switch source.type {
    case .integer: return make(.integers(numbers.map { $0.isNaN ? .min : Int($0) }))
    case .boolean: return make(.booleans(numbers.map { $0.isNaN ? -1 : $0 == 0 ? 0 : 1 }))
    case .date: return make(.dates(numbers.map { $0.isNaN ? Int32.min : Int32($0) }))
    case .number: return make(.doubles(numbers))
    case .text, .other:
      let order = levels.indices.sorted {
        levels[$0].unicodeScalars.lexicographicallyPrecedes(levels[$1].unicodeScalars)
      }
      var renamed = [Int32](repeating: 0, count: levels.count)
      for (new, old) in order.enumerated() { renamed[old] = Int32(new) }
      return make(
        .text(
          Factor(
            codes: codes.map { $0 < 0 ? -1 : renamed[Int($0)] }, levels: order.map { levels[$0] })))
    }
  }
}

extension Table {
  /// The rows in ascending order of some columns, then of all others from the first on; missing last.
  func ordered(by first: [String]) -> Table {
    let leading = first.compactMap { self[$0] }
    let others = columns.filter { column in !first.contains(column.name) }
    let ranks = (leading + others).map(\.ranks)
    func precedes(_ a: Int, _ b: Int) -> Bool {
      for rank in ranks {
        let (x, y) = (rank(a), rank(b))
        if x != y { return x < y }
      }
      return a < b
    }
    if (1..<max(1, rowCount)).allSatisfy({ !precedes($0, $0 - 1) }) { return self }
    return selecting(rows: (0..<rowCount).sorted(by: precedes))
  }
}

extension Column {
  /// For a row a number by which rows are put in order; missing is greatest.
  fileprivate var ranks: (Int) -> Double {
    switch values {
    case .integers(let values): { values[$0] == .min ? .infinity : Double(values[$0]) }
    case .doubles(let values): { values[$0].isNaN ? .infinity : values[$0] }
    case .text(let factor): { factor.codes[$0] < 0 ? .infinity : Double(factor.codes[$0]) }
    case .booleans(let values): { values[$0] < 0 ? .infinity : Double(values[$0]) }
    case .dates(let values): { values[$0] == .min ? .infinity : Double(values[$0]) }
    }
  }
}
