internal import Cohorts
internal import Reporting
internal import Statistics
internal import Tables

/// `funnel`: people from referral to a sustained job.
struct FunnelAnalysis: VerbAnalysis {
  var settings: FlowSettings
  /// `arm`, `site` or a column.
  var by: String
  private var printsRules = false
  private var isOfPeriods = false
  private var options: OptionValues

  /// Decodes the options.
  ///
  /// - Throws: `invalidOption`, located.
  init(formula: String?, options: OptionValues) throws(SiblingError) {
    try self.init(options, outcomes: .flowOutcomes)
    printsRules = try options.flag(.funnelRules)
    isOfPeriods = try options.flag(.funnelPeriods)
    guard isOfPeriods else { return }
    for key in [OptionKey.flowOutcomes, .flowFollowUp, .jobsFile] where options.isGiven(key) {
      throw options.wrong(key, "does not apply to counts by period")
    }
    guard !printsRules else {
      throw options.wrong(.funnelRules, "does not apply to counts by period")
    }
    guard ["arm", "site"].contains(by) else {
      throw options.wrong(.funnelBy, "takes arm or site for counts by period")
    }
  }

  /// Decodes what verb and study share.
  ///
  /// - Throws: `invalidOption`, located.
  init(
    _ options: OptionValues, outcomes: OptionKey, own: [OutcomeDefinition] = []
  ) throws(SiblingError) {
    settings = try FlowSettings(options, outcomes, own: own)
    by = options.text(.funnelBy) ?? "arm"
    self.options = options
  }

  /// A funnel, and what was said of it.
  struct Fit {
    var result: FunnelResult
    /// The arm of each group, where groups are sites.
    var arms: [String: String] = [:]
    var leftOut: [(rule: String, count: Int)] = []
    var notes: [String]
  }

  /// The funnel of a cohort's clients.
  ///
  /// - Throws: what is wrong with the data, located.
  func fit(_ cohort: Cohort) throws(SiblingError) -> Fit {
    var settings = settings
    var notes: [String] = []
    if cohort.jobs == nil, !settings.definitions.isEmpty {
      notes.append("without a table of jobs the funnel ends with engagement (--jobs)")
      settings.definitions = []
    }
    let people = try settings.people(cohort)
    notes += people.notes
    let groups = try groups(people, cohort, &notes)
    let result = try Funnel(level: settings.level).count(
      people.stages, groups: groups, sites: by == "site" ? nil : people.sites)
    for row in result.rows where row.skipped > 0 {
      notes.append(
        "\(row.group): \(row.skipped) people reached '\(row.stage)' though an earlier stage is not"
          + " recorded for them or came too recently to tell; they count among the accepted only")
    }
    return Fit(
      result: result, arms: by == "site" ? Self.arms(people) : [:], leftOut: people.leftOut,
      notes: notes)
  }

  private func groups(
    _ people: Funnel.People, _ cohort: Cohort, _ notes: inout [String]
  ) throws(SiblingError) -> Factor {
    let groups: Factor
    switch by {
    case "arm":
      groups = people.arms
      if groups.codes.allSatisfy({ $0 < 0 }) {
        notes.append("no site has an arm, so everybody is one group")
        return Factor(codes: groups.codes.map { _ in 0 }, levels: ["all"])
      }
    case "site": groups = people.sites
    default:
      guard cohort.clients.table[by] != nil else {
        throw FlowSettings.absent(by, cohort.clients.table, .funnelBy)
      }
      groups = try cohort.clients.table.factor(by).selecting(people.rows)
      guard groups.levels.count <= 200 else {
        throw SiblingError(
          .badDesign, "'\(by)' has \(groups.levels.count) values, too many groups for a funnel",
          help: "choose a column with fewer categories", column: by)
      }
    }
    let missing = groups.codes.count { $0 < 0 }
    if missing > 0 { notes.append("\(missing) people left out: their \(by) is not recorded") }
    return groups
  }

  /// The arm of each site with people.
  private static func arms(_ people: Funnel.People) -> [String: String] {
    var arms: [String: String] = [:]
    for (row, site) in people.sites.codes.enumerated() where site >= 0 {
      let arm = people.arms.codes[row]
      if arm >= 0 { arms[people.sites.levels[Int(site)]] = people.arms.levels[Int(arm)] }
    }
    return arms
  }

  /// The rows of the verb.
  ///
  /// - Throws: what is wrong with the data, located.
  func run(_ table: Table) throws(SiblingError) -> AnalysisOutput {
    if isOfPeriods {
      let reader = try DataSource.reader(options)
      var sites: Sites?
      if let path = options.text(.sitesFile) {
        // The records make the sites; a table of one unnamed client goes with them.
        let records = try reader.read(path: path)
        sites = try Cohort(
          clients: Table([
            Column(name: "client_id", values: .text(Factor([]))),
            Column(name: "site_id", values: .text(Factor([]))),
          ]), sites: records
        ).sites
      }
      let (result, notes) = try Funnel(level: settings.level).count(
        periods: table, sites: sites, bySite: by == "site")
      return output(Fit(result: result, notes: notes))
    }
    let fit = try fit(CohortSource.cohort(table, options))
    return printsRules ? rules(fit) : output(fit)
  }

  /// A count of a stage; everybody stands at the first, where there is nothing to count.
  static func counted(_ row: FunnelRow, _ count: Int) -> Int? {
    row.stage == "referred" ? nil : count
  }

  private var groupColumn: String { ["arm", "site"].contains(by) ? by : "group" }

  private func output(_ fit: Fit) -> AnalysisOutput {
    let rows = fit.result.rows
    var output = AnalysisOutput(
      columns: [
        .texts(groupColumn, rows.map(\.group)), .texts("stage", rows.map(\.stage)),
        .integers("n_at_risk", rows.map(\.atRisk)), .integers("n_reached", rows.map(\.reached)),
        .integers("n_not_reached", rows.map { Self.counted($0, $0.notReached) }),
        .integers("n_unknown", rows.map { Self.counted($0, $0.unknown) }),
        .integers("n_immature", rows.map { Self.counted($0, $0.immature) }),
        .integers("n_skipped", rows.map { Self.counted($0, $0.skipped) }),
        .numbers("estimate", rows.map(\.ofPrevious.estimate)),
        .numbers("conf.low", rows.map(\.ofPrevious.interval?.low)),
        .numbers("conf.high", rows.map(\.ofPrevious.interval?.high)),
        .numbers("of_accepted", rows.map(\.ofAccepted?.estimate)),
        .numbers("of_accepted.low", rows.map(\.ofAccepted?.interval?.low)),
        .numbers("of_accepted.high", rows.map(\.ofAccepted?.interval?.high)),
        .integers("n_sites", rows.map(\.sites?.sites)),
        .numbers("statistic", rows.map(\.sites?.statistic)),
        .numbers("df", rows.map(\.sites?.degreesOfFreedom)),
        .numbers("p.value", rows.map(\.sites?.pValue)),
        .numbers("between_sd", rows.map(\.sites?.betweenSD)),
      ], notes: fit.notes + fit.leftOut.map { "\($0.count) rows left out: \($0.rule)" })
    output.notes.append(
      "intervals are Wilson's; statistic tests whether a group's sites differ (Pearson), between_sd is"
        + " the standard deviation of their true shares")
    output.counts = [
      "n_at_risk", "n_reached", "n_not_reached", "n_unknown", "n_immature", "n_skipped",
    ]
    output.labels = ["n_sites"]
    output.sums = [
      .inRow(
        whole: "n_at_risk", parts: ["n_reached", "n_not_reached", "n_unknown", "n_immature"]),
      .chain(from: "n_reached", to: "n_at_risk", within: [groupColumn]),
    ]
    output.people = [
      "accepted_yes": rows.map { $0.ofAccepted?.yes ?? $0.reached },
      "accepted_no": rows.map { row in
        row.ofAccepted.map { $0.known - $0.yes } ?? row.atRisk
      },
    ]
    return output
  }

  private func rules(_ fit: Fit) -> AnalysisOutput {
    let rows = fit.result.exclusions
    var output = AnalysisOutput(
      columns: [
        .texts(groupColumn, rows.map(\.group)), .texts("stage", rows.map(\.stage)),
        .texts("rule", rows.map(\.rule)), .integers("n_before", rows.map(\.before)),
        .integers("n_excluded", rows.map(\.excluded)), .integers("n_after", rows.map(\.after)),
      ], notes: fit.notes + fit.leftOut.map { "\($0.count) rows left out: \($0.rule)" })
    output.counts = ["n_before", "n_excluded", "n_after"]
    output.sums = [
      .inRow(whole: "n_before", parts: ["n_excluded", "n_after"]),
      .chain(from: "n_after", to: "n_before", within: [groupColumn]),
    ]
    return output
  }
}
