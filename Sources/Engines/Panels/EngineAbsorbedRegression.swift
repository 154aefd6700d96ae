internal import LinearAlgebra
public import Statistics

/// Linear regression with absorbed effects from sums by cell of the effects.
///
/// Two scans give the coefficients, the classical covariance and CR0 and CR1; HC0 and HC1 take a third. The
/// results are those of `AbsorbedLeastSquares` on the rows.
public struct EngineAbsorbedRegression {
  /// Which effects the factor (N − 1)/(N − K) of CR1 counts in K.
  public var counting: EffectsCounting
  /// The confidence level of intervals.
  public var level: Double

  /// A regression with absorbed effects.
  public init(counting: EffectsCounting = .notNested, level: Double = 0.95) {
    self.counting = counting
    self.level = level
  }

  /// Fits the frame's formula with its absorbed effects; clusters are the frame's, whatever factors
  /// `covariance` carries.
  ///
  /// - Throws: `rankDeficient`, `constantOutcome`, `tooFewObservations`, `tooFewClusters`, `badWeight`;
  ///   `invalidOption` for covariances that sums can't give; the engine's failures.
  public func fit(
    _ frame: EngineFrame, covariance: CovarianceEstimator = .classical
  ) throws(SiblingError) -> EstimateTable {
    let fit = try AbsorbedCellsFit(AbsorbedCells(frame), counting)
    let estimate = try fit.covariance(covariance)
    let errors = estimate.standardErrors
    let rows = fit.kept.enumerated().map { place, column in
      Estimate(
        term: fit.cells.names[column], estimate: fit.coefficients[place],
        standardError: errors[place].isFinite ? errors[place] : nil,
        degreesOfFreedom: errors[place].isFinite ? estimate.degreesOfFreedom : nil, level: level,
        convention: estimate.convention)
    }
    let dropped = fit.cells.names.indices.filter { !fit.kept.contains($0) }
    return EstimateTable(
      rows: rows, observations: fit.observations, clusters: estimate.clusters,
      notes: AbsorbedLeastSquaresFit.notes(
        dropped: dropped.map { fit.cells.names[$0] }, singletons: fit.cells.singletons)
        + estimate.notes)
  }

  /// What keeps a covariance from being had from sums; nil where it can be.
  public static func needsRows(_ covariance: CovarianceEstimator) -> String? {
    switch covariance {
    case .classical, .heteroskedastic(.hc0), .heteroskedastic(.hc1): nil
    case .cluster(let type, _, _) where type == .cr0 || type == .cr1: nil
    case .cluster(let type, _, _): "the covariance \(type.rawValue)"
    case .heteroskedastic(let type): "the covariance \(type.rawValue)"
    case .neweyWest: "a covariance for serial correlation"
    }
  }
}

/// A regression with absorbed effects fitted to cells.
struct AbsorbedCellsFit {
  let cells: AbsorbedCells
  /// The regressors that take part.
  let kept: [Int]
  /// Their coefficients.
  let coefficients: [Double]
  let observations: Int
  private let counting: EffectsCounting
  private let absorption: Absorption
  /// For each regressor and the outcome the cells' means within the effects.
  private let within: [[Double]]
  /// The length of each kept regressor within the effects.
  private let scale: [Double]
  /// (X̃′X̃)⁻¹ of kept regressors of length one.
  private let bread: Matrix
  private let dispersion: Double
  private let parameters: Int

  init(_ cells: AbsorbedCells, _ counting: EffectsCounting) throws(SiblingError) {
    self.cells = cells
    self.counting = counting
    absorption = try Absorption(cells.effects, weights: cells.weights)
    let within = try absorption.residuals(of: cells.means, tolerance: 1e-12).columns
    self.within = within
    let p = cells.names.count
    var gram = Matrix(rows: p + 1, columns: p + 1)
    for (cell, deviation) in cells.deviations.enumerated() {
      for j in 0...p {
        for i in 0...p {
          gram[i, j] += deviation[i, j] + cells.weights[cell] * within[i][cell] * within[j][cell]
        }
      }
    }
    let norms = gram.diagonal.map { max(0, $0).squareRoot() }
    let varying = (0..<p).filter { norms[$0] > 1e-9 * cells.lengths[$0] }
    var correlation = gram.selecting(both: varying)
    for j in varying.indices {
      for i in varying.indices { correlation[i, j] /= norms[varying[i]] * norms[varying[j]] }
    }
    let rank = ColumnRank(gram: correlation)
    guard !rank.kept.isEmpty, let factor = try? Cholesky(correlation.selecting(both: rank.kept))
    else {
      throw SiblingError(
        .rankDeficient, "No term of the model varies within the absorbed effects.",
        help: "Absorb fewer columns, or add a term that varies within them.",
        column: cells.names.first)
    }
    let kept = rank.kept.map { varying[$0] }
    self.kept = kept
    scale = kept.map { norms[$0] }
    bread = factor.inverse
    let solution = factor.solve(kept.map { gram[$0, p] / norms[$0] })
    coefficients = zip(solution, kept).map { $0 / norms[$1] }
    observations = cells.rows.reduce(0, +)
    parameters = kept.count + absorption.parameters
    guard observations > parameters else {
      throw SiblingError(
        .tooFewObservations,
        "The model has \(parameters) coefficients and effects but only \(observations) rows.",
        help: "Absorb fewer columns or use more rows.")
    }
    guard norms[p] > 1e-12 * cells.lengths[p] else {
      throw SiblingError(
        .constantOutcome, "The outcome does not vary within the absorbed effects.",
        help: "Absorb fewer columns.")
    }
    var direction = [Double](repeating: 0, count: p + 1)
    direction[p] = 1
    for (place, column) in kept.enumerated() { direction[column] = -coefficients[place] }
    dispersion = gram.quadraticForm(direction) / Double(observations - parameters)
  }

  /// Minus the coefficients, and 1 for the outcome: what makes residuals of columns.
  private var direction: [Double] {
    var direction = [Double](repeating: 0, count: cells.names.count + 1)
    direction[cells.names.count] = 1
    for (place, column) in kept.enumerated() { direction[column] = -coefficients[place] }
    return direction
  }

  func covariance(_ estimator: CovarianceEstimator) throws(SiblingError) -> CovarianceEstimate {
    let degrees = observations - parameters
    switch estimator {
    case .classical:
      return finished(bread.scaled(by: dispersion), degrees, "classical")
    case .heteroskedastic(let type) where type == .hc0 || type == .hc1:
      var meat = try heteroskedasticMeat()
      if type == .hc1 { meat = meat.scaled(by: Double(observations) / Double(degrees)) }
      return finished(bread * meat * bread, degrees, type.rawValue)
    case .cluster(let type, _, let multiway) where type == .cr0 || type == .cr1:
      return try clustered(type, multiway)
    default:
      throw SiblingError(
        .invalidOption, "This covariance needs every row and can't be had from sums.",
        help: "Use the classical covariance, HC1 or CR1.")
    }
  }

  /// Each cell's sum of weight times residual times regressors, these of length one.
  private func scores() -> [[Double]] {
    let direction = direction
    return cells.deviations.indices.map { cell in
      let own = cells.deviations[cell].times(direction)
      let residual = direction.indices.reduce(0) { $0 + direction[$1] * within[$1][cell] }
      return kept.enumerated().map { place, column in
        (own[column] + cells.weights[cell] * within[column][cell] * residual) / scale[place]
      }
    }
  }

  private func clustered(
    _ type: ClusterType, _ multiway: MultiwayFactor
  ) throws(SiblingError) -> CovarianceEstimate {
    let factors = cells.clusters.map { $0.droppingUnusedLevels() }
    let counts = factors.map(\.levels.count)
    guard let smallest = counts.min(), smallest > 1 else {
      throw SiblingError(
        .tooFewClusters, "There is only one cluster, so its standard error cannot be estimated.",
        help: "Cluster by a finer unit, or use HC standard errors and say so.")
    }
    let scores = scores()
    func part(_ factor: Factor) -> Matrix {
      var sums = kept.map { _ in [Double](repeating: 0, count: factor.levels.count) }
      for (cell, own) in scores.enumerated() {
        for j in own.indices { sums[j][Int(factor.codes[cell])] += own[j] }
      }
      let count = multiway == .smallest ? smallest : factor.levels.count
      let g = Double(count)
      return Gram.product(Matrix(columns: sums)).scaled(by: type == .cr1 ? g / (g - 1) : 1)
    }
    var meat = Matrix(rows: kept.count, columns: kept.count)
    for factor in factors { meat = meat + part(factor) }
    if factors.count == 2 { meat = meat - part(factors[0].crossed(with: factors[1])) }
    if type == .cr1 {
      let n = Double(observations)
      meat = meat.scaled(by: (n - 1) / (n - Double(countedParameters(factors))))
    }
    var name = type.rawValue
    if factors.count == 1 {
      name += ", G=\(counts[0])"
    } else {
      name += " two-way, G=\(counts[0]) and \(counts[1])"
      if type == .cr1 { name += multiway == .smallest ? ", smallest G" : ", each its own G" }
    }
    var estimate = finished(bread * meat * bread, smallest - 1, name, clusters: smallest)
    if type == .cr1, counting != .notNested {
      estimate.convention += ", effects counted: \(counting.rawValue)"
    }
    return estimate
  }

  private func countedParameters(_ clusters: [Factor]) -> Int {
    switch counting {
    case .off: return 1
    case .none: return kept.count
    case .all: return parameters
    case .notNested:
      var count = parameters
      for (place, effect) in cells.effects.enumerated()
      where clusters.contains(where: { Self.isNested(effect, in: $0) }) {
        count -= absorption.levels[place] - 1
      }
      return max(count, kept.count + 1)
    }
  }

  private static func isNested(_ effect: Factor, in clusters: Factor) -> Bool {
    var home: [Int32: Int32] = [:]
    for (level, cluster) in zip(effect.codes, clusters.codes) {
      if let known = home[level], known != cluster { return false }
      home[level] = cluster
    }
    return true
  }

  /// Σw²e²x̃x̃′ of regressors of length one.
  private func heteroskedasticMeat() throws(SiblingError) -> Matrix {
    let direction = direction
    let moments = try cells.fourthMoments(direction, kept)
    var meat = Matrix(rows: kept.count, columns: kept.count)
    for (cell, powers) in moments.enumerated() {
      // What the effects take from a row of the cell, of each column and of the combination.
      let taken = direction.indices.map { cells.means[$0][cell] - within[$0][cell] }
      let shift = zip(direction, taken).reduce(0) { $0 + $1.0 * $1.1 }
      let squared =
        powers[2] - powers[1].scaled(by: 2 * shift) + powers[0].scaled(by: shift * shift)
      for j in kept.indices {
        for i in kept.indices {
          let (a, b) = (taken[kept[i]], taken[kept[j]])
          let value =
            squared[i + 1, j + 1] - a * squared[0, j + 1] - b * squared[i + 1, 0]
            + a * b * squared[0, 0]
          meat[i, j] += value / (scale[i] * scale[j])
        }
      }
    }
    return meat
  }

  private func finished(
    _ scaled: Matrix, _ degrees: Int, _ name: String, clusters: Int? = nil
  ) -> CovarianceEstimate {
    var matrix = scaled
    for j in scale.indices {
      for i in scale.indices { matrix[i, j] /= scale[i] * scale[j] }
    }
    let isNegative = matrix.diagonal.contains { $0 < 0 }
    return CovarianceEstimate(
      matrix: matrix, degreesOfFreedom: Double(degrees), clusters: clusters,
      convention: "\(name), t(\(degrees))",
      notes: isNegative
        ? ["The two-way covariance has a negative variance; that standard error is not given."]
        : [])
  }
}
