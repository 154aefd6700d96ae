internal import Glibc
internal import LinearAlgebra

/// Poisson regression with categorical effects absorbed, by maximum likelihood.
///
/// Iterated least squares whose effects are absorbed at each step's weights, to full convergence
/// (Correia, Guimarães & Zylkin 2020, doi 10.1177/1536867X20909691). Effects are on the log scale.
/// The outcome need not be whole: the estimates are right whenever its mean is.
public struct AbsorbedPoisson: Sendable {
  /// Whether rows that are alone in a level stay; they fit exactly.
  public var keepsSingletons: Bool
  /// The share of a column's length to which effects are removed.
  public var tolerance: Double
  /// The most steps before the fit is given up.
  public var maximumIterations: Int
  /// Which effects the factor (N − 1)/(N − K) of CR1 counts in K.
  public var counting: EffectsCounting

  /// A regression with absorbed effects.
  public init(
    keepsSingletons: Bool = false, tolerance: Double = 1e-12, maximumIterations: Int = 100,
    counting: EffectsCounting = .notNested
  ) {
    self.keepsSingletons = keepsSingletons
    self.tolerance = tolerance
    self.maximumIterations = maximumIterations
    self.counting = counting
  }

  /// Fits a count to a design of n rows with some factors' effects absorbed.
  ///
  /// An intercept column is absorbed too. Prior weights multiply each row's log-likelihood; rows of
  /// weight zero are left out, and so are rows of levels whose outcomes are all zero (their effect
  /// would be −∞) and rows alone in a level; both are counted. Regressors that the effects or
  /// earlier ones explain are dropped and named.
  ///
  /// - Throws: `sizeMismatch`, `missingValue`, `badWeight`, `badValue` for a negative outcome,
  ///   `constantOutcome`, `rankDeficient` when no regressor is left, `tooFewObservations`,
  ///   `separation` where a regressor predicts zeros perfectly, `nonConvergence`.
  /// - Complexity: about ten steps, each as `AbsorbedLeastSquares` with weights.
  public func fit(
    _ design: DesignMatrix, response: [Double], absorbing factors: [Factor],
    weights: [Double]? = nil, offset: [Double]? = nil
  ) throws(SiblingError) -> AbsorbedPoissonFit {
    _ = try RegressionInput(design, response, weights, offset)
    try RegressionInput.requireFinite(design)
    if let row = response.firstIndex(where: { $0 < 0 }) {
      throw SiblingError(
        .badValue, "A Poisson model's outcome can't be negative.",
        help: "Use a gaussian model, or check the outcome.", row: row)
    }
    guard factors.allSatisfy({ $0.count == design.rows }) else {
      throw SiblingError(
        .sizeMismatch, "An absorbed column has not as many rows as the model (\(design.rows)).")
    }
    let selection = try RowSelection(
      factors, weights, keepsSingletons: keepsSingletons, counts: response)
    let sample = Sample(design, response, factors, weights, selection)
    let shift = offset.map { offset in selection.rows.map { $0.map { offset[$0] } } ?? offset }
    let state = try PoissonState(self, sample, shift)
    return try AbsorbedPoissonFit(settings: self, sample, selection, state)
  }
}

/// Where iterated least squares stand.
struct PoissonState {
  /// The linear predictor of each row, offset and effects included.
  var predictor: [Double]
  var means: [Double]
  var deviance: Double
  var iterations = 0
  /// The regressors that take part, by their places among the sample's columns.
  var kept: [Int]
  /// A coefficient for each of them.
  var coefficients: [Double] = []
  /// The last step's absorption, at weights w·μ.
  var absorption: Absorption
  /// The last step's solution and the regressors with effects removed.
  var solution: LeastSquaresProblem.Solution
  var within: Matrix
  var normalEquationResidual: Double

  /// A regressor of which less than this share of its length is left is dropped.
  static let rankTolerance = 1e-9
  /// Steps after which means that still run off to zero are taken to have no limit above it.
  static let patience = 12

  init(
    _ settings: AbsorbedPoisson, _ sample: Sample, _ offset: [Double]?
  ) throws(SiblingError) {
    let y = sample.response
    let columns = sample.columns.map { sample.design.matrix.column($0) }
    let mean = y.reduce(0, +) / Double(y.count)
    var predictor = y.map { log(($0 + mean) / 2) }
    var means = predictor.map { exp($0) }
    var deviance = Double.infinity
    var kept: [Int]?
    var iterations = 0
    var wasShort = false
    // What the deviance's sums may be wrong by.
    var rounding = 0.0
    for row in y.indices where y[row] > 0 {
      rounding += 1e-13 * (sample.weights?[row] ?? 1) * y[row] * (1 + log(y[row]).magnitude)
    }
    while true {
      let weights = Self.product(means, sample.weights)
      let absorption = try Absorption(sample.factors, weights: weights)
      var working = predictor
      for row in working.indices {
        working[row] += (y[row] - means[row]) / means[row] - (offset?[row] ?? 0)
      }
      let used = (kept ?? Array(columns.indices)).map { columns[$0] }
      let parts = try absorption.residuals(of: used + [working], tolerance: settings.tolerance)
      let varying = used.indices.filter { place in
        kept != nil
          || absorption.norm(parts.columns[place]) > Self.rankTolerance * parts.lengths[place]
      }
      let within = Matrix(
        rows: y.count, columns: varying.count, storage: varying.flatMap { parts.columns[$0] })
      guard !varying.isEmpty,
        let solution = LeastSquaresProblem(
          design: within, response: parts.columns[used.count], weights: weights
        ).solve(rankTolerance: 1e-7)
      else {
        throw SiblingError(
          .rankDeficient, "No term of the model varies within the absorbed effects.",
          help: "Absorb fewer columns, or add a term that varies within them.",
          column: sample.columns.first.map { sample.design.names[$0] })
      }
      let chosen = kept ?? varying
      kept = solution.basis.columns.map { chosen[$0] }
      iterations += 1
      var next = working
      for row in next.indices { next[row] += (offset?[row] ?? 0) - solution.residuals[row] }
      var value = Self.evaluate(next, y, sample.weights)
      // A step that makes the deviance worse is halved.
      var halvings = 0
      while !(value.deviance <= deviance * (1 + 1e-10) + rounding), halvings < 30, iterations > 1 {
        for row in next.indices { next[row] = (next[row] + predictor[row]) / 2 }
        value = Self.evaluate(next, y, sample.weights)
        halvings += 1
      }
      let step = Self.distance(next, predictor, weights)
      // Where groups differ hugely in size, small ones feel the rounding of large ones: then two
      // steps must be short on the average that weighs rows by their information.
      let isShort = step.meanSquare < 1e-20
      let isDone = halvings == 0 && (step.largest < 1e-9 || (isShort && wasShort))
      wasShort = isShort
      if iterations >= Self.patience { try Self.refuseRunaway(next, predictor, y, sample.rows) }
      (predictor, means, deviance) = (next, value.means, value.deviance)
      guard means.allSatisfy({ $0.isFinite && $0 > 0 }) else {
        throw SiblingError(
          .nonConvergence, "The Poisson regression's means ran off.",
          help: "Look for regressors or outcomes of extreme size.")
      }
      if isDone {
        let back = solution.basis.back.times(solution.coefficients)
        self.init(
          predictor: predictor, means: means, deviance: deviance, iterations: iterations,
          kept: kept ?? [], coefficients: back, absorption: absorption, solution: solution,
          within: within, normalEquationResidual: parts.normalEquationResidual)
        return
      }
      guard iterations < settings.maximumIterations else {
        throw SiblingError(
          .nonConvergence,
          "The Poisson regression did not converge in \(iterations) steps.",
          help: "Look for groups or regressors that predict zeros perfectly, or for huge values.")
      }
    }
  }

  private init(
    predictor: [Double], means: [Double], deviance: Double, iterations: Int, kept: [Int],
    coefficients: [Double], absorption: Absorption, solution: LeastSquaresProblem.Solution,
    within: Matrix, normalEquationResidual: Double
  ) {
    self.predictor = predictor
    self.means = means
    self.deviance = deviance
    self.iterations = iterations
    self.kept = kept
    self.coefficients = coefficients
    self.absorption = absorption
    self.solution = solution
    self.within = within
    self.normalEquationResidual = normalEquationResidual
  }

  private static func product(_ means: [Double], _ weights: [Double]?) -> [Double] {
    guard let weights else { return means }
    return zip(means, weights).map { $0 * $1 }
  }

  private static func evaluate(
    _ predictor: [Double], _ y: [Double], _ weights: [Double]?
  ) -> (means: [Double], deviance: Double) {
    let means = predictor.map { exp($0) }
    var sum = 0.0
    for row in y.indices {
      let own = y[row] > 0 ? y[row] * (log(y[row]) - predictor[row]) : 0
      sum += (weights?[row] ?? 1) * (own - (y[row] - means[row]))
    }
    return (means, 2 * sum)
  }

  /// The largest change of a predictor and the mean square of all, rows weighed by information.
  private static func distance(
    _ next: [Double], _ predictor: [Double], _ weights: [Double]
  ) -> (largest: Double, meanSquare: Double) {
    var (largest, sum, total) = (0.0, 0.0, 0.0)
    for row in next.indices {
      let step = next[row] - predictor[row]
      largest = max(largest, step.magnitude)
      sum += weights[row] * step * step
      total += weights[row]
    }
    return (largest, sum / total)
  }

  /// Refuses means that run off to zero while all others stand: those zeros are predicted perfectly.
  private static func refuseRunaway(
    _ next: [Double], _ predictor: [Double], _ y: [Double], _ rows: [Int]?
  ) throws(SiblingError) {
    var runaway = 0
    var first: Int?
    for row in y.indices {
      let step = next[row] - predictor[row]
      if y[row] > 0, step.magnitude > 1e-3 { return }
      guard y[row] == 0, step < -0.5 else { continue }
      runaway += 1
      if first == nil { first = row }
    }
    guard let first else { return }
    throw SiblingError(
      .separation,
      runaway == 1
        ? "One row with outcome 0 is predicted perfectly, so an effect has no finite value."
        : "\(runaway) rows with outcome 0 are predicted perfectly, so an effect has no finite value.",
      help: "Leave out the term or the group that has only zeros, or those rows.",
      row: rows.map { $0[first] } ?? first)
  }
}
