import LinearAlgebra
import TestSupport
import Testing

@testable import Statistics

@Suite struct RandomStreamTests {
  @Test func philoxGivesItsPublishedAnswers() {
    // The known-answer vectors that the authors publish with Random123.
    let ones = UInt32.max
    #expect(
      Philox.block(counter: (0, 0, 0, 0), key: (0, 0))
        == (0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8))
    #expect(
      Philox.block(counter: (ones, ones, ones, ones), key: (ones, ones))
        == (0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd))
    #expect(
      Philox.block(
        counter: (0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344),
        key: (0xa409_3822, 0x299f_31d0))
        == (0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1))
  }

  private func draws(_ stream: RandomStream, _ count: Int = 8) -> [UInt64] {
    var stream = stream
    return (0..<count).map { _ in stream.next() }
  }

  @Test func aStreamIsKnownByItsSeedNameAndIndex() {
    let base = RandomStream(seed: 1, name: "bootstrap", index: 3)
    #expect(draws(base) == draws(RandomStream(seed: 1, name: "bootstrap", index: 3)))
    let others = [
      RandomStream(seed: 2, name: "bootstrap", index: 3),
      RandomStream(seed: 1, name: "Bootstrap", index: 3),
      RandomStream(seed: 1, name: "bootstrap", index: 4), base.substream(0), base.substream(3),
      RandomStream(seed: 1, name: "bootstrap", index: 4).substream(0),
    ]
    let all = ([base] + others).map { draws($0) }
    #expect(Set(all).count == all.count)
    #expect(Set(all.flatMap { $0 }).count == 8 * all.count)
  }

  @Test func drawsAreThoseOfTheFirstRelease() {
    // Studies are reproduced from their seeds: these numbers may never change.
    var stream = RandomStream(seed: 20_240_101, name: "test", index: 7)
    let firstRelease: [UInt64] = [
      4_367_337_471_737_530_121, 10_913_319_514_604_716_675, 9_775_633_253_160_628_215,
    ]
    #expect([stream.next(), stream.next(), stream.next()] == firstRelease)
  }

  @Test func aSubstreamDoesNotDependOnWhatWasDrawn() {
    var stream = RandomStream(seed: 5, name: "x")
    let before = draws(stream.substream(2))
    _ = stream.normals(11)
    #expect(draws(stream.substream(2)) == before)
  }

  @Test func drawsDoNotDependOnThreads() {
    let drawn = [1, 2].map { threads in
      Parallel.setThreads(threads)
      return Parallel.mapBlocks(40) { block -> [Double] in
        var stream = RandomStream(seed: 9, name: "blocks", index: UInt64(block))
        return stream.normals(25)
      }
    }
    #expect(drawn[0] == drawn[1])
  }

  /// Mean and variance of many draws.
  private func moments(_ draw: (inout RandomStream) -> Double) -> (mean: Double, variance: Double) {
    var stream = RandomStream(seed: 11, name: "moments")
    let values = (0..<40_000).map { _ in draw(&stream) }
    let mean = values.reduce(0, +) / 40_000
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return (mean, squares / 40_000)
  }

  @Test func momentsAreRight() {
    // Bounds are about five standard errors of 40,000 draws.
    let uniform = moments { $0.uniform() }
    #expect((uniform.mean - 0.5).magnitude < 0.0075)
    #expect((uniform.variance - 1.0 / 12).magnitude < 0.002)
    for standard in [
      moments { $0.normal() }, moments { $0.rademacher() }, moments { $0.webb() },
      moments { $0.mammen() }, moments { $0.exponential() - 1 },
    ] {
      #expect(standard.mean.magnitude < 0.025)
      #expect((standard.variance - 1).magnitude < 0.075)
    }
    let third = moments {
      let value = $0.mammen()
      return value * value * value
    }
    #expect((third.mean - 1).magnitude < 0.06)
  }

  @Test func normalDrawsPassAKolmogorovTest() {
    var stream = RandomStream(seed: 4, name: "ks")
    let sorted = stream.normals(10_000).sorted()
    var distance = 0.0
    for (i, value) in sorted.enumerated() {
      let share = Normal.standard.lowerTail(value)
      distance = max(distance, (share - Double(i) / 10_000).magnitude)
    }
    #expect(distance < 0.0195)  // the 0.1% point is 1.95/√n
  }

  @Test func wholeNumbersAreEquallyLikely() {
    var stream = RandomStream(seed: 3, name: "integers")
    var counts = [Double](repeating: 0, count: 7)
    for _ in 0..<14_000 { counts[stream.integer(below: 7)] += 1 }
    let statistic = counts.reduce(0) { $0 + ($1 - 2000) * ($1 - 2000) / 2000 }
    #expect(ChiSquared(degreesOfFreedom: 6).upperTail(statistic) > 0.001)
    #expect((0..<100).allSatisfy { _ in stream.integer(below: 1) == 0 })
    // A bound above 2⁶² rejects often; the draw stays inside.
    let wide = (0..<100).map { _ in stream.integer(below: Int.max) }
    #expect(wide.allSatisfy { $0 >= 0 && $0 < Int.max } && wide.contains { $0 > Int.max / 2 })
  }

  @Test func everyOrderIsEquallyLikely() {
    var stream = RandomStream(seed: 8, name: "orders")
    var counts: [[Int]: Double] = [:]
    for _ in 0..<6000 { counts[stream.permutation(3), default: 0] += 1 }
    #expect(counts.count == 6)
    let statistic = counts.values.reduce(0) { $0 + ($1 - 1000) * ($1 - 1000) / 1000 }
    #expect(ChiSquared(degreesOfFreedom: 5).upperTail(statistic) > 0.001)
    let sample = stream.sample(30, of: 50)
    #expect(Set(sample).count == 30 && sample.allSatisfy { (0..<50).contains($0) })
    #expect(stream.sample(9, of: 4).sorted() == [0, 1, 2, 3])
    #expect(stream.resample(500, of: 3).allSatisfy { (0..<3).contains($0) })
  }

  @Test func uniformDrawsStayOpen() {
    var stream = RandomStream(seed: 0, name: "")
    let values = stream.uniforms(20_000)
    #expect(values.allSatisfy { $0 > 0 && $0 < 1 })
    #expect((Double(UInt64.max >> 12) + 0.5) * 0x1p-52 < 1)
  }
}
