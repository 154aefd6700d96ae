internal import LinearAlgebra

extension FewClusterInference {
  /// How often each method rejects when the null is true, on samples of the same shape.
  ///
  /// The outcome is drawn anew: null × term + noise, with noise of the sample's own make (see
  /// `ClusterNoise`); what else the regression removes plays no part. Intervals are not computed.
  func simulate(
    _ sample: FewClusterSample, _ subclusters: Factor?, _ launch: Launch,
    into table: inout FewClusterTable
  ) throws(SiblingError) {
    let noise = try ClusterNoise(sample, launch)
    let term = sample.design.matrix.column(sample.term)
    let names = table.rows.map(\.method)
    let found: [[Double?]] = Parallel.mapBlocks(simulations) { index in
      var stream = RandomStream(seed: seed, name: "few-cluster-size", index: UInt64(index))
      let drawn = noise.draw(&stream)
      let outcome = term.indices.map { null * term[$0] + drawn[$0] }
      return pValues(sample, subclusters, launch, outcome)
    }
    let bar = (1 - level) * (1 + 1e-12)
    table.sizes = names.indices.map { row in
      guard names[row] != "attainable-p" else { return nil }
      let values = found.compactMap { $0.count == names.count ? $0[row] : nil }
      guard !values.isEmpty else { return nil }
      return FewClusterSize(rejections: values.count { $0 <= bar }, samples: values.count)
    }
    table.simulation =
      "\(simulations) samples of this shape with a true null, \(noise.description);"
      + " \(simulationDraws) draws in each"
  }

  /// The p-values of the methods in the order of the table's rows; none where a method fails.
  private func pValues(
    _ sample: FewClusterSample, _ subclusters: Factor?, _ launch: Launch, _ outcome: [Double]
  ) -> [Double?] {
    do throws(SiblingError) {
      let drawn = try FewClusterSample(
        outcome: outcome, design: sample.design, term: sample.term, clusters: sample.clusters,
        absorbed: sample.absorbed, weights: sample.weights)
      var rows: [Double?] = [nil]
      if case .success = launch.products { rows.append(nil) }
      rows += try ClusterRobustTable(null: null, level: level).rows(drawn).map(\.pValue)
      var wild = bootstrap(subclusters, draws: simulationDraws)
      wild.hasConfidenceSets = false
      rows += try wild.rows(drawn).map(\.pValue)
      guard case .success(let prepared) = launch.products else {
        return rows + [Double?](repeating: nil, count: 7)
      }
      let products = try prepared.with(outcome: outcome)
      let exchange = RandomizationInference(
        null: null, level: level, draws: simulationDraws, limit: max(5000, simulationDraws),
        seed: seed)
      let launches = try? exchange.pValues(products)
      rows += [launches?.coefficient, launches?.t]
      if let cells = try? ClusterPeriods(products) {
        rows.append(
          ConleyTaber(null: null, level: level, draws: simulationDraws, seed: seed).row(cells)
            .pValue)
        rows.append(
          FermanPinto(null: null, level: level, draws: simulationDraws, seed: seed).row(
            cells, hasInterval: false
          ).pValue)
      } else {
        rows += [nil, nil]
      }
      rows += means(drawn, products.launches).map(\.pValue)
      let placebo = try? launch.placebo.get().with(outcome: outcome)
      let test = placebo?.row(
        estimate: products.observed.outcome, null: null, draws: simulationDraws,
        limit: max(5000, simulationDraws), seed: seed)
      return rows + [test?.pValue]
    } catch {
      return []
    }
  }
}

/// Noise like a sample's own: between clusters, between their periods, and between rows.
///
/// Components of variance of the regression's residuals by the method of moments: between clusters
/// (where the regression has no cluster effects), between periods of a cluster with first-order
/// autocorrelation, and between rows of a cell. Each is normal. A component below zero is zero.
struct ClusterNoise: Sendable, CustomStringConvertible {
  let clusters: [Int32]
  let cells: [Int]
  let periods: Int
  let clusterDeviation: Double
  let cellDeviation: Double
  let autocorrelation: Double
  let rowDeviation: Double

  /// The components of a sample's residuals.
  ///
  /// - Throws: `constantOutcome` when there are no residuals to draw like, and what absorbing throws.
  init(
    _ sample: FewClusterSample, _ launch: FewClusterInference.Launch
  ) throws(SiblingError) {
    var (rowPeriods, width) = ([Int32](repeating: 0, count: sample.rows), 1)
    if case .success(let products) = launch.products {
      (rowPeriods, width) = (products.launches.rowPeriods, products.launches.periods.count)
    } else if let time = launch.time
      ?? sample.absorbed.first(where: { !LaunchPaths.isNested($0, in: sample.clusters) })
    {
      (rowPeriods, width) = (time.codes, time.levels.count)
    }
    let part = try PartialledClusters(sample)
    let columns = try part.withoutNested([
      sample.design.matrix.column(sample.term), sample.outcome,
    ])
    let (d, y) = (part.residual(columns[0]), part.residual(columns[1]))
    var (square, crossed) = (0.0, 0.0)
    for row in d.indices {
      square += part.weights[row] * d[row] * d[row]
      crossed += part.weights[row] * d[row] * y[row]
    }
    var residuals = [Double](repeating: 0, count: sample.rows)
    for (place, row) in part.order.enumerated() {
      residuals[row] = y[place] - crossed / square * d[place]
    }
    guard residuals.contains(where: { $0 != 0 }) else {
      throw SiblingError(.constantOutcome, "there are no residuals to simulate from")
    }
    clusters = sample.clusters.codes
    periods = width
    cells = zip(clusters, rowPeriods).map { Int($0) * width + Int($1) }
    let hasClusterEffects = sample.absorbed.contains {
      LaunchPaths.isNested($0, in: sample.clusters)
    }
    let parts = Self.components(
      residuals, clusters.map { Int($0) }, cells, width, sample.clusterCount, hasClusterEffects,
      isLaunch: width == 1)
    (clusterDeviation, cellDeviation) = (parts.cluster.squareRoot(), parts.cell.squareRoot())
    (rowDeviation, autocorrelation) = (parts.row.squareRoot(), parts.rho)
  }

  private static func components(
    _ residuals: [Double], _ cluster: [Int], _ cell: [Int], _ width: Int, _ count: Int,
    _ hasClusterEffects: Bool, isLaunch: Bool
  ) -> (cluster: Double, cell: Double, row: Double, rho: Double) {
    guard width > 1 else {
      let groups = OneWay(residuals, cluster, count)
      // The term of whole clusters takes a degree of freedom between them.
      let parts = groups.components(lost: isLaunch ? 2 : 1)
      return (parts.between, 0, parts.within, 0)
    }
    let groups = OneWay(residuals, cell, count * width)
    let occupied = groups.counts.count { $0 > 0 }
    let within =
      residuals.count > occupied ? groups.within / Double(residuals.count - occupied) : 0
    let used = groups.counts.indices.filter { groups.counts[$0] > 0 }
    let means = used.map { groups.means[$0] }
    let own = used.map { $0 / width }
    // What rows add to the variance of a cell's mean.
    let added = used.reduce(0) { $0 + within / groups.counts[$1] } / Double(used.count)
    let between = OneWay(means, own, count)
    let parts = between.components(lost: 1)
    let clusterPart = hasClusterEffects ? 0 : parts.between
    let cellPart = max(0, parts.within - added)
    var (product, square) = (0.0, 0.0)
    for (index, place) in used.enumerated() {
      let value = means[index] - between.means[own[index]]
      square += value * value
      if index > 0, used[index - 1] == place - 1, own[index - 1] == own[index] {
        product += value * (means[index - 1] - between.means[own[index]])
      }
    }
    var rho = square > 0 ? product / square * Double(width) / Double(width - 1) : 0
    // Means taken out over T periods bias it by about −(1 + 3ρ)/T (Kendall 1954).
    if width > 3 { rho = (rho * Double(width) + 1) / Double(width - 3) }
    // Rows' own noise in the means hides a part of it.
    if cellPart > 0 { rho *= (cellPart + added) / cellPart }
    return (clusterPart, cellPart, within, min(0.95, max(0, rho)))
  }

  /// One-way analysis of variance.
  private struct OneWay {
    var counts: [Double]
    var means: [Double]
    var within = 0.0
    var total: Double

    init(_ values: [Double], _ group: [Int], _ count: Int) {
      counts = [Double](repeating: 0, count: count)
      means = counts
      for (value, group) in zip(values, group) {
        counts[group] += 1
        means[group] += value
      }
      for index in 0..<count where counts[index] > 0 { means[index] /= counts[index] }
      for (value, group) in zip(values, group) {
        within += (value - means[group]) * (value - means[group])
      }
      total = Double(values.count)
    }

    /// Variances between and within groups; `lost` degrees of freedom go between groups.
    func components(lost: Int) -> (between: Double, within: Double) {
      let groups = counts.count { $0 > 0 }
      let inside = Double(groups) < total ? within / (total - Double(groups)) : 0
      guard groups > lost else { return (0, inside) }
      let grand = zip(counts, means).reduce(0) { $0 + $1.0 * $1.1 } / total
      let squares = zip(counts, means).reduce(0) {
        $0 + $1.0 * ($1.1 - grand) * ($1.1 - grand)
      }
      let size = (total - counts.reduce(0) { $0 + $1 * $1 } / total) / Double(groups - 1)
      return (max(0, (squares / Double(groups - lost) - inside) / size), inside)
    }
  }

  /// The noise of one sample, a number a row.
  func draw(_ stream: inout RandomStream) -> [Double] {
    let count = Int(clusters.max() ?? 0) + 1
    let shared = stream.normals(count).map { $0 * clusterDeviation }
    var shocks = [Double](repeating: 0, count: count * periods)
    if periods > 1 {
      let fresh = (1 - autocorrelation * autocorrelation).squareRoot()
      for cluster in 0..<count {
        var state = stream.normal()
        for period in 0..<periods {
          if period > 0 { state = autocorrelation * state + fresh * stream.normal() }
          shocks[cluster * periods + period] = cellDeviation * state
        }
      }
    }
    return clusters.indices.map { row in
      shared[Int(clusters[row])] + shocks[cells[row]]
        + (rowDeviation > 0 ? rowDeviation * stream.normal() : 0)
    }
  }

  var description: String {
    func short(_ value: Double) -> String { "\((value * 1000).rounded() / 1000)" }
    let all =
      clusterDeviation * clusterDeviation + cellDeviation * cellDeviation
      + rowDeviation * rowDeviation
    let between = clusterDeviation * clusterDeviation
    let cell = cellDeviation * cellDeviation
    return periods > 1
      ? "normal noise with the residuals' shares of variance between clusters"
        + " (\(short(between / all))), between their periods (\(short(cell / all)),"
        + " autocorrelation \(short(autocorrelation))) and between rows"
      : "normal noise with the residuals' intracluster correlation (\(short(between / all)))"
  }
}
