public import Statistics
public import Tables

/// Everything in tables of the schema that breaks a rule.
///
/// Rules are checked on columns of codes and days, in time linear in the rows (people with several
/// rows are sorted among themselves). Counts and rules do not depend on the order of rows; the first
/// places stand in file order.
public struct CohortValidation: Sendable {
  /// What was found: errors first, in the order of the rules, then of tables and columns.
  public let violations: [DataViolations]

  /// Checks tables by their names in the schema; tables of other names are left alone.
  public init(_ tables: [String: Table]) {
    var checked: [String: CheckedTable] = [:]
    for schema in Schema.tables { checked[schema.name] = CheckedTable(tables, schema) }
    let all = checked
    let links = all["clients"].flatMap { PersonLinks($0) }
    var found = Schema.tables.compactMap { all[$0.name] }.flatMap {
      FieldChecks(checked: $0).findings()
    }
    found += JoinChecks(tables: all).findings()
    if let links { found += ClientChecks(links: links).findings() }
    if let jobs = all["jobs"] { found += JobChecks(jobs, links).findings() }
    found += MoneyChecks(tables: all).findings()
    if let claims = all["claims"] {
      found += ClaimChecks(claims: claims, links: links, jobs: all["jobs"]).findings()
    }
    violations = Self.sorted(found).compactMap { finding in
      all[finding.table].map { Self.located(finding, $0) }
    }
  }

  /// Whether anything stops a run.
  public var hasErrors: Bool { violations.contains { $0.severity == .error } }

  /// Those of a severity.
  public func violations(_ severity: DataRule.Severity) -> [DataViolations] {
    violations.filter { $0.severity == severity }
  }

  /// The first places that break rules as errors of the house, at most `limit` a kind, each kind's
  /// first with the number of places.
  public func errors(_ severity: DataRule.Severity, limit: Int) -> [SiblingError] {
    violations(severity).flatMap { kind in
      kind.first.prefix(max(1, limit)).enumerated().map { place, violation in
        var error = violation.error
        if place == 0, kind.count > 1 { error.message += " (\(kind.count) places)" }
        return error
      }
    }
  }

  private static func sorted(_ found: [Finding]) -> [Finding] {
    func rank(_ finding: Finding) -> [Int] {
      let table = Schema.tables.firstIndex { $0.name == finding.table } ?? 0
      let names = Schema.tables[table].names
      let column =
        names.firstIndex { $0 == finding.column || $0 + "_reason" == finding.column }
        ?? names.count
      return [
        finding.rule.severity == .error ? 0 : 1,
        DataRule.allCases.firstIndex(of: finding.rule) ?? 0, table, column,
      ]
    }
    return found.enumerated().map { (rank($0.element) + [$0.offset], $0.element) }
      .sorted { $0.0.lexicographicallyPrecedes($1.0) }.map(\.1)
  }

  private static func located(_ finding: Finding, _ checked: CheckedTable) -> DataViolations {
    let rule = finding.rule
    let field = checked.schema.field(finding.column)
    let message = rule.sentence(finding.column, finding.other)
    let help = rule.help(finding.column, finding.other, field)
    func violation(_ row: Int?) -> DataViolation {
      DataViolation(
        rule: rule, table: finding.table, column: finding.column, row: row, message: message,
        help: help, suggestion: row.flatMap { finding.suggestion?($0) },
        location: row.map { checked.table.location(row: $0, column: finding.column) }
          ?? checked.table.headerLocation(finding.column),
        cell: rule == .nationalIdentifier
          ? nil : row.flatMap { checked.table[finding.column]?.text($0) })
    }
    let isWhole = finding.rows.count == 0
    return DataViolations(
      rule: rule, table: finding.table, column: finding.column, message: message,
      count: isWhole ? 1 : finding.rows.count,
      first: isWhole ? [violation(nil)] : finding.rows.first.map { violation($0) })
  }
}
