import LinearAlgebra
import Statistics
import TestSupport
import Testing

@Suite struct WildBootstrapTests {
  typealias Variant = WildClusterBootstrap.Variant

  @Test func grunfeldAgreesWithPublishedValues() throws {
    let sample = try FewClusterData.grunfeld()
    for (null, strict, tied) in [(0.0, 252.0 / 1024, "0.248047"), (0.5, 76.0 / 1024, "0.0761719")] {
      let row = try WildClusterBootstrap(variants: [.restricted], null: null).rows(sample)[0]
      #expect(row.method == "WCR11")
      #expect(row.pValue == strict)
      #expect(row.convention.contains("Rademacher, all 2^10 weight vectors"))
      #expect(row.convention.hasSuffix("with ties it is \(tied)"))
      #expect(close(row.standardError ?? .nan, 0.06328129408981388))
      #expect(row.note == nil)
    }
  }

  @Test(arguments: Variant.all) func sixClustersAgreeWithTheDefinition(
    _ variant: Variant
  ) throws {
    for withWeights in [false, true] {
      let sample = try FewClusterData.made(
        clusters: 6, treated: 3, effect: 1, withWeights: withWeights)
      for null in [0, 0.3] {
        let row = try WildClusterBootstrap(
          variants: [variant], weights: .rademacher, null: null
        ).rows(sample)[0]
        let slow = try WildBruteForce(sample, variant).pValues(null: null)
        #expect(row.pValue == slow.strict)
        let shown = Double(row.convention.split(separator: " ").last ?? "") ?? .nan
        #expect((shown - slow.tied).magnitude < 1e-5)
      }
    }
  }

  @Test(arguments: [Variant.all[0], Variant.all[3], Variant.all[7]])
  func subclustersAgreeWithTheDefinition(_ variant: Variant) throws {
    let sample = try FewClusterData.made(clusters: 4, treated: 2, effect: 1)
    let halves = Factor(
      (0..<sample.rows).map { "\(sample.clusters.codes[$0]) \($0 % 2)" })
    let row = try WildClusterBootstrap(
      variants: [variant], weights: .rademacher, subclusters: halves
    ).rows(sample)[0]
    #expect(row.convention.contains("all 2^8 weight vectors"))
    let slow = try WildBruteForce(sample, variant, subclusters: halves).pValues(null: 0)
    #expect(row.pValue == slow.strict)
  }

  /// The p-value is above 0.05 just inside the ends of the set and at most 0.05 just outside.
  @Test(arguments: Variant.all) func confidenceSetsInvertTheTest(_ variant: Variant) throws {
    for sample in [
      try FewClusterData.made(clusters: 9, treated: 4, withWeights: true),
      try FewClusterData.grunfeld(),
    ] {
      for draws in [999, 2000] {
        func row(_ null: Double) throws -> FewClusterRow {
          try WildClusterBootstrap(
            variants: [variant], weights: .rademacher, draws: draws, null: null
          ).rows(sample)[0]
        }
        let found = try row(0)
        guard let interval = found.interval else {
          Issue.record("no confidence set")
          continue
        }
        let small = 1e-7 * (found.standardError ?? 0)
        #expect(try row(interval.low - small).pValue ?? 1 <= 0.05)
        #expect(try row(interval.low + small).pValue ?? 0 > 0.05)
        #expect(try row(interval.high - small).pValue ?? 0 > 0.05)
        #expect(try row(interval.high + small).pValue ?? 1 <= 0.05)
      }
    }
  }

  @Test func setsOfSeveralPiecesAreNamed() throws {
    let csv = try Golden.csv("grunfeld.csv")
    let columns = [
      (csv["firm"] ?? []).map { _ in 1 }, Golden.numbers(csv["capital"]),
      Golden.numbers(csv["value"]),
    ]
    let sample = try FewClusterSample(
      outcome: Golden.numbers(csv["inv"]),
      design: DesignMatrix(
        matrix: Matrix(columns: columns), names: ["(Intercept)", "capital", "value"]),
      term: 1, clusters: Factor(csv["firm"] ?? []))
    func row(_ null: Double) throws -> FewClusterRow {
      try WildClusterBootstrap(variants: [Variant.all[1]], null: null).rows(sample)[0]
    }
    let found = try row(0)
    #expect(
      found.note
        == "the confidence set has 2 pieces: 0.0104577 to 0.383794, 0.399241 to 1.12577")
    #expect(try row(0.39).pValue ?? 1 <= 0.05)
    #expect(try row(0.38).pValue ?? 0 > 0.05)
    #expect(try row(0.41).pValue ?? 0 > 0.05)
  }

  @Test func nullsShiftAndUnitsScale() throws {
    let sample = try FewClusterData.made(clusters: 10, treated: 4)
    let d = sample.design.matrix.column(1)
    let moved = try FewClusterSample(
      outcome: sample.outcome.indices.map { 100 * (sample.outcome[$0] - 0.7 * d[$0]) },
      design: sample.design, term: 1, clusters: sample.clusters)
    let here = try WildClusterBootstrap(null: 0.7).rows(sample)
    let there = try WildClusterBootstrap().rows(moved)
    for (a, b) in zip(here, there) {
      #expect(a.pValue == b.pValue)
      #expect(close(a.statistic ?? .nan, b.statistic ?? .nan))
      #expect(close(100 * ((a.interval?.low ?? .nan) - 0.7), b.interval?.low ?? .nan))
      #expect(close(100 * ((a.interval?.high ?? .nan) - 0.7), b.interval?.high ?? .nan))
    }
  }

  @Test func rowsAndLabelsMayComeInAnyOrder() throws {
    let sample = try FewClusterData.made(clusters: 9, treated: 4)
    let rows = Array((0..<sample.rows).reversed())
    let turned = try FewClusterSample(
      outcome: rows.map { sample.outcome[$0] }, design: sample.design.selecting(rows: rows),
      term: 1,
      clusters: Factor(
        rows.map { "site \((Int(sample.clusters.codes[$0]) * 7) % 9)" }))
    for (a, b) in zip(
      try WildClusterBootstrap().rows(sample), try WildClusterBootstrap().rows(turned))
    {
      #expect(a.pValue == b.pValue)
      #expect(close(a.interval?.low ?? .nan, b.interval?.low ?? .nan))
      #expect(close(a.interval?.high ?? .nan, b.interval?.high ?? .nan))
    }
  }

  @Test func weightsAreRepeatedRows() throws {
    let sample = try FewClusterData.made(clusters: 8, treated: 3)
    let twice = (0..<sample.rows).map { $0 % 3 == 0 ? 2 : 1 }
    let rows = (0..<sample.rows).flatMap { [Int](repeating: $0, count: twice[$0]) }
    let repeated = try FewClusterSample(
      outcome: rows.map { sample.outcome[$0] }, design: sample.design.selecting(rows: rows),
      term: 1, clusters: sample.clusters.selecting(rows))
    let weighted = try FewClusterSample(
      outcome: sample.outcome, design: sample.design, term: 1, clusters: sample.clusters,
      weights: twice.map { Double($0) })
    for (a, b) in zip(
      try WildClusterBootstrap().rows(repeated), try WildClusterBootstrap().rows(weighted))
    {
      #expect(a.pValue == b.pValue)
      #expect(close(a.interval?.low ?? .nan, b.interval?.low ?? .nan))
    }
  }

  @Test func absorbedEffectsAreColumns() throws {
    let sample = try FewClusterData.made(clusters: 8, treated: 3)
    let period = Factor((0..<sample.rows).map { "p\($0 % 3)" })
    let absorbed = try FewClusterSample(
      outcome: sample.outcome, design: sample.design, term: 1, clusters: sample.clusters,
      absorbed: [period])
    let dummies = (1...2).map { level in period.codes.map { $0 == level ? 1.0 : 0 } }
    let columns = (0..<3).map { sample.design.matrix.column($0) } + dummies
    let explicit = try FewClusterSample(
      outcome: sample.outcome,
      design: DesignMatrix(
        matrix: Matrix(columns: columns), names: ["(Intercept)", "d", "x", "p1", "p2"]),
      term: 1, clusters: sample.clusters)
    let pairs =
      zip(
        try WildClusterBootstrap().rows(absorbed) + ClusterRobustTable().rows(absorbed),
        try WildClusterBootstrap().rows(explicit) + ClusterRobustTable().rows(explicit))
    for (a, b) in pairs {
      #expect(close(a.pValue ?? .nan, b.pValue ?? .nan))
      #expect(close(a.standardError ?? .nan, b.standardError ?? .nan))
      #expect(close(a.interval?.low ?? .nan, b.interval?.low ?? .nan))
    }
  }

  @Test func drawsAreTheSameOnAnyNumberOfThreads() throws {
    let sample = try FewClusterData.made(clusters: 15, treated: 5)
    let many = try WildClusterBootstrap(draws: 1999, seed: 5).rows(sample)
    let threads = Parallel.threads
    Parallel.setThreads(1)
    defer { Parallel.setThreads(threads) }
    #expect(try WildClusterBootstrap(draws: 1999, seed: 5).rows(sample) == many)
    let other = try WildClusterBootstrap(draws: 1999, seed: 6).rows(sample)
    #expect(other.map(\.pValue) != many.map(\.pValue))
  }

  @Test func drawsComeNearTheirEnumeration() throws {
    let sample = try FewClusterData.made(clusters: 10, treated: 4)
    let exact = try WildClusterBootstrap(hasConfidenceSets: false).rows(sample)
    let drawn = try WildClusterBootstrap(draws: 1023, hasConfidenceSets: false).rows(sample)
    #expect(exact[0].convention.contains("all 2^10"))
    #expect(drawn[0].convention.contains("Rademacher, 1023 draws"))
    for (a, b) in zip(exact, drawn) {
      let p = a.pValue ?? .nan
      #expect(((b.pValue ?? .nan) - p).magnitude < 4 * (p * (1 - p) / 1023).squareRoot() + 1e-9)
      #expect(a.interval == nil)
    }
  }

  @Test func fewClustersTakeWebbWeights() throws {
    let few = try FewClusterData.made(clusters: 5, treated: 2)
    let row = try WildClusterBootstrap(variants: [.restricted]).rows(few)[0]
    #expect(row.convention.contains("Webb, all 6^5 weight vectors"))
    let seven = try FewClusterData.made(clusters: 7, treated: 3)
    let drawn = try WildClusterBootstrap(variants: [.restricted], draws: 99).rows(seven)[0]
    #expect(drawn.convention.contains("Webb, 99 draws"))
    let mammen = try WildClusterBootstrap(weights: .mammen, draws: 99).rows(seven)[0]
    #expect(mammen.convention.contains("Mammen, 99 draws"))
    #expect(WildClusterBootstrap.chosenWeights(clusters: 8) == .rademacher)
  }

  /// Weights that are equal within each arm leave no variance in what shifts with the null, so with
  /// very few clusters no null is far enough away.
  @Test func unboundedSetsSaySo() throws {
    let codes = (0..<24).map { Int32($0 % 4) }
    let d = codes.map { $0 < 2 ? 1.0 : 0 }
    let means: [Double] = [1, 1.001, 0, 2]
    let outcome = (0..<24).map { (row: Int) -> Double in
      means[row % 4] + (row / 4 % 2 == 0 ? 0 : 0.1)
    }
    let one = [Double](repeating: 1, count: 24)
    let sample = try FewClusterSample(
      outcome: outcome,
      design: DesignMatrix(
        matrix: Matrix(columns: [one, d]), names: ["(Intercept)", "d"]),
      term: 1, clusters: Factor(codes: codes, levels: ["a", "b", "c", "e"]))
    func row(_ level: Double, _ null: Double = 0) throws -> FewClusterRow {
      try WildClusterBootstrap(variants: [.restricted], null: null, level: level).rows(sample)[0]
    }
    let found = try row(0.997)
    #expect(found.interval?.low == -.infinity)
    #expect(found.interval?.high == .infinity)
    #expect(found.note?.contains("unbounded") == true)
    let far = try row(0.997, 1e6).pValue ?? .nan
    #expect(close(far, 6.0 / 1296, .closedForm))
    #expect(try row(0.995).interval?.high.isFinite == true)
  }
}
