internal import DifferenceInDifferences
internal import Engines
internal import Statistics

/// `did` from sums of an engine: two-way fixed effects and two periods without covariates, group-time effects.
extension DifferenceAnalysis: EngineAnalysis {
  var needsRows: String? {
    if randomisation != nil { return "randomisation inference" }
    switch shape {
    case .wide: return "a comparison of two columns (--pre, --post)"
    case .other(let name, let columns):
      guard let twoPeriods = estimator as? TwoPeriodPanelEstimator else {
        return "the method \(name)"
      }
      if columns.unit.isEmpty { return "two periods without units" }
      if twoPeriods.isPooled { return "pooled least squares" }
      return columns.needsRows(settings, covariates: covariates)
    case .fixedEffects(let columns):
      if twoWay.family != .gaussian { return "Poisson regression" }
      if columns.unit.isEmpty { return "two-way fixed effects without units" }
      return columns.needsRows(settings, covariates: covariates) ?? covariance.needsRows
    case .groupTime(let columns):
      if groupTime.bootstrap != nil { return "the multiplier bootstrap" }
      if columns.unit.isEmpty {
        if groupTime.estimator == .inverseProbability { return "--estimator ipw of rows" }
      } else if groupTime.sampling == .crossSections {
        return "an unbalanced panel (--unbalanced)"
      }
      if isAdjusted(columns) {
        var plain = settings
        plain.weights = nil
        return columns.needsRows(plain, covariates: nil)
      }
      return columns.needsRows(settings, covariates: covariates)
    }
  }

  /// What sums give of one of the shapes.
  enum EngineFit {
    case coefficient(EstimateTable)
    case groupTimes(GroupTimeResult, EstimateTable, smallest: Int)
    case effects(PanelEffects, smallest: Int)
  }

  func run(on data: EngineData) throws(SiblingError) -> AnalysisOutput {
    switch try fit(on: data) {
    case .coefficient(let table): return Self.output(table)
    case .groupTimes(let result, let table, let smallest):
      return aggregation == nil
        ? Self.output(table, cells: result.cells) : Self.output(table, smallest: smallest)
    case .effects(let effects, let smallest): return Self.output(effects, smallest: smallest)
    }
  }

  /// Fits the effects.
  ///
  /// - Throws: what is wrong with the columns or the panel; the engine's failures.
  func fit(on data: EngineData) throws(SiblingError) -> EngineFit {
    if let needsRows { throw NeedsRows.error(needsRows) }
    switch shape {
    case .fixedEffects(let columns):
      let panel = try columns.panel(in: data, settings)
      try EngineMovers.refuse(panel, isRegression: true)
      var table = try twoWay.fit(panel.moments, covariance: covariance.estimator([])).table
      table.notes = panel.notes + table.notes
      if panel.moments.starts > 1 { table.notes.append(Self.staggered(panel.moments.starts)) }
      return .coefficient(table)
    case .groupTime(let columns):
      let (result, notes, smallest) = try groupTimes(columns, data)
      let table = try GroupTimes.table(result, aggregation, balance: balance, notes: notes)
      return .groupTimes(result, table, smallest: smallest)
    case .other(_, let columns):
      guard let twoPeriods = estimator as? TwoPeriodPanelEstimator else {
        throw NeedsRows.error("this method")
      }
      let panel = try columns.panel(in: data, settings)
      try EngineMovers.refuse(panel, isRegression: false)
      var effects = try twoPeriods.fit(panel.moments)
      effects.notes = panel.notes + effects.notes
      return .effects(effects, smallest: panel.moments.smallestCohort)
    case .wide: throw NeedsRows.error("this method")
    }
  }

  private func groupTimes(
    _ columns: PanelColumns, _ data: EngineData
  ) throws(SiblingError) -> (result: GroupTimeResult, notes: [String], smallest: Int) {
    if columns.unit.isEmpty {
      let sections = try EngineCrossSections(
        EnginePanelColumns(
          outcome: columns.outcome, unit: "", time: columns.time, group: columns.group,
          cluster: settings.clusters.first, excluded: columns.excluded),
        in: data, missingIsError: settings.missingIsError)
      return (
        try groupTime.fit(sections.moments), sections.notes, sections.moments.smallestCohort
      )
    }
    if isAdjusted(columns) { return try adjusted(columns, data) }
    let panel = try columns.panel(in: data, settings)
    try EngineMovers.refuse(panel, isRegression: false)
    return (try groupTime.fit(panel.moments), panel.notes, panel.moments.smallestCohort)
  }

  /// Whether units are compared with covariates or weights.
  private func isAdjusted(_ columns: PanelColumns) -> Bool {
    !columns.unit.isEmpty && (covariates != nil || settings.weights != nil)
  }

  private func adjusted(
    _ columns: PanelColumns, _ data: EngineData
  ) throws(SiblingError) -> (result: GroupTimeResult, notes: [String], smallest: Int) {
    let right = covariates.map { $0.contains("~") ? $0.drop { $0 != "~" }.dropFirst() : $0[...] }
    let adjusted: EngineAdjustedPanel
    do throws(SiblingError) {
      adjusted = try EngineAdjustedPanel(
        EnginePanelColumns(
          outcome: columns.outcome, unit: columns.unit, time: columns.time, group: columns.group,
          cluster: settings.clusters.first, excluded: columns.excluded),
        covariates: right.map(String.init), weights: settings.weights, in: data,
        missingIsError: settings.missingIsError)
    } catch {
      // Splines and the like are made from all rows at once.
      guard error.code == .unsupportedFormat else { throw error }
      throw NeedsRows.error("a covariate that no engine computes from a row")
    }
    defer { adjusted.release() }
    try BoundPanel.refuseOutcome(columns.outcome, among: covariates, names: data.names)
    let panel = adjusted.panel
    try EngineMovers.refuse(panel, isRegression: false)
    let result = try groupTime.fit(panel.moments, adjusting: adjusted)
    return (result, panel.notes, panel.moments.smallestCohort)
  }
}
