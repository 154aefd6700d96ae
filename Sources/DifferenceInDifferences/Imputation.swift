internal import LinearAlgebra
public import Statistics

/// Effects of a staggered treatment by imputing what treated outcomes would have been.
///
/// Unit and period effects, and slopes of covariates, are learned from untreated unit-periods alone;
/// each treated one's effect is its outcome less the imputed one; effects are averaged (Borusyak,
/// Jaravel & Spiess 2024, doi 10.1093/restud/rdae007). No treated unit serves as a control, so effects
/// may differ between cohorts and over time. A unit needs one untreated period; rows alone
/// in a unit or period stay.
///
/// Standard errors are the paper's: an average is Σ v·y, its variance Σ over clusters (Σ v·e)², e the
/// untreated residuals and the effects about a mean of their cohort and period, weighted as the
/// paper advises. They are conservative where effects differ within a cohort and period. Cohorts of
/// one or two clusters have no spread of their own: their effects are taken about the mean of their
/// event time over all cohorts (or of all effects); rows that rest on two clusters or fewer have none.
public struct Imputation: PanelEstimator {
  /// How effects are averaged; nil for each cohort and period.
  public var aggregation: GroupTimeResult.Aggregation?
  /// Keeps, by event time, the cohorts seen at least this long after treatment began.
  public var balance: Double?
  /// Periods by which units may react before treatment; they are imputed too.
  public var anticipation: Double
  /// Leads in the regression of untreated rows that tests for trends before treatment; nil for all.
  public var leads: Int?
  /// The confidence level of intervals.
  public var level: Double

  /// An imputation estimator; one average over all treated unit-periods unless said otherwise.
  public init(
    aggregation: GroupTimeResult.Aggregation? = .simple, balance: Double? = nil,
    anticipation: Double = 0, leads: Int? = nil, level: Double = 0.95
  ) {
    self.aggregation = aggregation
    self.balance = balance
    self.anticipation = anticipation
    self.leads = leads
    self.level = level
  }

  /// Estimates the effects; by event time the rows before treatment are the leads of the test.
  ///
  /// The leads come from a regression on untreated unit-periods alone, against the earliest ones, as
  /// the paper advises; they are no imputed effects. Overall is the mean over all treated unit-periods.
  /// - Throws: `sizeMismatch`, `missingValue`, `badWeight`, `tooFewClusters`, `tooFewObservations`,
  ///   and `badDesign` where no treated unit-period can be imputed or a unit moves between clusters.
  /// - Complexity: O(rows · periods) and one product of clusters × periods × groups.
  public func fit(
    _ panel: PanelDesign, outcome: [Double], covariates: DesignMatrix? = nil,
    weights: [Double]? = nil, clusters: Factor? = nil
  ) throws(SiblingError) -> PanelEffects {
    let model = try UntreatedModel(
      panel, outcome: outcome, covariates: covariates, weights: weights,
      anticipation: anticipation)
    let cluster = try panel.clustersOfUnits(clusters)
    let partition = try EffectPartition(
      panel, isTreated: model.isTreated, weights: weights, by: aggregation, balance: balance,
      clusters: cluster)
    let centres = try CellCentres(panel, model, clusters: cluster)
    let influence = model.influence(partition, centre: centres.centre, clusters: cluster)
    var effects = PanelEffects(
      model.means(partition), influence, partition, level: level,
      convention: "imputation, influence weights about cohort-period means, "
        + "\(cluster.levels.count) clusters, z")
    effects.observations = model.baseRows + model.treatedRows
    effects.clusters = cluster.levels.count
    effects.notes = panel.notes + model.notes + centres.notes + effects.notes
    let trend = try PreTrend(
      panel, model, outcome: outcome, covariates: covariates, leads: leads, clusters: cluster,
      level: level)
    effects.preTest = trend.test
    effects.notes += trend.notes
    if aggregation == .dynamic {
      let estimated = Set(effects.rows.map(\.estimate.term))
      let leads = trend.rows.filter { !estimated.contains($0.estimate.term) }
      effects.rows.insert(contentsOf: leads, at: 0)
      if let first = leads.first?.estimate.term, let last = leads.last?.estimate.term {
        effects.notes.append(
          "\(first) to \(last) are leads of a regression among untreated unit-periods, against the"
            + " earliest ones; they are no imputed effects.")
      }
    }
    return effects
  }
}

/// The means that treated effects are taken about for standard errors.
struct CellCentres {
  /// For each row of the panel the centre of its cell; 0 where it is not treated.
  let centre: [Double]
  let notes: [String]

  /// Means by cohort and period: Σ_c (Σ v)(Σ v·τ) / Σ_c (Σ v)² over clusters c, v the rows' weights.
  init(
    _ panel: PanelDesign, _ model: UntreatedModel, clusters: Factor
  ) throws(SiblingError) {
    let cells = try EffectPartition(
      panel, isTreated: model.isTreated, weights: model.weights, by: nil, clusters: clusters)
    let rows = model.isTreated.indices.filter { model.isTreated[$0] }
    let byCluster = Sorting.order(
      codes: rows.map { clusters.codes[$0] }, levels: clusters.levels.count
    ).map { rows[Int($0)] }
    let order = Sorting.order(
      codes: byCluster.map { cells.group[$0] }, levels: cells.groups.count
    ).map { byCluster[Int($0)] }
    var top = [Double](repeating: 0, count: cells.groups.count)
    var bottom = top
    var (weight, sum) = (0.0, 0.0)
    for (place, row) in order.enumerated() {
      let own = model.weights?[row] ?? 1
      weight += own
      sum += own * model.residual[row]
      let next = place + 1 < order.count ? order[place + 1] : -1
      if next < 0 || cells.group[next] != cells.group[row]
        || clusters.codes[next] != clusters.codes[row]
      {
        top[Int(cells.group[row])] += weight * sum
        bottom[Int(cells.group[row])] += weight * weight
        (weight, sum) = (0, 0)
      }
    }
    var means = zip(top, bottom).map { $0 / $1 }
    var pooled = 0
    if cells.groups.contains(where: \.isSmall) {
      let events = try EffectPartition(
        panel, isTreated: model.isTreated, weights: model.weights, by: .dynamic,
        clusters: clusters)
      let eventMeans = model.means(events)
      var (total, all) = (0.0, 0.0)
      for (place, group) in events.groups.enumerated() {
        total += group.weight
        all += group.weight * eventMeans[place]
      }
      for (place, cell) in cells.groups.enumerated() where cell.isSmall {
        let same = events.groups.firstIndex { $0.eventTime == cell.eventTime } ?? 0
        means[place] = events.groups[same].isSmall ? all / total : eventMeans[same]
        pooled += 1
      }
    }
    var centre = [Double](repeating: 0, count: panel.rows)
    for row in rows { centre[row] = means[Int(cells.group[row])] }
    self.centre = centre
    notes =
      pooled == 0
      ? []
      : [
        "\(pooled) of \(cells.groups.count) cells rest on one or two clusters; for standard errors"
          + " their effects are taken about the mean of their event time over all cohorts."
      ]
  }
}
