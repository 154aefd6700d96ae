import LinearAlgebra
import Statistics
import TestSupport
import Testing

@Suite struct StepDownTests {
  /// The same recipe in numpy, the p-values there by a plain double loop over what is left at each step.
  @Test func agreesWithAnIndependentLoop() throws {
    var draws: [[Double]] = []
    for b in 0..<199 {
      draws.append(
        (0..<4).map { j -> Double in
          let number: Int = (b * 37 + 11) * (j + 3) * 7919 % 1009
          return Double(number) / 1009 * 3.2
        })
    }
    let found = try StepDownAdjustment(observed: [2.9, -2.2, 1.4, 2.6], draws: draws)
    #expect(close(found.raw, [0.095, 0.315, 0.58, 0.18], .closedForm))
    #expect(close(found.adjusted, [0.27, 0.515, 0.58, 0.46], .closedForm))
  }

  @Test func aloneItIsTheShare() throws {
    let draws = [[1.0], [2], [-3], [.nan]]
    let listed = try StepDownAdjustment(observed: [2], draws: draws, isExact: true)
    #expect(listed.raw == [0.75] && listed.adjusted == [0.75])
    let drawn = try StepDownAdjustment(observed: [2], draws: draws)
    #expect(drawn.raw == [0.8])
  }

  @Test func sameHypothesisTwiceCostsNothing() throws {
    var stream = RandomStream(seed: 2, name: "twice")
    let draws = (0..<500).map { _ in
      let value = stream.normal()
      return [value, value, -value]
    }
    let found = try StepDownAdjustment(observed: [2, 2, -2], draws: draws)
    #expect(found.adjusted == found.raw)
    // Holm can't know that.
    #expect((HolmAdjustment.adjusted(found.raw.map { $0 })[0] ?? 0) > 2.5 * found.raw[0])
  }

  @Test func neverBelowTheRawAndInOrder() throws {
    for seed in 1...20 {
      var stream = RandomStream(seed: UInt64(seed), name: "order")
      let observed = stream.normals(5).map { $0 * 1.5 }
      // Every hypothesis has the same law, in an order of its own.
      let base = stream.normals(200)
      let orders = (0..<5).map { _ in stream.permutation(200) }
      let draws = (0..<200).map { draw in orders.map { base[$0[draw]] } }
      let found = try StepDownAdjustment(observed: observed, draws: draws)
      #expect(zip(found.adjusted, found.raw).allSatisfy { $0 >= $1 })
      let order = observed.indices.sorted { observed[$0].magnitude > observed[$1].magnitude }
      let sorted = order.map { found.adjusted[$0] }
      #expect(zip(sorted, sorted.dropFirst()).allSatisfy { $0 <= $1 })
      // Holm allows for the worst dependence, so that it never asks less.
      let holm = HolmAdjustment.adjusted(found.raw.map { $0 })
      #expect(zip(found.adjusted, holm).allSatisfy { $0 <= ($1 ?? 0) + 1e-12 })
    }
  }

  @Test func badInput() {
    #expect(throws: SiblingError.self) { try StepDownAdjustment(observed: [1], draws: []) }
    #expect(throws: SiblingError.self) { try StepDownAdjustment(observed: [1], draws: [[1, 2]]) }
    #expect(throws: SiblingError.self) { try StepDownAdjustment(observed: [.nan], draws: [[1]]) }
    #expect(throws: SiblingError.self) { try SignFlips(draws: 0).statistics([[1]]) }
    #expect(throws: SiblingError.self) { try SignFlips().statistics([[1, 2], [1]]) }
    #expect(throws: SiblingError.self) { try SignFlips().statistics([[0, 0]]) }
    #expect(throws: SiblingError.self) { try SignFlips().statistics([[.nan, 0]]) }
  }
}

@Suite struct SignFlipTests {
  @Test func keepSizeAndDependence() throws {
    var stream = RandomStream(seed: 8, name: "flips")
    let first = stream.normals(300)
    let second = first.map { 0.8 * $0 + 0.6 * stream.normal() }
    let drawn = try SignFlips(draws: 4000, seed: 5).statistics([first, second])
    func product(_ i: Int, _ j: Int) -> Double {
      drawn.reduce(0) { $0 + $1[i] * $1[j] } / Double(drawn.count)
    }
    let size = { (x: [Double]) in x.reduce(0) { $0 + $1 * $1 }.squareRoot() }
    let correlation =
      zip(first, second).reduce(0) { $0 + $1.0 * $1.1 } / (size(first) * size(second))
    // Four standard errors of a share of 4,000 draws.
    #expect((product(0, 0) - 1).magnitude < 0.09)
    #expect((product(0, 1) - correlation).magnitude < 0.09)
  }

  @Test func sameOnAnyNumberOfThreads() throws {
    var stream = RandomStream(seed: 8, name: "threads")
    let columns = [stream.normals(50), stream.normals(50)]
    let before = Parallel.threads
    defer { Parallel.setThreads(before) }
    Parallel.setThreads(1)
    let one = try SignFlips(draws: 300, seed: 1).statistics(columns)
    Parallel.setThreads(3)
    #expect(try SignFlips(draws: 300, seed: 1).statistics(columns) == one)
  }

  /// Four correlated outcomes of 60 people without any effect: the chance that one of the adjusted p-values
  /// is at most 0.05 must be near that, and that of the raw ones is far above.
  @Test func familyWiseErrorIsKept() throws {
    let worlds = 400
    let found = Parallel.mapBlocks(worlds) { world -> (raw: Bool, adjusted: Bool) in
      var stream = RandomStream(seed: 77, name: "family", index: UInt64(world))
      let n = 60
      var columns = [[Double]](repeating: [], count: 4)
      for _ in 0..<n {
        let common = stream.normal()
        for j in 0..<4 { columns[j].append(0.7 * common + 0.7 * stream.normal()) }
      }
      // The influence of a mean, and its t statistic.
      var statistics: [Double] = []
      var influence: [[Double]] = []
      for column in columns {
        let mean = column.reduce(0, +) / Double(n)
        let psi = column.map { ($0 - mean) / Double(n) }
        statistics.append(mean / psi.reduce(0) { $0 + $1 * $1 }.squareRoot())
        influence.append(psi)
      }
      guard let draws = try? SignFlips(draws: 199, seed: UInt64(world)).statistics(influence),
        let step = try? StepDownAdjustment(observed: statistics, draws: draws)
      else { return (true, true) }
      return (step.raw.contains { $0 <= 0.05 }, step.adjusted.contains { $0 <= 0.05 })
    }
    let raw = Double(found.count { $0.raw }) / Double(worlds)
    let adjusted = Double(found.count { $0.adjusted }) / Double(worlds)
    // Within three standard errors of 5%, 60 people being few for a normal law.
    #expect(adjusted < 0.05 + 0.035 && adjusted > 0.02, "\(adjusted)")
    #expect(raw > 0.09, "\(raw)")
  }
}

@Suite struct JointExchangeTests {
  private func samples(_ effects: [Double]) throws -> [FewClusterSample] {
    try effects.enumerated().map { index, effect in
      try LaunchWorld(
        launch: [0, nil, 0, nil, nil, 0, nil, nil], rows: 12, effect: effect,
        seed: UInt64(index + 1)
      ).sample(covariate: false)
    }
  }

  @Test func byItselfEachIsTheTestThatLeads() throws {
    let all = try samples([1.2, 0, 0.4])
    let joint = try JointExchange().test(all)
    #expect(joint.isExact && joint.exchangedStatistics.count == 56)
    let step = try StepDownAdjustment(
      observed: joint.statistics, draws: joint.exchangedStatistics, isExact: joint.isExact)
    for (place, sample) in all.enumerated() {
      let alone = try RandomizationInference().test(sample)
      #expect(close(joint.estimates[place], alone.estimate, .closedForm))
      #expect(step.raw[place] == alone.tPValue)
      #expect(step.adjusted[place] >= step.raw[place])
    }
  }

  @Test func drawnExchangesAreTheSameToo() throws {
    let all = try samples([0.6, 0])
    let joint = try JointExchange(draws: 40, limit: 40, seed: 9).test(all)
    #expect(!joint.isExact && joint.exchangedEstimates.count == 40)
    var alone = RandomizationInference(draws: 40, limit: 1, seed: 9)
    alone.limit = 40
    let step = try StepDownAdjustment(observed: joint.statistics, draws: joint.exchangedStatistics)
    #expect(try step.raw[0] == alone.test(all[0]).tPValue)
  }

  @Test func fewerClustersTakeTheirPart() throws {
    let one = try samples([0.3])
    let other = try LaunchWorld(launch: [0, nil, 0, nil], rows: 12).sample(covariate: false)
    let joint = try JointExchange().test(one + [other])
    #expect(joint.exchangedEstimates.count == 56)
    // Of the ways to place three treated among eight clusters, four put none of them among the first
    // four, which are those of the second sample: it has no estimate then.
    let undefined = joint.exchangedEstimates.count { $0[1].isNaN }
    #expect(undefined == 4)
    #expect(joint.exchangedEstimates.allSatisfy { !$0[0].isNaN })
    #expect(
      close(joint.estimates[1], try RandomizationInference().test(other).estimate, .closedForm))
  }

  @Test func otherTreatedClustersAreRefused() throws {
    let one = try samples([0])
    let treated = try LaunchWorld(launch: [0, 0, 0, nil, nil, nil, nil, nil], rows: 12)
      .sample(covariate: false)
    #expect(throws: SiblingError.self) { try JointExchange().test(one + [treated]) }
    #expect(try JointExchange().test([]).estimates.isEmpty)
  }
}
