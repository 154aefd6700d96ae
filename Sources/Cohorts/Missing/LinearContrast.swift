internal import LinearAlgebra
internal import Statistics

/// One contrast of a weighted linear regression as a linear function of the outcome: Σ cᵢyᵢ.
///
/// It is prepared once for a set of rows and then applied to any outcome on them, each time in O(nK),
/// so that many readings of unknown outcomes can be judged. Its variance is Σ over clusters of
/// (Σ qᵢeᵢ)², e the residuals: CR2 of Bell & McCaffrey (2002) with Satterthwaite's degrees of freedom
/// (Pustejovsky & Tipton 2018, doi:10.1080/07350015.2016.1247004), and HC2 with n − K where people are
/// independent. Weights enter as the inverse of the working variance.
struct LinearContrast: Sendable {
  /// The rows of the data that are used, ascending.
  let rows: [Int]
  /// The weight's square root of each used row.
  let roots: [Double]
  /// X√w in an orthonormal basis: Y′Y = 1.
  let basis: Matrix
  /// The contrast's direction in that basis.
  let direction: [Double]
  /// q of each used row; empty where no standard error exists.
  let enlarged: [Double]
  /// The cluster of each used row; nil for independent rows.
  let codes: [Int32]?
  /// The number of clusters.
  let clusters: Int?
  /// Degrees of freedom of the t distribution; nil without standard error.
  let degrees: Double?
  /// The columns that are combinations of earlier ones.
  let dropped: [Int]

  /// How the standard error is made.
  var convention: String {
    clusters.map { "CR2, G=\($0), Satterthwaite df" } ?? "HC2, t(n − k)"
  }

  /// The contrast `target`′β of the regression on some columns, each of the data's full length.
  ///
  /// - Throws: `rankDeficient` when the contrast is not identified, `tooFewObservations`,
  ///   `tooFewClusters` for a single cluster.
  init(
    columns: [[Double]], target place: Int, rows: [Int], weights: [Double]?, cluster: Factor?
  ) throws(SiblingError) {
    let used = rows.filter { (weights?[$0] ?? 1) > 0 }
    let roots = used.map { (weights?[$0] ?? 1).squareRoot() }
    // Columns on one scale, so that units don't decide what counts as dependent.
    let scaled = columns.map { column -> [Double] in
      let values = zip(used, roots).map { column[$0] * $1 }
      let length = values.reduce(0) { $0 + $1 * $1 }.squareRoot()
      return length > 0 ? values.map { $0 / length } : values
    }
    let design = Matrix(rows: used.count, columns: scaled.count, storage: scaled.flatMap { $0 })
    let gram = Gram.product(design)
    let rank = ColumnRank(gram: gram)
    guard let position = rank.kept.firstIndex(of: place) else {
      throw SiblingError(
        .rankDeficient, "the treatment is a combination of other columns of the model",
        help: "Leave out the covariates that tell the treatment.")
    }
    guard used.count > rank.kept.count,
      let factor = try? Cholesky(gram.selecting(both: rank.kept))
    else {
      throw SiblingError(
        .tooFewObservations,
        "there are \(used.count) rows with a known outcome for \(rank.kept.count) parameters",
        help: "Use fewer covariates.")
    }
    let length = zip(used, roots).reduce(0) { sum, row in
      let value = columns[place][row.0] * row.1
      return sum + value * value
    }.squareRoot()
    let inverse = factor.solveLower(.identity(rank.kept.count))
    self.rows = used
    self.roots = roots
    basis = Matrix.product(design.selecting(columns: rank.kept), inverse, transposeRight: true)
    direction = inverse.column(position).map { $0 / length }
    dropped = rank.dropped
    if let cluster {
      let own = cluster.selecting(used).droppingUnusedLevels()
      guard own.levels.count > 1 else {
        throw SiblingError(
          .tooFewClusters, "there is only one cluster, so its standard error cannot be estimated",
          help: "Cluster by a finer unit.", column: "cluster")
      }
      codes = own.codes
      clusters = own.levels.count
      let reduced = Self.biasReduced(basis, direction, own)
      enlarged = reduced?.enlarged ?? []
      degrees = reduced?.degrees
    } else {
      codes = nil
      clusters = nil
      enlarged = Self.leverageAdjusted(basis, direction) ?? []
      degrees = enlarged.isEmpty ? nil : Double(used.count - rank.kept.count)
    }
  }

  /// The coefficient c of each used row.
  var coefficients: [Double] {
    zip(basis.times(direction), roots).map { $0 * $1 }
  }

  /// The contrast of an outcome of the data's full length.
  func value(_ outcome: [Double]) -> Double {
    var sum = 0.0
    for (c, row) in zip(coefficients, rows) { sum += c * outcome[row] }
    return sum
  }

  /// √w times the residual of each used row.
  func residuals(_ outcome: [Double]) -> [Double] {
    let values = zip(rows, roots).map { outcome[$0] * $1 }
    let fitted = basis.times(basis.transposedTimes(values))
    return zip(values, fitted).map { $0 - $1 }
  }

  /// The variance of the contrast; nil where none exists.
  ///
  /// `influence` is added to each used row's score, for parameters that were estimated before.
  func variance(_ outcome: [Double], adding influence: [Double]? = nil) -> Double? {
    guard !enlarged.isEmpty else { return nil }
    var scores = zip(enlarged, residuals(outcome)).map { $0 * $1 }
    if let influence { for place in scores.indices { scores[place] += influence[place] } }
    return Self.squares(scores, codes, clusters)
  }

  /// Σ of the squares of the clusters' sums.
  static func squares(_ scores: [Double], _ codes: [Int32]?, _ clusters: Int?) -> Double {
    guard let codes, let clusters else { return scores.reduce(0) { $0 + $1 * $1 } }
    var sums = [Double](repeating: 0, count: clusters)
    // Rows that don't count may have no cluster; their scores are nought.
    for (score, code) in zip(scores, codes) where code >= 0 { sums[Int(code)] += score }
    return sums.reduce(0) { $0 + $1 * $1 }
  }

  /// Y d/√(1 − h); nil where a row that the contrast needs is fitted exactly.
  private static func leverageAdjusted(_ basis: Matrix, _ direction: [Double]) -> [Double]? {
    var leverage = [Double](repeating: 0, count: basis.rows)
    for j in 0..<basis.columns {
      let column = basis.column(j)
      for i in column.indices { leverage[i] += column[i] * column[i] }
    }
    var values = basis.times(direction)
    for i in values.indices {
      let gap = 1 - leverage[i]
      if gap > 1e-10 {
        values[i] /= gap.squareRoot()
      } else if values[i].magnitude > 1e-10 * direction.map(\.magnitude).reduce(0, max) {
        return nil
      }
    }
    return values
  }

  /// CR2's rows and degrees of freedom; nil where the contrast rests on one cluster alone.
  private static func biasReduced(
    _ basis: Matrix, _ direction: [Double], _ cluster: Factor
  ) -> (enlarged: [Double], degrees: Double)? {
    let (groups, width) = (cluster.levels.count, basis.columns)
    var members = [[Int]](repeating: [], count: groups)
    for (row, code) in cluster.codes.enumerated() { members[Int(code)].append(row) }
    var enlarged = [Double](repeating: 0, count: basis.rows)
    var fitted = Matrix(rows: width, columns: groups)
    var own = [Double](repeating: 0, count: groups)
    let size = direction.map(\.magnitude).reduce(0, max)
    for (group, rows) in members.enumerated() {
      let part = basis.selecting(rows: rows)
      guard let spectrum = try? SymmetricEigen(Gram.product(part)) else { return nil }
      // t = U(1 − Λ)^(−1/2)U′d; directions that this cluster alone knows carry nothing of d.
      var inner = spectrum.vectors.transposedTimes(direction)
      for (k, value) in spectrum.values.enumerated() {
        let gap = 1 - value
        guard gap > 1e-9 else {
          guard inner[k].magnitude <= 1e-7 * size else { return nil }
          inner[k] = 0
          continue
        }
        inner[k] /= gap.squareRoot()
      }
      let tilted = spectrum.vectors.times(inner)
      let values = part.times(tilted)
      for (row, value) in zip(rows, values) { enlarged[row] = value }
      own[group] = values.reduce(0) { $0 + $1 * $1 }
      let sums = part.transposedTimes(values)
      for k in 0..<width { fitted[k, group] = sums[k] }
    }
    let (trace, square) = Self.moments(own, fitted)
    guard square > 0 else { return nil }
    return (enlarged, trace * trace / square)
  }
  /// The trace, and the sum of the squares, of the matrix [g = h]·own_g − fitted_g′fitted_h.
  private static func moments(
    _ own: [Double], _ fitted: Matrix
  ) -> (trace: Double, square: Double) {
    var (trace, square) = (0.0, 0.0)
    guard own.count > 500 else {
      let shared = Matrix.product(fitted, fitted, transposeLeft: true)
      for g in own.indices {
        for h in own.indices {
          let value = (g == h ? own[g] : 0) - shared[g, h]
          square += value * value
          if g == h { trace += value }
        }
      }
      return (trace, square)
    }
    // By K × K products where there are very many clusters.
    for g in own.indices {
      let column = fitted.column(g)
      let shared = column.reduce(0) { $0 + $1 * $1 }
      trace += own[g] - shared
      square += own[g] * own[g] - 2 * own[g] * shared
    }
    let outer = Matrix.product(fitted, fitted, transposeRight: true)
    square += outer.storage.reduce(0) { $0 + $1 * $1 }
    return (trace, square)
  }
}
