internal import Contracts
internal import Reporting
internal import Statistics
internal import Tables

/// Achievements against contract targets, and payments against plans.
struct PerformancePhase {
  let study: StudyFile
  /// The inputs read, for the manifest.
  private(set) var inputs: [Manifest.Input] = []
  /// What in the figures can't be right, as published.
  private(set) var anomalies: [DataAnomaly] = []
  /// The names of projects by identifier.
  private(set) var names: [String: String] = [:]
  /// The month up to which payments are reported.
  private(set) var asOf: String?

  init(_ study: StudyFile) { self.study = study }

  /// Reads the files and fills the performance and payments tables.
  ///
  /// - Throws: what is wrong with a file, located.
  mutating func run(_ tables: inout StudyTables) throws(SiblingError) {
    guard let node = study.node["performance"] else { return }
    var projects = PerformanceFiles.Projects()
    if let table = try read(node, "projects") { projects = try PerformanceFiles.projects(table) }
    names = projects.names
    try targets(node, projects, &tables)
    if node["payments"] != nil { try payments(node, projects.maxima, &tables) }
  }

  private mutating func read(_ node: StudyNode, _ key: String) throws(SiblingError) -> Table? {
    guard let name = node[key]?.text else { return nil }
    let path = study.resolve(name)
    let table = try TableFile.read(path: path)
    inputs.append(try StudyData.input(name, path: path))
    return table
  }

  private mutating func targets(
    _ node: StudyNode, _ projects: PerformanceFiles.Projects, _ tables: inout StudyTables
  ) throws(SiblingError) {
    guard let table = try read(node, "targets") else { return }
    let counts = try PerformanceFiles.counts(table, projects)
    for count in counts { names[count.project] = names[count.project] ?? count.site }
    let performance: Performance
    do {
      performance = try PerformanceAgainstTargets(level: study.level).compare(counts)
    } catch {
      throw table.locating(error)
    }
    anomalies += performance.anomalies
    try fill(performance, &tables)
  }

  private func fill(
    _ performance: Performance, _ tables: inout StudyTables
  ) throws(SiblingError) {
    var result = try PerformanceTables.targets()
    for row in performance.rows + performance.totals {
      let note = performance.anomalies.first {
        $0.project == row.project && $0.subject.contains(row.stage.rawValue)
          && row.scope == .published
      }
      try result.append([
        "contract": .text(row.project), "cohort": .text(row.cohort),
        "site": .text(PerformanceTables.siteName(row.site, cohort: row.cohort)),
        "outcome": .text(PerformanceTables.label(row.stage, row.band)),
        "scope": .text(row.scope.rawValue),
        "target": Cell(row.target), "actual": Cell(row.achieved),
        "difference": Cell(row.difference), "ratio": Cell(row.ratio?.estimate),
        "conf.low": Cell(row.ratio?.interval?.low), "conf.high": Cell(row.ratio?.interval?.high),
        "p.value": Cell(row.ratio?.pValue), "note": Cell(note?.sentence),
      ])
    }
    tables.performance = result
    var rates = try PerformanceTables.conversions()
    for row in performance.conversions where row.basis == .achieved {
      try rates.append([
        "contract": .text(row.project), "cohort": .text(row.cohort),
        "site": .text(PerformanceTables.siteName(row.site, cohort: row.cohort)),
        "from": .text(PerformanceTables.label(row.from, .any)),
        "to": .text(PerformanceTables.label(row.to, .any)),
        "denominator": Cell(row.denominator),
        "numerator": Cell(row.numerator), "rate": Cell(row.rate?.estimate),
        "conf.low": Cell(row.rate?.interval?.low), "conf.high": Cell(row.rate?.interval?.high),
        "refusal": Cell(row.refusal?.sentence),
      ])
    }
    tables.conversions = rates
  }

  private mutating func payments(
    _ node: StudyNode, _ maxima: [ContractMaximum], _ tables: inout StudyTables
  ) throws(SiblingError) {
    guard let table = try read(node, "payments") else { return }
    let rows = try PerformanceFiles.payments(table)
    let reconciliation: PaymentReconciliation
    do {
      reconciliation = try QuarterlyPayments().reconcile(rows, maxima: maxima)
    } catch {
      throw table.locating(error)
    }
    anomalies += reconciliation.anomalies
    asOf = reconciliation.asOf?.description
    try fill(reconciliation, &tables)
  }

  private func fill(
    _ reconciliation: PaymentReconciliation, _ tables: inout StudyTables
  ) throws(SiblingError) {
    for row in reconciliation.quarters {
      try tables.payments.append([
        "contract": .text(row.project), "quarter_end": .text(row.quarter.description),
        "first_plan": Cell(row.firstPlan?.pounds), "latest_plan": Cell(row.latestPlan?.pounds),
        "actual": Cell(row.actual?.pounds),
        "actual_less_first_plan": Cell(row.actualMinusFirstPlan?.pounds),
        "actual_less_latest_plan": Cell(row.actualMinusLatestPlan?.pounds),
        "first_plan_total": Cell(row.cumulativeFirstPlan?.pounds),
        "latest_plan_total": Cell(row.cumulativeLatestPlan?.pounds),
        "actual_total": Cell(row.cumulativeActual?.pounds), "currency": "GBP",
      ])
    }
    var totals = try PerformanceTables.paymentTotals()
    for row in reconciliation.totals {
      try totals.append([
        "contract": .text(row.project),
        "site": .text(PerformanceTables.siteName(row.site, cohort: "")),
        "first_plan": .number(row.firstPlan.pounds),
        "first_plan_to_date": Cell(row.firstPlanToDate?.pounds),
        "latest_plan_to_date": Cell(row.latestPlanToDate?.pounds),
        "actual": .number(row.actual.pounds), "maximum": Cell(row.maximum?.pounds),
        "share_of_maximum": Cell(row.shareOfMaximum),
        "share_of_first_plan_to_date": Cell(row.shareOfFirstPlanToDate),
        "quarters_reported": .number(Double(row.quartersReported)),
        "as_of": Cell(row.asOf?.description), "currency": "GBP",
      ])
    }
    tables.paymentTotals = totals
  }
}
