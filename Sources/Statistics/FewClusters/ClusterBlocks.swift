internal import LinearAlgebra

/// A fitted regression cut into its clusters, in coordinates where X′WX is the identity.
///
/// With X′WX = LL′ and Y = XL⁻ᵀ, a cluster is known by its share N = Y′WY of the information (all
/// shares add up to the identity) and its score r = Y′We (all scores add up to zero). Its leverages
/// are the eigenvalues of N; leaving it out multiplies its score by (I − N)⁻¹; the bias-reduced
/// covariance by (I − N)⁻½. So nothing of the size of a cluster is ever factored.
struct ClusterBlocks: Sendable {
  let equations: EstimatingEquations
  /// The names of the clusters, in the order of their numbers.
  let names: [String]
  /// The rows with weight, cluster after cluster.
  let order: [Int32]
  /// Where each cluster's rows begin in `order`, and the end.
  let start: [Int]
  /// Y′We, a column a cluster.
  let scores: Matrix
  /// Whether the working weights are anything but one.
  let hasWeights: Bool

  /// The number of columns, K.
  var columns: Int { equations.basis.count }
  /// The number of clusters, G.
  var count: Int { names.count }

  /// Cuts a regression; the factor has a level for each row with weight and no unused levels.
  init(_ equations: EstimatingEquations, clusters: Factor) {
    self.equations = equations
    names = clusters.levels
    let isWhole = !clusters.codes.contains { $0 < 0 }
    let used = isWhole ? [] : clusters.codes.indices.filter { clusters.codes[$0] >= 0 }
    let codes = isWhole ? clusters.codes : used.map { clusters.codes[$0] }
    let sorted = Sorting.order(codes: codes, levels: clusters.levels.count)
    order = isWhole ? sorted : sorted.map { Int32(truncatingIfNeeded: used[Int($0)]) }
    var start = [Int](repeating: 0, count: clusters.levels.count + 1)
    for code in codes { start[Int(code) + 1] += 1 }
    for level in clusters.levels.indices { start[level + 1] += start[level] }
    self.start = start
    scores = Self.project(equations, equations.scores, clusters)
    hasWeights = equations.weights != nil || !equations.isLinear
  }

  /// Y′v summed over each cluster's rows, a column a cluster, for one array v a row.
  static func project(
    _ equations: EstimatingEquations, _ values: [Double], _ clusters: Factor
  ) -> Matrix {
    let (g, p, n) = (clusters.levels.count, equations.basis.count, equations.design.rows)
    let multipliers = equations.basis.multipliers
    // A column a task, its rows in order, so the sums never depend on threads.
    let columns: [[Double]] = Parallel.mapBlocks(p) { j in
      var sums = [Double](repeating: 0, count: g + 1)
      let (center, multiplier) = (equations.basis.center[j], multipliers[j])
      let base = equations.basis.columns[j] * n
      equations.design.storage.withUnsafeBufferPointer { x in
        values.withUnsafeBufferPointer { u in
          clusters.codes.withUnsafeBufferPointer { codes in
            sums.withUnsafeMutableBufferPointer { sums in
              // Rows of no cluster are added where nobody looks: no branch in the loop.
              for row in 0..<n {
                sums[Int(codes[row]) + 1] += u[row] * ((x[base + row] - center) * multiplier)
              }
            }
          }
        }
      }
      return Array(sums.dropFirst())
    }
    let sums = Matrix(rows: g, columns: p, storage: columns.flatMap { $0 })
    return equations.factor.solveLower(sums.transposed)
  }

  /// N ℓ of each cluster, without its N: Y′W(Yℓ).
  func images(of direction: [Double], _ clusters: Factor) -> Matrix {
    // Yℓ = X̃L⁻ᵀℓ, and L⁻ᵀℓ = S⁻¹(Lℓ).
    let coefficients = equations.factor.solve(equations.factor.lower.times(direction))
    var values = [Double](repeating: 0, count: equations.design.rows)
    values.withUnsafeMutableBufferPointer { values in
      nonisolated(unsafe) let values = values
      _ = Gram.pass(
        equations.design, basis: equations.basis, coefficients: coefficients, order: .values
      ) { range, eta, _ in
        equations.workingWeights.withUnsafeBufferPointer { weights in
          for i in 0..<range.count {
            let row = range.lowerBound + i
            values[row] = eta[i] * weights[row]
          }
        }
        return 0
      }
    }
    return Self.project(equations, values, clusters)
  }

  /// L⁻¹c for the contrast that picks a column, so that ℓ′ΣY′Wy is its coefficient.
  func direction(_ place: Int) -> [Double] {
    let picked = equations.basis.back.row(place)
    return equations.factor.solveLower(
      Matrix(rows: columns, columns: 1, storage: picked)
    ).storage
  }

  /// The rows of a cluster.
  func rows(_ cluster: Int) -> ArraySlice<Int32> { order[start[cluster]..<start[cluster + 1]] }

  /// The standardised columns of a cluster's rows, each row times a power of its weight.
  func gathered(_ cluster: Int, by scale: Scale) -> Matrix {
    let range = start[cluster]..<start[cluster + 1]
    let (m, p, n) = (range.count, columns, equations.design.rows)
    let basis = equations.basis
    let multipliers = basis.multipliers
    let isPlain = scale == .none || !hasWeights
    let storage = [Double](unsafeUninitializedCapacity: m * p) { out, initialized in
      equations.design.storage.withUnsafeBufferPointer { x in
        order.withUnsafeBufferPointer { order in
          equations.workingWeights.withUnsafeBufferPointer { weights in
            for j in 0..<p {
              let base = basis.columns[j] * n
              let (center, multiplier) = (basis.center[j], multipliers[j])
              for i in 0..<m {
                let row = Int(order[range.lowerBound + i])
                var value = (x[base + row] - center) * multiplier
                if !isPlain {
                  value *= scale == .weight ? weights[row] : weights[row].squareRoot()
                }
                out[j * m + i] = value
              }
            }
          }
        }
      }
      initialized = m * p
    }
    return Matrix(rows: m, columns: p, storage: storage)
  }

  /// The power of the weights that rows are multiplied by.
  enum Scale { case none, root, weight }

  /// The share N of a cluster in the information.
  func share(_ cluster: Int) -> Matrix { reduced(Gram.product(gathered(cluster, by: .root))) }

  /// L⁻¹AL⁻ᵀ for a symmetric matrix of the standardised columns.
  func reduced(_ symmetric: Matrix) -> Matrix {
    let half = equations.factor.solveLower(symmetric)
    return equations.factor.solveLower(half.transposed).symmetrized
  }

  /// L⁻ᵀAL⁻¹ taken back to the columns as given: a covariance from one in these coordinates.
  func covariance(_ meat: Matrix) -> Matrix {
    // L⁻ᵀ A L⁻¹ = S⁻¹ (L A L′) S⁻¹ with S = LL′.
    let lower = equations.factor.lower
    let inner = Matrix.product(lower * meat, lower, transposeRight: true)
    let half = equations.factor.solve(inner)
    return equations.takeBack(equations.factor.solve(half.transposed).symmetrized)
  }
}

extension EstimatingEquations {
  /// Whether the information's weights are the prior ones, as in linear regression.
  var isLinear: Bool {
    guard let weights else { return workingWeights.allSatisfy { $0 == 1 } }
    return workingWeights == weights
  }
}

/// The spectrum of I − N, the information left when a cluster goes.
struct ClusterSpectrum: Sendable {
  /// The eigenvalues of I − N, ascending; zero where the cluster alone knows a direction.
  let gaps: [Double]
  let vectors: Matrix

  /// Below this share a direction counts as known by the cluster alone.
  static let tolerance = 1e-10

  init(share: Matrix) throws(SiblingError) {
    var left = share.scaled(by: -1)
    for j in 0..<left.columns { left[j, j] += 1 }
    do {
      let eigen = try SymmetricEigen(left)
      gaps = eigen.values
      vectors = eigen.vectors
    } catch {
      throw SiblingError(
        .nonConvergence, "The leverage of a cluster could not be computed.",
        help: "Look for values of extreme size.")
    }
  }

  /// V f(γ) V′x, leaving out directions that the cluster alone knows.
  func apply(_ function: (Double) -> Double, to right: Matrix) -> Matrix {
    var inner = Matrix.product(vectors, right, transposeLeft: true)
    for i in gaps.indices {
      let factor = gaps[i] > Self.tolerance ? function(gaps[i]) : 0
      for j in 0..<inner.columns { inner[i, j] *= factor }
    }
    return vectors * inner
  }

  /// The same for one vector.
  func apply(_ function: (Double) -> Double, to right: [Double]) -> [Double] {
    apply(function, to: Matrix(rows: right.count, columns: 1, storage: right)).storage
  }

  /// Whether a contrast can't be estimated without this cluster.
  func isAloneIn(_ direction: [Double]) -> Bool {
    let size = direction.reduce(0) { $0 + $1 * $1 }.squareRoot()
    for i in gaps.indices where gaps[i] <= Self.tolerance {
      var part = 0.0
      for j in direction.indices { part += vectors[j, i] * direction[j] }
      if part.magnitude > 1e-6 * size { return true }
    }
    return false
  }
}
