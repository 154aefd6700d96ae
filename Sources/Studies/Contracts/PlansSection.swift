internal import Cohorts
internal import Contracts
internal import Reporting
internal import Statistics
internal import Tables

/// Outcomes expected and reached by quarter, against original and revised targets, and sites beside each other.
enum PlansSection: ContractSection {
  static func check(_ study: StudyFile) throws(SiblingError) {
    guard let node = study.node["performance"] else { return }
    guard let from = node["from"] else {
      guard node["targets"] != nil else {
        throw SiblingError(
          .missingKey, "'performance' needs targets",
          help: "name a file, 'targets: FILE', or say 'from: tables'", location: node.location)
      }
      for key in ["case", "counts"] {
        guard let option = node[key] else { continue }
        throw SiblingError(
          .badValue, "'\(key)' goes with 'from: tables' only", location: option.location)
      }
      return
    }
    guard node["targets"] == nil else {
      throw SiblingError(
        .badValue, "targets come from the tables or from a file, not from both",
        help: "leave out 'from' or 'targets'", location: from.location)
    }
    let tables = study.node["data"]?["tables"]
    for name in ["targets", "contracts"] where tables?[name] == nil {
      throw SiblingError(
        .missingKey, "performance from tables needs the table '\(name)'",
        help: "name it under 'data: tables:'", location: from.location)
    }
    if node["counts"]?.text == "periods", tables?["site_periods"] == nil {
      throw SiblingError(
        .missingKey, "counts by period need the table 'site_periods'",
        help: "name it under 'data: tables:', or say 'counts: records'",
        location: node["counts"]?.location)
    }
  }

  static func run(_ run: inout ContractRun, _ tables: inout StudyTables) throws(SiblingError) {
    guard let node = run.study.node["performance"] else { return }
    var projects = PerformanceFiles.Projects()
    if let name = node["projects"]?.text {
      projects = try PerformanceFiles.projects(try run.read(name))
    }
    let rates = SiteRates(level: run.study.level, seed: run.study.seed)
    if node["from"] != nil {
      guard let cohort = run.cohort else { return }
      // Of the outcomes of all sites an effect could be had by subtraction.
      try PlanTables.fill(run.study, node, cohort, run.isWithheld ? nil : rates, &tables)
      return
    }
    guard let name = node["targets"]?.text else { return }
    let file = try run.read(name)
    let counts = try PerformanceFiles.counts(file, projects)
    try SiteRateTables.fill(run.study, rates, SiteRates.projects(counts), &tables)
    guard let payments = node["payments"]?.text else { return }
    let reconciled = try QuarterlyPayments().reconcile(
      try PerformanceFiles.payments(try run.read(payments)), maxima: projects.maxima)
    let rows = try PaymentPerOutcome().divide(
      counts, by: reconciled, investments: projects.investments)
    try fill(rows, reconciled, try PerformanceFiles.months(file), run.study, &tables)
  }

  private static func fill(
    _ rows: [PaymentPerOutcome.Row], _ payments: PaymentReconciliation,
    _ months: [String: (from: String, to: String)], _ study: StudyFile,
    _ tables: inout StudyTables
  ) throws(SiblingError) {
    var table = ResultTable.paymentPerOutcome
    for row in rows {
      let total = payments.totals.first { $0.project == row.project }
      try table.append([
        "contract": .text(row.project), "cohort": .text(row.cohort),
        "site": .text(PerformanceTables.siteName(row.site, cohort: row.cohort)),
        "outcome": .text(PerformanceTables.label(row.stage, .any)), "target": Cell(row.target),
        "achieved": Cell(row.achieved), "paid": .number(row.paid.pounds),
        "paid_per_outcome": Cell(row.paidPerAchieved?.pounds),
        "maximum": Cell(row.maximum?.pounds),
        "maximum_per_target": Cell(row.maximumPerTarget?.pounds),
        "share_of_maximum": Cell(row.shareOfMaximum), "investment": Cell(row.investment?.pounds),
        "paid_over_investment": Cell(row.timesInvestment),
        "outcomes_from": Cell(months[row.project]?.from),
        "outcomes_to": Cell(months[row.project]?.to),
        "paid_to": Cell(row.project == "all" ? nil : total?.asOf?.description), "currency": "GBP",
        "remark": Cell(row.remark),
      ])
    }
    try FlowWords.add([table], study, note: "payment_per_outcome", to: &tables)
  }
}
