internal import Statistics

/// One covariate measured before and after weighting, sorted once for both.
struct CovariateMeasurement: Sendable {
  /// The covariate at one stage.
  struct Side: Sendable {
    var means = (treated: 0.0, comparison: 0.0)
    var variances = (treated: 0.0, comparison: 0.0)
    var meanDifference = 0.0
    var greatestDifference = 0.0
    var overlap: Double?
  }

  var before = Side()
  var after = Side()
  private var denominator = 0.0
  private var isBinary: Bool

  init(
    values: [Double], treatment: [Bool], weights: [Double], groups: Inputs.Groups,
    estimand: Estimand, includesOverlap: Bool
  ) {
    let levels = CovariateMeasurement.twoValues(values)
    isBinary = levels != nil
    before.measureMoments(values, treatment, nil, isBinary)
    after.measureMoments(values, treatment, weights, isBinary)
    switch estimand {
    case .att: denominator = before.variances.treated.squareRoot()
    case .atc: denominator = before.variances.comparison.squareRoot()
    case .ate:
      denominator = ((before.variances.treated + before.variances.comparison) / 2).squareRoot()
    case .ato, .atm:
      let everybody = [Bool](repeating: true, count: values.count)
      var pooled = Side()
      pooled.measureMoments(values, everybody, weights, isBinary)
      denominator = pooled.variances.treated.squareRoot()
    }
    if let levels {
      let span = levels.high - levels.low
      for side in [\CovariateMeasurement.before, \.after] {
        let means = self[keyPath: side].means
        let difference = span > 0 ? ((means.treated - means.comparison) / span).magnitude : 0
        self[keyPath: side].meanDifference = difference
        self[keyPath: side].greatestDifference = difference
        self[keyPath: side].overlap = includesOverlap ? 1 - difference : nil
      }
      return
    }
    let order = Sorting.order(values)
    measureDistributions(values, order, treatment, weights, groups)
    guard includesOverlap else { return }
    let small = groups.treated < groups.comparison
    let spread = small ? before.variances.treated : before.variances.comparison
    let overlap = DensityOverlap(
      values: values, order: order, treatment: treatment, groups: groups,
      deviation: spread.squareRoot())
    let coefficients = overlap?.coefficients(weights: weights)
    before.overlap = coefficients?.unadjusted
    after.overlap = coefficients?.adjusted
  }

  /// The two values (or one) of a binary covariate; nil when there are more.
  private static func twoValues(_ values: [Double]) -> (low: Double, high: Double)? {
    let first = values[0]
    var second = first
    for value in values where value != first {
      if second == first { second = value } else if value != second { return nil }
    }
    return (min(first, second), max(first, second))
  }

  /// Walks the sorted values once, both stages together.
  private mutating func measureDistributions(
    _ values: [Double], _ order: [Int32], _ treatment: [Bool], _ weights: [Double],
    _ groups: Inputs.Groups
  ) {
    var (total1, total0) = (0.0, 0.0)
    for row in weights.indices {
      if treatment[row] { total1 += weights[row] } else { total0 += weights[row] }
    }
    let (size1, size0) = (Double(groups.treated), Double(groups.comparison))
    var (count1, count0, sum1, sum0) = (0.0, 0.0, 0.0, 0.0)
    var (plain, plainMost, weighted, weightedMost) = (0.0, 0.0, 0.0, 0.0)
    var distinct = 0.0
    values.withUnsafeBufferPointer { values in
      order.withUnsafeBufferPointer { order in
        treatment.withUnsafeBufferPointer { treatment in
          weights.withUnsafeBufferPointer { weights in
            let last = order.count - 1
            for place in 0...last {
              let row = Int(order[place])
              // Without a branch: which group comes next can't be foreseen.
              let isTreated = treatment[row] ? 1.0 : 0.0
              let weight = weights[row]
              count1 += isTreated
              count0 += 1 - isTreated
              sum1 += isTreated * weight
              sum0 += (1 - isTreated) * weight
              if place < last, values[Int(order[place + 1])] == values[row] { continue }
              distinct += 1
              let one = (count1 / size1 - count0 / size0).magnitude
              let two = (sum1 / total1 - sum0 / total0).magnitude
              plain += one
              weighted += two
              plainMost = max(plainMost, one)
              weightedMost = max(weightedMost, two)
            }
          }
        }
      }
    }
    before.meanDifference = plain / distinct
    before.greatestDifference = plainMost
    after.meanDifference = weighted / distinct
    after.greatestDifference = weightedMost
  }

  /// The row of the balance table.
  func row(_ column: BalanceCovariate, _ stage: Balance.Stage) -> Balance.Row {
    let side = stage == .unadjusted ? before : after
    let difference = side.means.treated - side.means.comparison
    let standardized: Double? =
      denominator > 0 && denominator.isFinite
      ? difference / denominator : difference == 0 ? 0 : nil
    let (treated, comparison) = side.variances
    let ratio: Double? =
      isBinary || !(comparison > 0) || !comparison.isFinite || !treated.isFinite
      ? nil : treated / comparison
    return Balance.Row(
      covariate: column.name, level: column.level, stage: stage, meanTreated: side.means.treated,
      meanComparison: side.means.comparison, standardizedMeanDifference: standardized,
      varianceRatio: ratio, meanDistributionDifference: side.meanDifference,
      kolmogorovSmirnov: side.greatestDifference, overlap: side.overlap,
      standardDeviation: denominator.isFinite ? denominator : nil)
  }
}

extension CovariateMeasurement.Side {
  /// Weighted means and variances of both groups.
  ///
  /// A group of one has no variance (NaN) unless the covariate is binary.
  fileprivate mutating func measureMoments(
    _ values: [Double], _ treatment: [Bool], _ weights: [Double]?, _ isBinary: Bool
  ) {
    let weights = weights ?? [Double](repeating: 1, count: values.count)
    values.withUnsafeBufferPointer { values in
      treatment.withUnsafeBufferPointer { treatment in
        weights.withUnsafeBufferPointer { weights in
          measureMoments(values, treatment, weights, isBinary)
        }
      }
    }
  }

  // Groups are told apart by multiplication: a branch here would be guessed wrong at every change.
  private mutating func measureMoments(
    _ values: UnsafeBufferPointer<Double>, _ treatment: UnsafeBufferPointer<Bool>,
    _ weights: UnsafeBufferPointer<Double>, _ isBinary: Bool
  ) {
    var (sum1, sum0, total1, total0, squared1, squared0) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    for row in 0..<values.count {
      let weight1 = treatment[row] ? weights[row] : 0
      let weight0 = weights[row] - weight1
      sum1 += weight1 * values[row]
      sum0 += weight0 * values[row]
      total1 += weight1
      total0 += weight0
      squared1 += weight1 * weight1
      squared0 += weight0 * weight0
    }
    means = (sum1 / total1, sum0 / total0)
    let (mean1, mean0) = means
    var (spread1, spread0) = (0.0, 0.0)
    for row in 0..<values.count {
      let weight1 = treatment[row] ? weights[row] : 0
      let gap1 = values[row] - mean1
      let gap0 = values[row] - mean0
      spread1 += weight1 * gap1 * gap1
      // Without comparisons (one pooled group) their mean is not a number.
      spread0 += (weights[row] - weight1) * gap0 * gap0
    }
    variances = (
      spread1 / total1 / (isBinary ? 1 : 1 - squared1 / (total1 * total1)),
      spread0 / total0 / (isBinary ? 1 : 1 - squared0 / (total0 * total0))
    )
  }
}
