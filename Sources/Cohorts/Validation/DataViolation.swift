public import Statistics

/// A place in the data that breaks a rule.
///
/// The message never quotes a cell; the cell is kept apart, so that it can be masked.
public struct DataViolation: Sendable, Equatable {
  /// The rule.
  public let rule: DataRule
  /// The table of the schema.
  public let table: String
  /// The column concerned.
  public let column: String
  /// The row, from zero; nil where the whole table is meant.
  public let row: Int?
  /// What is wrong, in one sentence.
  public let message: String
  /// What to do about it.
  public let help: String
  /// The value of the schema that may have been meant.
  public let suggestion: String?
  /// Where it stands.
  public let location: SiblingError.Location?
  /// What the cell holds; nil where even its shape says too much.
  public let cell: String?

  /// The violation as an error of the house, with the table named in the message.
  public var error: SiblingError {
    SiblingError(
      rule.code, "\(table): \(message)", help: help, suggestion: suggestion, location: location,
      row: row, column: column, cell: cell)
  }
}

/// All places of one table and column that break a rule in the same way.
public struct DataViolations: Sendable, Equatable {
  /// The rule.
  public let rule: DataRule
  /// The table of the schema.
  public let table: String
  /// The column concerned.
  public let column: String
  /// What is wrong, in one sentence.
  public let message: String
  /// The number of rows concerned; of sites for the rules about counts of sites.
  public let count: Int
  /// The first of them in file order, at most ``limit``.
  public let first: [DataViolation]

  /// The most places that are kept of one kind.
  public static let limit = 20

  /// Whether a run stops at them.
  public var severity: DataRule.Severity { rule.severity }
}

/// Rows that break a rule: how many there are, and the first of them.
struct RowList {
  private(set) var count = 0
  private(set) var first: [Int] = []

  init() {}

  init(_ rows: some Sequence<Int>) {
    for row in rows { add(row) }
  }

  mutating func add(_ row: Int) {
    count += 1
    if first.count < DataViolations.limit { first.append(row) }
  }
}

/// What a check found, before it is put into words and located.
struct Finding {
  var rule: DataRule
  var table: String
  var column: String
  var other = ""
  var rows: RowList
  var suggestion: (@Sendable (Int) -> String?)?

  /// A finding in some rows; nil when there are none.
  init?(
    _ rule: DataRule, _ table: String, _ column: String, other: String = "", _ rows: RowList,
    suggestion: (@Sendable (Int) -> String?)? = nil
  ) {
    guard rows.count > 0 else { return nil }
    (self.rule, self.table, self.column, self.other) = (rule, table, column, other)
    (self.rows, self.suggestion) = (rows, suggestion)
  }

  /// A finding about a table as a whole.
  init(_ rule: DataRule, _ table: String, wholeTable column: String) {
    (self.rule, self.table, self.column) = (rule, table, column)
    rows = RowList()
  }
}
