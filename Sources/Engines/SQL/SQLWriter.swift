public import Statistics
internal import Tables

/// Writes queries as SQL.
///
/// Columns are read once, in the innermost subquery, where they become doubles: `1/2` is 0 on some engines,
/// `0.1` a decimal on others, and products of small integers overflow. NaN becomes NULL there, so that a
/// missing value is one thing. Each layer is a subquery around the one before, fenced where the engine would
/// flatten it.
public struct SQLWriter {
  let dialect: any SQLDialect
  /// The columns of the source, by name.
  let types: [String: EngineColumn.Kind]

  /// A writer for queries on one source.
  public init(_ dialect: any SQLDialect, schema: [EngineColumn]) {
    self.dialect = dialect
    types = Dictionary(schema.map { ($0.name, $0.type) }) { first, _ in first }
  }

  /// The SQL of an aggregate query: the keys, the count as `n`, the sums.
  ///
  /// With `minimumCell` the statement gives no rows at all where a cell is too small.
  /// - Throws: `unknownColumn` or `wrongType` when the source has no such column.
  public func text(_ query: AggregateQuery) throws(SiblingError) -> String {
    let keys = query.keys.map { dialect.quoted($0.name) }
    let from = try rows(
      query.source, keep: query.keep, layers: query.layers, columns: query.keys,
      sums: query.sums.map(\.expression), fenced: query.isFenced)
    let writer = from.writer
    var selected: [String] = []
    for key in from.plan.columns {
      selected.append("\(writer.key(key)) AS \(dialect.quoted(key.name))")
    }
    selected.append("COUNT(*) AS \(dialect.quoted("n"))")
    for (sum, expression) in zip(query.sums, from.plan.sums) {
      let inner = writer.text(expression)
      selected.append(
        "COALESCE(SUM(\(inner)), \(dialect.literal(0))) AS \(dialect.quoted(sum.name))")
    }
    var text = "SELECT \(selected.joined(separator: ", ")) FROM \(from.sql)"
    if !keys.isEmpty {
      text += " GROUP BY " + from.plan.columns.map { writer.key($0) }.joined(separator: ", ")
    }
    guard let least = query.minimumCell else { return text }
    let outer = (keys + ["n"].map(dialect.quoted) + query.sums.map { dialect.quoted($0.name) })
      .joined(separator: ", ")
    let smallest = dialect.quoted("least_n")
    return
      "SELECT \(outer) FROM (SELECT g.*, MIN(g.\(dialect.quoted("n"))) OVER () AS \(smallest)"
      + " FROM (\(text)) g) h WHERE h.\(smallest) >= \(least) OR h.\(smallest) = 0"
  }

  /// The SQL of a row query.
  ///
  /// - Throws: as ``text(_:)-(AggregateQuery)``.
  public func text(_ query: RowQuery) throws(SiblingError) -> String {
    let from = try rows(
      query.source, keep: query.keep, layers: query.layers, columns: query.columns, sums: [],
      fenced: true)
    let selected = from.plan.columns.map {
      "\(from.writer.key($0)) AS \(dialect.quoted($0.name))"
    }
    var text = "SELECT \(selected.joined(separator: ", ")) FROM \(from.sql)"
    if !query.order.isEmpty {
      let kinds = Dictionary(query.columns.map { ($0.name, $0.value) }) { first, _ in first }
      let order = query.order.map { name -> String in
        guard case .text? = kinds[name] else { return dialect.quoted(name) + " NULLS LAST" }
        return dialect.byCodePoint(dialect.quoted(name)) + " NULLS LAST"
      }
      text = "SELECT * FROM (\(text)) o ORDER BY \(order.joined(separator: ", "))"
    }
    return text
  }

  /// The SQL of what a temporary table is made of.
  ///
  /// - Throws: as ``text(_:)-(AggregateQuery)``.
  public func text(_ query: TemporaryQuery) throws(SiblingError) -> String {
    switch query {
    case .rows(let rows):
      var rows = rows
      rows.order = []
      return try text(rows)
    case .cells(let cells): return try text(cells)
    }
  }

  /// The columns that a temporary table has.
  public static func schema(of query: TemporaryQuery) -> [EngineColumn] {
    func column(_ key: GroupKey) -> EngineColumn {
      if case .number = key.value { return EngineColumn(key.name, .number) }
      return EngineColumn(key.name, .text)
    }
    switch query {
    case .rows(let rows): return rows.columns.map(column)
    case .cells(let cells):
      return cells.keys.map(column) + [EngineColumn("n", .integer)]
        + cells.sums.map { EngineColumn($0.name, .number) }
    }
  }

  /// The innermost subquery with every leaf that is used, and the layers around it.
  private func rows(
    _ source: EngineSource, keep: RowExpression?, layers: [[NamedExpression]],
    columns: [GroupKey], sums: [RowExpression], fenced: Bool
  ) throws(SiblingError) -> (sql: String, writer: ExpressionWriter, plan: LayerPlan) {
    let plan = LayerPlan(layers, columns, sums)
    var leaves = Leaves()
    for level in plan.levels { for value in level.values { leaves.add(value.expression) } }
    for sum in plan.sums { leaves.add(sum) }
    for key in plan.columns {
      switch key.value {
      case .text(let column): leaves.addText(column)
      case .number(let expression): leaves.add(expression)
      }
    }
    for name in leaves.columnNames + (keep?.columnNames ?? []) { try check(name) }
    for leaf in leaves.all + (keep.map { Leaves.of($0) } ?? []) {
      if case .column(let name) = leaf { try checkNumber(name) }
    }
    var selected: [String] = []
    for (leaf, alias) in zip(leaves.all, leaves.aliases) {
      selected.append("\(read(leaf)) AS \(alias)")
    }
    for (column, alias) in zip(leaves.texts, leaves.textAliases) {
      selected.append("\(readText(column)) AS \(alias)")
    }
    if selected.isEmpty { selected = ["1 AS one"] }
    var sql = "SELECT \(selected.joined(separator: ", ")) FROM \(from(source))"
    if let keep {
      var direct = ExpressionWriter(dialect: dialect, leaves: Leaves())
      direct.readLeaf = { self.read($0) }
      sql += " WHERE \(direct.predicate(keep))"
    }
    let writer = ExpressionWriter(dialect: dialect, leaves: leaves)
    var nested = "(\(sql)\(fenced ? dialect.fence : "")) s0"
    for (depth, level) in plan.levels.enumerated() {
      let values = level.values.map {
        "\(writer.text($0.expression)) AS \(dialect.quoted("v_" + $0.name))"
      }
      let passed =
        leaves.aliases(of: level.passed)
        + level.passed.names.sorted().map { dialect.quoted("v_" + $0) }
      nested =
        "(SELECT \((passed + values).joined(separator: ", ")) FROM \(nested)"
        + "\(fenced ? dialect.fence : "")) s\(depth + 1)"
    }
    return (nested, writer, plan)
  }

  private func from(_ source: EngineSource) -> String {
    switch source {
    case .named(let name): dialect.source(name)
    case .temporary(let name): dialect.temporary(name)
    }
  }

  private func check(_ name: String) throws(SiblingError) {
    guard types[name] == nil else { return }
    throw SiblingError(
      .unknownColumn, "the source has no column '\(name)'",
      help: "its columns are: " + types.keys.sorted().prefix(30).joined(separator: ", "),
      suggestion: nearestName(to: name, among: types.keys.sorted()), column: name)
  }

  private func checkNumber(_ name: String) throws(SiblingError) {
    guard types[name] == .text || types[name] == .other else { return }
    throw SiblingError(
      .wrongType,
      "column '\(name)' is \(types[name] == .text ? "text" : "of a type") where a number is needed",
      help: "compare it with a value, or use it as a factor", column: name)
  }

  /// A column's number where the source is read.
  func read(_ leaf: RowExpression) -> String {
    switch leaf {
    case .column(let name):
      let column = dialect.quoted(name)
      switch types[name] {
      case .boolean:
        return
          "CASE WHEN \(column) THEN \(dialect.literal(1)) WHEN NOT \(column) THEN \(dialect.literal(0)) END"
      case .date: return "CAST(\(dialect.days(column)) AS \(dialect.doubleType))"
      case .number:
        return "NULLIF(CAST(\(column) AS \(dialect.doubleType)), \(notANumber))"
      default: return "CAST(\(column) AS \(dialect.doubleType))"
      }
    case .level(let level, let name):
      let text = readText(name)
      return
        "CASE WHEN \(text) = \(dialect.literal(level)) THEN \(dialect.literal(1))"
        + " WHEN \(text) IS NOT NULL THEN \(dialect.literal(0)) END"
    case .isAbsent(let name):
      let column = types[name] == .text ? dialect.exact(dialect.quoted(name)) : dialect.quoted(name)
      let absent =
        types[name] == .number
        ? "\(column) IS NULL OR CAST(\(column) AS \(dialect.doubleType)) = \(notANumber)"
        : types[name] == .text ? "\(column) IS NULL OR \(column) = ''" : "\(column) IS NULL"
      return
        "CASE WHEN \(absent) THEN \(dialect.literal(1)) ELSE \(dialect.literal(0)) END"
    default: return "NULL"
    }
  }

  private var notANumber: String { "CAST('NaN' AS \(dialect.doubleType))" }

  /// A column in its written form; text that is empty is missing, as in a data file.
  func readText(_ name: String) -> String {
    let column = dialect.quoted(name)
    switch types[name] {
    case .text: return "NULLIF(\(dialect.exact(column)), '')"
    case .number: return dialect.written(column)
    case .boolean:
      return "CASE WHEN \(column) THEN 'TRUE' WHEN NOT \(column) THEN 'FALSE' END"
    default: return "CAST(\(column) AS \(dialect.textType))"
    }
  }
}

/// The leaves of a query's expressions, each read once.
struct Leaves {
  private(set) var all: [RowExpression] = []
  private(set) var texts: [String] = []
  private var place: [RowExpression: Int] = [:]
  private var textPlace: [String: Int] = [:]

  var aliases: [String] { all.indices.map { "l\($0)" } }
  var textAliases: [String] { texts.indices.map { "t\($0)" } }
  var columnNames: [String] { all.flatMap(\.columnNames) + texts }

  static func of(_ expression: RowExpression) -> [RowExpression] {
    var leaves = Leaves()
    leaves.add(expression)
    return leaves.all
  }

  mutating func add(_ expression: RowExpression) {
    switch expression {
    case .column, .level, .isAbsent:
      guard place[expression] == nil else { return }
      place[expression] = all.count
      all.append(expression)
    default: for part in expression.parts { add(part) }
    }
  }

  mutating func addText(_ column: String) {
    guard textPlace[column] == nil else { return }
    textPlace[column] = texts.count
    texts.append(column)
  }

  func alias(_ leaf: RowExpression) -> String? { place[leaf].map { "l\($0)" } }

  func alias(text column: String) -> String? { textPlace[column].map { "t\($0)" } }

  /// The aliases of what is needed, in order.
  func aliases(of needs: LayerPlan.Needs) -> [String] {
    zip(all, aliases).filter { needs.leaves.contains($0.0) }.map(\.1)
      + zip(texts, textAliases).filter { needs.texts.contains($0.0) }.map(\.1)
  }
}
