internal import Engines
internal import Statistics
internal import Tables

extension RegressAnalysis: EngineAnalysis {
  var needsRows: String? {
    if !EngineRegression.supports(family, link) {
      return "a \(family.rawValue) model with a `\(link.rawValue)` link needs every row"
    }
    switch covariance {
    case .series: return "Newey–West standard errors need the rows of each series"
    case .heteroskedastic(let type) where type == .hc2 || type == .hc3:
      return "\(type.rawValue) needs each row's leverage"
    case .cluster(let type) where type == .cr2 || type == .cr3:
      return "\(type.rawValue) needs each cluster's leverage"
    default: break
    }
    let hasAbsorbed = (try? Formula(parsing: formula))?.absorbed.isEmpty == false
    guard !absorb.isEmpty || hasAbsorbed, family != .gaussian || link != .identity else {
      return nil
    }
    return "absorbed effects of this model need every row"
  }

  /// The rows of the verb, from sums.
  ///
  /// - Throws: what is wrong with the data or the model; the engine's failures.
  func run(on data: EngineData) throws(SiblingError) -> AnalysisOutput {
    if let needsRows { throw NeedsRows.because(needsRows) }
    var options = EngineFrame.Options()
    options.weights = settings.weights
    options.clusters = settings.clusters
    options.treated = settings.treated
    options.missingIsError = settings.missingIsError
    options.absorbed = absorb
    let frame = try EngineFrame(formula, to: data, options)
    if !frame.absorbed.isEmpty { return try absorbing(frame) }
    if counting != .notNested {
      throw SiblingError(
        .invalidOption, "there are no absorbed effects to count", help: "leave out --small-sample",
        column: OptionKey.smallSample.name)
    }
    let fit = try EngineRegression(family: family, link: link).fit(frame)
    defer { fit.release() }
    let estimates = try fit.estimates(covariance: kind(frame), level: settings.level)
    let notes = frame.notes + estimates.notes + StandardErrorNotes.told(estimates, isPanel: false)
    return AnalysisOutput(
      columns: estimates.columns(), notes: notes, observations: estimates.observations)
  }

  /// Least squares with absorbed effects, from sums by cell of the effects.
  private func absorbing(_ frame: EngineFrame) throws(SiblingError) -> AnalysisOutput {
    let factors = frame.clusters.map { _ in Factor(codes: [], levels: []) }
    let estimates = try EngineAbsorbedRegression(counting: counting, level: settings.level)
      .fit(frame, covariance: covariance.estimator(factors))
    return AnalysisOutput(
      columns: estimates.columns(),
      notes: frame.notes + estimates.notes + StandardErrorNotes.told(estimates, isPanel: false)
        + (frame.absorbed.count > 2 ? [Self.countingNote] : []),
      observations: estimates.observations)
  }

  /// The covariance, whose default depends on the clusters of the formula.
  private func kind(_ frame: EngineFrame) -> EngineCovariance {
    switch covariance {
    case .classical, .series: frame.clusters.isEmpty ? .classical : .cluster(.cr1)
    case .heteroskedastic(let type): .heteroskedastic(type)
    case .cluster(let type): .cluster(type)
    }
  }
}
