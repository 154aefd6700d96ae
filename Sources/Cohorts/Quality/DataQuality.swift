internal import LinearAlgebra
internal import Statistics
public import Tables

/// How complete and plausible the tables of a study are: counts, missing values, ranges, heaps and
/// everything that breaks a rule.
public struct DataQuality: Sendable {
  /// The tables that are there, in the order of the schema.
  public let tables: [TableQuality]
  /// Values of people's tables that are missing, by arm.
  public let missing: [MissingCount]
  /// Values that occur oftener than they would by themselves.
  public let heaps: [Heap]
  /// What breaks a rule.
  public let violations: [DataViolations]

  /// The quality of tables by their names in the schema; `validation` has what breaks a rule where
  /// that is known already.
  public init(_ tables: [String: Table], validation: CohortValidation? = nil) {
    var checked: [String: CheckedTable] = [:]
    for schema in Schema.tables { checked[schema.name] = CheckedTable(tables, schema) }
    self.tables = Schema.tables.compactMap { checked[$0.name] }.map { TableQuality($0) }
    missing = MissingCount.counts(checked)
    heaps = Heap.all(checked)
    violations = (validation ?? CohortValidation(tables)).violations
  }

  /// The quality of a cohort's tables.
  public init(_ cohort: Cohort) { self.init(cohort.tables) }
}

extension Cohort {
  /// Every table by its name in the schema.
  public var tables: [String: Table] {
    var tables = others
    tables["clients"] = clients.table
    tables["sites"] = sites?.table
    tables["jobs"] = jobs?.table
    return tables
  }
}

/// A table's rows and columns in numbers.
public struct TableQuality: Sendable, Equatable {
  /// The table of the schema.
  public let name: String
  /// The number of rows.
  public let rows: Int
  /// The columns of the schema that are there, in its order.
  public let columns: [ColumnQuality]
  /// The columns of the file that the schema does not have.
  public let others: [String]

  init(_ checked: CheckedTable) {
    name = checked.name
    rows = checked.count
    columns = checked.schema.fields.compactMap { field in
      checked.table[field.name].map { ColumnQuality(field, $0, checked) }
    }
    let known = Set(checked.schema.names + checked.schema.reasonNames)
    others = checked.table.names.filter { !known.contains($0) }
  }
}

/// A column in numbers.
public struct ColumnQuality: Sendable, Equatable {
  /// The name in the schema.
  public let name: String
  /// The number of missing values.
  public let missing: Int
  /// The least and greatest value of dates and numbers, as text; these are cells of the data.
  public let range: [String]
  /// How often each reason for a missing value is given, in the schema's order; those that occur.
  public let reasons: [(reason: String, count: Int)]

  init(_ field: SchemaField, _ column: Column, _ checked: CheckedTable) {
    name = field.name
    missing = column.missingRows().count
    switch field.kind {
    case .date:
      let days = (checked.dates(field.name) ?? []).lazy.filter { $0 != missingDay }
      range = [days.min(), days.max()].compactMap { $0 }.map { CivilDate(days: $0).isoText }
    case .integer, .number:
      let numbers = (checked.numbers(field.name) ?? []).lazy.filter { !$0.isNaN }
      range = [numbers.min(), numbers.max()].compactMap { $0 }.map {
        Int(exactly: $0).map(String.init) ?? "\($0)"
      }
    default: range = []
    }
    var counts = [Int](repeating: 0, count: SchemaField.reasons.count)
    if let name = field.reasonName,
      let codes = checked.codes(name, among: SchemaField.reasons)
    {
      for code in codes where code >= 0 { counts[Int(code)] += 1 }
    }
    reasons = zip(SchemaField.reasons, counts).filter { $0.1 > 0 }.map { ($0, $1) }
  }

  /// Whether two columns have the same numbers.
  public static func == (a: ColumnQuality, b: ColumnQuality) -> Bool {
    a.name == b.name && a.missing == b.missing && a.range == b.range
      && a.reasons.map(\.reason) == b.reasons.map(\.reason)
      && a.reasons.map(\.count) == b.reasons.map(\.count)
  }
}

/// How many values of a column are missing in one arm.
public struct MissingCount: Sendable, Equatable {
  /// The table: clients or jobs.
  public let table: String
  /// The column.
  public let column: String
  /// The arm's name in the schema; `unknown` for rows whose arm is not known.
  public let arm: String
  /// The rows of the arm.
  public let rows: Int
  /// Those without a value.
  public let missing: Int

  /// The counts of all columns of the schema in the tables of people.
  static func counts(_ tables: [String: CheckedTable]) -> [MissingCount] {
    guard let clients = tables["clients"] else { return [] }
    let ofClient = arms(clients, tables["sites"])
    var result = counts(clients, ofClient)
    if let jobs = tables["jobs"], let links = PersonLinks(clients) {
      let owners = JobChecks(jobs, links).client
      result += counts(jobs, owners.map { $0 < 0 ? 2 : ofClient[$0] })
    }
    return result
  }

  /// The arm of each client, 2 where unknown: the site's where there is a table of sites.
  static func arms(_ clients: CheckedTable, _ sites: CheckedTable?) -> [Int] {
    let names = SiteArm.allCases.map(\.rawValue)
    if let sites, let known = sites.factor("site_id"), let arm = sites.codes("arm", among: names),
      let own = clients.factor("site_id")
    {
      var ofSite = [Int](repeating: 2, count: known.levels.count)
      for (row, code) in known.codes.enumerated() where code >= 0 && arm[row] >= 0 {
        ofSite[Int(code)] = Int(arm[row])
      }
      return own.codes(in: known).map { $0 < 0 ? 2 : ofSite[Int($0)] }
    }
    return clients.codes("arm", among: names)?.map { $0 < 0 ? 2 : Int($0) }
      ?? [Int](repeating: 2, count: clients.count)
  }

  private static func counts(_ checked: CheckedTable, _ arms: [Int]) -> [MissingCount] {
    let names = SiteArm.allCases.map(\.rawValue) + ["unknown"]
    var rows = [Int](repeating: 0, count: names.count)
    for arm in arms { rows[arm] += 1 }
    let sizes = rows
    let fields = checked.schema.fields
    return Parallel.mapBlocks(fields.count) { place -> [MissingCount] in
      guard let column = checked.table[fields[place].name] else { return [] }
      var missing = [Int](repeating: 0, count: names.count)
      column.forEachMissing { missing[arms[$0]] += 1 }
      return names.indices.filter { sizes[$0] > 0 }.map {
        MissingCount(
          table: checked.name, column: fields[place].name, arm: names[$0], rows: sizes[$0],
          missing: missing[$0])
      }
    }.flatMap { $0 }
  }
}
