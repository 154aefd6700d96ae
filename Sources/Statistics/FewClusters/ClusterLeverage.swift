internal import LinearAlgebra

/// How much each cluster weighs in a coefficient, and what leaving it out does.
///
/// Few clusters mislead least when they weigh alike; one cluster of high leverage, or an effective
/// number far below G, says that tests against t(G − 1) can't be trusted.
public struct ClusterLeverage: Sendable, Equatable {
  /// The clusters' names, in the order of all arrays here.
  public let clusters: [String]
  /// Rows of each cluster.
  public let rows: [Int]
  /// Each cluster's leverage, the trace of its block of the hat matrix; they add up to K.
  ///
  /// Effects nested in the clusters are removed first and not counted.
  public let leverage: [Double]
  /// Each cluster's share of the term's variation that nothing else explains; they add up to one.
  public let partialLeverage: [Double]
  /// The coefficient without each cluster; nil where it can't be estimated without it.
  public let leaveOneOut: [Double?]
  /// The coefficient with all clusters.
  public let estimate: Double
  /// The effective number of clusters G/(1 + CV²) of the partial leverages.
  ///
  /// Carter, Schnepel & Steigerwald 2017, doi 10.1162/REST_a_00639, where errors are independent
  /// within clusters.
  public let effectiveClusters: Double
  /// The same where errors within a cluster are all equal, the paper's conservative choice; nil where
  /// the term has no such variation, as with effects of the clusters.
  public let conservativeEffectiveClusters: Double?

  /// Computes the leverages of a sample's clusters.
  ///
  /// - Throws: `rankDeficient` where the term is explained by others; `tooFewObservations`;
  ///   `invalidOption` for effects of too many levels.
  /// - Complexity: O(nK²) and O(GK³).
  public init(_ sample: FewClusterSample) throws(SiblingError) {
    let regression = try ClusterRegression(sample)
    let place = try regression.place(of: sample)
    let blocks = regression.blocks
    let direction = blocks.direction(place)
    let coefficient = regression.coefficient(place)
    let size = WildScores.inner(direction, direction)
    typealias Part = (leverage: Double, partial: Double, without: Double?)
    let parts: [Result<Part, SiblingError>] = Parallel.mapBlocks(blocks.count) { cluster in
      let share = blocks.share(cluster)
      do throws(SiblingError) {
        let spectrum = try ClusterSpectrum(share: share)
        var without: Double?
        if !spectrum.isAloneIn(direction) {
          let change = spectrum.apply({ 1 / $0 }, to: blocks.scores.column(cluster))
          without = coefficient - WildScores.inner(direction, change)
        }
        return .success(
          (
            share.diagonal.reduce(0, +),
            WildScores.inner(direction, share.times(direction)) / size, without
          ))
      } catch { return .failure(error) }
    }
    var found: [Part] = []
    for part in parts { found.append(try part.get()) }
    clusters = blocks.names
    rows = (0..<blocks.count).map { blocks.rows($0).count }
    leverage = found.map(\.leverage)
    partialLeverage = found.map(\.partial)
    leaveOneOut = found.map(\.without)
    estimate = coefficient
    effectiveClusters = Self.effective(found.map(\.partial)) ?? 0
    let weights = blocks.equations.workingWeights
    let sums = ClusterBlocks.project(blocks.equations, weights, regression.clusters)
    let totals = (0..<blocks.count).map { WildScores.inner(direction, sums.column($0)) }
    let total = weights.reduce(0, +)
    // Sums that are rounding beside √(Σw·Σwx̃²) mean that the effects took all of it.
    let isEmpty = totals.allSatisfy { $0.magnitude <= 1e-9 * (size * total).squareRoot() }
    conservativeEffectiveClusters = isEmpty ? nil : Self.effective(totals.map { $0 * $0 })
  }

  /// G/(1 + Γ), Γ the squared coefficient of variation of the clusters' parts of the variance.
  private static func effective(_ parts: [Double]) -> Double? {
    let sum = parts.reduce(0, +)
    let square = parts.reduce(0) { $0 + $1 * $1 }
    return sum > 0 && square > 0 ? sum * sum / square : nil
  }
}
