internal import LinearAlgebra
internal import Statistics

/// Unit and period effects (and slopes) learned from untreated unit-periods, and what they say of the
/// treated ones: outcome less the outcome that would have been.
struct UntreatedModel {
  /// Rows that the model is learned from.
  let isBase: [Bool]
  /// Treated rows whose unit and period the model knows.
  let isTreated: [Bool]
  /// For a treated row its effect, for a base row its residual, else 0.
  let residual: [Double]
  let effects: UntreatedEffects
  /// Weights of zero are rows that take no part.
  let weights: [Double]?
  let baseRows: Int
  let treatedRows: Int
  let notes: [String]

  /// Covariates less their own unit and period effects, learned from the same rows.
  private let slopes: [[Double]]
  private let slopeFactor: Cholesky?
  private let panel: PanelDesign

  /// Fits the untreated rows; unit-periods from `anticipation` before treatment on count as treated.
  ///
  /// - Throws: `badDesign` where no treated unit-period can be imputed, `tooFewObservations` where
  ///   untreated rows are no more than the effects they must determine.
  init(
    _ panel: PanelDesign, outcome: [Double], covariates: DesignMatrix?, weights: [Double]?,
    anticipation: Double
  ) throws(SiblingError) {
    try panel.check(outcome: outcome, covariates: covariates, weights: weights)
    if let covariates { try Self.requireFinite(covariates) }
    guard anticipation >= 0 else {
      throw SiblingError(.invalidOption, "Anticipation is a number of periods, zero or more.")
    }
    var isBase = [Bool](repeating: false, count: panel.rows)
    var isLater = isBase
    for row in 0..<panel.rows where weights?[row] ?? 1 > 0 {
      let start = panel.groups[Int(panel.unit.codes[row])] ?? .infinity
      if panel.periods[Int(panel.period[row])] < start - anticipation {
        isBase[row] = true
      } else {
        isLater[row] = true
      }
    }
    let effects = try UntreatedEffects(panel, isUsed: isBase, weights: weights)
    let known = Self.known(panel, isLater, effects)
    guard known.count > 0 else {
      throw SiblingError(
        .badDesign,
        "No treated unit-period has both an untreated period of its unit and an untreated unit in"
          + " its period.",
        help: "Add periods before treatment, or units that are treated later or never.")
    }
    var notes = known.notes
    // Slopes are learned from what unit and period effects leave of covariates and outcome.
    var slopes: [[Double]] = []
    var dropped: [String] = []
    if let covariates {
      for column in 0..<covariates.columns where covariates.names[column] != "(Intercept)" {
        let values = covariates.matrix.column(column)
        let left = Self.left(values, effects, panel, isBase, known.isTreated)
        if Self.isExplained(left, values, effects, weights) {
          dropped.append(covariates.names[column])
        } else {
          slopes.append(left)
        }
      }
    }
    var left = Self.left(outcome, effects, panel, isBase, known.isTreated)
    let base = effects.rows.map(Int.init)
    var factor: Cholesky?
    if !slopes.isEmpty {
      let design = Matrix(columns: slopes.map { column in base.map { column[$0] } })
      let baseWeights = weights.map { w in base.map { w[$0] } }
      guard
        let solution = LeastSquares.solution(
          design, base.map { left[$0] }, baseWeights)
      else {
        throw SiblingError(.rankDeficient, "The covariates' slopes could not be determined.")
      }
      let kept = solution.kept
      let columns = covariates.map { c in c.names.filter { $0 != "(Intercept)" } } ?? []
      let named = columns.filter { !dropped.contains($0) }
      dropped += named.indices.filter { !kept.contains($0) }.map { named[$0] }
      slopes = kept.map { slopes[$0] }
      for (place, slope) in solution.coefficients.enumerated() {
        for row in left.indices { left[row] -= slope * slopes[place][row] }
      }
      factor = solution.factor
    }
    if !dropped.isEmpty {
      notes.append(
        dropped.map { "`\($0)`" }.joined(separator: ", ")
          + ": does not vary within units and periods while untreated, and was left out.")
    }
    guard base.count > effects.parameters + slopes.count else {
      throw SiblingError(
        .tooFewObservations,
        "\(base.count) untreated unit-periods must determine"
          + " \(effects.parameters + slopes.count) effects.",
        help: "Add untreated periods or units, or leave covariates out.")
    }
    self.panel = panel
    self.isBase = isBase
    isTreated = known.isTreated
    residual = left
    self.effects = effects
    self.weights = weights
    self.slopes = slopes
    slopeFactor = factor
    baseRows = base.count
    treatedRows = known.count
    self.notes = notes
  }

  /// The effects' weighted mean in each group.
  func means(_ partition: EffectPartition) -> [Double] {
    var sums = [Double](repeating: 0, count: partition.groups.count)
    for row in residual.indices where partition.group[row] >= 0 {
      sums[Int(partition.group[row])] += (weights?[row] ?? 1) * residual[row]
    }
    return sums.indices.map { sums[$0] / partition.groups[$0].weight }
  }

  /// For each cluster the influence on each group's mean, the treated rows' part about a centre.
  ///
  /// A mean is Σ v·y with v the share of treated rows and, for untreated ones, minus what they add to
  /// imputed outcomes; the influence is Σ v·e, e the residual or the effect less its centre.
  /// - Complexity: O(rows · groups) by one matrix product.
  func influence(_ partition: EffectPartition, centre: [Double], clusters: Factor) -> Matrix {
    let (groups, periods) = (partition.groups.count, effects.periods)
    let width = periods + slopes.count
    var right = Matrix(rows: periods, columns: groups)
    var slopeRight = Matrix(rows: slopes.count, columns: groups)
    var result = Matrix(rows: clusters.levels.count, columns: groups)
    var scores = Matrix(rows: clusters.levels.count, columns: width)
    let order = Sorting.order(codes: panel.unit.codes, levels: panel.units)
    var start = 0
    while start < order.count {
      let unit = panel.unit.codes[Int(order[start])]
      var end = start
      while end < order.count, panel.unit.codes[Int(order[end])] == unit { end += 1 }
      let total = effects.unitTotals[Int(unit)]
      for place in start..<end {
        let row = Int(order[place])
        let group = Int(partition.group[row])
        guard group >= 0 else { continue }
        let share = (weights?[row] ?? 1) / partition.groups[group].weight
        right[Int(panel.period[row]), group] += share
        for other in start..<end where isBase[Int(order[other])] {
          let base = Int(order[other])
          right[Int(panel.period[base]), group] -= share * (weights?[base] ?? 1) / total
        }
        for (place, slope) in slopes.enumerated() { slopeRight[place, group] += share * slope[row] }
        result[Int(clusters.codes[row]), group] += share * (residual[row] - centre[row])
      }
      for place in start..<end where isBase[Int(order[place])] {
        let row = Int(order[place])
        let cluster = Int(clusters.codes[row])
        let score = (weights?[row] ?? 1) * residual[row]
        scores[cluster, Int(panel.period[row])] += score
        for (place, slope) in slopes.enumerated() {
          scores[cluster, periods + place] += score * slope[row]
        }
      }
      start = end
    }
    let solved = effects.solve(right)
    var coefficients = Matrix(rows: width, columns: groups)
    let slopeSolved = slopeFactor?.solve(slopeRight)
    for group in 0..<groups {
      for level in 0..<periods { coefficients[level, group] = solved[level, group] }
      if let slopeSolved {
        for place in slopes.indices {
          coefficients[periods + place, group] = slopeSolved[place, group]
        }
      }
    }
    return result - scores * coefficients
  }

  // MARK: - Parts of the fit

  /// Treated rows whose unit has an untreated row and whose period has an untreated unit.
  private static func known(
    _ panel: PanelDesign, _ isLater: [Bool], _ effects: UntreatedEffects
  ) -> (isTreated: [Bool], count: Int, notes: [String]) {
    var isTreated = isLater
    var (count, noUnit, noPeriod) = (0, 0, 0)
    for row in isLater.indices where isLater[row] {
      let unit = Int(panel.unit.codes[row])
      if effects.identifies(unit: unit, period: Int(panel.period[row])) {
        count += 1
        continue
      }
      isTreated[row] = false
      if effects.unitTotals[unit] > 0 { noPeriod += 1 } else { noUnit += 1 }
    }
    var notes: [String] = []
    if noUnit > 0 {
      notes.append(
        "\(noUnit) treated unit-periods were left out: their units are never seen untreated.")
    }
    if noPeriod > 0 {
      notes.append(
        "\(noPeriod) treated unit-periods were left out: no comparable unit is untreated then.")
    }
    return (isTreated, count, notes)
  }

  /// A column less its unit and period effects, on base and treated rows.
  private static func left(
    _ column: [Double], _ effects: UntreatedEffects, _ panel: PanelDesign, _ isBase: [Bool],
    _ isTreated: [Bool]
  ) -> [Double] {
    let fit = effects.fit(column)
    var left = [Double](repeating: 0, count: column.count)
    for row in left.indices where isBase[row] || isTreated[row] {
      left[row] =
        column[row] - fit.unit[Int(panel.unit.codes[row])] - fit.period[Int(panel.period[row])]
    }
    return left
  }

  /// Whether unit and period effects explain a column on base rows to rounding.
  private static func isExplained(
    _ left: [Double], _ column: [Double], _ effects: UntreatedEffects, _ weights: [Double]?
  ) -> Bool {
    var (sum, total) = (0.0, 0.0)
    for row in effects.rows {
      let weight = weights?[Int(row)] ?? 1
      sum += weight * column[Int(row)]
      total += weight
    }
    var (remaining, spread) = (0.0, 0.0)
    for row in effects.rows {
      let weight = weights?[Int(row)] ?? 1
      let away = column[Int(row)] - sum / total
      spread += weight * away * away
      remaining += weight * left[Int(row)] * left[Int(row)]
    }
    return remaining.squareRoot() <= 1e-9 * spread.squareRoot()
  }

  private static func requireFinite(_ covariates: DesignMatrix) throws(SiblingError) {
    for column in 0..<covariates.columns {
      if let row = covariates.matrix.column(column).firstIndex(where: { !$0.isFinite }) {
        throw SiblingError(
          .missingValue, "A covariate is missing or not finite.",
          help: "Drop rows with missing values before fitting.", row: row,
          column: covariates.names[column])
      }
    }
  }
}

extension LeastSquares {
  /// Coefficients without intercept on the independent columns, with the factor of their Gram matrix.
  static func solution(
    _ design: Matrix, _ response: [Double], _ weights: [Double]?
  ) -> (kept: [Int], coefficients: [Double], factor: Cholesky)? {
    let gram = Gram.product(design, weights: weights)
    let kept = ColumnRank(gram: gram).kept
    guard !kept.isEmpty, let factor = try? Cholesky(gram.selecting(both: kept)) else { return nil }
    let used = design.selecting(columns: kept)
    var coefficients = [Double](repeating: 0, count: kept.count)
    // Refined by residuals from the data.
    for _ in 0..<3 {
      let fitted = used.times(coefficients)
      var left = response
      for row in left.indices { left[row] = (left[row] - fitted[row]) * (weights?[row] ?? 1) }
      let step = factor.solve(used.transposedTimes(left))
      for place in step.indices { coefficients[place] += step[place] }
    }
    return (kept, coefficients, factor)
  }
}
