import Statistics
import TestSupport
import Testing

@Suite struct PlannedClustersTests {
  @Test func meansByHand() throws {
    let plan = try PlannedClusters(
      treated: 5, comparison: 10, clusterSize: 20, standardDeviation: 2,
      intraclusterCorrelation: 0.05)
    // 4·(0.05 + 0.95/20)·(1/5 + 1/10) = 0.117.
    #expect(close(plan.standardError, 0.117.squareRoot(), .closedForm))
    #expect(plan.degreesOfFreedom == 13)
    // Quantiles of t(13) (R 4.2.2, qt at 0.975 and 0.8).
    #expect(
      close(
        try plan.detectable(MinimumDetectableEffect()),
        (2.160368656462792 + 0.870151533968174) * plan.standardError, .converged))
    #expect(close(try plan.smallestPValue().value, 1.0 / 3003, .closedForm))
  }

  @Test func changesByHand() throws {
    func plan(_ r: Double, _ before: Int, _ after: Int) throws -> PlannedClusters {
      try PlannedClusters(
        treated: 4, comparison: 4, clusterSize: 10, standardDeviation: 1,
        intraclusterCorrelation: 0.1,
        changes: PlannedClusters.Changes(before: before, after: after, autocorrelation: r))
    }
    // (0.1·0.2 + 0.9/10)·(1/2 + 1/4)·(1/4 + 1/4).
    #expect(close(try plan(0.8, 2, 4).standardError, (0.11 * 0.75 / 2).squareRoot(), .closedForm))
    // What stays the same leaves no trace; more periods help.
    #expect(close(try plan(1, 1, 1).standardError, (0.09 * 2 / 2).squareRoot(), .closedForm))
    #expect(try plan(0.8, 3, 4).standardError < plan(0.8, 2, 4).standardError)
  }

  @Test func badPlans() throws {
    func code(
      _ treated: Int, _ comparison: Int, _ size: Double, _ sd: Double, _ icc: Double,
      _ changes: PlannedClusters.Changes? = nil
    ) -> SiblingError.Code? {
      do throws(SiblingError) {
        _ = try PlannedClusters(
          treated: treated, comparison: comparison, clusterSize: size, standardDeviation: sd,
          intraclusterCorrelation: icc, changes: changes)
        return nil
      } catch { return error.code }
    }
    #expect(code(0, 3, 5, 1, 0) == .tooFewClusters)
    #expect(code(1, 1, 5, 1, 0) == .tooFewClusters)
    #expect(code(3, 3, 0, 1, 0) == .badValue)
    #expect(code(3, 3, 5, .nan, 0) == .badValue)
    #expect(code(3, 3, 5, 1, 1.5) == .badValue)
    #expect(code(3, 3, 5, 1, 0, PlannedClusters.Changes(before: 0)) == .badValue)
    #expect(code(3, 3, 5, 1, 0, PlannedClusters.Changes(autocorrelation: 2)) == .badValue)
    #expect(code(3, 3, 5, 1, 0.1) == nil)
  }
}
