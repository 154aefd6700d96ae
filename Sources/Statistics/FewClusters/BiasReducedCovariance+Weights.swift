internal import LinearAlgebra

extension BiasReducedCovariance.Part {
  /// Φ = I row by row: A = B^{−½}, B = (I − H)(I − H)′ of the cluster.
  mutating func byRows(
    _ blocks: ClusterBlocks, _ cluster: Int, _ directions: Matrix, spread: Matrix
  ) throws(SiblingError) {
    let equations = blocks.equations
    let y = equations.factor.solveLower(blocks.gathered(cluster, by: .none).transposed)
    let rows = blocks.rows(cluster).map { Int($0) }
    let weights = rows.map { equations.workingWeights[$0] }
    var b = Matrix.product(y, spread * y, transposeLeft: true)
    let plain = Matrix.product(y, y, transposeLeft: true)
    for j in weights.indices {
      for i in weights.indices {
        b[i, j] += (i == j ? 1 : 0) - plain[i, j] * (weights[i] + weights[j])
      }
    }
    let adjustment = try Self.inverseRoot(b.symmetrized)
    let residuals = rows.indices.map { equations.scores[rows[$0]] / weights[$0] }
    score = y.times(Self.scaled(adjustment.times(residuals), by: weights))
    let right = Self.scaled(Matrix.product(y, directions, transposeLeft: true), by: weights)
    let a = adjustment * right
    fitted = y * a
    weighted = y * Self.scaled(a, by: weights)
    quadratic = (0..<a.columns).map { Self.inner(a.column($0), a.column($0)) }
  }

  /// A generalised linear model on the scale of its response, row by row.
  ///
  /// With d = dμ/dη, Φ = d²/W are the family's variances, A = Φ^½B^{−½}Φ^½ and
  /// B = Φ(I − W^½YY′W^½)Φ of the cluster.
  mutating func byResponse(
    _ blocks: ClusterBlocks, _ cluster: Int, _ directions: Matrix, slopes: [Double]
  ) throws(SiblingError) {
    let equations = blocks.equations
    let y = equations.factor.solveLower(blocks.gathered(cluster, by: .none).transposed)
    let rows = blocks.rows(cluster).map { Int($0) }
    let slope = rows.map { slopes[$0] }
    let variance = rows.map { slopes[$0] * slopes[$0] / equations.workingWeights[$0] }
    let shape = Self.scaled(y.transposed, by: slope)
    var b = Matrix.product(shape, shape, transposeRight: true)
    for j in variance.indices {
      for i in variance.indices {
        let both = (variance[i] * variance[j]).squareRoot()
        b[i, j] = (i == j ? both * both : 0) - both * b[i, j]
      }
    }
    // Variances of very different sizes are no singularity; directions known alone are.
    let bound = isSingular ? ClusterSpectrum.tolerance : 0
    let root = variance.map { $0.squareRoot() }
    var adjustment = Self.scaled(try Self.inverseRoot(b.symmetrized, tolerance: bound), by: root)
    adjustment = Self.scaled(adjustment.transposed, by: root)
    let residuals = rows.indices.map {
      slope[$0] * equations.scores[rows[$0]] / equations.workingWeights[rows[$0]]
    }
    let inverse = variance.map { 1 / $0 }
    score = shape.transposedTimes(Self.scaled(adjustment.times(residuals), by: inverse))
    let a = adjustment * Self.scaled(shape * directions, by: inverse)
    fitted = Matrix.product(shape, a, transposeLeft: true)
    let weighed = Self.scaled(a, by: variance)
    quadratic = (0..<a.columns).map { Self.inner(a.column($0), weighed.column($0)) }
  }

  private static func scaled(_ matrix: Matrix, by factors: [Double]) -> Matrix {
    var result = matrix
    for j in 0..<result.columns { for i in 0..<result.rows { result[i, j] *= factors[i] } }
    return result
  }

  private static func scaled(_ vector: [Double], by factors: [Double]) -> [Double] {
    zip(vector, factors).map { $0 * $1 }
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
  private static func inverseRoot(
    _ matrix: Matrix, tolerance: Double = ClusterSpectrum.tolerance
  ) throws(SiblingError) -> Matrix {
    let eigen = try eigen(matrix)
    let bound = tolerance * (eigen.values.last ?? 0)
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
