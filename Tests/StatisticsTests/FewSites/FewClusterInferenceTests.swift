import LinearAlgebra
import TestSupport
import Testing

@testable import Statistics

@Suite struct FewClusterInferenceTests {
  static let methods =
    ["CR0", "CR1", "CR2", "CR3", "CR3", "CR3"]
    + WildClusterBootstrap.Variant.all.map(\.name)
    + [
      "RI-coefficient", "RI-t", "conley-taber", "ferman-pinto", "ibragimov-muller", "cluster-t",
      "placebo",
    ]

  private func grunfeld() throws -> FewClusterSample {
    let csv = try Golden.csv("grunfeld.csv")
    let firm = Factor(csv["firm"] ?? [])
    let capital = Golden.numbers(csv["capital"])
    return try FewClusterSample(
      outcome: Golden.numbers(csv["inv"]),
      design: DesignMatrix(
        matrix: Matrix(columns: [[Double](repeating: 1, count: capital.count), capital]),
        names: ["(Intercept)", "capital"]),
      term: 1, clusters: firm, absorbed: [firm, Factor(csv["year"] ?? [])])
  }

  /// Published values; capital is no launch, so its methods refuse.
  @Test func grunfeldTable() throws {
    let table = try FewClusterInference().table(try grunfeld())
    #expect(table.rows.map(\.method) == ["attainable-p"] + Self.methods)
    #expect(table.rows[0].pValue == 2.0 / 1024)
    #expect((table.estimate - 0.4138018346).magnitude < 5e-11)
    func row(_ method: String) throws -> FewClusterRow {
      try #require(table.rows.last { $0.method == method })
    }
    #expect(((try row("CR1").standardError ?? 0) - 0.0632812941).magnitude < 5e-11)
    #expect(((try row("CR2").standardError ?? 0) - 0.13145).magnitude < 5e-6)
    #expect(((try row("CR3").standardError ?? 0) - 0.36019).magnitude < 5e-6)
    #expect(((try row("WCR11").pValue ?? 0) - 0.2461).magnitude < 5e-5)
    for method in Self.methods.suffix(7) {
      #expect(try row(method).pValue == nil)
      #expect(try row(method).note?.contains("no launch") == true)
    }
    #expect(table.treated == nil)
    #expect(table.disagrees)
    #expect(table.verdicts.reject.contains("CR1"))
    #expect(table.verdicts.keep.contains("CR2"))
  }

  /// Leave-one-out estimates and leverage against regressions run without each cluster.
  @Test func influence() throws {
    let sample = try grunfeld()
    let table = try FewClusterInference(draws: 99).table(sample)
    for (index, without) in table.leverage.leaveOneOut.enumerated() {
      let rows = (0..<sample.rows).filter { sample.clusters.codes[$0] != Int32(index) }
      let fit = try AbsorbedLeastSquares().fit(
        sample.design.selecting(rows: rows), response: rows.map { sample.outcome[$0] },
        absorbing: sample.absorbed.map { $0.selecting(rows).droppingUnusedLevels() })
      #expect(close(without ?? .nan, fit.coefficients[0], .converged))
    }
    #expect(close(table.leverage.partialLeverage.reduce(0, +), 1, .closedForm))
    // The residualised term's sum of squares in each cluster.
    let left = try Absorption(sample.absorbed).residuals(of: [sample.design.matrix.column(1)])
      .columns[0]
    let total = left.reduce(0) { $0 + $1 * $1 }
    for (index, share) in table.leverage.partialLeverage.enumerated() {
      let own = left.indices.filter { sample.clusters.codes[$0] == Int32(index) }
      #expect(close(share, own.reduce(0) { $0 + left[$1] * left[$1] } / total, .converged))
    }
    let squares = table.leverage.partialLeverage.reduce(0) { $0 + $1 * $1 }
    #expect(close(table.leverage.effectiveClusters, 1 / squares, .closedForm))
  }

  @Test func launchesComeFirst() throws {
    let world = LaunchWorld(
      launch: (0..<10).map { $0 < 5 ? 0 : nil }, rows: 5, effect: 1, seed: 3)
    let sample = try world.sample()
    let table = try FewClusterInference(draws: 499).table(sample)
    #expect(table.rows.map(\.method) == ["attainable-p", "attainable-p"] + Self.methods)
    #expect(close(table.rows[0].pValue ?? .nan, 2.0 / 252, .closedForm))
    // Five treated sign flips.
    #expect(table.rows[1].pValue == 2.0 / 32)
    #expect(table.treated?.count == 5)
    let cr1 = try #require(table.rows.first { $0.method == "CR1" })
    let t = try #require(table.rows.first { $0.method == "RI-t" })
    #expect(close(cr1.standardError ?? .nan, t.standardError ?? 0, .converged))
    #expect(close(cr1.statistic ?? .nan, t.statistic ?? 0, .converged))
    // MDE by hand from CR2.
    let cr2 = try #require(table.rows.first { $0.method == "CR2" })
    let degrees = StudentT(degreesOfFreedom: try #require(cr2.degreesOfFreedom))
    let multiple = degrees.upperQuantile(0.025) + degrees.upperQuantile(0.2)
    #expect(close(table.detectable ?? .nan, multiple * (cr2.standardError ?? .nan), .converged))
  }

  @Test func studentizedErrorIsCR1OnPanels() throws {
    let world = LaunchWorld(
      launch: [nil, 2, nil, 3, 2, nil], periods: 5, rows: 3, effect: 0.6, seed: 3)
    let table = try FewClusterInference(draws: 99).table(try world.sample(effects: true))
    let cr1 = try #require(table.rows.first { $0.method == "CR1" })
    let t = try #require(table.rows.first { $0.method == "RI-t" })
    #expect(close(cr1.standardError ?? .nan, t.standardError ?? 0, .converged))
    #expect(close(table.rows[0].pValue ?? .nan, 1.0 / 60, .closedForm))
  }

  /// Launches of the treated given to the untreated, one regression at a time.
  @Test func placeboLaunches() throws {
    let world = LaunchWorld(
      launch: [2, nil, nil, 3, nil, nil, nil], periods: 5, rows: 2, effect: 0.5, seed: 14)
    let sample = try world.sample(effects: true)
    let table = try FewClusterInference(null: 0.1, draws: 99).table(sample)
    let row = try #require(table.rows.first { $0.method == "placebo" })
    var untreated = world.reordered(
      world.outcome.indices.filter { ![0, 3].contains(world.cluster[$0]) })
    untreated.cluster = untreated.cluster.map { $0 < 3 ? $0 - 1 : $0 - 2 }
    let never = [Double](repeating: 0, count: 5)
    var extreme = 0
    for first in 0..<5 {
      for second in 0..<5 where second != first {
        var paths = [[Double]](repeating: never, count: 5)
        paths[first] = [0, 0, 1, 1, 1]
        paths[second] = [0, 0, 0, 1, 1]
        let estimate = try untreated.regression(paths, effects: true).estimate
        if estimate.magnitude >= (table.estimate - 0.1).magnitude { extreme += 1 }
      }
    }
    #expect(close(row.pValue ?? .nan, Double(1 + extreme) / 21, .closedForm))
    // Five against five: no launch can be given away and leave as many.
    let even = LaunchWorld(launch: (0..<10).map { $0 < 5 ? 0 : nil }, rows: 3)
    let refused = try FewClusterInference(draws: 99).table(try even.sample()).rows.last
    #expect(refused?.method == "placebo")
    #expect(refused?.pValue == nil)
  }

  @Test func seedsAndThreads() throws {
    let before = Parallel.threads
    defer { Parallel.setThreads(before) }
    let sample = try LaunchWorld(
      launch: (0..<9).map { $0 < 3 ? 1 : nil }, periods: 3, rows: 2, seed: 5
    ).sample(effects: true)
    let inference = FewClusterInference(draws: 299, simulations: 6, simulationDraws: 49)
    Parallel.setThreads(1)
    let one = try inference.table(sample)
    Parallel.setThreads(5)
    #expect(try inference.table(sample) == one)
    var other = inference
    other.seed = 2
    #expect(try other.table(sample) != one)
  }

  @Test func badSettings() throws {
    let sample = try LaunchWorld(launch: [0, nil, 0, nil], rows: 3).sample()
    for inference in [
      FewClusterInference(null: .nan), FewClusterInference(level: 1),
      FewClusterInference(draws: 0), FewClusterInference(simulations: -1),
    ] {
      do {
        _ = try inference.table(sample)
        Issue.record("settings out of range were taken")
      } catch {
        #expect(error.code == .invalidOption)
      }
    }
  }

  /// Effects that cross clusters and determine the term end the table, not the process.
  @Test func explainedTerm() throws {
    var world = LaunchWorld(launch: [0, nil, 0, nil], rows: 3)
    world.covariate = world.treatment.map { 3 - 2 * $0 }
    let columns = [[Double](repeating: 1, count: 12), world.covariate, world.treatment]
    let sample = try FewClusterSample(
      outcome: world.outcome,
      design: DesignMatrix(matrix: Matrix(columns: columns), names: ["(Intercept)", "x", "d"]),
      term: 2, clusters: world.clusters)
    do {
      _ = try FewClusterInference().table(sample)
      Issue.record("a term that others explain was tested")
    } catch {
      #expect(error.code == .rankDeficient)
    }
  }
}

@Suite struct LaunchSizeTests {
  /// Five of fifteen sites treated, intracluster correlation 0.05, forty people a site: exchanging
  /// launches keeps its size, CR1 does not.
  @Test func launchesKeepTheirSize() throws {
    let launch: [Int?] = (0..<15).map { $0 < 5 ? 0 : nil }
    let spread = (0.05 / 0.95).squareRoot()
    let shape = LaunchWorld(launch: launch, rows: 40, spread: spread, seed: 1)
    let products = try prepared(try shape.sample(covariate: false))
    let test = RandomizationInference(draws: 399, limit: 1)
    let samples = 800
    let found: [(cr1: Double, ri: Double, t: Double)?] = Parallel.mapBlocks(samples) { index in
      var stream = RandomStream(seed: 20, name: "size", index: UInt64(index))
      let sites = stream.normals(15).map { $0 * spread }
      let outcome = shape.cluster.map { sites[$0] + stream.normal() }
      guard let drawn = try? products.with(outcome: outcome), let p = try? test.pValues(drawn)
      else { return nil }
      let observed = drawn.observed
      let t = (observed.outcome / observed.v0.squareRoot()).magnitude
      return (2 * StudentT(degreesOfFreedom: 14).upperTail(t), p.coefficient, p.t ?? .nan)
    }
    let values = found.compactMap { $0 }
    #expect(values.count == samples)
    func size(_ p: (Double, Double, Double) -> Double) -> Double {
      Double(values.count { p($0.cr1, $0.ri, $0.t) <= 0.05 }) / Double(samples)
    }
    let error = (0.05 * 0.95 / Double(samples)).squareRoot()
    #expect((size { _, ri, _ in ri } - 0.05).magnitude < 2.6 * error)
    #expect((size { _, _, t in t } - 0.05).magnitude < 2.6 * error)
    #expect(size { cr1, _, _ in cr1 } > 0.05 + 2.6 * error)
  }

  /// The table's own simulation, on its own panel: rates with their Monte-Carlo errors.
  @Test func simulatedOnTheSamplesShape() throws {
    let world = LaunchWorld(
      launch: (0..<12).map { $0 < 3 ? 0 : nil }, rows: 10, effect: 2, spread: 0.4, seed: 12)
    let table = try FewClusterInference(draws: 99, simulations: 60, simulationDraws: 99)
      .table(try world.sample(covariate: false))
    #expect(table.sizes.count == table.rows.count)
    #expect(table.sizes[0] == nil)
    for (row, size) in zip(table.rows, table.sizes) where row.method != "attainable-p" {
      let size = try #require(size)
      #expect(size.samples == 60)
      #expect((0...1).contains(size.rate))
      let expected = (size.rate * (1 - size.rate) / 60).squareRoot()
      #expect(close(size.standardError, expected, .closedForm))
    }
    func rate(_ method: String) -> Double {
      table.sizes[table.rows.firstIndex { $0.method == method } ?? 0]?.rate ?? .nan
    }
    // The effect of 2 is not in the simulated samples: nothing rejects nearly always.
    #expect(rate("RI-coefficient") < 0.2)
    #expect(rate("cluster-t") < 0.2)
    #expect(rate("CR0") >= rate("CR1"))
    #expect(table.simulation?.contains("intracluster correlation") == true)
  }

  /// The noise has the components that it was made from.
  @Test func noiseIsLikeTheSample() throws {
    let world = LaunchWorld(
      launch: (0..<200).map { $0 % 2 == 0 ? 0 : nil }, rows: 20, spread: 0.5, seed: 6)
    let sample = try world.sample()
    let noise = try ClusterNoise(sample, FewClusterInference.Launch(sample, time: nil))
    // Sites' spread in the outcome is 0.5 and 0.5·0.3·0.5 of it is taken by the covariate.
    #expect((noise.clusterDeviation - 0.5).magnitude < 0.1)
    #expect((noise.rowDeviation - 1).magnitude < 0.05)
    #expect(noise.cellDeviation == 0)
    var stream = RandomStream(seed: 1, name: "noise")
    let drawn = noise.draw(&stream)
    let variance = drawn.reduce(0) { $0 + $1 * $1 } / Double(drawn.count)
    #expect((variance - 1.25).magnitude < 0.15)
  }

  @Test func shocksOfPeriodsAreAutocorrelated() throws {
    var world = LaunchWorld(launch: (0..<60).map { $0 < 20 ? 6 : nil }, periods: 12, rows: 1)
    for g in 0..<60 {
      var stream = RandomStream(seed: 3, name: "ar", index: UInt64(g))
      var state = stream.normal()
      for t in 0..<12 {
        state = 0.6 * state + 0.8 * stream.normal()
        world.outcome[g * 12 + t] = state
      }
    }
    let sample = try world.sample(covariate: false, effects: true)
    let noise = try ClusterNoise(sample, FewClusterInference.Launch(sample, time: nil))
    #expect((noise.autocorrelation - 0.6).magnitude < 0.12)
    #expect(noise.rowDeviation == 0)
    #expect(noise.clusterDeviation == 0)
    #expect((noise.cellDeviation - 1).magnitude < 0.25)
  }

  private func prepared(_ sample: FewClusterSample) throws -> LaunchProducts {
    try LaunchProducts(try PartialledClusters(sample), try LaunchPaths(sample))
  }
}
