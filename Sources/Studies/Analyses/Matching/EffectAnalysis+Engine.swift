internal import Engines
internal import Matching
internal import Statistics
internal import Tables

extension EffectAnalysis: EngineAnalysis {
  var needsRows: String? {
    switch method {
    case .targetedLearning, .doubleMachineLearning, .abadieImbens:
      return "the estimator '\(method.rawValue)'"
    case .difference, .gComputation, .augmentedWeighting: break
    }
    if design.method != .inverseProbability, design.method != .score {
      return design.needsCovariates
    }
    if subgroup != nil { return "--subgroup of a weighted effect" }
    if standardError == .bootstrap { return "the bootstrap of a weighted effect" }
    if design.scoreLink != .logit {
      return "a score with the link '\(design.scoreLink.rawValue)'"
    }
    return settings.clusters.count > 1 ? "two columns of clusters" : nil
  }

  /// The rows of the effect: from sums under weights and for aipw; after matching from scores that are fitted from
  /// sums and fetched with the outcome.
  ///
  /// - Throws: what is wrong with the data or the design; the engine's failures.
  func run(on data: EngineData) throws(SiblingError) -> AnalysisOutput {
    if let needsRows { throw NeedsRows.error(needsRows) }
    if design.method != .inverseProbability, design.method != .score { return try matched(data) }
    guard !design.usesColumn else {
      throw SiblingError(
        .invalidOption, "this method needs a fitted score, not a distance column",
        column: design.distance)
    }
    let standardError = try engineStandardError()
    let (frame, zeros) = try design.engineFrame(data, settings, needing: [outcome])
    try refuseOutcomeAsCovariate(frame.formula.formula, data)
    var estimator = EngineEffect(
      method: method, estimand: design.estimand, scale: scale, level: settings.level,
      isStacked: standardError == .stacked, stabilizes: design.weighting.stabilizes,
      trimQuantile: design.weighting.trim)
    estimator.isUnadjusted = isUnadjusted
    let effect = try estimator.estimate(
      frame, outcome: try outcomeNumber(frame, data), covariates: try covariates(frame))
    var notes = zeros + effect.notes
    if design.method == .inverseProbability, let column = settings.weights {
      notes.append("weights include the sampling weights '\(column)'")
    }
    return AnalysisOutput(
      columns: EffectRow.columns([row(effect)], level: settings.level), notes: notes)
  }

  /// The difference judged by few sites, from sums by site; nil where fewer than two are left.
  ///
  /// - Throws: what is wrong with the data or the design; the engine's failures.
  func fewSites(on data: EngineData) throws(SiblingError) -> FewSitesEffect? {
    guard design.method == .inverseProbability else { return nil }
    let (frame, _) = try design.engineFrame(data, settings, needing: [outcome])
    var estimator = EngineEffect(
      estimand: design.estimand, isStacked: false, stabilizes: design.weighting.stabilizes,
      trimQuantile: design.weighting.trim)
    estimator.isUnadjusted = isUnadjusted
    let found = try estimator.clusterSums(frame, outcome: try outcomeNumber(frame, data))
    return try FewSitesEffect(found.sums, isBinary: found.isBinary)
  }

  /// The effect after matching, on rows that were fetched with their scores.
  private func matched(_ data: EngineData) throws(SiblingError) -> AnalysisOutput {
    try refuseOutcomeAsCovariate(try Formula(parsing: design.formula), data)
    var small = self
    var extra: [String] = []
    if method == .gComputation {
      let right = outcomeModel ?? String(design.formula.drop { $0 != "~" })
      let model = try Formula(parsing: right.contains("~") ? right : "~ \(right)")
      extra = try model.termColumns(in: data.names).sorted()
      guard try model.termColumns(in: extra).sorted() == extra, !right.contains("cluster(") else {
        throw NeedsRows.error("'.' in the formula of g-computation after matching")
      }
      small.outcomeModel = right
    }
    let needed = [outcome] + (subgroup.map { [$0] } ?? [])
    let streamed = try design.streamed(
      data, settings, columns: extra, complete: needed, key: rowKey)
    (small.design, small.settings) = (streamed.design, streamed.settings)
    var output = try small.run(streamed.table)
    output.notes = streamed.notes(with: output.notes)
    return output
  }

  /// Whether the groups are compared as they are, with nothing but sampling weights.
  private var isUnadjusted: Bool { design.method == .score && method != .augmentedWeighting }

  /// The standard error of weighting, which knows of the fitted score unless asked not to.
  private func engineStandardError() throws(SiblingError) -> StandardError {
    guard isUnadjusted else { return standardError == .robust ? .robust : .stacked }
    guard standardError != .stacked else {
      throw SiblingError(
        .invalidOption, "m-estimation is for a score that is fitted, and there is none here",
        help: "Leave --se out.", column: "se")
    }
    return .robust
  }

  /// What happens after treatment can't make the groups alike before it.
  private func refuseOutcomeAsCovariate(
    _ formula: Formula, _ data: EngineData
  ) throws(SiblingError) {
    guard outcome != formula.responseColumn else {
      throw SiblingError(
        .badDesign, "the outcome is the treatment", help: "name another column with --outcome",
        column: outcome)
    }
    guard try formula.termColumns(in: data.names).contains(outcome) else { return }
    throw SiblingError(
      .badDesign, "the outcome '\(outcome)' is among the covariates of the design",
      help: "covariates must be fixed before treatment; leave it out, or write '. - \(outcome)'",
      column: outcome)
  }

  /// The outcome as a number of a row; a two-level text is 0/1 by its levels in the whole source.
  func outcomeNumber(
    _ frame: EngineFrame, _ whole: EngineData
  ) throws(SiblingError) -> RowExpression {
    if let number = try? whole.number(outcome) { return number }
    let factor = try whole.factor(outcome)
    let levels = try whole.levels(of: factor)
    guard levels.names.count == 2 else {
      throw SiblingError(
        .wrongType, "the outcome '\(outcome)' is text with \(levels.names.count) levels",
        help: "recode it with --derive, for example 'worked = status == \"yes\"'",
        column: outcome)
    }
    return factor.indicator(1, levels)
  }

  /// The design of the outcome model; nil for the score's own.
  private func covariates(_ frame: EngineFrame) throws(SiblingError) -> SymbolicDesign? {
    guard method != .difference, let outcomeModel else { return nil }
    let text = outcomeModel.contains("~") ? outcomeModel : "~ \(outcomeModel)"
    let named = try Formula(parsing: text).termColumns(in: frame.data.names)
    let treatment = frame.formula.formula.responseColumn ?? outcome
    if let column = [outcome, treatment].first(where: { named.contains($0) }) {
      throw SiblingError(
        .badDesign,
        "'\(column)', the \(column == outcome ? "outcome" : "treatment"), is among the covariates of"
          + " the outcome model",
        help: "name what was fixed before treatment", column: "outcome-model")
    }
    let own = try EngineFrame(text, to: frame.data)
    guard own.rowCount == frame.rowCount else {
      throw SiblingError(
        .missingValue, "the outcome model needs columns that are missing in matched rows",
        help: "leave those rows out with --where before matching", column: "outcome-model")
    }
    return own.design
  }
}
