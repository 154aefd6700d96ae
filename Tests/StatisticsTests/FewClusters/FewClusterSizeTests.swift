import Glibc
import LinearAlgebra
import Statistics
import TestSupport
import Testing

/// How often true nulls are rejected at 5% with five treated of fifteen sites of unequal size and an
/// intraclass correlation of 0.05.
@Suite struct FewClusterSizeTests {
  private struct Rejections: Sendable {
    var normal = 0
    var student = 0
    var wild = [0, 0, 0, 0]
    var satterthwaite = 0
  }

  private static let sizes = [30, 14, 24, 18, 36, 22, 26, 12, 30, 24, 18, 25, 40, 20, 22]

  private func trial(_ index: Int) throws -> Rejections {
    var stream = RandomStream(seed: 2024, name: "few-cluster size", index: UInt64(index))
    var (codes, d, y): ([Int32], [Double], [Double]) = ([], [], [])
    for (site, size) in Self.sizes.enumerated() {
      let shared = 0.05.squareRoot() * stream.normal()
      for _ in 0..<size {
        codes.append(Int32(site))
        d.append(site < 5 ? 1 : 0)
        y.append(shared + 0.95.squareRoot() * stream.normal())
      }
    }
    let sample = try FewClusterSample(
      outcome: y,
      design: DesignMatrix(
        matrix: Matrix(columns: [y.map { _ in 1 }, d]), names: ["(Intercept)", "d"]),
      term: 1,
      clusters: Factor(codes: codes, levels: (0..<15).map { "site \($0)" }))
    let table = try ClusterRobustTable().rows(sample)
    let wild = try WildClusterBootstrap(
      variants: Array(WildClusterBootstrap.Variant.all[0..<4]), draws: 399, seed: UInt64(index),
      hasConfidenceSets: false
    ).rows(sample)
    func rejects(_ p: Double?) -> Int { (p ?? 1) < 0.05 ? 1 : 0 }
    let z = table[1].statistic ?? 0
    return Rejections(
      normal: z.magnitude > 1.959963984540054 ? 1 : 0, student: rejects(table[1].pValue),
      wild: wild.map { rejects($0.pValue) }, satterthwaite: rejects(table[2].pValue))
  }

  @Test func theRestrictedBootstrapKeepsItsSize() throws {
    let trials = 1000
    var total = Rejections()
    for index in 0..<trials {
      let found = try trial(index)
      total.normal += found.normal
      total.student += found.student
      for place in 0..<4 { total.wild[place] += found.wild[place] }
      total.satterthwaite += found.satterthwaite
    }
    // Three Monte-Carlo standard errors about 5%.
    let error = 3 * (0.05 * 0.95 / Double(trials)).squareRoot()
    for count in total.wild {
      #expect((Double(count) / Double(trials) - 0.05).magnitude < error)
    }
    #expect(Double(total.satterthwaite) / Double(trials) < 0.05 + error)
    #expect(Double(total.student) / Double(trials) > 0.05 + error)
    #expect(Double(total.normal) / Double(trials) > 0.05 + 2 * error)
  }
}
