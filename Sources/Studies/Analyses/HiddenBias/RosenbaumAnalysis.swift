internal import Matching
internal import Statistics
internal import Tables

/// `rosenbaum`: bounds of a matched comparison under hidden bias.
struct RosenbaumAnalysis: VerbAnalysis {
  /// Where the matched sets come from.
  enum Source: Sendable {
    /// A design that matches, and the outcome's column.
    case design(MatchDesign, outcome: String)
    /// A treatment, the outcome's column and the column of sets.
    case sets(formula: String, outcome: String, pair: String)
    /// The columns of both outcomes, one row a pair.
    case columns(treated: String, comparison: String)
  }

  var source: Source
  var settings: CommonSettings
  /// One configuration a statistic.
  var bounds: [RosenbaumBounds]

  /// Decodes the options.
  ///
  /// - Throws: `invalidOption` or `usage`, located.
  init(formula: String?, options: OptionValues) throws(SiblingError) {
    settings = try CommonSettings(options)
    bounds = try Self.configurations(options, level: settings.level)
    source = try Self.source(formula, options)
    if settings.weights != nil {
      throw options.wrong(.weights, "plays no part in bounds for matched pairs; leave it out")
    }
    if !settings.clusters.isEmpty {
      throw options.wrong(.cluster, "plays no part in bounds for matched pairs; leave it out")
    }
  }

  /// The statistics asked for, at every Γ.
  ///
  /// - Throws: `invalidOption`.
  static func configurations(
    _ options: OptionValues, level: Double
  ) throws(SiblingError) -> [RosenbaumBounds] {
    let gammas = try options.numbers(.gammas)
    guard !gammas.isEmpty, gammas.allSatisfy({ (1...1e9).contains($0) }) else {
      throw options.wrong(.gammas, "takes numbers from 1 (no hidden bias) to 1e9")
    }
    guard Set(gammas).count == gammas.count else {
      throw options.wrong(.gammas, "names a number twice")
    }
    let huber = try options.number(.huber) ?? 2.5
    guard huber > 0 else { throw options.wrong(.huber, "takes a number above 0") }
    let alternative =
      RosenbaumBounds.Alternative(rawValue: try options.choice(.alternative)) ?? .greater
    let pValue = RosenbaumBounds.PValue(rawValue: try options.choice(.pValueMethod)) ?? .normal
    var made: [RosenbaumBounds] = []
    for name in options.texts(.biasStatistics) {
      guard let statistic = RosenbaumBounds.Statistic(rawValue: name) else {
        let names = RosenbaumBounds.Statistic.allCases.map(\.rawValue)
        throw options.wrong(
          .biasStatistics, "takes: " + names.joined(separator: ", "),
          suggestion: nearestName(to: name, among: names))
      }
      guard !made.contains(where: { $0.statistic == statistic }) else {
        throw options.wrong(.biasStatistics, "names '\(name)' twice")
      }
      made.append(
        RosenbaumBounds(
          statistic: statistic, alternative: alternative, gammas: gammas, pValue: pValue,
          huberTrim: huber, level: level))
    }
    guard !made.isEmpty else {
      throw options.wrong(.biasStatistics, "takes at least one statistic")
    }
    return made
  }

  private static func source(
    _ formula: String?, _ options: OptionValues
  ) throws(SiblingError) -> Source {
    let wide: [OptionKey] = [.treatmentOutcome, .comparisonOutcome]
    let design = [OptionKey.matchMethod] + OptionKey.matchDesign
    func refuse(_ keys: [OptionKey], _ why: String) throws(SiblingError) {
      if let key = keys.first(where: { options.isGiven($0) }) { throw options.wrong(key, why) }
    }
    if wide.contains(where: { options.isGiven($0) }) {
      guard formula == nil else {
        throw SiblingError(
          .usage, "columns of pairs need no formula",
          help: "leave out the formula, or --treatment-outcome and --comparison-outcome")
      }
      try refuse([.outcome, .pairColumn] + design, "does not apply to data with one row a pair")
      return .columns(
        treated: try options.required(.treatmentOutcome),
        comparison: try options.required(.comparisonOutcome))
    }
    let formula = try VerbFormula.needed(formula, like: "treatment ~ covariates")
    let outcome = try options.required(.outcome)
    if let pair = options.text(.pairColumn) {
      try refuse(design, "does not apply to data that are matched already")
      return .sets(formula: formula, outcome: outcome, pair: pair)
    }
    let method = MatchDesign.method(named: try options.choice(.matchMethod)) ?? .nearest
    guard method.hasPairs else {
      throw options.wrong(
        .matchMethod,
        "does not make pairs or sets here: use nearest or full, not \(method.rawValue)")
    }
    let made = try MatchDesign(formula: formula, options: options, method: method)
    try refuse(
      [.replace, .reuseMax], "does not apply: a comparison unit may stand in one matched set only")
    return .design(made, outcome: outcome)
  }

  /// The rows of the verb.
  ///
  /// - Throws: what is wrong with the data or the design, located.
  func run(_ table: Table) throws(SiblingError) -> AnalysisOutput {
    var notes: [String] = []
    var results: [RosenbaumBoundsResult] = []
    switch source {
    case .columns(let treated, let comparison):
      let differences = try pairs(table, treated, comparison, &notes)
      for configuration in bounds {
        results.append(try configuration.bounds(differences: differences))
      }
    case .sets(let formula, let outcome, let pair):
      let parsed = try Formula(parsing: formula)
      let coded = try Treatment.coded(
        table, column: parsed.responseColumn, level: settings.treated)
      var plain = settings
      plain.treated = nil
      let bound = try BoundFormula(
        formula, to: coded, settings: plain, alsoComplete: [outcome, pair])
      guard bound.frame.design.columns == (bound.frame.design.hasIntercept ? 1 : 0) else {
        throw SiblingError(
          .usage, "data that are matched already need no covariates",
          help: "write '\(parsed.responseName ?? "treatment") ~ 1'")
      }
      notes += bound.notes
      results = try bound.locating { () throws(SiblingError) in
        try Self.results(
          bounds, outcome: try OutcomeColumn.values(outcome, bound),
          treatment: try Treatment.flags(bound.frame), sets: try bound.frame.factor(of: pair))
      }
    case .design(let design, let outcome):
      let sample = try design.apply(to: table, settings: settings, alsoComplete: [outcome])
      notes += sample.notes
      results = try Self.results(bounds, outcome: outcome, sample: sample)
    }
    for result in results { notes += Self.words(result, level: settings.level) }
    var output = AnalysisOutput(columns: Self.columns(results), notes: notes)
    output.people["pairs"] = results.flatMap { result in result.bounds.map { _ in result.sets } }
    return output
  }

  /// The bounds on a sample that was matched before.
  ///
  /// - Throws: what is wrong with the outcome or the sets, located.
  static func results(
    _ bounds: [RosenbaumBounds], outcome: String, sample: MatchedSample
  ) throws(SiblingError) -> [RosenbaumBoundsResult] {
    try sample.bound.locating { () throws(SiblingError) in
      guard let sets = sample.match?.subclassFactor else {
        throw SiblingError(
          .badDesign, "bounds for matched pairs need a design that matches without replacement",
          help: "use nearest-neighbour matching without --replace, or full matching")
      }
      return try results(
        bounds, outcome: try OutcomeColumn.values(outcome, sample.bound),
        treatment: sample.treated, sets: sets)
    }
  }

  private static func results(
    _ bounds: [RosenbaumBounds], outcome: [Double], treatment: [Bool], sets: Factor
  ) throws(SiblingError) -> [RosenbaumBoundsResult] {
    var results: [RosenbaumBoundsResult] = []
    for configuration in bounds {
      results.append(
        try configuration.bounds(outcome: outcome, treatment: treatment, sets: sets))
    }
    return results
  }

  /// The differences of pairs that stand in one row.
  private func pairs(
    _ table: Table, _ treated: String, _ comparison: String, _ notes: inout [String]
  ) throws(SiblingError) -> [Double] {
    let (one, zero) = (try table.doubles(treated), try table.doubles(comparison))
    let complete = one.indices.filter { !one[$0].isNaN && !zero[$0].isNaN }
    if complete.count < one.count {
      if settings.missingIsError,
        let row = one.indices.first(where: { one[$0].isNaN || zero[$0].isNaN })
      {
        let column = one[row].isNaN ? treated : comparison
        throw SiblingError(
          .missingValue, "column '\(column)' is missing in this row",
          location: table.location(row: row, column: column), row: row, column: column)
      }
      notes.append(
        "\(one.count - complete.count) of \(one.count) pairs left out for missing values")
    }
    return complete.map { one[$0] - zero[$0] }
  }

  /// The rows of the contract.
  static func columns(_ results: [RosenbaumBoundsResult]) -> [Column] {
    let rows = results.flatMap { result in result.bounds.map { (result, $0) } }
    return [
      .numbers("gamma", rows.map(\.1.gamma)),
      .texts("statistic", rows.map(\.0.statistic.rawValue)),
      .texts("alternative", rows.map(\.0.alternative.rawValue)),
      .numbers("p.lower", rows.map(\.1.pLower)), .numbers("p.upper", rows.map(\.1.pUpper)),
      .numbers("hl.low", rows.map(\.1.estimateLow)),
      .numbers("hl.high", rows.map(\.1.estimateHigh)),
      .numbers("conf.low", rows.map(\.1.intervalLow)),
      .numbers("conf.high", rows.map(\.1.intervalHigh)),
      .integers("sets", rows.map(\.0.sets)),
      .integers("informative", rows.map(\.0.informativeSets)),
      .numbers("sensitivity.value", rows.map(\.0.sensitivityValue)),
    ]
  }

  private static func words(_ result: RosenbaumBoundsResult, level: Double) -> [String] {
    guard let value = result.sensitivityValue else { return [] }
    let alpha = NumberText.significant(1 - level, digits: 3)
    guard value > 1 else {
      return [
        "\(result.statistic.rawValue): the p-value is above \(alpha) without any hidden bias"
      ]
    }
    return [
      "\(result.statistic.rawValue): hidden bias would have to multiply the odds of treatment by"
        + " \(NumberText.significant(value, digits: 4)) before the p-value could exceed \(alpha)"
    ]
  }
}
