import LinearAlgebra
import Statistics
import TestSupport

/// Samples that the tests of few-cluster inference share.
enum FewClusterData {
  /// Grunfeld's investment on capital with firm and year effects, clustered by firm.
  static func grunfeld() throws -> FewClusterSample {
    let csv = try Golden.csv("grunfeld.csv")
    let firm = Factor(csv["firm"] ?? [])
    return try FewClusterSample(
      outcome: Golden.numbers(csv["inv"]),
      design: DesignMatrix(
        matrix: Matrix(columns: [Golden.numbers(csv["capital"])]), names: ["capital"]),
      term: 0, clusters: firm, absorbed: [firm, Factor(csv["year"] ?? [])])
  }

  /// Made-up clusters of unequal sizes, treated in the first `treated`, by Philox streams.
  static func made(
    clusters: Int = 8, treated: Int = 3, seed: UInt64 = 7, effect: Double = 0.4,
    withWeights: Bool = false, size: Int = 4
  ) throws -> FewClusterSample {
    var stream = RandomStream(seed: seed, name: "few-cluster tests")
    var (codes, d, x, y, w): ([Int32], [Double], [Double], [Double], [Double]) = (
      [], [], [], [], []
    )
    for g in 0..<clusters {
      let shared = 0.5 * stream.normal()
      for _ in 0..<(size + (g * 5) % 7) {
        codes.append(Int32(g))
        d.append(g < treated ? 1 : 0)
        x.append(stream.normal() + shared)
        y.append(effect * (d.last ?? 0) + 0.3 * (x.last ?? 0) + shared + stream.normal())
        w.append(0.5 + 1.5 * stream.uniform())
      }
    }
    let one = [Double](repeating: 1, count: y.count)
    return try FewClusterSample(
      outcome: y,
      design: DesignMatrix(
        matrix: Matrix(columns: [one, d, x]), names: ["(Intercept)", "d", "x"]),
      term: 1, clusters: Factor(codes: codes, levels: (0..<clusters).map { "c\($0)" }),
      weights: withWeights ? w : nil)
  }

  /// The code of the error that a body throws.
  static func code(_ body: () throws(SiblingError) -> Void) -> SiblingError.Code? {
    do {
      try body()
      return nil
    } catch { return error.code }
  }
}
