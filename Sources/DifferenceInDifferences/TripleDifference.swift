internal import LinearAlgebra
public import Statistics

/// The effect of a treatment that reaches only some units where it is introduced: the difference
/// between eligible and other units, over time, between places with and without it.
///
/// Least squares of the outcome on treatment times eligibility with effects of unit, of cohort and
/// period, and of eligibility and period: whatever happens to all units of a cohort in a period, or to
/// all eligible ones, is no effect (Gruber 1994; Olden & Møen 2022, doi 10.1093/ectj/utac010). With
/// places given (states, sites), their period effects take those of cohorts' place.
///
/// One coefficient averages cohorts and periods by weights of the regression, some of which can be
/// negative when effects differ; with an aggregation each cohort and period of treatment has its
/// own coefficient, and they are averaged by eligible treated unit-periods.
public struct TripleDifference: Sendable {
  /// How the coefficients of cohorts and periods are averaged; nil for one coefficient.
  public var aggregation: GroupTimeResult.Aggregation?
  /// The confidence level of intervals.
  public var level: Double

  /// A triple difference; one coefficient unless said otherwise.
  public init(aggregation: GroupTimeResult.Aggregation? = nil, level: Double = 0.95) {
    self.aggregation = aggregation
    self.level = level
  }

  /// Estimates the effect on eligible treated units; term `ATT`, or those of the aggregation.
  ///
  /// `eligible` and the rest have one entry a row. Standard errors are CR1 by clusters, else by place,
  /// else by unit; weights of averages are taken as fixed.
  /// - Throws: `badDesign` where eligibility changes within a unit, a place has units of two cohorts,
  ///   treated or untreated units are all or none eligible; and what the regression throws.
  /// - Complexity: linear in rows, quadratic in the number of cells.
  public func fit(
    _ panel: PanelDesign, eligible: [Bool], outcome: [Double], covariates: DesignMatrix? = nil,
    places: Factor? = nil, weights: [Double]? = nil, clusters: Factor? = nil
  ) throws(SiblingError) -> PanelEffects {
    try panel.check(outcome: outcome, covariates: covariates, weights: weights)
    let place = try checked(panel, eligible, places)
    let cluster = try panel.clustersOfUnits(clusters ?? places)
    let rows = panel.comparableRows(weights: weights, anticipation: 0)
    try requireContrast(panel, eligible, rows.isUsed, rows.isUntreated)
    let isTreated = rows.isUsed.indices.map {
      rows.isUsed[$0] && !rows.isUntreated[$0] && eligible[$0]
    }
    let columns = try EffectPartition(
      panel, isTreated: isTreated, weights: weights, by: aggregation == nil ? .simple : nil,
      clusters: cluster)
    // Eligibility × period as columns: with two factors absorbed the count of parameters is exact.
    var regressors = panel.periods.indices.dropFirst().map { period in
      panel.period.indices.map { eligible[$0] && panel.period[$0] == Int32(period) ? 1.0 : 0 }
    }
    var names = panel.periods.dropFirst().map { "eligible:\(PanelDesign.label($0))" }
    let first = names.count
    for (group, cell) in columns.groups.enumerated() {
      regressors.append(columns.group.map { $0 == Int32(group) ? 1.0 : 0 })
      names.append(cell.term)
    }
    if let covariates {
      for j in 0..<covariates.columns where covariates.names[j] != "(Intercept)" {
        regressors.append(covariates.matrix.column(j))
        names.append(covariates.names[j])
      }
    }
    let time = Factor(
      codes: panel.period, levels: panel.periods.map { PanelDesign.label($0) })
    let isWhole = !rows.isUsed.contains(false)
    let used =
      isWhole ? weights : rows.isUsed.indices.map { rows.isUsed[$0] ? weights?[$0] ?? 1 : 0 }
    let fit = try AbsorbedLeastSquares(keepsSingletons: true).fit(
      DesignMatrix(matrix: Matrix(columns: regressors), names: names), response: outcome,
      absorbing: [panel.unit, place.crossed(with: time)], weights: used)
    let regression = CellRegression(
      fit: fit, columns: columns, first: first, estimator: .cluster(.cr1, [cluster]))
    let partition = try EffectPartition(
      panel, isTreated: regression.identified(), weights: weights, by: aggregation ?? .simple,
      clusters: cluster)
    var effects = try regression.effects(
      partition, weights: weights, level: level,
      label: "triple difference with unit, \(places == nil ? "cohort" : "place") × period and"
        + " eligibility × period effects")
    if aggregation == nil { effects.rows[0].estimate.term = "ATT" }
    var notes = panel.notes + rows.notes
    if aggregation == nil, panel.cohorts.count > 1 {
      notes.append(
        "treatment starts in \(panel.cohorts.count) different periods; one coefficient is right only"
          + " if the effect is the same for all and does not grow, so average cells instead")
    }
    effects.notes = notes + effects.notes
    return effects
  }

  /// The factor of places, or of cohorts; checks that eligibility is a fact of the unit.
  private func checked(
    _ panel: PanelDesign, _ eligible: [Bool], _ places: Factor?
  ) throws(SiblingError) -> Factor {
    guard eligible.count == panel.rows, places?.count ?? panel.rows == panel.rows else {
      throw SiblingError(
        .sizeMismatch, "Eligibility has \(eligible.count) rows, the panel \(panel.rows).")
    }
    var seen = [Bool?](repeating: nil, count: panel.units)
    for row in 0..<panel.rows {
      let unit = Int(panel.unit.codes[row])
      if let known = seen[unit], known != eligible[row] {
        throw SiblingError(
          .badDesign, "A unit's eligibility changes, so that its change is no effect of treatment.",
          help: "Make eligibility a fact of the unit, as it was before treatment.", row: row)
      }
      seen[unit] = eligible[row]
    }
    var cohort: [Double: Int32] = [:]
    for (code, known) in panel.cohorts.enumerated() { cohort[known.start] = Int32(code + 1) }
    let codes = (0..<panel.rows).map { row in
      panel.groups[Int(panel.unit.codes[row])].flatMap { cohort[$0] } ?? 0
    }
    let cohorts = Factor(
      codes: codes,
      levels: ["never"] + panel.cohorts.map { PanelDesign.label($0.start) })
    guard let places else { return cohorts }
    let used = places.droppingUnusedLevels()
    var home = [Int32](repeating: -1, count: used.levels.count)
    for row in 0..<panel.rows {
      guard used.codes[row] >= 0 else {
        throw SiblingError(
          .missingValue, "A row has no place.", help: "Drop rows whose place is missing.", row: row)
      }
      let place = Int(used.codes[row])
      if home[place] >= 0, home[place] != codes[row] {
        throw SiblingError(
          .badDesign, "A place has units of two cohorts: its treatment begins at two times.",
          help: "All units of a place have one first treated period, eligible or not.", row: row)
      }
      home[place] = codes[row]
    }
    return used
  }

  /// Eligible and other units must be seen both treated and untreated.
  private func requireContrast(
    _ panel: PanelDesign, _ eligible: [Bool], _ isUsed: [Bool], _ isUntreated: [Bool]
  ) throws(SiblingError) {
    var seen = [Bool](repeating: false, count: 4)
    for row in isUsed.indices where isUsed[row] {
      seen[(eligible[row] ? 2 : 0) + (isUntreated[row] ? 1 : 0)] = true
    }
    guard let missing = seen.firstIndex(of: false) else { return }
    let who = missing >= 2 ? "eligible" : "ineligible"
    let when = missing % 2 == 1 ? "untreated" : "treated"
    throw SiblingError(
      .badDesign, "No \(who) unit is ever \(when), so that there is no third difference.",
      help: "Where treatment is introduced there must be eligible and other units, before and"
        + " after.")
  }
}
