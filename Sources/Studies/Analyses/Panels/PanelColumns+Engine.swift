internal import DifferenceInDifferences
internal import Engines
internal import Statistics

extension PanelColumns {
  /// What keeps these columns from being summed up in an engine; nil where they can be.
  func needsRows(_ settings: CommonSettings, covariates: String?) -> String? {
    if treatment != nil { return "the group from a treatment column (--treatment)" }
    if covariates != nil { return "a panel with covariates" }
    if settings.weights != nil { return "a panel with weights" }
    if settings.clusters.count > 1 { return "clustering by two columns" }
    return nil
  }

  /// The panel's sums in an engine.
  ///
  /// - Throws: what is wrong with the columns or the panel; the engine's failures.
  func panel(in data: EngineData, _ settings: CommonSettings) throws(SiblingError) -> EnginePanel {
    try EnginePanel(
      EnginePanelColumns(
        outcome: outcome, unit: unit, time: time, group: group, cluster: settings.clusters.first,
        excluded: excluded),
      in: data, missingIsError: settings.missingIsError)
  }
}

extension CovarianceChoice {
  /// What keeps the covariance from being had from sums; nil where it can be.
  var needsRows: String? {
    switch self {
    case .classical, .heteroskedastic(.hc0), .heteroskedastic(.hc1), .cluster(.cr0),
      .cluster(.cr1):
      nil
    case .heteroskedastic(let type): "the covariance \(type.rawValue)"
    case .cluster(let type): "the covariance \(type.rawValue)"
    case .series: "a covariance for serial correlation"
    }
  }
}

/// What regressions say of units in more than one cluster, from sums.
enum EngineMovers {
  /// The error for units that move between clusters, whose rows sums can't tell apart.
  static func refuse(_ panel: EnginePanel, isRegression: Bool) throws(SiblingError) {
    guard panel.movers > 0 else { return }
    if isRegression { throw NeedsRows.error("clustering by a column that changes within units") }
    throw SiblingError(
      .badDesign, "A unit moves between clusters.",
      help: "Cluster by something that does not change within units.")
  }
}
