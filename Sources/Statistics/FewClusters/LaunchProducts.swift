internal import LinearAlgebra

/// What each cluster would contribute on each path: the numbers that make the estimate and its CR1
/// variance under any assignment of paths to clusters.
struct LaunchProducts: Sendable {
  let part: PartialledClusters
  let launches: LaunchPaths
  /// The treatment column of each path, were every cluster on it, without nested effects.
  let columns: [[Double]]
  /// Z_g′Wx_gp, k numbers for each cluster and path.
  let projections: [Double]
  /// x_gp′Wx_gp for each cluster and path.
  let squares: [Double]
  /// x_gp′Wỹ_g for each cluster and path, and for the observed treatment in place of the outcome.
  let outcome: Crossed
  let treatment: Crossed

  /// Products with one residual column.
  struct Crossed: Sendable {
    /// x_gp′Wỹ_g for each cluster and path.
    var crossed: [Double]
    /// Z_g′Wỹ_g, k numbers a cluster.
    var projected: [Double]
    /// The residual ỹ itself, rows by cluster.
    var residual: [Double]
  }

  /// The estimate under one assignment, for the outcome and for the observed treatment.
  struct Draw: Sendable, Equatable {
    /// The coefficient of the outcome; nil-like NaN where the assignment can't be told from the rest.
    var outcome: Double
    /// The coefficient of the observed treatment: 1 for the observed assignment.
    var treatment: Double
    /// CR1 variance under the null τ: v0 − 2τ·v1 + τ²·v2.
    var v0: Double
    var v1: Double
    var v2: Double

    /// Whether the assignment identifies an effect.
    var isDefined: Bool { !outcome.isNaN }
    /// The CR1 variance under a null.
    func variance(_ null: Double) -> Double { max(0, v0 - 2 * null * v1 + null * null * v2) }
  }

  /// Prepares a sample.
  ///
  /// - Throws: `badDesign` for more different paths than can be held, and what `PartialledClusters`
  ///   throws.
  init(_ part: PartialledClusters, _ launches: LaunchPaths) throws(SiblingError) {
    guard launches.paths.count * part.sample.rows <= 200_000_000 else {
      throw SiblingError(
        .badDesign,
        "there are \(launches.paths.count) different launch paths, too many to exchange them all")
    }
    self.part = part
    self.launches = launches
    let sample = part.sample
    let made = launches.paths.map { path in launches.rowPeriods.map { path[Int($0)] } }
    let observed = sample.design.matrix.column(sample.term)
    let found = try part.withoutNested(made + [observed, sample.outcome])
    columns = Array(found.prefix(made.count))
    let (g, p, k) = (part.clusterCount, made.count, part.rank)
    var projections = [Double](repeating: 0, count: g * p * k)
    var squares = [Double](repeating: 0, count: g * p)
    for cluster in 0..<g {
      for path in 0..<p {
        let column = columns[path]
        let values = part.products(column, cluster: cluster)
        for j in 0..<k { projections[(cluster * p + path) * k + j] = values[j] }
        squares[cluster * p + path] = Self.dot(part, column, column, cluster)
      }
    }
    self.projections = projections
    self.squares = squares
    treatment = Self.crossed(part, columns, part.residual(found[made.count]))
    outcome = Self.crossed(part, columns, part.residual(found[made.count + 1]))
  }

  private init(_ other: LaunchProducts, outcome: Crossed) {
    part = other.part
    launches = other.launches
    columns = other.columns
    projections = other.projections
    squares = other.squares
    treatment = other.treatment
    self.outcome = outcome
  }

  /// The same design with another outcome, rows as in the sample.
  ///
  /// - Throws: what `Absorption` throws.
  func with(outcome: [Double]) throws(SiblingError) -> LaunchProducts {
    let column = try part.withoutNested([outcome])[0]
    return LaunchProducts(self, outcome: Self.crossed(part, columns, part.residual(column)))
  }

  /// The estimate when cluster g follows path `assignment[g]`.
  /// - Complexity: O(G k²).
  func draw(_ assignment: [Int]) -> Draw {
    let (p, k, count) = (launches.paths.count, part.rank, part.clusterCount)
    var b = [Double](repeating: 0, count: k)
    var (total, crossedOutcome, crossedTreatment) = (0.0, 0.0, 0.0)
    for g in 0..<count {
      let cell = g * p + assignment[g]
      total += squares[cell]
      crossedOutcome += outcome.crossed[cell]
      crossedTreatment += treatment.crossed[cell]
      for j in 0..<k { b[j] += projections[cell * k + j] }
    }
    var left = total
    for j in 0..<k { left -= b[j] * b[j] }
    guard left > 1e-10 * total, total > 0 else {
      return Draw(outcome: .nan, treatment: .nan, v0: .nan, v1: .nan, v2: .nan)
    }
    var draw = Draw(
      outcome: crossedOutcome / left, treatment: crossedTreatment / left, v0: 0, v1: 0, v2: 0)
    for g in 0..<count {
      let cell = g * p + assignment[g]
      var (square, scoreOutcome, scoreTreatment) = (
        squares[cell], outcome.crossed[cell], treatment.crossed[cell]
      )
      let gram = g * k * k
      for j in 0..<k {
        var inner = 0.0
        for i in 0..<k { inner += part.grams[gram + j * k + i] * b[i] }
        square += b[j] * (inner - 2 * projections[cell * k + j])
        scoreOutcome -= b[j] * outcome.projected[g * k + j]
        scoreTreatment -= b[j] * treatment.projected[g * k + j]
      }
      scoreOutcome -= draw.outcome * square
      scoreTreatment -= draw.treatment * square
      draw.v0 += scoreOutcome * scoreOutcome
      draw.v1 += scoreOutcome * scoreTreatment
      draw.v2 += scoreTreatment * scoreTreatment
    }
    let factor = smallSampleFactor / (left * left)
    draw.v0 *= factor
    draw.v1 *= factor
    draw.v2 *= factor
    return draw
  }

  /// The assignment as it was.
  var observed: Draw {
    var draw = draw(launches.pathOfCluster)
    // The observed treatment regressed on itself leaves exactly nothing.
    if draw.isDefined { (draw.treatment, draw.v1, draw.v2) = (1, 0, 0) }
    return draw
  }

  /// CR1's (N − 1)/(N − K)·G/(G − 1).
  var smallSampleFactor: Double {
    let (n, g) = (Double(part.sample.rows), Double(part.clusterCount))
    return (n - 1) / (n - Double(part.parameters + 1)) * g / (g - 1)
  }

  /// The observed treatment column with everything else removed, and the residuals under a null
  /// (or at the estimate), rows by cluster.
  func residuals(null: Double? = nil) -> (treatment: [Double], outcome: [Double]) {
    let effect = null ?? observed.outcome
    let d = treatment.residual
    return (d, zip(outcome.residual, d).map { $0 - effect * $1 })
  }

  private static func crossed(
    _ part: PartialledClusters, _ columns: [[Double]], _ residual: [Double]
  ) -> Crossed {
    var crossed: [Double] = []
    var projected: [Double] = []
    for g in 0..<part.clusterCount {
      for column in columns { crossed.append(dot(part, column, residual, g)) }
      projected += part.products(residual, cluster: g)
    }
    return Crossed(crossed: crossed, projected: projected, residual: residual)
  }

  private static func dot(
    _ part: PartialledClusters, _ left: [Double], _ right: [Double], _ cluster: Int
  ) -> Double {
    var sum = 0.0
    for row in part.starts[cluster]..<part.starts[cluster + 1] {
      sum += part.weights[row] * left[row] * right[row]
    }
    return sum
  }
}
