internal import Cohorts
internal import Statistics
internal import Tables

/// What `outcomes` and `harmonise` have in common: the cohort and the definitions.
struct OutcomeSettings {
  let options: OptionValues
  let definitions: [OutcomeDefinition]
  let followUpWeeks: Int
  let level: Double

  /// Decodes the options.
  ///
  /// - Throws: `invalidOption`, located.
  init(_ options: OptionValues) throws(SiblingError) {
    self.options = options
    level = try CommonSettings(options).level
    definitions = try DefinitionNodes.named(options, .outcomeDefinitions)
    followUpWeeks =
      try options.integer(.outcomeFollowUp, in: 1...5000) ?? OutcomeDefinition.usualFollowUpWeeks
    for definition in definitions {
      do throws(SiblingError) {
        try definition.within(weeks: followUpWeeks).check()
      } catch {
        throw options.wrong(.outcomeFollowUp, "is too short for '\(definition.name)'")
      }
    }
    for key in [OptionKey.weights, .cluster] where options.isGiven(key) {
      throw options.wrong(key, "has no meaning here: every client counts once, sites are clusters")
    }
    _ = try DataSource.reader(options)
  }

  /// The cohort of the clients' table, with the rows that were accepted.
  ///
  /// - Throws: `missingValue` without jobs where they are needed; what is wrong with the files.
  func cohort(_ clients: Table) throws(SiblingError) -> (Cohort, rows: [Int]) {
    let cohort = try CohortSource.cohort(clients, options)
    if cohort.jobs == nil, definitions.contains(where: { $0.kind != .engagement }) {
      throw SiblingError(
        .missingValue, "outcomes of jobs need the table of jobs", help: "name its file: --jobs FILE"
      )
    }
    return (cohort, Array(0..<cohort.clients.count))
  }
}

/// `outcomes`: each client's outcomes in three states.
struct OutcomesAnalysis: VerbAnalysis {
  let settings: OutcomeSettings

  /// Decodes the options.
  ///
  /// - Throws: `invalidOption`, located.
  init(formula: String?, options: OptionValues) throws(SiblingError) {
    settings = try OutcomeSettings(options)
  }

  /// One row a client and definition, clients in the order of the file.
  ///
  /// - Throws: what is wrong with the data, located.
  func run(_ table: Table) throws(SiblingError) -> AnalysisOutput {
    let (cohort, rows) = try settings.cohort(table)
    let scorer = try OutcomeScorer(cohort)
    var scored: [ScoredOutcome] = []
    for definition in settings.definitions {
      scored.append(try scorer.score(definition.within(weeks: settings.followUpWeeks), rows: rows))
    }
    let clients = cohort.clients
    func repeated<T>(_ value: (Int) -> T) -> [T] {
      rows.flatMap { row in [T](repeating: value(row), count: scored.count) }
    }
    func each<T>(_ value: (ScoredOutcome, Int) -> T) -> [T] {
      rows.flatMap { row in scored.map { value($0, row) } }
    }
    // A text a row as a code: a million clients make millions of rows.
    func coded(_ name: String, _ texts: [String], _ place: (Int, Int) -> Int) -> Column {
      let levels = texts.sorted {
        $0.unicodeScalars.lexicographicallyPrecedes($1.unicodeScalars)
      }
      let codes = texts.map { text in Int32(levels.firstIndex(of: text) ?? -1) }
      let all = rows.flatMap { row in scored.indices.map { codes[place($0, row)] } }
      return Column(
        name: name, values: .text(Factor(codes: all, levels: levels).droppingUnusedLevels()))
    }
    var reasons: [ScoredOutcome.Reason: Int] = [:]
    for (place, reason) in ScoredOutcome.Reason.allCases.enumerated() { reasons[reason] = place }
    var output = AnalysisOutput(columns: [
      Column(
        name: "client_id",
        values: .text(
          Factor(codes: repeated { clients.ids.codes[$0] }, levels: clients.ids.levels))),
      .integers("episode_no", repeated { Int(clients.episode[$0]) }),
      coded("definition", scored.map(\.definition.name)) { definition, _ in definition },
      coded("value", [1, 0, -1, -2, -3].map { ScoredOutcome.name(of: $0) }) { definition, row in
        1 - Int(scored[definition].value[row])
      },
      .integers("low", each { scored, row in scored.low[row] < 0 ? nil : Int(scored.low[row]) }),
      .integers("high", each { scored, row in scored.high[row] < 0 ? nil : Int(scored.high[row]) }),
      Column(name: "attained", values: .dates(each { scored, row in scored.attained[row] })),
      coded("reason", ScoredOutcome.Reason.allCases.map(\.rawValue)) { definition, row in
        reasons[scored[definition].reasons[row]] ?? 0
      },
      Column(
        name: "hours_at_limit",
        values: .booleans(each { scored, row in scored.atBoundary[row] ? 1 : 0 })),
    ])
    output.hasRowsOfPeople = true
    for outcome in scored {
      for note in outcome.notes where !output.notes.contains(note) { output.notes.append(note) }
      let counts = outcome.counts
      output.notes.append(
        "\(outcome.definition.name): \(counts.yes) yes, \(counts.no) no, \(counts.unknown) unknown,"
          + " \(counts.immature) immature, \(counts.notEligible) not eligible")
    }
    return output
  }
}
