public import Statistics

/// A long table of results: one statistic a column, one result a row, and for each column what it
/// is, so that disclosure control can act on it.
///
/// The name is the stem of the file in `results/`. The label columns together identify a row; the
/// row key made of them is what claims and the disclosure log point to.
public struct ResultTable: Sendable, Equatable, Codable {
  /// The stem of the file: `estimates` becomes `results/estimates.csv`.
  public let name: String
  /// What the table holds, in a sentence, for the data package.
  public let summary: String
  /// The columns in file order.
  public let columns: [Column]
  /// The sums that tie counts to each other; none may give a suppressed count away.
  public let sums: [Sum]
  /// How a curve in the table is held, when it has one.
  public let curve: CurveRule?
  /// The residual degrees of freedom that the statistics rest on, when a column has them.
  public let residual: ResidualRule?
  /// How a table of running counts is held, when it has them.
  public let hold: HoldRule?
  /// The counts that are withheld together, if one of them is.
  public let blocks: [BlockRule]
  /// Whether every row is one person: such a table is released whole or without rows.
  public let hasRowsOfPeople: Bool
  /// The rows; each has one cell a column.
  public internal(set) var rows: [[Cell]]
  /// What the table's counts have to do with those of other tables of the run.
  public private(set) var links: [CountLink]
  /// Whether disclosure control merged or withheld steps of a curve in the table.
  var isHeld = false
  /// How disclosure control rounded the counts, in a sentence without numerals; nil when it did not.
  public internal(set) var roundingNote: String?
  /// How a curve's counts were rounded, where they were otherwise than the counts of other tables.
  var curveRounding: CountRounding?
  /// The sums that a few contributors may dominate.
  public var dominance: [DominanceRule] = []
  private let index: [String: Int]

  /// An empty table with its columns.
  ///
  /// - Throws: `duplicateColumn` when a name occurs twice, `unknownColumn` when a role, sum or rule
  ///   names a column that is not there.
  public init(
    name: String, summary: String, columns: [Column], sums: [Sum] = [], curve: CurveRule? = nil,
    residual: ResidualRule? = nil, hold: HoldRule? = nil, blocks: [BlockRule] = [],
    hasRowsOfPeople: Bool = false
  ) throws(SiblingError) {
    self.init(
      unchecked: name, summary: summary, columns: columns, sums: sums, curve: curve,
      residual: residual, hold: hold, blocks: blocks, hasRowsOfPeople: hasRowsOfPeople)
    guard index.count == columns.count else {
      throw SiblingError(.duplicateColumn, "the result table '\(name)' has a column twice")
    }
    var named = sums.flatMap(\.columnNames) + (curve?.columnNames ?? [])
    named += hold?.columnNames ?? []
    named += blocks.flatMap(\.columnNames)
    for column in columns {
      // A sum over rows names labels, and counts of other tables are never named.
      named += (column.remaking?.rules ?? []).flatMap(\.columns)
    }
    named += [residual?.column, residual?.unless].compactMap { $0 }
    for column in columns {
      if case .derived(let counts) = column.role { named += counts }
    }
    for column in named where index[column] == nil {
      throw SiblingError(
        .unknownColumn, "a rule of the result table '\(name)' names an absent column",
        suggestion: nearestName(to: column, among: columns.map(\.name)), column: column)
    }
  }

  /// A table whose declaration is known to be sound: the standard schemas, which tests check.
  init(
    unchecked name: String, summary: String, columns: [Column], sums: [Sum] = [],
    curve: CurveRule? = nil, residual: ResidualRule? = nil, hold: HoldRule? = nil,
    blocks: [BlockRule] = [], hasRowsOfPeople: Bool = false
  ) {
    self.name = name
    self.summary = summary
    self.columns = columns
    self.sums = sums
    self.curve = curve
    self.residual = residual
    self.hold = hold
    self.blocks = blocks
    self.hasRowsOfPeople = hasRowsOfPeople
    links = CountLink.standard[name] ?? []
    rows = []
    index = Dictionary(
      columns.enumerated().map { ($0.element.name, $0.offset) }, uniquingKeysWith: { a, _ in a })
  }

  /// Adds a row; columns that are not named are missing.
  ///
  /// - Throws: `unknownColumn` for a name that the table does not have, `wrongType` for text in a
  ///   column of numbers or a number in a column of text.
  public mutating func append(_ row: [String: Cell]) throws(SiblingError) {
    var cells = [Cell](repeating: .missing, count: columns.count)
    for name in row.keys.sorted() {
      guard let position = index[name], let cell = row[name] else {
        throw SiblingError(
          .unknownColumn, "the result table '\(self.name)' has no column '\(name)'",
          suggestion: nearestName(to: name, among: columns.map(\.name)), column: name)
      }
      guard columns[position].accepts(cell) else {
        throw SiblingError(
          .wrongType,
          "the column '\(name)' of the result table '\(self.name)' holds "
            + "\(columns[position].type.rawValue) values", column: name)
      }
      cells[position] = cell
    }
    rows.append(cells)
  }

  /// The table with further links of its counts to those of other tables.
  ///
  /// - Throws: `unknownColumn` when a link names a column that is not there.
  public func linked(_ further: [CountLink]) throws(SiblingError) -> ResultTable {
    for column in further.flatMap(\.columnNames) where index[column] == nil {
      throw SiblingError(
        .unknownColumn, "a link of the result table '\(name)' names an absent column",
        suggestion: nearestName(to: column, among: columns.map(\.name)), column: column)
    }
    var table = self
    table.links += further
    return table
  }

  /// Adds rows; see `append(_:)`.
  ///
  /// - Throws: as `append(_:)` does.
  public mutating func append(rows: [[String: Cell]]) throws(SiblingError) {
    for row in rows { try append(row) }
  }

  /// Adds the rows of a table with the same columns.
  ///
  /// - Throws: `internalError` when the columns differ.
  public mutating func append(rowsOf other: ResultTable) throws(SiblingError) {
    guard other.columns == columns else {
      throw SiblingError(.internalError, "rows of other columns can't be added to '\(name)'")
    }
    rows += other.rows
  }

  /// The position of a column, or nil.
  public func position(of column: String) -> Int? { index[column] }

  /// The cell of a row (from zero) and a column; missing where there is no such cell.
  public subscript(row: Int, column: String) -> Cell {
    guard let position = index[column], rows.indices.contains(row) else { return .missing }
    return rows[row][position]
  }

  /// What identifies a row: its labels that are not missing, as `name=value; name=value`.
  public func key(ofRow row: Int) -> String {
    var parts: [String] = []
    for (position, column) in columns.enumerated() where column.role == .label {
      let cell = rows[row][position]
      if cell != .missing { parts.append("\(column.name)=\(cell.plainText)") }
    }
    return parts.joined(separator: "; ")
  }

  /// The path of the table's file below the output directory.
  public var path: String { "results/\(name).csv" }
}

extension ResultTable {
  /// The sum rules over a table's counts.
  public enum Sum: Sendable, Equatable, Codable {
    /// In each row one count is the sum of others: before = excluded + after.
    case inRow(whole: String, parts: [String])
    /// Among rows whose other labels agree, the row with `label` = `total` is the sum of the rest.
    case overRows(label: String, total: String)
    /// A count's sum over the rows that agree in `within` is known from elsewhere.
    case partition(count: String, within: [String])
    /// A count is the next row's other count, among rows that agree in `within`.
    case chain(from: String, to: String, within: [String])

    var columnNames: [String] {
      switch self {
      case .inRow(let whole, let parts): [whole] + parts
      case .overRows(let label, _): [label]
      case .partition(let count, let within): [count] + within
      case .chain(let from, let to, let within): [from, to] + within
      }
    }
  }

  /// A curve in a table: which columns tell the arm, the time, those at risk and those who leave.
  public struct CurveRule: Sendable, Equatable, Codable {
    /// The labels that tell curves apart.
    public var arms: [String]
    /// The time.
    public var time: String
    /// The count at risk just before the time.
    public var atRisk: String
    /// The counts that leave at the time: events, censorings.
    public var leaving: [String]

    /// The statistics that rounded counts make again: survival, its error and its limits; the first
    /// of `leaving` counts the events.
    public var statistics: [String]

    /// A curve rule.
    public init(
      arms: [String], time: String, atRisk: String, leaving: [String], statistics: [String] = []
    ) {
      self.arms = arms
      self.time = time
      self.atRisk = atRisk
      self.leaving = leaving
      self.statistics = statistics
    }

    var columnNames: [String] { arms + [time, atRisk] + leaving + statistics }
  }

  /// Counts that are withheld together: sums elsewhere would tell one of them from the others.
  public struct BlockRule: Sendable, Equatable, Codable {
    /// The counts.
    public var columns: [String]
    /// What the rows of one block agree in; nothing where all rows are one block.
    public var within: [String]

    /// A block rule.
    public init(_ columns: [String], within: [String] = []) {
      self.columns = columns
      self.within = within
    }

    var columnNames: [String] { columns + within }
  }

  /// A sum of money or time, and what its two greatest contributors gave to it.
  public struct DominanceRule: Sendable, Equatable, Codable {
    /// The sum.
    public var total: String
    /// The greatest contribution, and the next.
    public var first, second: String
    /// Other sums of the same contributors that would give it away.
    public var together: [String]

    /// A rule of dominance.
    public init(total: String, first: String, second: String, together: [String] = []) {
      self.total = total
      self.first = first
      self.second = second
      self.together = together
    }
  }

  /// Where a table has residual degrees of freedom.
  public struct ResidualRule: Sendable, Equatable, Codable {
    /// The column of degrees of freedom.
    public var column: String
    /// A column whose presence in a row means that they count clusters, not people.
    public var unless: String?

    /// A residual rule.
    public init(column: String, unless: String? = nil) {
      self.column = column
      self.unless = unless
    }
  }
}
