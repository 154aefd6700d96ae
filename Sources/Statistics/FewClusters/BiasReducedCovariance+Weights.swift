internal import LinearAlgebra

extension BiasReducedCovariance.Part {
  /// The symmetric A = D′B^{−½}D row by row, D′D = Φ, B = D(I − H)Φ(I − H)′D′ of the cluster.
  ///
  /// Φ is the identity where `spread` is given, else the inverse of the working weights.
  mutating func byRows(
    _ blocks: ClusterBlocks, _ cluster: Int, _ directions: Matrix, spread: Matrix?
  ) throws(SiblingError) {
    let equations = blocks.equations
    let y = equations.factor.solveLower(blocks.gathered(cluster, by: .none).transposed)
    let rows = blocks.rows(cluster).map { Int($0) }
    let weights = rows.map { equations.workingWeights[$0] }
    let m = rows.count
    var b: Matrix
    if let spread {
      let inner = Matrix.product(y, spread * y, transposeLeft: true)
      let plain = Matrix.product(y, y, transposeLeft: true)
      b = inner
      for j in 0..<m {
        for i in 0..<m {
          b[i, j] += (i == j ? 1 : 0) - plain[i, j] * (weights[i] + weights[j])
        }
      }
    } else {
      b = Matrix.product(y, y, transposeLeft: true)
      for j in 0..<m {
        for i in 0..<m {
          let scale = (weights[i] * weights[j]).squareRoot()
          b[i, j] = (i == j ? 1 / (weights[i] * weights[i]) : 0) - b[i, j] / scale
        }
      }
    }
    var adjustment = try Self.inverseRoot(b.symmetrized)
    if spread == nil {
      for j in 0..<m {
        for i in 0..<m { adjustment[i, j] /= (weights[i] * weights[j]).squareRoot() }
      }
    }
    let residuals = rows.indices.map { equations.scores[rows[$0]] / weights[$0] }
    var adjusted = adjustment.times(residuals)
    for i in 0..<m { adjusted[i] *= weights[i] }
    score = y.times(adjusted)
    var right = Matrix.product(y, directions, transposeLeft: true)
    for j in 0..<right.columns { for i in 0..<m { right[i, j] *= weights[i] } }
    let a = adjustment * right
    fitted = y * a
    var scaled = a
    for j in 0..<a.columns {
      for i in 0..<m { scaled[i, j] *= spread == nil ? 1 / weights[i] : weights[i] }
    }
    if spread == nil {
      quadratic = (0..<a.columns).map { Self.inner(a.column($0), scaled.column($0)) }
    } else {
      quadratic = (0..<a.columns).map { Self.inner(a.column($0), a.column($0)) }
      weighted = y * scaled
    }
  }

  /// The same with Φ = I in the space that Y and WY span, for clusters of many rows.
  mutating func byColumns(
    _ blocks: ClusterBlocks, _ cluster: Int, _ directions: Matrix, spread: Matrix
  ) throws(SiblingError) {
    let k = blocks.columns
    let plain = blocks.reduced(Gram.product(blocks.gathered(cluster, by: .none)))
    let once = blocks.share(cluster)
    let twice = blocks.reduced(Gram.product(blocks.gathered(cluster, by: .weight)))
    let gram = Self.stacked(plain, once, once, twice)
    let change = Self.stacked(
      spread.scaled(by: -1), .identity(k), .identity(k), Matrix(rows: k, columns: k))
    let eigen = try Self.eigen(gram)
    let bound = 1e-12 * (eigen.values.last ?? 0)
    let kept = eigen.values.indices.filter { eigen.values[$0] > bound }
    var basis = eigen.vectors.selecting(columns: kept)
    var grown = basis
    for (j, place) in kept.enumerated() {
      let root = eigen.values[place].squareRoot()
      for i in 0..<basis.rows {
        basis[i, j] /= root
        grown[i, j] *= root
      }
    }
    var inner = Matrix.product(grown, change * grown, transposeLeft: true).scaled(by: -1)
    for j in 0..<inner.columns { inner[j, j] += 1 }
    var root = try Self.inverseRoot(inner.symmetrized)
    for j in 0..<root.columns { root[j, j] -= 1 }
    // A = I + Q(root)Q′ with Q = [Y WY]·basis.
    let weightedRow = Self.beside(once, twice)
    let plainRow = Self.beside(plain, once)
    let residuals = Self.plainScore(blocks, cluster) + score
    let pushed = root.times(basis.transposedTimes(residuals))
    let moved = weightedRow.times(basis.times(pushed))
    score = zip(score, moved).map { $0 + $1 }
    let onto = Matrix.product(basis, Self.above(once, twice) * directions, transposeLeft: true)
    let change2 = root * onto
    fitted = once * directions + plainRow * (basis * change2)
    weighted = twice * directions + weightedRow * (basis * change2)
    let base = twice * directions
    quadratic = (0..<directions.columns).map { j in
      Self.inner(directions.column(j), base.column(j))
        + 2 * Self.inner(onto.column(j), change2.column(j))
        + Self.inner(change2.column(j), change2.column(j))
    }
  }

  /// Y′e of a cluster, without weights.
  private static func plainScore(_ blocks: ClusterBlocks, _ cluster: Int) -> [Double] {
    let equations = blocks.equations
    let residuals = blocks.rows(cluster).map {
      equations.scores[Int($0)] / equations.workingWeights[Int($0)]
    }
    let sums = blocks.gathered(cluster, by: .none).transposedTimes(residuals)
    return equations.factor.solveLower(
      Matrix(rows: sums.count, columns: 1, storage: sums)
    ).storage
  }

  private static func inner(_ a: [Double], _ b: [Double]) -> Double {
    var sum = 0.0
    for i in a.indices { sum += a[i] * b[i] }
    return sum
  }

  private static func eigen(_ matrix: Matrix) throws(SiblingError) -> SymmetricEigen {
    do { return try SymmetricEigen(matrix) } catch {
      throw SiblingError(
        .nonConvergence, "A cluster's adjustment matrix could not be computed.",
        help: "Look for values of extreme size.")
    }
  }

  /// The square root of the pseudo-inverse.
  private static func inverseRoot(_ matrix: Matrix) throws(SiblingError) -> Matrix {
    let eigen = try eigen(matrix)
    let bound = ClusterSpectrum.tolerance * (eigen.values.last ?? 0)
    return eigen.map { $0 > bound ? 1 / $0.squareRoot() : 0 }
  }

  private static func beside(_ a: Matrix, _ b: Matrix) -> Matrix {
    Matrix(rows: a.rows, columns: a.columns + b.columns, storage: a.storage + b.storage)
  }

  private static func above(_ a: Matrix, _ b: Matrix) -> Matrix {
    beside(a.transposed, b.transposed).transposed
  }

  private static func stacked(_ a: Matrix, _ b: Matrix, _ c: Matrix, _ d: Matrix) -> Matrix {
    beside(above(a, c), above(b, d))
  }
}
