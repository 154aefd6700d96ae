internal import Cohorts
internal import Reporting
internal import Statistics
internal import Tables

/// `equity`: access and outcomes by profile.
struct EquityAnalysis: VerbAnalysis {
  var settings: FlowSettings
  var profiles: [String]
  private var options: OptionValues

  /// Decodes the options.
  ///
  /// - Throws: `invalidOption`, located.
  init(formula: String?, options: OptionValues) throws(SiblingError) {
    try self.init(options, outcomes: .equityOutcomes, profiles: .equityProfiles)
  }

  /// Decodes what verb and study share.
  ///
  /// - Throws: `invalidOption`, located.
  init(
    _ options: OptionValues, outcomes: OptionKey, profiles key: OptionKey,
    own: [OutcomeDefinition] = []
  ) throws(SiblingError) {
    settings = try FlowSettings(options, outcomes, own: own)
    profiles = options.texts(key)
    guard !profiles.isEmpty else { throw options.wrong(key, "names at least one column") }
    guard Set(profiles).count == profiles.count else {
      throw options.wrong(key, "names a column twice")
    }
    self.options = options
  }

  /// One measure by one profile.
  struct Part {
    var measure: String
    var profile: String
    /// People of whom it is not known, a row of the result each.
    var unknown: [Int]
    var result: EquityResult
  }

  /// The comparisons of a cohort, measure by measure.
  ///
  /// - Throws: `unknownColumn` for a profile that the clients lack; `badDesign` for one of a single group
  ///   or of too many.
  func fit(_ cohort: Cohort) throws(SiblingError) -> (parts: [Part], notes: [String]) {
    var settings = settings
    var notes: [String] = []
    if cohort.jobs == nil, !settings.definitions.isEmpty {
      notes.append("without a table of jobs access is compared and no outcome (--jobs)")
      settings.definitions = []
    }
    let people = try settings.people(cohort)
    notes += people.notes
    var arms = people.arms
    if arms.codes.allSatisfy({ $0 < 0 }) {
      notes.append("no site has an arm, so that nothing is compared between arms")
      arms = Factor(codes: [Int32](repeating: 0, count: people.rows.count), levels: ["all"])
    }
    let isAccepted = (people["accepted"]?.reached ?? []).map { $0 == 1 }
    var parts: [Part] = []
    for profile in profiles {
      guard cohort.clients.table[profile] != nil else {
        throw FlowSettings.absent(profile, cohort.clients.table, .equityProfiles)
      }
      let groups = try cohort.clients.table.factor(profile).selecting(people.rows)
      for stage in people.stages.dropFirst() {
        let isAccess = stage.name == "accepted"
        let result: EquityResult
        do throws(SiblingError) {
          result = try Equity(level: settings.level).compare(
            stage.reached, isAtRisk: isAccess ? isAccepted.map { _ in true } : isAccepted,
            profile: groups, arms: arms, sites: people.sites)
        } catch {
          var error = error
          error.column = profile
          error.message = "'\(profile)': \(error.message)"
          throw error
        }
        parts.append(
          Part(
            measure: stage.name, profile: profile,
            unknown: result.rows.map { $0.people - $0.share.known }, result: result))
        if let note = result.heterogeneity.note, arms.levels.count == 2 {
          notes.append("\(stage.name) by \(profile): no test of the arms' difference: \(note)")
        }
      }
    }
    return (parts, notes)
  }

  /// The rows of the verb.
  ///
  /// - Throws: what is wrong with the data, located.
  func run(_ table: Table) throws(SiblingError) -> AnalysisOutput {
    let (parts, notes) = try fit(CohortSource.cohort(table, options))
    var rows: [(part: Part, row: EquityRow?, unknown: Int)] = []
    for part in parts {
      for (row, unknown) in zip(part.result.rows, part.unknown) {
        rows.append((part, row, unknown))
      }
      if part.result.heterogeneity.pValue != nil { rows.append((part, nil, 0)) }
    }
    func numbers(
      _ name: String, _ value: (EquityRow) -> Double?,
      test: (Heterogeneity) -> Double? = { _ in nil }
    ) -> Column {
      .numbers(name, rows.map { $0.row.map(value) ?? test($0.part.result.heterogeneity) })
    }
    var output = AnalysisOutput(
      columns: [
        .texts("measure", rows.map(\.part.measure)), .texts("profile", rows.map(\.part.profile)),
        .texts("term", rows.map { $0.row?.group ?? "heterogeneity" }),
        .texts("arm", rows.map { $0.row?.arm ?? "difference" }),
        .integers(
          "n", rows.map { $0.row?.share.known ?? $0.part.result.heterogeneity.people }),
        .integers("n_yes", rows.map { $0.row?.share.yes }),
        .integers("n_unknown", rows.map { $0.row == nil ? nil : $0.unknown }),
        numbers("estimate", { $0.share.estimate }),
        numbers("conf.low", { $0.share.interval?.low }),
        numbers("conf.high", { $0.share.interval?.high }),
        numbers("difference", { $0.comparison.difference }),
        numbers("difference.low", { $0.comparison.interval?.low }),
        numbers("difference.high", { $0.comparison.interval?.high }),
        numbers("ratio", { $0.comparison.ratio }),
        numbers("ratio.low", { $0.comparison.ratioInterval?.low }),
        numbers("ratio.high", { $0.comparison.ratioInterval?.high }),
        numbers("statistic", { $0.comparison.statistic }, test: { $0.statistic }),
        numbers("df", { $0.comparison.statistic.map { _ in 1 } }, test: { $0.degreesOfFreedom }),
        numbers("df.residual", { _ in nil }, test: { $0.denominator }),
        numbers("p.value", { $0.comparison.pValue }, test: { $0.pValue }),
        numbers("p.holm", { $0.adjusted }),
      ],
      notes: notes + [
        "each group is compared with everybody else of its arm: Wilson's and Newcombe's intervals,"
          + " Pearson's test, Holm's adjustment over groups and arms; these take clients as independent",
        "heterogeneity: whether the arms' difference is the same in every group, sites as clusters (CR2)",
      ])
    output.counts = ["n_yes", "n_unknown"]
    output.people = [
      "no": rows.map { $0.row.map { $0.share.known - $0.share.yes } ?? 1_000_000 },
      "rest_yes": rows.map { $0.row?.rest.yes ?? 1_000_000 },
      "rest_no": rows.map { $0.row.map { $0.rest.known - $0.rest.yes } ?? 1_000_000 },
    ]
    let within = ["measure", "profile", "arm"]
    output.sums = [
      .inRow(whole: "n", parts: ["n_yes", "sibling_no"]),
      .partition(count: "n", within: within), .partition(count: "n_yes", within: within),
      .partition(count: "n_unknown", within: within),
    ]
    return output
  }
}
