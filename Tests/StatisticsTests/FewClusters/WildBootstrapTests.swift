import LinearAlgebra
import Statistics
import TestSupport
import Testing

@Suite struct WildBootstrapTests {
  @Test func grunfeldAgreesWithPublishedValues() throws {
    for null in [0, 0.5] {
      let rows = try WildClusterBootstrap(null: null).rows(FewClusterData.grunfeld())
      for r in rows {
        print(
          r.method, r.convention, r.standardError ?? 0, r.statistic ?? 0, r.pValue ?? 0,
          r.interval ?? "", r.note ?? "")
      }
    }
  }
}
