internal import LinearAlgebra

/// What every draw's statistic of one variant is computed from.
///
/// With weights v the bootstrap estimate's deviation is numerator·v and the clusters' contributions
/// to its standard error are the elements of rows·v; both are linear in the null, with `shifted`
/// parts that are multiplied by −(null − estimate). Unrestricted variants have no such parts.
struct WildTest: Sendable {
  /// The rows of all products: G contributions, G shifted ones, numerator, shifted numerator.
  let matrix: Matrix
  let clusters: Int
  let isRestricted: Bool
  /// What multiplies the sum of squared contributions.
  let factor: Double
  /// The standard error of the data themselves.
  let standardError: Double
}

/// The score matrices of the bootstrap's variants.
struct WildScores: Sendable {
  let estimate: Double
  /// Whether one cluster alone identifies the coefficient.
  let isAlone: Bool
  /// A test for each variant; nil where its standard error does not exist.
  let tests: [WildTest?]

  init(
    _ regression: ClusterRegression, place: Int, subclusters: Factor?,
    variants: [WildClusterBootstrap.Variant]
  ) throws(SiblingError) {
    let blocks = regression.blocks
    estimate = regression.coefficient(place)
    let direction = blocks.direction(place)
    let wantsJackknife = variants.contains { $0.hasJackknifeErrors || $0.hasJackknifeResiduals }
    let images = blocks.images(of: direction, regression.clusters)
    let results: [Result<Cluster, SiblingError>] = Parallel.mapBlocks(blocks.count) { cluster in
      do throws(SiblingError) {
        return .success(
          try Cluster(
            blocks, cluster, direction, image: images.column(cluster),
            wantsJackknife: wantsJackknife))
      } catch { return .failure(error) }
    }
    var clusters: [Cluster] = []
    for result in results { clusters.append(try result.get()) }
    isAlone = clusters.contains { $0.isAlone }
    let units = Units(blocks, clusters, direction, subclusters, regression.clusters)
    let (g, n) = (Double(blocks.count), Double(regression.observations))
    let small = g / (g - 1) * (n - 1) / (n - Double(regression.parameters))
    let alone = isAlone
    tests = variants.map { variant in
      if variant.hasJackknifeErrors, alone { return nil }
      return Self.test(
        variant, clusters, units, blocks, direction,
        factor: variant.hasJackknifeErrors ? (g - 1) / g : small)
    }
  }

  private static func test(
    _ variant: WildClusterBootstrap.Variant, _ clusters: [Cluster], _ units: Units,
    _ blocks: ClusterBlocks, _ direction: [Double], factor: Double
  ) -> WildTest {
    let (g, k) = (clusters.count, direction.count)
    let testing = clusters.map { variant.hasJackknifeErrors ? $0.jackknife : direction }
    var variance = 0.0
    for (cluster, test) in zip(clusters, testing) {
      let effect = inner(test, cluster.score)
      variance += effect * effect
    }
    let images = Matrix(
      columns: clusters.map { variant.hasJackknifeErrors ? $0.jackknifeImage : $0.image })
    var parts = [units.errors(variant, shifted: false)]
    if variant.isRestricted { parts.append(units.errors(variant, shifted: true)) }
    let rows = parts.count * (g + 1)
    var matrix = Matrix(rows: rows, columns: units.home.count)
    for (place, errors) in parts.enumerated() {
      let products = Matrix.product(images, errors, transposeLeft: true)
      for unit in units.home.indices {
        let home = units.home[unit]
        for cluster in 0..<g { matrix[place * g + cluster, unit] = -products[cluster, unit] }
        var (own, numerator) = (0.0, 0.0)
        for i in 0..<k {
          own += testing[home][i] * errors[i, unit]
          numerator += direction[i] * errors[i, unit]
        }
        matrix[place * g + home, unit] += own
        matrix[parts.count * g + place, unit] = numerator
      }
    }
    return WildTest(
      matrix: matrix, clusters: g, isRestricted: variant.isRestricted, factor: factor,
      standardError: (factor * variance).squareRoot())
  }

  static func inner(_ a: [Double], _ b: [Double]) -> Double {
    var sum = 0.0
    for i in a.indices { sum += a[i] * b[i] }
    return sum
  }
}

extension WildScores {
  /// What the variants need of one cluster.
  struct Cluster: Sendable {
    /// N; empty where no variant leaves clusters out.
    var share = Matrix(rows: 0, columns: 0)
    let score: [Double]
    /// Nℓ.
    let image: [Double]
    /// (I − N)⁻¹ℓ, and N times it.
    var jackknife: [Double] = []
    var jackknifeImage: [Double] = []
    /// What is added to the fit when the cluster is left out, by the unrestricted model.
    var left: [Double] = []
    /// The same by the restricted model, for the residuals and for what shifts them.
    var restricted: [Double] = []
    var shifted: [Double] = []
    var isAlone = false

    init(
      _ blocks: ClusterBlocks, _ cluster: Int, _ direction: [Double], image: [Double],
      wantsJackknife: Bool
    ) throws(SiblingError) {
      score = blocks.scores.column(cluster)
      self.image = image
      guard wantsJackknife else { return }
      share = blocks.share(cluster)
      let spectrum = try ClusterSpectrum(share: share)
      isAlone = spectrum.isAloneIn(direction)
      let both = spectrum.apply(
        { 1 / $0 }, to: Matrix(columns: [direction, score]))
      jackknife = both.column(0)
      jackknifeImage = share.times(jackknife)
      left = both.column(1)
      // The restricted model lacks the direction ℓ: its share is PNP with P = I − ℓℓ′/ℓ′ℓ.
      let size = WildScores.inner(direction, direction)
      var projection = Matrix.identity(direction.count)
      for j in direction.indices {
        for i in direction.indices { projection[i, j] -= direction[i] * direction[j] / size }
      }
      let rest = try ClusterSpectrum(share: (projection * share * projection).symmetrized)
      let shifting = image.map { $0 / size }
      let changes =
        projection
        * rest.apply({ 1 / $0 }, to: projection * Matrix(columns: [score, shifting]))
      restricted = changes.column(0)
      shifted = changes.column(1)
    }
  }

  /// What is multiplied by one weight: the clusters, or parts of them.
  struct Units: Sendable {
    /// Each unit's cluster.
    let home: [Int]
    /// Y′We of each unit, and Y′Wx̃ for x̃ the term with all else taken out.
    let scores: Matrix
    let images: Matrix
    /// What leave-one-out residuals add to them: restricted, shifted, unrestricted.
    let additions: [Matrix]

    init(
      _ blocks: ClusterBlocks, _ clusters: [Cluster], _ direction: [Double],
      _ parts: Factor?, _ factor: Factor
    ) {
      let size = WildScores.inner(direction, direction)
      let isJackknifed = clusters.first?.jackknife.isEmpty == false
      var shares = clusters.map(\.share)
      var home = Array(clusters.indices)
      var scores = blocks.scores
      var images = Matrix(columns: clusters.map(\.image))
      if let parts {
        let finer = ClusterBlocks(blocks.equations, clusters: parts)
        if isJackknifed { shares = Parallel.mapBlocks(finer.count) { finer.share($0) } }
        home = [Int](repeating: 0, count: finer.count)
        for row in parts.codes.indices { home[Int(parts.codes[row])] = Int(factor.codes[row]) }
        scores = finer.scores
        images = finer.images(of: direction, parts)
      }
      self.home = home
      self.scores = scores
      self.images = images.scaled(by: 1 / size)
      guard isJackknifed else {
        additions = []
        return
      }
      let changes = [
        clusters.map(\.restricted), clusters.map(\.shifted), clusters.map(\.left),
      ]
      additions = changes.map { change in
        Matrix(columns: home.indices.map { shares[$0].times(change[home[$0]]) })
      }
    }

    /// The units' scores of a variant's residuals, or of what shifts them with the null.
    func errors(_ variant: WildClusterBootstrap.Variant, shifted: Bool) -> Matrix {
      let plain = shifted ? images : scores
      guard variant.hasJackknifeResiduals else { return plain }
      return plain + additions[shifted ? 1 : variant.isRestricted ? 0 : 2]
    }
  }
}
