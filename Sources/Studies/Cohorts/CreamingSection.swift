internal import Cohorts
internal import Reporting
internal import Statistics
internal import Tables

/// Whether a service took on people who were likely to find work anyway.
enum CreamingSection: CohortSection {
  static let showsEffects = false

  private static func analysis(_ study: StudyFile) throws(SiblingError) -> CreamingAnalysis {
    try CreamingAnalysis(
      FlowWords.options(
        study, "creaming",
        [.creamingCovariates, .creamingOutcome, .creamingReference, .creamingWindow]),
      own: FlowWords.definitions(study))
  }

  /// Whether the monitor that the study asks for raises its flag; false where it asks for none.
  ///
  /// - Throws: what is wrong with the covariates or the data, located.
  static func isFlagged(_ study: StudyFile, _ cohort: Cohort?) throws(SiblingError) -> Bool {
    guard study.node["creaming"] != nil, let cohort else { return false }
    return try analysis(study).fit(cohort, contracts: cohort.others["contracts"]).result.verdict
      == .flagged
  }

  static func check(_ study: StudyFile) throws(SiblingError) {
    try FlowWords.check(study, "creaming", "the creaming monitor needs the tables of a cohort") {
      () throws(SiblingError) in _ = try analysis(study)
    }
  }

  static func run(_ run: CohortRun, _ tables: inout StudyTables) throws(SiblingError) {
    guard let node = run.study.node["creaming"], let cohort = run.cohort else { return }
    let fit: CreamingAnalysis.Fit
    do throws(SiblingError) {
      fit = try analysis(run.study).fit(cohort, contracts: cohort.others["contracts"])
    } catch {
      throw error.location == nil ? error.located(node.location) : error
    }
    let result = fit.result
    var table = ResultTable.creaming
    for period in result.periods {
      var cells = cells(period.estimate, people: period.people, sites: period.sites)
      cells["term"] = "mean.index"
      cells["arm"] = .text(period.arm)
      cells["period"] = .text(period.quarter)
      try table.append(cells)
    }
    for term in result.terms {
      var cells = cells(term.estimate, people: term.people, sites: term.sites)
      cells["term"] = .text(term.estimate.term)
      cells["arm"] = .text(term.arm)
      cells["p.holm"] = Cell(term.adjusted)
      cells["signal"] = .flag(term.isSignal)
      cells["note"] = Cell(term.note)
      try table.append(cells)
    }
    try table.append([
      "term": "index.concordance", "arm": "reference", "estimate": Cell(result.concordance),
      "n": Cell(result.referenceCount),
    ])
    try table.append([
      "term": "verdict", "n": Cell(result.periods.reduce(0) { $0 + $1.people }),
      "verdict": .text(result.verdict.rawValue), "note": .text(result.reason),
    ])
    var acceptance = ResultTable.creamingAcceptance
    for fifth in result.acceptance {
      let share = fifth.accepted
      try acceptance.append([
        "arm": .text(fifth.arm), "fifth": Cell(fifth.fifth), "mean_index": Cell(fifth.meanIndex),
        "n": Cell(share.known), "n_accepted": Cell(share.yes),
        "n_declined": Cell(share.known - share.yes), "estimate": Cell(share.estimate),
        "conf.low": Cell(share.interval?.low), "conf.high": Cell(share.interval?.high),
      ])
    }
    tables.cohortNotes["creaming"] = fit.notes
    try FlowWords.add([table, acceptance], run.study, note: "creaming", to: &tables)
    tables.cohortNotes[launches] = fit.launches
  }

  /// The key of the quarters in which contracts began.
  private static let launches = "creaming launches"

  private static func cells(_ estimate: Estimate, people: Int, sites: Int) -> [String: Cell] {
    [
      "estimate": Cell(estimate.estimate), "std.error": Cell(estimate.standardError),
      "statistic": Cell(estimate.statistic), "df": Cell(estimate.degreesOfFreedom),
      "p.value": Cell(estimate.pValue), "conf.low": Cell(estimate.interval?.low),
      "conf.high": Cell(estimate.interval?.high), "n": Cell(people), "n_sites": Cell(sites),
    ]
  }

  /// What the tests are called.
  private static let termWords = [
    "level.difference": "Index of the accepted",
    "trend": "Change of the index of the accepted, a year",
    "trend.difference": "Change of the index of the accepted, a year",
    "acceptance.slope": "Acceptance, for 10 points more of the index",
    "acceptance.slope.difference": "Acceptance, for 10 points more of the index",
    "switch.change": "Change of the index where a contract begins",
    "switch.change.adjusted": "The same, against the comparison sites",
  ]

  static func compose(_ report: inout Report) throws(SiblingError) {
    guard let table = report.context.table("creaming"),
      let verdictRow = table.value.firstRow(where: ["term": "verdict"])
    else { return }
    let words = FlowWords(report.context.study)
    let node = report.context.study.node["creaming"]
    let outcome = words.verb(node?["outcome"]?.text ?? "job_start", "was")
    report.section("Were easier clients taken on?")
    let whose =
      node?["reference"]?.text == "before"
      ? "people accepted before a contract began" : "accepted clients of the comparison sites"
    report.document.paragraph(
      """
      Each person referred has an index: the chance, from what was known before acceptance \
      (`\(markdown: node?["covariates"]?.text ?? "")`), that somebody like them \(outcome) if they were \
      among the \(whose). Nobody's own \
      outcome is in their index. A service that takes on easier clients would accept people with a \
      higher index, ever more of them, or more of them once a contract begins.
      """)
    let verdict = try table.cell(row: verdictRow, "verdict")
    let reason = table.value[verdictRow, "note"].plainText
    report.document.callout(
      "Verdict: \(verdict, .integer)",
      [
        "\(sentence(reason))",
        """
        The rule: it is flagged when the index of accepted clients rises faster in the SIB arm, \
        acceptance leans more on the index there, or the index rises where a contract begins against \
        the comparison sites, each tested with the sites as clusters and adjusted for being several \
        (Holm). With fewer than four sites in an arm, or an index that hardly tells people apart, \
        nothing can be said.
        """,
        "\(CreamingResult.caution)",
      ])
    try charts(&report, table, words, verdict.cell.plainText)
    let tests = table.value.rows.indices.filter {
      Self.termWords[table.value[$0, "term"].plainText] != nil
    }
    report.document.table(
      table.rows(at: tests),
      caption:
        "The index and its tests in percentage points; sites are the clusters, and the index counts as known.",
      columns: [
        .init("term", "Quantity", names: Self.termWords),
        .init("arm", "Arm", names: words.names),
        .interval("95% interval", .perHundred(1).signed),
        .init("p.value", "p", .pValue), .init("p.holm", "p, adjusted", .pValue),
        .init("n", "People", .integer), .init("n_sites", "Sites", .integer),
      ])
    if let row = table.value.firstRow(where: ["term": "index.concordance"]) {
      let concordance = try table.cell(row: row, "estimate")
      if concordance.number != nil {
        report.document.paragraph(
          "Of two people of the reference, one with the outcome and one without, the first has the higher index with a chance of \(concordance, .percent()); 50% would be no better than tossing a coin."
        )
      }
    }
    if let acceptance = report.context.table("creaming_acceptance") {
      report.document.table(
        acceptance,
        caption:
          "Share accepted by fifth of the index, from the people least likely to find work (1) to the likeliest (5); clients' own refusals and open decisions are left out.",
        columns: [
          .init("arm", "Arm", names: words.names), .init("fifth", "Fifth", .integer),
          .init("mean_index", "Mean index", .percent()), .init("n", "Decided on", .integer),
          .init("n_accepted", "Accepted", .integer), .interval("95% interval", .percent()),
        ])
    }
    report.document.list(FlowWords.items(report.context.cohortNotes["creaming"], report.context))
  }

  private static func charts(
    _ report: inout Report, _ table: Released<ResultTable>, _ words: FlowWords, _ verdict: String
  ) throws(SiblingError) {
    let means = table.rows(where: ["term": "mean.index"])
    guard means.value.cells("estimate").contains(where: { $0.number != nil }) else { return }
    func isFound(_ term: String) -> Bool {
      guard let row = table.value.firstRow(where: ["term": .text(term)]),
        let p = table.value[row, "p.holm"].number, let value = table.value[row, "estimate"].number
      else { return false }
      return value > 0 && p < 1 - report.context.study.level
    }
    let title: Prose =
      switch verdict {
      case "flagged":
        isFound("trend.difference")
          ? "The SIB arm took on ever easier clients"
          : isFound("acceptance.slope.difference")
            ? "The SIB arm accepted likelier clients" : "Clients became easier when contracts began"
      case "not flagged": "No sign that easier clients were taken on"
      default: "Whether easier clients were taken on can't be told"
      }
    try report.figure(
      CreamingChart(
        title: title,
        subtitle: Prose(
          plain: "Mean index of the people accepted, by calendar quarter, with 95% intervals. "
            + report.context.placeAndPeriod),
        names: words.names, launches: report.context.cohortNotes[launches] ?? []
      ).figure(means),
      caption:
        "The index is the chance of the outcome that a person's characteristics before acceptance predict. Bands count sites, not clients; a quarter with one site has none."
    )
  }
}
