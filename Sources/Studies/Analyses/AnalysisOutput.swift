internal import Reporting
public import Statistics
public import Tables

/// The rows that a verb prints, and what the reader must know about them.
public struct AnalysisOutput: Sendable {
  /// The columns, in the order of the command-line contract.
  public var columns: [Column]
  /// Notes for standard error: dropped rows, dropped terms, conventions, warnings.
  public var notes: [String]

  /// Numbers of people behind each row that are not printed, for disclosure control.
  var people: [String: [Int]] = [:]
  /// Names of columns that count people, besides those that the contract names.
  var counts: Set<String> = []
  /// The sums that tie counts to each other, for disclosure control.
  var sums: [ResultTable.Sum] = []
  /// The counts that are withheld together, if one of them is.
  var blocks: [ResultTable.BlockRule] = []
  /// Names of columns of numbers that say which row it is.
  var labels: Set<String> = []
  /// Names of columns, otherwise labels, that hold the time of some person.
  var timesOfPeople: Set<String> = []
  /// Names of columns of text that are made from withheld numbers and vanish with them.
  var derivedTexts: Set<String> = []
  /// Names of columns of pounds, which people read with two decimals.
  var money: Set<String> = []
  /// Whether each row is a person.
  var hasRowsOfPeople = false
  /// Tables that the command line writes to files of their own.
  var files: [SideFile] = []

  /// An output.
  public init(columns: [Column], notes: [String] = []) {
    self.columns = columns
    self.notes = notes
  }
}

extension Column {
  /// A column of numbers; nil is missing.
  static func numbers(_ name: String, _ values: [Double?]) -> Column {
    Column(name: name, values: .doubles(values.map { $0 ?? .nan }))
  }

  /// A column of whole numbers; nil is missing.
  static func integers(_ name: String, _ values: [Int?]) -> Column {
    Column(name: name, values: .integers(values.map { $0 ?? .min }))
  }

  /// A column of texts; nil is missing.
  static func texts(_ name: String, _ values: [String?]) -> Column {
    Column(name: name, values: .text(Factor(values)))
  }
}

extension AnalysisOutput {
  /// An output every row of which rests on the same numbers of people.
  init(columns: [Column], notes: [String], observations: Int, events: Int? = nil) {
    self.init(columns: columns, notes: notes)
    let rows = columns.first?.count ?? 0
    people["observations"] = [Int](repeating: observations, count: rows)
    if let events { people["events"] = [Int](repeating: events, count: rows) }
  }
}

extension EstimateTable {
  /// The estimate rows of the command-line contract.
  ///
  /// With `exponentiate` estimates and limits are exponentiated; standard errors stay on the log
  /// scale.
  func columns(exponentiate: Bool = false) -> [Column] {
    func shown(_ value: Double?) -> Double? {
      exponentiate ? value.map { _exponential($0) } : value
    }
    return [
      .texts("term", rows.map(\.term)),
      .numbers("estimate", rows.map { shown($0.estimate) }),
      .numbers("std.error", rows.map(\.standardError)),
      .numbers("statistic", rows.map(\.statistic)),
      .numbers("df", rows.map(\.degreesOfFreedom)),
      .numbers("p.value", rows.map(\.pValue)),
      .numbers("conf.low", rows.map { shown($0.interval?.low) }),
      .numbers("conf.high", rows.map { shown($0.interval?.high) }),
    ]
  }
}

extension AnalysisOutput {
  /// The rows as text.
  ///
  /// - Throws: `internalError` when columns differ in length.
  public func rendered(as format: OutputFormat) throws(SiblingError) -> String {
    let style: TableWriter.Format =
      switch format {
      case .csv: .csv
      case .json: .json
      case .md: .md
      case .table: .table
      }
    let numbers: TableWriter.NumberFormat = format == .table ? .significant(7) : .shortest
    let shown = format == .csv || format == .json ? columns : columns.map { inPence($0) }
    return try TableWriter(style, numbers: numbers).text(shown)
  }

  /// A column of money as text with two decimals, points below each other; any other as it is.
  private func inPence(_ column: Column) -> Column {
    guard money.contains(column.name), case .doubles(let values) = column.values else {
      return column
    }
    let texts = values.map { $0.isNaN ? "" : NumberText.fixed($0, decimals: 2) }
    let width = max(column.name.count, texts.map(\.count).max() ?? 0)
    return .texts(
      column.name,
      texts.map { text in
        text.isEmpty ? nil : String(repeating: " ", count: width - text.count) + text
      })
  }

  /// Writes text to a file that appears whole or not at all.
  ///
  /// - Throws: `writeFailure`.
  public static func write(_ text: String, to path: String) throws(SiblingError) {
    try AtomicFile.write(text, to: path)
  }
}
