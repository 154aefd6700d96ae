internal import Glibc
internal import LinearAlgebra
internal import Statistics

/// The comparison of treated and control units' changes, adjusted for covariates.
///
/// The one place where the five estimators and their influence functions stand; two-period designs
/// use it once, group-time effects once a cell. Columns are centred and scaled first, which changes
/// no estimate since the intercept is always there.
struct ChangeComparison {
  let change: [Double]
  let treated: [Bool]
  /// Weights with mean 1.
  let weights: [Double]
  /// The weights of treated rows; zero for controls.
  let treatedWeights: [Double]
  /// The intercept and the independent covariates, standardised.
  let design: Matrix
  let names: [String]
  /// Covariates that are combinations of earlier ones.
  let dropped: [String]

  struct Answer {
    var effect: Double
    var influence: [Double]
    /// Fitted probabilities of treatment; nil when the estimator needs none.
    var propensity: [Double]?
    /// Controls left out because their probability of treatment is close to one.
    var trimmed: Int
  }

  init(
    change: [Double], treated: [Bool], weights: [Double]?, covariates: DesignMatrix?
  ) {
    let n = change.count
    self.change = change
    self.treated = treated
    if let weights {
      let mean = weights.reduce(0, +) / Double(n)
      self.weights = weights.map { $0 / mean }
    } else {
      self.weights = [Double](repeating: 1, count: n)
    }
    treatedWeights = zip(self.weights, treated).map { $1 ? $0 : 0 }
    var columns = [[Double](repeating: 1, count: n)]
    var names = ["(Intercept)"]
    var dropped: [String] = []
    if let covariates {
      for j in covariates.matrix.columnIndices where covariates.names[j] != "(Intercept)" {
        guard let column = Self.standardised(covariates.matrix.column(j)) else {
          dropped.append(covariates.names[j])
          continue
        }
        columns.append(column)
        names.append(covariates.names[j])
      }
    }
    let full = Matrix(columns: columns)
    let rank = ColumnRank(gram: Gram.product(full, weights: self.weights))
    dropped += rank.dropped.map { names[$0] }
    self.dropped = dropped
    self.names = rank.kept.map { names[$0] }
    design = rank.dropped.isEmpty ? full : full.selecting(columns: rank.kept)
  }

  /// The column with mean 0 and mean square 1; nil where it is constant.
  private static func standardised(_ column: [Double]) -> [Double]? {
    let n = Double(column.count)
    let mean = column.reduce(0, +) / n
    let square = column.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let scale = (square / n).squareRoot()
    guard scale > 1e-12 * mean.magnitude, scale > 0 else { return nil }
    return column.map { ($0 - mean) / scale }
  }

  /// The effect on the treated and its influence function, one value a row.
  ///
  /// - Throws: `rankDeficient` where the controls cannot identify the outcome regression,
  ///   `noOverlap` where no control is left after trimming, and what the propensity model throws.
  func solve(_ estimator: AdjustmentEstimator) throws(SiblingError) -> Answer {
    switch estimator {
    case .outcomeRegression: try outcomeRegression()
    case .inverseProbability: try inverseProbability(standardized: false)
    case .standardizedInverseProbability: try inverseProbability(standardized: true)
    case .doublyRobust: try doublyRobust()
    case .improvedDoublyRobust: try improvedDoublyRobust()
    }
  }

  // MARK: - The five estimators

  private func outcomeRegression() throws(SiblingError) -> Answer {
    let model = try controlRegression(weights: weights)
    let w = treatedWeights
    let gain = Moments(values: change, weights: w)
    let expected = Moments(values: model.fitted, weights: w)
    let lean = model.contributions(columnMeans(w, change.map { _ in 1 }))
    var influence = change
    for i in influence.indices {
      let first = w[i] * (change[i] - gain.mean)
      let second = w[i] * (model.fitted[i] - expected.mean) + lean[i]
      influence[i] = (first - second) / gain.total
    }
    return Answer(
      effect: gain.mean - expected.mean, influence: influence, propensity: nil, trimmed: 0)
  }

  private func inverseProbability(standardized: Bool) throws(SiblingError) -> Answer {
    let score = try propensity()
    let odds = try controlWeights(score.probability)
    let w = treatedWeights
    let gain = Moments(values: change, weights: w)
    let drift = Moments(values: change, weights: odds.weights)
    var influence = change
    if standardized {
      let slope = columnMeans(odds.weights, change.map { $0 - drift.mean })
      let lean = score.contributions(slope)
      for i in influence.indices {
        let first = w[i] * (change[i] - gain.mean) / gain.total
        let second = odds.weights[i] * (change[i] - drift.mean) + lean[i]
        influence[i] = first - second / drift.total
      }
      return Answer(
        effect: gain.mean - drift.mean, influence: influence, propensity: score.probability,
        trimmed: odds.trimmed)
    }
    // The controls' total is divided by the treated weight, as Abadie (2005) has it.
    let effect = gain.mean - drift.mean * drift.total / gain.total
    let slope = columnMeans(odds.weights, change)
    let lean = score.contributions(slope)
    for i in influence.indices {
      let row = w[i] * (change[i] - effect) - odds.weights[i] * change[i] - lean[i]
      influence[i] = row / gain.total
    }
    return Answer(
      effect: effect, influence: influence, propensity: score.probability, trimmed: odds.trimmed)
  }

  private func doublyRobust() throws(SiblingError) -> Answer {
    let score = try propensity()
    let odds = try controlWeights(score.probability)
    let model = try controlRegression(weights: weights)
    let w = treatedWeights
    let excess = zip(change, model.fitted).map { $0 - $1 }
    let gain = Moments(values: excess, weights: w)
    let drift = Moments(values: excess, weights: odds.weights)
    let ones = change.map { _ in 1.0 }
    let treatedLean = model.contributions(columnMeans(w, ones))
    let controlLean = model.contributions(columnMeans(odds.weights, ones))
    let scoreLean = score.contributions(
      columnMeans(odds.weights, excess.map { $0 - drift.mean }))
    var influence = excess
    for i in influence.indices {
      let first = w[i] * (excess[i] - gain.mean) - treatedLean[i]
      let second = odds.weights[i] * (excess[i] - drift.mean) + scoreLean[i] - controlLean[i]
      influence[i] = first / gain.total - second / drift.total
    }
    return Answer(
      effect: gain.mean - drift.mean, influence: influence, propensity: score.probability,
      trimmed: odds.trimmed)
  }

  private func improvedDoublyRobust() throws(SiblingError) -> Answer {
    let probability = try CalibratedPropensity.fit(self)
    let odds = try controlWeights(probability)
    let ratio = probability.indices.map { weights[$0] * probability[$0] / (1 - probability[$0]) }
    let model = try controlRegression(weights: ratio)
    let w = treatedWeights
    let excess = zip(change, model.fitted).map { $0 - $1 }
    let gain = Moments(values: excess, weights: w)
    let drift = Moments(values: excess, weights: odds.weights)
    var influence = excess
    for i in influence.indices {
      // Calibration makes the nuisance estimates' first-order terms vanish.
      influence[i] =
        w[i] * (excess[i] - gain.mean) / gain.total
        - odds.weights[i] * (excess[i] - drift.mean) / drift.total
    }
    return Answer(
      effect: gain.mean - drift.mean, influence: influence, propensity: probability,
      trimmed: odds.trimmed)
  }
}

extension Matrix {
  fileprivate var columnIndices: Range<Int> { 0..<columns }
}

/// The weighted mean of some values and the mean weight.
private struct Moments {
  var mean: Double
  /// The mean weight: what influence functions divide by.
  var total: Double

  init(values: [Double], weights: [Double]) {
    var (sum, weight) = (0.0, 0.0)
    for (value, w) in zip(values, weights) {
      sum += w * value
      weight += w
    }
    mean = sum / weight
    total = weight / Double(values.count)
  }
}
