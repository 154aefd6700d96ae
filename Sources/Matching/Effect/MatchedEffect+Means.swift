internal import Glibc
internal import LinearAlgebra
internal import Statistics

extension MatchedEffect {
  /// The two means with their gradients in the outcome model's coefficients, and the covariance.
  struct PotentialMeans {
    var treated: Double
    var comparison: Double
    var treatedGradient: [Double]
    var comparisonGradient: [Double]
    var covariance: CovarianceEstimate
    var clusters: Int?
    var convention: String
    var notes: [String]
  }

  func potentialMeans(
    _ sample: EffectSample.Prepared, _ design: OutcomeDesign, _ estimand: Estimand,
    _ isBinary: Bool
  ) throws(SiblingError) -> PotentialMeans {
    let isLogit: Bool
    switch (method, outcomeModel) {
    case (.difference, _), (.gComputation, .linear): isLogit = false
    case (.gComputation, .logit):
      guard isBinary else {
        throw SiblingError(
          .badValue, "a logistic outcome model needs an outcome of 0 and 1",
          help: "Use the linear outcome model.", column: "outcome")
      }
      isLogit = true
    case (.gComputation, .automatic): isLogit = isBinary
    }
    let observed = design.observed(sample.treatment)
    guard isLogit else { return try linear(sample, design, observed, estimand, []) }
    do throws(SiblingError) {
      let fit = try GeneralizedLinearModel(family: .binomial).fit(
        observed, response: sample.outcome, weights: sample.weights)
      return try average(fit, isLogit: true, sample, design, estimand, [])
    } catch {
      guard outcomeModel == .automatic, error.code == .separation || error.code == .nonConvergence
      else { throw error }
      let note =
        "A logistic outcome model has no finite estimate here (\(error.code.rawValue)), so a "
        + "linear one is used."
      return try linear(sample, design, observed, estimand, [note])
    }
  }

  private func linear(
    _ sample: EffectSample.Prepared, _ design: OutcomeDesign, _ observed: DesignMatrix,
    _ estimand: Estimand, _ notes: [String]
  ) throws(SiblingError) -> PotentialMeans {
    let fit = try LeastSquares().fit(observed, response: sample.outcome, weights: sample.weights)
    return try average(fit, isLogit: false, sample, design, estimand, notes)
  }

  private func average(
    _ fit: some RegressionFit, isLogit: Bool, _ sample: EffectSample.Prepared,
    _ design: OutcomeDesign, _ estimand: Estimand, _ notes: [String]
  ) throws(SiblingError) -> PotentialMeans {
    let estimator: CovarianceEstimator =
      sample.clusters.isEmpty
      ? .heteroskedastic(.hc1) : .cluster(.cr1, sample.clusters, multiway: .each)
    let covariance = try fit.covariance(estimator)
    // Who is averaged over: the focal group with its weights, or everybody with theirs.
    let target = zip(sample.weights, sample.treatment).map { weight, treated in
      switch estimand {
      case .att: treated ? weight : 0
      case .atc: treated ? 0 : weight
      case .ate, .ato, .atm: weight
      }
    }
    let one = Self.mean(fit, isLogit, design.counterfactual(true), target)
    let zero = Self.mean(fit, isLogit, design.counterfactual(false), target)
    let model = method == .difference ? "" : isLogit ? "; logistic outcome model" : ""
    let by =
      sample.clusters.isEmpty
      ? "HC1, weights taken as known, z"
      : "CR1 by \(sample.clusteredBy), G="
        + sample.clusters.map { "\($0.droppingUnusedLevels().levels.count)" }
        .joined(separator: " and ") + ", z"
    return PotentialMeans(
      treated: one.value, comparison: zero.value, treatedGradient: one.gradient,
      comparisonGradient: zero.gradient, covariance: covariance, clusters: covariance.clusters,
      convention: by + model, notes: notes + fit.notes + covariance.notes)
  }

  /// The mean prediction over the target, with its gradient in the kept coefficients.
  private static func mean(
    _ fit: some RegressionFit, _ isLogit: Bool, _ design: DesignMatrix, _ target: [Double]
  ) -> (value: Double, gradient: [Double]) {
    let total = target.reduce(0, +)
    let coefficients = fit.coefficients.map { $0.isNaN ? 0 : $0 }
    guard isLogit else {
      let means = design.matrix.transposedTimes(target).map { $0 / total }
      let value = zip(means, coefficients).reduce(0) { $0 + $1.0 * $1.1 }
      return (value, fit.keptColumns.map { means[$0] })
    }
    var slopes = design.matrix.times(coefficients)
    var sum = 0.0
    for row in slopes.indices {
      let eta = slopes[row]
      let small = exp(-eta.magnitude)
      let probability = eta >= 0 ? 1 / (1 + small) : small / (1 + small)
      sum += target[row] * probability
      slopes[row] = target[row] * small / ((1 + small) * (1 + small))
    }
    let gradient = design.matrix.transposedTimes(slopes).map { $0 / total }
    return (sum / total, fit.keptColumns.map { gradient[$0] })
  }

  /// Compares the means on the scale asked for, with a Wald interval on the scale of the standard
  /// error.
  func compare(
    _ means: PotentialMeans, estimand: Estimand
  ) throws(SiblingError) -> Estimate {
    let (one, zero) = (means.treated, means.comparison)
    // Nil where the variance is negative, as two-way clustering can make it.
    func error(_ treatedFactor: Double, _ comparisonFactor: Double) -> Double? {
      let gradient = zip(means.treatedGradient, means.comparisonGradient).map {
        treatedFactor * $0 - comparisonFactor * $1
      }
      let variance = means.covariance.matrix.quadraticForm(gradient)
      return variance >= 0 && variance.isFinite ? variance.squareRoot() : nil
    }
    switch scale {
    case .difference:
      return Estimate(
        term: estimand.rawValue, estimate: one - zero, standardError: error(1, 1), level: level,
        convention: means.convention)
    case .ratio:
      guard one > 0, zero > 0 else {
        throw SiblingError(
          .badValue, "a ratio needs both means to be positive",
          help: "Ask for the difference instead.", column: "outcome")
      }
      return exponentiated(
        log(one) - log(zero), error(1 / one, 1 / zero), means.convention, estimand)
    case .oddsRatio:
      guard one > 0, zero > 0, one < 1, zero < 1 else {
        throw SiblingError(
          .badValue, "an odds ratio needs both probabilities to lie between 0 and 1",
          help: "Ask for the difference instead.", column: "outcome")
      }
      let logOdds = log(one) - log1p(-one) - (log(zero) - log1p(-zero))
      return exponentiated(
        logOdds, error(1 / (one * (1 - one)), 1 / (zero * (1 - zero))), means.convention, estimand)
    }
  }

  private func exponentiated(
    _ value: Double, _ error: Double?, _ convention: String, _ estimand: Estimand
  ) -> Estimate {
    var estimate = Estimate(
      term: estimand.rawValue, estimate: value, standardError: error, level: level,
      convention: convention + "; standard error on the log scale")
    estimate.estimate = exp(value)
    estimate.interval = estimate.interval.map {
      ConfidenceInterval(low: exp($0.low), high: exp($0.high), level: $0.level)
    }
    return estimate
  }
}
