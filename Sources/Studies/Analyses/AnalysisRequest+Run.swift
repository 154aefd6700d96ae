public import Statistics
internal import Tables

extension AnalysisRequest {
  /// Reads the data, runs the verb and returns its rows.
  ///
  /// - Throws: what is wrong with the options, the data or the model, located.
  public func run() throws(SiblingError) -> AnalysisOutput {
    // Options are decoded before the data are read, so that a typing mistake is told at once.
    let analysis = try Analysis(verb: verb, formula: formula, options: options)
    for key in [OptionKey.format, .disclosure] where options.isGiven(key) {
      _ = try options.choice(key)
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
    if options.isGiven(.disclosure) {
      if options.isGiven(.times), options.text(.disclosure) != "none" {
        throw options.wrong(
          .times,
          "can't be combined with a disclosure profile: it holds a curve until enough people"
            + " have left, which moves counts between times; print the curve instead")
      }
      return try output.released(under: try options.choice(.disclosure))
    }
    return output
  }
}

/// The analyses behind the verbs: decoded options, ready for a table.
enum Analysis: Sendable {
  case regress(RegressAnalysis)
  case match(MatchAnalysis)
  case balance(BalanceAnalysis)
  case effect(EffectAnalysis)
  case did(DifferenceAnalysis)
  case eventStudy(EventStudyAnalysis)
  case kaplanMeier(KaplanMeierAnalysis)
  case logRank(LogRankAnalysis)
  case cox(CoxAnalysis)
  case proportionalHazards(ProportionalHazardsAnalysis)
  case restrictedMean(RestrictedMeanAnalysis)

  /// Decodes the options of a verb.
  ///
  /// - Throws: `invalidOption`, `formulaSyntax` or `usage`.
  init(verb: Verb, formula: String?, options: OptionValues) throws(SiblingError) {
    if let formula { _ = try Formula(parsing: formula) }
    let text = formula ?? ""
    switch verb.name {
    case Verb.regress.name:
      self = .regress(try RegressAnalysis(formula: text, options: options))
    case Verb.match.name: self = .match(try MatchAnalysis(formula: formula, options: options))
    case Verb.balance.name:
      self = .balance(try BalanceAnalysis(formula: formula, options: options))
    case Verb.effect.name: self = .effect(try EffectAnalysis(formula: formula, options: options))
    case Verb.did.name: self = .did(try DifferenceAnalysis(options: options))
    case Verb.eventStudy.name: self = .eventStudy(try EventStudyAnalysis(options: options))
    case Verb.kaplanMeier.name:
      self = .kaplanMeier(try KaplanMeierAnalysis(formula: text, options: options))
    case Verb.logRank.name: self = .logRank(try LogRankAnalysis(formula: text, options: options))
    case Verb.cox.name: self = .cox(try CoxAnalysis(formula: text, options: options))
    case Verb.proportionalHazards.name:
      self = .proportionalHazards(
        try ProportionalHazardsAnalysis(formula: text, options: options))
    case Verb.restrictedMean.name:
      self = .restrictedMean(try RestrictedMeanAnalysis(formula: text, options: options))
    default:
      throw SiblingError(.internalError, "the verb '\(verb.name)' has no analysis")
    }
  }

  /// The rows of the verb.
  ///
  /// - Throws: what is wrong with the data or the model, located.
  func run(_ table: Table) throws(SiblingError) -> AnalysisOutput {
    switch self {
    case .regress(let analysis): try analysis.run(table)
    case .match(let analysis): try analysis.run(table)
    case .balance(let analysis): try analysis.run(table)
    case .effect(let analysis): try analysis.run(table)
    case .did(let analysis): try analysis.run(table)
    case .eventStudy(let analysis): try analysis.run(table)
    case .kaplanMeier(let analysis): try analysis.run(table)
    case .logRank(let analysis): try analysis.run(table)
    case .cox(let analysis): try analysis.run(table)
    case .proportionalHazards(let analysis): try analysis.run(table)
    case .restrictedMean(let analysis): try analysis.run(table)
    }
  }
}
