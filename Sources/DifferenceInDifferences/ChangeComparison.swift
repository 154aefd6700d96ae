internal import Glibc
internal import LinearAlgebra
internal import Statistics

/// The comparison of treated and control units' changes, adjusted for covariates.
///
/// The one place where the five estimators and their influence functions stand; two-period designs
/// use it once, group-time effects once for all periods that share their units and covariates.
/// Columns are centred and scaled first, which changes no estimate since the intercept is always
/// there.
struct ChangeComparison {
  /// The changes, one column for each pair of periods.
  let changes: Matrix
  let treated: [Bool]
  /// Weights with mean 1.
  let weights: [Double]
  /// Whether weights were given; models without them are faster.
  let isWeighted: Bool
  /// The weights of treated rows; zero for controls.
  let treatedWeights: [Double]
  /// The weights of controls; zero for treated rows.
  let controlRowWeights: [Double]
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

  /// The answers for all columns of changes.
  struct Answers {
    var effects: [Double]
    /// One column for each column of changes.
    var influence: Matrix
    var propensity: [Double]?
    var trimmed: Int
  }

  init(
    change: [Double], treated: [Bool], weights: [Double]?, covariates: DesignMatrix?
  ) {
    self.init(
      changes: Matrix(rows: change.count, columns: 1, storage: change), treated: treated,
      weights: weights, covariates: covariates)
  }

  init(
    changes: Matrix, treated: [Bool], weights: [Double]?, covariates: DesignMatrix?
  ) {
    let n = changes.rows
    self.changes = changes
    self.treated = treated
    isWeighted = weights != nil
    if let weights {
      let mean = weights.reduce(0, +) / Double(n)
      self.weights = weights.map { $0 / mean }
    } else {
      self.weights = [Double](repeating: 1, count: n)
    }
    treatedWeights = zip(self.weights, treated).map { $1 ? $0 : 0 }
    controlRowWeights = zip(self.weights, treated).map { $1 ? 0 : $0 }
    var columns = [[Double](repeating: 1, count: n)]
    var names = ["(Intercept)"]
    var dropped: [String] = []
    if let covariates {
      for j in 0..<covariates.columns where covariates.names[j] != "(Intercept)" {
        guard let column = Self.standardised(covariates.matrix.column(j)) else {
          dropped.append(covariates.names[j])
          continue
        }
        columns.append(column)
        names.append(covariates.names[j])
      }
    }
    let full = Matrix(columns: columns)
    let rank = ColumnRank(gram: Gram.product(full, weights: isWeighted ? self.weights : nil))
    dropped += rank.dropped.map { names[$0] }
    self.dropped = dropped
    self.names = rank.kept.map { names[$0] }
    design = rank.dropped.isEmpty ? full : full.selecting(columns: rank.kept)
  }

  /// The number of rows.
  var rows: Int { changes.rows }

  /// The column with mean 0 and mean square 1; nil where it is constant.
  private static func standardised(_ column: [Double]) -> [Double]? {
    let n = Double(column.count)
    let mean = column.reduce(0, +) / n
    let square = column.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let scale = (square / n).squareRoot()
    guard scale > 1e-12 * mean.magnitude, scale > 0 else { return nil }
    return column.map { ($0 - mean) / scale }
  }

  /// The effect on the treated of the first column and its influence function, one value a row.
  ///
  /// - Throws: as `solveAll`.
  func solve(_ estimator: AdjustmentEstimator) throws(SiblingError) -> Answer {
    let all = try solveAll(estimator)
    return Answer(
      effect: all.effects[0], influence: all.influence.column(0), propensity: all.propensity,
      trimmed: all.trimmed)
  }

  /// The effects on the treated and their influence functions, one column for each of changes.
  ///
  /// The models of treatment and the factor of the controls' regression are made once.
  /// - Throws: `rankDeficient` where the controls cannot identify the outcome regression,
  ///   `noOverlap` where no control is left after trimming, and what the propensity model throws.
  func solveAll(_ estimator: AdjustmentEstimator) throws(SiblingError) -> Answers {
    switch estimator {
    case .outcomeRegression: try outcomeRegression()
    case .inverseProbability: try inverseProbability(standardized: false)
    case .standardizedInverseProbability: try inverseProbability(standardized: true)
    case .doublyRobust: try doublyRobust()
    case .improvedDoublyRobust: try improvedDoublyRobust()
    }
  }

  // MARK: - The five estimators

  private func outcomeRegression() throws(SiblingError) -> Answers {
    let model = try regression(controlRowWeights, among: "controls")
    let gain = Moments(model.residuals, weights: treatedWeights)
    let lean = model.reach(columnMeans(treatedWeights))
    let (w, c) = (treatedWeights, controlRowWeights)
    let influence = rowwise { i, j in
      let excess = model.residuals.storage[i + j * w.count]
      return (w[i] * (excess - gain.means[j]) - c[i] * excess * lean[i]) / gain.total
    }
    return Answers(effects: gain.means, influence: influence, propensity: nil, trimmed: 0)
  }

  private func inverseProbability(standardized: Bool) throws(SiblingError) -> Answers {
    let score = try propensity()
    let odds = try controlWeights(score.fitted)
    let (w, o, n) = (treatedWeights, odds.weights, rows)
    let gain = Moments(changes, weights: w)
    let drift = Moments(changes, weights: o)
    let values = changes.storage
    if standardized {
      let lean = score.reach(crossMeans(o, changes, less: drift.means))
      let influence = rowwise { i, j in
        let change = values[i + j * n]
        return w[i] * (change - gain.means[j]) / gain.total
          - (o[i] * (change - drift.means[j]) + score.scores[i] * lean.storage[i + j * n])
          / drift.total
      }
      return Answers(
        effects: zip(gain.means, drift.means).map { $0 - $1 }, influence: influence,
        propensity: score.fitted, trimmed: odds.trimmed)
    }
    // The controls' total is divided by the treated weight, as Abadie (2005) has it.
    let effects = zip(gain.means, drift.means).map { $0 - $1 * drift.total / gain.total }
    let zeros = [Double](repeating: 0, count: changes.columns)
    let lean = score.reach(crossMeans(o, changes, less: zeros))
    let influence = rowwise { i, j in
      let change = values[i + j * n]
      return
        (w[i] * (change - effects[j]) - o[i] * change
        - score.scores[i] * lean.storage[i + j * n]) / gain.total
    }
    return Answers(
      effects: effects, influence: influence, propensity: score.fitted, trimmed: odds.trimmed)
  }

  private func doublyRobust() throws(SiblingError) -> Answers {
    let score = try propensity()
    let odds = try controlWeights(score.fitted)
    let model = try regression(controlRowWeights, among: "controls")
    let (w, o, c, n) = (treatedWeights, odds.weights, controlRowWeights, rows)
    let gain = Moments(model.residuals, weights: w)
    let drift = Moments(model.residuals, weights: o)
    // How a control's residual moves the predictions for the treated and for the weighted controls.
    let treatedLean = model.reach(columnMeans(w))
    let controlLean = model.reach(columnMeans(o))
    let lean = zip(treatedLean, controlLean).map { $1 / drift.total - $0 / gain.total }
    let scoreLean = score.reach(crossMeans(o, model.residuals, less: drift.means))
    let influence = rowwise { i, j in
      let excess = model.residuals.storage[i + j * n]
      return w[i] * (excess - gain.means[j]) / gain.total + c[i] * excess * lean[i]
        - (o[i] * (excess - drift.means[j]) + score.scores[i] * scoreLean.storage[i + j * n])
        / drift.total
    }
    return Answers(
      effects: zip(gain.means, drift.means).map { $0 - $1 }, influence: influence,
      propensity: score.fitted, trimmed: odds.trimmed)
  }

  private func improvedDoublyRobust() throws(SiblingError) -> Answers {
    let probability = try CalibratedPropensity.fit(self)
    let odds = try controlWeights(probability)
    let ratio = probability.indices.map { i in
      controlRowWeights[i] * probability[i] / (1 - probability[i])
    }
    let model = try regression(ratio, among: "controls")
    let (w, o, n) = (treatedWeights, odds.weights, rows)
    let gain = Moments(model.residuals, weights: w)
    let drift = Moments(model.residuals, weights: o)
    // Calibration makes the nuisance estimates' first-order terms vanish.
    let influence = rowwise { i, j in
      let excess = model.residuals.storage[i + j * n]
      return w[i] * (excess - gain.means[j]) / gain.total
        - o[i] * (excess - drift.means[j]) / drift.total
    }
    return Answers(
      effects: zip(gain.means, drift.means).map { $0 - $1 }, influence: influence,
      propensity: probability, trimmed: odds.trimmed)
  }

  /// A matrix of the shape of the changes from a function of row and column.
  @inline(__always)
  private func rowwise(_ value: (Int, Int) -> Double) -> Matrix {
    let (n, m) = (changes.rows, changes.columns)
    let storage = [Double](unsafeUninitializedCapacity: n * m) { buffer, count in
      for j in 0..<m { for i in 0..<n { buffer[i + j * n] = value(i, j) } }
      count = n * m
    }
    return Matrix(rows: n, columns: m, storage: storage)
  }
}

/// The weighted means of some columns and the mean weight.
struct Moments {
  var means: [Double]
  /// The mean weight: what influence functions divide by.
  var total: Double

  init(_ values: Matrix, weights: [Double]) {
    let weight = weights.reduce(0, +)
    means = values.transposedTimes(weights).map { $0 / weight }
    total = weight / Double(weights.count)
  }
}
