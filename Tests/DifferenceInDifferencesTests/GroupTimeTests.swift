import DifferenceInDifferences
import LinearAlgebra
import Statistics
import TestSupport
import Testing

@Suite struct GroupTimeTests {
  private struct Setting: Sendable, CustomTestStringConvertible {
    var key: String
    var control: GroupTimeEffects.Control
    var estimator: AdjustmentEstimator
    var base: GroupTimeEffects.Base
    var covariates: Bool
    var testDescription: String { key }
  }

  private static let settings: [Setting] = {
    var settings: [Setting] = []
    let estimators: [(String, AdjustmentEstimator)] = [
      ("dr", .doublyRobust), ("ipw", .standardizedInverseProbability), ("reg", .outcomeRegression),
    ]
    for (name, estimator) in estimators {
      for control in GroupTimeEffects.Control.allCases {
        for covariates in [false, true] {
          for base in GroupTimeEffects.Base.allCases {
            let key = [
              name, control == .neverTreated ? "nevertreated" : "notyettreated",
              covariates ? "lpop" : "nox", base.rawValue,
            ].joined(separator: "_")
            settings.append(
              Setting(
                key: key, control: control, estimator: estimator, base: base,
                covariates: covariates))
          }
        }
      }
    }
    return settings
  }()

  private func fit(
    _ setting: Setting, _ data: Datasets.Long
  ) throws -> GroupTimeResult {
    let panel = try PanelDesign(unit: data.unit, time: data.time, group: data.group)
    let design = DesignMatrix(matrix: Matrix(columns: [data.covariate]), names: ["lpop"])
    return try GroupTimeEffects(
      control: setting.control, estimator: setting.estimator, base: setting.base
    ).fit(panel, outcome: data.outcome, covariates: setting.covariates ? design : nil)
  }

  @Test func everySettingAgreesWithDid() throws {
    let golden = try Golden.json("did_mpdta.json")
    let data = try Datasets.mpdta()
    var compared = 0
    for setting in Self.settings where golden.keys.contains(setting.key) {
      compared += 1
      // A fitted score that stops early moves the peer's weights by about 1e-8.
      let tolerance: Tolerance = setting.covariates ? .stopsEarly : .published
      let theirs = golden[setting.key]
      let result = try fit(setting, data)
      #expect(result.cells.map(\.group) == theirs["group"].doubles, "\(setting.key)")
      #expect(result.cells.map(\.time) == theirs["t"].doubles, "\(setting.key)")
      #expect(
        close(result.cells.map(\.estimate.estimate), theirs["att"].doubles, tolerance),
        "\(setting.key)")
      let errors = result.cells.map { $0.estimate.standardError ?? .nan }
      #expect(close(errors, theirs["se"].doubles, tolerance), "\(setting.key)")
      #expect(
        close(result.preTest?.chiSquared ?? 0, theirs["W"].array[0].array[0].double, tolerance),
        "\(setting.key)")
      for kind in GroupTimeResult.Aggregation.allCases {
        let expected = theirs["agg"][kind.rawValue]
        let rows = try result.aggregate(kind).rows
        let last = try #require(rows.last)
        #expect(last.term == "overall")
        #expect(
          close(last.estimate, expected["overall"].double, tolerance), "\(setting.key) \(kind)")
        #expect(
          close(last.standardError ?? 0, expected["overall_se"].double, tolerance),
          "\(setting.key) \(kind)")
        guard kind != .simple else { continue }
        let parts = rows.dropLast()
        #expect(close(parts.map(\.estimate), expected["att"].doubles, tolerance))
        #expect(close(parts.map { $0.standardError ?? .nan }, expected["se"].doubles, tolerance))
      }
    }
    #expect(compared >= 8)
  }

  @Test func publishedValues() throws {
    let data = try Datasets.mpdta()
    let result = try fit(
      Setting(
        key: "", control: .neverTreated, estimator: .doublyRobust, base: .varying,
        covariates: false), data)
    let cell = try #require(result.table["ATT(2004,2006)"])
    #expect(close(cell.estimate, -0.1372587389, Tolerance(relative: 1e-9)))
    #expect(close(cell.standardError ?? 0, 0.0364356643, Tolerance(relative: 2e-9)))
    let simple = try #require(try result.aggregate(.simple).rows.last)
    #expect(close(simple.estimate, -0.0399512752, Tolerance(relative: 2e-9)))
    #expect(close(result.preTest?.chiSquared ?? 0, 7.791237, Tolerance(relative: 1e-7)))
    #expect(close(result.preTest?.pValue ?? 0, 0.1681225, Tolerance(relative: 3e-7)))
  }

  @Test func anticipationShiftsTheBase() throws {
    let data = try Datasets.mpdta()
    let panel = try PanelDesign(unit: data.unit, time: data.time, group: data.group)
    let design = DesignMatrix(matrix: Matrix(columns: [data.covariate]), names: ["lpop"])
    let result = try GroupTimeEffects(anticipation: 1).fit(
      panel, outcome: data.outcome, covariates: design)
    let golden = try Golden.json("did_mpdta.json")["anticip1"]
    #expect(close(result.cells.map(\.estimate.estimate), golden["att"].doubles, .stopsEarly))
    #expect(
      close(
        result.cells.map { $0.estimate.standardError ?? .nan }, golden["se"].doubles, .stopsEarly))
  }

  @Test func clustersOfUnitsThemselvesChangeNothing() throws {
    let data = try Datasets.mpdta()
    let panel = try PanelDesign(unit: data.unit, time: data.time, group: data.group)
    let plain = try GroupTimeEffects().fit(panel, outcome: data.outcome)
    let same = try GroupTimeEffects().fit(panel, outcome: data.outcome, clusters: panel.unit)
    #expect(
      close(
        plain.cells.map { $0.estimate.standardError ?? 0 },
        same.cells.map { $0.estimate.standardError ?? 1 }, .closedForm))
    let moving = Factor(data.time.map { "\($0)" })
    #expect(throws: SiblingError.self) {
      try GroupTimeEffects().fit(panel, outcome: data.outcome, clusters: moving)
    }
  }

  @Test func withoutNeverTreatedTheLastCohortServes() throws {
    let data = try Datasets.mpdta()
    let rows = data.group.indices.filter { data.group[$0] != 0 }
    let panel = try PanelDesign(
      unit: data.unit.selecting(rows), time: rows.map { data.time[$0] },
      group: rows.map { data.group[$0] })
    let outcome = rows.map { data.outcome[$0] }
    let never = try GroupTimeEffects().fit(panel, outcome: outcome)
    #expect(Set(never.cells.map(\.group)) == [2004, 2006])
    #expect(never.cells.map(\.time).max() == 2006)
    let notYet = try GroupTimeEffects(control: .notYetTreated).fit(panel, outcome: outcome)
    let first = never.cells.first { $0.group == 2004 && $0.time == 2004 }
    let second = notYet.cells.first { $0.group == 2004 && $0.time == 2004 }
    #expect(first?.controlUnits == 131 && second?.controlUnits == 171)
  }

  @Test func aCohortOfOneHasNoStandardError() throws {
    let data = try Datasets.mpdta()
    let first = try #require(data.group.firstIndex { $0 == 2004 })
    let keep = data.unit.codes[first]
    let rows = data.group.indices.filter {
      data.group[$0] != 2004 || data.unit.codes[$0] == keep
    }
    let panel = try PanelDesign(
      unit: data.unit.selecting(rows), time: rows.map { data.time[$0] },
      group: rows.map { data.group[$0] })
    let result = try GroupTimeEffects().fit(panel, outcome: rows.map { data.outcome[$0] })
    let lonely = result.cells.filter { $0.group == 2004 }
    #expect(lonely.allSatisfy { $0.estimate.standardError == nil && $0.estimate.estimate.isFinite })
    #expect(result.notes.contains { $0.contains("no honest standard error") })
    let groups = try result.aggregate(.group).rows
    #expect(groups.first?.standardError == nil && groups.last?.standardError == nil)
    #expect(groups[1].standardError != nil)
  }
}
