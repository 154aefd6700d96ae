internal import Cohorts
internal import Statistics
internal import Tables

/// `creaming`: whether a service took on people who were likely to find work anyway.
struct CreamingAnalysis: VerbAnalysis {
  var settings: FlowSettings
  var covariates: String
  var isBefore: Bool
  var window: Int
  private var options: OptionValues

  /// Decodes the options.
  ///
  /// - Throws: `invalidOption`, located; `formulaSyntax`.
  init(formula: String?, options: OptionValues) throws(SiblingError) {
    try self.init(options)
  }

  /// Decodes what verb and study share.
  ///
  /// - Throws: `invalidOption`, located; `formulaSyntax`.
  init(_ options: OptionValues, own: [OutcomeDefinition] = []) throws(SiblingError) {
    settings = try FlowSettings(options, .creamingOutcome, own: own)
    guard settings.definitions.count == 1 else {
      throw options.wrong(.creamingOutcome, "takes one outcome")
    }
    isBefore = try options.choice(.creamingReference) == "before"
    window = try options.integer(.creamingWindow, in: 1...3650) ?? 365
    covariates = try options.required(.creamingCovariates)
    let parsed = try Formula(parsing: covariates)
    guard !parsed.hasResponse, !parsed.isSurvival else {
      throw options.wrong(
        .creamingCovariates, "takes a formula without a left side, such as '~ age + sex'")
    }
    self.options = options
  }

  /// Columns of the schema that are filled once the service has decided.
  private static let afterDecision: Set<String> = [
    "referral_decision", "accept_date", "engagement_date", "engagement_basis", "exit_date",
    "exit_reason", "last_contact_date", "es_id",
  ]

  /// A fitted monitor, and what was said of it.
  struct Fit {
    var result: CreamingResult
    /// Quarters in which contracts began.
    var launches: [String]
    var notes: [String]
  }

  /// Runs the monitor on a cohort.
  ///
  /// - Parameters:
  ///   - cohort: the records, with jobs.
  ///   - contracts: the contracts; without them a contract begins at a site's launch.
  /// - Returns: the fitted monitor, with the quarters in which contracts began.
  /// - Throws: `badDesign` where no site has an arm; what is wrong with the data, located.
  func fit(_ cohort: Cohort, contracts: Table?) throws(SiblingError) -> Fit {
    let used = try Formula(parsing: covariates).termColumns(in: cohort.clients.table.names)
    if let late = used.first(where: { Self.afterDecision.contains($0) }) {
      throw options.wrong(
        .creamingCovariates,
        "takes what was known before the decision, and '\(late)' is recorded after it")
    }
    let people = try settings.people(cohort)
    guard people.arms.codes.contains(1), people.arms.codes.contains(0) else {
      throw SiblingError(
        .badDesign, "creaming compares two arms, and the clients' sites are of one at most",
        help: "give the sites with their arms: --sites, or 'sites' under 'data: tables:'")
    }
    let clients = cohort.clients
    let table = clients.table.selecting(rows: people.rows)
    let frame = try Formula(parsing: covariates).bind(to: table)
    guard frame.design.hasIntercept, frame.absorbed.isEmpty else {
      throw SiblingError(
        .formulaSyntax, "the covariates need an intercept and no absorbed effects",
        help: "for example '~ age + sex'")
    }
    var notes = people.notes.filter { !$0.hasPrefix("no engagement") } + frame.notes
    if frame.droppedRows > 0 {
      let detail = frame.dropped.map { "\($0.column) \($0.count)" }.joined(separator: ", ")
      notes.append(
        "\(frame.droppedRows) of \(table.rowCount) people left out for missing covariates (\(detail))"
      )
    }
    let rows = frame.rows.map { people.rows[$0] }
    let outcome = people[settings.definitions[0].name]?.reached ?? []
    let accepted = people["accepted"]
    let sites = Factor(codes: rows.map { clients.site[$0] }, levels: clients.siteNames)
    let switches = try switches(cohort, contracts)
    let day = rows.map { row in
      clients.accepted[row] != missingDay ? clients.accepted[row] : clients.referral[row]
    }
    let arm = rows.map { clients.arm[$0] }
    let isReference = rows.indices.map { place -> Bool in
      guard isBefore else { return arm[place] == 0 }
      guard sites.codes[place] >= 0, day[place] != missingDay else { return false }
      return switches[Int(sites.codes[place])].min().map { day[place] < $0 } ?? true
    }
    let input = CreamingMonitor.Input(
      design: frame.design, outcome: frame.rows.map { outcome[$0] }, isReference: isReference,
      accepted: frame.rows.map { place in
        switch accepted?.reason[place] {
        case -1: 1
        // The client's own refusal and open decisions say nothing of whom the service takes.
        case 0: 0
        default: -1
        }
      }, arm: arm, sites: sites, day: day,
      person: CreamingMonitor.Input.numbers(of: clients.ids.selecting(rows)), switches: switches)
    let monitor = CreamingMonitor(
      level: settings.level, seed: settings.seed, window: Int32(window))
    var result: CreamingResult
    do throws(SiblingError) {
      result = try monitor.fit(input)
    } catch {
      throw table.locating(error, rows: frame.rows)
    }
    notes += result.notes
    for term in result.terms {
      if let note = term.note {
        notes.append("\(term.estimate.term), \(term.arm): \(note)")
      }
    }
    result.notes = notes
    return Fit(result: result, launches: Self.quarters(switches.flatMap { $0 }), notes: notes)
  }

  /// For each site the days on which a contract or a new version of it began.
  private func switches(
    _ cohort: Cohort, _ contracts: Table?
  ) throws(SiblingError) -> [[Int32]] {
    let names = cohort.clients.siteNames
    var days = [[Int32]](repeating: [], count: names.count)
    if let contracts {
      let site = try contracts.factor("site_id")
      let dates = try contracts.dates("effective_from")
      for (row, code) in site.codes.enumerated() where code >= 0 && dates[row] != .min {
        guard let place = names.firstIndex(of: site.levels[Int(code)]) else { continue }
        if !days[place].contains(dates[row]) { days[place].append(dates[row]) }
      }
      return days.map { $0.sorted() }
    }
    guard let sites = cohort.sites, sites.count == names.count else { return days }
    for place in 0..<sites.count where sites.arm[place] == 1 && sites.launch[place] != missingDay {
      days[place] = [sites.launch[place]]
    }
    return days
  }

  private static func quarters(_ days: [Int32]) -> [String] {
    var seen: [String] = []
    for day in days.sorted() {
      let parts = CivilDate(days: day).components
      let text = "\(parts.year) Q\((parts.month - 1) / 3 + 1)"
      if !seen.contains(text) { seen.append(text) }
    }
    return seen
  }

  /// The rows of the verb.
  ///
  /// - Throws: what is wrong with the data, located.
  func run(_ table: Table) throws(SiblingError) -> AnalysisOutput {
    let cohort = try CohortSource.cohort(table, options)
    let contracts = try options.text(.contractsFile).map { path throws(SiblingError) in
      try DataSource.reader(options).read(path: path)
    }
    let fit = try fit(cohort, contracts: contracts)
    return output(fit)
  }

  /// A row of the output.
  private struct Row {
    var term, arm, stratum: String
    var estimate: Estimate
    var adjusted: Double?
    var n: Int
    var sites: Int?
    var least: Int
  }

  private func output(_ fit: Fit) -> AnalysisOutput {
    let result = fit.result
    var rows = result.periods.map {
      Row(
        term: "mean.index", arm: $0.arm, stratum: $0.quarter, estimate: $0.estimate, n: $0.people,
        sites: $0.sites, least: $0.people)
    }
    rows += result.acceptance.map { fifth in
      let share = fifth.accepted
      return Row(
        term: "acceptance", arm: fifth.arm, stratum: "fifth \(fifth.fifth)",
        estimate: Estimate(
          term: "", estimate: share.estimate ?? .nan, standardError: nil, statistic: nil,
          degreesOfFreedom: nil, pValue: nil, interval: share.interval, convention: "Wilson"),
        n: share.known, least: min(share.yes, share.known - share.yes))
    }
    rows += result.terms.map {
      Row(
        term: $0.estimate.term, arm: $0.arm, stratum: "all", estimate: $0.estimate,
        adjusted: $0.adjusted, n: $0.people, sites: $0.sites, least: $0.people)
    }
    if let concordance = result.concordance {
      rows.append(
        Row(
          term: "index.concordance", arm: "reference", stratum: "all",
          estimate: Estimate(
            term: "", estimate: concordance, standardError: nil, convention: "cross-fitted"),
          n: result.referenceCount, least: result.referenceCount))
    }
    var output = AnalysisOutput(
      columns: [
        .texts("term", rows.map(\.term)), .texts("arm", rows.map(\.arm)),
        .texts("stratum", rows.map(\.stratum)),
        .numbers("estimate", rows.map { $0.estimate.estimate.isNaN ? nil : $0.estimate.estimate }),
        .numbers("std.error", rows.map(\.estimate.standardError)),
        .numbers("statistic", rows.map(\.estimate.statistic)),
        .numbers("df", rows.map(\.estimate.degreesOfFreedom)),
        .numbers("p.value", rows.map(\.estimate.pValue)), .numbers("p.holm", rows.map(\.adjusted)),
        .numbers("conf.low", rows.map(\.estimate.interval?.low)),
        .numbers("conf.high", rows.map(\.estimate.interval?.high)),
        .integers("n", rows.map(\.n)), .integers("n_sites", rows.map(\.sites)),
      ], notes: fit.notes + Self.words(result))
    output.people["fewest"] = rows.map(\.least)
    output.labels = ["n_sites"]
    return output
  }

  /// The verdict with its rule, and the caution.
  static func words(_ result: CreamingResult) -> [String] {
    [
      "verdict: \(result.verdict.rawValue): \(result.reason)",
      "rule: flagged when the accepted clients' index rises faster in the SIB arm, acceptance leans"
        + " more on it there, or it rises where a contract begins against the comparison sites, at"
        + " \(NumberText.significant(1 - result.level, digits: 3)) after Holm's adjustment, sites being"
        + " the clusters; can't say with fewer than four sites in an arm or an index that hardly tells"
        + " people apart",
      "caution: \(CreamingResult.caution)",
    ]
  }
}
