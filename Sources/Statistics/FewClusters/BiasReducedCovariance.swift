internal import LinearAlgebra

/// Cluster-robust covariance that allows for each cluster's leverage: CR2 and CR3.
///
/// CR2 (Bell & McCaffrey 2002) multiplies a cluster's residuals by the matrix that makes the
/// covariance unbiased where the model's variance is right; the degrees of freedom are Satterthwaite's
/// under that variance, a number for each coefficient (Pustejovsky & Tipton 2018,
/// doi 10.1080/07350015.2016.1247004). Linear regression takes equal variances as its working model,
/// also with weights, as clubSandwich does; generalised linear models take their
/// family's variances, on the scale of the response. CR3 is the jackknife: it adds the squares of what leaving each cluster out does.
struct BiasReducedCovariance: Sendable {
  /// The covariance of the kept columns, without a factor for the number of clusters.
  var matrix: Matrix
  /// Satterthwaite's degrees of freedom for each place asked about; empty for CR3.
  var degrees: [Double]
  /// For each place asked about a cluster without which it can't be estimated; nil for none.
  var aloneIn: [Int?]

  /// Clusters up to this size are worked row by row where no shorter way is exact.
  static let mostRows = 1500

  /// CR2 (`isJackknife` false) or the jackknife's Σ(β₍g₎ − β̂)(β₍g₎ − β̂)′.
  ///
  /// Entries of columns that can't be estimated without some cluster are NaN.
  /// - Throws: `invalidOption` for clusters too large for a generalised linear model's CR2.
  /// - Complexity: O(nK²) and O(GK³); row by row O(Σn_g³).
  init(
    _ blocks: ClusterBlocks, isJackknife: Bool, places: [Int]? = nil
  ) throws(SiblingError) {
    let wanted = places ?? Array(0..<blocks.columns)
    var directions = Matrix(rows: blocks.columns, columns: wanted.count)
    for (j, place) in wanted.enumerated() {
      for (i, value) in blocks.direction(place).enumerated() { directions[i, j] = value }
    }
    let isLinear = blocks.equations.isLinear
    let spread =
      isJackknife || !blocks.hasWeights || !isLinear ? nil : Self.spread(blocks)
    if !isJackknife, !isLinear {
      for cluster in 0..<blocks.count where blocks.rows(cluster).count > Self.mostRows {
        throw SiblingError(
          .invalidOption,
          "CR2 of a generalised linear model is for clusters of up to \(Self.mostRows) rows.",
          help: "Use CR1 or CR3.")
      }
    }
    let directionsUsed = directions
    let results: [Result<Part, SiblingError>] = Parallel.mapBlocks(blocks.count) { cluster in
      do throws(SiblingError) {
        return .success(
          try Part(blocks, cluster, directionsUsed, isJackknife: isJackknife, spread: spread))
      } catch { return .failure(error) }
    }
    var parts: [Part] = []
    for result in results { parts.append(try result.get()) }
    aloneIn = wanted.indices.map { j in parts.firstIndex { $0.isAlone[j] } }
    let scores = Matrix(columns: parts.map(\.score))
    var covariance = blocks.covariance(Matrix.product(scores, scores, transposeRight: true))
    for (j, place) in wanted.enumerated() where aloneIn[j] != nil {
      for other in 0..<covariance.columns {
        covariance[place, other] = .nan
        covariance[other, place] = .nan
      }
    }
    matrix = covariance
    degrees =
      isJackknife ? [] : wanted.indices.map { Self.degrees(parts, $0, spread: spread) }
  }

  /// Y′W²Y, what the residuals of others add to a cluster's variance.
  private static func spread(_ blocks: ClusterBlocks) -> Matrix {
    let equations = blocks.equations
    let zeros = [Double](repeating: 0, count: equations.basis.count)
    return blocks.reduced(
      Gram.pass(equations.design, basis: equations.basis, coefficients: zeros) {
        range, score, root in
        for i in 0..<range.count {
          score[i] = 0
          root[i] = equations.workingWeights[range.lowerBound + i]
        }
        return 0
      }.product)
  }

  /// ν = (Σp_g′Φp_g)² / ΣΣ(p_g′Φp_h)², from p_g′Φp_h = [g = h]·a_g′Φa_g − M_gh.
  private static func degrees(_ parts: [Part], _ place: Int, spread: Matrix?) -> Double {
    let own = parts.map { $0.quadratic[place] }
    let z = Matrix(columns: parts.map { $0.fitted.column(place) })
    var left = z
    if let spread {
      // u′z + z′u − z′Cz = (u − Cz/2)′z + z′(u − Cz/2).
      let u = Matrix(columns: parts.map { $0.weighted.column(place) })
      left = u - (spread * z).scaled(by: 0.5)
    }
    let isDoubled = spread != nil
    var (trace, square) = (0.0, 0.0)
    if parts.count <= 2000 {
      let cross = Matrix.product(left, z, transposeLeft: true)
      for g in own.indices {
        for h in own.indices {
          let shared = isDoubled ? cross[g, h] + cross[h, g] : cross[g, h]
          let value = (g == h ? own[g] : 0) - shared
          square += value * value
          if g == h { trace += value }
        }
      }
      return trace * trace / square
    }
    // ΣΣM² by K × K products where there are very many clusters.
    for g in own.indices {
      var shared = 0.0
      for i in 0..<z.rows { shared += left[i, g] * z[i, g] }
      if isDoubled { shared *= 2 }
      trace += own[g] - shared
      square += own[g] * own[g] - 2 * own[g] * shared
    }
    let zz = Matrix.product(z, z, transposeRight: true)
    let ll = Matrix.product(left, left, transposeRight: true)
    let lz = Matrix.product(left, z, transposeRight: true)
    func inner(_ a: Matrix, _ b: Matrix) -> Double {
      zip(a.storage, b.storage).reduce(0) { $0 + $1.0 * $1.1 }
    }
    square += isDoubled ? 2 * inner(ll, zz) + 2 * inner(lz, lz.transposed) : inner(zz, zz)
    return trace * trace / square
  }
}

extension BiasReducedCovariance {
  /// What one cluster adds.
  struct Part: Sendable {
    /// Y′WAe, or the effect of leaving the cluster out.
    var score: [Double]
    /// For each contrast a′Φa with a = AWYℓ; empty for the jackknife.
    var quadratic: [Double] = []
    /// Y′a, a column a contrast.
    var fitted = Matrix(rows: 0, columns: 0)
    /// Y′ΦW a, where it isn't Y′a.
    var weighted = Matrix(rows: 0, columns: 0)
    /// Whether the cluster alone knows some direction.
    var isSingular = false
    /// For each contrast whether it can't be estimated without this cluster.
    var isAlone: [Bool]

    init(
      _ blocks: ClusterBlocks, _ cluster: Int, _ directions: Matrix, isJackknife: Bool,
      spread: Matrix?
    ) throws(SiblingError) {
      let spectrum = try ClusterSpectrum(share: blocks.share(cluster))
      isAlone = (0..<directions.columns).map { spectrum.isAloneIn(directions.column($0)) }
      score = blocks.scores.column(cluster)
      if isJackknife {
        score = spectrum.apply({ 1 / $0 }, to: score)
        return
      }
      if let spread {
        let m = blocks.rows(cluster).count
        if m <= 2 * blocks.columns {
          try byRows(blocks, cluster, directions, spread: spread)
        } else {
          try byColumns(blocks, cluster, directions, spread: spread)
        }
      } else if blocks.equations.isLinear {
        score = spectrum.apply({ 1 / $0.squareRoot() }, to: score)
        fitted = spectrum.apply({ (1 - $0) / $0.squareRoot() }, to: directions)
        let half = spectrum.apply({ (max(0, 1 - $0) / $0).squareRoot() }, to: directions)
        quadratic = (0..<half.columns).map { half.column($0).reduce(0) { $0 + $1 * $1 } }
      } else {
        isSingular = spectrum.gaps.first.map { $0 <= ClusterSpectrum.tolerance } ?? false
        let slopes = blocks.equations.meanSlopes
        try byResponse(
          blocks, cluster, directions,
          slopes: slopes ?? blocks.equations.workingWeights.map { $0.squareRoot() })
      }
    }
  }
}
