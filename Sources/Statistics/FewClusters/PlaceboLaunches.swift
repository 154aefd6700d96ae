internal import LinearAlgebra

/// The estimates of launches that never were: treated paths given to untreated clusters only.
///
/// The treated clusters are left out, their launch paths are given to the clusters that were never
/// treated in every way (or drawn, where there are more than 200,000 and `draws`), and the same
/// regression is run. p is the share of these placebo estimates that lie at least as far from zero
/// as the estimate from the null, the estimate itself counted: (1 + #)/(1 + number).
///
/// Bertrand, Duflo & Mullainathan (2004), doi:10.1162/003355304772839588; Abadie, Diamond &
/// Hainmueller (2010), doi:10.1198/jasa.2009.ap08746.
struct PlaceboLaunches: Sendable {
  /// The regression among untreated clusters.
  let products: LaunchProducts
  /// Their rows of the sample.
  let rows: [Int]

  /// Prepares the untreated clusters of a sample.
  ///
  /// - Throws: `tooFewClusters` unless more clusters are untreated than treated.
  init(_ sample: FewClusterSample, _ launches: LaunchPaths) throws(SiblingError) {
    let (treated, other) = (launches.treatedClusters, launches.untreatedClusters)
    guard other.count > treated.count, other.count > 2 else {
      throw SiblingError(
        .tooFewClusters,
        "there are \(other.count) untreated clusters, too few to take \(treated.count) launches")
    }
    let kept = Set(other.map { Int32($0) })
    let rows = (0..<sample.rows).filter { kept.contains(sample.clusters.codes[$0]) }
    let part = try FewClusterSample(
      outcome: rows.map { sample.outcome[$0] }, design: sample.design.selecting(rows: rows),
      term: sample.term, clusters: sample.clusters.selecting(rows),
      absorbed: sample.absorbed.map { $0.selecting(rows) },
      weights: sample.weights.map { all in rows.map { all[$0] } })
    let never = [Double](repeating: 0, count: launches.periods.count)
    let given = treated.map { launches.paths[launches.pathOfCluster[$0]] }
    let paths = (Set(given).union([never])).sorted { $0.lexicographicallyPrecedes($1) }
    let following = (0..<other.count).map { place in
      let path = place < given.count ? given[place] : never
      return paths.firstIndex(of: path) ?? 0
    }
    let placebo = LaunchPaths(
      periods: launches.periods, rowPeriods: rows.map { launches.rowPeriods[$0] }, paths: paths,
      pathOfCluster: following)
    products = try LaunchProducts(try PartialledClusters(part), placebo)
    self.rows = rows
  }

  private init(_ products: LaunchProducts, _ rows: [Int]) {
    self.products = products
    self.rows = rows
  }

  /// The same clusters with another outcome, a number for each row of the whole sample.
  ///
  /// - Throws: what absorbing effects throws.
  func with(outcome: [Double]) throws(SiblingError) -> PlaceboLaunches {
    PlaceboLaunches(try products.with(outcome: rows.map { outcome[$0] }), rows)
  }

  /// The row `placebo` for an estimate.
  func row(
    estimate: Double, null: Double, draws: Int, limit: Int, seed: UInt64
  ) -> FewClusterRow {
    let assignments = LaunchExchanges(
      paths: products.launches.pathOfCluster, kinds: products.launches.paths.count,
      limit: max(limit, draws), draws: draws, seed: seed)
    let bar = (estimate - null).magnitude * (1 - 1e-9)
    let found = Parallel.mapBlocks(assignments.blocks) { block in
      var (extreme, defined) = (0, 0)
      assignments.forEach(inBlock: block) { assignment in
        let value = products.draw(assignment).outcome
        guard !value.isNaN else { return }
        defined += 1
        if value.magnitude >= bar { extreme += 1 }
      }
      return (extreme, defined)
    }
    let extreme = found.reduce(0) { $0 + $1.0 }
    let defined = found.reduce(0) { $0 + $1.1 }
    let how = assignments.isExact ? "all \(defined) launches" : "\(defined) draws of launches"
    guard defined > 0 else {
      return Self.refused(
        SiblingError(.rankDeficient, "no launch among the untreated clusters identifies an effect"))
    }
    return FewClusterRow(
      method: "placebo",
      convention: "\(how) among the \(products.launches.pathOfCluster.count) untreated clusters,"
        + " estimate counted",
      estimate: estimate, statistic: estimate - null,
      pValue: Double(1 + extreme) / Double(1 + defined))
  }

  static func refused(_ error: SiblingError) -> FewClusterRow {
    FewClusterRow(
      method: "placebo", convention: "launches among untreated clusters", note: error.message)
  }
}
