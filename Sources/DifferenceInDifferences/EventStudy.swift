public import Statistics

/// Effects by time since treatment began, from leads and lags with unit and period effects.
///
/// Never treated units are the comparison at every event time. Under effects that differ between
/// cohorts the coefficients mix event times (Sun & Abraham 2021,
/// doi 10.1016/j.jeconom.2020.09.006); group-time effects do not.
public struct EventStudy: Sendable {
  /// What is done with event times beyond the leads and lags asked for.
  public enum Beyond: String, Sendable, CaseIterable {
    /// One coefficient for everything before the first lead, one for everything after the last lag.
    case binned = "binned"
    /// Their rows are left out.
    case excluded = "excluded"
  }

  /// Event times before treatment that get coefficients, at most; nil for all.
  public var leads: Int?
  /// Event times after treatment began that get coefficients, at most; nil for all.
  public var lags: Int?
  /// The event time that others are compared with.
  public var reference: Double
  /// What is done with event times beyond.
  public var beyond: Beyond
  /// What is supposed of the outcome; Poisson estimates are logarithms of ratios of means.
  public var family: PanelFamily
  /// Which effects the factor (N − 1)/(N − K) of CR1 counts in K.
  public var counting: EffectsCounting
  /// Whether intervals of event times hold one by one, or all together.
  public var bands: EventStudyBands
  /// The confidence level of intervals.
  public var level: Double

  /// An event study; all leads and lags against −1 unless said otherwise.
  ///
  /// With three leads and two lags the event times are −3 … 2; beyond them they are binned.
  public init(
    leads: Int? = nil, lags: Int? = nil, reference: Double = -1, beyond: Beyond = .binned,
    family: PanelFamily = .gaussian, counting: EffectsCounting = .notNested,
    bands: EventStudyBands = .pointwise, level: Double = 0.95
  ) {
    self.family = family
    self.counting = counting
    self.bands = bands
    self.leads = leads
    self.lags = lags
    self.reference = reference
    self.beyond = beyond
    self.level = level
  }

  /// Regresses an outcome on indicators of event time with unit and period effects.
  ///
  /// Clustered by unit (CR1) unless another covariance is given. Units treated from the first period on
  /// have no before and take no part; event times that rest on one or two units or clusters have no
  /// standard error. The rows are `e=-3` … in order of
  /// event time, the reference 0 without standard error; then the covariates.
  /// - Throws: `invalidOption` for negative leads or lags or a reference outside them, `badDesign`
  ///   where no row is at the reference, and what the regression throws.
  public func fit(
    _ panel: PanelDesign, outcome: [Double], covariates: DesignMatrix? = nil,
    weights: [Double]? = nil, covariance: CovarianceEstimator? = nil
  ) throws(SiblingError) -> EventStudyResult {
    try panel.check(outcome: outcome, covariates: covariates, weights: weights)
    let first = panel.periods.first ?? 0
    let hasBefore = panel.groups.map { ($0 ?? .infinity) > first }
    var eventTimes = panel.eventTimes
    if panel.alwaysTreated > 0 {
      for row in eventTimes.indices where !hasBefore[Int(panel.unit.codes[row])] {
        eventTimes[row] = nil
      }
    }
    let bins = try EventBins(self, eventTimes)
    var weights = weights
    if bins.excluded > 0 || panel.alwaysTreated > 0 {
      // Rows without weight take no part.
      var kept = weights ?? [Double](repeating: 1, count: panel.rows)
      for row in kept.indices
      where bins.bin[row] == EventBins.outside || !hasBefore[Int(panel.unit.codes[row])] {
        kept[row] = 0
      }
      weights = kept
    }
    let columns = bins.bins.enumerated().filter { !$1.isReference }.map { place, bin in
      (bin.term, bins.bin.map { $0 == place ? 1.0 : 0 })
    }
    let fit = try PanelRegression(
      panel, columns, outcome, covariates, weights, family, counting
    ).fit
    let estimator = covariance ?? .cluster(.cr1, [panel.unit])
    return try result(bins, panel, fit, estimator, small: small(bins, panel, estimator))
  }

  /// The result of a fit with a column for each bin but the reference; the bins in `small` get no standard
  /// error.
  func result(
    _ bins: EventBins, _ panel: PanelDesign, _ fit: any RegressionFit,
    _ estimator: CovarianceEstimator, small: [Int]
  ) throws(SiblingError) -> EventStudyResult {
    let table = try fit.estimates(covariance: estimator, level: level)
    let identified = Set(fit.keptColumns.map { fit.names[$0] })
    var rows = bins.bins.map { bin in
      table[bin.term] ?? .reference(bin.term, unidentified: !bin.isReference)
    }
    for place in small { rows[place] = SmallGroups.withheld(rows[place]) }
    let lost = bins.bins.filter { !$0.isReference && !identified.contains($0.term) }.map(\.term)
    var notes = panel.notes + family.notes + table.notes + bins.notes
    if !lost.isEmpty {
      notes.append(
        "\(lost.joined(separator: ", ")) cannot be told from unit and period effects"
          + (panel.neverTreated == 0 ? " without never treated units" : "")
          + "; they serve as references too.")
    }
    if panel.alwaysTreated > 0 {
      notes.append(
        "\(panel.alwaysTreated) units treated from the first period on were left out.")
    }
    if !small.isEmpty {
      let terms = small.map { bins.bins[$0].term }.joined(separator: ", ")
      notes.append(SmallGroups.note("\(terms): these rest on"))
    }
    let named = Set(bins.bins.map(\.term))
    return try EventStudyResult(
      rows: zip(bins.bins, rows).map { EventStudyRow(bin: $0, estimate: $1) },
      covariates: table.rows.filter { !named.contains($0.term) },
      fit: fit, estimator: estimator, observations: table.observations,
      clusters: table.clusters, notes: notes, bands: bands, level: level)
  }

  /// The bins that rest on one or two clusters.
  private func small(
    _ bins: EventBins, _ panel: PanelDesign, _ covariance: CovarianceEstimator
  ) -> [Int] {
    guard case .cluster(_, let factors, _) = covariance, let clusters = factors.first,
      clusters.count == panel.rows
    else { return [] }
    let width = clusters.levels.count
    var seen = [Bool](repeating: false, count: width * bins.bins.count)
    var counts = [Int](repeating: 0, count: bins.bins.count)
    for (row, bin) in bins.bin.enumerated() where bin >= 0 && clusters.codes[row] >= 0 {
      let place = bin * width + Int(clusters.codes[row])
      if !seen[place] {
        seen[place] = true
        counts[bin] += 1
      }
    }
    return counts.indices.filter { !bins.bins[$0].isReference && counts[$0] <= SmallGroups.most }
  }
}

extension Estimate {
  /// The row of an event time that others are compared with: 0 and no standard error.
  static func reference(_ term: String, unidentified: Bool) -> Estimate {
    Estimate(
      term: term, estimate: 0, standardError: nil, statistic: nil, degreesOfFreedom: nil,
      pValue: nil, interval: nil,
      convention: unidentified ? "not identified, set to 0" : "reference"
    )
  }
}
