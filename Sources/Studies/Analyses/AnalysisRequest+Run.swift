public import Statistics
internal import Tables

extension AnalysisRequest {
  /// Reads the data, runs the verb and returns its rows.
  ///
  /// `progress` is told of each step that an engine works on.
  /// - Throws: what is wrong with the options, the data or the model, located.
  public func run(
    progress: @escaping (String) -> Void = { _ in }
  ) throws(SiblingError) -> AnalysisOutput {
    // Options are decoded before the data are read, so that a typing mistake is told at once.
    let analysis = try verb.analysis(formula: formula, options: options)
    for key in [OptionKey.format, .disclosure] where options.isGiven(key) {
      _ = try options.choice(key)
    }
    if let door = try EngineDoor(self) { return try released(try door.run(analysis, progress)) }
    if path.isEmpty, verb.data != .required {
      // Options on the data file have no effect here; mistakes in them are told all the same.
      _ = try DataSource.reader(options)
      _ = try JoinRequest.all(options)
      return try released(try analysis.runWithoutData())
    }
    let source = try DataSource(path: path, options: options)
    guard source.table.rowCount > 0 else {
      throw SiblingError(
        .noRows, "there are no rows to analyse",
        help: source.notes.isEmpty ? "the file has a header only" : source.notes[0],
        location: SiblingError.Location(file: path))
    }
    var output = try analysis.run(source.table)
    output.notes = source.notes + output.notes
    return try released(output)
  }

  /// The rows under the disclosure profile asked for.
  private func released(_ output: AnalysisOutput) throws(SiblingError) -> AnalysisOutput {
    if options.isGiven(.disclosure) {
      if options.isGiven(.times), options.text(.disclosure) != "none" {
        throw options.wrong(
          .times,
          "can't be combined with a disclosure profile: it holds a curve until enough people"
            + " have left, which moves counts between times; print the curve instead")
      }
      if options.isGiven(.subgroup), options.text(.disclosure) != "none" {
        throw options.wrong(
          .subgroup,
          "can't be combined with a disclosure profile: a small group could be had by subtracting"
            + " the others from the total; use --where for one group, or a study file")
      }
      return try output.released(under: try options.choice(.disclosure))
    }
    return output
  }
}

/// What a verb runs: decoded options, ready for a table.
protocol VerbAnalysis: TableAnalysis {
  /// Decodes the options.
  ///
  /// - Throws: `invalidOption`, located; `formulaSyntax` or `usage`.
  init(formula: String?, options: OptionValues) throws(SiblingError)
}

/// What gives rows from a table: a verb's analysis, or one pooled over imputations.
protocol TableAnalysis: Sendable {
  /// The rows of the verb.
  ///
  /// - Throws: what is wrong with the data or the model, located.
  func run(_ table: Table) throws(SiblingError) -> AnalysisOutput

  /// The rows of a verb that was given no data file.
  ///
  /// - Throws: `usage` when it can't do without.
  func runWithoutData() throws(SiblingError) -> AnalysisOutput
}

extension TableAnalysis {
  func runWithoutData() throws(SiblingError) -> AnalysisOutput {
    throw SiblingError(.usage, "a data file is needed")
  }
}

/// The formula of a verb that can't do without.
enum VerbFormula {
  /// The formula as given.
  ///
  /// - Throws: `usage` when there is none.
  static func needed(_ formula: String?, like example: String) throws(SiblingError) -> String {
    guard let formula else {
      throw SiblingError(.usage, "a formula is needed: '\(example)'")
    }
    return formula
  }
}

extension Verb {
  /// The analyses behind the verbs, one line each.
  private static let analyses: [String: any VerbAnalysis.Type] = [
    curvesAnalyses, coxModelsAnalyses, competingAnalyses, parametricAnalyses,
    survivalEffectsAnalyses, panelMethodsAnalyses, fewSitesAnalyses, panelRobustnessAnalyses,
    syntheticAnalyses, timeSeriesAnalyses, outcomeScoringAnalyses, flowAnalyses,
    missingEvidenceAnalyses, imputingAnalyses, contractsAnalyses, targetsAnalyses,
    incentivesAnalyses,
    doseResponseAnalyses, scenarioAnalyses, valueAnalyses, decisionsAnalyses,
  ].reduce(into: basic) { all, group in all.merge(group) { first, _ in first } }

  /// Verbs whose rows neither weights nor clusters change.
  private static let unweighted = Set(
    (contracts + targets + incentives + scenario + value + decisions).map(\.name))

  private static let basic: [String: any VerbAnalysis.Type] = [
    regress.name: RegressAnalysis.self,
    match.name: MatchAnalysis.self,
    weight.name: WeightAnalysis.self,
    balance.name: BalanceAnalysis.self,
    effect.name: EffectAnalysis.self,
    did.name: DifferenceAnalysis.self,
    eventStudy.name: EventStudyAnalysis.self,
    kaplanMeier.name: KaplanMeierAnalysis.self,
    logRank.name: LogRankAnalysis.self,
    cox.name: CoxAnalysis.self,
    proportionalHazards.name: ProportionalHazardsAnalysis.self,
    restrictedMean.name: RestrictedMeanAnalysis.self,
    rosenbaum.name: RosenbaumAnalysis.self,
    robustness.name: RobustnessAnalysis.self,
    evalue.name: EValueAnalysis.self,
    manski.name: ManskiAnalysis.self,
    negativeControl.name: NegativeControlAnalysis.self,
  ]

  /// Decodes the options into the verb's analysis, pooled over imputed copies where asked.
  ///
  /// - Throws: `invalidOption`, `formulaSyntax` or `usage`.
  func analysis(formula: String?, options: OptionValues) throws(SiblingError) -> any TableAnalysis {
    if let formula { _ = try Formula(parsing: formula) }
    guard let type = Self.analyses[name] else {
      throw SiblingError(.internalError, "the verb '\(name)' has no analysis")
    }
    let analysis = try type.init(formula: formula, options: options)
    if Self.unweighted.contains(name) {
      for key in [OptionKey.weights, .cluster] where options.isGiven(key) {
        throw options.wrong(key, "does not apply to '\(name)', whose rows it would not change")
      }
    }
    guard options.isGiven(.imputation) else { return analysis }
    return try PooledAnalysis(self, analysis, options)
  }
}
