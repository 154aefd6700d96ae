import DifferenceInDifferences
import LinearAlgebra
import Statistics
import TestSupport
import Testing

/// Repeated cross-sections, unbalanced panels, weights and clusters against peers.
@Suite struct GroupTimeRowsTests {
  private static let estimators: [(name: String, value: AdjustmentEstimator)] = [
    ("dr", .doublyRobust), ("reg", .outcomeRegression), ("ipw", .standardizedInverseProbability),
  ]

  /// Everything of a panel and its fit.
  private func fit(
    _ data: Datasets.Long, rows: [Int]? = nil, crossSections: Bool = false,
    sampling: GroupTimeEffects.Sampling = .completeUnits, covariates: Bool = false,
    weights: Bool = false, clusters: Bool = false,
    _ change: (inout GroupTimeEffects) -> Void = { _ in }
  ) throws -> GroupTimeResult {
    let rows = rows ?? Array(data.time.indices)
    let unit = data.unit.selecting(rows)
    let time = rows.map { data.time[$0] }
    let group = rows.map { data.group[$0] }
    let panel =
      crossSections
      ? try PanelDesign(crossSections: time, group: group)
      : try PanelDesign(unit: unit, time: time, group: group)
    var effects = GroupTimeEffects()
    effects.sampling = crossSections ? .crossSections : sampling
    change(&effects)
    let county = rows.map { Int(data.unit.levels[Int(data.unit.codes[$0])]) ?? 0 }
    return try effects.fit(
      panel, outcome: rows.map { data.outcome[$0] },
      covariates: covariates
        ? DesignMatrix(
          matrix: Matrix(columns: [rows.map { data.covariate[$0] }]), names: ["lpop"]) : nil,
      weights: weights ? county.map { Double(1 + $0 % 3) } : nil,
      clusters: clusters ? Factor(county.map { "\($0 % 17)" }) : nil)
  }

  private func agrees(
    _ result: GroupTimeResult, _ theirs: JSON, _ tolerance: Tolerance,
    aggregates: [GroupTimeResult.Aggregation] = GroupTimeResult.Aggregation.allCases
  ) throws {
    #expect(close(result.cells.map(\.estimate.estimate), theirs["att"].doubles, tolerance))
    let errors = result.cells.map { $0.estimate.standardError ?? .nan }
    #expect(close(errors, theirs["se"].doubles, tolerance))
    for kind in aggregates {
      let overall = try #require(try result.aggregate(kind).rows.last)
      let expected = theirs["agg"][kind.rawValue]
      #expect(close(overall.estimate, expected["overall"].double, tolerance), "\(kind)")
      #expect(
        close(overall.standardError ?? .nan, expected["overall_se"].double, tolerance), "\(kind)")
    }
  }

  @Test func repeatedCrossSectionsAgreeWithDid() throws {
    let golden = try Golden.json("did_mpdta.json")["rc_dr_nox"]
    for (_, estimator) in Self.estimators {
      let result = try fit(Datasets.mpdta(), crossSections: true) { $0.estimator = estimator }
      try agrees(result, golden, .published, aggregates: [])
      #expect(result.observations == 2500 && result.clusters == nil)
    }
  }

  @Test(arguments: ["dr", "reg", "ipw"]) func rowsAgreeWithCsdid(_ name: String) throws {
    let golden = try Golden.json("panels/did_rows_mpdta.json")
    let estimator = try #require(Self.estimators.first { $0.name == name }).value
    let data = try Datasets.mpdta()
    let county = data.unit.codes.map { Int(data.unit.levels[Int($0)]) ?? 0 }
    let kept = data.time.indices.filter { !(county[$0] % 7 == 0 && data.time[$0] == 2005) }
    for covariates in [false, true] {
      // The peer's score stops early.
      let tolerance: Tolerance = covariates && name != "reg" ? .stopsEarly : .published
      let key = "\(name)_\(covariates ? "lpop" : "nox")"
      let sections = try fit(data, crossSections: true, covariates: covariates) {
        $0.estimator = estimator
      }
      try agrees(sections, golden["rc_\(key)"], tolerance)
      let unbalanced = try fit(
        data, rows: kept, sampling: .crossSections, covariates: covariates
      ) { $0.estimator = estimator }
      try agrees(unbalanced, golden["unbalanced_\(key)"], tolerance)
      #expect(unbalanced.clusters == 500)
    }
  }

  @Test func controlsWeightsAndClustersAgreeWithCsdid() throws {
    let golden = try Golden.json("panels/did_rows_mpdta.json")
    let data = try Datasets.mpdta()
    try agrees(
      fit(data, crossSections: true, covariates: true) { $0.control = .notYetTreated },
      golden["rc_dr_lpop_notyet"], .stopsEarly)
    try agrees(
      fit(data, covariates: true, weights: true), golden["weighted_dr_lpop"], .stopsEarly)
    try agrees(
      fit(data, crossSections: true, covariates: true, weights: true),
      golden["rc_weighted_dr_lpop"], .stopsEarly)
    try agrees(fit(data, clusters: true), golden["clustered_dr_nox"], .published)
  }
}
