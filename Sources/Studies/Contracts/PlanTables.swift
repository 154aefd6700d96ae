internal import Cohorts
internal import Contracts
internal import Reporting
internal import Statistics
internal import Tables

/// The result tables of outcomes against the cohort's targets by period.
enum PlanTables {
  /// Sets the cohort's targets against its counts and adds the tables; without `rates` sites are not set
  /// beside each other.
  ///
  /// - Throws: what is wrong with a table, located.
  static func fill(
    _ study: StudyFile, _ node: StudyNode, _ cohort: Cohort, _ rates: SiteRates?,
    _ tables: inout StudyTables
  ) throws(SiblingError) {
    guard let targets = cohort.others["targets"], let contracts = cohort.others["contracts"] else {
      return
    }
    let plans = try PlanSource.plans(targets, scenario: node["case"]?.text ?? "median")
    let sites = try PlanSource.sites(contracts)
    let periods = cohort.others["site_periods"]
    let takesPeriods = periods != nil && node["counts"]?.text != "records"
    let records = try recorded(cohort, plans, sites.contracts, targets)
    let counts =
      if let periods, takesPeriods {
        try PlanSource.reached(periods, sites: sites.contracts)
      } else {
        records
      }
    let outcomes = PlannedOutcomes(level: study.level)
    let found = try outcomes.compare(plans, counts)
    var notes = found.anomalies.filter { $0.rule != .reachedWithoutPlan }.map(\.sentence)
    if found.totals.contains(where: { $0.reachedOutside > 0 }) {
      notes.append(
        "outcomes of quarters without a target enter no ratio; the column 'Reached without target' has their number"
      )
    }
    if takesPeriods {
      notes += differences(found, try outcomes.compare(plans, records))
    } else {
      notes.append("counts are made from the clients' and jobs' records")
    }
    let cohorts = try kinds(cohort)
    let projects = SiteRates.projects(found, sites: sites.sites, cohorts: cohorts)
    if Set(projects.map(\.cohort)).count > 1 {
      notes.append("the rows of all contracts together mix services for different clients")
    }
    tables.cohortNotes["performance_quarters"] = notes.distinct
    tables.performance = try performance(found, sites.sites, cohorts)
    try FlowWords.add(
      [
        try quarters(found, sites.sites), try totals(found, sites.sites),
        try conversions(found, sites.sites),
      ], study, note: "performance_quarters", to: &tables)
    if let rates { try SiteRateTables.fill(study, rates, projects, &tables) }
  }

  /// The kind of clients of each site.
  private static func kinds(_ cohort: Cohort) throws(SiblingError) -> [String: String] {
    guard let sites = cohort.sites, sites.table["cohort"] != nil else { return [:] }
    let kinds = try sites.table.strings("cohort")
    var result: [String: String] = [:]
    for (site, kind) in zip(sites.ids, kinds) { result[site] = kind }
    return result
  }

  /// The counts that the clients' and jobs' records give, with the weeks that tariffs ask for.
  private static func recorded(
    _ cohort: Cohort, _ plans: PlannedTargets, _ contracts: [String: String], _ targets: Table
  ) throws(SiblingError) -> ReachedOutcomes {
    var weeks: [String: Double] = [:]
    if let tariffs = cohort.others["tariffs"], tariffs["duration_weeks"] != nil {
      let ids = try PerformanceFiles.required(tariffs, "contract_id")
      let stages = try PerformanceFiles.required(tariffs, "outcome")
      let durations = try tariffs.doubles("duration_weeks")
      for row in ids.indices
      where stages[row] == OutcomeStage.sustained.rawValue && durations[row] > 0 {
        // Where an outcome is paid in steps, the first of them counts as sustained.
        weeks[ids[row]] = min(weeks[ids[row]] ?? durations[row], durations[row])
      }
    }
    var first: [String: PlanPeriod] = [:]
    for target in try PlanSource.targets(targets) {
      guard let known = first[target.contract] else {
        first[target.contract] = target.period
        continue
      }
      if target.period.lastDay < known.lastDay { first[target.contract] = target.period }
    }
    return try RecordedOutcomes(cohort: cohort, contracts: contracts, weeks: weeks)
      .counts(from: first)
  }

  /// Where sites' periods and clients' records count differently, in words.
  private static func differences(_ periods: PlanComparison, _ records: PlanComparison) -> [String]
  {
    var notes: [String] = []
    for (one, other) in zip(periods.totals, records.totals) where one.contract != "all" {
      guard one.latest.reached != other.latest.reached,
        one.latest.quarters == other.latest.quarters
      else { continue }
      notes.append(
        "\(one.contract): the site's periods count \(one.latest.reached) for"
          + " \(PerformanceTables.label(one.stage, .any).lowercased()), the records"
          + " \(other.latest.reached)")
    }
    if notes.isEmpty {
      notes.append("the sites' periods and the records of clients and jobs give the same totals")
    }
    return notes
  }

  private static func site(_ contract: String, _ sites: [String: String]) -> Cell {
    .text(contract == "all" ? "All contracts" : sites[contract] ?? contract)
  }

  private static func performance(
    _ found: PlanComparison, _ sites: [String: String], _ cohorts: [String: String]
  ) throws(SiblingError) -> ResultTable {
    var table = try PerformanceTables.targets()
    for row in found.totals where row.latest.quarters > 0 {
      let isAll = row.contract == "all"
      let ratio = row.latest.ratio
      try table.append([
        "contract": .text(row.contract),
        "cohort": .text(isAll ? "all" : sites[row.contract].flatMap { cohorts[$0] } ?? ""),
        "site": site(row.contract, sites),
        "outcome": .text(PerformanceTables.label(row.stage, .any)),
        "scope": .text(isAll ? Performance.Scope.acrossProjects.rawValue : "counted"),
        "target": .number(row.latest.planned), "actual": Cell(row.latest.reached),
        "difference": .number(Double(row.latest.reached) - row.latest.planned),
        "ratio": Cell(ratio?.estimate), "conf.low": Cell(ratio?.interval?.low),
        "conf.high": Cell(ratio?.interval?.high), "p.value": Cell(ratio?.pValue),
      ])
    }
    return table
  }

  private static func quarters(
    _ found: PlanComparison, _ sites: [String: String]
  ) throws(SiblingError) -> ResultTable {
    var table = ResultTable.performanceQuarters
    for row in found.quarters {
      let (own, sum) = (row.own, row.cumulative)
      let before = sum.reached.flatMap { all in own.reached.map { all - $0 } }
      try table.append([
        "contract": .text(row.contract), "site": site(row.contract, sites),
        "outcome": .text(PerformanceTables.label(row.stage, .any)),
        "period": .text(row.quarter.description),
        "plan_version": row.version.isEmpty ? nil : .text(row.version),
        "original": Cell(own.original), "latest": Cell(own.latest), "actual": Cell(own.reached),
        "actual.low": Cell(own.interval?.low), "actual.high": Cell(own.interval?.high),
        "ratio_original": Cell(own.toOriginal?.estimate), "ratio": Cell(own.toLatest?.estimate),
        "conf.low": Cell(own.toLatest?.interval?.low),
        "conf.high": Cell(own.toLatest?.interval?.high), "p.value": Cell(own.toLatest?.pValue),
        "cumulative_original": Cell(sum.original), "cumulative_latest": Cell(sum.latest),
        "cumulative_before": Cell(before), "cumulative_actual": Cell(sum.reached),
        "cumulative_actual.low": Cell(sum.interval?.low),
        "cumulative_actual.high": Cell(sum.interval?.high),
        "cumulative_ratio": Cell(sum.toLatest?.estimate),
        "cumulative.low": Cell(sum.toLatest?.interval?.low),
        "cumulative.high": Cell(sum.toLatest?.interval?.high),
      ])
    }
    return table
  }

  private static func totals(
    _ found: PlanComparison, _ sites: [String: String]
  ) throws(SiblingError) -> ResultTable {
    var table = ResultTable.performancePlans
    for row in found.totals {
      var cells: [String: Cell] = [
        "contract": .text(row.contract), "site": site(row.contract, sites),
        "outcome": .text(PerformanceTables.label(row.stage, .any)),
        "from": .text(row.first.description), "to": .text(row.last.description),
        "revised": .flag(row.isRevised), "outside": Cell(row.reachedOutside),
      ]
      for (name, plan) in [("original", row.original), ("latest", row.latest)] {
        cells["quarters_\(name)"] = Cell(plan.quarters)
        cells[name] = .number(plan.planned)
        cells["actual_\(name)"] = plan.quarters > 0 ? Cell(plan.reached) : nil
        cells["ratio_\(name)"] = Cell(plan.ratio?.estimate)
        cells["\(name).low"] = Cell(plan.ratio?.interval?.low)
        cells["\(name).high"] = Cell(plan.ratio?.interval?.high)
        cells["\(name).p"] = Cell(plan.ratio?.pValue)
        cells["\(name)_whole"] = .number(plan.whole)
      }
      try table.append(cells)
    }
    return table
  }

  private static func conversions(
    _ found: PlanComparison, _ sites: [String: String]
  ) throws(SiblingError) -> ResultTable {
    var table = ResultTable.performanceConversions
    for row in found.conversions {
      try table.append([
        "contract": .text(row.contract), "site": site(row.contract, sites),
        "from": .text(PerformanceTables.label(row.from, .any)),
        "to": .text(PerformanceTables.label(row.to, .any)), "denominator": Cell(row.denominator),
        "numerator": Cell(row.numerator), "planned": Cell(row.planned),
        "rate": Cell(row.rate?.estimate), "conf.low": Cell(row.rate?.interval?.low),
        "conf.high": Cell(row.rate?.interval?.high), "p.value": Cell(row.rate?.pValue),
        "refusal": Cell(row.refusal),
      ])
    }
    return table
  }
}
