internal import Glibc
internal import LinearAlgebra
internal import Statistics

/// The checked columns of a doubly robust estimate, and its two means.
struct DoublyRobustProblem: Sendable {
  let settings: DoublyRobustEffect
  let outcome: [Double]
  let treatment: [Bool]
  let score: DesignMatrix
  let covariates: DesignMatrix
  /// Sampling weights, for the models.
  let weights: [Double]
  /// Sampling weights of the population asked about, zero elsewhere.
  let target: [Double]
  let cluster: Factor?
  let isBinary: Bool
  /// Things found about overlap.
  private(set) var overlapNotes: [String] = []

  init(
    _ settings: DoublyRobustEffect, _ outcome: [Double], _ treatment: [Bool],
    _ score: DesignMatrix, _ covariates: DesignMatrix, _ weights: [Double]?, _ cluster: Factor?,
    _ within: [Bool]?
  ) throws(SiblingError) {
    _ = try Inputs.groups(treatment)
    let n = treatment.count
    let sampling = weights ?? [Double](repeating: 1, count: n)
    try Inputs.weights(sampling, treatment: treatment)
    try Inputs.length(outcome.count, expected: n, of: "the outcome")
    try Inputs.length(score.rows, expected: n, of: "the score's design")
    try Inputs.length(covariates.rows, expected: n, of: "the outcome model's design")
    if let within { try Inputs.length(within.count, expected: n, of: "the subgroup") }
    if let row = outcome.indices.first(where: { sampling[$0] > 0 && !outcome[$0].isFinite }) {
      throw SiblingError(
        .missingValue, "the outcome is missing in a row with weight",
        help: "Leave out rows without outcome, or impute them.", row: row, column: "outcome")
    }
    try Self.check(settings)
    self.settings = settings
    self.treatment = treatment
    self.score = score
    self.covariates = covariates
    self.weights = sampling
    target = within.map { zip(sampling, $0).map { $1 ? $0 : 0 } } ?? sampling
    try Inputs.weights(target, treatment: treatment)
    self.cluster = cluster
    // A row without weight may lack its outcome; nothing is read from it.
    self.outcome = zip(outcome, sampling).map { $1 > 0 ? $0 : 0 }
    let used = outcome.indices.filter { sampling[$0] > 0 }
    isBinary = used.allSatisfy { outcome[$0] == 0 || outcome[$0] == 1 }
    if let first = used.first, used.allSatisfy({ outcome[$0] == outcome[first] }) {
      throw SiblingError(
        .constantOutcome, "the outcome has the same value in every row used",
        help: "An effect needs an outcome that varies; check the filter and the coding.",
        column: "outcome")
    }
    if settings.outcomeModel == .logit, !isBinary, settings.method != .targetedLearning {
      throw SiblingError(
        .badValue, "a logistic outcome model needs an outcome of 0 and 1",
        help: "Use the linear outcome model.", column: "outcome")
    }
  }

  private static func check(_ settings: DoublyRobustEffect) throws(SiblingError) {
    guard settings.estimand != .ato, settings.estimand != .atm else {
      throw SiblingError(
        .invalidOption, "\(settings.method.rawValue) estimates ATE, ATT or ATC",
        help: "\(settings.estimand.rawValue) needs weighting: --method ipw.", column: "estimand")
    }
    guard settings.level > 0, settings.level < 1 else {
      throw SiblingError(.invalidOption, "the confidence level must lie between 0 and 1")
    }
    guard settings.standardError != .stacked || settings.method == .augmentedWeighting else {
      throw SiblingError(
        .invalidOption,
        "m-estimation's standard error is for aipw, not \(settings.method.rawValue)",
        help: "Leave it out: \(settings.method.rawValue) has that of its influence function.",
        column: "se")
    }
    guard settings.folds >= 2, settings.repetitions >= 1 else {
      throw SiblingError(
        .invalidOption, "cross-fitting needs two folds or more, and one repetition or more",
        column: "folds")
    }
  }

  /// The means of each repetition; one for estimators that do not split the sample.
  mutating func means() throws(SiblingError) -> [PotentialMeans] {
    guard settings.method == .doubleMachineLearning else {
      let models = try NuisanceModels.fit(self, rows: nil)
      noteOverlap(models.probability)
      return [try means(models)]
    }
    let all = try crossFitted()
    noteOverlap(all[0].probability)
    var means: [PotentialMeans] = []
    for models in all { means.append(try self.means(models)) }
    return means
  }

  private mutating func noteOverlap(_ probability: [Double]) {
    let extreme = target.indices.count {
      target[$0] > 0 && (probability[$0] < 0.01 || probability[$0] > 0.99)
    }
    guard extreme > 0 else { return }
    overlapNotes.append(
      "\(extreme) rows have a probability of treatment below 0.01 or above 0.99: overlap is thin,"
        + " and a few rows may carry the estimate")
  }

  /// The means from fitted models, with their influence functions.
  private func means(_ models: NuisanceModels) throws(SiblingError) -> PotentialMeans {
    let p = models.probability
    let n = treatment.count
    let focal = (0..<n).map { row -> Double in
      switch settings.estimand {
      case .att: treatment[row] ? target[row] : 0
      case .atc: treatment[row] ? 0 : target[row]
      default: target[row]
      }
    }
    let total = focal.reduce(0, +)
    var values: [Double] = []
    var influences: [[Double]] = []
    var stacked = StackedModels(self, models, total: total)
    for arm in [true, false] {
      var predicted = arm ? models.treated : models.comparison
      let carried = (0..<n).map { row -> Double in
        guard treatment[row] == arm, target[row] > 0 else { return 0 }
        let own = arm ? p[row] : 1 - p[row]
        switch settings.estimand {
        case .att: return arm ? target[row] : target[row] * p[row] / (1 - p[row])
        case .atc: return arm ? target[row] * (1 - p[row]) / p[row] : target[row]
        default: return target[row] / own
        }
      }
      if settings.method == .targetedLearning {
        predicted = try Fluctuation(outcome: outcome, weights: weights, carried: carried)
          .target(predicted)
      }
      var sum = 0.0
      for row in 0..<n {
        sum += focal[row] * predicted[row] + carried[row] * (outcome[row] - predicted[row])
      }
      let mean = sum / total
      values.append(mean)
      influences.append(
        (0..<n).map { row in
          (focal[row] * (predicted[row] - mean)
            + carried[row] * (outcome[row] - predicted[row])) / total
        })
      stacked?.add(arm, focal: focal, carried: carried)
    }
    if let stacked {
      influences = try stacked.completing(influences)
    }
    // Rows outside the population asked about have had their part in fitting the models.
    let variance = try InfluenceVariance.covariance(
      (influences[0], influences[1]), used: (stacked == nil ? target : weights).map { $0 > 0 },
      cluster: cluster, enlarges: stacked == nil)
    let convention: String
    switch settings.method {
    case .doubleMachineLearning:
      convention =
        "influence function, \(settings.folds) folds"
        + (settings.repetitions > 1 ? ", median of \(settings.repetitions)" : "")
    case .augmentedWeighting where stacked != nil:
      convention = "M-estimation, score and outcome models estimated"
    case .augmentedWeighting, .targetedLearning:
      convention = "influence function, models taken as known"
    }
    return PotentialMeans(
      treated: values[0], comparison: values[1], covariance: variance.covariance,
      influence: (influences[0], influences[1]), clusters: variance.clusters,
      convention: "\(convention), \(variance.words)",
      notes: models.notes
        + [InfluenceVariance.note(clusters: variance.clusters)].compactMap { $0 })
  }
}
