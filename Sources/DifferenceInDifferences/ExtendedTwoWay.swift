internal import LinearAlgebra
public import Statistics

/// Effects of a staggered treatment by two-way fixed effects with a coefficient for each cell.
///
/// Least squares with unit and period effects and an indicator for each cohort and period of
/// treatment; with covariates x also x, its slopes by cohort and by period, and each indicator
/// times x less its mean in the cell, so that the indicator's coefficient is the cell's average effect
/// (Wooldridge 2025, doi 10.1007/s00181-025-02807-z). Against not yet treated controls the
/// indicators are those from treatment on; against never treated ones also those before, the
/// last untreated period being the reference. Averages weigh cells by treated unit-periods.
public struct ExtendedTwoWay: PanelEstimator {
  /// Who the treated are compared with.
  public var control: GroupTimeEffects.Control
  /// How cells are averaged; nil for the cells.
  public var aggregation: GroupTimeResult.Aggregation?
  /// Keeps, by event time, the cohorts seen at least this long after treatment began.
  public var balance: Double?
  /// Periods by which units may react before treatment.
  public var anticipation: Double
  /// The confidence level of intervals.
  public var level: Double

  /// An extended two-way estimator against not yet treated units unless said otherwise.
  public init(
    control: GroupTimeEffects.Control = .notYetTreated,
    aggregation: GroupTimeResult.Aggregation? = .simple, balance: Double? = nil,
    anticipation: Double = 0, level: Double = 0.95
  ) {
    self.control = control
    self.aggregation = aggregation
    self.balance = balance
    self.anticipation = anticipation
    self.level = level
  }

  /// Estimates the effects, clustered by unit (CR1) unless clusters are given.
  ///
  /// Standard errors of averages take their weights as fixed. A cell of two clusters or fewer (more
  /// with covariates) is fitted exactly, so that rows resting on it have no standard error.
  /// - Throws: `badDesign` where no cell can be compared or never treated units are wanted and there
  ///   are none, and what the regression throws.
  /// - Complexity: linear in rows, quadratic in the number of cells.
  public func fit(
    _ panel: PanelDesign, outcome: [Double], covariates: DesignMatrix? = nil,
    weights: [Double]? = nil, clusters: Factor? = nil
  ) throws(SiblingError) -> PanelEffects {
    try panel.check(outcome: outcome, covariates: covariates, weights: weights)
    guard control == .notYetTreated || panel.neverTreated > 0 else {
      throw SiblingError(
        .badDesign, "No unit is never treated, so that there are no such controls.",
        help: "Compare with units not treated yet.")
    }
    let cluster = try panel.clustersOfUnits(clusters)
    let rows = panel.comparableRows(weights: weights, anticipation: anticipation)
    let hasCell = panel.period.indices.map { row in
      rows.isUsed[row] && isCell(panel, row, rows.isUntreated[row])
    }
    let columns = covariates?.removingIntercept()
    let cells = try EffectPartition(
      panel, isTreated: hasCell, weights: weights, by: nil, clusters: cluster,
      small: max(EffectPartition.small, 1 + (columns?.columns ?? 0)))
    var regressors = cells.groups.indices.map { place in
      cells.group.map { $0 == Int32(place) ? 1.0 : 0 }
    }
    var names = cells.groups.map(\.term)
    if let columns {
      slopes(panel, columns, &regressors, &names)
      interactions(cells, columns, weights, &regressors, &names)
    }
    let kept = (0..<panel.rows).filter { rows.isUsed[$0] }
    let isWhole = kept.count == panel.rows
    let time = Factor(
      codes: panel.period, levels: panel.periods.map { PanelDesign.label($0) })
    var used = weights
    if !isWhole {
      used = rows.isUsed.indices.map { rows.isUsed[$0] ? weights?[$0] ?? 1 : 0 }
    }
    let fit = try AbsorbedLeastSquares(keepsSingletons: true).fit(
      DesignMatrix(matrix: Matrix(columns: regressors), names: names), response: outcome,
      absorbing: [panel.unit, time], weights: used)
    let regression = CellRegression(
      fit: fit, columns: cells, first: 0, estimator: .cluster(.cr1, [cluster]))
    let partition = try EffectPartition(
      panel, isTreated: regression.identified(), weights: weights, by: aggregation,
      balance: balance, clusters: cluster)
    var effects = try regression.effects(
      partition, weights: weights, level: level,
      label: "extended two-way against "
        + (control == .notYetTreated ? "not yet treated" : "never treated"))
    let leads = cells.groups.filter {
      ($0.eventTime ?? 0) < -anticipation && !$0.isSmall && !regression.lost.contains($0.term)
    }
    if !leads.isEmpty {
      do {
        effects.preTest = try fit.wald(leads.map(\.term), covariance: regression.estimator)
      } catch {
        effects.notes.append("No joint test of effects before treatment: \(error.message)")
      }
    }
    effects.notes = panel.notes + rows.notes + effects.notes
    return effects
  }

  /// Whether a row has an indicator: from treatment on, or (never treated controls) off the base.
  private func isCell(_ panel: PanelDesign, _ row: Int, _ isUntreated: Bool) -> Bool {
    guard let start = panel.groups[Int(panel.unit.codes[row])] else { return false }
    if !isUntreated { return true }
    guard control == .neverTreated else { return false }
    let base = panel.periods.last { $0 < start - anticipation }
    return panel.periods[Int(panel.period[row])] != base
  }

  /// Each covariate, times each cohort but the first, and times each period but the first.
  private func slopes(
    _ panel: PanelDesign, _ covariates: DesignMatrix, _ regressors: inout [[Double]],
    _ names: inout [String]
  ) {
    for j in 0..<covariates.columns {
      let values = covariates.matrix.column(j)
      regressors.append(values)
      names.append(covariates.names[j])
      for cohort in panel.cohorts {
        regressors.append(
          values.indices.map {
            panel.groups[Int(panel.unit.codes[$0])] == cohort.start ? values[$0] : 0
          })
        names.append("g\(PanelDesign.label(cohort.start)):\(covariates.names[j])")
      }
      for place in panel.periods.indices.dropFirst() {
        regressors.append(
          values.indices.map { panel.period[$0] == Int32(place) ? values[$0] : 0 })
        names.append("t\(PanelDesign.label(panel.periods[place])):\(covariates.names[j])")
      }
    }
  }

  /// Each cell's indicator times each covariate less its mean in the cell.
  private func interactions(
    _ cells: EffectPartition, _ covariates: DesignMatrix, _ weights: [Double]?,
    _ regressors: inout [[Double]], _ names: inout [String]
  ) {
    for j in 0..<covariates.columns {
      let values = covariates.matrix.column(j)
      var means = [Double](repeating: 0, count: cells.groups.count)
      for row in values.indices where cells.group[row] >= 0 {
        means[Int(cells.group[row])] += (weights?[row] ?? 1) * values[row]
      }
      for place in means.indices { means[place] /= cells.groups[place].weight }
      for place in cells.groups.indices {
        regressors.append(
          values.indices.map {
            cells.group[$0] == Int32(place) ? values[$0] - means[place] : 0
          })
        names.append("\(cells.groups[place].term):\(covariates.names[j])")
      }
    }
  }
}
