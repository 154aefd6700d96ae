import LinearAlgebra
import Statistics
import TestSupport
import Testing

@Suite struct ClusterLeverageTests {
  @Test func leveragesAddUp() throws {
    let sample = try FewClusterData.made(clusters: 9, treated: 3, withWeights: true)
    let found = try ClusterLeverage(sample)
    #expect(close(found.leverage.reduce(0, +), 3, .converged))
    #expect(close(found.partialLeverage.reduce(0, +), 1, .converged))
    #expect(found.rows.reduce(0, +) == sample.rows)
    #expect(found.effectiveClusters > 1 && found.effectiveClusters < 9)
  }

  @Test func leavingOutIsRefitting() throws {
    let sample = try FewClusterData.made(clusters: 7, treated: 3, withWeights: true)
    let found = try ClusterLeverage(sample)
    for cluster in 0..<7 {
      let rows = (0..<sample.rows).filter { sample.clusters.codes[$0] != Int32(cluster) }
      let fit = try LeastSquares().fit(
        sample.design.selecting(rows: rows), response: rows.map { sample.outcome[$0] },
        weights: rows.map { sample.weights?[$0] ?? 1 })
      #expect(close(found.leaveOneOut[cluster] ?? .nan, fit.coefficients[1], .converged))
    }
  }

  /// With equal clusters and a treatment of whole clusters the numbers are known: every treated
  /// cluster has the share 1/(2a), every other 1/(2b).
  @Test func balancedClustersHaveClosedForms() throws {
    let codes = (0..<60).map { Int32($0 % 6) }
    let sample = try FewClusterSample(
      outcome: (0..<60).map { Double(($0 * 7) % 11) },
      design: DesignMatrix(
        matrix: Matrix(columns: [codes.map { _ in 1 }, codes.map { $0 < 2 ? 1 : 0 }]),
        names: ["(Intercept)", "d"]),
      term: 1, clusters: Factor(codes: codes, levels: (0..<6).map { "\($0)" }))
    let found = try ClusterLeverage(sample)
    let shares = [1.0 / 3, 1.0 / 3] + [Double](repeating: 1.0 / 12, count: 4)
    #expect(close(found.partialLeverage, shares, .closedForm))
    #expect(close(found.leverage, [0.5, 0.5, 0.25, 0.25, 0.25, 0.25], .closedForm))
    // 1/Σγ² for shares γ.
    #expect(close(found.effectiveClusters, 4, .closedForm))
    #expect(close(found.conservativeEffectiveClusters ?? .nan, 4, .closedForm))
  }

  @Test func clusterEffectsLeaveNoConservativeNumber() throws {
    let found = try ClusterLeverage(FewClusterData.grunfeld())
    #expect(found.conservativeEffectiveClusters == nil)
    #expect(found.effectiveClusters < 3)
  }
}
