import Engines
import LinearAlgebra
import Statistics
import Survival
import Tables
import Testing

struct SurvivalCellsTests {
  private let sample: SurvivalSample

  init() throws { sample = try SurvivalSample() }

  /// Weights and clusters of a comparison.
  struct Setting: Sendable, CustomTestStringConvertible {
    var weights: String?
    var cluster: String?
    var robust: Bool?
    var testDescription: String { "\(weights ?? "-") \(cluster ?? "-") \(robust == true)" }
  }

  static let settings = [
    Setting(), Setting(weights: "whole"), Setting(weights: "weight"), Setting(robust: true),
    Setting(cluster: "site"), Setting(weights: "weight", cluster: "site"),
    Setting(weights: "whole", robust: true),
  ]

  @Test(arguments: settings, ["Surv(week, event)", "Surv(start, week, event)"])
  func curvesFromCellsAreThoseOfTheRows(_ setting: Setting, _ response: String) throws {
    let formula = response + " ~ treated + region"
    for estimator in CurveEstimator.allCases {
      let curve = KaplanMeier(robust: setting.robust, estimator: estimator)
      let rows = try sample.rows(
        formula, weights: setting.weights, cluster: setting.cluster, arms: true)
      let expected = try curve.fit(
        rows.times, by: rows.frame.groups, weights: rows.weights, cluster: rows.cluster)
      let cells = try sample.cells(formula, weights: setting.weights, cluster: setting.cluster)
      let found = try curve.fit(
        cells.times, by: cells.groups, weights: cells.weights, cluster: cells.cluster)
      #expect(found.observations == expected.observations)
      #expect(found.clusters == expected.clusters)
      #expect(found.robust == expected.robust)
      #expect(found.curves.map(\.arm) == expected.curves.map(\.arm))
      for (a, b) in zip(found.curves, expected.curves) {
        #expect(a.times == b.times)
        #expect(agree(a.atRisk, b.atRisk))
        #expect(agree(a.events, b.events))
        #expect(agree(a.censored, b.censored))
        #expect(agree(a.estimate, b.estimate))
        #expect(agree(a.standardError, b.standardError))
        #expect(agree(a.low, b.low))
        #expect(agree(a.high, b.high))
      }
    }
  }

  @Test(
    arguments: settings,
    [
      "Surv(week, event) ~ region", "Surv(start, week, event) ~ region",
      "Surv(start, week, event) ~ treated + strata(region)",
    ])
  func testsFromCellsAreThoseOfTheRows(_ setting: Setting, _ formula: String) throws {
    for (rho, gamma) in [(0.0, 0.0), (1.0, 0.5)] {
      let test = LogRank(rho: rho, gamma: gamma, robust: setting.robust)
      let rows = try sample.rows(
        formula, weights: setting.weights, cluster: setting.cluster, arms: true)
      let expected = try test.test(
        rows.times, by: try #require(rows.frame.groups), strata: rows.frame.strata,
        weights: rows.weights, cluster: rows.cluster)
      let cells = try sample.cells(formula, weights: setting.weights, cluster: setting.cluster)
      let found = try test.test(
        cells.times, by: try #require(cells.groups), strata: cells.strata, weights: cells.weights,
        cluster: cells.cluster)
      #expect(agree(found.statistic, expected.statistic))
      #expect(agree(found.pValue, expected.pValue))
      #expect(agree(found.variance.storage, expected.variance.storage))
      #expect(found.observations == expected.observations)
      #expect(found.clusters == expected.clusters)
      #expect(found.groups.map(\.name) == expected.groups.map(\.name))
      #expect(agree(found.groups.map(\.count), expected.groups.map(\.count)))
      #expect(agree(found.groups.map(\.expected), expected.groups.map(\.expected)))
    }
  }

  @Test func wholeWeightsAreRepeatedRows() throws {
    let counts = try sample.table.doubles("whole")
    let repeated = try SurvivalSample(
      repeated: counts.indices.flatMap { [Int](repeating: $0, count: Int(counts[$0])) })
    let formula = "Surv(start, week, event) ~ treated"
    let (a, b) = (
      try sample.cells(formula, weights: "whole"), try repeated.cells(formula)
    )
    let curves = try [a, b].map {
      try KaplanMeier().fit($0.times, by: $0.groups, weights: $0.weights)
    }
    for (x, y) in zip(curves[0].curves, curves[1].curves) {
      #expect(agree(x.estimate, y.estimate))
      #expect(agree(x.standardError, y.standardError))
    }
  }

  @Test(arguments: [nil, "whole", "site"])
  func crossingCurvesAreFoundInCells(_ weights: String?) throws {
    let formula = "Surv(week, event) ~ treated"
    let rows = try sample.rows(formula, weights: weights, arms: true)
    let cells = try sample.cells(formula, weights: weights)
    let guards = SurvivalGuards(minimumAtRisk: 2)
    let expected = try guards.crossings(
      rows.times, by: try #require(rows.frame.groups), weights: rows.weights)
    let found = try guards.crossings(
      cells.times, by: try #require(cells.groups), weights: cells.weights)
    #expect(found.count == expected.count)
    for (a, b) in zip(found, expected) {
      #expect(agree(a.above.z, b.above.z))
      #expect(agree(a.below.z, b.below.z))
      #expect(agree(a.proportionalHazards, b.proportionalHazards))
    }
  }

  @Test func badWeightsAndTimesAreRefusedWithoutARow() throws {
    let table = try Table([
      Column(name: "time", values: .doubles([3, 2, 5])),
      Column(name: "start", values: .doubles([0, 2, 1])),
      Column(name: "event", values: .integers([1, 0, 1])),
      Column(name: "below", values: .doubles([1, -1, 2])),
    ])
    let data = try EngineData(MemoryEngine(["t": table]), .named("t"))
    func failure(_ formula: String, _ weights: String?) -> SiblingError? {
      var options = EngineFrame.Options()
      options.weights = weights
      options.wantsArms = true
      do throws(SiblingError) {
        _ = try SurvivalCells(EngineFrame(formula, to: data, options), by: .init())
        return nil
      } catch {
        return error
      }
    }
    let negative = failure("Surv(time, event) ~ 1", "below")
    #expect(negative?.code == .badWeight)
    let empty = failure("Surv(start, time, event) ~ 1", nil)
    #expect(empty?.code == .badInterval)
    #expect(empty?.row == nil)
    #expect(failure("time ~ 1", nil)?.code == .formulaSyntax)
  }
}
