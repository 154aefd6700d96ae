internal import Cohorts
internal import Reporting
internal import Statistics
internal import Tables

/// How complete and plausible the data are: missing values by arm, heaps, and what breaks a rule.
enum DataQualitySection: CohortSection {
  static let showsEffects = false

  /// A share of missing values from which a column is shown in the report.
  private static let notable = 0.05

  static func check(_ study: StudyFile) throws(SiblingError) {}

  static func run(_ run: CohortRun, _ tables: inout StudyTables) throws(SiblingError) {
    guard let cohort = run.cohort else { return }
    let quality = DataQuality(cohort)
    var missing = ResultTable.dataQuality
    for count in quality.missing {
      let share = Double(count.missing) / Double(max(1, count.rows))
      try missing.append([
        "table": .text(count.table), "column": .text(count.column), "arm": .text(count.arm),
        "n": Cell(count.rows), "missing": Cell(count.missing), "share_missing": Cell(share),
        "notable": .flag(share >= notable), "present": Cell(count.rows - count.missing),
      ])
    }
    var heaps = ResultTable.dataHeaps
    for heap in quality.heaps {
      try heaps.append([
        "table": .text(heap.table), "column": .text(heap.column), "values": .text(heap.what),
        "n": Cell(heap.total), "heaped": Cell(heap.count),
        "share": Cell((heap.share * 1000).rounded() / 1000),
        "expected": Cell(heap.expected), "others": Cell(heap.total - heap.count),
      ])
    }
    var findings = ResultTable.dataFindings
    for kind in quality.violations {
      try findings.append([
        "rule": .text(kind.rule.rawValue), "severity": .text(kind.severity.rawValue),
        "table": .text(kind.table), "column": .text(kind.column), "finding": .text(kind.message),
        "rows": Cell(kind.count),
      ])
    }
    tables.cohort += [missing, heaps, findings]
  }

  static func compose(_ report: inout Report) throws(SiblingError) {
    guard report.context.table("data_quality") != nil else { return }
    report.section("Data quality")
    report.document.paragraph(
      "The tables were checked against the rules of the schema before anything was estimated. Nothing was found that can't be right; what follows is possible, and worth knowing."
    )
    if let findings = report.context.table("data_findings") {
      report.document.table(
        findings, caption: "What was found, by rule.",
        columns: [
          .init("table", "Table"), .init("finding", "What was found"),
          .init("rows", "Rows", .decimals(0)),
        ])
    } else {
      report.document.paragraph("No rule gave a warning.")
    }
    if let heaps = report.context.table("data_heaps") {
      report.document.table(
        heaps,
        caption:
          "Round values. Far more than expected means that days or hours were often recorded as “about”.",
        columns: [
          .init("column", "Column"), .init("values", "Values"),
          .init("share", "Share", .percent(1)), .init("expected", "Expected", .percent(1)),
        ])
    }
    if let rows = report.context.rows("data_quality", where: ["notable": true]) {
      report.document.table(
        rows, caption: "Columns in which at least one row in twenty of an arm has no value.",
        columns: [
          .init("table", "Table"), .init("column", "Column"),
          .init(
            "arm", "Arm", names: ["sib": "SIB", "non_sib": "not SIB", "unknown": "not known"]),
          .init("n", "Rows", .decimals(0)), .init("share_missing", "Missing", .percent(1)),
        ])
      report.document.paragraph(
        "A value that is missing for good reason, such as the exit of somebody still in the service, is among them."
      )
    }
    report.document.paragraph(
      "[results/data_quality.csv](results/data_quality.csv) has every column of clients and jobs, by arm."
    )
  }
}
