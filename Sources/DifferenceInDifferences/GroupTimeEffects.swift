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

  /// Which rows are compared with which.
  public enum Sampling: String, Sendable, CaseIterable {
    /// Each unit with itself over time; units without some period are left out, and counted.
    case completeUnits = "complete"
    /// The rows of two periods with each other: an unbalanced panel, clustered by unit, or repeated
    /// cross-sections, where a row is a person.
    case crossSections = "cross-sections"
  }

  /// What confidence intervals cover together.
  public enum Bands: String, Sendable, CaseIterable {
    /// Each interval covers its own effect with the level's probability.
    case pointwise = "pointwise"
    /// All intervals of a table cover all of its effects at once with that probability.
    case uniform = "uniform"
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
  /// Which rows are compared with which.
  public var sampling = Sampling.completeUnits
  /// Draws of the multiplier bootstrap; nil for analytic standard errors.
  public var bootstrap: Int?
  /// What confidence intervals cover together.
  public var bands = Bands.pointwise
  /// The seed of the bootstrap and of uniform bands.
  public var seed: UInt64 = 1

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
  /// Units without some period are left out unless rows are compared as repeated cross-sections,
  /// and so are units treated from the first period on. Covariates and weights are those of the
  /// earlier period of each comparison of units, and of each row in one of rows. Standard errors are
  /// analytic, √(Σψ²)/n by units or √(ΣS²)/n by clusters, and statistics normal; or by the multiplier
  /// bootstrap, the draws' interquartile range over a normal's with Rademacher signs by unit or
  /// cluster. The unstandardised `inverseProbability` is taken as it is; did's `ipw` is the
  /// standardised one. Where the treated or the controls are one or two units, or lie in one or two
  /// clusters, there is no standard error: the formula's is far too small.
  /// - Throws: `sizeMismatch`, `missingValue`, `badWeight`, `badDesign` where no cell can be had,
  ///   `invalidOption` for a negative anticipation or fewer than 100 draws. A cell whose comparison
  ///   fails is empty, with a note.
  /// - Complexity: without covariates, clusters and bootstrap O(NT²); else one model for each cohort,
  ///   set of controls and version of the covariates, and O(n) a cell and draw.
  public func fit(
    _ panel: PanelDesign, outcome: [Double], covariates: DesignMatrix? = nil,
    weights: [Double]? = nil, clusters: Factor? = nil
  ) throws(SiblingError) -> GroupTimeResult {
    try check(panel, outcome, covariates, weights)
    let table = sampling == .completeUnits ? panel.rowTable() : []
    let sample = try GroupTimeSample(self, panel, table: table)
    let clustering = try Clustering(panel, sample, clusters, byRows: sampling == .crossSections)
    let plans = self.plans(sample, panel.periods)
    let found: Found
    if sampling == .crossSections {
      let rows = CrossSectionRows(
        panel, sample, outcome: outcome, covariates: covariates, weights: weights)
      let (answers, influence) = rowCells(rows, sample, plans)
      found = Found(
        answers: answers, source: influence, shares: rows.shares(sample), plans: plans)
    } else {
      let wide = WidePanel(
        sample, table: table, periods: panel.periods.count, outcome: outcome,
        covariates: covariates, weights: weights)
      let shares = sample.blocks.map { range in
        (wide.weights?[0][range].reduce(0, +) ?? Double(range.count)) / Double(wide.members)
      }
      if covariates?.removingIntercept().columns ?? 0 == 0, clustering.factor == nil,
        bootstrap == nil, wide.version.allSatisfy({ $0 == 0 })
      {
        let moments = GroupTimeMoments(wide, sample, plans)
        found = Found(
          answers: moments.answers(), source: nil, moments: moments, shares: shares, plans: plans)
      } else {
        let (answers, influence) = panelCells(wide, sample, plans)
        found = Found(answers: answers, source: influence, shares: shares, plans: plans)
      }
    }
    return try result(of: found, panel, sample, clustering)
  }

  private func check(
    _ panel: PanelDesign, _ outcome: [Double], _ covariates: DesignMatrix?, _ weights: [Double]?
  ) throws(SiblingError) {
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
    if let bootstrap, bootstrap < 100 {
      throw SiblingError(
        .invalidOption, "The multiplier bootstrap needs 100 draws or more.",
        help: "1000 are usual.", column: "bootstrap")
    }
    if panel.isCrossSections, sampling == .completeUnits {
      throw SiblingError(
        .invalidOption, "Rows without units can only be compared as repeated cross-sections.",
        help: "Name the column of units, or choose repeated cross-sections.")
    }
  }
}
