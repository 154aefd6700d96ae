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
  private let changes: [RowExpression]
  private let own: CohortSums.Pool
  private let others: CohortSums.Pool
  /// Each cell's mean change of the treated and of controls, as it is.
  private var gains: [Double] = []
  private var drifts: [Double] = []

  // What the estimator finds.

  /// Coefficients of the controls' regression, intercept first, a column for each cell; nil without one.
  var slopes: Matrix?
  /// Coefficients of the log-odds of treatment, intercept first; nil without a model of treatment.
  var score: [Double]?
  /// What a control's weighted residual is multiplied by in its influence, as coefficients of the design.
  private var lean: [Double] = []
  /// The same of the scores, a column for each cell.
  private var scoreLean: Matrix?
  private var treatedMean: [Double] = []
  private var controlMean: [Double] = []
  /// What influences of weighted controls are divided by.
  private var divisor = 1.0
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
  private var isControl: RowExpression {
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

  private func named(_ name: String) -> RowExpression { .name(prefix + name) }
  private func named(_ name: String, _ value: RowExpression) -> NamedExpression {
    NamedExpression(prefix + name, value)
  }
  private var design: [RowExpression] {
    [.constant(1)] + kept.indices.map { named("z\($0)") }
  }
  private var cells: Range<Int> { job.changes.indices }

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
    let isRegressed = estimator == .doublyRobust
    var factor: Cholesky?
    // Whether weights can be had is told before the regression.
    var refused: SiblingError?
    if isRegressed {
      do throws(SiblingError) {
        let own = try controlFactor()
        regress(own)
        factor = own
      } catch {
        refused = error
      }
    }
    let sums = try weigh(members)
    guard let information = try? Cholesky(sums.information) else {
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
    var slopes = sums.cross
    for cell in cells {
      for k in 0...kept.count { slopes[k, cell] -= controlMean[cell] * sums.design[k] }
    }
    scoreLean = information.solve(slopes)
    if let factor {
      lean = factor.solve(
        zip(sums.design, total(own)).map { $0 / sums.total - $1 / own.weight })
    }
    answer = GroupTimeJobAnswer(effects: effects, trimmed: sums.trimmed)
  }

  // MARK: - Queries

  /// Sums of controls by the odds of treatment, and of all compared for the model of treatment.
  private struct OddsSums {
    var total = 0.0
    var design: [Double] = []
    var outcomes: [Double] = []
    /// Σ o·x·e: a row for each column of the design.
    var cross: Matrix
    var information: Matrix
    var trimmed = 0
    var near = 0.0
  }

  private func weigh(_ members: EngineData) throws(SiblingError) -> OddsSums {
    let (p, odds) = (named("p"), named("o"))
    let design = self.design
    let cross = CrossProduct(design, prefix: "h")
    var sums = [
      NamedExpression(
        "trimmed", .both(isControl, .comparison(.atLeast, p, .constant(0.995)))),
      NamedExpression("near", .both(isTreated, .comparison(.atLeast, p, .constant(0.999)))),
    ]
    for (k, x) in design.enumerated() { sums.append(NamedExpression("d\(k)", odds * x)) }
    for cell in cells {
      for (k, x) in design.enumerated() {
        sums.append(NamedExpression("e\(k)_\(cell)", odds * x * named("e\(cell)")))
      }
    }
    sums += cross.sums(weight: named("v"))
    var values: [Double] = []
    members.progress?("group-time effects: controls by their odds of treatment")
    for range in Parallel.ranges(of: sums.count, size: 400) {
      let found = try members.aggregate(
        also: isCompared, layers: Array(layers.dropLast()), sums: Array(sums[range]))
      values += found.sums.map { $0.first ?? 0 }
    }
    let size = design.count
    var result = OddsSums(
      cross: Matrix(rows: size, columns: cells.count), information: .identity(size))
    result.trimmed = Int(values[0].rounded())
    result.near = values[1]
    result.design = Array(values[2..<(2 + size)])
    result.total = result.design[0]
    var at = 2 + size
    for cell in cells {
      for k in 0..<size { result.cross[k, cell] = values[at + k] }
      result.outcomes.append(values[at])
      at += size
    }
    result.information = cross.matrix(values[at...])
    return result
  }

  /// How many layers a comparison has.
  static let depth = 6

  /// Layers that end in the influence `i` of each cell: what a unit adds to its effect's error.
  var layers: [[NamedExpression]] {
    let design = self.design
    var values = standardised.enumerated().map { named("z\($0)", $1) }
    values += [named("t", isTreated), named("c", isControl), named("w", weight)]
    var residuals = cells.map { cell in
      let fitted = slopes.map { RowExpression.predictor(design, $0.column(cell)) }
      return named("e\(cell)", fitted.map { changes[cell] - $0 } ?? changes[cell])
    }
    if !lean.isEmpty { residuals.append(named("lean", .predictor(design, lean))) }
    var (bounded, probability, odds): ([NamedExpression], [NamedExpression], [NamedExpression]) =
      ([], [], [])
    if let score {
      residuals.append(named("raw", .predictor(design, score)))
      bounded = [named("eta", .clamped(named("raw"), bound: 30))]
      probability = [named("p", .inverseLogit(named("eta")))]
      let (p, w, one) = (named("p"), named("w"), RowExpression.constant(1))
      let isLike = RowExpression.both(
        .comparison(.equal, named("c"), one), .comparison(.less, p, .constant(0.995)))
      odds = [
        named("o", .chosen(isLike, then: w * p / (one - p), otherwise: .constant(0))),
        named("v", w * p * (one - p)),
      ]
      if let scoreLean {
        odds += cells.map { named("l\($0)", .predictor(design, scoreLean.column($0))) }
      }
    }
    return [
      values, residuals, bounded, probability, odds, cells.map { named("i\($0)", influence($0)) },
    ]
  }

  private func influence(_ cell: Int) -> RowExpression {
    guard answer.problem == nil, !treatedMean.isEmpty else { return .constant(0) }
    let (w, e) = (named("w"), named("e\(cell)"))
    var treated = w * (e - .constant(treatedMean[cell])) / .constant(own.weight)
    var control = lean.isEmpty ? RowExpression.constant(0) : w * e * named("lean")
    if score != nil, scoreLean != nil {
      let (p, l) = (named("p"), named("l\(cell)"))
      treated = treated - w * (.constant(1) - p) * l / .constant(divisor)
      control =
        control
        - (named("o") * (e - .constant(controlMean[cell])) - w * p * l) / .constant(divisor)
    }
    let one = RowExpression.constant(1)
    return .chosen(
      .comparison(.equal, named("t"), one), then: treated,
      otherwise: .chosen(
        .comparison(.equal, named("c"), one), then: control, otherwise: .constant(0)))
  }

  /// The influence of each cell, once the layers are computed.
  var influences: [RowExpression] { cells.map { named("i\($0)") } }

  /// Notes that the comparison failed.
  mutating func fail(_ problem: String) { answer = GroupTimeJobAnswer(problem: problem) }
}
