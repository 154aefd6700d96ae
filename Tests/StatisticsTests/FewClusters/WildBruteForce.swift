import LinearAlgebra
import Statistics

/// The wild cluster bootstrap as its definition reads: new outcomes, refitted, clusters left out one
/// at a time.
struct WildBruteForce {
  let sample: FewClusterSample
  let variant: WildClusterBootstrap.Variant
  let units: Factor

  init(
    _ sample: FewClusterSample, _ variant: WildClusterBootstrap.Variant, subclusters: Factor? = nil
  ) {
    self.sample = sample
    self.variant = variant
    units = subclusters ?? sample.clusters
  }

  private var others: DesignMatrix {
    sample.design.selecting(
      columns: (0..<sample.design.columns).filter { $0 != sample.term })
  }

  private func coefficients(
    _ design: DesignMatrix, _ y: [Double], without cluster: Int? = nil
  ) throws -> [Double] {
    let rows = y.indices.filter { Int(sample.clusters.codes[$0]) != cluster }
    return try LeastSquares().fit(
      design.selecting(rows: rows), response: rows.map { y[$0] },
      weights: sample.weights.map { all in rows.map { all[$0] } }
    ).coefficients
  }

  /// The t statistic of an outcome against a null; CR1 or the jackknife with (G − 1)/G.
  private func statistic(_ y: [Double], _ null: Double) throws -> Double {
    let fit = try LeastSquares().fit(sample.design, response: y, weights: sample.weights)
    let estimate = fit.coefficients[sample.term]
    guard variant.hasJackknifeErrors else {
      let covariance = try fit.covariance(.cluster(.cr1, [sample.clusters]))
      return (estimate - null) / covariance.standardErrors[sample.term]
    }
    let g = sample.clusterCount
    var sum = 0.0
    for cluster in 0..<g {
      let change = try coefficients(sample.design, y, without: cluster)[sample.term] - estimate
      sum += change * change
    }
    return (estimate - null) / (Double(g - 1) / Double(g) * sum).squareRoot()
  }

  /// The strict p-value over all sign vectors, and the one with ties.
  func pValues(null: Double) throws -> (strict: Double, tied: Double) {
    let x = sample.design.matrix.column(sample.term)
    let design = variant.isRestricted ? others : sample.design
    let y = variant.isRestricted ? zip(sample.outcome, x).map { $0 - null * $1 } : sample.outcome
    let whole = try coefficients(design, y)
    let center =
      variant.isRestricted ? null : whole[sample.term]
    var residuals = [Double](repeating: 0, count: y.count)
    let fitted = design.matrix.times(whole)
    for cluster in 0..<sample.clusterCount {
      let used =
        variant.hasJackknifeResiduals ? try coefficients(design, y, without: cluster) : whole
      let values = design.matrix.times(used)
      for row in y.indices where Int(sample.clusters.codes[row]) == cluster {
        residuals[row] = y[row] - values[row]
      }
    }
    let observed = try statistic(sample.outcome, null).magnitude
    let count = 1 << units.levels.count
    var (strict, tied) = (0, 0)
    for draw in 0..<count {
      let outcome = y.indices.map { row in
        let sign = (draw >> Int(units.codes[row])) & 1 == 0 ? 1.0 : -1
        return fitted[row] + sign * residuals[row]
          + (variant.isRestricted ? null * x[row] : 0)
      }
      let value = try statistic(outcome, center).magnitude
      if value > observed * (1 + 1e-9) { strict += 1 }
      if value >= observed * (1 - 1e-9) { tied += 1 }
    }
    return (Double(strict) / Double(count), Double(tied) / Double(count))
  }
}
