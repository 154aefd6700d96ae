internal import DifferenceInDifferences
internal import LinearAlgebra
internal import Statistics
internal import Tables

/// The comparison of treated and control units' changes over units in an engine, adjusted for covariates.
///
/// The counterpart of `ChangeComparison`: the regression of the controls' changes comes from sums by cohort, the
/// weights by the odds of treatment from one query. A unit's influence is an expression of its own values.
struct AdjustedComparison {
  let job: GroupTimeJob
  /// What the names of its layers begin with.
  let prefix: String
  /// The columns of the design that are kept, standardised: covariates by place, without intercept.
  private(set) var kept: [Int] = []
  private(set) var names: [String] = []
  private var centers: [Double] = []
  private var scales: [Double] = []
  /// The covariates' own columns.
  private let covariates: [RowExpression]
  let weight: RowExpression
  let changes: [RowExpression]
  let own: CohortSums.Pool
  let others: CohortSums.Pool
  /// Each cell's mean change of the treated and of controls, as it is.
  private var gains: [Double] = []
  var drifts: [Double] = []

  // What the estimator finds.

  /// Coefficients of the controls' regression, intercept first, a column for each cell; nil without one.
  var slopes: Matrix?
  /// Coefficients of the log-odds of treatment, intercept first; nil without a model of treatment.
  var score: [Double]?
  /// What a control's weighted residual is multiplied by in its influence, as coefficients of the design.
  private(set) var lean: [Double] = []
  /// The same of the scores, a column for each cell.
  private(set) var scoreLean: Matrix?
  private(set) var treatedMean: [Double] = []
  private(set) var controlMean: [Double] = []
  /// What influences of weighted controls are divided by.
  private(set) var divisor = 1.0
  private(set) var answer = GroupTimeJobAnswer(effects: [])

  /// A comparison; `periodMeans` are what was taken from the outcomes of each period.
  init(
    _ job: GroupTimeJob, _ prefix: String, _ sums: CohortSums, names all: [String],
    covariates: [RowExpression], weight: RowExpression, periodMeans: [Double]
  ) {
    (self.job, self.prefix, self.covariates, self.weight) = (job, prefix, covariates, weight)
    let controls = job.controls(of: sums.cohorts.count)
    own = sums.pool([job.cohort])
    others = sums.pool(controls)
    let both = sums.pool([job.cohort] + controls)
    changes = job.changes.map { change in
      .column("y\(change.late)") - .column("y\(change.early)")
        + .constant(periodMeans[change.late] - periodMeans[change.early])
    }
    for change in job.changes {
      let shift = periodMeans[change.late] - periodMeans[change.early]
      gains.append(own.outcomes[change.late] - own.outcomes[change.early] + shift)
      drifts.append(others.outcomes[change.late] - others.outcomes[change.early] + shift)
    }
    var (varying, centers, scales): ([Int], [Double], [Double]) = ([], [], [])
    for k in covariates.indices {
      let scale = (both.products[k, k] / both.weight).squareRoot()
      // A constant leaves rounding of its cohorts' means.
      guard scale > 1e-11 * both.covariates[k].magnitude, scale > 0 else { continue }
      varying.append(k)
      centers.append(both.covariates[k])
      scales.append(scale)
    }
    var gram = Matrix(rows: varying.count, columns: varying.count)
    for l in varying.indices {
      for k in varying.indices {
        gram[k, l] = both.products[varying[k], varying[l]] / (scales[k] * scales[l])
      }
    }
    let rank = ColumnRank(gram: gram, tolerance: EngineRegression.rankTolerance).kept
    kept = rank.map { varying[$0] }
    names = kept.map { all[$0] }
    self.centers = rank.map { centers[$0] }
    self.scales = rank.map { scales[$0] }
  }

  /// Why nothing can be compared.
  var problem: String? {
    own.weight > 0 && others.weight > 0
      ? nil : "the weights of treated units or of controls are all zero."
  }

  /// 1 for the treated.
  var isTreated: RowExpression {
    .comparison(.equal, .column("cohort"), .constant(Double(job.cohort)))
  }
  var isControl: RowExpression {
    .both(
      .comparison(.atLeast, .column("cohort"), .constant(Double(job.firstControl))),
      .comparison(.unequal, .column("cohort"), .constant(Double(job.cohort))))
  }
  /// Whether a unit takes part.
  var isCompared: RowExpression { .either(isTreated, isControl) }

  /// The standardised columns, from the units' own.
  var standardised: [RowExpression] {
    kept.indices.map { (covariates[kept[$0]] - .constant(centers[$0])) / .constant(scales[$0]) }
  }

  func named(_ name: String) -> RowExpression { .name(prefix + name) }
  func named(_ name: String, _ value: RowExpression) -> NamedExpression {
    NamedExpression(prefix + name, value)
  }
  var design: [RowExpression] {
    [.constant(1)] + kept.indices.map { named("z\($0)") }
  }
  var cells: Range<Int> { job.changes.indices }

  // MARK: - The controls' regression

  /// Σ w of a design's row over some cohorts.
  private func total(_ pool: CohortSums.Pool) -> [Double] {
    [pool.weight] + kept.indices.map { pool.weight * standard(pool, $0) }
  }
  private func standard(_ pool: CohortSums.Pool, _ k: Int) -> Double {
    (pool.covariates[kept[k]] - centers[k]) / scales[k]
  }

  /// The factor of the controls' cross product.
  private func controlFactor() throws(SiblingError) -> Cholesky {
    let size = kept.count + 1
    let row = [1] + kept.indices.map { standard(others, $0) }
    var gram = Matrix(rows: size, columns: size)
    for l in 0..<size {
      for k in 0..<size {
        gram[k, l] = others.weight * row[k] * row[l]
        guard k > 0, l > 0 else { continue }
        gram[k, l] +=
          others.products[kept[k - 1], kept[l - 1]] / (scales[k - 1] * scales[l - 1])
      }
    }
    return try factor(gram)
  }

  /// The factor of a cross product of the controls' rows of the design.
  func factor(_ gram: Matrix) throws(SiblingError) -> Cholesky {
    let rank = ColumnRank(gram: gram, tolerance: EngineRegression.rankTolerance)
    if let column = rank.dropped.first {
      throw SiblingError(
        .rankDeficient,
        "Among the controls `\(names[column - 1])` is a combination of the other covariates.",
        help: "Leave it out, or use an estimator without outcome regression (ipw, std-ipw).",
        column: names[column - 1])
    }
    guard let factor = try? Cholesky(gram) else {
      throw SiblingError(
        .rankDeficient, "The regression of the controls' changes has no single solution.",
        help: "Use fewer covariates.")
    }
    return factor
  }

  /// Fits the controls' changes about their means, which keeps digits.
  private mutating func regress(_ factor: Cholesky) {
    var sums = Matrix(rows: kept.count + 1, columns: cells.count)
    for (cell, change) in job.changes.enumerated() {
      for k in kept.indices {
        sums[k + 1, cell] =
          (others.cross[kept[k], change.late] - others.cross[kept[k], change.early]) / scales[k]
      }
    }
    var slopes = factor.solve(sums)
    for cell in cells { slopes[0, cell] += drifts[cell] }
    self.slopes = slopes
  }

  /// The mean residual of the treated.
  private func residualGain(_ cell: Int) -> Double {
    guard let slopes else { return gains[cell] }
    return kept.indices.reduce(gains[cell] - slopes[0, cell]) {
      $0 - slopes[$1 + 1, cell] * standard(own, $1)
    }
  }

  // MARK: - The estimators

  /// Whether the model of treatment is needed.
  func needsScore(_ estimator: AdjustmentEstimator) -> Bool {
    !kept.isEmpty && estimator != .outcomeRegression
  }

  /// Estimates the effects; `score` must be known where it is needed.
  ///
  /// - Throws: as `ChangeComparison.solveAll`; the engine's failures.
  mutating func solve(
    _ estimator: AdjustmentEstimator, _ members: EngineData
  ) throws(SiblingError) {
    guard needsScore(estimator) else {
      let factor = try controlFactor()
      regress(factor)
      treatedMean = cells.map { residualGain($0) }
      lean = factor.solve(total(own)).map { -$0 / own.weight }
      answer = GroupTimeJobAnswer(effects: treatedMean)
      return
    }
    let isImproved = estimator == .improvedDoublyRobust
    var factor: Cholesky?
    // Whether weights can be had is told before the regression.
    var refused: SiblingError?
    do throws(SiblingError) {
      if isImproved {
        slopes = try weighedSlopes(members)
      } else if estimator == .doublyRobust {
        let own = try controlFactor()
        regress(own)
        factor = own
      }
    } catch {
      guard error.code == .rankDeficient else { throw error }
      refused = error
    }
    let sums = try weigh(members)
    let information = try? Cholesky(sums.information)
    guard isImproved || information != nil else {
      throw SiblingError(
        .noOverlap, "The covariates separate treated units from controls.",
        help: "Leave out the covariates that tell them apart.")
    }
    guard sums.total > 0 else {
      throw SiblingError(
        .noOverlap, "No control is at all like the treated units, given the covariates.",
        help: "Leave out covariates, or use outcome regression and say that it extrapolates.")
    }
    if let refused { throw refused }
    if sums.near > 0 {
      throw SiblingError(
        .noOverlap, "treated units have a fitted probability of treatment of 0.999 or more.")
    }
    let gain = cells.map { residualGain($0) }
    let drift = cells.map { sums.outcomes[$0] / sums.total }
    let isPlain = estimator == .inverseProbability
    let effects =
      isPlain
      ? cells.map { gain[$0] - sums.outcomes[$0] / own.weight }
      : cells.map { gain[$0] - drift[$0] }
    // Abadie's (2005) controls are divided by the treated weight.
    divisor = isPlain ? own.weight : sums.total
    treatedMean = isPlain ? effects : gain
    controlMean = isPlain ? cells.map { _ in 0 } : drift
    // Calibration makes the nuisance estimates' first-order terms vanish.
    if !isImproved, let information {
      var slopes = sums.cross
      for cell in cells {
        for k in 0...kept.count { slopes[k, cell] -= controlMean[cell] * sums.design[k] }
      }
      scoreLean = information.solve(slopes)
    }
    if let factor {
      lean = factor.solve(
        zip(sums.design, total(own)).map { $0 / sums.total - $1 / own.weight })
    }
    answer = GroupTimeJobAnswer(effects: effects, trimmed: sums.trimmed)
  }

  /// Notes that the comparison failed.
  mutating func fail(_ problem: String) { answer = GroupTimeJobAnswer(problem: problem) }
}
