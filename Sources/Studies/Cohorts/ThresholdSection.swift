internal import Cohorts
internal import Contracts
internal import Reporting
internal import Statistics
internal import Tables

/// Whether jobs end just after the length that a contract pays for.
enum ThresholdSection: CohortSection {
  static let showsEffects = true

  static func check(_ study: StudyFile) throws(SiblingError) {
    guard let node = study.node["payment-threshold"] else { return }
    let (weeks, width) = (number(node, "weeks") ?? 0, number(node, "width") ?? 2)
    guard width > 0, weeks >= width else {
      throw SiblingError(
        .badValue,
        "a payment threshold needs a width above zero and at least that much time before",
        location: node.location)
    }
  }

  private static func number(_ node: StudyNode, _ key: String) -> Double? {
    node[key]?.text.flatMap { Double($0) }
  }

  static func run(_ run: CohortRun, _ tables: inout StudyTables) throws(SiblingError) {
    guard let node = run.study.node["payment-threshold"] else { return }
    let lengths = try run.table.doubles(node["length"]?.text ?? "first_job_weeks")
    let name = node["ended"]?.text ?? "first_job_lost"
    let ends = try run.table.doubles(name)
    let known = lengths.indices.filter { !lengths[$0].isNaN && !ends[$0].isNaN }
    if let row = known.first(where: { ends[$0] != 0 && ends[$0] != 1 }) {
      throw SiblingError(
        .badCell, "'\(name)' says whether a job ended, and holds something other than 0 and 1",
        location: run.table.location(row: row, column: name), column: name)
    }
    let audit = ThresholdHazard(
      threshold: number(node, "weeks") ?? 13, width: number(node, "width") ?? 2,
      level: run.study.level)
    let arms = try run.study.arms(run.table)
    let found: ThresholdHazard.Result
    do throws(SiblingError) {
      found = try audit.fit(
        weeks: known.map { lengths[$0] }, ended: known.map { ends[$0] == 1 },
        arms: arms.selecting(known))
    } catch {
      throw run.table.locating(error, rows: known)
    }
    var table = ResultTable.thresholdHazard
    for arm in found.arms where arm.jobs > 0 {
      let high = arm.interval.flatMap { $0.high.isFinite ? $0.high : nil }
      try table.append([
        "arm": .text(arm.name), "threshold": .number(audit.threshold),
        "width": .number(audit.width), "jobs": Cell(arm.jobs), "ends_after": Cell(arm.endsAfter),
        "ends_around": Cell(arm.endsAround), "ratio": Cell(arm.ratio),
        "conf.low": Cell(arm.interval?.low), "conf.high": Cell(high),
        "p.value": Cell(arm.excessPValue), "detectable_ratio": Cell(arm.detectableRatio),
      ])
    }
    tables.cohort.append(table)
  }

  static func compose(_ report: inout Report) throws(SiblingError) {
    guard let rows = report.context.table("threshold_hazard") else { return }
    report.section("Jobs at the payment threshold")
    let weeks = try rows.cell(row: 0, "threshold")
    let width = try rows.cell(row: 0, "width")
    report.document.paragraph(
      "A contract that pays for a job of \(weeks, .significant(3)) weeks gives a reason to hold a job until then, and none to hold it longer. If that happened, jobs would end more often in the \(width, .significant(3)) weeks right after than just before and a little later."
    )
    for row in rows.value.rows.indices {
      let arm = report.context.armNames[rows.value[row, "arm"].plainText] ?? "Everybody"
      let ratio = try rows.cell(row: row, "ratio")
      let low = try rows.cell(row: row, "conf.low")
      let high = try rows.cell(row: row, "conf.high")
      let least = try rows.cell(row: row, "detectable_ratio")
      guard let lower = low.number, ratio.number != nil else {
        report.document.paragraph("**\(arm)**: too few jobs ended in those weeks to say.")
        continue
      }
      let reading: Prose =
        lower > 1
        ? "jobs ended more often right after the threshold; this can be gaming, and can be chance or a habit of contracts of that length, so look at the other arm"
        : "no excess can be told from chance"
      let top: Prose = high.number == nil ? "no upper limit" : "\(high, .significant(3))"
      report.document.paragraph(
        "**\(arm)**: the rate of job ends right after was between \(low, .significant(3)) and \(top) times that around it; \(reading). The smallest ratio that so many jobs would have shown four times out of five is \(least, .significant(3))."
      )
    }
    report.document.table(
      rows, caption: "Job ends around the payment threshold.",
      columns: [
        .init("arm", "Arm", names: report.context.armNames), .init("jobs", "Jobs", .integer),
        .init("ends_after", "Ends right after", .integer),
        .init("ends_around", "Ends around", .integer),
        .init("ratio", "Ratio of rates", .significant(3)), .interval("Interval", .significant(3)),
        .init("p.value", "p (excess)", .pValue),
      ])
  }
}
