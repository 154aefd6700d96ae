import LinearAlgebra
import Statistics
import TestSupport
import Testing

/// Golden values: the same formulas with scipy 1.x (`stats.f.sf`, `stats.t.sf`).
@Suite struct FewUnitsWaldTests {
  /// A test of uncorrelated coefficients with F = `f`.
  private func test(_ f: Double, _ count: Int) throws -> WaldTest {
    try WaldTest(
      terms: (0..<count).map { "x\($0)" },
      deviations: [Double](repeating: f.squareRoot(), count: count),
      covariance: Matrix(
        columns: (0..<count).map { place in (0..<count).map { $0 == place ? 1 : 0 } }),
      denominator: nil, convention: "")
  }

  @Test func agreesWithTheFormula() throws {
    let three = try test(2.5, 3)
    let (even, uneven) = (
      try #require(three.fewUnitsPValue(12, against: 12)),
      try #require(three.fewUnitsPValue(6, against: 18))
    )
    #expect(close(even, 0.11126658756282912, .converged))
    #expect(close(uneven, 0.21958176175462835, .converged))
    let blocks = try #require(try test(2.5, 9).fewUnitsPValue(20, against: 60, atOnce: 4))
    #expect(close(blocks, 0.045053974085914675, .converged))
  }

  @Test func oneCoefficientIsTheTTestOfUnlikeVariances() throws {
    let p = try #require(try test(4, 1).fewUnitsPValue(6, against: 18))
    #expect(close(p, 0.07799749905916945, .converged))
  }

  @Test func manyUnitsGiveTheUsualPValue() throws {
    let three = try test(2.5, 3)
    let p = try #require(three.fewUnitsPValue(1_000_000, against: 1_000_000))
    #expect((p - three.pValue).magnitude < 1e-5)
  }

  @Test func fewerUnitsNeverGiveASmallerPValue() throws {
    let three = try test(6, 3)
    let values = (4...60).compactMap { three.fewUnitsPValue($0, against: 60) }
    #expect(values.count > 40)
    #expect(zip(values, values.dropFirst()).allSatisfy { $0 >= $1 })
  }

  @Test func tooFewUnitsHaveNoTest() throws {
    let five = try test(2.5, 5)
    #expect(five.fewUnitsPValue(4, against: 20) == nil)
    #expect(five.fewUnitsPValue(1, against: 20) == nil)
    #expect(five.fewUnitsPValue(7, against: 7) != nil)
    #expect(try test(2.5, 6).fewUnitsPValue(6, against: 6) == nil)
  }
}
