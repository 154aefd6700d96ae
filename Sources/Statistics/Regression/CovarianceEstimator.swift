public import LinearAlgebra

/// How the covariance of regression coefficients is estimated.
public enum CovarianceEstimator: Sendable, Equatable {
  /// Dispersion times (X′WX)⁻¹: right when the model's variance is.
  case classical
  /// Robust to variances that differ between rows (White 1980).
  case heteroskedastic(HeteroskedasticType)
  /// Robust to dependence within clusters, by one factor or two (Liang & Zeger 1986; Cameron,
  /// Gelbach & Miller 2011).
  case cluster(ClusterType, [Factor], multiway: MultiwayFactor = .smallest)
  /// Robust to serial correlation up to a stated lag (Newey & West 1987).
  case neweyWest(NeweyWest)
}

/// How squared residuals are enlarged for heteroskedastic covariance (MacKinnon & White 1985).
public enum HeteroskedasticType: String, Sendable, CaseIterable {
  /// Not at all.
  case hc0 = "HC0"
  /// By n/(n − k).
  case hc1 = "HC1"
  /// By 1/(1 − h), h the row's leverage.
  case hc2 = "HC2"
  /// By 1/(1 − h)², close to the jackknife.
  case hc3 = "HC3"
}

/// How cluster-robust covariance is enlarged for few clusters.
public enum ClusterType: String, Sendable, CaseIterable {
  /// Not at all.
  case cr0 = "CR0"
  /// By G/(G − 1)·(n − 1)/(n − k).
  case cr1 = "CR1"
  /// By each cluster's leverage, with Satterthwaite's degrees of freedom for each coefficient (Bell &
  /// McCaffrey 2002; Pustejovsky & Tipton 2018, doi 10.1080/07350015.2016.1247004). One factor only.
  case cr2 = "CR2"
  /// By leaving each cluster out: Σ(β₍g₎ − β̂)(β₍g₎ − β̂)′, no factor; one step for generalised
  /// linear models. One factor only.
  case cr3 = "CR3"
}

/// Which G enters G/(G − 1) when clustering is by more than one factor.
public enum MultiwayFactor: Sendable {
  /// The smallest number of clusters of any factor, everywhere.
  case smallest
  /// Each term of the inclusion–exclusion sum its own.
  case each
}

/// A covariance matrix with the reference distribution and the name of its convention.
public struct CovarianceEstimate: Sendable, Equatable {
  /// The covariance of the kept coefficients, in their order.
  public var matrix: Matrix
  /// Degrees of freedom of the t distribution; nil means normal.
  ///
  /// Where each coefficient has its own these are the smallest, for averages and joint tests.
  public var degreesOfFreedom: Double?
  /// Degrees of freedom of each coefficient, where they differ (CR2).
  public var coefficientDegreesOfFreedom: [Double]?
  /// The number of clusters, the smallest when by more than one factor.
  public var clusters: Int?
  /// How it was made, such as `CR1, G=40, t(39)`.
  public var convention: String
  /// Things that the reader must know.
  public var notes: [String]

  /// A covariance with its reference distribution; nil degrees of freedom mean normal.
  public init(
    matrix: Matrix, degreesOfFreedom: Double?, coefficientDegreesOfFreedom: [Double]? = nil,
    clusters: Int?, convention: String, notes: [String]
  ) {
    self.matrix = matrix
    self.degreesOfFreedom = degreesOfFreedom
    self.coefficientDegreesOfFreedom = coefficientDegreesOfFreedom
    self.clusters = clusters
    self.convention = convention
    self.notes = notes
  }

  /// The standard errors; NaN where the variance is negative, as two-way sums can make it.
  public var standardErrors: [Double] {
    matrix.diagonal.map { $0 < 0 ? .nan : $0.squareRoot() }
  }
}

extension CovarianceEstimator {
  /// The covariance of the coefficients that solve some estimating equations.
  ///
  /// - Throws: `tooFewClusters` for a single cluster, `sizeMismatch`, `missingValue` for a row
  ///   without cluster, `badDesign` for HC2 or HC3 where a row has leverage one and for CR2 or CR3
  ///   where no coefficient can be estimated without some cluster, `invalidOption` for more than two
  ///   cluster factors, more than one with CR2 or CR3, or a lag longer than the series,
  ///   `duplicateKey` for two rows of one series and period.
  public func estimate(
    _ equations: EstimatingEquations
  ) throws(SiblingError) -> CovarianceEstimate {
    switch self {
    case .classical:
      return finished(
        equations.bread.scaled(by: equations.dispersion), equations, "classical", clusters: nil)
    case .heteroskedastic(let type):
      let meat = try heteroskedasticMeat(type, equations)
      return finished(sandwich(meat, equations), equations, type.rawValue, clusters: nil)
    case .cluster(let type, let factors, let multiway):
      return try clustered(type, factors, multiway, equations)
    case .neweyWest(let series):
      let meat = try series.meat(equations)
      return finished(sandwich(meat, equations), equations, series.convention, clusters: nil)
    }
  }

  private func finished(
    _ matrix: Matrix, _ equations: EstimatingEquations, _ name: String, clusters: Int?
  ) -> CovarianceEstimate {
    let degrees: Int? =
      equations.usesStudentT ? clusters.map { $0 - 1 } ?? equations.residualDegreesOfFreedom : nil
    let reference = degrees.map { "t(\($0))" } ?? "z"
    let negative = matrix.diagonal.contains { $0 < 0 }
    return CovarianceEstimate(
      matrix: matrix, degreesOfFreedom: degrees.map(Double.init), clusters: clusters,
      convention: "\(name), \(reference)",
      notes: negative
        ? ["The two-way covariance has a negative variance; that standard error is not given."] : []
    )
  }

  private func sandwich(_ meat: Matrix, _ equations: EstimatingEquations) -> Matrix {
    let bread = equations.factor.inverse
    return equations.takeBack(bread * meat * bread)
  }

  private func heteroskedasticMeat(
    _ type: HeteroskedasticType, _ equations: EstimatingEquations
  ) throws(SiblingError) -> Matrix {
    var factors: [Double]?
    if type == .hc2 || type == .hc3 {
      let leverage = equations.leverage
      if let row = leverage.firstIndex(where: { $0 > 1 - 1e-10 }) {
        throw SiblingError(
          .badDesign, "\(type.rawValue) needs every row's leverage below 1; one row fits exactly.",
          help: "Use HC1, or leave out the term that only this row identifies.", row: row)
      }
      factors = leverage.map { type == .hc2 ? (1 / (1 - $0)).squareRoot() : 1 / (1 - $0) }
    }
    let zeros = [Double](repeating: 0, count: equations.basis.count)
    let enlargements = factors
    let meat = Gram.pass(
      equations.design, basis: equations.basis, coefficients: zeros
    ) { range, score, root in
      for i in 0..<range.count {
        let row = range.lowerBound + i
        score[i] = 0
        root[i] = equations.scores[row].magnitude * (enlargements?[row] ?? 1)
      }
      return 0
    }.product
    let n = Double(equations.observations)
    return type == .hc1
      ? meat.scaled(by: n / Double(equations.residualDegreesOfFreedom)) : meat
  }
}

extension CovarianceEstimator {
  private func clustered(
    _ type: ClusterType, _ factors: [Factor], _ multiway: MultiwayFactor,
    _ equations: EstimatingEquations
  ) throws(SiblingError) -> CovarianceEstimate {
    if type == .cr2 || type == .cr3 {
      guard factors.count == 1 else {
        throw SiblingError(
          .invalidOption, "\(type.rawValue) is for one cluster column.",
          help: "Use CR1 for two.")
      }
      let blocks = ClusterBlocks(
        equations, clusters: try requireClusters(factors[0], equations))
      return try Self.biasReduced(type, blocks, places: nil)
    }
    guard (1...2).contains(factors.count) else {
      throw SiblingError(
        .invalidOption, "Standard errors can be clustered by one or two columns.",
        help: "Name one or two cluster columns.")
    }
    var used: [Factor] = []
    for factor in factors { used.append(try requireClusters(factor, equations)) }
    let counts = used.map(\.levels.count)
    let smallest = counts.min() ?? 0
    var meat = Matrix(rows: equations.basis.count, columns: equations.basis.count)
    for factor in used {
      let part = clusterMeat(factor, equations)
      let g = multiway == .smallest ? smallest : factor.levels.count
      meat = meat + part.scaled(by: Self.clusterFactor(type, g))
    }
    if used.count == 2 {
      let crossing = used[0].crossed(with: used[1])
      let g = multiway == .smallest ? smallest : crossing.levels.count
      meat = meat - clusterMeat(crossing, equations).scaled(by: Self.clusterFactor(type, g))
    }
    if type == .cr1 {
      let n = Double(equations.observations)
      meat = meat.scaled(by: (n - 1) / Double(equations.residualDegreesOfFreedom))
    }
    var name = type.rawValue
    if used.count == 1 {
      name += ", G=\(counts[0])"
    } else {
      name += " two-way, G=\(counts[0]) and \(counts[1])"
      if type == .cr1 { name += multiway == .smallest ? ", smallest G" : ", each its own G" }
    }
    return finished(sandwich(meat, equations), equations, name, clusters: smallest)
  }

  private static func clusterFactor(_ type: ClusterType, _ count: Int) -> Double {
    type == .cr1 ? Double(count) / Double(count - 1) : 1
  }

  /// The factor over rows with weight, unused levels dropped.
  private func requireClusters(
    _ factor: Factor, _ equations: EstimatingEquations
  ) throws(SiblingError) -> Factor {
    guard factor.count == equations.design.rows else {
      throw SiblingError(
        .sizeMismatch,
        "The clusters have \(factor.count) rows, the model \(equations.design.rows).")
    }
    var counted = factor
    if let weights = equations.weights {
      for row in weights.indices where weights[row] == 0 { counted.codes[row] = -1 }
    }
    let missing = counted.codes.indices.first {
      counted.codes[$0] < 0 && equations.weights?[$0] ?? 1 > 0
    }
    if let row = missing {
      throw SiblingError(
        .missingValue, "A row has no cluster.", help: "Drop rows whose cluster is missing.",
        row: row)
    }
    counted = counted.droppingUnusedLevels()
    guard counted.levels.count > 1 else {
      throw SiblingError(
        .tooFewClusters, "There is only one cluster, so its standard error cannot be estimated.",
        help: "Cluster by a finer unit, or use HC standard errors and say so.")
    }
    return counted
  }

  /// Σ over clusters of s s′, where s is the cluster's sum of ux̃.
  private func clusterMeat(_ factor: Factor, _ equations: EstimatingEquations) -> Matrix {
    let (g, p, n) = (factor.levels.count, equations.basis.count, equations.design.rows)
    let multipliers = equations.basis.multipliers
    // A column a task, its rows in order, so the sums never depend on threads.
    let columns: [[Double]] = Parallel.mapBlocks(p) { j in
      var sums = [Double](repeating: 0, count: g)
      let (center, multiplier) = (equations.basis.center[j], multipliers[j])
      let base = equations.basis.columns[j] * n
      equations.design.storage.withUnsafeBufferPointer { x in
        equations.scores.withUnsafeBufferPointer { u in
          factor.codes.withUnsafeBufferPointer { codes in
            sums.withUnsafeMutableBufferPointer { sums in
              for row in 0..<n where codes[row] >= 0 {
                sums[Int(codes[row])] += u[row] * ((x[base + row] - center) * multiplier)
              }
            }
          }
        }
      }
      return sums
    }
    return Gram.product(Matrix(rows: g, columns: p, storage: columns.flatMap { $0 }))
  }
}
