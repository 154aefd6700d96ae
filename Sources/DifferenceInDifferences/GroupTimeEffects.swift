internal import LinearAlgebra
public import Statistics

/// An effect for each cohort in each period, each from its own two-period comparison.
///
/// ATT(g, t) compares the change of the cohort first treated in g, from before its treatment to t,
/// with that of units untreated by then, so no treated unit serves as a control. Callaway &
/// Sant'Anna (2021, doi 10.1016/j.jeconom.2020.12.001).
public struct GroupTimeEffects: Sendable {
  /// Which untreated units are the controls.
  public enum Control: String, Sendable, CaseIterable {
    /// Units never treated; without any, the last cohort, over the periods before its treatment.
    case neverTreated = "never"
    /// Units not treated yet, among them those treated later.
    case notYetTreated = "not-yet"
  }

  /// The period that effects before treatment are measured from.
  public enum Base: String, Sendable, CaseIterable {
    /// The period just before: each is a one-period change.
    case varying = "varying"
    /// The last period before treatment, as after it; that period's own effect is 0.
    case universal = "universal"
  }

  /// Which untreated units are the controls.
  public var control: Control
  /// How changes are adjusted for covariates.
  public var estimator: AdjustmentEstimator
  /// The period that effects before treatment are measured from.
  public var base: Base
  /// By how many periods' time units may react before treatment begins, on the scale of the periods.
  public var anticipation: Double
  /// The confidence level of intervals.
  public var level: Double

  /// Group-time effects: doubly robust, against never treated units, unless said otherwise.
  public init(
    control: Control = .neverTreated, estimator: AdjustmentEstimator = .doublyRobust,
    base: Base = .varying, anticipation: Double = 0, level: Double = 0.95
  ) {
    self.control = control
    self.estimator = estimator
    self.base = base
    self.anticipation = anticipation
    self.level = level
  }

  /// Estimates every cell from a panel.
  ///
  /// Units without some period are left out, and so are units treated from the first period on.
  /// Covariates and weights are those of the earlier period of each comparison. Standard errors
  /// are analytic, √(Σψ²)/n by units or √(ΣS²)/n by clusters, and statistics normal. The
  /// unstandardised `inverseProbability` is taken as it is; did's `ipw` is the standardised one.
  /// Cohorts of one or two units get no standard error: the formula's is far too small.
  /// - Throws: `sizeMismatch`, `missingValue`, `badWeight`, `badDesign` where no cell can be had,
  ///   `invalidOption` for a negative anticipation. A cell whose comparison fails is empty, with a
  ///   note.
  /// - Complexity: O(cells · n p²).
  public func fit(
    _ panel: PanelDesign, outcome: [Double], covariates: DesignMatrix? = nil,
    weights: [Double]? = nil, clusters: Factor? = nil
  ) throws(SiblingError) -> GroupTimeResult {
    try panel.check(outcome: outcome, covariates: covariates, weights: weights)
    if let covariates, let cell = covariates.matrix.storage.firstIndex(where: { !$0.isFinite }) {
      throw SiblingError(
        .missingValue, "A covariate is missing or not finite.",
        help: "Drop rows with missing values before fitting; log(0) is not finite either.",
        row: cell % panel.rows, column: covariates.names[cell / panel.rows])
    }
    guard anticipation >= 0, anticipation.isFinite else {
      throw SiblingError(
        .invalidOption, "Anticipation is a number of periods, 0 or more.",
        help: "Give how long before treatment units may react.")
    }
    let sample = try GroupTimeSample(self, panel)
    let data = GroupTimeData(
      table: panel.rowTable(), periods: panel.periods.count, outcome: outcome,
      covariates: covariates, weights: weights)
    var clusterOfUnit: Factor?
    if let clusters {
      let all = try panel.unitLevel(clusters)
      clusterOfUnit = try InfluenceFunction.checked(
        all.selecting(sample.units), rows: sample.units.count)
    }
    var cells: [GroupTimeCell] = []
    var influence: [[Double]?] = []
    var notes = panel.notes + sample.notes
    for plan in plans(sample, panel.periods) {
      let answer = compare(plan, sample, data)
      if let problem = answer.problem {
        notes.append("\(plan.term) could not be estimated: \(problem)")
      }
      cells.append(cell(plan, answer, sample, clusterOfUnit))
      influence.append(answer.influence)
    }
    guard cells.contains(where: { $0.isEstimated }) else {
      throw SiblingError(
        .badDesign, "No cohort has both a period before treatment and controls to compare with.",
        help: "Use not-yet treated controls, or add earlier periods. \(notes.last ?? "")")
    }
    return GroupTimeResult(
      cells: cells, influence: influence, sample: sample,
      unitWeights: sample.units.map { data.weight(unit: $0, period: 0) },
      clusterOfUnit: clusterOfUnit, anticipation: anticipation, level: level, notes: notes)
  }

  private func cell(
    _ plan: GroupTimePlan, _ answer: GroupTimeAnswer, _ sample: GroupTimeSample,
    _ clusters: Factor?
  ) -> GroupTimeCell {
    let clustering = clusters.map { ", clustered, G=\($0.levels.count)" } ?? ""
    let convention =
      "\(estimator.description), \(control.rawValue) controls, influence function\(clustering), z"
    let small = sample.size(of: plan.group) <= GroupTimeResult.smallCohort
    let error = answer.influence.map {
      InfluenceFunction.standardError($0, clusters: clusters)
    }
    return GroupTimeCell(
      group: plan.group, time: plan.time, base: plan.base,
      treatedUnits: answer.treated, controlUnits: answer.controls,
      isBase: plan.isBase,
      estimate: Estimate(
        term: plan.term, estimate: answer.effect,
        standardError: plan.isBase || small ? nil : error, level: level,
        convention: plan.isBase ? "reference" : convention))
  }
}
