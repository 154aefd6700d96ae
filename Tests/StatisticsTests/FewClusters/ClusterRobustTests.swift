import LinearAlgebra
import Statistics
import TestSupport
import Testing

@Suite struct ClusterRobustTests {
  @Test func grunfeldAgreesWithPublishedValues() throws {
    let rows = try ClusterRobustTable().rows(FewClusterData.grunfeld())
    for r in rows {
      print(
        r.method, r.convention, r.estimate ?? 0, r.standardError ?? 0, r.degreesOfFreedom ?? 0,
        r.pValue ?? 0)
    }
  }
  @Test func x() throws {
    for w in [false, true] {
      let rows = try ClusterRobustTable().rows(FewClusterData.made(withWeights: w))
      for r in rows {
        print(
          r.method, r.convention, r.estimate ?? 0, r.standardError ?? 0, r.degreesOfFreedom ?? 0,
          r.pValue ?? 0)
      }
      let s = try FewClusterData.made(withWeights: w)
      if w {
        for i in 0..<s.rows {
          print(
            "D", s.clusters.codes[i], s.outcome[i], s.design.matrix[i, 1], s.design.matrix[i, 2],
            s.weights?[i] ?? 1)
        }
      }
    }
  }
}
