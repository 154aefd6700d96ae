import Contracts
import Statistics
import TestSupport
import Testing

@Suite struct ThresholdHazardTests {
  private func factor(_ codes: [Int32]) -> Factor {
    Factor(codes: codes, levels: ["sib", "other"])
  }

  @Test("counts and time at risk by hand")
  func byHand() throws {
    // Threshold 13, width 2: after is [13, 15), around is [11, 13) and [15, 17).
    // 10: ends before the stretches. 11.5: around, 0.5 weeks. 13: an end right after, 2 weeks around.
    // 14: an end after, 2 around and 1 after. 20: no end seen within, 4 around and 2 after.
    // 16 censored: 3 around, 2 after, no end.
    let lengths = [10, 11.5, 13, 14, 20, 16]
    let ended = [true, true, true, true, true, false]
    let result = try ThresholdHazard().fit(
      weeks: lengths, ended: ended, arms: factor([0, 0, 0, 0, 0, 0]))
    let arm = result.arms[0]
    #expect(arm.jobs == 5)
    #expect(arm.endsAfter == 2)
    #expect(arm.endsAround == 1)
    #expect(arm.weeksAround == 11.5)
    #expect(arm.weeksAfter == 5)
    let odds = 5 / 11.5
    #expect(abs((arm.ratio ?? 0) - 2 / odds) < 1e-12)
    // P(X ≥ 2) of three at p = 5/16.5: 3p²(1 − p) + p³.
    let p = 5 / 16.5
    let tail = 3 * p * p * (1 - p) + p * p * p
    #expect(abs((arm.excessPValue ?? 0) - tail) < 1e-12)
    #expect(result.arms[1].jobs == 0)
    #expect(result.arms[1].ratio == nil)
    #expect(result.difference == nil)
  }

  @Test("interval agrees with R's poisson.test")
  func poissonTest() throws {
    // R 4.2: poisson.test(c(20, 15), c(100, 210)) and the same with alternative = "greater".
    // The lengths are made so that these are the ends and the weeks at risk.
    var lengths: [Double] = []
    var ended: [Bool] = []
    lengths += [Double](repeating: 14, count: 20)
    ended += [Bool](repeating: true, count: 20)
    lengths += [Double](repeating: 12, count: 15)
    ended += [Bool](repeating: true, count: 15)
    lengths += [Double](repeating: 15, count: 40)
    ended += [Bool](repeating: false, count: 40)
    lengths += [Double](repeating: 12, count: 75)
    ended += [Bool](repeating: false, count: 75)
    let arm = try ThresholdHazard().fit(
      weeks: lengths, ended: ended, arms: factor(lengths.map { _ in 0 })
    ).arms[0]
    #expect(arm.endsAfter == 20)
    #expect(arm.endsAround == 15)
    #expect(arm.weeksAfter == 100)
    #expect(arm.weeksAround == 210)
    #expect(abs((arm.ratio ?? 0) / 2.8 - 1) < 1e-12)
    #expect(abs((arm.interval?.low ?? 0) / 1.362666352386780 - 1) < 1e-8)
    #expect(abs((arm.interval?.high ?? 0) / 5.877897858574206 - 1) < 1e-8)
    #expect(abs((arm.excessPValue ?? 0) / 0.002076236084924323 - 1) < 1e-8)
  }

  @Test("jobs that end just after the threshold are found, smooth ends are not")
  func power() throws {
    var stream = RandomStream(seed: 4, name: "threshold")
    var flagged = [0, 0]
    for _ in 0..<200 {
      for world in 0..<2 {
        var lengths: [Double] = []
        for _ in 0..<400 {
          var length = 35 * stream.exponential()
          if world == 1, length > 15, length < 30, stream.uniform() < 0.4 {
            length = 13 + stream.uniform()
          }
          lengths.append(length)
        }
        let arm = try ThresholdHazard().fit(
          weeks: lengths, ended: lengths.map { _ in true }, arms: factor(lengths.map { _ in 0 })
        ).arms[0]
        if arm.excessPValue ?? 1 <= 0.05 { flagged[world] += 1 }
      }
    }
    #expect(flagged[0] <= 16)
    #expect(flagged[1] >= 190)
  }

  @Test("bad input is refused")
  func refusals() throws {
    #expect(throws: SiblingError.self) {
      try ThresholdHazard(threshold: 1, width: 2).fit(weeks: [1], ended: [true], arms: factor([0]))
    }
    #expect(throws: SiblingError.self) {
      try ThresholdHazard().fit(weeks: [-1], ended: [true], arms: factor([0]))
    }
    #expect(throws: SiblingError.self) {
      try ThresholdHazard().fit(weeks: [1, 2], ended: [true], arms: factor([0]))
    }
    let empty = try ThresholdHazard().fit(weeks: [], ended: [], arms: factor([]))
    #expect(empty.arms.allSatisfy { $0.ratio == nil && $0.excessPValue == nil })
  }
}
