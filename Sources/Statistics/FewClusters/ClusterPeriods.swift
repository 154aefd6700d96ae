/// Residuals and treatment of a regression, summed to one number a cluster and period.
struct ClusterPeriods: Sendable {
  /// The estimate and the null that the restricted residuals are under.
  let estimate: Double
  /// Clusters treated in some period, and never.
  let treated: [Int]
  let untreated: [Int]
  /// Periods.
  let width: Int
  /// Mean residual of each cluster and period, at the estimate.
  let residuals: [Double]
  /// Mean outcome and treatment with everything but the term removed, for residuals under a null.
  let outcomes: [Double]
  let treatments: [Double]
  /// Weighted sums of the treatment without nested effects only, and their squares a cluster.
  let nestedTreatment: [Double]
  let nestedSquares: [Double]
  /// Weighted sums of the fully residualised treatment, and its square over all rows.
  let treatment: [Double]
  let square: Double
  /// Rows a cluster and period, on average over the periods of a cluster.
  let sizes: [Double]

  /// Sums a prepared sample.
  ///
  /// - Throws: `badDesign` when treatment is not 0 or 1, or a cluster has no rows in a period;
  ///   `tooFewClusters` without two untreated clusters; `rankDeficient`.
  init(_ products: LaunchProducts) throws(SiblingError) {
    let launches = products.launches
    guard launches.isBinary else {
      throw SiblingError(.badDesign, "treatment takes values other than 0 and 1")
    }
    guard launches.filledCells == 0 else {
      throw SiblingError(
        .badDesign,
        "\(launches.filledCells) pairs of cluster and period have no rows")
    }
    treated = launches.treatedClusters
    untreated = launches.untreatedClusters
    guard untreated.count > 1 else {
      throw SiblingError(
        .tooFewClusters, "there are \(untreated.count) clusters that are never treated")
    }
    let observed = products.observed
    guard observed.isDefined else {
      throw SiblingError(.rankDeficient, "the term can't be told from the other regressors")
    }
    estimate = observed.outcome
    let part = products.part
    let (g, t) = (part.clusterCount, launches.periods.count)
    let (d, e) = products.residuals()
    var sums = Sums(cells: g * t)
    var nestedSquares = [Double](repeating: 0, count: g)
    var total = 0.0
    for cluster in 0..<g {
      let column = products.columns[launches.pathOfCluster[cluster]]
      for row in part.starts[cluster]..<part.starts[cluster + 1] {
        let cell = cluster * t + Int(launches.rowPeriods[part.order[row]])
        let weight = part.weights[row]
        sums.weight[cell] += weight
        sums.count[cell] += 1
        sums.residual[cell] += weight * e[row]
        sums.outcome[cell] += weight * products.outcome.residual[row]
        sums.full[cell] += weight * d[row]
        sums.nested[cell] += weight * column[row]
        nestedSquares[cluster] += weight * column[row] * column[row]
        total += weight * d[row] * d[row]
      }
    }
    width = t
    residuals = zip(sums.residual, sums.weight).map { $0 / $1 }
    outcomes = zip(sums.outcome, sums.weight).map { $0 / $1 }
    treatments = zip(sums.full, sums.weight).map { $0 / $1 }
    nestedTreatment = sums.nested
    self.nestedSquares = nestedSquares
    treatment = sums.full
    square = total
    sizes = (0..<g).map { cluster in
      (0..<t).reduce(0) { $0 + sums.count[cluster * t + $1] } / Double(t)
    }
  }

  private struct Sums {
    var weight: [Double]
    var count: [Double]
    var residual: [Double]
    var outcome: [Double]
    var full: [Double]
    var nested: [Double]

    init(cells: Int) {
      let zeros = [Double](repeating: 0, count: cells)
      (weight, count, residual, outcome, full, nested) = (zeros, zeros, zeros, zeros, zeros, zeros)
    }
  }

  /// Σ over periods of one cluster's weights times another's values.
  func inner(_ weights: [Double], _ cluster: Int, _ values: [Double], _ other: Int) -> Double {
    var sum = 0.0
    for t in 0..<width { sum += weights[cluster * width + t] * values[other * width + t] }
    return sum
  }
}

/// A statistic's distribution under the null, ascending, with equal tails.
struct EqualTails: Sendable {
  let values: [Double]

  init(_ values: [Double]) { self.values = values.sorted() }

  /// Twice the smaller tail, the observed one counted: 2(1 + #)/(1 + B), at most 1.
  func p(_ value: Double) -> Double {
    let slack = 1e-9 * value.magnitude
    let below = count { $0 <= value + slack }
    let above = values.count - count { $0 < value - slack }
    return min(1, 2 * Double(1 + min(below, above)) / Double(1 + values.count))
  }

  /// The nulls whose p-value is above 1 − level; infinite when the draws are too few for that level.
  func interval(_ estimate: Double, _ level: Double) -> ConfidenceInterval {
    let size = Double(values.count + 1)
    let needed = Int((((1 - level) * size / 2 + 1e-9 * size).rounded(.down)))
    guard needed > 0 else {
      return ConfidenceInterval(low: -.infinity, high: .infinity, level: level)
    }
    return ConfidenceInterval(
      low: estimate - values[values.count - needed], high: estimate - values[needed - 1],
      level: level)
  }

  /// How many of the ascending values pass a test that only the first ones pass.
  private func count(_ passes: (Double) -> Bool) -> Int {
    var (low, high) = (0, values.count)
    while low < high {
      let middle = (low + high) / 2
      if passes(values[middle]) { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
