internal import LinearAlgebra
internal import Statistics

/// What estimating the models adds to each row's influence on the two means of AIPW.
///
/// The score's coefficients, each group's outcome coefficients and the means solve one system of
/// estimating equations. Beside its own place in a mean, a row moves it through its score in the
/// outcome model, by the mean's gradient Σ(F − r)(dm/dη)x/ΣF, and through its score in the
/// treatment's model, by Σ(dr/dη)(Y − m)x/ΣF.
struct StackedModels {
  private let problem: DoublyRobustProblem
  private let fits: NuisanceModels.Fits
  /// The sum of the target population's weights.
  private let total: Double
  /// Through the outcome models, the treated mean first.
  private var throughOutcome: [[Double]] = []
  /// What a unit of a row's weight r does to each mean.
  private var perWeight: [[Double]] = []

  /// Nil where the models are taken as known.
  init?(_ problem: DoublyRobustProblem, _ models: NuisanceModels, total: Double) {
    guard problem.settings.method == .augmentedWeighting,
      problem.settings.standardError != .influence, let fits = models.fits
    else { return nil }
    self.problem = problem
    self.fits = fits
    self.total = total
  }

  /// Adds a group's mean, treated first, from the weights F and r of its rows.
  mutating func add(_ arm: Bool, focal: [Double], carried: [Double]) {
    let model = arm ? fits.treated : fits.comparison
    let n = focal.count
    perWeight.append(
      (0..<n).map { row in
        carried[row] > 0 ? (problem.outcome[row] - model.values[row]) / total : 0
      })
    guard let fit = model.fit else {
      throughOutcome.append([Double](repeating: 0, count: n))
      return
    }
    let slopes = (0..<n).map { row -> Double in
      let mean = model.values[row]
      return (focal[row] - carried[row]) * (model.isLogit ? mean * (1 - mean) : 1) / total
    }
    let gradient = fit.equations.design.transposedTimes(slopes)
    let reach = fit.equations.design.times(fit.slopes(fit.keptColumns.map { gradient[$0] }))
    throughOutcome.append(zip(fit.equations.scores, reach).map { $0 * $1 })
  }

  /// The influences on both means, with the parts through the models.
  ///
  /// - Throws: `rankDeficient` where the equations of the treatment's model are singular.
  func completing(_ influences: [[Double]]) throws(SiblingError) -> [[Double]] {
    var index = ScoreIndex(fits.score, treatment: problem.treatment, weights: problem.weights)
    let weights = PropensityWeights(estimand: problem.settings.estimand)
    // Where the target is not zero it is the sampling weight.
    for row in problem.target.indices where problem.target[row] > 0 {
      index.slopes[row] = weights.slope(fits.score, treatment: problem.treatment, row: row)
    }
    guard let throughScore = index.carried(perWeight) else {
      throw SiblingError(
        .rankDeficient,
        "the equations of the treatment's model are singular, so its uncertainty is unknown",
        help: "Use fewer terms in the formula, or --se robust, which takes the models as known.",
        column: "se")
    }
    return influences.indices.map { mean in
      influences[mean].indices.map { row in
        influences[mean][row] + throughOutcome[mean][row] + throughScore[mean][row]
      }
    }
  }
}
