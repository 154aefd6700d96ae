internal import LinearAlgebra

/// A linear regression with unit and period effects, fitted to sums over units that share their regressors.
///
/// Its covariance is classical, HC0, HC1, CR0 or CR1; clusters are those of the fit, whatever factors the
/// estimator carries.
public struct GroupedPanelFit: RegressionFit {
  /// The names of the regressors.
  public let names: [String]
  /// A coefficient for each regressor; NaN for dropped ones.
  public let coefficients: [Double]
  /// The regressors that take part, by their places in `names`.
  public let keptColumns: [Int]
  /// The names of regressors that the effects or earlier ones explain.
  public let dropped: [String]
  /// What covariance estimators need, with a row for each block and period.
  public let equations: EstimatingEquations
  /// Things that the reader must know.
  public let notes: [String]
  /// The share of the variance within the effects that the regressors explain.
  public let withinRSquared: Double
  /// The share of a column's length at which the normal equations were left.
  public let normalEquationResidual: Double
  /// Rows left out because they were alone in a unit or a period.
  public let singletons: Int

  private let counting: EffectsCounting
  private let scale: [Double]
  private let parts: [Part]
  private let clusterCells: [GroupedPanelRegression.ClusterCell]?
  private let units: Int

  /// A block's regressors within the effects, scaled, and its residuals' second moments.
  private struct Part: Sendable {
    var units: Int
    /// A row for each period, a column for each regressor kept.
    var within: Matrix
    /// Σee′ over units.
    var residualProducts: Matrix
    /// The mean residual in each period.
    var meanResidual: [Double]
    /// The mean outcome in each period.
    var means: [Double]
  }

  init(
    _ settings: GroupedPanelRegression, _ names: [String],
    _ all: [GroupedPanelRegression.Block], _ clusters: [GroupedPanelRegression.ClusterCell]?
  ) throws(SiblingError) {
    let (blocks, cells, singletons) = try GroupedPanelRegression.withoutSingletons(all, clusters)
    self.names = names
    self.singletons = singletons
    counting = settings.counting
    clusterCells = cells
    units = blocks.reduce(0) { $0 + $1.units }
    var starts = [0]
    for block in blocks { starts.append(starts[starts.count - 1] + block.periods.count) }
    let weights = blocks.flatMap { block in block.periods.map { _ in Double(block.units) } }
    let width = (blocks.flatMap(\.periods).max() ?? 0) + 1
    let absorption = try Absorption(
      [
        Factor(
          codes: blocks.indices.flatMap { b in blocks[b].periods.map { _ in Int32(b) } },
          levels: blocks.indices.map { "\($0)" }),
        Factor(
          codes: blocks.flatMap { $0.periods.map { Int32($0) } },
          levels: (0..<width).map { "\($0)" }),
      ], weights: weights)
    let means = blocks.map { block in block.sums.map { $0 / Double(block.units) } }
    let residuals = try absorption.residuals(
      of: names.indices.map { j in blocks.flatMap { $0.regressors[j] } } + [means.flatMap { $0 }],
      tolerance: 1e-12)
    normalEquationResidual = residuals.normalEquationResidual
    let response = residuals.columns[names.count]
    func norm(_ column: [Double]) -> Double {
      column.indices.reduce(0) { $0 + weights[$1] * column[$1] * column[$1] }.squareRoot()
    }
    let norms = residuals.columns.map { norm($0) }
    let varying = names.indices.filter {
      norms[$0] > settings.rankTolerance * residuals.lengths[$0]
    }
    let scaled = varying.map { j in residuals.columns[j].map { $0 / norms[j] } }
    let gram = Gram.product(Matrix(columns: scaled), weights: weights)
    let rank = ColumnRank(gram: gram)
    guard !rank.kept.isEmpty, let factor = try? Cholesky(gram.selecting(both: rank.kept)) else {
      throw SiblingError(
        .rankDeficient, "No term of the model varies within the absorbed effects.",
        help: "Absorb fewer columns, or add a term that varies within them.",
        column: names.first)
    }
    let kept = rank.kept.map { varying[$0] }
    scale = kept.map { norms[$0] }
    let within = Matrix(columns: rank.kept.map { scaled[$0] })
    // The second step refines the first by residuals computed from the data.
    var solution = [Double](repeating: 0, count: kept.count)
    var left = response
    for _ in 0..<2 {
      let step = factor.solve(within.transposedTimes(zip(left, weights).map { $0 * $1 }))
      for j in solution.indices { solution[j] += step[j] }
      left = zip(left, within.times(step)).map { $0 - $1 }
    }
    var coefficients = [Double](repeating: .nan, count: names.count)
    for (place, column) in kept.enumerated() {
      coefficients[column] = solution[place] / scale[place]
    }
    self.coefficients = coefficients
    keptColumns = kept
    dropped = names.indices.filter { !kept.contains($0) }.map { names[$0] }
    var (parts, residualSquares, squares, spread): ([Part], Double, Double, Double) = ([], 0, 0, 0)
    for (b, block) in blocks.enumerated() {
      let range = starts[b]..<starts[b + 1]
      let n = Double(block.units)
      let deviation = Self.centred(block.products, means[b], n)
      let own = Array(left[range])
      var products = deviation
      for j in own.indices { for i in own.indices { products[i, j] += n * own[i] * own[j] } }
      let between = deviation.diagonal.reduce(0, +)
      spread += between
      residualSquares += products.diagonal.reduce(0, +)
      squares += between + range.reduce(0) { $0 + n * response[$1] * response[$1] }
      parts.append(
        Part(
          units: block.units, within: within.selecting(rows: Array(range)),
          residualProducts: products, meanResidual: own, means: means[b]))
    }
    self.parts = parts
    let observations = blocks.reduce(0) { $0 + $1.units * $1.periods.count }
    let periods = absorption.levels[1]
    let parameters = kept.count + units + periods - absorption.components
    guard observations > parameters else {
      throw SiblingError(
        .tooFewObservations,
        "The model has \(parameters) coefficients and effects but only \(observations) rows.",
        help: "Absorb fewer columns or use more rows.")
    }
    let length = (residuals.lengths[names.count] * residuals.lengths[names.count] + spread)
      .squareRoot()
    guard squares.squareRoot() > 1e-12 * length else {
      throw SiblingError(
        .constantOutcome, "The outcome does not vary within the absorbed effects.",
        help: "Absorb fewer columns.")
    }
    withinRSquared = 1 - residualSquares / squares
    equations = EstimatingEquations(
      design: within,
      basis: ColumnBasis(
        columns: Array(kept.indices), center: kept.map { _ in 0 }, scale: kept.map { _ in 1 }),
      scores: zip(left, weights).map { $0 * $1 }, workingWeights: weights, factor: factor,
      observations: observations, parameters: parameters,
      dispersion: residualSquares / Double(observations - parameters), usesStudentT: true,
      weights: weights, extraLeverage: nil)
    notes = AbsorbedLeastSquaresFit.notes(dropped: dropped, singletons: singletons)
  }

  /// Σ(y − ȳ)(y − ȳ)′ with unit means removed: both sides of the products about means of rows and columns.
  private static func centred(_ products: Matrix, _ means: [Double], _ n: Double) -> Matrix {
    let count = means.count
    var result = products
    for j in 0..<count { for i in 0..<count { result[i, j] -= n * means[i] * means[j] } }
    for _ in 0..<2 {
      for j in 0..<count {
        let mean = (0..<count).reduce(0) { $0 + result[$1, j] } / Double(count)
        for i in 0..<count { result[i, j] -= mean }
      }
      for i in 0..<count {
        let mean = (0..<count).reduce(0) { $0 + result[i, $1] } / Double(count)
        for j in 0..<count { result[i, j] -= mean }
      }
    }
    return result
  }

  /// The covariance of the kept coefficients, in the order of `keptColumns`.
  ///
  /// - Throws: `tooFewClusters`; `invalidOption` for covariances that sums can't give.
  public func covariance(
    _ estimator: CovarianceEstimator
  ) throws(SiblingError) -> CovarianceEstimate {
    let (n, degrees) = (Double(equations.observations), equations.residualDegreesOfFreedom)
    switch estimator {
    case .classical:
      return finished(
        equations.factor.inverse.scaled(by: equations.dispersion), Double(degrees), "classical")
    case .heteroskedastic(let type) where type == .hc0 || type == .hc1:
      var meat = Matrix(rows: scale.count, columns: scale.count)
      for part in parts {
        meat = meat + Gram.product(part.within, weights: part.residualProducts.diagonal)
      }
      if type == .hc1 { meat = meat.scaled(by: n / Double(degrees)) }
      return finished(sandwich(meat), Double(degrees), type.rawValue)
    case .cluster(let type, _, _) where type == .cr0 || type == .cr1:
      let found = clusterMeat()
      guard found.clusters > 1 else {
        throw SiblingError(
          .tooFewClusters, "There is only one cluster, so its standard error cannot be estimated.",
          help: "Cluster by a finer unit, or use HC standard errors and say so.")
      }
      let g = Double(found.clusters)
      var meat = found.meat
      if type == .cr1 {
        meat = meat.scaled(by: g / (g - 1) * (n - 1) / (n - Double(countedParameters)))
      }
      var estimate = finished(
        sandwich(meat), g - 1, "\(type.rawValue), G=\(found.clusters)", clusters: found.clusters)
      if type == .cr1, counting != .notNested {
        estimate.convention += ", effects counted: \(counting.rawValue)"
      }
      return estimate
    default:
      throw SiblingError(
        .invalidOption, "This covariance needs every row and can't be had from sums.",
        help: "Use the classical covariance, HC1 or CR1.")
    }
  }

  /// The parameters that CR1 counts; units lie within clusters.
  private var countedParameters: Int {
    switch counting {
    case .off: 1
    case .none: keptColumns.count
    case .all: equations.parameters
    case .notNested: max(equations.parameters - (units - 1), keptColumns.count + 1)
    }
  }

  /// Σ over clusters of s s′, where s is the cluster's sum of residual times regressors.
  private func clusterMeat() -> (meat: Matrix, clusters: Int) {
    guard let clusterCells else {
      var meat = Matrix(rows: scale.count, columns: scale.count)
      for part in parts {
        meat =
          meat
          + Matrix.product(
            part.within, part.residualProducts * part.within, transposeLeft: true)
      }
      return (meat, units)
    }
    var scores: [Int: [Double]] = [:]
    for cell in clusterCells where cell.units > 0 {
      let part = parts[cell.block]
      let n = Double(cell.units)
      // Regressors sum to zero within a unit, so that unit means need not be taken away here.
      let residual = part.means.indices.map { t in
        cell.sums[t] - n * part.means[t] + n * part.meanResidual[t]
      }
      let own = part.within.transposedTimes(residual)
      let before = scores[cell.cluster] ?? [Double](repeating: 0, count: own.count)
      scores[cell.cluster] = zip(before, own).map { $0 + $1 }
    }
    let rows = scores.keys.sorted().compactMap { scores[$0] }
    let columns = scale.indices.map { j in rows.map { $0[j] } }
    return (Gram.product(Matrix(columns: columns)), rows.count)
  }

  private func sandwich(_ meat: Matrix) -> Matrix {
    let bread = equations.factor.inverse
    return bread * meat * bread
  }

  private func finished(
    _ scaled: Matrix, _ degrees: Double, _ name: String, clusters: Int? = nil
  ) -> CovarianceEstimate {
    var matrix = scaled
    for j in scale.indices {
      for i in 0...j {
        let value = (scaled[i, j] + scaled[j, i]) / 2 / (scale[i] * scale[j])
        matrix[i, j] = value
        matrix[j, i] = value
      }
    }
    return CovarianceEstimate(
      matrix: matrix, degreesOfFreedom: degrees, clusters: clusters,
      convention: "\(name), t(\(Int(degrees)))", notes: [])
  }
}
