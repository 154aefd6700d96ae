public import Statistics

extension TwoWayFixedEffects {
  /// Regresses the outcome on treatment with unit and period effects, from sums over units.
  ///
  /// The result is that of the panel's rows. Clusters are those of the sums, units where they have none, whatever
  /// factors `covariance` carries.
  /// - Throws: as ``fit(_:outcome:covariates:weights:covariance:)``; `invalidOption` for Poisson regression and
  ///   for covariances other than classical, HC0, HC1, CR0 and CR1.
  public func fit(
    _ moments: PanelMoments, covariance: CovarianceEstimator = .classical
  ) throws(SiblingError) -> TwoWayFixedEffectsResult {
    try moments.require(family)
    let panel = moments.panel
    let (blocks, clusters) = moments.regressionBlocks([panel.treatment])
    let fit = try GroupedPanelRegression(counting: counting).fit(
      ["ATT"], blocks, clusters: clusters)
    let table = try fit.estimates(covariance: covariance, level: level)
    guard let estimate = table["ATT"] else {
      throw SiblingError(.internalError, "The treatment's row is missing from the regression.")
    }
    var result = TwoWayFixedEffectsResult(
      estimate: estimate,
      table: EstimateTable(
        rows: table.rows, observations: table.observations, clusters: table.clusters,
        notes: panel.notes + table.notes),
      withinRSquared: fit.withinRSquared, normalEquationResidual: fit.normalEquationResidual)
    if case .cluster = covariance,
      moments.independent({ panel.groups[$0] != nil }) <= SmallGroups.most
    {
      result.withhold(SmallGroups.note("The treated are"))
    }
    return result
  }
}

extension EventStudy {
  /// Regresses the outcome on indicators of event time with unit and period effects, from sums over units.
  ///
  /// The result is that of the panel's rows; clusters are those of the sums, units where they have none.
  /// - Throws: as ``fit(_:outcome:covariates:weights:covariance:)``; `invalidOption` for Poisson regression and
  ///   for covariances other than classical, HC0, HC1, CR0 and CR1.
  public func fit(
    _ moments: PanelMoments, covariance: CovarianceEstimator? = nil
  ) throws(SiblingError) -> EventStudyResult {
    try moments.require(family)
    let panel = moments.panel
    let first = panel.periods.first ?? 0
    let hasBefore = panel.groups.map { ($0 ?? .infinity) > first }
    var eventTimes = panel.eventTimes
    let owner = panel.unit.codes.map { Int($0) }
    for row in eventTimes.indices where !hasBefore[owner[row]] { eventTimes[row] = nil }
    let bins = try EventBins(self, eventTimes, sizes: owner.map { moments.blocks[$0].units })
    let isUsed = owner.indices.map {
      bins.bin[$0] != EventBins.outside && hasBefore[owner[$0]]
    }
    let columns = bins.bins.enumerated().filter { !$1.isReference }.map { place, bin in
      (bin.term, bins.bin.map { $0 == place ? 1.0 : 0 })
    }
    let (blocks, clusters) = moments.regressionBlocks(columns.map(\.1), isUsed: isUsed)
    let fit = try GroupedPanelRegression(counting: counting).fit(
      columns.map(\.0), blocks, clusters: clusters)
    let estimator = covariance ?? .cluster(.cr1, [])
    var small: [Int] = []
    if case .cluster = estimator {
      var met = [Set<Int>](repeating: [], count: bins.bins.count)
      for (row, bin) in bins.bin.enumerated() where bin >= 0 { met[bin].insert(owner[row]) }
      small = bins.bins.indices.filter { bin in
        !bins.bins[bin].isReference
          && moments.independent { met[bin].contains($0) } <= SmallGroups.most
      }
    }
    return try result(bins, panel, fit, estimator, small: small)
  }
}

extension PanelMoments {
  /// Refuses what sums can't give.
  fileprivate func require(_ family: PanelFamily) throws(SiblingError) {
    guard family == .gaussian else {
      throw SiblingError(
        .invalidOption, "Poisson regression needs every row and can't be had from sums.",
        help: "Use least squares.")
    }
  }
}
