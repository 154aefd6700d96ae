import LinearAlgebra
import Statistics
import TestSupport
import Testing

@Suite struct FewClusterRefusalTests {
  @Test func oneTreatedClusterHasNoBiasReducedError() throws {
    let sample = try FewClusterData.made(clusters: 9, treated: 1)
    let rows = try ClusterRobustTable().rows(sample)
    for row in rows {
      #expect(row.standardError == nil && row.pValue == nil && row.interval == nil)
      #expect(row.note?.contains("leverage is one") == true)
      #expect(row.estimate == rows[0].estimate)
    }
    for row in try WildClusterBootstrap(draws: 99).rows(sample) {
      if row.method.hasSuffix("3") {
        #expect(row.pValue == nil)
        #expect(row.note?.contains("leverage is one") == true)
      } else {
        #expect(row.pValue != nil)
        #expect(row.note?.contains("known to fail") == true)
      }
    }
    let leverage = try ClusterLeverage(sample)
    #expect(leverage.leaveOneOut.map { $0 == nil } == (0..<9).map { $0 == 0 })
    // The regression's table keeps the rows that can be judged.
    let fit = try LeastSquares().fit(sample.design, response: sample.outcome)
    for type in [ClusterType.cr2, .cr3] {
      let table = try fit.estimates(covariance: .cluster(type, [sample.clusters]))
      #expect(table.rows.map { $0.standardError == nil } == [false, true, false])
      #expect(table.notes.contains { $0.contains("leverage is one") })
    }
    let code = FewClusterData.code { () throws(SiblingError) in
      _ = try AbsorbedLeastSquares().fit(
        sample.design.selecting(columns: [1]), response: sample.outcome,
        absorbing: [Factor((0..<sample.rows).map { "\($0 % 2)" })]
      ).estimates(covariance: .cluster(.cr2, [sample.clusters]))
    }
    #expect(code == .badDesign)
  }

  @Test func twoClusterColumnsAreRefused() throws {
    let sample = try FewClusterData.made()
    let fit = try LeastSquares().fit(sample.design, response: sample.outcome)
    let other = Factor((0..<sample.rows).map { "\($0 % 5)" })
    for type in [ClusterType.cr2, .cr3] {
      let code = FewClusterData.code { () throws(SiblingError) in
        _ = try fit.covariance(.cluster(type, [sample.clusters, other]))
      }
      #expect(code == .invalidOption)
    }
  }

  @Test func settingsThatMakeNoSenseAreRefused() throws {
    let sample = try FewClusterData.made()
    let across = Factor((0..<sample.rows).map { "\($0 % 2)" })
    let settings: [(WildClusterBootstrap, SiblingError.Code)] = [
      (WildClusterBootstrap(draws: 0), .invalidOption),
      (WildClusterBootstrap(draws: .max), .invalidOption),
      (WildClusterBootstrap(null: .nan), .invalidOption),
      (WildClusterBootstrap(level: 1), .invalidOption),
      (WildClusterBootstrap(subclusters: across), .badDesign),
      (WildClusterBootstrap(subclusters: across.selecting([0, 1])), .sizeMismatch),
    ]
    for (bootstrap, expected) in settings {
      let code = FewClusterData.code { () throws(SiblingError) in _ = try bootstrap.rows(sample) }
      #expect(code == expected)
    }
    let code = FewClusterData.code { () throws(SiblingError) in
      _ = try ClusterRobustTable(null: .infinity).rows(sample)
    }
    #expect(code == .invalidOption)
    let many = try FewClusterData.made(clusters: 4001, treated: 2000, size: 1)
    let refused = FewClusterData.code { () throws(SiblingError) in
      _ = try WildClusterBootstrap(draws: 9).rows(many)
    }
    #expect(refused == .invalidOption)
  }

  @Test func explainedTermsAreRefused() throws {
    let sample = try FewClusterData.made()
    let absorbed = try FewClusterSample(
      outcome: sample.outcome, design: sample.design, term: 1, clusters: sample.clusters,
      absorbed: [sample.clusters])
    let intercept = try FewClusterSample(
      outcome: sample.outcome, design: sample.design, term: 0, clusters: sample.clusters,
      absorbed: [sample.clusters])
    for refused in [absorbed, intercept] {
      let table = FewClusterData.code { () throws(SiblingError) in
        _ = try ClusterRobustTable().rows(refused)
      }
      let wild = FewClusterData.code { () throws(SiblingError) in
        _ = try WildClusterBootstrap().rows(refused)
      }
      let leverage = FewClusterData.code { () throws(SiblingError) in
        _ = try ClusterLeverage(refused)
      }
      #expect([table, wild, leverage] == [.rankDeficient, .rankDeficient, .rankDeficient])
    }
  }

  @Test func aSingleClusterIsRefused() throws {
    let code = FewClusterData.code { () throws(SiblingError) in
      _ = try FewClusterSample(
        outcome: [1, 2, 3],
        design: DesignMatrix(
          matrix: Matrix(columns: [[1, 1, 1], [0, 1, 0]]), names: ["a", "b"]),
        term: 1, clusters: Factor(["x", "x", "x"]))
    }
    #expect(code == .tooFewClusters)
  }
}
