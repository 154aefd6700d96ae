internal import Glibc
internal import LinearAlgebra
internal import Statistics

extension MatchedEffect {
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
    if let equations = sample.equations {
      let predictions = (
        treated: Self.predictions(fit, isLogit, design.counterfactual(true)),
        comparison: Self.predictions(fit, isLogit, design.counterfactual(false))
      )
      return try StackedMeans(
        sample: sample, equations: equations, target: target, one: one, zero: zero,
        predictions: predictions
      ).means(fit, model: model, notes: notes + fit.notes)
    }
    let estimator: CovarianceEstimator =
      sample.clusters.isEmpty
      ? .heteroskedastic(sample.usesLeverage ? .hc3 : .hc1)
      : .cluster(.cr1, sample.clusters, multiway: .each)
    let covariance = try fit.covariance(estimator)
    let by =
      sample.clusters.isEmpty
      ? "\(sample.usesLeverage ? "HC3" : "HC1"), weights taken as known, z"
      : "CR1 by \(sample.clusteredBy), G="
        + sample.clusters.map { "\($0.droppingUnusedLevels().levels.count)" }
        .joined(separator: " and ") + ", z"
    let few = InfluenceVariance.note(
      clusters: covariance.clusters,
      of: sample.clusteredBy == "cluster" ? "clusters" : "matched sets")
    return PotentialMeans(
      treated: one.value, comparison: zero.value, treatedGradient: one.gradient,
      comparisonGradient: zero.gradient, covariance: covariance.matrix,
      influence: (
        Self.influence(fit, one.gradient, sample), Self.influence(fit, zero.gradient, sample)
      ),
      clusters: covariance.clusters, convention: by + model,
      notes: notes + fit.notes + covariance.notes + [few].compactMap { $0 })
  }

  /// Each study row's influence on a mean through the coefficients, the covariates taken as given.
  static func influence(
    _ fit: some RegressionFit, _ gradient: [Double], _ sample: EffectSample.Prepared
  ) -> [Double] {
    let slopes = fit.slopes(gradient)
    let reach = fit.equations.design.times(slopes)
    var influence = [Double](repeating: 0, count: sample.total)
    for (place, row) in sample.rows.enumerated() {
      influence[row] += fit.equations.scores[place] * reach[place]
    }
    return influence
  }

  /// The outcome that the model predicts for each row of a design.
  private static func predictions(
    _ fit: some RegressionFit, _ isLogit: Bool, _ design: DesignMatrix
  ) -> [Double] {
    let linear = design.matrix.times(fit.coefficients.map { $0.isNaN ? 0 : $0 })
    return isLogit ? linear.map { Logistic().lowerTail($0) } : linear
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
}

extension RegressionFit {
  /// (X′WX)⁻¹g over all columns, zero for dropped ones; `gradient` has the kept columns.
  func slopes(_ gradient: [Double]) -> [Double] {
    let kept = equations.bread.times(gradient)
    var all = [Double](repeating: 0, count: names.count)
    for (place, column) in keptColumns.enumerated() { all[column] = kept[place] }
    return all
  }
}
