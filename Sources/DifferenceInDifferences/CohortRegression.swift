internal import LinearAlgebra
internal import Statistics

/// A regression on cells of cohort and period, unit effects and covariates.
///
/// Covariates are partialled out of the cells (Frisch, Waugh and Lovell), so no column of
/// indicators is ever made.
struct CohortRegression: Sendable {
  let cells: CohortCells
  /// Each cell's effect.
  let effects: [Double]
  /// The residuals of the sample's rows.
  let residuals: [Double]
  /// Names of covariates that effects or earlier covariates explain.
  let dropped: [String]
  /// The covariates kept, with unit effects and cells removed.
  private let columns: [[Double]]
  /// How a cell's effect moves with each covariate's coefficient, cells by covariates.
  private let slopes: Matrix
  /// (X̃′WX̃)⁻¹ of the covariates kept.
  private let bread: Matrix

  /// The share of a covariate's length below which effects explain it.
  static let rankTolerance = 1e-9

  init(
    _ cells: CohortCells, _ outcome: [Double], _ covariates: DesignMatrix?
  ) throws(SiblingError) {
    self.cells = cells
    let fitted = cells.fit(outcome)
    var effects = cells.effects(fitted.means)
    var residuals = fitted.residuals
    var columns: [[Double]] = []
    var moves: [[Double]] = []
    var names: [String] = []
    var dropped: [String] = []
    if let covariates {
      if let cell = covariates.matrix.storage.firstIndex(where: { !$0.isFinite }) {
        throw SiblingError(
          .missingValue, "A covariate is missing or not finite.",
          help: "Drop rows with missing values before fitting.", row: cell % covariates.rows,
          column: covariates.names[cell / covariates.rows])
      }
      for place in 0..<covariates.columns where covariates.names[place] != "(Intercept)" {
        let part = cells.fit(covariates.matrix.column(place))
        if cells.length(part.residuals) > Self.rankTolerance * part.length {
          columns.append(part.residuals)
          moves.append(cells.effects(part.means))
          names.append(covariates.names[place])
        } else {
          dropped.append(covariates.names[place])
        }
      }
    }
    guard !columns.isEmpty else {
      self.effects = effects
      self.residuals = residuals
      self.dropped = dropped
      self.columns = []
      slopes = Matrix(rows: effects.count, columns: 0)
      bread = Matrix(rows: 0, columns: 0)
      return
    }
    let fit = try LeastSquares().fit(
      DesignMatrix(matrix: Matrix(columns: columns), names: names), response: residuals,
      weights: cells.sample.weights)
    residuals = fit.residuals
    for place in fit.keptColumns {
      for cell in effects.indices { effects[cell] -= fit.coefficients[place] * moves[place][cell] }
    }
    self.effects = effects
    self.residuals = residuals
    self.dropped = dropped + fit.dropped
    self.columns = fit.keptColumns.map { columns[$0] }
    slopes = Matrix(columns: fit.keptColumns.map { moves[$0] })
    bread = fit.unscaledCovariance
  }

  /// The coefficients that small-sample factors count: all but the effects of units.
  var parameters: Int {
    let present = cells.counts.reduce(0) { $0 + $1.filter { $0 > 0 }.count }
    return present - cells.components + 1 + columns.count
  }
}

/// The covariance of the cells' effects.
struct CohortVariance: Sendable {
  var matrix: Matrix
  var clusters: Int
  /// For each group the number of its units or, when fewer, of its clusters.
  var independent: [Int]
}

extension CohortRegression {
  /// The cluster-robust covariance (CR1) of the cells' effects; by unit without clusters.
  ///
  /// - Throws: `tooFewClusters`, `tooFewObservations`.
  func variance(clusters: Factor?) throws(SiblingError) -> CohortVariance {
    let sample = cells.sample
    let groups = sample.groups
    let codes = clusters.map { factor in sample.units.map { Int($0) }.map { factor.codes[$0] } }
    let distinct = codes.map { Set($0).count } ?? sample.units.count
    guard distinct > 1 else {
      throw SiblingError(
        .tooFewClusters, "There is only one cluster, so its standard error cannot be estimated.",
        help: "Cluster by a finer unit.")
    }
    let (n, k) = (sample.rows.count, parameters)
    guard n > k else {
      throw SiblingError(
        .tooFewObservations, "The model has \(k) coefficients beside unit effects but \(n) rows.",
        help: "Use fewer covariates or more periods.")
    }
    var independent: [Int] = []
    for group in 0..<groups {
      let units = sample.groupStarts[group]..<sample.groupStarts[group + 1]
      independent.append(codes.map { codes in Set(units.map { codes[$0] }).count } ?? units.count)
    }
    let influence = (0..<groups).map { influenceOfScores($0) }
    var matrix: Matrix
    if let codes, let clusters, distinct < sample.units.count {
      matrix = byCluster(influence, codes, clusters.levels.count)
    } else {
      let moments = scoreMoments()
      matrix = Matrix(rows: effects.count, columns: effects.count)
      for group in 0..<groups {
        matrix =
          matrix
          + Matrix.product(
            influence[group] * moments[group], influence[group], transposeRight: true)
      }
    }
    let (rows, g) = (Double(n), Double(distinct))
    matrix = matrix.scaled(by: (rows - 1) / (rows - Double(k)) * g / (g - 1))
    return CohortVariance(matrix: matrix, clusters: distinct, independent: independent)
  }

  /// How the effects move with a unit's scores: of periods, then of covariates.
  private func influenceOfScores(_ group: Int) -> Matrix {
    let t = cells.sample.periods.count
    var result = Matrix(rows: effects.count, columns: t + columns.count)
    var contrasts = Matrix(rows: effects.count, columns: t)
    for (place, cell) in cells.cells.enumerated() {
      for (period, weight) in cells.contrast(cell, of: group).enumerated() {
        contrasts[place, period] = weight
      }
    }
    let periods = contrasts * cells.inverses[group]
    let slopes = columns.isEmpty ? periods : (self.slopes * bread).scaled(by: -1)
    for place in effects.indices {
      for period in 0..<t { result[place, period] = periods[place, period] }
      for column in columns.indices { result[place, t + column] = slopes[place, column] }
    }
    return result
  }

  /// A unit's scores: wû in each period, then Σwx̃û of each covariate.
  private func scores(of unit: Int, into scores: UnsafeMutableBufferPointer<Double>) {
    let t = cells.sample.periods.count
    for place in 0..<scores.count { scores[place] = 0 }
    cells.sample.withRows { period, weights, starts in
      residuals.withUnsafeBufferPointer { residuals in
        for place in starts[unit]..<starts[unit + 1] {
          let score = (weights?[place] ?? 1) * residuals[place]
          scores[Int(period[place])] = score
          for column in columns.indices { scores[t + column] += columns[column][place] * score }
        }
      }
    }
  }

  /// For each group Σ zz′ over its units' scores z.
  private func scoreMoments() -> [Matrix] {
    let size = cells.sample.periods.count + columns.count
    return cells.sample.sums(size * size) { units, sums in
      var own = [Double](repeating: 0, count: size)
      own.withUnsafeMutableBufferPointer { own in
        for unit in units {
          scores(of: unit, into: own)
          for i in 0..<size where own[i] != 0 {
            for j in 0..<size { sums[i * size + j] += own[i] * own[j] }
          }
        }
      }
    }.map { Matrix(rows: size, columns: size, storage: $0) }
  }

  private func byCluster(_ influence: [Matrix], _ codes: [Int32], _ levels: Int) -> Matrix {
    let sample = cells.sample
    let size = sample.periods.count + columns.count
    var total = Matrix(rows: effects.count, columns: levels)
    var own = [Double](repeating: 0, count: size)
    for group in 0..<sample.groups {
      var sums = Matrix(rows: size, columns: levels)
      for unit in sample.groupStarts[group]..<sample.groupStarts[group + 1] {
        own.withUnsafeMutableBufferPointer { scores(of: unit, into: $0) }
        let base = Int(codes[unit]) * size
        for place in 0..<size { sums.storage[base + place] += own[place] }
      }
      total = total + influence[group] * sums
    }
    return Matrix.product(total, total, transposeRight: true)
  }
}

extension CohortCells {
  /// √Σwv² of a column in the sample's order.
  func length(_ values: [Double]) -> Double {
    var sum = 0.0
    for (place, value) in values.enumerated() {
      sum += (sample.weights?[place] ?? 1) * value * value
    }
    return sum.squareRoot()
  }
}
