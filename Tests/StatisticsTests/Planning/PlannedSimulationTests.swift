import LinearAlgebra
import Statistics
import TestSupport
import Testing

@Suite struct PlannedSimulationTests {
  /// The closed forms beside the regressions that they stand for.
  @Test func siteTestsAreTheRegressions() throws {
    let sizes = [3, 5, 9, 4, 7, 2, 6.0]
    let values = [0.4, 0.7, 0.55, 0.2, 0.35, 0.5, 0.1]
    let tests = SiteTests(values: values, sizes: sizes, treated: 3)
    var (outcome, treated, codes): ([Double], [Double], [Int32]) = ([], [], [])
    for site in sizes.indices {
      for person in 0..<Int(sizes[site]) {
        // People around their site's mean leave it where it is.
        let shift = Int(sizes[site]) % 2 == 1 && person == 0 ? 0 : person % 2 == 0 ? -0.3 : 0.3
        outcome.append(values[site] + shift)
        treated.append(site < 3 ? 1 : 0)
        codes.append(Int32(site))
      }
    }
    let n = outcome.count
    let design = DesignMatrix(
      matrix: Matrix(
        rows: n, columns: 2, storage: [Double](repeating: 1, count: n) + treated),
      names: ["(Intercept)", "x"])
    let sample = try FewClusterSample(
      outcome: outcome, design: design, term: 1,
      clusters: Factor(codes: codes, levels: (0..<7).map { "s\($0)" }))
    let rows = try ClusterRobustTable().rows(sample)
    let robust = try #require(rows.first { $0.method == "CR2" }?.pValue)
    #expect(close(try #require(tests.biasReduced()), robust, Tolerance(relative: 1e-9)))
    let means = try #require(
      SiteMeans().rows(sample).first { $0.method == "cluster-t" }?.pValue)
    #expect(close(try #require(tests.clusterT()), means, Tolerance(relative: 1e-9)))
  }

  @Test func exchangesByHand() throws {
    var stream = RandomStream(seed: 1, name: "exchanges")
    // Three of six at the very top: itself and its mirror among 20.
    let top = SiteTests(
      values: [5, 6, 7, 1, 2, 3], sizes: [Double](repeating: 1, count: 6), treated: 3)
    #expect(top.randomisation(stream: &stream) == 0.1)
    let one = SiteTests(values: [4, 0, 1, 5], sizes: [1, 1, 1, 1], treated: 1)
    // |x − mean of the others| is 4·|x − 2.5|/3: 2, 3.33, 2 and 3.33, all at least the first.
    #expect(one.randomisation(stream: &stream) == 1)
    let flat = SiteTests(values: [1, 1, 1], sizes: [1, 1, 1], treated: 1)
    #expect(flat.clusterT() == nil)
    #expect(flat.biasReduced() == nil)
  }

  /// Beta-binomial counts have the plan's mean and correlation, sizes theirs.
  @Test func drawsHaveTheirMoments() {
    var stream = RandomStream(seed: 3, name: "moments")
    var (mean, square, size, sizes) = (0.0, 0.0, 0.0, 0.0)
    let n = 20_000
    for _ in 0..<n {
      let p = PlannedDraws.beta(0.3 * 9, 0.7 * 9, &stream)
      mean += p
      square += p * p
      let drawn = Double(PlannedDraws.size(mean: 40, variation: 0.5, &stream))
      size += drawn
      sizes += drawn * drawn
    }
    mean /= Double(n)
    // 0.3·0.7·0.1 with ρ = 0.1, so a standard error of 0.00102 for the mean.
    #expect((mean - 0.3).magnitude < 0.004)
    #expect((square / Double(n) - mean * mean - 0.021).magnitude < 0.001)
    size /= Double(n)
    #expect((size - 40).magnitude < 0.6)
    #expect(((sizes / Double(n) - size * size).squareRoot() / size - 0.5).magnitude < 0.02)
    var (count, counts) = (0.0, 0.0)
    for _ in 0..<4000 {
      let drawn = Double(PlannedDraws.binomial(1000, 0.23, &stream))
      count += drawn / 4000
      counts += drawn * drawn / 4000
    }
    // √(230·0.77/4000) = 0.21.
    #expect((count - 230).magnitude < 0.9)
    #expect((counts - count * count - 177.1).magnitude < 17)
    #expect(PlannedDraws.binomial(500, 0, &stream) == 0)
    #expect(PlannedDraws.binomial(500, 1, &stream) == 500)
  }

  /// The formula's power within four Monte-Carlo errors and a point of the simulated t test's, and its
  /// size near the level, for shares and means.
  @Test func formulaAndSimulationAgree() throws {
    let simulation = PlannedSimulation(samples: 600, seed: 7)
    for (outcome, treated, comparison, icc, effect) in [
      (PlannedComparison.Outcome.share(rate: 0.35), 10, 10, 0.03, 0.13),
      (.mean(standardDeviation: 2), 5, 8, 0.05, 0.9), (.share(rate: 0.4), 6, 12, 0, 0.12),
    ] {
      let plan = PlannedComparison(
        outcome,
        arms: .sites(
          PlannedComparison.Sites(
            treated: treated, comparison: comparison, size: 40, correlation: icc)))
      let power = try plan.power(effect: effect)
      let rates = try plan.simulated(effect: effect, simulation)
      #expect(rates.map(\.method) == ["cluster-t", "CR2", "randomisation"])
      let own = rates[0]
      #expect((own.power - power).magnitude < 4 * own.powerError + 0.015, "\(power) \(own)")
      #expect((own.size - 0.05).magnitude < 4 * own.sizeError + 0.01, "\(own)")
      #expect(rates[2].size < 0.05 + 4 * rates[2].sizeError)
    }
    let people = PlannedComparison(
      .share(rate: 0.3), arms: .people(treated: 300, comparison: 150))
    let rate = try people.simulated(effect: 0.13, simulation)[0]
    let power = try people.power(effect: 0.13)
    #expect((rate.power - power).magnitude < 4 * rate.powerError + 0.01)
    let means = PlannedComparison(
      .mean(standardDeviation: 1), arms: .people(treated: 8, comparison: 5))
    let mean = try means.simulated(effect: 1.7, simulation)[0]
    #expect((mean.power - (try means.power(effect: 1.7))).magnitude < 4 * mean.powerError + 0.005)
  }

  @Test func sameOnAnyNumberOfThreads() throws {
    let plan = PlannedComparison(
      .share(rate: 0.3),
      arms: .sites(
        PlannedComparison.Sites(
          treated: 3, comparison: 12, size: 10, sizeVariation: 0.4, correlation: 0.05)))
    let simulation = PlannedSimulation(samples: 50, seed: 11)
    let threads = Parallel.threads
    Parallel.setThreads(1)
    let one = try plan.simulated(effect: 0.2, simulation)
    Parallel.setThreads(5)
    let five = try plan.simulated(effect: 0.2, simulation)
    Parallel.setThreads(threads)
    #expect(one == five)
    #expect(try plan.simulated(effect: 0.2, PlannedSimulation(samples: 50, seed: 12)) != one)
  }

  @Test func refusals() {
    var sites = PlannedComparison.Sites(treated: 3, comparison: 3, size: 10)
    let plan = PlannedComparison(.share(rate: 0.3), arms: .sites(sites))
    #expect(throws: SiblingError.self) {
      try plan.simulated(effect: 0.1, PlannedSimulation(samples: 0))
    }
    #expect(throws: SiblingError.self) {
      try plan.simulated(effect: 0.8, PlannedSimulation(samples: 5))
    }
    sites.explainedBetween = 0.3
    let explained = PlannedComparison(.share(rate: 0.3), arms: .sites(sites))
    #expect(throws: SiblingError.self) {
      try explained.simulated(effect: 0.1, PlannedSimulation(samples: 5))
    }
  }
}
