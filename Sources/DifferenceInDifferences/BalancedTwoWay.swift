internal import LinearAlgebra
internal import Statistics

/// Two-way fixed effects on a balanced panel without weights or covariates, in two passes over rows.
///
/// Treatment depends on cohort and period only, and so does what is left of it once unit and period
/// means are removed. So nothing but the outcome is read by row.
struct BalancedTwoWay: Sendable {
  let coefficient: Double
  let residualSquares: Double
  /// Σ of the outcome's squares about unit and period means.
  let outcomeSquares: Double
  /// Σ of treatment's squares about unit and period means.
  let treatmentSquares: Double
  /// The largest share of a column's length that another projection would remove.
  let normalEquationResidual: Double

  private let panel: PanelDesign
  private let outcome: [Double]
  private let treatment: CohortTreatment
  private let means: OutcomeMeans
  /// For each unit Σ of treatment times outcome, both about their means.
  private let products: [Double]

  /// Fits the regression; nil where the panel, the treatment or the outcome need the general way.
  init?(_ panel: PanelDesign, _ outcome: [Double]) {
    guard panel.isBalanced, panel.units > 1, panel.periods.count > 1 else { return nil }
    self.panel = panel
    self.outcome = outcome
    treatment = CohortTreatment(panel)
    means = OutcomeMeans(panel, outcome)
    treatmentSquares = treatment.squares
    guard treatmentSquares > 1e-18 * Double(panel.rows) else { return nil }
    let sums = Self.products(panel, outcome, treatment, means)
    products = sums.products
    outcomeSquares = sums.squares
    let slope = sums.products.reduce(0, +) / treatmentSquares
    coefficient = slope
    residualSquares = sums.squares - slope * slope * treatmentSquares
    normalEquationResidual = max(
      treatment.error, sums.squares > 0 ? (sums.left / sums.squares).squareRoot() : 0)
    // A difference of squares is exact enough only where residuals are not negligible.
    guard sums.squares > 1e-16 * means.squares, residualSquares > 1e-6 * sums.squares else {
      return nil
    }
  }

  private static func products(
    _ panel: PanelDesign, _ outcome: [Double], _ treatment: CohortTreatment, _ means: OutcomeMeans
  ) -> (products: [Double], squares: Double, left: Double) {
    let n = panel.rows
    let t = panel.periods.count
    var products = [Double](repeating: 0, count: panel.units)
    var left = [Double](repeating: 0, count: panel.units + t)
    var squares = 0.0
    let (shift, center) = (panel.units, means.center)
    outcome.withUnsafeBufferPointer { y in
      panel.unit.codes.withUnsafeBufferPointer { unit in
        panel.period.withUnsafeBufferPointer { period in
          treatment.values.withUnsafeBufferPointer { d in
            treatment.offset.withUnsafeBufferPointer { offset in
              means.unit.withUnsafeBufferPointer { unitMeans in
                means.period.withUnsafeBufferPointer { periodMeans in
                  products.withUnsafeMutableBufferPointer { products in
                    left.withUnsafeMutableBufferPointer { left in
                      for row in 0..<n {
                        let (i, time) = (Int(unit[row]), Int(period[row]))
                        let value = (y[row] - center) - unitMeans[i] - periodMeans[time]
                        products[i] += d[Int(offset[i]) + time] * value
                        squares += value * value
                        left[i] += value
                        left[shift + time] += value
                      }
                    }
                  }
                }
              }
            }
          }
        }
      }
    }
    let byUnit = left[..<shift].reduce(0) { $0 + $1 * $1 } / Double(t)
    let byPeriod = left[shift...].reduce(0) { $0 + $1 * $1 } / Double(panel.units)
    return (products, squares, max(byUnit, byPeriod))
  }

  /// A variance of the coefficient and its reference distribution.
  private struct Variance {
    var value: Double
    var degrees: Int
    var name: String
    var clusters: Int?
  }

  /// Coefficients and effects: one, units, periods less one.
  private var parameters: Int { panel.units + panel.periods.count }

  /// The share of the outcome's variance within units and periods that treatment explains.
  var withinRSquared: Double { 1 - residualSquares / outcomeSquares }

  /// The variance of the coefficient; nil where an estimator needs the general way.
  private func variance(_ estimator: CovarianceEstimator) -> Variance? {
    let n = panel.rows
    let degrees = n - parameters
    guard degrees > 0 else { return nil }
    switch estimator {
    case .classical:
      return Variance(
        value: residualSquares / Double(degrees) / treatmentSquares, degrees: degrees,
        name: "classical")
    case .heteroskedastic(let type):
      guard let meat = heteroskedasticMeat(type) else { return nil }
      let factor = type == .hc1 ? Double(n) / Double(degrees) : 1
      return Variance(
        value: factor * meat / (treatmentSquares * treatmentSquares), degrees: degrees,
        name: type.rawValue)
    case .cluster(let type, let factors, _):
      guard factors.count == 1, type == .cr0 || type == .cr1,
        let sums = clusterSums(factors[0])
      else { return nil }
      let g = sums.count
      var variance = sums.reduce(0) { $0 + $1 * $1 } / (treatmentSquares * treatmentSquares)
      if type == .cr1 {
        // Unit effects are nested in the clusters and do not count.
        let nested = Double(n - parameters + panel.units - 1)
        variance *= Double(g) / Double(g - 1) * Double(n - 1) / nested
      }
      return Variance(
        value: variance, degrees: g - 1, name: "\(type.rawValue), G=\(g)", clusters: g)
    default:
      return nil
    }
  }

  /// The result, as the general way would give it; nil where an estimator needs that way.
  func result(_ estimator: CovarianceEstimator, level: Double) -> TwoWayFixedEffectsResult? {
    guard let variance = variance(estimator) else { return nil }
    let estimate = Estimate(
      term: "ATT", estimate: coefficient, standardError: variance.value.squareRoot(),
      degreesOfFreedom: Double(variance.degrees), level: level,
      convention: "\(variance.name), t(\(variance.degrees))")
    return TwoWayFixedEffectsResult(
      estimate: estimate,
      table: EstimateTable(
        rows: [estimate], observations: panel.rows, clusters: variance.clusters,
        notes: panel.notes),
      withinRSquared: withinRSquared, normalEquationResidual: normalEquationResidual)
  }

  /// Each cluster's Σ of treatment times residual; nil where units are not nested in clusters.
  private func clusterSums(_ clusters: Factor) -> [Double]? {
    let scores = panel.groups.indices.map { unit in
      products[unit] - coefficient * treatment.unitSquares(unit)
    }
    if clusters == panel.unit { return scores }
    guard let home = try? panel.unitLevel(clusters) else { return nil }
    let used = home.droppingUnusedLevels()
    guard used.levels.count > 1 else { return nil }
    var sums = [Double](repeating: 0, count: used.levels.count)
    for (unit, score) in scores.enumerated() { sums[Int(used.codes[unit])] += score }
    return sums
  }

  /// Σ of treatment's squares times squared residuals, enlarged by leverage; nil at leverage one.
  private func heteroskedasticMeat(_ type: HeteroskedasticType) -> Double? {
    let t = panel.periods.count
    let both = 1 / Double(panel.units) + 1 / Double(t) - 1 / Double(panel.rows)
    var factors = treatment.values.map { $0 * $0 }
    if type == .hc2 || type == .hc3 {
      for place in factors.indices {
        let left = 1 - both - factors[place] / treatmentSquares
        guard left > 1e-10 else { return nil }
        factors[place] /= type == .hc2 ? left : left * left
      }
    }
    var sum = 0.0
    for row in 0..<panel.rows {
      let (i, time) = (Int(panel.unit.codes[row]), Int(panel.period[row]))
      let place = Int(treatment.offset[i]) + time
      let residual =
        (outcome[row] - means.center) - means.unit[i] - means.period[time]
        - coefficient * treatment.values[place]
      sum += factors[place] * residual * residual
    }
    return sum
  }
}

/// Treatment by cohort and period, about unit and period means.
private struct CohortTreatment: Sendable {
  /// By cohort, the never treated last, and then period.
  let values: [Double]
  /// For each unit where its cohort's values begin.
  let offset: [Int32]
  let squares: Double
  /// The largest share of its length that another projection would remove.
  let error: Double
  private let ownSquares: [Double]
  private let periods: Int

  init(_ panel: PanelDesign) {
    let t = panel.periods.count
    var cohort: [Double: Int] = [:]
    for (place, one) in panel.cohorts.enumerated() { cohort[one.start] = place }
    let never = panel.cohorts.count
    offset = panel.groups.map { start in
      Int32(truncatingIfNeeded: (start.flatMap { cohort[$0] } ?? never) * t)
    }
    let starts = panel.cohorts.map(\.start) + [.infinity]
    let sizes = panel.cohorts.map { Double($0.units) } + [Double(panel.neverTreated)]
    var values = starts.flatMap { start in panel.periods.map { $0 >= start ? 1.0 : 0 } }
    // Twice, so that means vanish to rounding.
    for _ in 0..<2 { Self.center(&values, sizes, t) }
    let again = Self.center(&values, sizes, t)
    var own = [Double](repeating: 0, count: sizes.count)
    for place in values.indices { own[place / t] += values[place] * values[place] }
    let total = zip(own, sizes).reduce(0) { $0 + $1.0 * $1.1 }
    self.values = values
    ownSquares = own
    periods = t
    squares = total
    error = total > 0 ? (again / total).squareRoot() : 0
  }

  func unitSquares(_ unit: Int) -> Double { ownSquares[Int(offset[unit]) / periods] }

  /// Subtracts unit and period means and gives the larger sum of squares that they had.
  @discardableResult
  private static func center(_ values: inout [Double], _ sizes: [Double], _ t: Int) -> Double {
    let units = sizes.reduce(0, +)
    var (byUnit, byPeriod) = (0.0, 0.0)
    for group in sizes.indices {
      let mean = values[(group * t)..<((group + 1) * t)].reduce(0, +) / Double(t)
      for time in 0..<t { values[group * t + time] -= mean }
      byUnit += sizes[group] * Double(t) * mean * mean
    }
    for time in 0..<t {
      let sum = sizes.indices.reduce(0) { $0 + sizes[$1] * values[$1 * t + time] }
      for group in sizes.indices { values[group * t + time] -= sum / units }
      byPeriod += sum * sum / units
    }
    return max(byUnit, byPeriod)
  }
}

/// The outcome's means by unit, and by period less the overall mean.
private struct OutcomeMeans: Sendable {
  /// An outcome that unit means are less: sums about it lose fewer digits than about zero.
  var center: Double
  var unit: [Double]
  var period: [Double]
  /// Σ of squares about the first row's outcome.
  var squares = 0.0

  init(_ panel: PanelDesign, _ outcome: [Double]) {
    let (n, units, t) = (panel.rows, panel.units, panel.periods.count)
    var unitSums = [Double](repeating: 0, count: units)
    var periodSums = [Double](repeating: 0, count: t)
    let center = outcome[0]
    var squares = 0.0
    outcome.withUnsafeBufferPointer { y in
      panel.unit.codes.withUnsafeBufferPointer { unit in
        panel.period.withUnsafeBufferPointer { period in
          unitSums.withUnsafeMutableBufferPointer { unitSums in
            periodSums.withUnsafeMutableBufferPointer { periodSums in
              for row in 0..<n {
                let value = y[row] - center
                unitSums[Int(unit[row])] += value
                periodSums[Int(period[row])] += value
                squares += value * value
              }
            }
          }
        }
      }
    }
    let overall = periodSums.reduce(0, +) / Double(n)
    self.center = center
    self.unit = unitSums.map { $0 / Double(t) }
    self.period = periodSums.map { $0 / Double(units) - overall }
    self.squares = squares
  }
}
