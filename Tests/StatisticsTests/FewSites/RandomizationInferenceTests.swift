import LinearAlgebra
import Statistics
import TestSupport
import Testing

@Suite struct RandomizationInferenceTests {
  /// Both tests against regressions run one assignment at a time.
  static func check(
    _ world: LaunchWorld, effects: Bool, null: Double, time: Bool
  ) throws {
    let all = world.assignments()
    let result = try RandomizationInference(null: null).test(
      try world.sample(effects: effects), time: time ? world.periods : nil)
    #expect(result.isExact)
    #expect(result.used == all.count)
    let observed = try world.regression(
      try #require(world.observedPaths), effects: effects, null: null)
    let draws = try all.map { try world.regression($0, effects: effects, null: null) }
    let bars = (
      observed.estimate.magnitude - 1e-10, (observed.estimate / observed.error).magnitude - 1e-9
    )
    let coefficients = draws.count { $0.estimate.magnitude >= bars.0 }
    let ts = draws.count { ($0.estimate / $0.error).magnitude >= bars.1 }
    #expect(close(result.estimate - null, observed.estimate, .converged))
    #expect(close(result.standardError, observed.error, .converged))
    #expect(result.coefficientPValue == Double(coefficients) / Double(all.count))
    #expect(result.tPValue == Double(ts) / Double(all.count))
  }

  @Test(arguments: [0, 0.4]) func staggeredLaunchesAgreeWithEnumeration(_ null: Double) throws {
    // 6!/(3! 2! 1!) = 60 assignments of three paths.
    let world = LaunchWorld(
      launch: [nil, 2, nil, 3, 2, nil], periods: 5, rows: 3, effect: 0.6, seed: 3)
    try Self.check(world, effects: true, null: null, time: true)
    try Self.check(world, effects: true, null: null, time: false)
    try Self.check(world, effects: false, null: null, time: true)
  }

  @Test(arguments: [0, -0.3]) func crossSectionAgreesWithEnumeration(_ null: Double) throws {
    let world = LaunchWorld(
      launch: [0, nil, nil, 0, nil, 0, nil], rows: 9, effect: 1, seed: 5)
    try Self.check(world, effects: false, null: null, time: false)
  }

  @Test func weightsAgreeWithEnumeration() throws {
    var world = LaunchWorld(
      launch: [nil, 1, nil, 1, 2, nil], periods: 4, rows: 4, effect: 0.5, seed: 8)
    world.weights = world.outcome.indices.map { 0.5 + Double($0 % 5) / 3 }
    try Self.check(world, effects: true, null: 0, time: true)
    try Self.check(world, effects: false, null: 0, time: true)
  }

  /// Six means without covariates: the extreme assignment and its mirror image, 2 of 20.
  @Test func byHand() throws {
    var world = LaunchWorld(launch: [nil, nil, nil, 0, 0, 0])
    world.outcome = [1, 2, 3, 10, 11, 13]
    let result = try RandomizationInference(level: 0.9).test(try world.sample(covariate: false))
    #expect(result.used == 20)
    #expect(result.coefficientPValue == 0.1)
    #expect(close(result.estimate, 34.0 / 3 - 2, .closedForm))
    // At 90% only p above 0.1 stays: the interval ends where a third assignment ties.
    let high = result.coefficientInterval.high
    let low = result.coefficientInterval.low
    // That happens when the lowest treated outcome, less the effect, equals the highest comparison,
    // and when the highest treated equals the lowest comparison.
    #expect(close(low, 10 - 3, .closedForm))
    #expect(close(high, 13 - 1, .closedForm))
  }

  @Test func intervalIsWhereTheTestStops() throws {
    let world = LaunchWorld(
      launch: [nil, 2, nil, 3, 2, nil, 3, nil], periods: 4, rows: 2, effect: 0.7, seed: 11)
    let sample = try world.sample(effects: true)
    let result = try RandomizationInference(level: 0.9).test(sample)
    func p(_ null: Double) throws -> (Double, Double) {
      let at = try RandomizationInference(null: null).test(sample)
      return (at.coefficientPValue, try #require(at.tPValue))
    }
    let step = 1e-6 * result.standardError
    let coefficient = result.coefficientInterval
    #expect(try p(coefficient.high - step).0 > 0.1)
    #expect(try p(coefficient.high + step).0 <= 0.1)
    #expect(try p(coefficient.low + step).0 > 0.1)
    #expect(try p(coefficient.low - step).0 <= 0.1)
    let t = try #require(result.tInterval)
    #expect(try p(t.high - step).1 > 0.1)
    #expect(try p(t.high + step).1 <= 0.1)
    #expect(try p(t.low + step).1 > 0.1)
    #expect(try p(t.low - step).1 <= 0.1)
  }

  /// With three against three no p can pass 5%, so every effect stays possible.
  @Test func unattainableLevelGivesTheWholeLine() throws {
    let world = LaunchWorld(launch: [0, 0, 0, nil, nil, nil], rows: 5, effect: 9)
    let result = try RandomizationInference().test(try world.sample())
    #expect(result.coefficientInterval.low == -.infinity)
    #expect(result.coefficientInterval.high == .infinity)
  }

  @Test func publishedMinima() throws {
    for (each, value) in [(3, 0.1), (4, 2.0 / 70), (5, 2.0 / 252)] {
      var world = LaunchWorld(
        launch: [Int?](repeating: 0, count: each) + [Int?](repeating: nil, count: each))
      world.outcome = world.treatment.indices.map { 100 * world.treatment[$0] + Double($0) }
      let sample = try world.sample(covariate: false)
      let result = try RandomizationInference().test(sample)
      #expect(close(result.coefficientPValue, value, .closedForm))
      #expect(close(try LaunchPaths(sample).attainable.value, value, .closedForm))
    }
  }

  /// Staggered launches have no mirror image: one assignment of the 60 can stand alone.
  @Test func staggeredMinimum() throws {
    let world = LaunchWorld(launch: [nil, 2, nil, 3, 2, nil], periods: 5)
    let launches = try LaunchPaths(try world.sample(effects: true))
    #expect(launches.assignments == 60)
    #expect(close(launches.attainable.value, 1.0 / 60, .closedForm))
    #expect(launches.periods == ["level0", "level1", "level2", "level3", "level4"])
    #expect(launches.treatedClusters == [1, 3, 4])
  }

  @Test func drawsCountTheObserved() throws {
    let world = LaunchWorld(
      launch: (0..<16).map { $0 < 5 ? 0 : nil }, rows: 6, effect: 3, seed: 2)
    let sample = try world.sample()
    let drawn = try RandomizationInference(draws: 199, limit: 10).test(sample)
    let listed = try RandomizationInference().test(sample)
    #expect(!drawn.isExact)
    #expect(drawn.used == 199)
    #expect(listed.used == 4368)
    let whole = drawn.coefficientPValue * 200
    #expect(close(whole, whole.rounded(), .closedForm))
    let error = (listed.coefficientPValue * (1 - listed.coefficientPValue) / 199).squareRoot()
    #expect((drawn.coefficientPValue - listed.coefficientPValue).magnitude < 4 * error + 0.006)
    #expect(try RandomizationInference(draws: 199, limit: 10).test(sample) == drawn)
    #expect(
      try RandomizationInference(draws: 199, limit: 10, seed: 2).test(sample).coefficientInterval
        != drawn.coefficientInterval)
  }
}

@Suite struct RandomizationInferenceProperties {
  private let world = LaunchWorld(
    launch: [nil, 2, nil, 3, 2, nil], periods: 5, rows: 3, effect: 0.6, seed: 21)

  private func result(_ world: LaunchWorld) throws -> RandomizationInference.Result {
    try RandomizationInference(level: 0.8).test(
      try world.sample(effects: true), time: world.periods)
  }

  private func same(
    _ a: RandomizationInference.Result, _ b: RandomizationInference.Result, scale: Double = 1
  ) throws {
    #expect(a.coefficientPValue == b.coefficientPValue)
    #expect(a.tPValue == b.tPValue)
    #expect(close(a.estimate * scale, b.estimate, .converged))
    #expect(close(a.standardError * scale, b.standardError, .converged))
    let (s, t) = (try #require(a.tInterval), try #require(b.tInterval))
    #expect(close(a.coefficientInterval.low * scale, b.coefficientInterval.low))
    #expect(close(a.coefficientInterval.high * scale, b.coefficientInterval.high))
    #expect(close(s.low * scale, t.low, .stopsEarly))
    #expect(close(s.high * scale, t.high, .stopsEarly))
  }

  @Test func rowOrderDoesNotMatter() throws {
    var stream = RandomStream(seed: 4, name: "order")
    let order = stream.permutation(world.outcome.count)
    try same(try result(world), try result(world.reordered(order)))
  }

  @Test func clusterNamesDoNotMatter() throws {
    var other = world
    other.cluster = world.cluster.map { ($0 * 5 + 2) % 6 }
    try same(try result(world), try result(other))
  }

  @Test func shiftAndScale() throws {
    var other = world
    other.outcome = world.outcome.map { 1000 - 8 * $0 }
    let (a, b) = (try result(world), try result(other))
    #expect(a.coefficientPValue == b.coefficientPValue)
    #expect(a.tPValue == b.tPValue)
    #expect(close(a.coefficientInterval.low * -8, b.coefficientInterval.high))
    other.outcome = world.outcome.map { 1000 + 8 * $0 }
    try same(a, try result(other), scale: 8)
  }

  @Test func repeatedRowsAreWeights() throws {
    var weighted = world
    weighted.weights = world.outcome.indices.map { Double(1 + $0 % 3) }
    let rows = world.outcome.indices.flatMap { [Int](repeating: $0, count: 1 + $0 % 3) }
    let (a, b) = (try result(weighted), try result(world.reordered(rows)))
    #expect(close(a.estimate, b.estimate, .converged))
    #expect(a.coefficientPValue == b.coefficientPValue)
    #expect(a.tPValue == b.tPValue)
  }

  @Test func threadsDoNotMatter() throws {
    let before = Parallel.threads
    defer { Parallel.setThreads(before) }
    let many = LaunchWorld(
      launch: (0..<14).map { $0 % 3 == 0 ? $0 % 4 : nil }, periods: 5, rows: 2, seed: 6)
    let sample = try many.sample(effects: true)
    Parallel.setThreads(1)
    let one = try RandomizationInference(draws: 3000, limit: 100).test(sample)
    Parallel.setThreads(7)
    #expect(try RandomizationInference(draws: 3000, limit: 100).test(sample) == one)
  }
}

@Suite struct LaunchRefusals {
  private func code(_ body: () throws(SiblingError) -> Void) -> SiblingError.Code? {
    do throws(SiblingError) { try body() } catch { return error.code }
    return nil
  }

  @Test func treatmentOfPeopleIsNoLaunch() throws {
    var world = LaunchWorld(launch: [0, nil, 0, nil], rows: 4)
    world.treatment[1] = 0
    let sample = try world.sample()
    #expect(code { () throws(SiblingError) in _ = try LaunchPaths(sample) } == .badDesign)
    let rows = RandomizationInference().rows(sample)
    #expect(rows.map(\.method) == ["RI-coefficient", "RI-t"])
    #expect(rows.allSatisfy { $0.pValue == nil && $0.note?.contains("launch") == true })
  }

  @Test func allAlike() throws {
    let sample = try LaunchWorld(launch: [1, 1, 1], periods: 3).sample()
    #expect(
      code { () throws(SiblingError) in _ = try RandomizationInference().test(sample) } != nil)
    let world = LaunchWorld(launch: [1, 1, 1], periods: 3)
    let time = world.periods
    #expect(
      code { () throws(SiblingError) in _ = try LaunchPaths(sample, time: time) }
        == .constantTreatment)
  }

  @Test func explainedTreatment() throws {
    // A covariate that is the treatment itself.
    var world = LaunchWorld(launch: [0, nil, 0, nil], rows: 4)
    world.covariate = world.treatment
    let sample = try world.sample()
    #expect(
      code { () throws(SiblingError) in _ = try RandomizationInference().test(sample) }
        == .rankDeficient)
  }

  @Test func wrongPeriods() throws {
    let world = LaunchWorld(launch: [1, nil, 2, nil], periods: 3)
    let sample = try world.sample()
    let short = Factor(codes: [0], levels: ["a"])
    #expect(
      code { () throws(SiblingError) in _ = try LaunchPaths(sample, time: short) }
        == .sizeMismatch)
    #expect(
      code { () throws(SiblingError) in
        _ = try RandomizationInference(draws: 0).test(sample, time: world.periods)
      } == .invalidOption)
  }

  /// A cluster without rows in a period takes its neighbour's value, and the number is told.
  @Test func gapsAreFilled() throws {
    let world = LaunchWorld(launch: [1, nil, 2, nil], periods: 3)
    let kept = world.outcome.indices.filter { $0 != 1 && $0 != 4 }
    let gappy = world.reordered(kept)
    let launches = try LaunchPaths(try gappy.sample(), time: gappy.periods)
    #expect(launches.filledCells == 2)
    #expect(launches.paths.count == 2)
    #expect(ConleyTaber().row(try gappy.sample(), time: gappy.periods).note != nil)
  }
}
