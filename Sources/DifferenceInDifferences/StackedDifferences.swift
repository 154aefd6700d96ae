internal import LinearAlgebra
public import Statistics

/// Effects of a staggered treatment from sub-experiments laid on top of each other.
///
/// Each cohort makes one sub-experiment: the periods of a window around the start of its treatment, its
/// units, and clean controls, which are untreated until the window ends. Only cohorts whose window lies
/// within the panel take part, so that every event time rests on the same cohorts. One regression with
/// unit and period effects of each sub-experiment gives the effects by event time, clustered by unit
/// because controls stand in several (Cengiz, Dube, Lindner & Zipperer 2019, doi 10.1093/qje/qjz014).
///
/// Unweighted, that regression weighs cohorts by the variance of treatment in their sub-experiments.
/// Corrective weights give treated rows 1 and the controls of a sub-experiment (N_treated here /
/// N_treated in all) / (N_controls here / N_controls in all), so that cohorts count by their treated units
/// (Wing, Freedman & Hollingsworth 2024, doi 10.3386/w32054).
public struct StackedDifferences: PanelEstimator {
  /// How sub-experiments are weighed.
  public enum Weighting: String, Sendable, CaseIterable {
    /// By their treated units, through corrective weights of controls.
    case corrective = "corrective"
    /// By the regression's own, which grow with the variance of treatment.
    case none = "none"
  }

  /// Event times before treatment in the window, at least 1; nil is refused by `fit`.
  public var leads: Int?
  /// Event times after the start of treatment in the window, 0 or more; nil is refused by `fit`.
  public var lags: Int?
  /// How sub-experiments are weighed.
  public var weighting: Weighting
  /// Whether controls treated after the window are clean, or only never treated ones.
  public var control: GroupTimeEffects.Control
  /// How effects are averaged; nil for each cohort and period.
  public var aggregation: GroupTimeResult.Aggregation?
  /// Periods by which units may react before treatment.
  public var anticipation: Int
  /// The confidence level of intervals.
  public var level: Double

  /// A stacked estimator with corrective weights and all clean controls unless said otherwise.
  public init(
    leads: Int?, lags: Int?, weighting: Weighting = .corrective,
    control: GroupTimeEffects.Control = .notYetTreated,
    aggregation: GroupTimeResult.Aggregation? = .simple, anticipation: Int = 0,
    level: Double = 0.95
  ) {
    self.leads = leads
    self.lags = lags
    self.weighting = weighting
    self.control = control
    self.aggregation = aggregation
    self.anticipation = anticipation
    self.level = level
  }

  /// Estimates the effects against the last event time before anticipation, clustered by unit (CR1).
  ///
  /// By event time and overall they are coefficients of one pooled regression; by cohort, period or
  /// cell those of a regression with a coefficient for each cohort's event time.
  /// - Throws: `invalidOption` without a window, `badDesign` where no cohort has its window within
  ///   the panel and clean controls, and what the regression throws.
  /// - Complexity: linear in the rows of all sub-experiments.
  public func fit(
    _ panel: PanelDesign, outcome: [Double], covariates: DesignMatrix? = nil,
    weights: [Double]? = nil, clusters: Factor? = nil
  ) throws(SiblingError) -> PanelEffects {
    try panel.check(outcome: outcome, covariates: covariates, weights: weights)
    let cluster = try panel.clustersOfUnits(clusters)
    let window = try window()
    let stack = try SubExperiments(
      panel, leads: window.leads, lags: window.lags, reach: Double(anticipation),
      neverOnly: control == .neverTreated, weights: weights, isCorrected: weighting == .corrective)
    let reference = -1 - Double(anticipation)
    let isTreated = stack.isTreated(panel, except: reference)
    let pooled = aggregation == .simple || aggregation == .dynamic
    let columns = try EffectPartition(
      panel, isTreated: isTreated, weights: weights, by: pooled ? .dynamic : nil,
      clusters: cluster)
    var regressors = columns.groups.indices.map { place in
      stack.rows.indices.map { at in
        stack.isOfCohort[at] && columns.group[stack.rows[at]] == Int32(place) ? 1.0 : 0
      }
    }
    var names = columns.groups.map(\.term)
    if let covariates {
      for j in 0..<covariates.columns where covariates.names[j] != "(Intercept)" {
        let values = covariates.matrix.column(j)
        regressors.append(stack.rows.map { values[$0] })
        names.append(covariates.names[j])
      }
    }
    let fit = try AbsorbedLeastSquares(keepsSingletons: true).fit(
      DesignMatrix(matrix: Matrix(columns: regressors), names: names),
      response: stack.rows.map { outcome[$0] }, absorbing: [stack.unit, stack.time],
      weights: stack.weights)
    let regression = CellRegression(
      fit: fit, columns: columns, first: 0,
      estimator: .cluster(.cr1, [cluster.selecting(stack.rows)]))
    let partition = try EffectPartition(
      panel, isTreated: regression.identified(), weights: weights, by: aggregation,
      clusters: cluster)
    var effects = try regression.effects(
      partition, weights: weights, level: level, label: "stacked, \(weighting.rawValue) weights")
    if aggregation == .dynamic {
      let place = effects.rows.firstIndex { row in
        partition.groups.first { $0.term == row.estimate.term }?.eventTime ?? 1e300 > reference
      }
      effects.rows.insert(
        PanelEffects.Row(
          .reference("e=\(PanelDesign.label(reference))", unidentified: false),
          treatedRows: stack.treatedUnits, treatedUnits: stack.treatedUnits),
        at: place ?? 0)
    }
    let leading = columns.groups.filter {
      ($0.eventTime ?? 0) < reference && !$0.isSmall && !regression.lost.contains($0.term)
    }
    if !leading.isEmpty {
      do {
        effects.preTest = try fit.wald(leading.map(\.term), covariance: regression.estimator)
      } catch {
        effects.notes.append("No joint test of effects before treatment: \(error.message)")
      }
    }
    effects.notes = panel.notes + stack.notes + effects.notes
    return effects
  }

  private func window() throws(SiblingError) -> (leads: Double, lags: Double) {
    guard let leads, let lags else {
      throw SiblingError(
        .invalidOption, "Stacking needs the window around treatment: leads and lags.",
        help: "Such as 2 leads and 1 lag; cohorts whose window leaves the panel are left out.")
    }
    guard anticipation >= 0, lags >= 0, leads >= 1 + anticipation else {
      throw SiblingError(
        .invalidOption,
        "The window needs a lead before anticipation begins, and lags of zero or more.",
        help: "Give at least \(1 + max(0, anticipation)) leads.")
    }
    return (Double(leads), Double(lags))
  }
}

/// Sub-experiments of cohorts with clean controls, one below the other.
struct SubExperiments {
  /// The panel's row behind each row of the stack.
  private(set) var rows: [Int] = []
  /// Whether it is of the cohort that its sub-experiment is about.
  private(set) var isOfCohort: [Bool] = []
  /// Units within sub-experiments.
  let unit: Factor
  /// Periods within sub-experiments.
  let time: Factor
  /// The weight of each row of the stack; nil for all one.
  let weights: [Double]?
  /// Treated units in all sub-experiments.
  private(set) var treatedUnits = 0
  private(set) var notes: [String] = []

  init(
    _ panel: PanelDesign, leads: Double, lags: Double, reach: Double, neverOnly: Bool,
    weights: [Double]?, isCorrected: Bool
  ) throws(SiblingError) {
    let (first, last) = (panel.periods[0], panel.periods.last ?? 0)
    var (unitCodes, timeCodes): ([Int32], [Int32]) = ([], [])
    var sizes: [(treated: Double, controls: Double, rows: Int)] = []
    var (outside, alone): ([String], [String]) = ([], [])
    let (units, periods) = (panel.units, panel.periods.count)
    for cohort in panel.cohorts {
      let start = cohort.start
      let label = PanelDesign.label(start)
      guard start - leads >= first, start + lags <= last else {
        outside.append(label)
        continue
      }
      let clean = start + lags + reach
      let begin = rows.count
      let number = sizes.count
      var (treated, controls) = (0.0, 0.0)
      for row in 0..<panel.rows where weights?[row] ?? 1 > 0 {
        let time = panel.periods[Int(panel.period[row])]
        guard time >= start - leads, time <= start + lags else { continue }
        let own = panel.groups[Int(panel.unit.codes[row])]
        let isOwn = own == start
        guard isOwn || own == nil || (!neverOnly && own ?? 0 > clean) else { continue }
        rows.append(row)
        isOfCohort.append(isOwn)
        if isOwn { treated += weights?[row] ?? 1 } else { controls += weights?[row] ?? 1 }
        unitCodes.append(Int32(number * units) + panel.unit.codes[row])
        timeCodes.append(Int32(number * periods) + panel.period[row])
      }
      guard treated > 0, controls > 0 else {
        rows.removeLast(rows.count - begin)
        isOfCohort.removeLast(isOfCohort.count - begin)
        unitCodes.removeLast(unitCodes.count - begin)
        timeCodes.removeLast(timeCodes.count - begin)
        alone.append(label)
        continue
      }
      treatedUnits += cohort.units
      sizes.append((treated, controls, rows.count - begin))
    }
    guard !sizes.isEmpty else {
      throw SiblingError(
        .badDesign,
        "No cohort has its window within the panel and clean controls.",
        help: "Give fewer leads or lags: a cohort's start less leads, and plus lags, must be"
          + " periods of the panel.")
    }
    if !outside.isEmpty {
      notes.append(
        "left out because their window leaves the panel: cohorts \(outside.joined(separator: ", "))"
      )
    }
    if !alone.isEmpty {
      notes.append("left out without clean controls: cohorts \(alone.joined(separator: ", "))")
    }
    notes.append("\(sizes.count) sub-experiments, \(rows.count) rows, controls repeated")
    let treated = sizes.reduce(0) { $0 + $1.treated }
    let controls = sizes.reduce(0) { $0 + $1.controls }
    let used = rows
    var stacked = weights.map { w in used.map { w[$0] } }
    if isCorrected {
      var all = stacked ?? [Double](repeating: 1, count: used.count)
      var begin = 0
      for size in sizes {
        let correction = (size.treated / treated) / (size.controls / controls)
        for at in begin..<(begin + size.rows) where !isOfCohort[at] { all[at] *= correction }
        begin += size.rows
      }
      stacked = all
    }
    self.weights = stacked
    unit = Factor(
      codes: unitCodes, levels: [String](repeating: "", count: sizes.count * units)
    ).droppingUnusedLevels()
    time = Factor(
      codes: timeCodes, levels: [String](repeating: "", count: sizes.count * periods)
    ).droppingUnusedLevels()
  }

  /// The panel's rows of cohorts within their windows, but for one event time.
  func isTreated(_ panel: PanelDesign, except reference: Double) -> [Bool] {
    var isTreated = [Bool](repeating: false, count: panel.rows)
    for (at, row) in rows.enumerated() where isOfCohort[at] {
      let start = panel.groups[Int(panel.unit.codes[row])] ?? 0
      isTreated[row] = panel.periods[Int(panel.period[row])] - start != reference
    }
    return isTreated
  }
}
