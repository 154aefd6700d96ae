import LinearAlgebra
import TestSupport
import Testing

@testable import Statistics

@Suite struct ResidualInferenceTests {
  /// A sample of Tests/Reference/panels/few_sites.csv.
  static func sample(_ name: String) throws -> (sample: FewClusterSample, time: Factor) {
    let all = try Golden.csv("panels/few_sites.csv")
    let rows = (all["sample"] ?? []).indices.filter { all["sample"]?[$0] == name }
    func numbers(_ column: String) -> [Double] {
      let values = Golden.numbers(all[column])
      return rows.map { values[$0] }
    }
    var world = LaunchWorld(launch: [])
    world.outcome = numbers("y")
    world.treatment = numbers("d")
    world.covariate = numbers("x")
    world.cluster = numbers("site").map { Int($0) }
    world.period = numbers("period").map { Int($0) }
    return (try world.sample(effects: name != "cross"), world.periods)
  }

  private static func cells(_ name: String) throws -> ClusterPeriods {
    let (sample, time) = try sample(name)
    let launches = try LaunchPaths(sample, time: time)
    return try ClusterPeriods(LaunchProducts(try PartialledClusters(sample), launches))
  }

  @Test(arguments: ["panel", "staggered", "cross"]) func conleyTaber(_ name: String) throws {
    let golden = try Golden.json("panels/few_sites.json")[name]
    let (sample, time) = try Self.sample(name)
    let row = ConleyTaber(level: 0.9).row(sample, time: time)
    #expect(close(row.estimate ?? .nan, golden["estimate"].double, .converged))
    #expect(close(row.pValue ?? .nan, golden["conley_taber"]["p"].double, .closedForm))
    #expect(close(row.interval?.low ?? .nan, golden["conley_taber"]["low"].double, .converged))
    #expect(close(row.interval?.high ?? .nan, golden["conley_taber"]["high"].double, .converged))
    let number = Int(golden["conley_taber"]["n"].double)
    #expect(row.convention.hasPrefix("all \(number) choices"))
  }

  @Test(arguments: ["panel", "staggered", "cross"]) func fermanPinto(_ name: String) throws {
    let golden = try Golden.json("panels/few_sites.json")[name]["ferman_pinto"]
    let cells = try Self.cells(name)
    let count = cells.sizes.count
    let chosen = (0..<40).flatMap { draw in
      (0..<count).map { c in
        Int32((7 * draw * draw + 3 * c * c + draw * c + 5 * c) % 97 % count)
      }
    }
    for entry in golden.array {
      let null = entry["null"].double
      let variance = FermanPinto.VarianceFunction(cells, null: null)
      #expect(
        close(variance.values.map { $0 / variance.values[0] }, entry["variance"].doubles))
      let errors = FermanPinto().errors(cells, null: null, chosen)
      #expect(close(errors, entry["errors"].doubles, .converged))
      #expect(
        close(EqualTails(errors).p(cells.estimate - null), entry["p"].double, .closedForm))
    }
  }

  @Test(arguments: ["panel", "cross"]) func clusterNumbers(_ name: String) throws {
    let golden = try Golden.json("panels/few_sites.json")[name]
    let (sample, time) = try Self.sample(name)
    for row in SiteMeans().rows(sample, time: time) {
      let expected = golden[row.method.replacing("-", with: "_")]
      guard row.method == "cluster-t" || !(expected["adjusted"].double > 0) else {
        #expect(row.pValue == nil)
        #expect(row.note != nil)
        continue
      }
      #expect(close(row.estimate ?? .nan, expected["estimate"].double, .converged))
      #expect(close(row.standardError ?? .nan, expected["se"].double, .converged))
      #expect(row.degreesOfFreedom == expected["df"].double)
      #expect(close(row.pValue ?? .nan, expected["p"].double, .converged))
    }
  }

  @Test func changesOverDifferentTimesAreRefused() throws {
    let (sample, time) = try Self.sample("staggered")
    let rows = SiteMeans().rows(sample, time: time)
    #expect(rows.map(\.method) == ["ibragimov-muller", "cluster-t"])
    #expect(rows.allSatisfy { $0.pValue == nil && $0.note?.contains("2 different times") == true })
  }

  /// Means 11 and 34/3 … by hand: two against four clusters of one row.
  @Test func byHand() throws {
    var world = LaunchWorld(launch: [0, 0, nil, nil, nil, nil])
    world.outcome = [8, 12, 1, 3, 5, 7]
    let rows = SiteMeans().rows(try world.sample(covariate: false))
    // Means 10 and 4; variances 8 and 20/3.
    let error = (8.0 / 2 + 20.0 / 3 / 4).squareRoot()
    #expect(close(rows[0].estimate ?? .nan, 6, .closedForm))
    #expect(close(rows[0].standardError ?? .nan, error, .closedForm))
    #expect(rows[0].degreesOfFreedom == 1)
    let pooled = ((8.0 + 20) / 4 * (1.0 / 2 + 1.0 / 4)).squareRoot()
    #expect(close(rows[1].standardError ?? .nan, pooled, .closedForm))
    #expect(rows[1].degreesOfFreedom == 4)
  }

  /// A covariate of whole sites costs the regression of means a degree of freedom.
  @Test func covariatesOfWholeClusters() throws {
    var world = LaunchWorld(launch: [0, nil, 0, nil, nil, 0, nil], rows: 3, seed: 4)
    world.covariate = world.cluster.map { Double($0 * $0 % 5) }
    let rows = SiteMeans().rows(try world.sample())
    #expect(rows[0].pValue == nil)
    #expect(rows[1].degreesOfFreedom == 4)
    // Equal sizes: the estimate is the regression's own.
    let paths = world.treatment
    let whole = try world.regression(
      (0..<7).map { g in [paths[g * 3]] }, effects: false)
    #expect(close(rows[1].estimate ?? .nan, whole.estimate, .converged))
  }

  @Test func fermanPintoIntervalInverts() throws {
    let world = LaunchWorld(
      launch: (0..<14).map { $0 < 3 ? 2 : nil }, periods: 4, rows: 3, effect: 1, seed: 9)
    let sample = try world.sample(effects: true)
    let row = FermanPinto(level: 0.9, draws: 499).row(sample)
    let interval = try #require(row.interval)
    let step = 1e-6 * (interval.high - interval.low)
    for (end, inward) in [(interval.low, step), (interval.high, -step)] {
      #expect(FermanPinto(null: end + inward, draws: 499).row(sample).pValue ?? 0 > 0.1)
      #expect(FermanPinto(null: end - inward, draws: 499).row(sample).pValue ?? 1 <= 0.1)
    }
  }

  @Test func invariances() throws {
    let world = LaunchWorld(
      launch: (0..<11).map { $0 < 2 ? 2 : nil }, periods: 4, rows: 2, effect: 1, seed: 10)
    var stream = RandomStream(seed: 4, name: "order")
    let shuffled = world.reordered(stream.permutation(world.outcome.count))
    var scaled = world
    scaled.outcome = world.outcome.map { 50 + 4 * $0 }
    func rows(_ world: LaunchWorld) throws -> [FewClusterRow] {
      let sample = try world.sample(effects: true)
      return [
        ConleyTaber(level: 0.8).row(sample), FermanPinto(level: 0.8, draws: 199).row(sample),
      ] + SiteMeans().rows(sample)
    }
    let first = try rows(world)
    for (other, scale) in [(try rows(shuffled), 1.0), (try rows(scaled), 4.0)] {
      for (a, b) in zip(first, other) {
        #expect(close(a.pValue ?? .nan, b.pValue ?? .nan, .converged))
        #expect(close((a.interval?.low ?? .nan) * scale, b.interval?.low ?? .nan))
        #expect(close((a.interval?.high ?? .nan) * scale, b.interval?.high ?? .nan))
      }
    }
  }

  @Test func refusals() throws {
    let all = try LaunchWorld(launch: [1, 1, 2, 2], periods: 3).sample(effects: true)
    let dose = LaunchWorld(launch: [nil, 1, nil, 1, nil], periods: 3, rows: 2)
    var doubled = dose
    doubled.treatment = dose.treatment.map { 2 * $0 }
    for sample in [all, try doubled.sample(effects: true)] {
      let rows = [ConleyTaber().row(sample), FermanPinto(draws: 9).row(sample)]
      #expect((rows + SiteMeans().rows(sample)).allSatisfy { $0.pValue == nil && $0.note != nil })
    }
    // Too few choices for the level: every effect stays possible.
    let few = LaunchWorld(launch: [1, nil, nil, nil], periods: 3, rows: 2)
    let row = ConleyTaber().row(try few.sample(effects: true))
    #expect(row.interval?.low == -.infinity)
    #expect(row.pValue ?? 0 >= 0.5)
  }
}
