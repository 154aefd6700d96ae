internal import LinearAlgebra
internal import Statistics

/// The two means of a weighted outcome model with the stacked M-estimation sandwich.
///
/// The weights' parameters θ, the model's coefficients β and the means are the solution of one
/// system of estimating equations. A row's influence on a mean has three parts: its own place in the
/// target population, its score in the outcome model, and its score in the weights' model carried
/// through the gradient of the weights.
struct StackedMeans {
  var sample: EffectSample.Prepared
  var equations: WeightEquations
  /// The weight of each row in the population averaged over.
  var target: [Double]
  var one: (value: Double, gradient: [Double])
  var zero: (value: Double, gradient: [Double])
  var predictions: (treated: [Double], comparison: [Double])

  func means(
    _ fit: some RegressionFit, model: String, notes: [String]
  ) throws(SiblingError) -> PotentialMeans {
    let influence = (
      try self.influence(fit, one, predictions.treated),
      try self.influence(fit, zero, predictions.comparison)
    )
    // Rows of weight zero may still have had a part in fitting the weights.
    var used = [Bool](repeating: false, count: sample.total)
    for row in sample.rows { used[row] = true }
    for column in 0..<equations.scores.columns {
      for row in 0..<sample.total where equations.scores[row, column] != 0 { used[row] = true }
    }
    let variance = try InfluenceVariance.covariance(
      influence, used: used, cluster: sample.allClusters, enlarges: false)
    return PotentialMeans(
      treated: one.value, comparison: zero.value, covariance: variance.covariance,
      influence: influence, clusters: variance.clusters,
      convention: "M-estimation, weights estimated, \(variance.words)" + model,
      notes: notes + [InfluenceVariance.note(clusters: variance.clusters)].compactMap { $0 })
  }

  private func influence(
    _ fit: some RegressionFit, _ mean: (value: Double, gradient: [Double]), _ predicted: [Double]
  ) throws(SiblingError) -> [Double] {
    let reach = fit.equations.design.times(fit.slopes(mean.gradient))
    let total = target.reduce(0, +)
    var influence = [Double](repeating: 0, count: sample.total)
    // What one unit of a row's weight does to the mean.
    var perWeight = [Double](repeating: 0, count: sample.total)
    for (place, row) in sample.rows.enumerated() {
      let own = target[place] * (predicted[place] - mean.value) / total
      let part = own + fit.equations.scores[place] * reach[place]
      influence[row] = part
      perWeight[row] = part / sample.weights[place]
    }
    let carried = try equations.carried(perWeight)
    for row in influence.indices { influence[row] -= carried[row] }
    return influence
  }
}

extension WeightEquations {
  /// Checks shapes.
  ///
  /// - Throws: `sizeMismatch`.
  func check(rows: Int) throws(SiblingError) {
    let k = jacobian.rows
    guard scores.rows == rows, weightGradient.rows == rows, scores.columns == k,
      weightGradient.columns == k, jacobian.columns == k
    else {
      throw SiblingError(
        .sizeMismatch, "the weights' equations do not fit the \(rows) rows of the treatment")
    }
  }

  /// The equations of weights that are zero outside some rows, though fitted on all.
  func restricted(to chosen: [Bool]) -> WeightEquations {
    var result = self
    for column in 0..<weightGradient.columns {
      for row in chosen.indices where !chosen[row] { result.weightGradient[row, column] = 0 }
    }
    return result
  }
}
