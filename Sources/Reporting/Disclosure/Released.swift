// `Released` and its only maker stand in one file: nothing else can call its fileprivate
// initialiser, so whatever a renderer is given has passed disclosure control.

public import Statistics

/// A value that has passed disclosure control; only `Disclosure` can make one.
///
/// It cannot be decoded, and there is no way to change the value inside and keep the wrapper.
public struct Released<Value: Sendable>: Sendable {
  /// What may be shown.
  public let value: Value

  fileprivate init(_ value: Value) { self.value = value }
}

/// One cell of a released table, with the place that a claim about it points to.
public struct ReleasedCell: Sendable, Equatable {
  /// The cell.
  public let cell: ResultTable.Cell
  /// The file below the output directory.
  public let file: String
  /// The key of its row.
  public let rowKey: String
  /// Its column.
  public let column: String

  /// The number, or nil when missing, withheld or not a number.
  public var number: Double? { cell.number }

  fileprivate init(cell: ResultTable.Cell, file: String, rowKey: String, column: String) {
    self.cell = cell
    self.file = file
    self.rowKey = rowKey
    self.column = column
  }
}

extension Released where Value == ResultTable {
  /// The cell of a row (from zero) and a column.
  ///
  /// - Throws: `internalError` when there is no such row or column.
  public func cell(row: Int, _ column: String) throws(SiblingError) -> ReleasedCell {
    guard value.rows.indices.contains(row), value.position(of: column) != nil else {
      throw SiblingError(
        .internalError, "the report asks for a cell that '\(value.path)' does not have",
        column: column)
    }
    return ReleasedCell(
      cell: value[row, column], file: value.path, rowKey: value.key(ofRow: row), column: column)
  }

  /// The cell of a column in the first row whose columns have the given values.
  ///
  /// - Throws: `internalError` when there is no such row or column.
  public func cell(
    _ column: String, where match: [String: ResultTable.Cell]
  ) throws(SiblingError) -> ReleasedCell {
    try cell(row: value.firstRow(where: match) ?? -1, column)
  }

  /// The released rows whose columns have the given values; the file and the row keys stay.
  public func rows(where match: [String: ResultTable.Cell]) -> Released<ResultTable> {
    Released(value.keeping(rows: value.rows.indices.filter { value.row($0, matches: match) }))
  }

  /// The released rows in another order, or some of them; the file and the row keys stay.
  public func rows(at positions: [Int]) -> Released<ResultTable> {
    Released(value.keeping(rows: positions.filter { value.rows.indices.contains($0) }))
  }
}

/// Disclosure control: the only way from a result to something that can be shown.
///
/// It keeps a log of every decision. Tables that are released together are protected from being
/// compared with each other; what was released earlier is for `sibling disclosure check --against`.
public struct Disclosure: Sendable {
  /// The rules.
  public let profile: DisclosureProfile
  /// What was withheld so far, by which rule.
  public private(set) var decisions: [Decision] = []

  /// Disclosure control under a profile.
  public init(profile: DisclosureProfile) { self.profile = profile }

  /// One thing that was withheld, held or rounded.
  public struct Decision: Sendable, Equatable {
    /// The file below the output directory.
    public let file: String
    /// The key of the row.
    public let rowKey: String
    /// The column, or `*` for the whole row.
    public let column: String
    /// The rule.
    public let rule: String
    /// What was done.
    public let action: String
  }

  /// Applies the profile to a table and releases what is left.
  ///
  /// A cell that fails a rule is withheld and logged; the run goes on.
  ///
  /// - Throws: `duplicateKey` when two rows have one key, `disclosure` when no safe suppression
  ///   exists.
  public mutating func release(_ table: ResultTable) throws(SiblingError) -> Released<ResultTable> {
    try release([table])[0]
  }

  /// Applies the profile to all tables of a run together and releases what is left of each, in order.
  ///
  /// - Throws: as `release(_:)` does.
  public mutating func release(
    _ tables: [ResultTable]
  ) throws(SiblingError) -> [Released<ResultTable>] {
    for table in tables { try table.requireDistinctKeys() }
    guard profile.minimumCount != nil else {
      return tables.map { Released($0.withoutHiddenColumns()) }
    }
    var controls: [TableControl] = []
    for table in tables {
      var control = TableControl(table: table, profile: profile)
      try control.run()
      controls.append(control)
    }
    try JointControl.protect(&controls, profile)
    for index in controls.indices { controls[index].finish() }
    decisions += controls.flatMap(\.decisions)
    return controls.map { Released($0.table.withoutHiddenColumns()) }
  }

  /// The log so far, as the table of `disclosure_log.csv`.
  public func releasedLog() -> Released<ResultTable> {
    var log = ResultTable(
      unchecked: "disclosure_log", summary: "What disclosure control withheld, by which rule.",
      columns: [
        .label("file", "The file"), .label("row_key", "The row"),
        .label("column", "The column; `*` is the whole row"), .label("rule", "The rule"),
        .text("action", "What was done"),
      ])
    log.rows = decisions.map {
      [.text($0.file), .text($0.rowKey), .text($0.column), .text($0.rule), .text($0.action)]
    }
    return Released(log)
  }
}
