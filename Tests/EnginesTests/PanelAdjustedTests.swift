import DifferenceInDifferences
import Engines
import LinearAlgebra
import Statistics
import Tables
import Testing

/// Group-time effects with covariates and weights from sums against the same effects on rows.
struct PanelAdjustedTests {
  /// A panel with a steady covariate, one that changes, a sparse one, and weights.
  private struct Rows {
    var data: PanelData
    var steady: [Double] = []
    var moving: [Double] = []
    var weight: [Double] = []

    init(_ gaps: Double = 0.01) {
      data = PanelData(units: 420, gaps: gaps)
      var stream = RandomStream(seed: 3, name: "covariates", index: 0)
      var own: [String: (Double, Double)] = [:]
      for row in data.unit.indices {
        if own[data.unit[row]] == nil {
          let later = data.group[row] == nil ? 0 : 0.4
          own[data.unit[row]] = (stream.normal() + later, (4 * stream.uniform()).rounded(.down))
        }
        let (x, w) = own[data.unit[row]] ?? (0, 1)
        steady.append(x)
        weight.append(w)
        moving.append(x / 2 + stream.normal())
        data.outcome[row] += 0.3 * x * data.time[row] + 0.4 * moving[row]
      }
    }

    /// The columns after `~`, intercept left out.
    func design(_ names: [String]) -> DesignMatrix? {
      guard !names.isEmpty else { return nil }
      return DesignMatrix(
        matrix: Matrix(columns: names.map { $0 == "x" ? steady : moving }), names: names)
    }

    func table(_ rows: [Int]? = nil) throws -> Table {
      let rows = rows ?? Array(steady.indices)
      return try Table(
        data.table(rows: rows).columns + [
          Column(name: "x", values: .doubles(rows.map { steady[$0] })),
          Column(name: "z", values: .doubles(rows.map { moving[$0] })),
          Column(name: "w", values: .doubles(rows.map { weight[$0] })),
        ])
    }

    func sums(
      _ effects: GroupTimeEffects, _ names: [String], weighted: Bool = false,
      byCluster: Bool = false, rows: [Int]? = nil
    ) throws -> GroupTimeResult {
      let engine = MemoryEngine(["t": try table(rows)])
      let panel = try EngineAdjustedPanel(
        EnginePanelColumns(
          outcome: "y", unit: "unit", time: "time", group: "group",
          cluster: byCluster ? "site" : nil),
        covariates: names.isEmpty ? nil : names.joined(separator: " + "),
        weights: weighted ? "w" : nil, in: try EngineData(engine, .named("t")))
      defer { panel.release() }
      return try effects.fit(panel.panel.moments, adjusting: panel)
    }

    func inMemory(
      _ effects: GroupTimeEffects, _ names: [String], weighted: Bool = false,
      byCluster: Bool = false
    ) throws -> GroupTimeResult {
      try effects.fit(
        data.panel(), outcome: data.outcome, covariates: design(names),
        weights: weighted ? weight : nil, clusters: byCluster ? data.clusters : nil)
    }
  }

  private func compare(_ rows: GroupTimeResult, _ own: GroupTimeResult) throws {
    #expect(differences(rows.table, own.table) == [])
    #expect(rows.cells.map(\.treatedUnits) == own.cells.map(\.treatedUnits))
    #expect(rows.cells.map(\.controlUnits) == own.cells.map(\.controlUnits))
    #expect((rows.preTest == nil) == (own.preTest == nil))
    #expect(
      (rows.preTest?.chiSquared ?? 0).distance(to: own.preTest?.chiSquared ?? 0).magnitude < 1e-7)
    for aggregation in GroupTimeResult.Aggregation.allCases {
      #expect(differences(try rows.aggregate(aggregation), try own.aggregate(aggregation)) == [])
    }
  }

  @Test(arguments: AdjustmentEstimator.allCases)
  func effectsGivenCovariatesAreThoseOfRows(
    _ estimator: AdjustmentEstimator
  ) throws {
    let rows = Rows()
    for control in GroupTimeEffects.Control.allCases {
      for base in GroupTimeEffects.Base.allCases {
        let effects = GroupTimeEffects(control: control, estimator: estimator, base: base)
        let names = base == .varying ? ["x"] : ["x", "z"]
        try compare(rows.inMemory(effects, names), rows.sums(effects, names))
      }
    }
  }

  @Test(arguments: AdjustmentEstimator.allCases)
  func clustersAndWeightsAreThoseOfRows(
    _ estimator: AdjustmentEstimator
  ) throws {
    let rows = Rows()
    let effects = GroupTimeEffects(control: .notYetTreated, estimator: estimator)
    for (weighted, byCluster) in [(true, false), (false, true), (true, true)] {
      try compare(
        rows.inMemory(effects, ["x", "z"], weighted: weighted, byCluster: byCluster),
        rows.sums(effects, ["x", "z"], weighted: weighted, byCluster: byCluster))
    }
  }

  @Test func weightsAloneAreThoseOfRows() throws {
    let rows = Rows()
    try compare(
      rows.inMemory(GroupTimeEffects(), [], weighted: true),
      rows.sums(GroupTimeEffects(), [], weighted: true))
  }

  @Test func uniformBandsAndAnticipationAreThoseOfRows() throws {
    let rows = Rows()
    var effects = GroupTimeEffects(anticipation: 1)
    effects.bands = .uniform
    try compare(rows.inMemory(effects, ["x"]), rows.sums(effects, ["x"]))
  }

  @Test func theOrderOfRowsDoesNotMatter() throws {
    let rows = Rows()
    let own = try rows.sums(GroupTimeEffects(), ["x", "z"])
    let turned = try rows.sums(
      GroupTimeEffects(), ["x", "z"], rows: rows.steady.indices.reversed())
    #expect(differences(own.table, turned.table) == [])
  }

  @Test func covariatesThatTellTheTreatedApartLeaveCellsEmptyAlike() throws {
    var rows = Rows()
    for row in rows.steady.indices where rows.data.group[row] == 4 { rows.steady[row] += 40 }
    let effects = GroupTimeEffects()
    let (a, b) = (try rows.inMemory(effects, ["x"]), try rows.sums(effects, ["x"]))
    let failed = a.cells.filter { $0.estimate.estimate.isNaN }.map(\.estimate.term)
    #expect(!failed.isEmpty)
    #expect(failed == b.cells.filter { $0.estimate.estimate.isNaN }.map(\.estimate.term))
    for term in failed {
      #expect(b.notes.contains { $0.hasPrefix("\(term) could not be estimated: `x` predicts") })
    }
    let (left, right) = (try a.aggregate(.group), try b.aggregate(.group))
    #expect(left.rows.map(\.term) == right.rows.map(\.term))
    for (x, y) in zip(left.rows, right.rows) {
      #expect((x.estimate - y.estimate).magnitude < 1e-9)
      #expect(((x.standardError ?? 0) - (y.standardError ?? 0)).magnitude < 1e-9)
    }
  }

  @Test func aConstantCovariateChangesNothing() throws {
    var rows = Rows()
    rows.steady = rows.steady.map { _ in 0.1 }
    try compare(
      rows.inMemory(GroupTimeEffects(), ["x"]), rows.sums(GroupTimeEffects(), ["x"]))
  }

  @Test func whatSumsCanNotGiveIsRefused() throws {
    var rows = Rows()
    var drawn = GroupTimeEffects()
    drawn.bootstrap = 200
    #expect(throws: SiblingError.self) { try rows.sums(drawn, ["x"]) }
    rows.weight[5] = -1
    #expect(throws: SiblingError.self) {
      try rows.sums(GroupTimeEffects(), ["x"], weighted: true)
    }
  }
}
