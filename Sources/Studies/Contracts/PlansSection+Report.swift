internal import Reporting
internal import Statistics

// What the report says of plans by quarter, of services beside each other and of payments by outcome.

extension PlansSection {
  static func compose(_ report: inout Report) throws(SiblingError) {
    try quarters(&report)
    try rates(&report)
    try perOutcome(&report)
  }

  /// Lines for the first page: payments above a maximum, and counts that can't be right.
  static func warnings(_ report: Report) -> [Prose] {
    var items: [Prose] = []
    if let totals = report.context.table("payment_totals") {
      for row in totals.value.rows.indices
      where totals.value[row, "contract"] != "all"
        && (totals.value[row, "share_of_maximum"].number ?? 0) > 1
      {
        guard let paid = try? totals.cell(row: row, "actual"),
          let most = try? totals.cell(row: row, "maximum")
        else { continue }
        items.append(
          "**WARN**, payments: \(paid, .pounds()) was paid to \(totals.value[row, "site"].plainText), more than its contract's maximum of \(most, .pounds())."
        )
      }
    }
    if let rates = report.context.table("conversions") {
      let refused = rates.value.rows.indices.filter {
        rates.value[$0, "contract"] != "all"
          && rates.value[$0, "refusal"].text?.contains("can't count the same clients") == true
      }
      for site in refused.map({ rates.value[$0, "site"].plainText }).distinct {
        items.append(
          "**WARN**, counts: the stages of \(site) are not nested, so they can't count the same clients once each; see the anomalies."
        )
      }
    }
    return items
  }

  private static func quarters(_ report: inout Report) throws(SiblingError) {
    guard let rows = report.context.table("performance_quarters"),
      let totals = report.context.table("performance_plans")
    else { return }
    report.document.heading(3, "By quarter, against the original and the latest plan")
    report.document.paragraph(
      "The original plan is the first version of the targets, the latest one the last version that states a quarter. Plans are taken as fixed and counts as Poisson (Garwood's exact interval). A quarter without a count is not taken as zero."
    )
    let isRevised = totals.value.cells("revised").contains(.flag(true))
    if !isRevised {
      report.document.paragraph("No target was revised: both plans are the same.")
    }
    for outcome in rows.value.cells("outcome").compactMap(\.text).distinct {
      try figure(&report, rows.rows(where: ["outcome": .text(outcome)]), totals, outcome)
    }
    let plan: [Document.TableColumn] = [
      .init("site", "Contract"), .init("outcome", "Outcome"),
      .init("original", "Original plan to date", .decimals(1)),
      .interval("Reached / original", low: "original.low", high: "original.high", .percent()),
      .init("latest", "Latest plan to date", .decimals(1)),
      .init("actual_latest", "Reached", .integer),
      .interval("Reached / latest", low: "latest.low", high: "latest.high", .percent()),
      .init("latest.p", "p", .pValue), .init("outside", "Reached without target", .integer),
    ]
    report.document.table(
      totals, caption: "Outcomes to date against both plans, over the quarters that have both.",
      columns: plan)
    if let conversions = report.context.table("performance_conversions") {
      report.document.table(
        conversions,
        caption:
          "Conversion in the same quarters; sustained jobs of a quarter began in an earlier one.",
        columns: [
          .init("site", "Contract"), .init("from", "From"), .init("to", "To"),
          .init("numerator", "Reached", .integer), .init("denominator", "Of", .integer),
          .init("planned", "Planned", .percent()), .interval("95% interval", .percent()),
          .init("p.value", "p", .pValue), .init("refusal", "Why not"),
        ])
    }
    report.document.list(
      FlowWords.items(report.context.cohortNotes["performance_quarters"], report.context))
  }

  private static func figure(
    _ report: inout Report, _ rows: Released<ResultTable>, _ totals: Released<ResultTable>,
    _ outcome: String
  ) throws(SiblingError) {
    // One contract has no row of all contracts.
    var match: [String: Cell] = ["outcome": .text(outcome), "contract": "all"]
    if totals.value.firstRow(where: match) == nil { match["contract"] = nil }
    let ratio = try totals.cell("ratio_latest", where: match)
    let low = try totals.cell("latest.low", where: match)
    let high = try totals.cell("latest.high", where: match)
    let actual = try totals.cell("actual_latest", where: match)
    let planned = try totals.cell("latest", where: match)
    let name = outcome.lowercased().split(separator: " ").joined(separator: "_")
    var title: Prose = "\(markdown: outcome): expected and reached"
    if ratio.number != nil {
      title = "\(markdown: outcome): \(ratio, .percent()) of the latest plan so far"
    }
    try report.figure(
      ExpectedActualChart(title: title, subtitle: Prose(plain: report.context.placeAndPeriod))
        .figure(rows, name: "expected_actual_\(name)"),
      caption:
        "\(markdown: outcome) by quarter and added up: reached with exact intervals, plans dashed.")
    guard let lower = low.number, let upper = high.number else { return }
    let reading: Prose =
      upper < 1
      ? "fewer than planned, by more than chance in the count alone would explain"
      : lower > 1
        ? "more than planned, by more than chance in the count alone would explain"
        : "the interval includes the plan, so this is inconclusive"
    report.document.paragraph(
      "**\(markdown: outcome)**: between \(low, .percent()) and \(high, .percent()) of the latest plan to date (\(actual, .integer) reached, \(planned, .decimals(1)) expected): \(reading)."
    )
  }

  private static let measures = [
    "job_start/engagement": "Job starts, of engagements",
    "sustained/job_start": "Sustained jobs, of job starts",
    "sustained/engagement": "Sustained jobs, of engagements",
    "engagement/target": "Engagements, of target", "job_start/target": "Job starts, of target",
    "sustained/target": "Sustained jobs, of target",
  ]

  private static func rates(_ report: inout Report) throws(SiblingError) {
    guard let rows = report.context.table("site_rates"),
      let limits = report.context.table("site_rate_limits"),
      let tests = report.context.table("rate_heterogeneity")
    else { return }
    report.document.heading(3, "Services beside each other")
    report.document.paragraph(
      "Funnel plots: a service with the overall rate would fall within the 95% limits nineteen times out of twenty, and within the 99.8% limits 998 times out of a thousand, by chance. A service outside is one to look at; clients and places differ between services, so it says nothing of why. Tests of whether they differ stand in [results/rate\\_heterogeneity.csv](results/rate_heterogeneity.csv). With few services the limits are made of little, and each service is a part of the rate that it is held against."
    )
    let cohorts = rows.value.cells("cohort").map(\.plainText).distinct
    for cohort in cohorts {
      for (isTarget, name, axis) in [
        (false, "site_rates", "Number at the earlier stage"), (true, "site_targets", "Target"),
      ] {
        let own = rows.value.rows.indices.filter {
          rows.value[$0, "cohort"].plainText == cohort
            && rows.value[$0, "measure"].plainText.hasSuffix("/target") == isTarget
        }
        guard !own.isEmpty else { continue }
        let shown = rows.rows(at: own)
        let curves = limits.rows(
          at: limits.value.rows.indices.filter {
            limits.value[$0, "cohort"].plainText == cohort
              && limits.value[$0, "measure"].plainText.hasSuffix("/target") == isTarget
          })
        guard !curves.value.rows.isEmpty else { continue }
        try report.figure(
          SiteFunnelChart(
            title: title(shown.value, tests.value),
            subtitle: Prose(plain: report.context.placeAndPeriod),
            names: measures.merging(report.context.projectNames) { own, _ in own }, axis: axis
          ).figure(
            shown, limits: curves, name: cohorts.count > 1 ? "\(name)_\(cohort)" : name),
          caption: isTarget
            ? "Achieved over target by service, with control limits around the overall ratio; “95%, wider” are limits widened by how far the services spread beyond chance."
            : "Conversion rates by service, with control limits around the overall rate; “95%, wider” are limits widened by how far the services spread beyond chance."
        )
      }
    }
    for row in tests.value.rows.indices {
      report.document.paragraph(try sentence(tests, row))
    }
    report.document.list(
      FlowWords.items(report.context.cohortNotes["site_rates"], report.context))
  }

  /// What the plot shows, by the exact limits.
  private static func title(_ rows: ResultTable, _ tests: ResultTable) -> Prose {
    let positions = rows.cells("position").map(\.plainText)
    if positions.contains(where: { $0.hasSuffix("99.8%") }) {
      return "Some services lie outside 99.8% limits of chance"
    }
    let (measures, cohorts) = (Set(rows.cells("measure")), Set(rows.cells("cohort")))
    let differ = tests.rows.indices.contains { row in
      measures.contains(tests[row, "measure"]) && cohorts.contains(tests[row, "cohort"])
        && (tests[row, "p.value"].number ?? 1) < 0.05
    }
    // Limits for one service at a time don't say that all together are alike.
    return differ || positions.contains(where: { $0.hasSuffix("95%") })
      ? "Rates of services beside limits of chance"
      : "All services lie within 95% limits of chance"
  }

  private static func sentence(
    _ tests: Released<ResultTable>, _ row: Int
  ) throws(SiblingError) -> Prose {
    let measure = tests.value[row, "measure"].plainText
    let sites = try tests.cell(row: row, "n_sites")
    let rate = try tests.cell(row: row, "rate")
    let phi = try tests.cell(row: row, "phi")
    let phiLow = try tests.cell(row: row, "phi.low")
    let phiHigh = try tests.cell(row: row, "phi.high")
    var text: Prose =
      "**\(markdown: measures[measure] ?? measure)**: \(rate, .percent(1)) over \(sites, .integer) services; the overdispersion φ is \(phi, .significant(3)), and without winsorising it could be anything from \(phiLow, .significant(3)) to \(phiHigh, .significant(3))."
    let p = try tests.cell(row: row, "p.value")
    guard let value = p.number else { return text }
    let low = try tests.cell(row: row, "mean.low")
    let high = try tests.cell(row: row, "mean.high")
    let share = try tests.cell(row: row, "i2")
    text =
      "\(text) Differences between the services are \(FlowWords.chance(value)) (p \(value < 0.001 ? "" : "= ")\(p, .pValue), Pearson); \(share, .percent()) of them is not chance by I². The mean rate of such services is between \(low, .percent(1)) and \(high, .percent(1))"
    let from = try tests.cell(row: row, "prediction.low")
    let to = try tests.cell(row: row, "prediction.high")
    guard from.number != nil else { return "\(text)." }
    return
      "\(text), and that of another such service between \(from, .percent(1)) and \(to, .percent(1)) (95% prediction interval)."
  }

  private static func perOutcome(_ report: inout Report) throws(SiblingError) {
    guard let rows = report.context.table("payment_per_outcome") else { return }
    report.document.heading(3, "Payments for each outcome")
    report.document.paragraph(
      "All outcome payments to date divided by the outcomes of each kind. **A payment is not a cost**: what services, their management and their investors cost is not published here, nor what was paid whatever was achieved. All outcomes are paid from the same sum, so the figures of one project do not add up. Outcomes and payments cover nearly the same months; the table says which."
    )
    report.document.table(
      rows,
      caption:
        "Paid to date for each outcome achieved, beside the maximum for each planned; share of the maximum paid, and payments over the investment.",
      columns: [
        .init("site", "Project"), .init("outcome", "Outcome"),
        .init("achieved", "Achieved", .integer), .init("paid", "Paid", .pounds()),
        .init("paid_per_outcome", "Paid for each", .pounds(2)),
        .init("maximum_per_target", "Maximum for each planned", .pounds(2)),
        .init("share_of_maximum", "Paid / maximum", .percent(1)),
        .init("paid_over_investment", "Paid / investment", .decimals(2)),
        .init("outcomes_to", "Outcomes to"), .init("paid_to", "Paid to"),
        .init("remark", "Remark"),
      ])
  }

  static func methods(_ report: Report) -> [Prose] {
    var items: [Prose] = []
    if report.context.table("performance_quarters") != nil {
      items.append(
        "**Plans by quarter.** A revision replaces the plan in the quarters that it states; a target set after its period had ended is refused. Reached over expected has Garwood's exact Poisson interval with the plan fixed."
      )
    }
    if report.context.table("site_rates") != nil {
      items.append(
        "**Services beside each other.** Funnel plots with exact binomial or Poisson control limits, interpolated between counts, and with limits widened by the winsorised overdispersion factor (Spiegelhalter 2005, doi:10.1002/sim.1970 and doi:10.1136/qshc.2005.013755). Between-service variance by DerSimonian and Laird (1986, doi:10.1016/0197-2456(86)90046-2) on the logit scale, mean by Hartung and Knapp (2001, doi:10.1002/sim.1009), prediction interval by Higgins, Thompson and Spiegelhalter (2009, doi:10.1111/j.1467-985X.2008.00552.x)."
      )
    }
    if report.context.table("payment_per_outcome") != nil {
      items.append(
        "**Payments for each outcome.** Payments to date over outcomes achieved, to the penny; projects whose counts are not nested are marked."
      )
    }
    return items
  }

  static func leftOut(_ report: Report) -> (section: Prose, input: Prose)? {
    guard report.context.study.node["performance"] != nil,
      report.context.table("performance_quarters") == nil
    else { return nil }
    return (
      "Outcomes by quarter against original and revised targets",
      "targets by period with their versions, contracts and counts as tables, and `performance: {from: tables}`"
    )
  }
}
