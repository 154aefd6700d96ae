internal import Statistics

/// One covariate measured before and after weighting.
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
  /// What standardised differences divide by.
  private(set) var denominator = 0.0
  private var isBinary: Bool

  /// Measures a column of finite values; `denominator` replaces the one of the rows themselves.
  init(
    _ values: [Double], _ sample: BalanceSample, estimand: Estimand, includesOverlap: Bool,
    denominator given: Double? = nil
  ) {
    self.init(
      CovariateDistribution(values, sample), sample, estimand: estimand,
      includesOverlap: includesOverlap, denominator: given)
  }

  /// Measures a distribution.
  init(
    _ distribution: CovariateDistribution, _ sample: BalanceSample, estimand: Estimand,
    includesOverlap: Bool, denominator given: Double? = nil
  ) {
    isBinary = distribution.isBinary
    measureMoments(distribution, sample)
    if let given {
      denominator = given
    } else {
      switch estimand {
      case .att: denominator = before.variances.treated.squareRoot()
      case .atc: denominator = before.variances.comparison.squareRoot()
      case .ate:
        denominator = ((before.variances.treated + before.variances.comparison) / 2).squareRoot()
      case .ato, .atm:
        denominator = pooledVariance(distribution, sample).squareRoot()
      }
    }
    measureDistances(distribution, sample)
    guard includesOverlap else { return }
    if isBinary {
      before.overlap = 1 - before.greatestDifference
      after.overlap = 1 - after.greatestDifference
    } else if let density = DensityOverlap(distribution, sample, before.variances) {
      before.overlap = density.coefficient(distribution, sample, .unadjusted)
      after.overlap = density.coefficient(distribution, sample, .adjusted)
    }
  }

  /// A covariate of more than two values of which only moments are known.
  init(
    _ sampling: (treated: BalanceCells.Moments, comparison: BalanceCells.Moments),
    _ weight: (treated: BalanceCells.Moments, comparison: BalanceCells.Moments),
    _ sample: BalanceSample, estimand: Estimand
  ) {
    isBinary = false
    func variance(_ moments: BalanceCells.Moments, _ total: Double, _ squares: Double) -> Double {
      moments.spread / (1 - squares / (total * total))
    }
    before.means = (sampling.treated.mean, sampling.comparison.mean)
    before.variances = (
      variance(sampling.treated, sample.sizes.treated, sample.baseSquares.treated),
      variance(sampling.comparison, sample.sizes.comparison, sample.baseSquares.comparison)
    )
    after.means = (weight.treated.mean, weight.comparison.mean)
    after.variances = (
      variance(weight.treated, sample.totals.treated, sample.squares.treated),
      variance(weight.comparison, sample.totals.comparison, sample.squares.comparison)
    )
    switch estimand {
    case .att: denominator = before.variances.treated.squareRoot()
    case .atc: denominator = before.variances.comparison.squareRoot()
    case .ate:
      denominator = ((before.variances.treated + before.variances.comparison) / 2).squareRoot()
    case .ato, .atm:
      let (one, zero) = (sample.totals.treated, sample.totals.comparison)
      let total = one + zero
      let mean = (one * weight.treated.mean + zero * weight.comparison.mean) / total
      func about(_ moments: BalanceCells.Moments) -> Double {
        moments.spread + (moments.mean - mean) * (moments.mean - mean)
      }
      let spread = (one * about(weight.treated) + zero * about(weight.comparison)) / total
      let squares = sample.squares.treated + sample.squares.comparison
      denominator = (spread / (1 - squares / (total * total))).squareRoot()
    }
  }

  /// Means and variances of both groups at both stages.
  ///
  /// A group of one has no variance (NaN) unless the covariate is binary.
  private mutating func measureMoments(_ d: CovariateDistribution, _ sample: BalanceSample) {
    guard d.values.count > 1 else {
      // Sums would round: a constant is its own mean in every group.
      before.means = (d.values[0], d.values[0])
      after.means = before.means
      return
    }
    let masses = [d.treated, d.comparison, d.treatedWeight, d.comparisonWeight]
    let totals = [
      sample.sizes.treated, sample.sizes.comparison, sample.totals.treated,
      sample.totals.comparison,
    ]
    let squares = [
      sample.baseSquares.treated, sample.baseSquares.comparison, sample.squares.treated,
      sample.squares.comparison,
    ]
    var (means, variances) = ([Double](), [Double]())
    for part in 0..<4 {
      let (mean, variance) = CovariateMeasurement.moments(
        d.values, masses[part], total: totals[part],
        correction: isBinary ? 1 : 1 - squares[part] / (totals[part] * totals[part]))
      means.append(mean)
      variances.append(variance)
    }
    before.means = (means[0], means[1])
    before.variances = (variances[0], variances[1])
    after.means = (means[2], means[3])
    after.variances = (variances[2], variances[3])
  }

  private static func moments(
    _ values: [Double], _ masses: [Double], total: Double, correction: Double
  ) -> (mean: Double, variance: Double) {
    values.withUnsafeBufferPointer { values in
      masses.withUnsafeBufferPointer { masses in
        var sum = 0.0
        for place in 0..<values.count { sum += masses[place] * values[place] }
        let mean = sum / total
        var spread = 0.0
        for place in 0..<values.count {
          let gap = values[place] - mean
          spread += masses[place] * gap * gap
        }
        return (mean, spread / total / correction)
      }
    }
  }

  /// The variance of both groups together under the weights.
  private func pooledVariance(_ d: CovariateDistribution, _ sample: BalanceSample) -> Double {
    guard d.values.count > 1 else { return 0 }
    let total = sample.totals.treated + sample.totals.comparison
    let squares = sample.squares.treated + sample.squares.comparison
    return CovariateMeasurement.moments(
      d.values, zip(d.treatedWeight, d.comparisonWeight).map { $0 + $1 }, total: total,
      correction: isBinary ? 1 : 1 - squares / (total * total)
    ).variance
  }

  /// The distances between the distribution functions, over all distinct values.
  private mutating func measureDistances(_ d: CovariateDistribution, _ sample: BalanceSample) {
    if isBinary {
      let span = (d.values.last ?? 0) - d.values[0]
      for side in [\CovariateMeasurement.before, \.after] {
        let means = self[keyPath: side].means
        let difference = span > 0 ? ((means.treated - means.comparison) / span).magnitude : 0
        self[keyPath: side].meanDifference = difference
        self[keyPath: side].greatestDifference = difference
      }
      return
    }
    (before.meanDifference, before.greatestDifference) = CovariateMeasurement.distances(
      d.treated, d.comparison, sample.sizes)
    (after.meanDifference, after.greatestDifference) = CovariateMeasurement.distances(
      d.treatedWeight, d.comparisonWeight, sample.totals)
  }

  private static func distances(
    _ treated: [Double], _ comparison: [Double], _ totals: (treated: Double, comparison: Double)
  ) -> (mean: Double, greatest: Double) {
    treated.withUnsafeBufferPointer { treated in
      comparison.withUnsafeBufferPointer { comparison in
        var (sum1, sum0, total, greatest) = (0.0, 0.0, 0.0, 0.0)
        let (scale1, scale0) = (1 / totals.treated, 1 / totals.comparison)
        for place in 0..<treated.count {
          sum1 += treated[place]
          sum0 += comparison[place]
          let gap = (sum1 * scale1 - sum0 * scale0).magnitude
          total += gap
          greatest = max(greatest, gap)
        }
        return (total / Double(treated.count), min(1, greatest))
      }
    }
  }

  /// The row of the balance table.
  func row(_ term: BalanceTerm, _ stage: Balance.Stage) -> Balance.Row {
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
      covariate: term.name, level: term.level, stage: stage, meanTreated: side.means.treated,
      meanComparison: side.means.comparison, standardizedMeanDifference: standardized,
      varianceRatio: ratio, meanDistributionDifference: side.meanDifference,
      kolmogorovSmirnov: side.greatestDifference, overlap: side.overlap,
      standardDeviation: denominator.isFinite ? denominator : nil, components: term.components)
  }
}
