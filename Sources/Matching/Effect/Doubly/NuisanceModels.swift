internal import Glibc
internal import LinearAlgebra
internal import Statistics

/// Predictions of the treatment's and the outcome's models for every row.
struct NuisanceModels: Sendable {
  /// The probability of treatment.
  var probability: [Double]
  /// The outcome under treatment.
  var treated: [Double]
  /// The outcome without treatment.
  var comparison: [Double]
  var notes: [String]
  /// What was fitted on all rows; nil for models of folds.
  var fits: Fits?

  /// The fitted models behind the predictions.
  struct Fits: Sendable {
    var score: GeneralizedLinearFit
    var treated: OutcomePredictions
    var comparison: OutcomePredictions
  }

  /// Fits the models on some rows, all when nil, and predicts every row.
  ///
  /// - Throws: what is wrong with a model; `noOverlap` for a probability of 0 or 1.
  static func fit(
    _ problem: DoublyRobustProblem, rows: [Bool]?
  ) throws(SiblingError) -> NuisanceModels {
    let weights =
      rows.map { chosen in zip(problem.weights, chosen).map { $1 ? $0 : 0 } } ?? problem.weights
    let score = try GeneralizedLinearModel(family: .binomial, link: problem.settings.link).fit(
      problem.score, response: problem.treatment.map { $0 ? 1 : 0 }, weights: weights)
    let predictor = problem.score.matrix.times(score.coefficients.map { $0.isNaN ? 0 : $0 })
    let probability = predictor.map { problem.settings.link.probability($0) }
    if let row = probability.indices.first(where: {
      problem.target[$0] > 0 && !(probability[$0] > 0 && probability[$0] < 1)
    }) {
      throw SiblingError(
        .noOverlap, "a fitted probability of treatment is 0 or 1",
        help: "Every row needs some chance of either treatment: simplify the score's formula.",
        row: row)
    }
    let one = try outcome(of: true, problem, weights)
    let zero = try outcome(of: false, problem, weights)
    var models = NuisanceModels(
      probability: probability, treated: one.values, comparison: zero.values, notes: score.notes,
      fits: rows == nil ? Fits(score: score, treated: one, comparison: zero) : nil)
    for note in one.notes + zero.notes where !models.notes.contains(note) {
      models.notes.append(note)
    }
    return models
  }

  /// One group's outcome model.
  private static func outcome(
    of arm: Bool, _ problem: DoublyRobustProblem, _ weights: [Double]
  ) throws(SiblingError) -> OutcomePredictions {
    try .fit(problem, zip(weights, problem.treatment).map { $1 == arm ? $0 : 0 })
  }
}

/// One group's outcome model, and what it predicts for every row.
struct OutcomePredictions: Sendable {
  var values: [Double]
  /// The regression; nil where the outcome is constant and nothing was fitted.
  var fit: (any RegressionFit)?
  var isLogit = false
  var notes: [String]

  static func fit(
    _ problem: DoublyRobustProblem, _ weights: [Double]
  ) throws(SiblingError) -> OutcomePredictions {
    let outcome = problem.outcome
    let used = outcome.indices.filter { weights[$0] > 0 }
    guard let first = used.first else {
      throw SiblingError(
        .tooFewObservations, "a group has no rows to fit its outcome model on",
        help: "Use fewer folds.", column: "folds")
    }
    if used.allSatisfy({ outcome[$0] == outcome[first] }) {
      return OutcomePredictions(
        values: [Double](repeating: outcome[first], count: outcome.count),
        notes: ["the outcome is the same throughout one group, so its model is that constant"])
    }
    let isTargeted = problem.settings.method == .targetedLearning
    let isLogit =
      switch problem.settings.outcomeModel {
      case .linear: false
      case .logit: true
      case .automatic: problem.isBinary || isTargeted
      }
    guard isLogit else { return try linear(problem, weights) }
    let bounds = OutcomeBounds(problem.outcome, problem.weights)
    do throws(SiblingError) {
      let fit = try GeneralizedLinearModel(family: .binomial).fit(
        problem.covariates, response: outcome.map { bounds.unit($0) }, weights: weights)
      let predictor = problem.covariates.matrix.times(fit.coefficients.map { $0.isNaN ? 0 : $0 })
      return OutcomePredictions(
        values: predictor.map { bounds.back(Logistic().lowerTail($0)) }, fit: fit, isLogit: true,
        notes: fit.notes)
    } catch {
      guard problem.settings.outcomeModel == .automatic,
        error.code == .separation || error.code == .nonConvergence
      else { throw error }
      var result = try linear(problem, weights)
      result.notes.append(
        "A logistic outcome model has no finite estimate here (\(error.code.rawValue)), so a "
          + "linear one is used.")
      return result
    }
  }

  private static func linear(
    _ problem: DoublyRobustProblem, _ weights: [Double]
  ) throws(SiblingError) -> OutcomePredictions {
    let fit = try LeastSquares().fit(
      problem.covariates, response: problem.outcome, weights: weights)
    return OutcomePredictions(
      values: problem.covariates.matrix.times(fit.coefficients.map { $0.isNaN ? 0 : $0 }),
      fit: fit, notes: fit.notes)
  }
}

/// The range of the outcome, which takes it to [0, 1] and back.
struct OutcomeBounds {
  var low = Double.infinity
  var high = -Double.infinity

  init(_ outcome: [Double], _ weights: [Double]) {
    for (value, weight) in zip(outcome, weights) where weight > 0 {
      low = min(low, value)
      high = max(high, value)
    }
  }

  func unit(_ value: Double) -> Double { min(1, max(0, (value - low) / (high - low))) }
  func back(_ value: Double) -> Double { low + value * (high - low) }
}

extension Link {
  /// The probability of a linear predictor under a binomial link.
  fileprivate func probability(_ predictor: Double) -> Double {
    switch self {
    case .probit: Normal.standard.lowerTail(predictor)
    case .complementaryLogLog: -expm1(-exp(predictor))
    case .log: exp(predictor)
    case .identity: predictor
    default: Logistic().lowerTail(predictor)
    }
  }
}
