internal import Statistics

/// A table that was written earlier, read back with what its columns are to disclosure control.
public struct PublishedTable: Sendable {
  /// The file below the folder.
  public let path: String
  /// The table, its withheld cells `.suppressed`.
  let table: ResultTable

  /// A table read back; its name is the stem of its path.
  ///
  /// Sums that name columns which are not there are left out. `rounding` is the name of a curve's own
  /// rounding.
  public init(
    path: String, columns: [ResultTable.Column], sums: [ResultTable.Sum], hasRowsOfPeople: Bool,
    rounding: String? = nil, rows: [[ResultTable.Cell]]
  ) {
    self.path = path
    let name = path.split(separator: "/").last.map { $0.split(separator: ".").first ?? $0 }
    let known = Set(columns.map(\.name))
    var table = ResultTable(
      unchecked: name.map(String.init) ?? path, summary: "", columns: columns,
      sums: sums.filter { known.isSuperset(of: $0.columnNames) },
      hasRowsOfPeople: hasRowsOfPeople)
    table.rows = rows.filter { $0.count == columns.count }
    if rounding == CountRounding.midpoint(6).name { table.curveRounding = .midpoint(6) }
    self.table = table
  }

  /// The counts that a shown one can stand for.
  func possible(shown count: Double, under profile: DisclosureProfile) -> ClosedRange<Double> {
    guard let rounding = table.curveRounding else {
      return profile.reading.possible(shown: count)
    }
    // What a curve shows are differences of rounded numbers.
    return max(0, count - Double(rounding.step))...(count + Double(rounding.step))
  }

  /// The key of every row.
  public var keys: [String] { table.rows.indices.map { table.key(ofRow: $0) } }

  /// The columns.
  public var columns: [ResultTable.Column] { table.columns }

  /// The rows.
  public var rows: [[ResultTable.Cell]] { table.rows }
}

/// Something that a check of written tables found.
public struct DisclosureFinding: Sendable, Equatable {
  /// How bad it is.
  public enum Status: String, Sendable, Comparable {
    /// As it should be.
    case pass
    /// Somebody must look at it.
    case review
    /// It must not be released.
    case fail

    /// From harmless to bad.
    public static func < (a: Status, b: Status) -> Bool {
      let order: [Status] = [.pass, .review, .fail]
      return (order.firstIndex(of: a) ?? 0) < (order.firstIndex(of: b) ?? 0)
    }
  }

  /// What was checked.
  public var check: String
  /// The file.
  public var file: String
  /// The key of the row; empty for the whole file.
  public var rowKey: String
  /// The column; empty for all.
  public var column: String
  /// How bad it is.
  public var status: Status
  /// What was found, in words.
  public var finding: String

  /// A finding.
  public init(
    _ check: String, _ file: String, row: String = "", column: String = "", _ status: Status,
    _ finding: String
  ) {
    self.check = check
    self.file = file
    rowKey = row
    self.column = column
    self.status = status
    self.finding = finding
  }
}
