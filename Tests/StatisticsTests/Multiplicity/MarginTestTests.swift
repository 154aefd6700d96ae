import LinearAlgebra
import Statistics
import TestSupport
import Testing

/// Closed forms by scipy 1.x (`stats.norm`, `stats.t`), and statsmodels' `ttost_ind`.
@Suite struct MarginTestTests {
  @Test func nonInferiorityByTheNormalLaw() throws {
    let test = try MarginTest(.above(-0.05))
    let found = try test.test(estimate: 0.02, standardError: 0.03)
    #expect(close(found.pValue, 0.009815328628645334, .closedForm))
    #expect(close(found.interval.low, -0.03879891953620162, .closedForm))
    #expect(close(found.interval.high, 0.07879891953620162, .closedForm))
    #expect(found.verdict == .holds && close(test.alpha, 0.025, .closedForm))
  }

  @Test func lowerIsBetter() throws {
    let found = try MarginTest(.below(0.1)).test(
      estimate: -0.01, standardError: 0.08, degreesOfFreedom: 9)
    #expect(close(found.pValue, 0.10119471563448934, .converged))
    #expect(found.verdict == .open)
    #expect(close(found.interval.high, -0.01 + 2.262157162798205 * 0.08, .converged))
  }

  @Test func twoOneSidedTests() throws {
    let test = try MarginTest(.within(-1, 1))
    let found = try test.test(estimate: 0.4, standardError: 0.25, degreesOfFreedom: 17)
    #expect(close(found.pValue, 0.014063243414872318, .converged))
    #expect(close(found.interval.low, -0.0349016815187681, .converged))
    #expect(close(found.interval.high, 0.8349016815187682, .converged))
    #expect(close(found.interval.level, 0.9, .closedForm) && found.verdict == .holds)
  }

  /// statsmodels 0.14: ttost_ind of eight and nine numbers with margins ±0.6, pooled variance.
  @Test func publishedImplementation() throws {
    let found = try MarginTest(.within(-0.6, 0.6)).test(
      estimate: 0.011111111111111072, standardError: 0.148919289323144, degreesOfFreedom: 15)
    #expect(close(found.pValue, 0.000636011757345034))
  }

  @Test(arguments: [0.9, 0.95, 0.99]) func pValueAndVerdictAreOne(_ level: Double) throws {
    for step in -40...40 {
      let estimate = Double(step) / 20
      for question in [MarginTest.Question.above(-0.5), .below(0.5), .within(-0.5, 0.75)] {
        let test = try MarginTest(question, level: level)
        let found = try test.test(estimate: estimate, standardError: 0.2, degreesOfFreedom: 12)
        #expect((found.pValue < test.alpha) == (found.verdict == .holds), "\(estimate) \(question)")
      }
    }
  }

  @Test func mirrored() throws {
    let one = try MarginTest(.above(-0.3)).test(estimate: 0.1, standardError: 0.2)
    let other = try MarginTest(.below(0.3)).test(estimate: -0.1, standardError: 0.2)
    #expect(one.pValue == other.pValue && one.verdict == other.verdict)
    let beyond = try MarginTest(.above(-0.3)).test(estimate: -2, standardError: 0.2)
    #expect(beyond.verdict == .fails && beyond.pValue > 0.999)
    #expect(try MarginTest(.within(-1, 1)).verdict(low: 1.1, high: 3) == .fails)
    // A limit at the margin decides nothing.
    #expect(try MarginTest(.above(-1)).verdict(low: -1, high: 3) == .open)
  }

  /// At the margin itself equivalence is claimed with the chance α at most, and about so with a small error.
  @Test func sizeAtTheMargin() throws {
    let test = try MarginTest(.within(-0.5, 0.5))
    let worlds = 4000
    let claims = Parallel.mapBlocks(worlds) { world -> Int in
      var stream = RandomStream(seed: 3, name: "margin", index: UInt64(world))
      let n = 20
      let values = stream.normals(n).map { 0.5 + 0.4 * $0 }
      let mean = values.reduce(0, +) / Double(n)
      let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(n - 1)
      let found = try? test.test(
        estimate: mean, standardError: (variance / Double(n)).squareRoot(),
        degreesOfFreedom: Double(n - 1))
      return found?.verdict == .holds ? 1 : 0
    }.reduce(0, +)
    let share = Double(claims) / Double(worlds)
    #expect((share - 0.05).magnitude < 0.0105, "\(share)")
  }

  @Test func badInput() {
    #expect(throws: SiblingError.self) { try MarginTest(.within(1, -1)) }
    #expect(throws: SiblingError.self) { try MarginTest(.above(.nan)) }
    #expect(throws: SiblingError.self) { try MarginTest(.above(0), level: 0.5) }
    #expect(throws: SiblingError.self) {
      try MarginTest(.above(0)).test(estimate: 1, standardError: 0)
    }
    #expect(throws: SiblingError.self) {
      try MarginTest(.above(0)).test(estimate: .infinity, standardError: 1)
    }
    #expect(throws: SiblingError.self) {
      try MarginTest(.above(0)).test(estimate: 1, standardError: 1, degreesOfFreedom: 0)
    }
  }
}
